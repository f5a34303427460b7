//! Members: who they are before governance signs them, and which names belong to them by GS1 prefix.
//!
//! The signed form is `ledger::entry::Member`; here a new version is made from what a person writes, with a message for each
//! way to be wrong.

use ledger::entry::{Custody, Member, Status, role};
use ledger::name::Name;
use thiserror::Error;

/// What governance is asked to sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMember<'a> {
    /// Id, e.g. `beihe.example`.
    pub id: &'a str,
    /// Language and name.
    pub names: &'a [(&'a str, &'a str)],
    /// GS1 company prefixes it owns.
    pub owns: &'a [&'a str],
    /// Of an independent: bits of `ledger::entry::level`.
    pub levels: u8,
    /// Of an independent: beginnings of the numbers that it may speak of; none: all.
    pub scopes: &'a [&'a str],
    /// Bits of `ledger::entry::role`; the role of a member is added.
    pub roles: u16,
    /// Who keeps the key.
    pub custody: Custody,
    /// Ed25519 public key.
    pub public_key: [u8; 32],
    /// First millisecond at which it may sign.
    pub valid_from: u64,
}

/// Why a member cannot be made so.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MemberError {
    /// Prefix of wrong form.
    #[error("{0:?} is no GS1 company prefix: it has 4 to 12 digits, or the 13 of one product (its GTIN without the first digit)")]
    Prefix(String),
    /// Prefix twice in one request.
    #[error("the prefix {0} stands twice")]
    Twice(String),
    /// Prefix owned by someone else.
    #[error(
        "the prefix {digits} overlaps {other} of {owner}; a prefix has one owner, who may let others speak of its goods (leafproof grant add)"
    )]
    Owned {
        /// Asked for.
        digits: String,
        /// Already there.
        other: String,
        /// Its owner.
        owner: String,
    },
    /// Another rule of form.
    #[error("the member cannot be recorded: {0}")]
    Form(ledger::entry::EntryError),
}

/// Version 1 of a member, not yet signed. `others` are the governing versions of all other members.
pub fn new_member<'a>(new: &NewMember<'_>, others: impl IntoIterator<Item = &'a Member>) -> Result<Member, MemberError> {
    let prefixes: Vec<String> = new.owns.iter().map(|digits| (*digits).to_owned()).collect();
    for (at, digits) in prefixes.iter().enumerate() {
        if !matches!(digits.len(), 4..=13) || !digits.bytes().all(|c| c.is_ascii_digit()) {
            return Err(MemberError::Prefix(digits.clone()));
        }
        if prefixes[..at].contains(digits) {
            return Err(MemberError::Twice(digits.clone()));
        }
    }
    for other in others.into_iter().filter(|other| other.id != new.id) {
        if let Some((digits, theirs)) = overlap(new.owns, other) {
            return Err(MemberError::Owned { digits, other: theirs, owner: other.id.clone() });
        }
    }
    let member = Member {
        id: new.id.to_owned(),
        version: 1,
        status: Status::Active,
        custody: new.custody,
        roles: new.roles | role::MEMBER,
        levels: new.levels,
        scopes: new.scopes.iter().map(|digits| (*digits).to_owned()).collect(),
        valid_from: new.valid_from,
        valid_until: u64::MAX,
        since: 0,
        public_key: new.public_key,
        prefixes,
        names: new.names.iter().map(|(language, name)| ((*language).to_owned(), (*name).to_owned())).collect(),
        consent: None,
        signature: [0; 64],
    };
    member.check_form().map_err(MemberError::Form)?;
    Ok(member)
}

/// A prefix of ours that one of the other's own prefixes begins with, or the other way round.
fn overlap(ours: &[&str], other: &Member) -> Option<(String, String)> {
    let clash = |ours: &str, theirs: &String| ours.starts_with(theirs.as_str()) || theirs.starts_with(ours);
    let pair = other.prefixes.iter().find_map(|theirs| ours.iter().find(|ours| clash(ours, theirs)).map(|ours| (ours, theirs)));
    pair.map(|(ours, theirs)| ((*ours).to_owned(), theirs.clone()))
}

/// Whether the subject is of the member's own prefix: an item, batch or product by its GTIN, another key by its company digits.
pub fn is_own(member: &Member, name: &Name) -> bool {
    name.digits().is_some_and(|digits| member.prefixes.iter().any(|prefix| digits.starts_with(prefix.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked<'a>(id: &'a str, owns: &'a [&'a str]) -> NewMember<'a> {
        NewMember {
            id,
            names: &[("en", "Brand"), ("zh", "品牌")],
            owns,
            levels: 0,
            scopes: &[],
            roles: 0,
            custody: Custody::Own,
            public_key: [7; 32],
            valid_from: 1,
        }
    }

    #[test]
    fn a_prefix_has_one_owner() {
        let brand = new_member(&asked("brand.example", &["9506000"]), []).unwrap();
        assert_eq!((brand.roles, brand.version, brand.prefixes.len()), (role::MEMBER, 1, 1));
        for digits in ["9506000", "950600", "95060001", "9506000134352"] {
            let wrong = new_member(&asked("other.example", &[digits]), [&brand]);
            assert!(matches!(wrong, Err(MemberError::Owned { .. })), "{digits}: {wrong:?}");
        }
        assert!(new_member(&asked("other.example", &["9506001"]), [&brand]).is_ok());
        assert!(new_member(&asked("brand.example", &["9506000"]), [&brand]).is_ok(), "its own next request");
    }

    #[test]
    fn wrong_requests_are_refused() {
        for digits in ["", "950", "95060a", "09506000134353"] {
            assert_eq!(new_member(&asked("a", &[digits]), []), Err(MemberError::Prefix(digits.into())));
        }
        assert_eq!(new_member(&asked("a", &["9506", "9506"]), []), Err(MemberError::Twice("9506".into())));
        for id in ["", "Brand", "a b", "品牌"] {
            assert!(matches!(new_member(&asked(id, &[]), []), Err(MemberError::Form(_))), "{id}");
        }
        let unnamed = NewMember { names: &[], ..asked("a", &[]) };
        assert!(matches!(new_member(&unnamed, []), Err(MemberError::Form(_))));
    }

    #[test]
    fn own_names() {
        let brand = new_member(&asked("brand.example", &["9506000"]), []).unwrap();
        let own = |path: &str| is_own(&brand, &Name::from_digital_link_path(path).unwrap());
        for path in [
            "/01/09506000134352/21/1",
            "/01/09506000134352/10/L",
            "/01/19506000134359",
            "/00/095060000000000016",
            "/414/9506000000015",
            "/8003/09506000000015",
            "/8004/9506000X",
        ] {
            assert!(own(path), "{path}");
        }
        for path in ["/01/09506001134351", "/414/9506001000014", "/00/995060010000000010", "/8004/19506000"] {
            assert!(!own(path), "{path}");
        }
        assert!(!is_own(&brand, &Name::Printed("9506000".into())));
    }
}
