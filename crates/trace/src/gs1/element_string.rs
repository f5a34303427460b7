//! Element strings: `(01)…(21)…` as printed for people, and the bare concatenation that a scanner sends, with FNC1 (GS, 0x1D)
//! after values of no predefined length (GS1 General Specifications, 7.8), or, where it got lost, without.

use super::ai::{is_ai, is_fixed, length_range};
use super::{DigitalLink, Element, Gs1Error, element_fits};

/// What a scanner sends for FNC1 as a separator.
pub const SEPARATOR: char = '\u{1d}';
/// Readings of a string whose separators got lost that are looked at: nobody can choose among more.
pub const READINGS_MAX: usize = 32;
/// Steps in search of them. A serial of digits alone can be cut in many ways that lead nowhere.
const STEPS_MAX: usize = 4_000;

/// Reads `(01) 0952 1234 0000 44 (21) 7K2M`: a value ends where the next `(NN)` with a known identifier begins; blanks belong to
/// none. `None` where no bracket holds an identifier. What stands before the first one ("Serial no. (21)…") is no part of it.
pub fn bracketed(text: &str) -> Option<Vec<Element>> {
    let (start, _) = next_bracket(text, 0)?;
    let mut elements = Vec::new();
    let mut at = start;
    while let Some((_, ai)) = next_bracket(text, at).filter(|(found, _)| *found == at) {
        let from = at + ai.len() + 2;
        let end = next_bracket(text, from).map_or(text.len(), |(next, _)| next);
        let value = text[from..end].chars().filter(|c| !c.is_whitespace() && *c != SEPARATOR).collect();
        elements.push((ai.to_owned(), value));
        at = end;
    }
    Some(elements)
}

/// The next `(NN)` from `from` on: where it begins, and the identifier.
fn next_bracket(text: &str, from: usize) -> Option<(usize, &str)> {
    text.match_indices('(').map(|(at, _)| at).filter(|at| *at >= from).find_map(|at| {
        let (ai, _) = text[at + 1..].split_once(')')?;
        is_ai(ai).then_some((at, ai))
    })
}

/// All links that a bare concatenation can stand for. With a separator in it there is at most one; without, a value of no
/// predefined length may end wherever another identifier can begin, and the longest values come first.
pub fn concatenated(text: &str) -> Vec<DigitalLink> {
    let mut search = Search { separated: text.contains(SEPARATOR), steps: 0, found: Vec::new() };
    search.from(text.trim_start_matches(SEPARATOR), &mut Vec::new());
    search.found
}

struct Search {
    separated: bool,
    steps: usize,
    found: Vec<DigitalLink>,
}

impl Search {
    fn from(&mut self, rest: &str, before: &mut Vec<Element>) {
        self.steps += 1;
        if self.steps > STEPS_MAX || self.found.len() == READINGS_MAX {
            return;
        }
        if rest.is_empty() {
            if let Ok(link) = DigitalLink::from_elements(before)
                && !self.found.iter().any(|known| known.key() == link.key())
            {
                self.found.push(link);
            }
            return;
        }
        // No identifier is the beginning of another one.
        let Some((ai, after)) = (2..=4).filter_map(|length| rest.split_at_checked(length)).find(|(ai, _)| is_ai(ai)) else {
            return;
        };
        if before.iter().any(|(known, _)| known == ai) {
            return;
        }
        let (min, max) = length_range(ai);
        let until_separator = after.find(SEPARATOR).unwrap_or(after.len());
        let ends: Vec<usize> = match (is_fixed(ai), self.separated) {
            (true, _) => vec![max],
            (false, true) => vec![until_separator],
            (false, false) => (min..=max.min(after.len())).rev().collect(),
        };
        for end in ends {
            let Some((value, next)) = after.split_at_checked(end) else { continue };
            if element_fits(ai, value).is_ok() {
                before.push((ai.to_owned(), value.to_owned()));
                self.from(next.strip_prefix(SEPARATOR).unwrap_or(next), before);
                before.pop();
            }
        }
    }
}

