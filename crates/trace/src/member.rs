//! Members: who they are before governance signs them, and which names belong to them by GS1 prefix.
//!
//! The signed form is `ledger::entry::Member`; here a new version is made from what a person writes, with a message for each
//! way to be wrong.

use ledger::entry::{Custody, Member, Prefix, Status, prefix_flag, role};
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
    /// Prefixes whose owner lets it issue.
    pub delegated: &'a [&'a str],
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
    #[error("{0:?} is no GS1 company prefix: it has 4 to 12 digits, or is a whole GTIN of 14")]
    Prefix(String),
    /// Prefix twice in one request.
    #[error("the prefix {0} stands twice")]
    Twice(String),
    /// Prefix owned by someone else.
    #[error("the prefix {digits} overlaps {other} of {owner}; a prefix has one owner, who may delegate")]
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
    let flagged = |digits: &[&str], flag: u8| digits.iter().map(|d| Prefix { flags: flag, digits: (*d).to_owned() }).collect::<Vec<_>>();
    let prefixes = [flagged(new.owns, prefix_flag::OWNER), flagged(new.delegated, prefix_flag::DELEGATE)].concat();
    for (at, prefix) in prefixes.iter().enumerate() {
        let digits = &prefix.digits;
        if !matches!(digits.len(), 4..=12 | 14) || !digits.bytes().all(|c| c.is_ascii_digit()) {
            return Err(MemberError::Prefix(digits.clone()));
        }
        if digits.len() == 14 && crate::gs1::Gtin::parse(digits).is_err() {
            return Err(MemberError::Prefix(digits.clone()));
        }
        if prefixes[..at].iter().any(|known| known.digits == *digits) {
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
        valid_from: new.valid_from,
        valid_until: u64::MAX,
        since: 0,
        public_key: new.public_key,
        prefixes,
        names: new.names.iter().map(|(language, name)| ((*language).to_owned(), (*name).to_owned())).collect(),
        signature: [0; 64],
    };
    member.check_form().map_err(MemberError::Form)?;
    Ok(member)
}

/// A prefix of ours that one of the other's own prefixes begins with, or the other way round.
fn overlap(ours: &[&str], other: &Member) -> Option<(String, String)> {
    let theirs = other.prefixes.iter().filter(|prefix| prefix.flags & prefix_flag::OWNER != 0);
    theirs.flat_map(|prefix| ours.iter().map(move |digits| (*digits, prefix.digits.as_str()))).find_map(|(digits, theirs)| {
        let covers = |short: &str, long: &str| {
            if long.len() == 14 { short == long || covers_gtin(short, long) } else { long.starts_with(short) }
        };
        (covers(digits, theirs) || covers(theirs, digits)).then(|| (digits.to_owned(), theirs.to_owned()))
    })
}

fn covers_gtin(prefix: &str, gtin: &str) -> bool {
    crate::gs1::Gtin::parse(gtin).is_ok_and(|gtin| gtin.has_prefix(prefix))
}

/// Whether the subject is of the member's own prefix: an item, batch or product by its GTIN, another key by its company digits.
pub fn is_own(member: &Member, name: &Name) -> bool {
    if let Some(gtin) = name.gtin() {
        return member.owns(gtin);
    }
    let Name::Gs1(fields) = name else {
        return false;
    };
    let Some((ai, value)) = fields.first() else {
        return false;
    };
    // Where the company prefix begins in the value: after an indicator, an extension digit or a leading zero.
    let skip = match ai.as_str() {
        "00" | "8003" | "8006" => 1,
        _ => 0,
    };
    let digits = value.get(skip..).unwrap_or_default();
    member.prefixes.iter().any(|prefix| prefix.digits.len() <= 12 && digits.starts_with(&prefix.digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked<'a>(id: &'a str, owns: &'a [&'a str], delegated: &'a [&'a str]) -> NewMember<'a> {
        NewMember {
            id,
            names: &[("en", "Brand"), ("zh", "品牌")],
            owns,
            delegated,
            roles: 0,
            custody: Custody::Own,
            public_key: [7; 32],
            valid_from: 1,
        }
    }

    #[test]
    fn a_prefix_has_one_owner() {
        let brand = new_member(&asked("brand.example", &["9506000"], &[]), []).unwrap();
        assert_eq!((brand.roles, brand.version, brand.prefixes.len()), (role::MEMBER, 1, 1));
        for digits in ["9506000", "950600", "95060001", "09506000134352"] {
            let wrong = new_member(&asked("other.example", &[digits], &[]), [&brand]);
            assert!(matches!(wrong, Err(MemberError::Owned { .. })), "{digits}: {wrong:?}");
        }
        assert!(new_member(&asked("other.example", &["9506001"], &["9506000"]), [&brand]).is_ok(), "delegation is no ownership");
        assert!(new_member(&asked("brand.example", &["9506000"], &[]), [&brand]).is_ok(), "its own next request");
    }

    #[test]
    fn wrong_requests_are_refused() {
        for digits in ["", "950", "9506000123456", "95060a", "09506000134353"] {
            assert_eq!(new_member(&asked("a", &[digits], &[]), []), Err(MemberError::Prefix(digits.into())));
        }
        assert_eq!(new_member(&asked("a", &["9506"], &["9506"]), []), Err(MemberError::Twice("9506".into())));
        for id in ["", "Brand", "a b", "品牌"] {
            assert!(matches!(new_member(&asked(id, &[], &[]), []), Err(MemberError::Form(_))), "{id}");
        }
        let unnamed = NewMember { names: &[], ..asked("a", &[], &[]) };
        assert!(matches!(new_member(&unnamed, []), Err(MemberError::Form(_))));
    }

    #[test]
    fn own_names() {
        let brand = new_member(&asked("brand.example", &["9506000"], &[]), []).unwrap();
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
