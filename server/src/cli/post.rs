//! One POST over plain HTTP/1.1, for `capture --url` to a server on this machine or network. Over https, curl does it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::Failure;

/// A capture of the largest document takes a server seconds; a minute without a byte means that nobody answers.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Largest answer: a job with a result for each event.
const ANSWER_BYTES: u64 = 16 << 20;

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

pub(super) fn post(url: &str, path: &str, key: &str, content_type: &str, document: &[u8]) -> Result<Answer, Failure> {
    let rest = url.trim_end_matches('/').strip_prefix("http://").ok_or_else(|| {
        format!(
            "this command speaks plain http only. For {url} use: curl -X POST {}{path} -H 'Authorization: Bearer KEY' \
             -H 'Content-Type: {content_type}' --data-binary @FILE",
            url.trim_end_matches('/')
        )
    })?;
    let (host, stem) = rest.split_once('/').map_or((rest, String::new()), |(host, stem)| (host, format!("/{stem}")));
    if key.contains(['\r', '\n']) || rest.contains(['\r', '\n', ' ']) {
        return Err("the address or the key has characters that belong in neither".into());
    }
    let address = if host.rsplit(']').next().unwrap_or(host).contains(':') { host.to_owned() } else { format!("{host}:80") };
    let mut stream = TcpStream::connect(&address).map_err(|e| format!("{address}: {e}; is the server running?"))?;
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    write!(
        stream,
        "POST {stem}{path} HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nContent-Type: {content_type}\r\n\
         Accept-Encoding: identity\r\nContent-Length: {}\r\n\r\n",
        document.len()
    )?;
    stream.write_all(document)?;
    let mut bytes = Vec::new();
    stream.take(ANSWER_BYTES).read_to_end(&mut bytes)?;
    parse(&bytes).ok_or_else(|| format!("{address} did not answer as a web server does").into())
}

/// An HTTP/1.0 answer: it ends where the connection does.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: String::from_utf8_lossy(&bytes[end + 4..]).into_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let answer = parse(b"HTTP/1.1 202 Accepted\r\na: b\r\n\r\n{\"success\":true}").unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (202, "{\"success\":true}"));
        for bad in [&b""[..], b"HTTP/1.1 202 Accepted\r\n", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 x y\r\n\r\n"] {
            assert!(parse(bad).is_none());
        }
    }

    #[test]
    fn https_is_left_to_curl() {
        let error = post("https://id.example.com", "/epcis/v2/capture", "k", "application/json", b"").err().unwrap().to_string();
        assert!(error.contains("curl -X POST https://id.example.com/epcis/v2/capture"), "{error}");
    }
}
