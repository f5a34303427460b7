//! MEMBER: who a member is, which key signs for it, and which GS1 prefixes it owns. Signed by the governance key.

use crate::prelude::*;
#[cfg(not(feature = "small"))]
use ed25519_dalek::{Signer as _, SigningKey};

use super::EntryError;
use super::error::require;
#[cfg(not(feature = "small"))]
use crate::bytes::Writer;
use crate::bytes::{Bytes, Reader};
use crate::hash::Key;
use crate::name::{Name, is_member_id, is_plain};
use crate::text::utf8;

#[cfg(not(feature = "small"))]
const CONSENT_CONTEXT: &[u8] = b"leafproof consent v1\n";

/// Most scopes of a grant or of an independent.
pub const MAX_SCOPES: usize = 16;
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
    /// Speaks of goods whose owner did not name it: laboratory, inspector, second-hand trade, repair, importer.
    pub const INDEPENDENT: u16 = 16;
    /// All bits that mean something.
    pub const KNOWN: u16 = MEMBER | REGULATOR | ERASE | OPERATOR | INDEPENDENT;
}

/// Levels of goods of which an independent may speak.
pub mod level {
    /// Single items.
    pub const ITEM: u8 = 1;
    /// Batches.
    pub const BATCH: u8 = 2;
    /// Products.
    pub const PRODUCT: u8 = 4;
    /// All bits that mean something.
    pub const KNOWN: u8 = ITEM | BATCH | PRODUCT;
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
    /// Of an independent: bits of [`level`].
    pub levels: u8,
    /// Of an independent: beginnings of the numbers that it may speak of; none: all.
    pub scopes: Vec<String>,
    /// First millisecond at which it may sign.
    pub valid_from: u64,
    /// Last.
    pub valid_until: u64,
    /// When the key was compromised; else 0.
    pub since: u64,
    /// Ed25519 public key.
    pub public_key: Bytes<32>,
    /// GS1 prefixes that it owns: 4 to 12 digits, or the 13 of one product (its GTIN without the first digit).
    pub prefixes: Vec<String>,
    /// Language and name.
    pub names: Vec<(String, String)>,
    /// Of the key of the version before, where this one gives a prefix up: nobody is dispossessed by governance alone.
    pub consent: Option<Bytes<64>>,
    /// Of the governance key, over [`Member::message`].
    pub signature: Bytes<64>,
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

    /// What the member's own key signs to give a prefix up: all that governance signs but the consent.
    pub fn consent_message(&self, origin: &str) -> Vec<u8> {
        let mut out = Writer::new();
        out.put(CONSENT_CONTEXT).s8(origin.as_bytes());
        self.write_said(&mut out);
        out.finish()
    }

    /// Sets the consent; before governance signs.
    pub fn consent(&mut self, origin: &str, before: &SigningKey) {
        self.consent = Some(before.sign(&self.consent_message(origin)).to_bytes());
    }

    /// Whether this version, coming after `before`, takes no prefix away from its member against its will.
    pub fn keeps_or_consents(&self, origin: &str, before: &Self) -> bool {
        let keeps = before.prefixes.iter().all(|prefix| self.prefixes.contains(prefix));
        let gone = before.status != Status::Active;
        let signed = |consent| crate::ed25519::verify_strict(&before.public_key, &self.consent_message(origin), consent);
        keeps || gone || self.consent.as_ref().is_some_and(signed)
    }

    pub(super) fn write(&self, out: &mut Writer) {
        self.write_unsigned(out);
        out.put(&self.signature);
    }

    fn write_unsigned(&self, out: &mut Writer) {
        self.write_said(out);
        out.u8(u8::from(self.consent.is_some()));
        if let Some(consent) = &self.consent {
            out.put(consent);
        }
    }

    fn write_said(&self, out: &mut Writer) {
        out.s8(self.id.as_bytes()).u32(self.version).u8(self.status as u8).u8(self.custody as u8).u16(self.roles).u8(self.levels);
        write_scopes(out, &self.scopes);
        out.u64(self.valid_from).u64(self.valid_until).u64(self.since).put(&self.public_key);
        write_scopes(out, &self.prefixes);
        out.count8(self.names.len());
        for (language, name) in &self.names {
            out.s8(language.as_bytes()).s16(name.as_bytes());
        }
    }
}

#[cfg(not(feature = "small"))]
pub(super) fn write_scopes(out: &mut Writer, scopes: &[String]) {
    out.count8(scopes.len());
    for digits in scopes {
        out.s8(digits.as_bytes());
    }
}

pub(super) fn read_scopes(r: &mut Reader<'_>) -> Result<Vec<String>, EntryError> {
    let mut scopes = Vec::new();
    for _ in 0..r.count8() {
        scopes.push(text(r.s8(), EntryError::Scopes)?);
    }
    Ok(scopes)
}

pub(super) fn check_scopes(scopes: &[String]) -> Result<(), EntryError> {
    let good = scopes.len() <= MAX_SCOPES && scopes.iter().all(|scope| is_digits(scope, 14));
    require(good, EntryError::Scopes)
}

/// Whether a number with these digits is meant; no scopes mean all numbers.
pub fn in_scopes(scopes: &[String], digits: &str) -> bool {
    scopes.is_empty() || scopes.iter().any(|scope| digits.as_bytes().starts_with(scope.as_bytes()))
}

fn is_digits(text: &str, most: usize) -> bool {
    (4..=most).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit())
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

    /// True if this version owns the prefix.
    pub fn owns(&self, prefix: &str) -> bool {
        self.prefixes.iter().any(|own| &**own == prefix)
    }

    /// The rules of form.
    pub fn check_form(&self) -> Result<(), EntryError> {
        use EntryError as E;
        require(is_member_id(self.id.as_bytes()), E::MemberId)?;
        require(self.version > 0, E::MemberVersionZero)?;
        require(self.roles & !role::KNOWN == 0 && self.roles != 0, E::MemberRoles)?;
        require(self.valid_from <= self.valid_until, E::MemberValidity)?;
        require(self.prefixes.len() <= MAX_PREFIXES, E::MemberPrefix)?;
        for (i, prefix) in self.prefixes.iter().enumerate() {
            let free = |other: &String| !prefix.starts_with(&**other) && !other.starts_with(&**prefix);
            require(is_digits(prefix, 13) && self.prefixes[..i].iter().all(free), E::MemberPrefix)?;
        }
        let independent = self.roles & role::INDEPENDENT != 0;
        require(self.levels & !level::KNOWN == 0 && independent == (self.levels != 0), E::MemberLevels)?;
        require(independent || self.scopes.is_empty(), E::MemberLevels)?;
        check_scopes(&self.scopes)?;
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
        Ok(Self {
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
            levels: r.u8(),
            scopes: read_scopes(r)?,
            valid_from: r.u64(),
            valid_until: r.u64(),
            since: r.u64(),
            public_key: r.array(),
            prefixes: read_scopes(r)?,
            names: read_names(r)?,
            consent: match r.u8() {
                0 => None,
                1 => Some(r.array()),
                _ => return Err(EntryError::MemberNames),
            },
            signature: r.array(),
        })
    }
}

fn read_names(r: &mut Reader<'_>) -> Result<Vec<(String, String)>, EntryError> {
    let mut names = Vec::new();
    for _ in 0..r.count8() {
        names.push((text(r.s8(), EntryError::MemberNames)?, text(r.s16(), EntryError::MemberNames)?));
    }
    Ok(names)
}

fn text(bytes: &[u8], otherwise: EntryError) -> Result<String, EntryError> {
    utf8(bytes).map(ToOwned::to_owned).ok_or(otherwise)
}
