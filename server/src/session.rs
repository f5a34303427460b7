//! Sign-in: accounts, passwords, sessions, cookies.
//!
//! Who signs in again in a browser ends the session that browser had; a store's tablets that share an account each keep their own.
//!
//! A session is 256 random bits in a cookie; the server keeps their BLAKE3 only, so that a copied index opens nothing. Sessions
//! live in a table of their own and nowhere else: it is the one that the journal does not rebuild, and losing it means signing in again.

pub mod accounts;
pub mod agent;
pub mod cookie;
pub mod factor;
pub mod failures;
pub mod folder;
pub mod keys;
pub mod network;
pub mod origin;
pub mod password;
pub mod rate;
pub mod roles;
pub mod team;
pub mod totp;

use serde::{Deserialize, Serialize};
use store::StoreError;
use store_local::{Scratch, ScratchError};

use engine::ViewError;

/// How long a session lasts: a working day with its breaks.
pub const SESSION_MS: u64 = 12 * 3_600_000;
/// Sessions kept at once. Far more than all staff of all members; the oldest go first.
const SESSIONS_MAX: usize = 100_000;
/// First byte of a stored session.
const VERSION: u8 = 2;

base::limits! {
    /// A shared tablet that nobody used for so long is signed out: whoever picks it up next is somebody else.
    IDLE_MINUTES: u64 = 10, "minutes";
    /// Sessions of one account: as many as a store has tablets. Beyond them the one that was not used longest ends.
    SESSIONS_OF_ACCOUNT: usize = 50, "sessions";
}

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
    begun_ms: u64,
    used_ms: u64,
    until_ms: u64,
    /// Of what the account was: a changed password or role ends its sessions.
    fingerprint: String,
    /// Which browser on which system, in a word each.
    browser: String,
}

