//! One-time codes by time (RFC 6238): HMAC-SHA-1, six digits, steps of thirty seconds, as every authenticator app has them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// Bytes of a secret: as long as the hash (RFC 4226, 4).
pub const SECRET_BYTES: usize = 20;
/// A step.
const STEP_MS: u64 = 30_000;
/// Digits of a code.
const DIGITS: u32 = 6;
/// Steps before and after the one that it is: what a phone's clock is off, and how long typing takes.
const AROUND: u64 = 1;

/// The number of a step (RFC 4226, 5.3).
fn code(secret: &[u8], step: u64, digits: u32) -> u32 {
    let mut mac = <Hmac<Sha1>>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let word = [hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]];
    u32::from_be_bytes(word) % 10u32.pow(digits)
}

/// Whether what was typed has the form of a code; blanks between digits are what apps show.
pub fn digits(typed: &str) -> Option<u32> {
    let typed: String = typed.chars().filter(|sign| !sign.is_whitespace()).collect();
    (typed.len() == DIGITS as usize && typed.bytes().all(|byte| byte.is_ascii_digit())).then(|| typed.parse().ok()).flatten()
}

/// The step whose code this is, if it is one of about now and later than the step `used`: a code is good once.
pub fn accepts(secret: &[u8], typed: u32, now_ms: u64, used: u64) -> Option<u64> {
    let now = now_ms / STEP_MS;
    let mut found = None;
    // All are looked at, whichever fits: the clock tells nobody which.
    for step in now.saturating_sub(AROUND)..=now + AROUND {
        if step > used && code(secret, step, DIGITS) == typed {
            found = Some(step);
        }
    }
    found
}

/// As apps take it (RFC 4648, base32, no padding).
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    let (mut bits, mut held) = (0u32, 0u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits) as usize & 31]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(held << (5 - bits)) as usize & 31]));
    }
    text
}

/// The code that an app shows at this time; for tests that sign in as people do.
#[cfg(test)]
pub fn shown(secret: &[u8], now_ms: u64) -> String {
    format!("{:06}", code(secret, now_ms / STEP_MS, DIGITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn the_vectors_of_rfc_6238() {
        for (seconds, wanted) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000u64, 65_353_130),
        ] {
            assert_eq!(code(SECRET, seconds / 30, 8), wanted, "{seconds}");
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226() {
        for (step, wanted) in [755_224, 287_082, 359_152, 969_429, 338_314, 254_676, 287_922, 162_583, 399_871, 520_489].iter().enumerate()
        {
            assert_eq!(code(SECRET, step as u64, 6), *wanted, "{step}");
        }
    }

    #[test]
    fn the_vectors_of_rfc_4648() {
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(base32(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn one_step_around_and_each_once() {
        let now = 1_795_353_164_000;
        let step = now / STEP_MS;
        let at = |step| code(SECRET, step, 6);
        for good in [step - 1, step, step + 1] {
            assert_eq!(accepts(SECRET, at(good), now, 0), Some(good));
        }
        for late in [step - 2, step + 2] {
            assert_eq!(accepts(SECRET, at(late), now, 0), None);
        }
        assert_eq!(accepts(SECRET, at(step), now, step), None, "used");
        assert_eq!(accepts(SECRET, at(step - 1), now, step), None, "older than a used one");
        assert_eq!(accepts(SECRET, at(step + 1), now, step), Some(step + 1));
    }

    #[test]
    fn what_has_the_form_of_a_code() {
        assert_eq!(digits(" 012 345 "), Some(12_345));
        for other in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "-12345", "+12345"] {
            assert_eq!(digits(other), None, "{other}");
        }
    }
}
