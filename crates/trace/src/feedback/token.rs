//! Private addresses: 128 random bits in Crockford's base 32, which survives being read aloud and typed.

/// Digits of the alphabet: no I, L, O, U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a token: 26 × 5 = 130 bits, the first character holds 3 of them.
const CHARS: usize = 26;

/// 128 bits that open something for whoever knows them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token([u8; 16]);

impl Token {
    /// From random bytes; the caller answers for their randomness.
    pub fn from_random(bytes: [u8; 16]) -> Token {
        Token(bytes)
    }

    /// Reads a token. Case does not matter, I and L are 1, O is 0; every other deviation is refused.
    pub fn parse(text: &str) -> Option<Token> {
        if text.len() != CHARS {
            return None;
        }
        let mut value: u128 = 0;
        for (place, byte) in text.bytes().enumerate() {
            let upper = match byte.to_ascii_uppercase() {
                b'I' | b'L' => b'1',
                b'O' => b'0',
                other => other,
            };
            let digit = DIGITS.iter().position(|&d| d == upper)? as u128;
            if place == 0 && digit > 7 {
                return None; // more than 128 bits
            }
            value = (value << 5) | digit;
        }
        Some(Token(value.to_be_bytes()))
    }

    /// What is stored instead of the token: whoever reads the store cannot open the address.
    pub fn stored(&self) -> [u8; 32] {
        *ledger::dk("leafproof receipt address v1", &[&self.0]).as_bytes()
    }
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = u128::from_be_bytes(self.0);
        for place in (0..CHARS).rev() {
            let digit = (value >> (5 * place)) & 31;
            write!(f, "{}", DIGITS[digit as usize] as char)?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Token {
    // A token in a log would open its address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: [u8; 16]) {
            let token = Token::from_random(bytes);
            let text = token.to_string();
            prop_assert_eq!(text.len(), CHARS);
            prop_assert_eq!(Token::parse(&text), Some(token));
            prop_assert_eq!(Token::parse(&text.to_lowercase()), Some(token));
        }

        #[test]
        fn one_value_has_one_canonical_spelling(text in "[0-7][0-9A-HJKMNP-TV-Z]{25}") {
            prop_assert_eq!(Token::parse(&text).unwrap().to_string(), text);
        }

        #[test]
        fn nothing_else_is_read_and_nothing_panics(text in ".{0,40}") {
            if let Some(token) = Token::parse(&text) {
                prop_assert_eq!(token.to_string().len(), text.len());
            }
        }
    }

    #[test]
    fn look_alikes_are_read_and_overflow_is_refused() {
        let zero = Token::from_random([0; 16]);
        assert_eq!(Token::parse("O000000000000000000000000o"), Some(zero));
        assert_eq!(Token::parse("00000000000000000000000001"), Token::parse("0000000000000000000000000l"));
        assert_eq!(Token::parse("80000000000000000000000000"), None);
        assert_eq!(Token::parse("0000000000000000000000000U"), None);
        assert_eq!(format!("{zero:?}"), "Token(…)");
    }
}
