//! The configuration, in one place: flags of `serve`, each with its environment variable, and the named limits.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::Args;
use ledger::note::VKey;

use crate::limits;
use crate::outbox::settings::Outgoing;
use crate::share::Shares;

/// The port where neither `--listen` nor `PORT` names one.
const DEFAULT_PORT: u16 = 3000;

/// Settings of a server.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct Config {
    /// Directory that holds everything: journal, keys, index, files
    #[arg(long, env = "DATA", default_value = "data", value_name = "DIR")]
    pub data: PathBuf,
    /// Address to listen on, with or without a port (0: any free one); 0.0.0.0 lets phones on the network in
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1", value_name = "ADDR")]
    pub listen: Listen,
    /// Port, where --listen names none
    #[arg(long, env = "PORT", default_value_t = DEFAULT_PORT)]
    pub port: u16,
    /// The address in every code and link; without it the one that is listened on
    #[arg(long, env = "PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// The ledger's name, at first start; without it one is made of the public address
    #[arg(long, env = "ORIGIN", value_name = "NAME")]
    pub origin: Option<String>,
    /// The governance key's public side (`leafproof keygen --vkey NAME`), at first start; without it a key is made here, which is for demos and trials
    #[arg(long, env = "GOVERNANCE", value_name = "VKEY", conflicts_with = "demo", value_parser = vkey)]
    pub governance: Option<VKey>,
    /// Load three scenes of invented companies into a fresh data directory, and say on every page that it is a demo
    #[arg(long)]
    pub demo: bool,
    /// Let everybody read the entries of the log; without it only those with an API key. Its checkpoint and hashes are public all the same, and a demo is always open
    #[arg(long, env = "OPEN_TILES")]
    pub open_tiles: bool,
    /// Directory of the web files that the build made; without it `site` beside the binary's directory, then target/site
    #[arg(long, env = "SITE", value_name = "DIR")]
    pub site: Option<PathBuf>,
    /// How many proxies of yours stand before this server: so many entries of X-Forwarded-For are believed
    #[arg(long, env = "TRUSTED_PROXIES", default_value_t = 0, value_name = "N")]
    pub trusted_proxies: usize,
    /// Whether phones say how their check of a page ended, as a bare count of product, lot and outcome. Where the law asks for consent before
    /// that, leave it off
    #[arg(long, env = "COUNT_CHECKS", value_enum, default_value_t = Switch::Off, value_name = "WHETHER")]
    pub count_checks: Switch,
    /// What members may put on the disk.
    #[command(flatten)]
    pub shares: Shares,
    /// What leaves this server.
    #[command(flatten)]
    pub outgoing: Outgoing,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Switch {
    /// It is done.
    On,
    /// It is not.
    Off,
}

/// A verifier key.
fn vkey(text: &str) -> Result<VKey, String> {
    VKey::parse(text).map_err(|e| e.to_string())
}

/// An address to listen on, with or without a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    ip: IpAddr,
    port: Option<u16>,
}

impl std::str::FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = if text == "localhost" || text.starts_with("localhost:") {
            text.replacen("localhost", "127.0.0.1", 1)
        } else {
            text.to_owned()
        };
        if let Ok(address) = named.parse::<SocketAddr>() {
            return Ok(Self { ip: address.ip(), port: Some(address.port()) });
        }
        match named.parse() {
            Ok(ip) => Ok(Self { ip, port: None }),
            Err(_) => Err("an IP address with or without a port is wanted, such as 127.0.0.1:3000 or 0.0.0.0".to_owned()),
        }
    }
}

impl std::fmt::Display for Listen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.port {
            Some(port) => SocketAddr::new(self.ip, port).fmt(f),
            None => self.ip.fmt(f),
        }
    }
}

impl Config {
    /// Everything as it is without any flag, for this data directory.
    pub fn local(data: PathBuf) -> Self {
        Self {
            data,
            listen: Listen { ip: IpAddr::from([127, 0, 0, 1]), port: None },
            port: DEFAULT_PORT,
            public_url: None,
            origin: None,
            governance: None,
            demo: false,
            open_tiles: false,
            site: None,
            trusted_proxies: 0,
            count_checks: Switch::Off,
            shares: Shares::default(),
            outgoing: Outgoing::default(),
        }
    }

