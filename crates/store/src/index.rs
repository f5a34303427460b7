//! What can be looked up: lists and heads per key, tables of state. All of it is made from what was committed, and made again from
//! there when it is missing, behind, ahead or unreadable.
//!
//! A row's key is a table's byte and then big-endian numbers or hashes, so that rows lie in order; a row's value begins with its version.

use std::sync::Arc;

use ledger::Hash;
use serde::de::DeserializeOwned;

use crate::{Changes, Keeper, StoreError, Table};

/// Version of every value; a row of another version means the rows must be made again.
pub(crate) const VERSION: u8 = 9;

/// The rows of a keeper, by what they mean. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Index {
    keeper: Arc<dyn Keeper>,
}

impl Index {
    /// Of this keeper.
    pub fn new(keeper: Arc<dyn Keeper>) -> Self {
        Self { keeper }
    }

    /// The keeper.
    pub fn keeper(&self) -> &dyn Keeper {
        &*self.keeper
    }

    /// The hash of an entry's leaf; `None` where the log does not reach so far.
    pub fn leaf_hash(&self, index: u64) -> Result<Option<Hash>, StoreError> {
        self.keeper.leaf_hashes(index).next().transpose()
    }

    /// The value of a row.
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.keeper.row(&row_key(table, key))?.map(|value| unversioned(table, &value)).transpose()
    }

    /// The value of a row of a table of JSON.
    pub fn get_json<T: DeserializeOwned>(&self, table: Table, key: &[u8]) -> Result<Option<T>, StoreError> {
        self.get(table, key)?.map(|value| from_json(table, &value)).transpose()
    }

    /// Rows whose keys begin with `prefix`, in order; from the end with `.rev()`. Keys come without the table's byte.
    pub fn rows(&self, table: Table, prefix: &[u8]) -> impl DoubleEndedIterator<Item = Result<(Vec<u8>, Vec<u8>), StoreError>> + use<> {
        self.keeper.rows(&row_key(table, prefix)).map(move |row| {
            let (mut key, value) = row?;
            key.remove(0);
            Ok((key, unversioned(table, &value)?))
        })
    }

    /// The same for a table of JSON.
    pub fn json_rows<T: DeserializeOwned>(
        &self,
        table: Table,
        prefix: &[u8],
    ) -> impl DoubleEndedIterator<Item = Result<(Vec<u8>, T), StoreError>> + use<T> {
        self.rows(table, prefix).map(move |row| {
            let (key, value) = row?;
            Ok((key, from_json(table, &value)?))
        })
    }

    /// Begins a set of changes that become visible, and last, all at once.
    pub fn changes(&self) -> Changes {
        Changes::new(Arc::clone(&self.keeper))
    }
}

pub(crate) fn row_key(table: Table, key: &[u8]) -> Vec<u8> {
    let mut row = Vec::with_capacity(1 + key.len());
    row.push(table.0);
    row.extend_from_slice(key);
    row
}

pub(crate) fn unversioned(table: Table, value: &[u8]) -> Result<Vec<u8>, StoreError> {
    match value.split_first() {
        Some((&VERSION, rest)) => Ok(rest.to_vec()),
        _ => Err(StoreError::row(table)),
    }
}

pub(crate) fn from_json<T: DeserializeOwned>(table: Table, value: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(value).map_err(|_| StoreError::row(table))
}
