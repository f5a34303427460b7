//! Numbers as records hold them: what their text must be to be shown, drawn and counted alike here and in the page's scripts.

/// Largest number of packs, in digits: no line packs a thousand million at once.
pub const PACKS_DIGITS_MAX: usize = 9;

/// The whole digits and the fraction, with its point, of a plain decimal number (`-?(0|[1-9][0-9]*)(.[0-9]+)?`).
pub fn parts(text: &str) -> Option<(&str, &str)> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    let fits = all_digits(whole) && (whole.len() == 1 || !whole.starts_with('0')) && (fraction.is_empty() || all_digits(&fraction[1..]));
    fits.then_some((whole, fraction))
}

/// Whether it is a whole number of at most so many digits.
pub fn is_whole(text: &str, digits: usize) -> bool {
    (1..=digits).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'))
}

/// A number of packs as the door lets it in, and as strips are drawn of it; `None` where it is none.
pub fn packs(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| is_whole(text, PACKS_DIGITS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_number_has_parts() {
        for (text, expected) in [("0", ("0", "")), ("-12.50", ("12", ".50")), ("1000", ("1000", ""))] {
            assert_eq!(parts(text), Some(expected), "{text}");
        }
        for text in ["", "-", ".5", "5.", "01", "1e3", "+1", "1.2.3", " 1", "\u{661}"] {
            assert_eq!(parts(text), None, "{text:?}");
        }
    }
}
