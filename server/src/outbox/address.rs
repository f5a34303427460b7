//! Where a message may go. A webhook's address is what somebody typed, so this server must not be led by it to what only it can
//! reach: its own ports, its neighbours, the cloud's own services. A name is looked up here, each address that it gives is checked, and
//! the connection goes to exactly those: nobody is asked a second time.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::sync::mpsc;
use std::time::Duration;

use axum::http::Uri;

base::limits! {
    /// Longest address of a webhook.
    WEBHOOK_URL_BYTES: usize = 1024, "bytes";
    /// How long a name may take to be looked up.
    WEBHOOK_NAME_MS: u64 = 5_000, "milliseconds";
    /// Addresses of one name that are tried.
    WEBHOOK_ADDRESSES: usize = 8, "addresses";
}

/// Why an address is not taken. Each has its sentence in the reader's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlFault {
    /// It is none.
    Unreadable,
    /// It is longer than [`WEBHOOK_URL_BYTES`].
    TooLong,
    /// Not https.
    NotHttps,
    /// It holds a name or a password.
    HasUser,
    /// It leads to this machine or to a network behind it.
    Local,
}

impl UrlFault {
    /// In English, for programs.
    pub fn said(self) -> &'static str {
        match self {
            Self::Unreadable => "it is no web address: write for example https://example.com/hooks/leafproof",
            Self::TooLong => "it is longer than 1024 bytes",
            Self::NotHttps => "it must begin with https://",
            Self::HasUser => "it holds a user name or a password: leave it out, each message is signed",
            Self::Local => "it leads to a machine or network that is not public",
        }
    }
}

/// Reads an address; `local`: addresses of closed networks, and http, are permitted.
pub fn parse(text: &str, local: bool) -> Result<Uri, UrlFault> {
    if text.len() > WEBHOOK_URL_BYTES {
        return Err(UrlFault::TooLong);
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains(['#', '\\', '"', '<', '>']) {
        return Err(UrlFault::Unreadable);
    }
    let uri: Uri = text.parse().map_err(|_| UrlFault::Unreadable)?;
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if local => {}
        Some(_) => return Err(UrlFault::NotHttps),
        None => return Err(UrlFault::Unreadable),
    }
    let authority = uri.authority().ok_or(UrlFault::Unreadable)?;
    if authority.as_str().contains('@') {
        return Err(UrlFault::HasUser);
    }
    let host = bare_host(&uri).ok_or(UrlFault::Unreadable)?;
    // What stands behind a colon and is no port would be dropped without a word.
    if authority.as_str().rsplit_once(':').is_some_and(|(_, port)| !port.ends_with(']') && port.parse::<u16>().is_err_or_zero()) {
        return Err(UrlFault::Unreadable);
    }
    if !local && host.parse::<IpAddr>().map_or_else(|_| is_of_closed_networks(host), |ip| !is_public(ip)) {
        return Err(UrlFault::Local);
    }
    Ok(uri)
}

/// Whether a name is never one of the public net: localhost (RFC 6761), names of one's own network (RFC 6762, RFC 8375, and `internal`, which
/// ICANN keeps for that), a name without a dot. Said when it is typed; what another name leads to is seen when it is looked up.
fn is_of_closed_networks(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    !host.contains('.') || ["localhost", "local", "internal", "home.arpa"].iter().any(|end| host.ends_with(&format!(".{end}")))
}

trait Port {
    fn is_err_or_zero(&self) -> bool;
}

impl<E> Port for Result<u16, E> {
    fn is_err_or_zero(&self) -> bool {
        !matches!(self, Ok(1..))
    }
}

fn bare_host(uri: &Uri) -> Option<&str> {
    let host = uri.host()?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    Some(host).filter(|host| !host.is_empty())
}

