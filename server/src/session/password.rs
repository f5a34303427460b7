//! Passwords: argon2id with the parameters OWASP names as the floor (19 MiB, two passes, one lane).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::OnceLock;

use crate::turns::Turns;

/// Shortest password: length is what makes guessing hopeless; composition rules are not asked for.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Longest password: hashing time must not follow the sender's wish.
pub const PASSWORD_CHARS_MAX: usize = 200;
/// Hashes at once: 19 MiB each.
const AT_ONCE: usize = 2;

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too short.
    #[error("the password is shorter than {PASSWORD_CHARS_MIN} characters")]
    TooShort,
    /// Too long.
    #[error("the password is longer than {PASSWORD_CHARS_MAX} characters")]
    TooLong,
    /// Among the first that are guessed.
    #[error("the password is among the first that are guessed: a common word, a row of keys, or one piece again and again")]
    Common,
    /// Made of the account's own name.
    #[error("the password is hardly more than the account's own name")]
    Own,
}

/// What guessers try first, by itself, joined, with digits and capitals.
const WORDS: [&str; 38] = [
    "administrator",
    "1qaz2wsx3edc",
    "qwertyuiop",
    "1234567890",
    "0987654321",
    "leafproof",
    "asdfghjkl",
    "password",
    "passwort",
    "passw0rd",
    "iloveyou",
    "football",
    "baseball",
    "princess",
    "sunshine",
    "changeme",
    "changeit",
    "qazwsxedc",
    "zxcvbnm",
    "welcome",
    "letmein",
    "default",
    "woaini",
    "qwerty",
    "monkey",
    "dragon",
    "master",
    "secret",
    "mima",
    "admin",
    "login",
    "hello",
    "guest",
    "abcd",
    "test",
    "user",
    "pass",
    "word",
];

/// Whether a new password will do for an account of this name and member. Length is what makes guessing hopeless, so that is asked for, and
/// no signs of a certain kind; what is long and guessed all the same is not taken.
pub fn check(password: &str, account: &str, member: &str) -> Result<(), PasswordFault> {
    let chars = password.chars().count();
    if chars < PASSWORD_CHARS_MIN {
        return Err(PasswordFault::TooShort);
    }
    if chars > PASSWORD_CHARS_MAX {
        return Err(PasswordFault::TooLong);
    }
    let folded: String = password.to_lowercase().chars().filter(|sign| sign.is_alphanumeric()).collect();
    if folded.is_empty() && chars >= PASSWORD_CHARS_MIN {
        return if distinct(password) < 5 { Err(PasswordFault::Common) } else { Ok(()) };
    }
    let names: Vec<&str> =
        [account, member].into_iter().flat_map(|name| name.split(['@', '.', '-', '_'])).filter(|part| part.len() > 2).collect();
    if let Some(left) = without(&folded, &names)
        && left < 6
    {
        return Err(PasswordFault::Own);
    }
    let worn = without(&folded, &WORDS).is_some_and(|left| left < 4);
    if worn || distinct(&folded) < 5 || repeats(&folded) || runs(&folded) { Err(PasswordFault::Common) } else { Ok(()) }
}

fn distinct(text: &str) -> usize {
    text.chars().collect::<std::collections::BTreeSet<_>>().len()
}

/// How many letters are left without these words; none where none of them stands in it.
fn without(text: &str, words: &[&str]) -> Option<usize> {
    let mut left = text.to_owned();
    for word in words {
        left = left.replace(word, "");
    }
    (left.len() < text.len()).then(|| left.chars().filter(|sign| !sign.is_ascii_digit()).count())
}

/// One piece again and again.
fn repeats(text: &str) -> bool {
    let signs: Vec<char> = text.chars().collect();
    (1..=signs.len() / 2).any(|piece| signs.iter().zip(signs.iter().skip(piece)).all(|(one, later)| one == later))
}

/// Signs in their order, up or down, with a turn or two.
fn runs(text: &str) -> bool {
    let signs: Vec<u32> = text.chars().map(u32::from).collect();
    let turns = signs.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) > 1).count();
    signs.len() >= 8 && turns <= 2
}

/// The PHC string to keep for a new password of an account of this name and member. Takes about 30 ms: not for an async thread.
pub fn hash(password: &str, account: &str, member: &str) -> Result<String, PasswordFault> {
    check(password, account, member)?;
    Ok(hash_of(password))
}

/// The same from an async task: each waits for its turn, as guesses do.
pub async fn hashed(password: String, account: String, member: String) -> Result<String, PasswordFault> {
    check(&password, &account, &member)?;
    Ok(TURNS.take(move || hash_of(&password)).await.expect("hashing does not panic"))
}

static TURNS: Turns = Turns::new(AT_ONCE);

fn hash_of(password: &str) -> String {
    Argon2::default().hash_password(password.as_bytes()).expect("fixed, valid parameters and a fresh salt").to_string()
}

/// Whether the password fits the PHC string. Without one (no such account) it works as long and says no, so that names cannot
/// be found out by the clock.
pub async fn fits(password: String, phc: Option<String>) -> bool {
    static NOBODY: OnceLock<String> = OnceLock::new();
    if password.chars().count() > PASSWORD_CHARS_MAX {
        return false;
    }
    let compared = move || {
        let known = phc.is_some();
        let phc = phc.unwrap_or_else(|| NOBODY.get_or_init(|| hash_of("nobody has this password")).clone());
        let fits = PasswordHash::new(&phc).is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
        known && fits
    };
    TURNS.take(compared).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let hash = |password| hash(password, "brand", "talanuur.example");
        let phc = hash("grassland-2026").unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert_ne!(hash("grassland-2026").unwrap(), phc, "every password has its own salt");
        assert!(fits("grassland-2026".into(), Some(phc.clone())).await);
        assert!(!fits("grassland-2027".into(), Some(phc)).await);
        assert!(!fits("nobody has this password".into(), None).await, "no account has no password");
        assert!(!fits("".into(), Some(String::new())).await, "an empty string fits nothing");
    }

    #[test]
    fn long_and_not_among_the_first_guesses() {
        let check = |password: &str| check(password, "mei@talanuur.example", "talanuur.example");
        for good in [
            "grassland-2026",
            "correct horse",
            "三月的雨落在北山上没有人",
            "482915037716",
            "我的密码是北山三月的雨水啊",
            "tZ8#kq!Lw2$v",
            "!?;:,.-_#+*~",
            "talanuur likes rain",
            "passing swords by night",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for common in [
            "passwordpassword",
            "Password2026!",
            "passw0rd1234",
            "123456789012",
            "098765432109",
            "abcdefghijkl",
            "qwertyuiop12",
            "1qaz2wsx3edc4",
            "aaaaaaaaaaaa",
            "121212121212",
            "            ",
            "welcome-welcome-1",
            "北山北山北山北山北山北山",
            "Leafproof-2026",
            "rainy rainy rainy ",
        ] {
            assert_eq!(check(common), Err(PasswordFault::Common), "{common}");
        }
        for own in ["mei@talanuur.example", "Talanuur-2026-1", "talanuurtalanuur", "talanuur.example", "mei-talanuur-mei"] {
            assert_eq!(check(own), Err(PasswordFault::Own), "{own}");
        }
        assert_eq!(check("elevenchars"), Err(PasswordFault::TooShort));
        assert_eq!(check(&"xyz yx".repeat(PASSWORD_CHARS_MAX)), Err(PasswordFault::TooLong));
    }
}
