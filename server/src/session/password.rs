//! Passwords: argon2id with the parameters OWASP names as the floor (19 MiB, two passes, one lane).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::{Arc, OnceLock};
use tokio::sync::Semaphore;

/// Shortest password: length is what makes guessing hopeless; composition rules are not asked for.
pub const PASSWORD_CHARS_MIN: usize = 10;
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
}

/// The PHC string to keep for a new password. Takes about 30 ms: not for an async thread.
pub fn hash(password: &str) -> Result<String, PasswordFault> {
    match password.chars().count() {
        n if n < PASSWORD_CHARS_MIN => Err(PasswordFault::TooShort),
        n if n > PASSWORD_CHARS_MAX => Err(PasswordFault::TooLong),
        _ => Ok(hash_of(password)),
    }
}

fn hash_of(password: &str) -> String {
    Argon2::default().hash_password(password.as_bytes()).expect("fixed, valid parameters and a fresh salt").to_string()
}

/// Whether the password fits the PHC string. Without one (no such account) it works as long and says no, so that names cannot
/// be found out by the clock.
pub async fn fits(password: String, phc: Option<String>) -> bool {
    static TURNS: OnceLock<Arc<Semaphore>> = OnceLock::new();
    static NOBODY: OnceLock<String> = OnceLock::new();
    if password.chars().count() > PASSWORD_CHARS_MAX {
        return false;
    }
    let turns = Arc::clone(TURNS.get_or_init(|| Arc::new(Semaphore::new(AT_ONCE))));
    let turn = turns.acquire_owned().await.expect("this semaphore is never closed");
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let known = phc.is_some();
        let phc = phc.unwrap_or_else(|| NOBODY.get_or_init(|| hash_of("nobody has this password")).clone());
        let fits = PasswordHash::new(&phc).is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
        known && fits
    })
    .await
    .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_and_no_other() {
        let phc = hash("grassland-2026").unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert_ne!(hash("grassland-2026").unwrap(), phc, "every password has its own salt");
        assert!(fits("grassland-2026".into(), Some(phc.clone())).await);
        assert!(!fits("grassland-2027".into(), Some(phc)).await);
        assert!(!fits("nobody has this password".into(), None).await, "no account has no password");
        assert!(!fits("".into(), Some(String::new())).await, "an empty string fits nothing");
    }

    #[test]
    fn length_is_the_only_rule() {
        assert_eq!(hash("short"), Err(PasswordFault::TooShort));
        assert_eq!(hash(&"x".repeat(PASSWORD_CHARS_MAX + 1)), Err(PasswordFault::TooLong));
    }
}
