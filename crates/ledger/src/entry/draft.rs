//! An event before it is signed.

use crate::prelude::*;
use ed25519_dalek::{Signer as _, SigningKey};

use super::subjects::{canonical, subject_root};
use super::{Action, Authority, Class, Event, Kind, Part, Record, Ref};
use crate::hash::{Hash, Key};

/// What a member says, not yet in canonical order and not yet signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDraft {
    /// Who signs.
    pub member: Key,
    /// The member's count.
    pub seq: u64,
    /// When it happened.
    pub event_ms: u64,
    /// Kind.
    pub kind: Kind,
    /// Action.
    pub action: Action,
    /// Class.
    pub class: Class,
    /// See [`super::event_id`].
    pub event_id: Hash,
    /// Which chunk, from 0.
    pub chunk: u16,
    /// Of how many.
    pub chunks: u16,
    /// Target's body hash, or zeros.
    pub target: Hash,
    /// Authorities in any order, to which references and subjects point.
    pub authorities: Vec<Authority>,
    /// References in any order; the same one twice counts once.
    pub refs: Vec<Ref>,
    /// Kinds and commitments of the parts.
    pub parts: Vec<Part>,
    /// Subjects in any order; roles of the same key are merged.
    pub records: Vec<Record>,
}

impl EventDraft {
    /// The event without a signature (zeros), and its records in canonical order.
    pub fn unsigned(self) -> (Event, Vec<Record>) {
        let mut authorities = self.authorities.clone();
        authorities.sort_unstable();
        authorities.dedup();
        // One that points nowhere stays so, and is refused by the form.
        let place = |old: u8| {
            let authority = self.authorities.get(usize::from(old));
            authority.and_then(|a| authorities.binary_search(a).ok()).map_or(u8::MAX, |place| place as u8)
        };
        let records = canonical(self.records.iter().map(|r| Record { authority: place(r.authority), ..*r }).collect());
        let mut refs: Vec<Ref> = self.refs.iter().map(|r| Ref { authority: place(r.authority), ..*r }).collect();
        refs.sort_unstable_by_key(|r| (r.role, r.key, r.authority));
        refs.dedup_by_key(|r| (r.role, r.key));
        let event = Event {
            member: self.member,
            seq: self.seq,
            event_ms: self.event_ms,
            kind: self.kind,
            action: self.action,
            class: self.class,
            event_id: self.event_id,
            chunk: self.chunk,
            chunks: self.chunks,
            target: self.target,
            refs,
            parts: self.parts,
            authorities,
            subject_count: u32::try_from(records.len()).unwrap_or(u32::MAX),
            subject_root: subject_root(&records),
            signature: [0; 64],
        };
        (event, records)
    }

    /// Signs for the ledger of this origin. Form is not checked here: see [`Event::check_form`] and
    /// [`Event::check_records`].
    pub fn sign(self, origin: &str, key: &SigningKey) -> (Event, Vec<Record>) {
        let (mut event, records) = self.unsigned();
        event.sign(origin, key);
        (event, records)
    }
}

impl Event {
    /// Sets the signature.
    pub fn sign(&mut self, origin: &str, key: &SigningKey) {
        self.signature = key.sign(&self.message(origin)).to_bytes();
    }
}
