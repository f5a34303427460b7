//! What can be looked up: positions of entries and parts, lists and heads per key, tables of state. All of it is made from
//! the journal, and made again from there when it is missing, behind, ahead or unreadable.
//!
//! One sled tree holds everything, so that one batch changes everything at once, the journal position it includes among it.
//! A row's key is a table's byte and then big-endian numbers or hashes, so that rows lie in order; a row's value begins with its version.

pub mod ledger_rows;
pub mod state;
pub mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use ledger_rows::{EntryRow, ListRow};
pub use table::Table;

base::limits! {
    /// sled's page cache.
    INDEX_CACHE_BYTES: u64 = 64 << 20, "bytes";
    /// How often sled writes to disk by itself; what it loses is rebuilt from the journal.
    INDEX_FLUSH_MS: u64 = 500, "milliseconds";
    /// How long an index that another process or thread is just closing is waited for.
    INDEX_LOCK_WAIT_MS: u64 = 5000, "milliseconds";
}

/// Version of every value; a row of another version means the index must be rebuilt.
const VERSION: u8 = 3;

/// The index cannot be read or written. The journal can rebuild it.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// sled failed.
    #[error("the index {path}: {source}. Stop the server, delete that directory, start again: it is rebuilt from the journal")]
    Sled {
        /// Its directory.
        path: PathBuf,
        /// Why.
        source: sled::Error,
    },
    /// A row that cannot be understood.
    #[error(
        "the index has an unreadable row in table {table:#04x}. Stop the server, delete the directory `index`, start again: it is rebuilt from the journal"
    )]
    Row {
        /// In which table.
        table: u8,
    },
}

impl IndexError {
    /// A row of this table cannot be understood.
    pub const fn row(table: Table) -> Self {
        Self::Row { table: table.0 }
    }
}

/// The index of one data directory.
#[derive(Clone, Debug)]
pub struct Index {
    tree: sled::Tree,
    db: sled::Db,
    path: PathBuf,
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

impl Index {
    /// Opens it, empty if it is not there.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let failed = |source| IndexError::Sled { path: path.to_owned(), source };
        let config = sled::Config::default().path(path).cache_capacity(INDEX_CACHE_BYTES).flush_every_ms(Some(INDEX_FLUSH_MS));
        let db = open_when_closed(&config).map_err(failed)?;
        let tree = db.open_tree("rows").map_err(failed)?;
        Ok(Self { tree, db, path: path.to_owned() })
    }

    /// The value of a row.
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        let value = self.tree.get(row_key(table, key)).map_err(|e| self.failed(e))?;
        value.map(|value| unversioned(table, &value)).transpose()
    }

    /// The value of a row of a table of JSON.
    pub fn get_json<T: DeserializeOwned>(&self, table: Table, key: &[u8]) -> Result<Option<T>, IndexError> {
        self.get(table, key)?.map(|value| from_json(table, &value)).transpose()
    }

    /// Rows whose keys begin with `prefix`, in order; from the end with `.rev()`. Keys come without the table's byte.
    pub fn rows(&self, table: Table, prefix: &[u8]) -> impl DoubleEndedIterator<Item = Result<(Vec<u8>, Vec<u8>), IndexError>> + use<> {
        let this = self.clone();
        self.tree.scan_prefix(row_key(table, prefix)).map(move |row| {
            let (key, value) = row.map_err(|e| this.failed(e))?;
            Ok((key[1..].to_vec(), unversioned(table, &value)?))
        })
    }

    /// The same for a table of JSON.
    pub fn json_rows<T: DeserializeOwned>(
        &self,
        table: Table,
        prefix: &[u8],
    ) -> impl DoubleEndedIterator<Item = Result<(Vec<u8>, T), IndexError>> + use<T> {
        self.rows(table, prefix).map(move |row| {
            let (key, value) = row?;
            Ok((key, from_json(table, &value)?))
        })
    }

    /// Begins a set of changes that become visible, and last, all at once.
    pub fn changes(&self) -> Changes {
        Changes { index: self.clone(), rows: BTreeMap::new() }
    }

    /// Empties it.
    pub fn clear(&self) -> Result<(), IndexError> {
        self.tree.clear().map_err(|e| self.failed(e))
    }

    /// Waits until all changes are on disk.
    pub fn flush(&self) -> Result<(), IndexError> {
        self.db.flush().map(|_| ()).map_err(|e| self.failed(e))
    }

    fn failed(&self, source: sled::Error) -> IndexError {
        IndexError::Sled { path: self.path.clone(), source }
    }
}

/// Changes that are made together. Reads see what was changed before.
pub struct Changes {
    index: Index,
    rows: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl Changes {
    /// The value of a row, as it will be.
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        match self.rows.get(&row_key(table, key)) {
            Some(Some(value)) => unversioned(table, value).map(Some),
            Some(None) => Ok(None),
            None => self.index.get(table, key),
        }
    }

    /// Sets a row.
    pub fn put(&mut self, table: Table, key: &[u8], value: &[u8]) {
        let mut versioned = Vec::with_capacity(1 + value.len());
        versioned.push(VERSION);
        versioned.extend_from_slice(value);
        self.rows.insert(row_key(table, key), Some(versioned));
    }

    /// The value of a row of a table of JSON, as it will be.
    pub fn get_json<T: DeserializeOwned>(&self, table: Table, key: &[u8]) -> Result<Option<T>, IndexError> {
        self.get(table, key)?.map(|value| from_json(table, &value)).transpose()
    }

    /// Sets a row of a table of JSON.
    pub fn put_json<T: Serialize>(&mut self, table: Table, key: &[u8], value: &T) {
        let json = serde_json::to_vec(value).expect("rows have string keys and no failing serializers");
        self.put(table, key, &json);
    }

    /// Takes a row away.
    pub fn remove(&mut self, table: Table, key: &[u8]) {
        self.rows.insert(row_key(table, key), None);
    }

    /// How many rows change.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Makes the changes, and begins anew.
    pub fn commit(&mut self) -> Result<(), IndexError> {
        let mut batch = sled::Batch::default();
        for (key, value) in std::mem::take(&mut self.rows) {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.index.tree.apply_batch(batch).map_err(|e| self.index.failed(e))
    }
}

/// sled says it in words alone.
fn is_locked(error: &std::io::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

fn row_key(table: Table, key: &[u8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(1 + key.len());
    row.push(table.0);
    row.extend_from_slice(key);
    row
}

fn unversioned(table: Table, value: &[u8]) -> Result<Vec<u8>, IndexError> {
    match value.split_first() {
        Some((&VERSION, rest)) => Ok(rest.to_vec()),
        _ => Err(IndexError::row(table)),
    }
}

fn from_json<T: DeserializeOwned>(table: Table, value: &[u8]) -> Result<T, IndexError> {
    serde_json::from_slice(value).map_err(|_| IndexError::row(table))
}
