//! EVENT: something happened to subjects, signed by a member.

use crate::prelude::*;

use super::authority::{Authority, MAX_AUTHORITIES, read_all};
use super::error::{EntryError, require};
use super::subjects::MAX_SUBJECTS;
#[cfg(not(feature = "small"))]
use crate::bytes::Writer;
use crate::bytes::{Bytes, Reader};
use crate::hash::{Hash, Key};

/// Most references: 125 inputs (more are cut into chunks), and one each of parent, batch and transformation id.
pub const MAX_REFS: usize = 128;
/// Most receivers that one event names.
pub const MAX_RECEIVERS: usize = 4;
/// Most parts.
pub const MAX_PARTS: usize = 32;

/// Roles of references.
pub mod ref_role {
    /// The container packed into or unpacked from, or another parent; at most one.
    pub const PARENT: u8 = 0x02;
    /// What a transformation used up.
    pub const INPUT: u8 = 0x08;
    /// A member to whom the author says that its goods went; the key is the member's.
    pub const RECEIVER: u8 = 0x10;
    /// The one batch of all objects or outputs; at most one.
    pub const BATCH: u8 = 0x20;
    /// The transformation id; at most one.
    pub const TRANSFORMATION: u8 = 0x40;
}

/// Kinds of parts.
pub mod part_kind {
    /// Public lines.
    pub const PUBLIC: u8 = 1;
    /// The record as it came (EPCIS JSON).
    pub const SOURCE: u8 = 2;
    /// Sealed for partners.
    pub const SEALED: u8 = 3;
    /// A file.
    pub const ATTACHMENT: u8 = 4;
    /// Set in an erasure for each erased part.
    pub const ERASED: u8 = 0x80;
}

/// What kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// EPCIS ObjectEvent.
    Object = 1,
    /// EPCIS AggregationEvent.
    Aggregation = 2,
    /// EPCIS TransformationEvent.
    Transformation = 3,
    /// EPCIS TransactionEvent.
    Transaction = 4,
    /// EPCIS AssociationEvent.
    Association = 5,
    /// Takes an earlier entry back (EPCIS errorDeclaration).
    Void = 6,
    /// Erases the words of an earlier entry.
    Erase = 7,
    /// Attributes of a product or batch.
    MasterData = 8,
    /// The owner objects to a record on its goods. Nothing is hidden: both stand side by side.
    Objection = 9,
}

/// EPCIS action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Action {
    /// Kinds without an action.
    None = 0,
    /// Begins.
    Add = 1,
    /// Goes on.
    Observe = 2,
    /// Ends.
    Delete = 3,
}

/// What the event means for lists and alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Class {
    /// Nothing of the below.
    Ordinary = 0,
    /// A movement: of a product or batch it is listed in bulk.
    Movement = 1,
    /// Something is wrong.
    Alert = 2,
    /// An alert has ended.
    AlertWithdrawn = 3,
}

/// A signed reference to another subject, whose list belongs to the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ref {
    /// One of [`ref_role`].
    pub role: u8,
    /// Place among the event's authorities.
    pub authority: u8,
    /// Of the subject.
    pub key: Key,
}

/// A commitment to bytes that stand outside the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// One of [`part_kind`].
    pub kind: u8,
    /// `commitment(salt, bytes)`.
    pub commitment: Hash,
}

/// An event as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Who signs.
    pub member: Key,
    /// The member's own count, from 1, without gaps.
    pub seq: u64,
    /// When it happened, milliseconds since 1970.
    pub event_ms: u64,
    /// What kind.
    pub kind: Kind,
    /// EPCIS action.
    pub action: Action,
    /// Class.
    pub class: Class,
    /// See [`super::event_id`].
    pub event_id: Hash,
    /// Which chunk, from 0.
    pub chunk: u16,
    /// Of how many.
    pub chunks: u16,
    /// Body hash of the voided, erased or withdrawn entry; else zeros.
    pub target: Hash,
    /// References, ascending by role and key.
    pub refs: Vec<Ref>,
    /// Parts.
    pub parts: Vec<Part>,
    /// By whose right the event speaks of its subjects, strictly ascending.
    pub authorities: Vec<Authority>,
    /// How many subjects.
    pub subject_count: u32,
    /// Root over the subjects' records.
    pub subject_root: Hash,
    /// Ed25519 over [`Event::message`].
    pub signature: Bytes<64>,
}

