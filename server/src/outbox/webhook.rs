//! A signed POST (Standard Webhooks 1.0): `webhook-id` is the message's and stays, `webhook-timestamp` is the attempt's, and
//! `webhook-signature` covers both and the body.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::Uri;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ledger::note::base64;
use sha2::Sha256;
use ureq::config::Config;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::address;

base::limits! {
    /// How long a webhook may take to accept a connection.
    WEBHOOK_CONNECT_MS: u64 = 5_000, "milliseconds";
    /// How long it may take to answer; whoever has more to do answers first and does it then.
    WEBHOOK_TOTAL_MS: u64 = 15_000, "milliseconds";
    /// The head of its answer. The body is not read.
    WEBHOOK_ANSWER_BYTES: usize = 16 << 10, "bytes";
    /// What one message weighs at the most.
    WEBHOOK_BODY_BYTES: usize = 8 << 20, "bytes";
    /// How long an old secret signs beside a new one.
    WEBHOOK_ROTATION_MS: u64 = 24 * 3_600_000, "milliseconds";
}

/// What a secret begins with.
const MARK: &str = "whsec_";
/// Bytes that a secret may have, by the standard.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A new secret, as it is shown and kept.
pub fn new_secret() -> String {
    let mut text = MARK.to_owned();
    base64::encode(&base::random::bytes::<32>(), &mut text);
    text
}

/// The bytes of a secret; `None` where it is none.
pub fn secret_bytes(text: &str) -> Option<Vec<u8>> {
    base64::decode(text.strip_prefix(MARK)?).filter(|bytes| SECRET_BYTES.contains(&bytes.len()))
}

fn mac(key: &[u8], parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is taken");
    parts.iter().for_each(|part| mac.update(part));
    let mut text = String::new();
    base64::encode(&mac.finalize().into_bytes(), &mut text);
    text
}

/// The signature of a message by one key.
pub fn signature(key: &[u8], id: &str, timestamp: u64, body: &[u8]) -> String {
    format!("v1,{}", mac(key, &[id.as_bytes(), b".", timestamp.to_string().as_bytes(), b".", body]))
}

/// A message as it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Post {
    /// Where to.
    pub url: String,
    /// Keys that sign it: the newest first.
    pub keys: Vec<Vec<u8>>,
    /// Whether `GS1-Signature`, of the body alone, stands beside (EPCIS 2.0 leaves its kind to the server: HMAC-SHA256 in base64).
    pub gs1: bool,
    /// JSON.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Post {
    /// Without keys, and without an address that may hold one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Post {{ {} keys, {} bytes }}", self.keys.len(), self.body.len())
    }
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotTaken {
    /// In few words.
    pub why: String,
    /// Nothing more is to be tried.
    pub for_good: bool,
}

impl NotTaken {
    /// It can be tried again.
    pub fn now(why: impl Into<String>) -> Self {
        Self { why: why.into(), for_good: false }
    }

    /// It cannot.
    pub fn for_good(why: impl Into<String>) -> Self {
        Self { why: why.into(), for_good: true }
    }
}

/// How far messages go.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// To closed networks too, and over http.
    pub local: bool,
    /// Whose certificates are believed, in place of the public authorities.
    pub authorities: Option<Vec<Certificate<'static>>>,
}

impl Reach {
    fn roots(&self) -> RootCerts {
        self.authorities.as_ref().map_or(RootCerts::WebPki, |certificates| RootCerts::new_with_certs(certificates))
    }
}

/// Gives out the addresses that were checked, and asks nobody.
#[derive(Debug)]
struct Checked(Vec<SocketAddr>);

impl Resolver for Checked {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        self.0.iter().for_each(|address| addresses.push(*address));
        Ok(addresses)
    }
}

/// Sends a message. What it answers is its status.
pub fn send(post: &Post, id: &str, timestamp: u64, reach: &Reach) -> Result<String, NotTaken> {
    let local = reach.local;
    let uri = address::parse(&post.url, local).map_err(|fault| NotTaken::for_good(fault.said()))?;
    let addresses = address::resolve(&uri, local).map_err(NotTaken::now)?;
    let config = Config::builder()
        // No proxy of the environment: it would connect where it likes.
        .proxy(None)
        .timeout_connect(Some(Duration::from_millis(WEBHOOK_CONNECT_MS)))
        .timeout_global(Some(Duration::from_millis(WEBHOOK_TOTAL_MS)))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_response_header_size(WEBHOOK_ANSWER_BYTES)
        .https_only(!local)
        .tls_config(TlsConfig::builder().root_certs(reach.roots()).build())
        .user_agent("Leafproof")
        .build();
    let agent = ureq::Agent::with_parts(config, DefaultConnector::default(), Checked(addresses));
    let signatures: Vec<String> = post.keys.iter().map(|key| signature(key, id, timestamp, &post.body)).collect();
    let mut request = agent
        .post(&uri)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", timestamp.to_string())
        .header("webhook-signature", signatures.join(" "));
    if let Some(key) = post.keys.first().filter(|_| post.gs1) {
        request = request.header("gs1-signature", mac(key, &[&post.body])).header("gs1-epcis-version", "2.0.0");
    }
    let answer = request.send(&post.body[..]).map_err(|error| NotTaken::now(in_words(&error)))?;
    let status = answer.status();
    let said = format!("HTTP {}", status.as_u16());
    match status.as_u16() {
        200..=299 => Ok(said),
        300..=399 => Err(NotTaken::now(format!("{said}: it leads elsewhere, and is not followed"))),
        410 => Err(NotTaken::for_good(format!("{said}: it wants no more messages"))),
        _ => Err(NotTaken::now(said)),
    }
}

/// Why there was no answer, without what the other side wrote.
fn in_words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        ureq::Error::Io(error) => match error.kind() {
            std::io::ErrorKind::ConnectionRefused => "the connection was refused".to_owned(),
            // What rustls finds wrong comes in this dress.
            std::io::ErrorKind::InvalidData => "its certificate or TLS is not valid".to_owned(),
            std::io::ErrorKind::TimedOut => "no answer in time".to_owned(),
            _ => "the connection broke".to_owned(),
        },
        ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => "no connection".to_owned(),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "its certificate or TLS is not valid".to_owned(),
        _ => "its answer is no HTTP".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_standards() {
        // The example of the Standard Webhooks libraries.
        let key = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_has_24_to_64_bytes() {
        let of = |bytes: usize| {
            let mut text = MARK.to_owned();
            base64::encode(&vec![7; bytes], &mut text);
            secret_bytes(&text).map(|bytes| bytes.len())
        };
        assert_eq!((of(23), of(24), of(64), of(65)), (None, Some(24), Some(64), None));
        for wrong in ["", "whsec_", "whsec_!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert_eq!(secret_bytes(wrong), None, "{wrong}");
        }
        let (one, two) = (new_secret(), new_secret());
        assert_ne!(one, two);
        assert_eq!(secret_bytes(&one).unwrap().len(), 32);
    }

    #[test]
    fn nothing_secret_is_printed() {
        let post = Post { url: "https://a.example/?key=zq".into(), keys: vec![b"zqzq".to_vec()], gs1: false, body: b"{}".to_vec() };
        assert!(!format!("{post:?}").contains("zq"));
    }
}
