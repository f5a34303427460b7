//! By whose right an event speaks about a subject, and the lists that follow from it: each right has lists of its own, so that what is
//! declared falsely lands where nobody looks.

use super::error::{EntryError, require};
use crate::bytes::Reader;
#[cfg(not(feature = "small"))]
use crate::bytes::Writer;
use crate::hash::{HASH_LEN, Hash, Key, dk};
use crate::prelude::*;

/// Most authorities of an event: the owners of its goods, its container and its inputs.
pub const MAX_AUTHORITIES: usize = 8;

/// The right that an author claims for what it says about a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Authority {
    /// The owner of the subject's number, by its member key: the author is that owner, or holds its grant.
    Owner(Key),
    /// A role that governance gave the author: a regulator's, or an independent's.
    Governance,
    /// Nobody owns the number, whose digits stand here, followed by zeros: so that whoever checks a log can tell.
    Unowned(Key),
    /// None.
    Claim,
}

/// Which of a subject's lists under one authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ListKind {
    /// Entries that name the subject.
    Own = 0,
    /// Movements of its parts, where it is a product or a batch.
    Bulk = 1,
    /// Entries that make goods of this batch.
    Made = 2,
}

impl Authority {
    /// Its 33 bytes.
    pub fn bytes(&self) -> [u8; 1 + HASH_LEN] {
        let mut bytes = [0; 1 + HASH_LEN];
        bytes[0] = match self {
            Self::Owner(_) => 1,
            Self::Governance => 2,
            Self::Unowned(_) => 3,
            Self::Claim => 4,
        };
        if let Self::Owner(key) | Self::Unowned(key) = self {
            bytes[1..].copy_from_slice(key.as_bytes());
        }
        bytes
    }

    /// Of a number that nobody owns; of a name without a number, with no digits.
    pub fn unowned(digits: &str) -> Self {
        let mut bytes = [0; HASH_LEN];
        let digits = digits.as_bytes().get(..HASH_LEN).unwrap_or(digits.as_bytes());
        bytes[..digits.len()].copy_from_slice(digits);
        Self::Unowned(Key(bytes.into()))
    }

    /// The digits of a number that nobody owns.
    pub fn unowned_digits(&self) -> Option<&str> {
        let Self::Unowned(key) = self else {
            return None;
        };
        let end = key.as_bytes().iter().position(|c| *c == 0).unwrap_or(HASH_LEN);
        crate::text::utf8(key.as_bytes().get(..end)?)
    }

    /// The owner it names.
    pub const fn owner(&self) -> Option<&Key> {
        match self {
            Self::Owner(key) => Some(key),
            _ => None,
        }
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, EntryError> {
        let (kind, key) = (r.u8(), r.key());
        let authority = match kind {
            1 => return Ok(Self::Owner(key)),
            2 => Self::Governance,
            3 => {
                let unowned = Self::Unowned(key);
                let canonical = unowned.unowned_digits().is_some_and(|digits| Self::unowned(digits) == unowned && is_digits(digits));
                return if canonical { Ok(unowned) } else { Err(EntryError::Authority) };
            }
            4 => Self::Claim,
            // Past the end everything reads as zeros; that the entry ends too early is found first.
            _ => return Err(EntryError::Authority),
        };
        require(key.0 == Hash::ZERO, EntryError::Authority)?;
        Ok(authority)
    }

    #[cfg(not(feature = "small"))]
    pub(super) fn write(&self, out: &mut Writer) {
        out.put(&self.bytes());
    }

    /// The map key of a subject's list under this authority. All lists of a subject begin alike, so that one path of the map
    /// leads to all of them.
    pub fn list(&self, kind: ListKind, subject: &Key) -> Key {
        beside(subject, &dk("leafproof list v2", &[&[kind as u8], &self.bytes(), subject.as_bytes()]))
    }
}

/// The map key of the list of an owner's grants to a partner, beside the owner's own list.
pub fn grant_list(owner: &Key, partner: &Key) -> Key {
    beside(owner, &dk("leafproof grant v1", &[owner.as_bytes(), partner.as_bytes()]))
}

/// The first half of one key, and the first half of a hash.
fn beside(key: &Key, hash: &Hash) -> Key {
    const HALF: usize = HASH_LEN / 2;
    let mut bytes = *key.as_bytes();
    bytes[HALF..].copy_from_slice(&hash.as_bytes()[..HALF]);
    Key(bytes.into())
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_digit())
}

/// Reads an event's authorities.
pub(super) fn read_all(r: &mut Reader<'_>) -> Result<Vec<Authority>, EntryError> {
    let mut authorities: Vec<Authority> = Vec::new();
    for _ in 0..r.count8() {
        r.whole()?;
        authorities.push(Authority::read(r)?);
    }
    Ok(authorities)
}
