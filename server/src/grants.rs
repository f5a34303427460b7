//! Giving and ending the permissions by which others speak of an owner's goods.

use ed25519_dalek::SigningKey;
use ledger::Key;
use ledger::entry::{Custody, Grant};
use ledger::name::Name;

use engine::{Accepted, Engine, Submission, SubmitError};

/// Why a permission was not given.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// Nobody has this id.
    #[error("{0} is no member of this ledger")]
    Unknown(String),
    /// It has to be signed elsewhere.
    #[error("{0} keeps its own key, so it signs this permission itself: `leafproof grant add … --out FILE --key KEY` on its side")]
    OwnKey(String),
    /// The key that this service should keep is not there.
    #[error("this server does not hold the key of {0}; restore the keys directory")]
    NoKey(String),
    /// There is nothing to end.
    #[error("{owner} lets {partner} do nothing, so there is nothing to end")]
    Nothing {
        /// The owner.
        owner: String,
        /// The partner.
        partner: String,
    },
    /// The ledger refuses it.
    #[error(transparent)]
    Refused(#[from] SubmitError),
}

/// The next version of a permission, not signed; rights 0 end it.
pub fn next(engine: &Engine, owner: &str, partner: &str, rights: u16, scopes: Vec<String>) -> Result<Grant, GrantError> {
    let view = engine.view();
    let (owner_key, partner_key) = (Name::member_key(owner), Name::member_key(partner));
    for (id, key) in [(owner, &owner_key), (partner, &partner_key)] {
        view.rights().member(key).ok_or_else(|| GrantError::Unknown(id.to_owned()))?;
    }
    let newest = view.rights().grant_of(&owner_key, &partner_key);
    if rights == 0 && newest.is_none_or(|grant| grant.rights == 0) {
        return Err(GrantError::Nothing { owner: owner.to_owned(), partner: partner.to_owned() });
    }
    Ok(unsigned(owner_key, partner_key, newest.map_or(0, |grant| grant.version) + 1, rights, scopes))
}

/// A version of a permission for all time, to be signed.
pub fn unsigned(owner: Key, partner: Key, version: u32, rights: u16, scopes: Vec<String>) -> Grant {
    Grant { owner, partner, version, rights, valid_from: 0, valid_until: u64::MAX, scopes, signature: [0; 64] }
}

/// Signs it, with the owner's own key where that is at hand, else with the one that this service keeps for it; and puts it into the ledger.
pub async fn give(engine: &Engine, mut grant: Grant, own: Option<&SigningKey>) -> Result<Accepted, GrantError> {
    let origin = engine.keys().origin().to_owned();
    match own {
        Some(key) => grant.sign(&origin, key),
        None => {
            let view = engine.view();
            let owner = view.rights().member(&grant.owner).ok_or_else(|| GrantError::Unknown(grant.owner.to_string()))?;
            if owner.custody == Custody::Own {
                return Err(GrantError::OwnKey(owner.id.clone()));
            }
            let key = engine.keys().member(&owner.public_key).ok_or_else(|| GrantError::NoKey(owner.id.clone()))?;
            grant.sign(&origin, &key);
        }
    }
    Ok(engine.submit(Submission::Grant(Box::new(grant))).await?)
}
