//! What a person sees in the terminal at start: the log, and where to look.

use std::io::IsTerminal as _;
use std::net::{IpAddr, SocketAddr, UdpSocket};

/// Begins the log, on standard error; a second start in one process keeps the first one's. Colour codes are for people's
/// terminals: in a file or a pipe they hide the words from grep.
pub fn log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let colours = coloured(std::io::stderr().is_terminal(), std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).try_init();
}

/// By <https://no-color.org>.
fn coloured(terminal: bool, no_color: bool) -> bool {
    terminal && !no_color
}

/// The address phones on the same network reach this machine at: the one its default route uses. No packet is sent.
pub fn lan_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Any outside address serves: connecting a UDP socket only looks up the route.
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// The public address where none is configured: what a browser on this machine, or on the network, can open.
pub fn public_url(listening: SocketAddr) -> String {
    let host = if listening.ip().is_unspecified() { lan_address().unwrap_or(IpAddr::from([127, 0, 0, 1])) } else { listening.ip() };
    format!("http://{}", SocketAddr::new(host, listening.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals() {
        assert!(coloured(true, false));
        assert!(!coloured(true, true) && !coloured(false, false) && !coloured(false, true));
    }

    #[test]
    fn a_fixed_address_is_printed_as_it_is() {
        assert_eq!(public_url("127.0.0.1:3000".parse().unwrap()), "http://127.0.0.1:3000");
        let any = public_url("0.0.0.0:3000".parse().unwrap());
        assert!(any.ends_with(":3000") && !any.contains("0.0.0.0"), "{any}");
    }
}
