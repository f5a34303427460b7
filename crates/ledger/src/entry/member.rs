//! MEMBER: who a member is, which key signs for it, and which GS1 prefixes it owns. Signed by the governance key.

use crate::prelude::*;
#[cfg(not(feature = "small"))]
use ed25519_dalek::{Signer as _, SigningKey};

use super::EntryError;
use super::event::require;
use crate::bytes::Reader;
#[cfg(not(feature = "small"))]
use crate::bytes::Writer;
use crate::hash::Key;
use crate::name::{Name, is_member_id, is_plain};
use crate::text::utf8;

/// Most prefixes of a member.
pub const MAX_PREFIXES: usize = 64;
/// Most names.
pub const MAX_NAMES: usize = 8;

/// Roles of a member.
pub mod role {
    /// Records events.
    pub const MEMBER: u16 = 1;
    /// A regulator.
    pub const REGULATOR: u16 = 2;
    /// May erase the words of others.
    pub const ERASE: u16 = 4;
    /// Operates the ledger.
    pub const OPERATOR: u16 = 8;
    /// All bits that mean something.
    pub const KNOWN: u16 = MEMBER | REGULATOR | ERASE | OPERATOR;
}

/// Flags of a prefix.
pub mod prefix_flag {
    /// The prefix is the member's own.
    pub const OWNER: u8 = 1;
    /// Its owner lets the member issue under it.
    pub const DELEGATE: u8 = 2;
}

/// Whether a version's key may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// It may.
    Active = 1,
    /// Not any more.
    Retired = 2,
    /// It got into other hands, at the time `since`.
    Compromised = 3,
}

/// Who keeps the private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Custody {
    /// The member itself.
    Own = 1,
    /// The service.
    Held = 2,
}

/// A GS1 prefix under which a member may issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// Bits of [`prefix_flag`].
    pub flags: u8,
    /// 4 to 12 digits, or a whole GTIN of 14.
    pub digits: String,
}

/// One version of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: String,
    /// From 1, without gaps.
    pub version: u32,
    /// Status.
    pub status: Status,
    /// Who keeps the key.
    pub custody: Custody,
    /// Bits of [`role`].
    pub roles: u16,
    /// First millisecond at which it may sign.
    pub valid_from: u64,
    /// Last.
    pub valid_until: u64,
    /// When the key was compromised; else 0.
    pub since: u64,
    /// Ed25519 public key.
    pub public_key: [u8; 32],
    /// Prefixes.
    pub prefixes: Vec<Prefix>,
    /// Language and name.
    pub names: Vec<(String, String)>,
    /// Of the governance key, over [`Member::message`].
    pub signature: [u8; 64],
}

/// Of a version that may not be in the log yet.
#[cfg(not(feature = "small"))]
impl Member {
    /// What the governance key signs.
    pub fn message(&self, origin: &str) -> Vec<u8> {
        let mut out = Writer::new();
        out.put(super::MEMBER_CONTEXT).s8(origin.as_bytes());
        self.write_unsigned(&mut out);
        out.finish()
    }

    /// Sets the signature.
    pub fn sign(&mut self, origin: &str, governance: &SigningKey) {
        self.signature = governance.sign(&self.message(origin)).to_bytes();
    }

    /// True if the governance key signed this version for this ledger.
    pub fn verify(&self, origin: &str, governance: &[u8; 32]) -> bool {
        crate::ed25519::verify_strict(governance, &self.message(origin), &self.signature)
    }

    pub(super) fn write(&self, out: &mut Writer) {
        self.write_unsigned(out);
        out.put(&self.signature);
    }

    fn write_unsigned(&self, out: &mut Writer) {
        out.s8(self.id.as_bytes()).u32(self.version).u8(self.status as u8).u8(self.custody as u8).u16(self.roles);
        out.u64(self.valid_from).u64(self.valid_until).u64(self.since).put(&self.public_key);
        out.count8(self.prefixes.len());
        for prefix in &self.prefixes {
            out.u8(prefix.flags).s8(prefix.digits.as_bytes());
        }
        out.count8(self.names.len());
        for (language, name) in &self.names {
            out.s8(language.as_bytes()).s16(name.as_bytes());
        }
    }
}

impl Member {
    /// The key of its list.
    pub fn key(&self) -> Key {
        Name::member_key(&self.id)
    }

    /// True if this version's key may sign at this time.
    pub const fn may_sign(&self, logged_ms: u64) -> bool {
        matches!(self.status, Status::Active) && self.valid_from <= logged_ms && logged_ms <= self.valid_until
    }

    /// True if the member may issue items of this GTIN (14 digits).
    pub fn owns(&self, gtin: &str) -> bool {
        self.prefixes.iter().any(|prefix| {
            let digits = prefix.digits.as_str();
            // Padded GTIN-8s have no company prefix that could be told from the padding.
            let by_prefix = !gtin.starts_with("000000") && digits.len() <= 12;
            digits == gtin || by_prefix && gtin.get(1..1 + digits.len()) == Some(digits)
        })
    }

    /// The rules of form.
    pub fn check_form(&self) -> Result<(), EntryError> {
        use EntryError as E;
        require(is_member_id(self.id.as_bytes()), E::MemberId)?;
        require(self.version > 0, E::MemberVersionZero)?;
        require(self.roles & !role::KNOWN == 0 && self.roles != 0, E::MemberRoles)?;
        require(self.valid_from <= self.valid_until, E::MemberValidity)?;
        require(self.prefixes.len() <= MAX_PREFIXES, E::MemberPrefix)?;
        for prefix in &self.prefixes {
            let digits = prefix.digits.as_bytes();
            let long = matches!(digits.len(), 4..=12 | 14) && digits.iter().all(u8::is_ascii_digit);
            require(long && (1..=3).contains(&prefix.flags), E::MemberPrefix)?;
        }
        require((1..=MAX_NAMES).contains(&self.names.len()), E::MemberNames)?;
        for (i, (language, name)) in self.names.iter().enumerate() {
            let tag = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
            let plain = !language.is_empty() && language.bytes().all(tag) && !name.is_empty() && is_plain(name);
            let once = self.names[..i].iter().all(|(other, _)| other != language);
            require(plain && once, E::MemberNames)?;
        }
        Ok(())
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, EntryError> {
        let mut member = Self {
            id: text(r.s8(), EntryError::MemberId)?,
            version: r.u32(),
            status: match r.u8() {
                1 => Status::Active,
                2 => Status::Retired,
                3 => Status::Compromised,
                _ => return Err(EntryError::MemberStatus),
            },
            custody: match r.u8() {
                1 => Custody::Own,
                2 => Custody::Held,
                _ => return Err(EntryError::MemberCustody),
            },
            roles: r.u16(),
            valid_from: r.u64(),
            valid_until: r.u64(),
            since: r.u64(),
            public_key: r.array(),
            prefixes: Vec::new(),
            names: Vec::new(),
            signature: [0; 64],
        };
        for _ in 0..r.u8() {
            let (flags, digits) = (r.u8(), text(r.s8(), EntryError::MemberPrefix)?);
            member.prefixes.push(Prefix { flags, digits });
        }
        for _ in 0..r.u8() {
            let language = text(r.s8(), EntryError::MemberNames)?;
            member.names.push((language, text(r.s16(), EntryError::MemberNames)?));
        }
        member.signature = r.array();
        Ok(member)
    }
}

fn text(bytes: &[u8], otherwise: EntryError) -> Result<String, EntryError> {
    utf8(bytes).map(ToOwned::to_owned).ok_or(otherwise)
}
