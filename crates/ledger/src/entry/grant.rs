//! GRANT: what the owner of numbers lets a partner say about them. Signed by the owner.

use super::EntryError;
use super::authority::grant_list;
use super::error::require;
#[cfg(not(feature = "small"))]
use super::member::write_scopes;
use super::member::{check_scopes, in_scopes, read_scopes};
#[cfg(not(feature = "small"))]
use crate::bytes::Writer;
use crate::bytes::{Bytes, Reader};
use crate::hash::Key;
use crate::prelude::*;
#[cfg(not(feature = "small"))]
use ed25519_dalek::{Signer as _, SigningKey};

/// Most versions of one owner's grant to one partner: a phone reads all of them.
pub const MAX_GRANT_VERSIONS: u32 = 64;

/// What a partner may do.
pub mod right {
    /// Number goods: bring them into being, be their transformation.
    pub const ISSUE: u16 = 1;
    /// Record what happens to them.
    pub const RECORD: u16 = 2;
    /// Pack and unpack them.
    pub const PACK: u16 = 4;
    /// Give their dates, where the owner gave none.
    pub const DATES: u16 = 8;
    /// Describe them.
    pub const WORDS: u16 = 16;
    /// Raise alerts.
    pub const ALERT: u16 = 32;
    /// Receive shoppers' letters.
    pub const STORE: u16 = 64;
    /// Name them as inputs.
    pub const INPUT: u16 = 128;
    /// Receive shoppers' contact data with their letters.
    pub const CONTACT: u16 = 256;
    /// All bits that mean something.
    pub const KNOWN: u16 = 511;
}

/// One version of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Member key of the owner.
    pub owner: Key,
    /// Member key of the partner.
    pub partner: Key,
    /// From 1, without gaps.
    pub version: u32,
    /// Bits of [`right`]; none: it has ended.
    pub rights: u16,
    /// First millisecond for which it holds.
    pub valid_from: u64,
    /// Last.
    pub valid_until: u64,
    /// Beginnings of the numbers that it is about; none: all of the owner's.
    pub scopes: Vec<String>,
    /// Of the owner's key, over [`super::message`].
    pub signature: Bytes<64>,
}

impl Grant {
    /// The key of its list.
    pub fn key(&self) -> Key {
        grant_list(&self.owner, &self.partner)
    }

    /// The rights that it gives at this time over goods of this number; where the number is not known, over any.
    pub fn rights_at(&self, logged_ms: u64, digits: Option<&str>) -> u16 {
        let in_time = self.valid_from <= logged_ms && logged_ms <= self.valid_until;
        let in_scope = digits.is_none_or(|digits| in_scopes(&self.scopes, digits));
        if in_time && in_scope { self.rights } else { 0 }
    }

    /// The rules of form.
    pub fn check_form(&self) -> Result<(), EntryError> {
        let counted = (1..=MAX_GRANT_VERSIONS).contains(&self.version);
        let known = self.rights & !right::KNOWN == 0;
        require(counted && known && self.owner != self.partner && self.valid_from <= self.valid_until, EntryError::Grant)?;
        check_scopes(&self.scopes)
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, EntryError> {
        Ok(Self {
            owner: r.key(),
            partner: r.key(),
            version: r.u32(),
            rights: r.u16(),
            valid_from: r.u64(),
            valid_until: r.u64(),
            scopes: read_scopes(r)?,
            signature: r.array(),
        })
    }
}

/// Of a version that may not be in the log yet.
#[cfg(not(feature = "small"))]
impl Grant {
    /// What the owner signs.
    pub fn message(&self, origin: &str) -> Vec<u8> {
        let mut out = Writer::new();
        out.put(super::GRANT_CONTEXT).s8(origin.as_bytes());
        self.write_unsigned(&mut out);
        out.finish()
    }

    /// Sets the signature.
    pub fn sign(&mut self, origin: &str, owner: &SigningKey) {
        self.signature = owner.sign(&self.message(origin)).to_bytes();
    }

    /// True if this key signed this version for this ledger.
    pub fn verify(&self, origin: &str, public_key: &[u8; 32]) -> bool {
        crate::ed25519::verify_strict(public_key, &self.message(origin), &self.signature)
    }

    pub(super) fn write(&self, out: &mut Writer) {
        self.write_unsigned(out);
        out.put(&self.signature);
    }

    fn write_unsigned(&self, out: &mut Writer) {
        out.put(self.owner.as_bytes()).put(self.partner.as_bytes()).u32(self.version).u16(self.rights);
        out.u64(self.valid_from).u64(self.valid_until);
        write_scopes(out, &self.scopes);
    }
}
