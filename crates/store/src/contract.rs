//! What the engine asks of a keeper.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::Hash;

use crate::{ReplayError, SaltedPart, StoreError};

/// Rows that change together: by key, with the new value, or none where the row goes.
pub type Rows = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// A row's key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Rows in the order of their keys; from the end with `.rev()`.
pub type RowIter = Box<dyn DoubleEndedIterator<Item = Result<Row, StoreError>> + Send>;

/// An entry for the log.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// The leaf, and after it the records of its subjects.
    pub bytes: Vec<u8>,
    /// What is to be known of its leaf.
    pub leaf: Leaf,
    /// The parts that came with it.
    pub parts: Vec<SaltedPart>,
    /// Whether its parts, none included, are told of before it: all but what the log itself adds.
    pub came: bool,
}

/// A leaf of the log's tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// How many of an entry's bytes are the leaf.
    pub length: usize,
    /// Its hash.
    pub hash: Hash,
}

/// A record beside the log, with its erasable parts.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// See [`crate::record`].
    pub body: Vec<u8>,
    /// Its parts, in the order in which it names them.
    pub parts: Vec<SaltedPart>,
}

/// Whether a commit waits until its bytes are on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sync {
    /// Wait: afterwards the group may be acknowledged.
    #[default]
    Now,
    /// The next group's wait covers it; only for what can be made again from what came before it.
    WithNext,
}

/// What is written together.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Index of the first entry.
    pub first: u64,
    /// Entries, in order.
    pub entries: Vec<NewEntry>,
    /// The root of the log's tree after them.
    pub root: Hash,
    /// Records, in order.
    pub records: Vec<NewRecord>,
    /// Signed notes of checkpoints.
    pub notes: Vec<Vec<u8>>,
    /// Parts whose bytes are overwritten once all of this is on disk; a record of the group says so.
    pub erase: Vec<Hash>,
    /// Whether to wait.
    pub sync: Sync,
}

impl Group {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.records.is_empty() && self.notes.is_empty()
    }
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// The leaf of the log's tree.
    pub leaf: Vec<u8>,
    /// The records of its subjects, which the leaf signs by their root alone.
    pub records: Vec<u8>,
}

/// What can be read, by anybody and at any time, and the rows that may follow the log behind it.
pub trait Keeper: std::fmt::Debug + Send + std::marker::Sync {
    /// An entry, its leaf checked against its hash; `None` where the log does not reach so far.
    fn entry(&self, index: u64) -> Result<Option<StoredEntry>, StoreError>;

    /// The hashes of all leaves from this one on.
    fn leaf_hashes(&self, from: u64) -> Box<dyn Iterator<Item = Result<Hash, StoreError>> + Send>;

    /// A part, checked against its commitment; `None` where it was erased or never came.
    fn part(&self, commitment: &Hash) -> Result<Option<SaltedPart>, StoreError>;

    /// Whether a part came under this commitment, erased since or not.
    fn knows_part(&self, commitment: &Hash) -> Result<bool, StoreError>;

    /// The value of a row.
    fn row(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Rows whose keys begin so.
    fn rows(&self, prefix: &[u8]) -> RowIter;

    /// Changes rows that are made beside the writer, all at once or none.
    fn apply(&self, rows: Rows) -> Result<(), StoreError>;

    /// Waits until all rows are on disk.
    fn flush(&self) -> Result<(), StoreError>;
}

/// What a replay hands over.
#[derive(Debug)]
pub enum Item<'a> {
    /// Entries, with the root after them.
    Entries {
        /// Index of the first.
        first: u64,
        /// Their bytes, as in [`NewEntry`].
        entries: Vec<&'a [u8]>,
        /// The root.
        root: Hash,
    },
    /// A record.
    Record {
        /// Its body.
        body: &'a [u8],
        /// The commitments of its parts.
        parts: &'a [Hash],
    },
    /// A signed note.
    Note(&'a [u8]),
}

/// What was made of an item.
#[derive(Debug, Default)]
pub struct Taken {
    /// The leaves of its entries.
    pub leaves: Vec<Leaf>,
    /// Parts that it says are erased.
    pub erased: Vec<Hash>,
    /// Rows to be kept now, because they are many: together with the place up to which they go.
    pub rows: Option<Rows>,
}

/// Takes each item in order. A refusal says what does not fit, and ends the replay.
pub type Visit<'a> = &'a mut dyn FnMut(Item<'_>) -> Result<Taken, String>;

/// What was found at start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// How many pieces were read.
    pub frames: u64,
    /// How many bytes of unacknowledged, half-written pieces were cut off the end.
    pub cut: u64,
    /// Why they were.
    pub reason: Option<String>,
}

/// The one writer. A keeper sees to it that there is no second one, here or elsewhere.
pub trait Writer: Send {
    /// The reading side.
    fn keeper(&self) -> Arc<dyn Keeper>;

    /// Why rows could not be read at all and were put away, if they were: then everything is to be replayed anew.
    fn unreadable(&self) -> Option<&str> {
        None
    }

    /// Whether there are rows to go on from.
    fn has_rows(&self) -> Result<bool, StoreError>;

    /// Hands over what the rows do not contain yet; with `anew` the rows are emptied first, and everything is handed over. Then
    /// groups can be committed. A part that is neither right nor said to be erased refuses the replay.
    fn replay(&mut self, anew: bool, visit: Visit<'_>) -> Result<Recovered, ReplayError>;

    /// Writes a group, all or nothing. After an error nothing of it may be acknowledged, and the process must end.
    fn commit(&mut self, group: Group) -> Result<(), StoreError>;

    /// Makes the rows of all that was committed so far visible, at once.
    fn show(&mut self, rows: Rows) -> Result<(), StoreError>;

    /// Waits until everything is on disk, rows too.
    fn flush(&mut self) -> Result<(), StoreError>;
}
