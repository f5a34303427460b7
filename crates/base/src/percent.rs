//! Percent-encoding of one path segment (RFC 3986: unreserved characters plain, all else `%XX`).

use std::fmt::Write as _;

/// Encodes `text` as one path or query component.
pub fn component(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(b));
        } else {
            let _ = write!(out, "%{b:02X}");
        }
    }
    out
}

/// Decodes `%XX`; `None` where the escapes or the UTF-8 are broken.
pub fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        if b == b'%' {
            let digit = |b: u8| char::from(b).to_digit(16);
            let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(b);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_encoded_decodes() {
        let text = "/01/0952/21/A%2F+ 牛";
        assert_eq!(super::component("a/b"), "a%2Fb");
        assert_eq!(super::decode(&super::component(text)).as_deref(), Some(text));
        assert_eq!(super::decode("%2"), None);
        assert_eq!(super::decode("%+f"), None);
        assert_eq!(super::decode("%FF"), None);
    }
}
