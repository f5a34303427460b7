//! Keys for a member's programs: made, listed and ended by its owners, and on the command line.

use engine::{Engine, StateError};
use store::StoreError;
use store::record::deed::{Act, Change};
use store::record::{ApiKey, Scope};
use store::table::API_KEYS;

use super::team;

base::limits! {
    /// Keys of one member that are good: one for each of its programs.
    KEYS_OF_MEMBER: usize = 50, "keys";
    /// Letters that say what a key is for.
    KEY_LABEL_CHARS: usize = 60, "characters";
    /// Keys of all members that are looked through for those of one.
    KEYS_LOOKED_AT: usize = 50_000, "keys";
}

/// Digits of a key's id: enough to tell all keys apart, and nothing of the key.
const ID_DIGITS: usize = 16;
/// Random bytes of a key.
const KEY_BYTES: usize = 20;

/// Why a key is not made.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// It does not say what it is for.
    #[error("say what the key is for, in 1 to {KEY_LABEL_CHARS} characters")]
    Label,
    /// It would open nothing.
    #[error("a key opens one thing at least: capture, query, letters")]
    Nothing,
    /// As many as there can be.
    #[error("a member has at most {KEYS_OF_MEMBER} keys that are good: end one first")]
    Full,
    /// As much was done in the last 24 hours as can be.
    #[error("as much was done to this member's accounts in 24 hours as can be")]
    ManyToday,
    /// It could not be kept.
    #[error(transparent)]
    State(#[from] StateError),
    /// The tables.
    #[error(transparent)]
    Index(#[from] StoreError),
}

/// What a key is called by where the key itself must not stand.
pub fn id(key: &ApiKey) -> String {
    let mut digits = key.hash.to_string();
    digits.truncate(ID_DIGITS);
    digits
}

/// A member's keys that are good, the newest first.
pub fn of(engine: &Engine, member: &str) -> Result<Vec<ApiKey>, StoreError> {
    let mut found = Vec::new();
    for row in engine.index().json_rows::<ApiKey>(API_KEYS, &[]).take(KEYS_LOOKED_AT) {
        found.extend(Some(row?.1).filter(|key| key.member == member && !key.revoked));
    }
    found.sort_by(|one, two| (two.created_ms, &two.hash.0).cmp(&(one.created_ms, &one.hash.0)));
    Ok(found)
}

/// Makes a key; its text is said this once and kept nowhere. `by` is empty where who runs the service does it.
pub async fn make(engine: &Engine, member: &str, by: &str, label: &str, scopes: &[Scope]) -> Result<String, KeyFault> {
    let _turn = team::turn().await;
    let label = label.trim();
    if !(1..=KEY_LABEL_CHARS).contains(&label.chars().count()) || label.chars().any(char::is_control) {
        return Err(KeyFault::Label);
    }
    let scopes: Vec<Scope> = Scope::ALL.into_iter().filter(|scope| scopes.contains(scope)).collect();
    if scopes.is_empty() {
        return Err(KeyFault::Nothing);
    }
    if !by.is_empty() && matches!(team::room(engine, member), Err(team::TeamFault::ManyToday)) {
        return Err(KeyFault::ManyToday);
    }
    if of(engine, member)?.len() >= KEYS_OF_MEMBER {
        return Err(KeyFault::Full);
    }
    let text: String = base::random::bytes::<KEY_BYTES>().iter().map(|byte| format!("{byte:02x}")).collect();
    let key = ApiKey {
        hash: ledger::hash(text.as_bytes()),
        member: member.to_owned(),
        label: label.to_owned(),
        created_ms: engine.now_ms(),
        scopes: scopes.clone(),
        revoked: false,
    };
    let mut deed = team::deed(engine, member, by, Act::KeyMade, &id(&key));
    deed.detail = scopes.iter().map(|scope| scope.value()).collect::<Vec<_>>().join(" ");
    deed.changes.push(Change::Key(key));
    team::keep(engine, deed).await?;
    Ok(text)
}

/// Ends a key: it opens nothing more.
pub async fn end(engine: &Engine, by: &str, key: ApiKey) -> Result<ApiKey, KeyFault> {
    let _turn = team::turn().await;
    let ended = ApiKey { revoked: true, ..key };
    let mut deed = team::deed(engine, &ended.member, by, Act::KeyEnded, &id(&ended));
    deed.changes.push(Change::Key(ended.clone()));
    team::keep(engine, deed).await?;
    Ok(ended)
}