/// Of an event that may not be in the log yet. What is in it is hashed and verified as it stands there ([`super::message`]).
#[cfg(not(feature = "small"))]
impl Event {
    /// What is signed: the origin keeps an entry from being replayed in another ledger.
    pub fn message(&self, origin: &str) -> Vec<u8> {
        let mut out = Writer::new();
        out.put(super::EVENT_CONTEXT).s8(origin.as_bytes());
        self.write_unsigned(&mut out);
        out.finish()
    }

    /// The hash by which other entries name this one.
    pub fn body_hash(&self, origin: &str) -> Hash {
        super::message_hash(&self.message(origin))
    }

    /// True if the signature was made with this public key over this event in this ledger.
    pub fn verify(&self, origin: &str, public_key: &[u8; 32]) -> bool {
        crate::ed25519::verify_strict(public_key, &self.message(origin), &self.signature)
    }

    pub(super) fn write(&self, out: &mut Writer) {
        self.write_unsigned(out);
        out.put(&self.signature);
    }

    fn write_unsigned(&self, out: &mut Writer) {
        out.put(self.member.as_bytes()).u64(self.seq).u64(self.event_ms);
        out.u8(self.kind as u8).u8(self.action as u8).u8(self.class as u8);
        out.put(&self.event_id.0).u16(self.chunk).u16(self.chunks).put(&self.target.0);
        out.count8(self.refs.len());
        for r in &self.refs {
            out.u8(r.role).u8(r.authority).put(r.key.as_bytes());
        }
        out.count8(self.parts.len());
        for part in &self.parts {
            out.u8(part.kind).put(&part.commitment.0);
        }
        out.count8(self.authorities.len());
        for authority in &self.authorities {
            authority.write(out);
        }
        out.u32(self.subject_count).put(&self.subject_root.0);
    }
}

impl Event {
    /// The public part's commitment, where there is one.
    pub fn public_part(&self) -> Option<&Hash> {
        self.parts.iter().find(|part| part.kind == part_kind::PUBLIC).map(|part| &part.commitment)
    }

    /// The key referenced in this role; the first, where there are several.
    pub fn reference(&self, role: u8) -> Option<&Key> {
        self.refs.iter().find(|r| r.role == role).map(|r| &r.key)
    }

    /// To whom the goods went, where their owner says so.
    pub fn receivers(&self) -> impl Iterator<Item = &Key> {
        self.refs.iter().filter(|r| r.role == ref_role::RECEIVER).map(|r| &r.key)
    }

    /// The authority of a reference or of a record.
    pub fn authority(&self, place: u8) -> Authority {
        self.authorities.get(usize::from(place)).copied().unwrap_or(Authority::Claim)
    }

    /// The batch of the goods that this event brings into being, where it names one.
    pub fn makes_batch(&self) -> Option<(Authority, &Key)> {
        let makes = self.kind == Kind::Object && self.action == Action::Add || self.kind == Kind::Transformation;
        // The end of an alert says nothing but that, whatever it looks like.
        let batch = self.refs.iter().find(|r| makes && !self.corrects() && r.role == ref_role::BATCH)?;
        Some((self.authority(batch.authority), &batch.key))
    }

    /// True for what is about another entry and has its right from that: voids, erasures, withdrawn alerts.
    pub const fn corrects(&self) -> bool {
        matches!(self.kind, Kind::Void | Kind::Erase) || matches!(self.class, Class::AlertWithdrawn)
    }

    /// True for packing (ADD) and unpacking (DELETE).
    pub const fn packs(&self) -> bool {
        let packing = matches!(self.kind, Kind::Aggregation | Kind::Association) && matches!(self.action, Action::Add | Action::Delete);
        packing && !self.corrects()
    }

