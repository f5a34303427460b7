//! The second factor of an account: a secret that an authenticator app shares, and recovery codes for the day when the phone is lost.
//!
//! The secret stands in no record and no file: it is made from a random seed with a secret of this server, and so are the hashes of
//! recovery codes. A copied journal gives neither.

use engine::{Engine, StateError};
use store::StoreError;
use store::record::deed::{Act, Change, Factor};

use super::accounts::Account;
use super::{team, totp};

base::limits! {
    /// Recovery codes of an account: for some lost phones, and few enough to be kept on a slip of paper.
    RECOVERY_CODES: usize = 10, "codes";
}

/// Letters of a recovery code, five bits each.
const CODE_LETTERS: usize = 10;

/// Why a second factor is not changed.
#[derive(Debug, thiserror::Error)]
pub enum FactorFault {
    /// The code does not fit.
    #[error("the code does not fit")]
    Wrong,
    /// There is one.
    #[error("it is on already")]
    Already,
    /// There is none.
    #[error("it is off")]
    None,
    /// The owner asks it of all.
    #[error("it is asked of every account")]
    Required,
    /// It could not be kept.
    #[error(transparent)]
    State(#[from] StateError),
    /// The tables.
    #[error(transparent)]
    Index(#[from] StoreError),
}

/// What a secret is made from.
pub fn seed() -> String {
    format!("{:032x}", u128::from_be_bytes(base::random::bytes()))
}

/// The secret that the app keeps.
pub fn secret(engine: &Engine, account: &str, seed: &str) -> [u8; totp::SECRET_BYTES] {
    let mut hasher = blake3::Hasher::new_keyed(&engine.secret("second factors"));
    hasher.update(account.as_bytes()).update(&[0]).update(seed.as_bytes());
    let mut secret = [0; totp::SECRET_BYTES];
    hasher.finalize_xof().fill(&mut secret);
    secret
}

/// The hash of a recovery code, as it was typed: capitals, blanks and dashes are nothing.
fn hash(engine: &Engine, account: &str, typed: &str) -> String {
    let code: String = typed.to_lowercase().chars().filter(|sign| sign.is_ascii_alphanumeric()).collect();
    let mut hasher = blake3::Hasher::new_keyed(&engine.secret("recovery codes"));
    hasher.update(account.as_bytes()).update(&[0]).update(code.as_bytes());
    hasher.finalize().to_hex().to_string()
}

/// New codes and their hashes.
fn codes(engine: &Engine, account: &str) -> (Vec<String>, Vec<String>) {
    let letters = |bytes: [u8; CODE_LETTERS]| -> String {
        bytes.map(|byte| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[usize::from(byte % 32)])).iter().collect()
    };
    let codes: Vec<String> = (0..RECOVERY_CODES)
        .map(|_| letters(base::random::bytes()))
        .map(|code| format!("{}-{}", &code[..CODE_LETTERS / 2], &code[CODE_LETTERS / 2..]))
        .collect();
    let hashes = codes.iter().map(|code| hash(engine, account, code)).collect();
    (codes, hashes)
}

async fn keep(engine: &Engine, account: &Account, act: Act, factor: Factor) -> Result<(), StateError> {
    let mut deed = team::deed(engine, &account.member, &account.name, act, &account.name);
    deed.changes.push(Change::Factor(factor));
    team::keep(engine, deed).await
}

/// Switches it on, once a code shows that the app has the secret; the recovery codes, which are shown this once.
pub async fn switch_on(engine: &Engine, account: &Account, seed: &str, typed: &str) -> Result<Vec<String>, FactorFault> {
    let _turn = team::turn().await;
    if engine.index().factor(&account.name)?.is_some() {
        return Err(FactorFault::Already);
    }
    let given = totp::digits(typed).ok_or(FactorFault::Wrong)?;
    let secret = secret(engine, &account.name, seed);
    let step = totp::accepts(&secret, given, engine.now_ms(), 0).ok_or(FactorFault::Wrong)?;
    let (codes, hashes) = codes(engine, &account.name);
    let factor = Factor { account: account.name.clone(), seed: seed.to_owned(), since_ms: engine.now_ms(), step, codes: hashes };
    keep(engine, account, Act::FactorOn, factor).await?;
    Ok(codes)
}

/// Switches it off, unless it is asked of every account.
pub async fn switch_off(engine: &Engine, account: &Account) -> Result<(), FactorFault> {
    let _turn = team::turn().await;
    if team::needs_factor(engine, &account.member)? {
        return Err(FactorFault::Required);
    }
    engine.index().factor(&account.name)?.ok_or(FactorFault::None)?;
    Ok(keep(engine, account, Act::FactorOff, team::no_factor(&account.name)).await?)
}

/// Makes new recovery codes; the old ones are good no more.
pub async fn renew(engine: &Engine, account: &Account) -> Result<Vec<String>, FactorFault> {
    let _turn = team::turn().await;
    let factor = engine.index().factor(&account.name)?.ok_or(FactorFault::None)?;
    let (codes, hashes) = codes(engine, &account.name);
    keep(engine, account, Act::CodesMade, Factor { codes: hashes, ..factor }).await?;
    Ok(codes)
}

/// Whether what was typed is a code of now, or a recovery code, that was not used; used it is when this returns.
pub async fn passes(engine: &Engine, account: &Account, typed: &str) -> Result<bool, FactorFault> {
    let _turn = team::turn().await;
    // Taken off while somebody was typing: then nothing more is asked.
    let Some(factor) = engine.index().factor(&account.name)? else { return Ok(true) };
    if let Some(given) = totp::digits(typed) {
        let secret = secret(engine, &account.name, &factor.seed);
        let Some(step) = totp::accepts(&secret, given, engine.now_ms(), factor.step) else { return Ok(false) };
        keep(engine, account, Act::StepUsed, Factor { step, ..factor }).await?;
        return Ok(true);
    }
    let hash = hash(engine, &account.name, typed);
    let left: Vec<String> = factor.codes.iter().filter(|code| **code != hash).cloned().collect();
    if left.len() == factor.codes.len() {
        return Ok(false);
    }
    keep(engine, account, Act::CodeUsed, Factor { codes: left, ..factor }).await?;
    Ok(true)
}
