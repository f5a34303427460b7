//! Decimal numbers as the text formats have them: no sign, no leading zero.

use crate::prelude::*;

/// The number, or `None` if the text is not its only spelling or is larger than a u64.
pub(crate) fn parse(text: &str) -> Option<u64> {
    if text.is_empty() || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.bytes().try_fold(0_u64, |number, digit| match digit {
        b'0'..=b'9' => number.checked_mul(10)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// Appends the number.
pub(crate) fn push(number: u64, out: &mut String) {
    // Twenty digits at most.
    if number > 9 {
        push(number / 10, out);
    }
    out.push(char::from(b'0' + (number % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        for number in [0, 1, 9, 10, 20_852_163, u64::MAX - 1, u64::MAX] {
            let mut text = String::new();
            push(number, &mut text);
            assert_eq!(text, number.to_string());
            assert_eq!(parse(&text), Some(number));
        }
        for text in ["", "00", "01", "+1", "-1", "1 ", " 1", "0x1", "1e3", "１", "18446744073709551616", "99999999999999999999999"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
