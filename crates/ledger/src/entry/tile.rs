//! Tile entries: leaves as mirrors fetch them, an event's with the records of all its subjects.

use super::error::require;
use super::subjects::RECORD_LEN;
use super::{Body, Entry, EntryError, MAX_TILE_ENTRY, Record};
use crate::bytes::{Reader, Writer};
use crate::prelude::*;

/// A leaf, and the records where it is an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileEntry {
    /// The entry.
    pub entry: Entry,
    /// Its subjects, ascending by key; none where it is no event.
    pub records: Vec<Record>,
}

impl TileEntry {
    /// The bytes in a tile, without the length that stands before them there.
    pub fn encode(&self) -> Result<Vec<u8>, EntryError> {
        let mut out = Writer::new();
        out.put(&self.entry.encode());
        for record in &self.records {
            out.put(&record.bytes());
        }
        let bytes = out.finish();
        if bytes.len() > MAX_TILE_ENTRY { Err(EntryError::TooLong) } else { Ok(bytes) }
    }

    /// Reads a tile entry and checks the records against the event.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        let mut r = Reader::new(bytes);
        let entry = Entry::read(&mut r)?;
        let mut records = Vec::new();
        if let Body::Event(event) = &entry.body {
            require(r.len() == event.subject_count as usize * RECORD_LEN, EntryError::RecordsDoNotFitRoot)?;
            while !r.is_empty() {
                records.push(Record { role: r.u8(), authority: r.u8(), key: r.key() });
            }
            event.check_records(&records)?;
        }
        require(r.is_empty(), EntryError::TrailingBytes)?;
        Ok(Self { entry, records })
    }

    /// How many of the bytes of a tile entry are its leaf.
    pub fn leaf_len(&self, bytes: &[u8]) -> usize {
        bytes.len().saturating_sub(self.records.len() * RECORD_LEN)
    }
}
