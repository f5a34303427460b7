//! The number of a product.

use std::fmt;

use super::{Gs1Error, Letters, check_digit};

/// A GTIN with a correct check digit, always 14 digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gtin(String);

impl Gtin {
    /// Reads a GTIN-8, -12, -13 or -14; shorter ones are padded left with zeros.
    pub fn parse(text: &str) -> Result<Self, Gs1Error> {
        if let Some(found) = text.chars().find(|c| !c.is_ascii_digit()) {
            return Err(Gs1Error::Charset { ai: "01".into(), found, allowed: Letters::Digits });
        }
        if !matches!(text.len(), 8 | 12..=14) {
            return Err(Gs1Error::GtinLength(text.into()));
        }
        let padded = format!("{text:0>14}");
        let expected = check_digit(&padded[..13]);
        if !padded.ends_with(expected) {
            return Err(Gs1Error::CheckDigit { ai: "01".into(), value: padded, expected });
        }
        Ok(Self(padded))
    }

    /// The 14 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a company prefix covers it: GTINs that begin with 000000 (GTIN-8) match by all 14 digits alone; else `digits`
    /// are the whole GTIN, or 4 to 12 digits that follow its first digit.
    pub fn has_prefix(&self, digits: &str) -> bool {
        if digits == self.0 {
            return true;
        }
        !self.0.starts_with("000000") && (4..=12).contains(&digits.len()) && self.0[1..].starts_with(digits)
    }
}

impl fmt::Display for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_lengths_give_fourteen_digits() {
        for (text, full) in [
            ("96385074", "00000096385074"),
            ("614141000036", "00614141000036"),
            ("9506000134352", "09506000134352"),
            ("09506000134352", "09506000134352"),
        ] {
            assert_eq!(Gtin::parse(text).unwrap().as_str(), full);
        }
    }

    #[test]
    fn wrong_ones_are_refused() {
        assert_eq!(Gtin::parse(""), Err(Gs1Error::GtinLength(String::new())));
        assert_eq!(Gtin::parse("123456789"), Err(Gs1Error::GtinLength("123456789".into())));
        assert_eq!(Gtin::parse("009506000134352"), Err(Gs1Error::GtinLength("009506000134352".into())));
        assert!(matches!(Gtin::parse("9506000134353"), Err(Gs1Error::CheckDigit { expected: '2', .. })));
        assert!(matches!(Gtin::parse("９506000134352"), Err(Gs1Error::Charset { found: '９', .. })));
    }

    #[test]
    fn prefixes() {
        let gtin = Gtin::parse("9506000134352").unwrap();
        assert!(gtin.has_prefix("9506000") && gtin.has_prefix("9506") && gtin.has_prefix("09506000134352"));
        assert!(!gtin.has_prefix("950") && !gtin.has_prefix("9506001") && !gtin.has_prefix(""));
        let eight = Gtin::parse("96385074").unwrap();
        assert!(!eight.has_prefix("00000963") && eight.has_prefix("00000096385074"));
    }

    proptest! {
        #[test]
        fn every_single_wrong_digit_is_seen(digits in "[0-9]{13}", at in 0usize..14, add in 1u8..10) {
            let good = format!("{digits}{}", check_digit(&digits));
            prop_assert!(Gtin::parse(&good).is_ok());
            let mut bad = good.into_bytes();
            bad[at] = b'0' + (bad[at] - b'0' + add) % 10;
            prop_assert!(Gtin::parse(&String::from_utf8(bad).unwrap()).is_err());
        }
    }
}
