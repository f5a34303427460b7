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
    let mut bytes = Vec::new();
    // Bits that are no byte yet, and how many of them; of each sign at the end, six bits that were not there.
    let (mut value, mut bits, mut padding) = (0_u32, 0, 0);
    for digit in text.bytes() {
        if digit == b'=' {
            padding += 1;
            continue;
        }
        value = value << 6 | digit_value(digit).filter(|_| padding == 0)?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((value >> bits) as u8);
            value &= (1 << bits) - 1;
        }
    }
    (text.len().is_multiple_of(4) && value == 0 && padding < 3 && bits == 2 * padding).then_some(bytes)
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
        for text in [
            "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "A===", "AA=A", "AAA=AAA=", "====", "=", "Zm 9", "Zm9v\n", "-_-_",
            "Zm8=Zm9v",
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
