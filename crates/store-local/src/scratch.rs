//! A table that nothing else can rebuild and nobody misses for long: sessions. It lies in a folder of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::keeper::open_when_closed;

/// sled's cache: what is kept here is little and small, its default of 1 GiB is not for it.
const CACHE_BYTES: u64 = 4 << 20;

/// The table cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ScratchError {
    /// sled failed.
    #[error(transparent)]
    Sled(#[from] sled::Error),
    /// sled answers some damage with a panic.
    #[error("its files are damaged")]
    Damaged,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Scratch {
    rows: sled::Tree,
}

impl Scratch {
    /// Opens the folder, made if it is not there, and reads it through once: damage shows here and not when somebody needs a row.
    pub fn open(folder: &Path) -> Result<Self, ScratchError> {
        let opened = catch_unwind(AssertUnwindSafe(|| -> Result<Self, sled::Error> {
            let config = sled::Config::new().path(folder).cache_capacity(CACHE_BYTES);
            let rows = open_when_closed(&config)?.open_tree("rows")?;
            rows.iter().try_for_each(|row| row.map(|_| ()))?;
            Ok(Self { rows })
        }));
        Ok(opened.map_err(|_| ScratchError::Damaged)??)
    }

    /// One that is gone with this process, for tests.
    ///
    /// # Errors
    /// Where there is no room for it.
    pub fn temporary() -> Result<Self, ScratchError> {
        Ok(Self { rows: sled::Config::new().temporary(true).open()?.open_tree("rows")? })
    }

    /// The value of a row.
    pub fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ScratchError> {
        Ok(self.rows.get(key)?.map(|value| value.to_vec()))
    }

    /// Sets a row.
    pub fn insert(&self, key: &[u8], value: Vec<u8>) -> Result<(), ScratchError> {
        self.rows.insert(key, value)?;
        Ok(())
    }

    /// Takes a row away.
    pub fn remove(&self, key: &[u8]) -> Result<(), ScratchError> {
        self.rows.remove(key)?;
        Ok(())
    }

    /// All rows, in the order of their keys.
    pub fn rows(&self) -> impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), ScratchError>> {
        self.rows.iter().map(|row| {
            let (key, value) = row?;
            Ok((key.to_vec(), value.to_vec()))
        })
    }

    /// Those whose keys begin so.
    pub fn rows_from(&self, prefix: &[u8]) -> impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), ScratchError>> {
        self.rows.scan_prefix(prefix).map(|row| {
            let (key, value) = row?;
            Ok((key.to_vec(), value.to_vec()))
        })
    }

    /// How many rows; reads them all.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Waits until all rows are on disk.
    pub fn flush(&self) -> Result<(), ScratchError> {
        self.rows.flush()?;
        Ok(())
    }
}
