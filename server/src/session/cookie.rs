//! The session's cookie. `__Host-` over https binds it to this very host; browsers refuse that name over plain http (a LAN, a
//! demo on a phone), so there it has a plain name.

use super::{SESSION_MS, SessionToken};
use axum::http::{HeaderMap, HeaderValue, header};

fn name(https: bool) -> &'static str {
    if https { "__Host-leafproof" } else { "leafproof" }
}

/// The session a request carries.
pub fn read(headers: &HeaderMap, https: bool) -> Option<SessionToken> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name(https))
        .and_then(|(_, value)| SessionToken::parse(value))
}

/// `Set-Cookie` that begins a session.
pub fn set(token: &SessionToken, https: bool) -> HeaderValue {
    value(&token.to_string(), SESSION_MS / 1_000, https)
}

/// `Set-Cookie` that ends it.
pub fn clear(https: bool) -> HeaderValue {
    value("", 0, https)
}

fn value(content: &str, seconds: u64, https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{}={content}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}", name(https));
    HeaderValue::from_str(&text).expect("hex digits and ASCII words")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_follows_the_scheme() {
        let token = SessionToken::random();
        let https = set(&token, true).to_str().unwrap().to_owned();
        assert!(https.starts_with("__Host-leafproof=") && https.ends_with("; Secure"), "{https}");
        assert!(https.contains("HttpOnly") && https.contains("SameSite=Lax") && https.contains("Path=/"));
        let http = set(&token, false).to_str().unwrap().to_owned();
        assert!(http.starts_with("leafproof=") && !http.contains("Secure"), "{http}");
        for scheme in [true, false] {
            let mut headers = HeaderMap::new();
            let sent = set(&token, scheme).to_str().unwrap().split(';').next().unwrap().to_owned();
            headers.insert(header::COOKIE, format!("a=b; {sent}; c=d").parse().unwrap());
            assert_eq!(read(&headers, scheme), Some(token.clone()));
            assert_eq!(read(&headers, !scheme), None, "a cookie of the other scheme does not count");
        }
        assert!(clear(true).to_str().unwrap().contains("Max-Age=0"));
    }
}
