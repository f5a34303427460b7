//! The session's cookie, and the one by which a browser is known again when its owner signs in: it holds no right, it only keeps
//! the guessing of strangers apart from the mistyping of the owner. Neither is ever set for a shopper.
//!
//! Names: `__Host-` over https binds it to this very host; browsers refuse that name over plain http (a LAN, a
//! demo on a phone), so there it has a plain name.

use axum::http::{HeaderMap, HeaderValue, header};

use super::{SESSION_MS, SessionToken};

/// How long a browser is known: half a year of sign-ins.
const DEVICE_SECONDS: u64 = 180 * 86_400;

fn name(https: bool) -> &'static str {
    if https { "__Host-leafproof" } else { "leafproof" }
}

fn device_name(https: bool) -> &'static str {
    if https { "__Host-leafproof-device" } else { "leafproof-device" }
}

/// A browser that signed in under a name before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device(pub [u8; 16]);

impl Device {
    /// A new one.
    pub fn random() -> Device {
        Device(base::random::bytes())
    }

    /// The one a request carries, where this server made it for this account.
    pub fn read(headers: &HeaderMap, https: bool, secret: &[u8; 32], account: &str) -> Option<Device> {
        let value: ledger::Hash = sent(headers, device_name(https))?.parse().ok()?;
        let (id, mac) = value.0.split_at(16);
        let device = Device(id.try_into().ok()?);
        // blake3::Hash compares in constant time.
        (blake3::hash(mac) == blake3::hash(&device.mac(secret, account))).then_some(device)
    }

    /// `Set-Cookie` that makes the browser known.
    pub fn set(self, https: bool, secret: &[u8; 32], account: &str) -> HeaderValue {
        let mut value = [0; 32];
        value[..16].copy_from_slice(&self.0);
        value[16..].copy_from_slice(&self.mac(secret, account));
        line(device_name(https), &ledger::Hash(value).to_string(), DEVICE_SECONDS, https)
    }

    fn mac(self, secret: &[u8; 32], account: &str) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_keyed(secret);
        hasher.update(&self.0).update(account.as_bytes());
        let mut short = [0; 16];
        short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        short
    }
}

/// The session a request carries.
pub fn read(headers: &HeaderMap, https: bool) -> Option<SessionToken> {
    sent(headers, name(https)).and_then(SessionToken::parse)
}

/// The value of a cookie.
fn sent<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// `Set-Cookie` that begins a session.
pub fn set(token: &SessionToken, https: bool) -> HeaderValue {
    line(name(https), &token.to_string(), SESSION_MS / 1_000, https)
}

/// `Set-Cookie` that ends it.
pub fn clear(https: bool) -> HeaderValue {
    line(name(https), "", 0, https)
}

fn line(name: &str, content: &str, seconds: u64, https: bool) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{name}={content}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
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

    #[test]
    fn a_browser_is_known_under_the_name_it_signed_in_with() {
        let (secret, device) = ([3; 32], Device::random());
        let sent = device.set(false, &secret, "brand").to_str().unwrap().split(';').next().unwrap().to_owned();
        let with = |cookie: &str| HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]);
        assert_eq!(Device::read(&with(&sent), false, &secret, "brand"), Some(device));
        assert_eq!(Device::read(&with(&sent), false, &secret, "store"), None);
        assert_eq!(Device::read(&with(&sent), false, &[4; 32], "brand"), None);
        assert_eq!(Device::read(&with(&sent), true, &secret, "brand"), None);
        assert_eq!(Device::read(&with("leafproof-device=00"), false, &secret, "brand"), None);
        assert_eq!(read(&with(&sent), false), None, "it opens nothing");
    }
}
