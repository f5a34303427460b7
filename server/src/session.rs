//! Sign-in: accounts, passwords, sessions, cookies.
//!
//! Who signs in again in a browser ends the session that browser had; a store's tablets that share an account each keep their own.
//!
//! A session is 256 random bits in a cookie; the server keeps their BLAKE3 only, so that a copied index opens nothing. Sessions
//! live in a table of their own and nowhere else: it is the one that the journal does not rebuild, and losing it means signing in again.

pub mod accounts;
pub mod cookie;
pub mod folder;
pub mod network;
pub mod origin;
pub mod password;
pub mod rate;
pub mod roles;

use serde::{Deserialize, Serialize};
use store::StoreError;
use store_local::{Scratch, ScratchError};

use engine::ViewError;

/// How long a session lasts: a working day with its breaks.
pub const SESSION_MS: u64 = 12 * 3_600_000;
/// Sessions kept at once. Far more than all staff of all members; the oldest go first.
const SESSIONS_MAX: usize = 100_000;
/// First byte of a stored session.
const VERSION: u8 = 1;

/// The secret in the cookie.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken([u8; 32]);

impl SessionToken {
    /// A new one.
    pub fn random() -> SessionToken {
        SessionToken(base::random::bytes())
    }

    /// From a cookie's value: 64 hex digits.
    pub fn parse(text: &str) -> Option<SessionToken> {
        text.parse::<ledger::Hash>().ok().map(|hash| SessionToken(hash.0))
    }

    fn stored(&self) -> [u8; 32] {
        *blake3::hash(&self.0).as_bytes()
    }
}

impl std::fmt::Display for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&ledger::Hash(self.0), f)
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken(…)")
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    account: String,
    until_ms: u64,
    /// Hash of the account's password string: a changed password ends its sessions.
    password: String,
}

/// Who is signed in cannot be known just now: 503, never "signed out" and never "wrong password".
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The sessions.
    #[error("the sessions cannot be read: {0}")]
    Store(#[from] ScratchError),
    /// The accounts.
    #[error(transparent)]
    Index(#[from] StoreError),
    /// The members.
    #[error(transparent)]
    View(#[from] ViewError),
}

/// All sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    table: Scratch,
}

impl Sessions {
    /// Over a table of its own.
    pub fn new(table: Scratch) -> Sessions {
        Sessions { table }
    }

    /// Begins a session for an account whose password was just checked.
    pub fn begin(&self, account: &str, password_string: &str, now_ms: u64) -> Result<SessionToken, ScratchError> {
        if self.table.len() >= SESSIONS_MAX {
            self.sweep(now_ms)?;
        }
        let token = SessionToken::random();
        let stored =
            Stored { account: account.to_owned(), until_ms: now_ms.saturating_add(SESSION_MS), password: fingerprint(password_string) };
        let mut value = vec![VERSION];
        serde_json::to_writer(&mut value, &stored).expect("plain data serializes");
        self.table.insert(&token.stored(), value)?;
        Ok(token)
    }

    /// The account of a session that is still good: not over, not signed out, its password unchanged, its account not ended. It is
    /// looked up for every request; where that fails, nobody is told to be signed out.
    pub fn account(
        &self,
        token: &SessionToken,
        now_ms: u64,
        find: impl FnOnce(&str) -> Result<Option<accounts::Account>, SessionError>,
    ) -> Result<Option<accounts::Account>, SessionError> {
        let Some(value) = self.table.get(&token.stored())? else {
            return Ok(None);
        };
        let Some(stored) = read(&value) else {
            return Ok(None);
        };
        if stored.until_ms <= now_ms {
            self.table.remove(&token.stored())?;
            return Ok(None);
        }
        Ok(find(&stored.account)?.filter(|account| fingerprint(&account.password) == stored.password))
    }

    /// Ends a session.
    pub fn end(&self, token: &SessionToken) -> Result<(), ScratchError> {
        self.table.remove(&token.stored())
    }

    /// Forgets sessions that are over; where that is not enough, the first thousand of the table.
    fn sweep(&self, now_ms: u64) -> Result<(), ScratchError> {
        for row in self.table.rows() {
            let (key, value) = row?;
            if read(&value).is_none_or(|stored| stored.until_ms <= now_ms) {
                self.table.remove(&key)?;
            }
        }
        let surplus = self.table.len().saturating_sub(SESSIONS_MAX - 1_000);
        for row in self.table.rows().take(surplus) {
            self.table.remove(&row?.0)?;
        }
        Ok(())
    }
}

fn read(value: &[u8]) -> Option<Stored> {
    match value.split_first() {
        Some((&VERSION, json)) => serde_json::from_slice(json).ok(),
        _ => None,
    }
}

fn fingerprint(password_string: &str) -> String {
    blake3::hash(password_string.as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::accounts::{Account, Role};
    use super::*;

    fn account(password: &str) -> Account {
        Account {
            name: "brand".into(),
            password: password.into(),
            role: Role::Owner,
            member: "talanuur.example".into(),
            location: None,
            display: Default::default(),
        }
    }

    fn table() -> Scratch {
        Scratch::temporary().unwrap()
    }

    #[test]
    fn a_session_ends_with_time_sign_out_or_a_new_password() {
        let sessions = Sessions::new(table());
        let token = sessions.begin("brand", "phc-1", 1_000).unwrap();
        let who = |now, password: &'static str| {
            sessions.account(&token, now, |name| Ok((name == "brand").then(|| account(password)))).unwrap().map(|a| a.name)
        };
        assert_eq!(who(1_000, "phc-1").as_deref(), Some("brand"));
        assert_eq!(who(999 + SESSION_MS, "phc-1").as_deref(), Some("brand"));
        assert_eq!(who(1_000, "phc-2"), None, "password changed");
        assert_eq!(who(1_000 + SESSION_MS, "phc-1"), None, "over");
        let token = sessions.begin("brand", "phc-1", 1_000).unwrap();
        sessions.end(&token).unwrap();
        assert!(sessions.account(&token, 1_001, |_| Ok(Some(account("phc-1")))).unwrap().is_none());
        assert!(sessions.account(&SessionToken::random(), 1_001, |_| Ok(Some(account("phc-1")))).unwrap().is_none());
    }

    #[test]
    fn the_table_does_not_hold_the_secret() {
        let table = table();
        let token = Sessions::new(table.clone()).begin("brand", "phc-1", 1_000).unwrap();
        let (key, value) = table.rows().next().unwrap().unwrap();
        assert_ne!(key, token.0);
        assert!(!String::from_utf8_lossy(&value).contains(&token.to_string()));
        assert_eq!(SessionToken::parse(&token.to_string()), Some(token));
        assert_eq!(SessionToken::parse("zz"), None);
    }
}
