//! The reading side: rows in one sled tree, entries and parts in the journal, where the rows say.
//!
//! One tree holds everything, so that one batch changes everything at once, the journal's position that it goes up to among it.

use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::RwLock;
use std::time::{Duration, Instant};

use ledger::Hash;
use ledger::entry::leaf_hash;
use store::{Keeper, Leaf, Row, RowIter, Rows, SALT_LEN, SaltedPart, StoreError, StoredEntry};

use crate::journal::{Cursor, JournalReader, PartAt, Position};

base::limits! {
    /// sled's page cache.
    INDEX_CACHE_BYTES: u64 = 64 << 20, "bytes";
    /// How often sled writes to disk by itself; what it loses is rebuilt from the journal.
    INDEX_FLUSH_MS: u64 = 500, "milliseconds";
    /// How long an index that another process or thread is just closing is waited for.
    INDEX_LOCK_WAIT_MS: u64 = 5000, "milliseconds";
}

/// index u64 → position u64 | length u32 | leaf length u32 | leaf hash 32.
const ENTRIES: u8 = 0x01;
/// commitment 32 → position u64 | length u32.
const PARTS: u8 = 0x04;
/// Nothing → position u64 | previous frame's hash 32 | its position u64: up to there the journal is contained.
const CURSOR: u8 = 0x7f;

/// The index cannot be read or written. The journal can rebuild it.
#[derive(Debug, thiserror::Error)]
#[error("the index {path}: {source}. Stop the server, delete that directory, start again: it is rebuilt from the journal")]
pub struct SledError {
    /// Its directory.
    pub path: PathBuf,
    /// Why.
    pub source: sled::Error,
}

/// Opens a folder of sled's, and waits where whoever had it open is letting go of it just now.
pub(crate) fn open_when_closed(config: &sled::Config) -> Result<sled::Db, sled::Error> {
    let begun = Instant::now();
    loop {
        match config.open() {
            Err(sled::Error::Io(error)) if is_locked(&error) && begun.elapsed() < Duration::from_millis(INDEX_LOCK_WAIT_MS) => {
                std::thread::sleep(Duration::from_millis(10));
            }
            opened => return opened,
        }
    }
}

/// sled says it in words alone.
fn is_locked(error: &std::io::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

/// The reading side of one data folder.
#[derive(Debug)]
pub(crate) struct LocalKeeper {
    tree: sled::Tree,
    db: sled::Db,
    path: PathBuf,
    journal: RwLock<JournalReader>,
}

/// Where an entry stands.
pub(crate) struct EntryAt {
    pub(crate) at: u64,
    pub(crate) length: u32,
    pub(crate) leaf: Leaf,
}

impl LocalKeeper {
    pub(crate) fn open(path: &Path, journal: JournalReader) -> Result<Self, SledError> {
        let failed = |source| SledError { path: path.to_owned(), source };
        let config = sled::Config::default().path(path).cache_capacity(INDEX_CACHE_BYTES).flush_every_ms(Some(INDEX_FLUSH_MS));
        let db = open_when_closed(&config).map_err(failed)?;
        let tree = db.open_tree("rows").map_err(failed)?;
        Ok(Self { tree, db, path: path.to_owned(), journal: RwLock::new(journal) })
    }

    /// Reads from here on with this reader: the one of the journal that is being written.
    pub(crate) fn read_with(&self, journal: JournalReader) {
        *self.journal.write().unwrap_or_else(|e| e.into_inner()) = journal;
    }

    /// Up to where the journal is contained.
    pub(crate) fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        let Some(bytes) = self.get(&[CURSOR])? else { return Ok(None) };
        let cursor = (|| {
            let (position, rest) = number(&bytes)?;
            let (previous, rest) = rest.split_first_chunk().map(|(hash, rest)| (Hash(*hash), rest))?;
            let (frame, rest) = number(rest)?;
            rest.is_empty().then_some(Cursor { position: Position(position), previous, frame: Position(frame) })
        })();
        cursor.map(Some).ok_or(StoreError::Row { table: CURSOR })
    }

    pub(crate) fn part_at(&self, commitment: &Hash) -> Result<Option<PartAt>, StoreError> {
        let Some(bytes) = self.get(&part_key(commitment))? else { return Ok(None) };
        parse_part(&bytes).map(Some).ok_or(StoreError::Row { table: PARTS })
    }

    pub(crate) fn clear(&self) -> Result<(), StoreError> {
        self.tree.clear().map_err(|e| self.failed(e))
    }

    fn get(&self, key: &[u8]) -> Result<Option<sled::IVec>, StoreError> {
        self.tree.get(key).map_err(|e| self.failed(e))
    }

    fn read(&self, at: u64, length: u32) -> Result<Vec<u8>, StoreError> {
        let journal = self.journal.read().unwrap_or_else(|e| e.into_inner());
        journal.read(at, length).map_err(|error| StoreError::Keeper {
            what: format!("the journal cannot be read: {error}"),
            source: Some(std::sync::Arc::new(error)),
        })
    }

    fn entry_at(&self, index: u64) -> Result<Option<EntryAt>, StoreError> {
        self.get(&entry_key(index))?.map(|bytes| parse_entry(&bytes)).transpose()
    }

    fn failed(&self, source: sled::Error) -> StoreError {
        StoreError::keeper(SledError { path: self.path.clone(), source })
    }
}