/// Whether the whole internet can reach an address, as far as its number says (the registries of IANA for special purposes). Of IPv6
/// only global unicast is, without the parts of it that wrap or translate IPv4.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !NOT_PUBLIC_V4.iter().any(|(net, bits)| in_v4(ip, Ipv4Addr::from(*net), *bits)),
        IpAddr::V6(ip) => in_v6(ip, GLOBAL_V6.0, GLOBAL_V6.1) && !NOT_PUBLIC_V6.iter().any(|(net, bits)| in_v6(ip, *net, *bits)),
    }
}

/// RFC 6890 and its successors: this network, private, carrier-grade NAT, loopback, link-local, protocol assignments, documentation,
/// 6to4 relays, benchmarks, multicast, reserved and broadcast.
const NOT_PUBLIC_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// All of global unicast. IPv4-mapped, NAT64, unique-local, link-local, multicast, loopback and unspecified lie outside.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Inside it: protocol assignments (Teredo among them), documentation, 6to4.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

fn in_v4(ip: Ipv4Addr, net: Ipv4Addr, bits: u32) -> bool {
    (u32::from(ip) ^ u32::from(net)) >> (32 - bits) == 0
}

fn in_v6(ip: Ipv6Addr, net: Ipv6Addr, bits: u32) -> bool {
    (u128::from(ip) ^ u128::from(net)) >> (128 - bits) == 0
}

/// The addresses behind a web address. One that is not public refuses them all: a name that leads to both is up to something.
pub fn resolve(uri: &Uri, local: bool) -> Result<Vec<SocketAddr>, String> {
    let host = bare_host(uri).ok_or("the address names no host")?.to_owned();
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
    let found = look_up(host, port)?;
    checked(found, local)
}

fn checked(found: Vec<SocketAddr>, local: bool) -> Result<Vec<SocketAddr>, String> {
    if found.is_empty() {
        return Err("its name has no address".to_owned());
    }
    if !local && found.iter().any(|address| !is_public(address.ip())) {
        return Err("its name leads to a machine or network that is not public".to_owned());
    }
    Ok(found)
}