    /// The rules of form that an event alone can keep or break.
    pub fn check_form(&self) -> Result<(), EntryError> {
        use EntryError as E;
        let correction = matches!(self.kind, Kind::Void | Kind::Erase);
        let has_action = matches!(self.kind, Kind::Object | Kind::Aggregation | Kind::Transaction | Kind::Association);
        require(self.seq > 0, E::SequenceZero)?;
        require(has_action == (self.action != Action::None), E::ActionDoesNotFitKind)?;
        let plain = matches!(self.kind, Kind::MasterData | Kind::Objection);
        require(!plain || self.class == Class::Ordinary, E::ClassDoesNotFitKind)?;
        require(self.chunk < self.chunks, E::ChunkOutOfRange)?;
        self.check_refs()?;
        let about = correction || self.kind == Kind::Objection;
        require(!about || self.refs.is_empty(), E::RefsNotAllowed)?;
        if self.packs() {
            require(self.reference(ref_role::PARENT).is_some(), E::ParentMissing)?;
        }
        if self.kind == Kind::Transformation {
            let made_of = |r: &Ref| r.role == ref_role::INPUT || r.role == ref_role::TRANSFORMATION;
            require(self.refs.iter().any(made_of), E::InputMissing)?;
        }
        if about || self.class == Class::AlertWithdrawn {
            require(self.target != Hash::ZERO, E::TargetMissing)?;
        } else {
            require(self.target == Hash::ZERO, E::TargetNotAllowed)?;
        }
        require(self.parts.len() <= MAX_PARTS, E::PartCount)?;
        require(self.parts.iter().filter(|p| p.kind == part_kind::PUBLIC).count() <= 1, E::PartCount)?;
        for part in &self.parts {
            let erased = part.kind & part_kind::ERASED != 0;
            let plain = part.kind & !part_kind::ERASED;
            require((1..=4).contains(&plain) && erased <= (self.kind == Kind::Erase), E::PartKind)?;
        }
        let ascending = self.authorities.windows(2).all(|pair| pair[0] < pair[1]);
        let some = (1..=MAX_AUTHORITIES).contains(&self.authorities.len());
        let known = self.refs.iter().all(|r| usize::from(r.authority) < self.authorities.len());
        require(ascending && some && known, E::Authority)?;
        let most = if self.kind == Kind::MasterData { 1 } else { MAX_SUBJECTS };
        require((1..=most).contains(&(self.subject_count as usize)), E::SubjectCount)
    }

    fn check_refs(&self) -> Result<(), EntryError> {
        require(self.refs.len() <= MAX_REFS, EntryError::RefCount)?;
        let mut last: Option<&Ref> = None;
        for r in &self.refs {
            let several = matches!(r.role, ref_role::INPUT | ref_role::RECEIVER);
            let known = several || matches!(r.role, ref_role::PARENT | ref_role::BATCH | ref_role::TRANSFORMATION);
            require(known, EntryError::RefRole)?;
            if let Some(last) = last {
                require((last.role, last.key) < (r.role, r.key), EntryError::RefOrder)?;
                require(last.role != r.role || several, EntryError::RefTwice)?;
            }
            last = Some(r);
        }
        require(self.receivers().count() <= MAX_RECEIVERS, EntryError::RefTwice)?;
        Ok(())
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, EntryError> {
        Ok(Self {
            member: r.key(),
            seq: r.u64(),
            event_ms: r.u64(),
            kind: kind(r.u8())?,
            action: action(r.u8())?,
            class: class(r.u8())?,
            event_id: r.hash(),
            chunk: r.u16(),
            chunks: r.u16(),
            target: r.hash(),
            refs: (0..r.count8()).map(|_| Ref { role: r.u8(), authority: r.u8(), key: r.key() }).collect(),
            parts: (0..r.count8()).map(|_| Part { kind: r.u8(), commitment: r.hash() }).collect(),
            authorities: read_all(r)?,
            subject_count: r.u32(),
            subject_root: r.hash(),
            signature: r.array(),
        })
    }
}

const fn kind(byte: u8) -> Result<Kind, EntryError> {
    Ok(match byte {
        1 => Kind::Object,
        2 => Kind::Aggregation,
        3 => Kind::Transformation,
        4 => Kind::Transaction,
        5 => Kind::Association,
        6 => Kind::Void,
        7 => Kind::Erase,
        8 => Kind::MasterData,
        9 => Kind::Objection,
        _ => return Err(EntryError::UnknownKind),
    })
}

const fn action(byte: u8) -> Result<Action, EntryError> {
    Ok(match byte {
        0 => Action::None,
        1 => Action::Add,
        2 => Action::Observe,
        3 => Action::Delete,
        _ => return Err(EntryError::UnknownAction),
    })
}

const fn class(byte: u8) -> Result<Class, EntryError> {
    Ok(match byte {
        0 => Class::Ordinary,
        1 => Class::Movement,
        2 => Class::Alert,
        3 => Class::AlertWithdrawn,
        _ => return Err(EntryError::UnknownClass),
    })
}
