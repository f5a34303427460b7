//! Standard base64 with padding (RFC 4648, section 4), strict: one text per value, so that a changed text is never the
//! same note.

use crate::prelude::*;
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends the text of `bytes`.
pub fn encode(bytes: &[u8], out: &mut String) {
    for group in bytes.chunks(3) {
        let value = group.iter().fold(0, |value, byte| value << 8 | usize::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = if place <= group.len() { DIGITS[value >> (18 - 6 * place) & 63] } else { b'=' };
            out.push(char::from(digit));
        }
    }
}

/// The bytes of a text, or `None` if it is not exactly what [`encode`] writes for them.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::new();
    let mut groups = text.chunks_exact(4).peekable();
    while let Some(group) = groups.next() {
        let last = groups.peek().is_none();
        let digits = match group {
            [_, _, b'=', b'='] if last => 2,
            [_, _, _, b'='] if last => 3,
            _ => 4,
        };
        let mut value = 0;
        for digit in &group[..digits] {
            value = value << 6 | digit_value(*digit)?;
        }
        value <<= 6 * (4 - digits);
        let [_, group_bytes @ ..] = value.to_be_bytes();
        let (kept, unused) = group_bytes.split_at(digits - 1);
        if unused.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(kept);
    }
    Some(bytes)
}

fn digit_value(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(bytes: &[u8]) -> String {
        let mut text = String::new();
        encode(bytes, &mut text);
        text
    }

    #[test]
    fn known_answers() {
        // RFC 4648, section 10.
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")] {
            assert_eq!(encoded(bytes.as_bytes()), text);
            assert_eq!(decode(text).unwrap(), bytes.as_bytes());
        }
        assert_eq!(encoded(&[0xfb, 0xff, 0xfe]), "+//+");
    }

    #[test]
    fn everything_but_the_one_text_is_refused() {
        for text in ["Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "=", "Zm 9", "Zm9v\n", "-_-_", "Zm8=Zm9v"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