    /// The address to listen on.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.listen.ip, self.listen.port.unwrap_or(self.port))
    }

    /// The name for a new ledger. It differs between ledgers, so that no record of one can be replayed in another.
    pub fn origin(&self) -> String {
        if let Some(origin) = &self.origin {
            return origin.clone();
        }
        let url = self.public_url.as_deref().unwrap_or("http://localhost");
        let host = url.split_once("://").map_or(url, |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or(host);
        let kind = if self.demo { "demo" } else { "1" };
        format!("{host}/{kind}")
    }

    /// The directory of the web files.
    pub fn site(&self) -> PathBuf {
        if let Some(site) = &self.site {
            return site.clone();
        }
        // target/release/leafproof serves target/site.
        let beside = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.parent()?.join("site")));
        beside.filter(|path| path.is_dir()).unwrap_or_else(|| PathBuf::from("target/site"))
    }

    /// All settings and limits, for people.
    pub fn print(&self) -> String {
        let mut text = String::new();
        let url = self.public_url.as_deref().unwrap_or("(the address listened on)");
        let settings = [
            ("data", self.data.display().to_string(), "--data, DATA"),
            ("listen", self.address().to_string(), "--listen, LISTEN; --port, PORT"),
            ("public_url", url.to_owned(), "--public-url, PUBLIC_URL"),
            ("origin", self.origin(), "--origin, ORIGIN; counts at first start"),
            ("demo", self.demo.to_string(), "--demo"),
            ("site", self.site().display().to_string(), "--site, SITE"),
            ("trusted_proxies", self.trusted_proxies.to_string(), "--trusted-proxies, TRUSTED_PROXIES"),
            ("count_checks", if self.count_checks == Switch::On { "on" } else { "off" }.to_owned(), "--count-checks, COUNT_CHECKS"),
            ("keep_free_mib", self.shares.keep_free_mib.to_string(), "--keep-free-mib, KEEP_FREE_MIB"),
            ("member_day_mib", self.shares.member_day_mib.to_string(), "--member-day-mib, MEMBER_DAY_MIB"),
            ("allow_local_webhooks", self.outgoing.allow_local_webhooks.to_string(), "--allow-local-webhooks, ALLOW_LOCAL_WEBHOOKS"),
            ("smtp", self.outgoing.said(), "--smtp-host, SMTP_HOST; --smtp-port, -tls, -user, -password-file, -from"),
        ];
        for (name, value, from) in settings {
            let _ = writeln!(text, "{name:<28}{value:<40}# {from}");
        }
        text.push('\n');
        for limit in limits::all() {
            let value = format!("{} {}", limit.value, limit.unit);
            let _ = writeln!(text, "{:<28}{value:<40}# {}", limit.name, limit.reason);
        }
        text
    }
}

fn public_url(text: &str) -> Result<String, String> {
    let url = text.trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    if host.is_empty() || url.contains([' ', '?', '#', '"', '<', '>']) {
        return Err("a web address is wanted, such as https://id.example.com".to_owned());
    }
    // Codes would say the path, while pages, files and proofs stand at the root of the host.
    if let Some((host, path)) = host.split_once('/') {
        return Err(format!(
            "the address has the path /{path}, and this site stands at the root of its host: leave the path away, or give it a host of its own, \
             such as https://leaf.{host}"
        ));
    }
    Ok(url.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        config: Config,
    }

    fn parse(flags: &[&str]) -> Result<Config, clap::Error> {
        Flags::try_parse_from([&["leafproof"], flags].concat()).map(|flags| flags.config)
    }

    #[test]
    fn the_port_may_stand_with_the_address_or_apart() {
        for (flags, address) in [
            (&["--listen", "0.0.0.0", "--port", "8080"][..], "0.0.0.0:8080"),
            (&["--listen", "127.0.0.1:0", "--port", "8080"], "127.0.0.1:0"),
            (&["--listen", "localhost:81", "--port", "1"], "127.0.0.1:81"),
            (&["--listen", "::1", "--port", "9"], "[::1]:9"),
        ] {
            assert_eq!(parse(flags).unwrap().address().to_string(), address);
        }
        assert!(parse(&["--listen", "everywhere"]).is_err());
    }

    #[test]
    fn the_public_address_names_the_ledger() {
        let config = parse(&["--public-url", "https://id.example.com:8443/"]).unwrap();
        assert_eq!(config.public_url.as_deref(), Some("https://id.example.com:8443"));
        assert_eq!(config.origin(), "id.example.com/1");
        assert_eq!(parse(&["--origin", "a/x", "--demo"]).unwrap().origin(), "a/x");
        for bad in ["id.example.com", "https://", "https://a b", "ftp://a"] {
            assert!(parse(&["--public-url", bad]).is_err(), "{bad}");
        }
        for path in ["https://example.com/leaf", "https://example.com/leaf/", "http://example.com:8080/a/b"] {
            let why = parse(&["--public-url", path]).unwrap_err().to_string();
            assert!(why.contains("root of its host") && why.contains("https://leaf.example.com"), "{why}");
        }
    }

    #[test]
    fn every_limit_is_printed_with_its_reason() {
        let text = parse(&[]).unwrap().print();
        for limit in limits::all() {
            assert!(text.contains(limit.name) && text.contains(limit.reason));
        }
        // Larger than an i32, as the code that prints it must not be.
        assert!(text.lines().any(|line| line.starts_with("MEDIA_MEMBER_BYTES ") && line.contains(" 2147483648 bytes")));
    }
}
