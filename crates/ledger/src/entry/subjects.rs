//! The subjects of an event: one record each, and the small tree over them that lets a bundle show one subject without
//! the others.

#[cfg(not(feature = "small"))]
use super::error::require;
#[cfg(not(feature = "small"))]
use super::{Authority, Class, EntryError, Event, Kind, ref_role};
use crate::hash::{Hash, Key, dk};
#[cfg(not(feature = "small"))]
use crate::prelude::*;
#[cfg(not(feature = "small"))]
use crate::tree::{self, Blake3, LeafIndex, MemoryTree, ProofError, TreeSize};

/// Most subjects of one entry; larger events are cut into chunks.
pub const MAX_SUBJECTS: usize = 1_900;
/// Bytes of a record.
pub const RECORD_LEN: usize = 34;

/// Role bits of a subject.
pub mod record_role {
    /// Named in epcList or as a quantity.
    pub const OBJECT: u8 = 0x01;
    /// parentID.
    pub const PARENT: u8 = 0x02;
    /// Child.
    pub const CHILD: u8 = 0x04;
    /// Used up by a transformation.
    pub const INPUT: u8 = 0x08;
    /// Made by a transformation.
    pub const OUTPUT: u8 = 0x10;
    /// transformationID.
    pub const TRANSFORMATION: u8 = 0x40;
    /// Listed under the subject's bulk key.
    pub const BULK: u8 = 0x80;
    /// All bits that mean something.
    pub const KNOWN: u8 = OBJECT | PARENT | CHILD | INPUT | OUTPUT | TRANSFORMATION | BULK;
}

/// One subject of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Bits of [`record_role`].
    pub role: u8,
    /// Place among the event's authorities.
    pub authority: u8,
    /// The subject.
    pub key: Key,
}

impl Record {
    /// Role, authority, key.
    pub fn bytes(&self) -> [u8; RECORD_LEN] {
        let mut bytes = [0; RECORD_LEN];
        bytes[0] = self.role;
        bytes[1] = self.authority;
        bytes[2..].copy_from_slice(self.key.as_bytes());
        bytes
    }

    /// Its leaf hash in the subject tree.
    pub fn leaf(&self) -> Hash {
        dk("leafproof subject-leaf v2", &[&self.bytes()])
    }
}

/// Merges the roles of equal keys, under the first one's authority, and sorts by key.
#[cfg(not(feature = "small"))]
pub(super) fn canonical(mut records: Vec<Record>) -> Vec<Record> {
    records.sort_by_key(|record| record.key);
    records.dedup_by(|later, first| {
        let same = later.key == first.key;
        if same {
            first.role |= later.role;
        }
        same
    });
    records
}

/// The records in these bytes, if they are those that the event signed, whatever rules they keep. Who serves others says nothing about
/// the log: its own word is the event's count and root.
#[cfg(not(feature = "small"))]
pub fn signed_records(event: &Event, bytes: &[u8]) -> Option<Vec<Record>> {
    let (whole, rest) = bytes.as_chunks::<RECORD_LEN>();
    if !rest.is_empty() || whole.len() != event.subject_count as usize {
        return None;
    }
    let records: Vec<Record> = whole
        .iter()
        .filter_map(|[role, authority, key @ ..]| Some(Record { role: *role, authority: *authority, key: Key(Hash::from_slice(key)?) }))
        .collect();
    (subject_root(&records) == event.subject_root).then_some(records)
}

/// The root over the records.
#[cfg(not(feature = "small"))]
pub fn subject_root(records: &[Record]) -> Hash {
    let leaves: Vec<Hash> = records.iter().map(Record::leaf).collect();
    tree::root::<Blake3>(&leaves)
}

/// The path from the record at `position` to the subject root.
#[cfg(not(feature = "small"))]
pub fn subject_proof(records: &[Record], position: u32) -> Result<Vec<Hash>, ProofError> {
    let mut tree = MemoryTree::<Blake3>::default();
    for record in records {
        tree.append(record.leaf());
    }
    tree.inclusion_proof(LeafIndex(u64::from(position)), TreeSize(records.len() as u64))
}

#[cfg(not(feature = "small"))]
impl Event {
    /// The rules between an event and its records, which mirrors and the sequencer see whole.
    pub fn check_records(&self, records: &[Record]) -> Result<(), EntryError> {
        use EntryError as E;
        for pair in records.windows(2) {
            require(pair[0].key < pair[1].key, E::RecordOrder)?;
        }
        for record in records {
            require(record.role & !record_role::KNOWN == 0 && record.role & !record_role::BULK != 0, E::RecordRole)?;
            require(usize::from(record.authority) < self.authorities.len(), E::Authority)?;
            if record.role & record_role::BULK != 0 {
                let input_alone = record.role == record_role::BULK | record_role::INPUT;
                require(input_alone || self.class == Class::Movement, E::BulkBit)?;
            }
        }
        let fits = records.len() == self.subject_count as usize && subject_root(records) == self.subject_root;
        require(fits, E::RecordsDoNotFitRoot)?;
        // Voids and erasures take over their target's subjects, but not its references.
        if !matches!(self.kind, Kind::Void | Kind::Erase | Kind::Objection) {
            self.check_refs_in_records(records)?;
        }
        Ok(())
    }

    fn check_refs_in_records(&self, records: &[Record]) -> Result<(), EntryError> {
        for role in [ref_role::PARENT, ref_role::INPUT, ref_role::TRANSFORMATION] {
            // Under the same authority too: a reference tells in which list its record is looked for. But that something of another was
            // used its user may say without the owner's leave: as a claim, whose reference leads to the owner's own records.
            let referenced = self.refs.iter().filter(|r| r.role == role);
            let mut recorded: Vec<(Key, u8)> = records.iter().filter(|r| r.role & role != 0).map(|r| (r.key, r.authority)).collect();
            recorded.sort_unstable();
            require(self.refs.iter().filter(|r| r.role == role).count() == recorded.len(), EntryError::RecordsDoNotFitRefs)?;
            for (reference, (key, authority)) in referenced.zip(recorded) {
                let claimed = role == ref_role::INPUT && self.authority(authority) == Authority::Claim;
                let fits = reference.key == key && (reference.authority == authority || claimed);
                require(fits, EntryError::RecordsDoNotFitRefs)?;
            }
        }
        Ok(())
    }
}