/// A session, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What it is called by; opens nothing.
    pub id: String,
    /// When it began.
    pub begun_ms: u64,
    /// When it was used last, to the minute.
    pub used_ms: u64,
    /// Which browser on which system.
    pub browser: String,
    /// It is the one that asks.
    pub here: bool,
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

    /// Begins a session for an account whose password, and code where it has a second factor, was just checked.
    pub fn begin(&self, account: &accounts::Account, browser: &str, now_ms: u64) -> Result<SessionToken, ScratchError> {
        if self.table.len() / 2 >= SESSIONS_MAX {
            self.sweep(now_ms)?;
        }
        self.make_room(&account.name, now_ms)?;
        let token = SessionToken::random();
        let stored = Stored {
            account: account.name.clone(),
            begun_ms: now_ms,
            used_ms: now_ms,
            until_ms: now_ms.saturating_add(SESSION_MS),
            fingerprint: fingerprint(account),
            browser: browser.to_owned(),
        };
        self.write(&token.stored(), &stored)?;
        self.table.insert(&of_account(&account.name, &token.stored()), Vec::new())?;
        Ok(token)
    }

    /// The account of a session that is still good: not over, not signed out, its password and role unchanged, its account not ended, and
    /// where many share it, used a moment ago. It is looked up for every request; where that fails, nobody is told to be signed out.
    pub fn account(
        &self,
        token: &SessionToken,
        now_ms: u64,
        find: impl FnOnce(&str) -> Result<Option<accounts::Account>, SessionError>,
    ) -> Result<Option<accounts::Account>, SessionError> {
        let key = token.stored();
        let Some(mut stored) = self.read(&key)? else {
            return Ok(None);
        };
        if stored.until_ms <= now_ms {
            self.forget(&key, &stored.account)?;
            return Ok(None);
        }
        let Some(account) = find(&stored.account)?.filter(|account| fingerprint(account) == stored.fingerprint) else {
            return Ok(None);
        };
        let unused = now_ms.saturating_sub(stored.used_ms);
        if account.role.shared() && unused >= IDLE_MINUTES * 60_000 {
            self.forget(&key, &stored.account)?;
            return Ok(None);
        }
        // To the minute is enough for who looks at a list; a shared one is over by it.
        if unused >= if account.role.shared() { 1 } else { 60_000 } {
            stored.used_ms = now_ms;
            self.write(&key, &stored)?;
        }
        Ok(Some(account))
    }

    /// Ends a session.
    pub fn end(&self, token: &SessionToken) -> Result<(), ScratchError> {
        match self.read(&token.stored())? {
            Some(stored) => self.forget(&token.stored(), &stored.account),
            None => Ok(()),
        }
    }

    /// An account's sessions that are good, the one that was used last first.
    pub fn of(&self, account: &accounts::Account, here: Option<&SessionToken>, now_ms: u64) -> Result<Vec<Seen>, ScratchError> {
        let (here, now) = (here.map(SessionToken::stored), fingerprint(account));
        let mut all = Vec::new();
        for (key, stored) in self.rows_of(&account.name)? {
            if stored.until_ms > now_ms && stored.fingerprint == now {
                let Stored { begun_ms, used_ms, browser, .. } = stored;
                all.push(Seen { id: called(&key), begun_ms, used_ms, browser, here: here == Some(key) });
            }
        }
        all.sort_by_key(|seen| (!seen.here, std::cmp::Reverse(seen.used_ms)));
        Ok(all)
    }

    /// Ends those of an account that this says; another account's are never among them. How many there were.
    pub fn end_of(&self, account: &str, ends: impl Fn(&str) -> bool) -> Result<usize, ScratchError> {
        let mut ended = 0;
        for (key, _) in self.rows_of(account)? {
            if ends(&called(&key)) {
                self.forget(&key, account)?;
                ended += 1;
            }
        }
        Ok(ended)
    }

    /// What a session is called by in a list.
    pub fn id(token: &SessionToken) -> String {
        called(&token.stored())
    }

    /// Where one account has as many as one can have, those that were not used longest go.
    fn make_room(&self, account: &str, now_ms: u64) -> Result<(), ScratchError> {
        let mut all = self.rows_of(account)?;
        all.sort_by_key(|(_, stored)| (stored.until_ms > now_ms, stored.used_ms));
        let surplus = (all.len() + 1).saturating_sub(SESSIONS_OF_ACCOUNT);
        for (n, (key, stored)) in all.iter().enumerate() {
            if n < surplus || stored.until_ms <= now_ms {
                self.forget(key, account)?;
            }
        }
        Ok(())
    }

    fn rows_of(&self, account: &str) -> Result<Vec<([u8; 32], Stored)>, ScratchError> {
        let prefix = of_account(account, &[]);
        let mut all = Vec::new();
        for row in self.table.rows_from(&prefix) {
            let Ok(key) = <[u8; 32]>::try_from(&row?.0[prefix.len()..]) else { continue };
            all.extend(self.read(&key)?.map(|stored| (key, stored)));
        }
        Ok(all)
    }

    fn read(&self, key: &[u8; 32]) -> Result<Option<Stored>, ScratchError> {
        Ok(self.table.get(&session(key))?.and_then(|value| parsed(&value)))
    }

    fn write(&self, key: &[u8; 32], stored: &Stored) -> Result<(), ScratchError> {
        let mut value = vec![VERSION];
        serde_json::to_writer(&mut value, stored).expect("plain data serializes");
        self.table.insert(&session(key), value)
    }

    fn forget(&self, key: &[u8; 32], account: &str) -> Result<(), ScratchError> {
        self.table.remove(&session(key))?;
        self.table.remove(&of_account(account, key))
    }

    /// Forgets sessions that are over; where that is not enough, the first thousand of the table.
    fn sweep(&self, now_ms: u64) -> Result<(), ScratchError> {
        let mut left = 0usize;
        for forced in [false, true] {
            let surplus = left.saturating_sub(SESSIONS_MAX - 1_000);
            if forced && surplus == 0 {
                break;
            }
            for (n, row) in self.table.rows_from(SESSION).enumerate() {
                let (key, value) = row?;
                let stored = parsed(&value);
                let over = stored.as_ref().is_none_or(|stored| stored.until_ms <= now_ms);
                if over || (forced && n < surplus) {
                    self.table.remove(&key)?;
                    if let Some(stored) = stored {
                        self.table.remove(&[ACCOUNT, stored.account.as_bytes(), &[0], &key[1..]].concat())?;
                    }
                } else {
                    left += 1;
                }
            }
        }
        Ok(())
    }
}

/// Beginnings of the two kinds of rows: sessions by their hash, and the hashes of each account's.
const SESSION: &[u8] = b"s";
const ACCOUNT: &[u8] = b"a";

fn session(key: &[u8; 32]) -> Vec<u8> {
    [SESSION, key].concat()
}

fn of_account(account: &str, key: &[u8]) -> Vec<u8> {
    [ACCOUNT, account.as_bytes(), &[0], key].concat()
}