/// Why a concatenation that begins like one has no reading: the first value that is wrong for certain.
pub fn why_not(text: &str) -> Option<Gs1Error> {
    let text = text.trim_start_matches(SEPARATOR);
    let (ai, after) = (2..=4).filter_map(|length| text.split_at_checked(length)).find(|(ai, _)| is_ai(ai))?;
    let value = after.split(SEPARATOR).next().unwrap_or_default();
    let (_, max) = length_range(ai);
    let value = if is_fixed(ai) { value.get(..max).unwrap_or(value) } else { value };
    element_fits(ai, value).err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paths(text: &str) -> Vec<String> {
        concatenated(text).iter().map(DigitalLink::path).collect()
    }

    #[test]
    fn brackets() {
        let of =
            |text: &str| bracketed(text).map(|all| all.iter().map(|(ai, value)| format!("{ai}={value}")).collect::<Vec<_>>().join(" "));
        for (text, want) in [
            ("(01)09521234000044(17)261213(21)7K2M", Some("01=09521234000044 17=261213 21=7K2M")),
            ("Serial no. (21) 7K2M 9QX4", Some("21=7K2M9QX4")),
            ("(10)A(1)(21)B", Some("10=A(1) 21=B")),
            ("(01)", Some("01=")),
            ("(xx)1", None),
            ("", None),
        ] {
            assert_eq!(of(text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn a_separator_leaves_one_reading() {
        assert_eq!(paths("010952123400004410AB21\u{1d}217K2M"), ["/01/09521234000044/10/AB21/21/7K2M"]);
        assert_eq!(paths("\u{1d}010952123400004417261213217K2M9QX4TD3HWZ\u{1d}"), ["/01/09521234000044/21/7K2M9QX4TD3HWZ"]);
        assert_eq!(paths("21AB10C\u{1d}0109521234000044"), ["/01/09521234000044/21/AB10C"], "the key may come last");
    }

    #[test]
    fn without_one_all_readings_are_found_and_longest_values_come_first() {
        assert_eq!(paths("0109521234000044217K2M9QX4TD3HWZ"), ["/01/09521234000044/21/7K2M9QX4TD3HWZ"]);
        assert_eq!(
            paths("010952123400004410AB21CD"),
            ["/01/09521234000044/10/AB21CD", "/01/09521234000044/10/AB/21/CD"],
            "a lot that holds 21, or a lot and a serial"
        );
        assert_eq!(paths("0109521234000044"), ["/01/09521234000044"]);
        assert_eq!(paths("00106141412345678908"), ["/00/106141412345678908"]);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for text in ["", "hello", "0109521234000045", "010952123400004489X", "01095212340000442", "肉肉肉"] {
            assert!(paths(text).is_empty(), "{text}");
        }
        assert!(matches!(why_not("0109521234000045217K"), Some(Gs1Error::CheckDigit { expected: '4', .. })));
        assert!(matches!(why_not("01095212"), Some(Gs1Error::GtinLength(_))));
        assert_eq!(why_not("hello"), None);
    }

    #[test]
    fn digits_that_can_be_cut_in_many_ways_cost_little() {
        let text = format!("0109521234000044{}", "2110".repeat(40));
        assert!(concatenated(&text).len() <= READINGS_MAX);
    }

    proptest! {
        #[test]
        fn what_a_scanner_sends_is_read_back(digits in "[0-9]{13}", lot in "[!-9A-Za-z:;<=>?_]{1,20}", serial in "[0-9A-Z]{1,20}") {
            prop_assume!(!lot.contains(['#', '$']) && lot != "." && lot != "..");
            let gtin = format!("{digits}{}", crate::gs1::check_digit(&digits));
            let read = concatenated(&format!("01{gtin}10{lot}\u{1d}21{serial}"));
            prop_assert_eq!(read.len(), 1);
            prop_assert_eq!((read[0].get("10"), read[0].get("21")), (Some(lot.as_str()), Some(serial.as_str())));
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,60}") {
            let _ = (bracketed(&text), concatenated(&text), why_not(&text));
        }
    }
}