/// The system's own look-up takes no limit of time, so it is waited for from beside it.
fn look_up(host: String, port: u16) -> Result<Vec<SocketAddr>, String> {
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let (say, hear) = mpsc::channel();
    std::thread::Builder::new()
        .name("name".to_owned())
        .spawn(move || {
            let found = (host.as_str(), port).to_socket_addrs().map(|found| found.take(WEBHOOK_ADDRESSES).collect::<Vec<_>>());
            // Nobody waits any more where it took too long.
            let _ = say.send(found);
        })
        .map_err(|error| error.to_string())?;
    match hear.recv_timeout(Duration::from_millis(WEBHOOK_NAME_MS)) {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(_)) => Err("its name was not found".to_owned()),
        Err(_) => Err("its name was not found in time".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_not_public_is_refused() {
        for inside in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:93.184.216.34",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2002:7f00:1::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "5f00::1",
        ] {
            assert!(!is_public(ip(inside)), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "93.184.216.34",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert!(is_public(ip(outside)), "{outside}");
        }
    }

    proptest! {
        /// The standard library's own words for kinds of addresses are a second opinion.
        #[test]
        fn nothing_that_the_standard_library_calls_special_passes(bits in any::<u32>()) {
            let ip = Ipv4Addr::from(bits);
            if ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast() || ip.is_unspecified()
                || ip.is_broadcast() || ip.is_documentation() {
                prop_assert!(!is_public(ip.into()));
            }
        }

        #[test]
        fn the_same_by_first_bytes(first in prop::sample::select(vec![0u8, 10, 100, 127, 169, 172, 192, 198, 203, 224, 239, 240, 255]), rest in any::<[u8; 3]>()) {
            let ip = Ipv4Addr::new(first, rest[0], rest[1], rest[2]);
            if ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast() || ip.is_unspecified()
                || ip.is_broadcast() || ip.is_documentation() || (first == 100 && rest[0] & 0xc0 == 64) {
                prop_assert!(!is_public(ip.into()));
            }
        }

        #[test]
        fn no_ipv4_hides_in_an_ipv6(bits in any::<u32>(), rest in any::<u64>()) {
            let v4 = Ipv4Addr::from(bits);
            prop_assert!(!is_public(v4.to_ipv6_mapped().into()));
            prop_assert!(!is_public(v4.to_ipv6_compatible().into()));
            let [a, b, c, d] = v4.octets().map(u16::from);
            prop_assert!(!is_public(Ipv6Addr::new(0x2002, a << 8 | b, c << 8 | d, 0, 0, 0, 0, rest as u16).into()));
            prop_assert!(!is_public(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a << 8 | b, c << 8 | d).into()));
        }

        #[test]
        fn of_ipv6_only_global_unicast_passes(bits in any::<u128>()) {
            let ip = Ipv6Addr::from(bits);
            if is_public(ip.into()) {
                prop_assert_eq!(bits >> 125, 1);
                prop_assert!(!ip.is_multicast() && !ip.is_loopback() && !ip.is_unspecified() && !ip.is_unique_local() && !ip.is_unicast_link_local());
            }
        }
    }

    #[test]
    fn an_address_is_https_and_whole() {
        for (text, fault) in [
            ("http://example.com/", UrlFault::NotHttps),
            ("ftp://example.com/", UrlFault::NotHttps),
            ("example.com/hook", UrlFault::Unreadable),
            ("/hook", UrlFault::Unreadable),
            ("https://", UrlFault::Unreadable),
            ("https://user:pass@example.com/", UrlFault::HasUser),
            ("https://example.com@127.0.0.1/", UrlFault::HasUser),
            ("https://127.0.0.1/", UrlFault::Local),
            ("https://[::1]/", UrlFault::Local),
            ("https://[::ffff:10.0.0.1]:8443/", UrlFault::Local),
            ("https://169.254.169.254/latest/meta-data", UrlFault::Local),
            ("https://localhost/", UrlFault::Local),
            ("https://LOCALHOST.:8443/hook", UrlFault::Local),
            ("https://hooks.localhost/", UrlFault::Local),
            ("https://printer.local/", UrlFault::Local),
            ("https://metadata.google.internal/", UrlFault::Local),
            ("https://intranet/hook", UrlFault::Local),
            ("https://example.com:99999/", UrlFault::Unreadable),
            ("https://example.com:0/", UrlFault::Unreadable),
            ("https://exa mple.com/", UrlFault::Unreadable),
            ("https://example.com/#part", UrlFault::Unreadable),
            ("https://例子.example/", UrlFault::Unreadable),
            ("", UrlFault::Unreadable),
        ] {
            assert_eq!(parse(text, false).unwrap_err(), fault, "{text}");
        }
        assert_eq!(parse(&format!("https://example.com/{}", "a".repeat(WEBHOOK_URL_BYTES)), false).unwrap_err(), UrlFault::TooLong);
        for good in ["https://example.com/hook?key=1", "https://example.com", "https://example.com:8443/a/b", "https://93.184.216.34/"] {
            assert!(parse(good, false).is_ok(), "{good}");
        }
        assert!(parse("http://127.0.0.1:9000/hook", true).is_ok() && parse("https://[::1]:9000/", true).is_ok());
        assert!(parse("file:///etc/passwd", true).is_err());
    }

    #[test]
    fn one_bad_address_refuses_them_all() {
        let at = |text: &str| SocketAddr::new(ip(text), 443);
        assert!(checked(vec![at("93.184.216.34"), at("10.0.0.1")], false).is_err());
        assert!(checked(vec![at("93.184.216.34")], false).is_ok());
        assert!(checked(vec![at("10.0.0.1")], true).is_ok());
        assert!(checked(Vec::new(), true).is_err());
        // Odd spellings of a number are read by the system's look-up, and checked after it.
        for odd in ["https://0x7f.1/", "https://2130706433/", "https://017700000001/", "https://localhost/"] {
            let refused = parse(odd, false).is_err() || resolve(&parse(odd, false).unwrap(), false).is_err();
            assert!(refused, "{odd}");
        }
    }
}