/// The first digits of a session's hash: enough to tell an account's sessions apart.
fn called(key: &[u8; 32]) -> String {
    key[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parsed(value: &[u8]) -> Option<Stored> {
    match value.split_first() {
        Some((&VERSION, json)) => serde_json::from_slice(json).ok(),
        _ => None,
    }
}

/// What a session is bound to: whatever of it changes, the session is over.
pub fn fingerprint(account: &accounts::Account) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [&account.password, account.role.value(), &account.member, account.location.as_deref().unwrap_or_default()] {
        hasher.update(part.as_bytes()).update(&[0]);
    }
    hasher.finalize().to_hex().to_string()
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
    fn a_session_ends_with_time_sign_out_a_new_password_or_another_role() {
        let sessions = Sessions::new(table());
        let token = sessions.begin(&account("phc-1"), "", 1_000).unwrap();
        let whose = |now, is: Account| sessions.account(&token, now, |name| Ok((name == "brand").then_some(is))).unwrap();
        let who = |now, password| whose(now, account(password)).map(|a| a.name);
        assert_eq!(who(1_000, "phc-1").as_deref(), Some("brand"));
        assert_eq!(who(999 + SESSION_MS, "phc-1").as_deref(), Some("brand"));
        assert_eq!(who(1_000, "phc-2"), None, "password changed");
        for fallen in [
            Account { role: Role::Reader, ..account("phc-1") },
            Account { member: "other.example".into(), ..account("phc-1") },
            Account { location: Some("/414/6901234000016".into()), ..account("phc-1") },
        ] {
            assert_eq!(whose(1_000, fallen), None);
        }
        assert_eq!(who(1_000 + SESSION_MS, "phc-1"), None, "over");
        let token = sessions.begin(&account("phc-1"), "", 1_000).unwrap();
        sessions.end(&token).unwrap();
        assert!(sessions.account(&token, 1_001, |_| Ok(Some(account("phc-1")))).unwrap().is_none());
        assert!(sessions.account(&SessionToken::random(), 1_001, |_| Ok(Some(account("phc-1")))).unwrap().is_none());
        assert!(sessions.table.is_empty(), "nothing is left of them");
    }

    #[test]
    fn a_shared_tablet_is_signed_out_when_nobody_used_it() {
        let sessions = Sessions::new(table());
        let tablet = || Account { role: Role::Staff, location: Some("/414/6901234000016".into()), ..account("phc-1") };
        let token = sessions.begin(&tablet(), "", 0).unwrap();
        let good = |now| sessions.account(&token, now, |_| Ok(Some(tablet()))).unwrap().is_some();
        let idle = IDLE_MINUTES * 60_000;
        assert!(good(idle - 1) && good(2 * idle - 2), "each use begins anew");
        assert!(!good(3 * idle - 2) && !good(3 * idle - 2));
        let desk = sessions.begin(&account("phc-1"), "", 0).unwrap();
        assert!(sessions.account(&desk, 5 * idle, |_| Ok(Some(account("phc-1")))).unwrap().is_some(), "a person's own is not");
    }

    #[test]
    fn an_account_sees_and_ends_its_own_and_has_so_many() {
        let sessions = Sessions::new(table());
        let other = Account { name: "brand-two".into(), ..account("phc-1") };
        let foreign = sessions.begin(&other, "Safari, iPadOS", 5).unwrap();
        let first = sessions.begin(&account("phc-1"), "Firefox, Windows", 10).unwrap();
        let second = sessions.begin(&account("phc-1"), "", 20).unwrap();
        sessions.begin(&account("phc-0"), "", 25).unwrap();
        let all = sessions.of(&account("phc-1"), Some(&first), 30).unwrap();
        assert_eq!(all.iter().map(|seen| (seen.here, seen.begun_ms)).collect::<Vec<_>>(), [(true, 10), (false, 20)]);
        assert_eq!(all[0].browser, "Firefox, Windows");
        assert_eq!(sessions.end_of("brand", |id| id == Sessions::id(&foreign)).unwrap(), 0, "another's is not among them");
        assert_eq!(sessions.end_of("brand", |id| id == Sessions::id(&second)).unwrap(), 1);
        assert_eq!(sessions.of(&account("phc-1"), None, 30).unwrap().len(), 1);
        for n in 0..SESSIONS_OF_ACCOUNT as u64 {
            sessions.begin(&account("phc-1"), "", 100 + n).unwrap();
        }
        let all = sessions.of(&account("phc-1"), None, 200).unwrap();
        assert_eq!((all.len(), all.iter().map(|seen| seen.begun_ms).min()), (SESSIONS_OF_ACCOUNT, Some(100)), "the oldest went");
        assert_eq!(sessions.of(&other, None, 200).unwrap().len(), 1);
    }

    #[test]
    fn the_table_does_not_hold_the_secret() {
        let table = table();
        let token = Sessions::new(table.clone()).begin(&account("phc-1"), "", 1_000).unwrap();
        for row in table.rows() {
            let (key, value) = row.unwrap();
            assert!(!key.windows(32).any(|part| part == token.0));
            assert!(!String::from_utf8_lossy(&value).contains(&token.to_string()));
        }
        assert_eq!(SessionToken::parse(&token.to_string()), Some(token));
        assert_eq!(SessionToken::parse("zz"), None);
    }
}