impl Keeper for LocalKeeper {
    fn entry(&self, index: u64) -> Result<Option<StoredEntry>, StoreError> {
        let Some(row) = self.entry_at(index)? else { return Ok(None) };
        let mut leaf = self.read(row.at, row.length)?;
        let records = leaf.split_off(leaf.len().min(row.leaf.length));
        if leaf_hash(&leaf) != row.leaf.hash {
            return Err(StoreError::Damaged(format!("entry {index}")));
        }
        Ok(Some(StoredEntry { leaf, records }))
    }

    fn leaf_hashes(&self, from: u64) -> Box<dyn Iterator<Item = Result<Hash, StoreError>> + Send> {
        let path = self.path.clone();
        let end = [ENTRIES + 1];
        let rows = self.tree.range::<&[u8], _>((Bound::Included(&entry_key(from)[..]), Bound::Excluded(&end[..])));
        Box::new(rows.map(move |row| {
            let (_, value) = row.map_err(|source| StoreError::keeper(SledError { path: path.clone(), source }))?;
            Ok(parse_entry(&value)?.leaf.hash)
        }))
    }

    fn part(&self, wanted: &Hash) -> Result<Option<SaltedPart>, StoreError> {
        let Some(at) = self.part_at(wanted)? else { return Ok(None) };
        let bytes = self.read(at.at, at.length)?;
        let damaged = || StoreError::Damaged(format!("part {wanted}"));
        let (salt, rest) = bytes.split_first_chunk::<SALT_LEN>().ok_or_else(damaged)?;
        let part = SaltedPart::new(*salt, rest.to_vec());
        if part.commitment() == *wanted {
            return Ok(Some(part));
        }
        if bytes.iter().all(|byte| *byte == 0) { Ok(None) } else { Err(damaged()) }
    }

    fn knows_part(&self, commitment: &Hash) -> Result<bool, StoreError> {
        Ok(self.part_at(commitment)?.is_some())
    }

    fn row(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.get(key)?.map(|value| value.to_vec()))
    }

    fn rows(&self, prefix: &[u8]) -> RowIter {
        let path = self.path.clone();
        Box::new(self.tree.scan_prefix(prefix).map(move |row| -> Result<Row, StoreError> {
            let (key, value) = row.map_err(|source| StoreError::keeper(SledError { path: path.clone(), source }))?;
            Ok((key.to_vec(), value.to_vec()))
        }))
    }

    fn apply(&self, rows: Rows) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for (key, value) in rows {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.tree.apply_batch(batch).map_err(|e| self.failed(e))
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.db.flush().map(|_| ()).map_err(|e| self.failed(e))
    }
}

/// Notes where an entry stands.
pub(crate) fn put_entry(rows: &mut Rows, index: u64, entry: &EntryAt) {
    let mut row = entry.at.to_be_bytes().to_vec();
    row.extend_from_slice(&entry.length.to_be_bytes());
    row.extend_from_slice(&(entry.leaf.length as u32).to_be_bytes());
    row.extend_from_slice(&entry.leaf.hash.0);
    rows.insert(entry_key(index).to_vec(), Some(row));
}

/// Notes where a part stands.
pub(crate) fn put_part(rows: &mut Rows, commitment: &Hash, at: PartAt) {
    let mut row = at.at.to_be_bytes().to_vec();
    row.extend_from_slice(&at.length.to_be_bytes());
    rows.insert(part_key(commitment).to_vec(), Some(row));
}

/// Notes up to where the journal is contained.
pub(crate) fn put_cursor(rows: &mut Rows, cursor: Cursor) {
    let mut row = cursor.position.0.to_be_bytes().to_vec();
    row.extend_from_slice(&cursor.previous.0);
    row.extend_from_slice(&cursor.frame.0.to_be_bytes());
    rows.insert(vec![CURSOR], Some(row));
}

fn entry_key(index: u64) -> [u8; 9] {
    let mut key = [ENTRIES; 9];
    key[1..].copy_from_slice(&index.to_be_bytes());
    key
}

pub(crate) fn part_key(commitment: &Hash) -> [u8; 33] {
    let mut key = [PARTS; 33];
    key[1..].copy_from_slice(&commitment.0);
    key
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u64::from_be_bytes(*number), rest))
}

pub(crate) fn parse_part(bytes: &[u8]) -> Option<PartAt> {
    let (at, rest) = number(bytes)?;
    Some(PartAt { at, length: u32::from_be_bytes(rest.try_into().ok()?) })
}

fn parse_entry(bytes: &[u8]) -> Result<EntryAt, StoreError> {
    let entry = (|| {
        let (at, rest) = number(bytes)?;
        let (length, rest) = rest.split_first_chunk()?;
        let (leaf_length, rest) = rest.split_first_chunk()?;
        let hash = Hash::from_slice(rest)?;
        let leaf = Leaf { length: u32::from_be_bytes(*leaf_length) as usize, hash };
        Some(EntryAt { at, length: u32::from_be_bytes(*length), leaf })
    })();
    entry.ok_or(StoreError::Row { table: ENTRIES })
}
