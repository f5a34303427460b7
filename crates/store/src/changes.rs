//! Rows that change together.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::index::{VERSION, from_json, row_key, unversioned};
use crate::{Keeper, Rows, StoreError, Table};

/// Changes that are made together. Reads see what was changed before.
#[derive(Debug)]
pub struct Changes {
    keeper: Arc<dyn Keeper>,
    rows: Rows,
}

impl Changes {
    pub(crate) fn new(keeper: Arc<dyn Keeper>) -> Self {
        Self { keeper, rows: Rows::new() }
    }

    /// The value of a row, as it will be.
    pub fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let key = row_key(table, key);
        match self.rows.get(&key) {
            Some(changed) => changed.as_ref().map(|value| unversioned(table, value)).transpose(),
            None => self.keeper.row(&key)?.map(|value| unversioned(table, &value)).transpose(),
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
    pub fn get_json<T: DeserializeOwned>(&self, table: Table, key: &[u8]) -> Result<Option<T>, StoreError> {
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

    /// The rows, for whoever writes them; then begins anew.
    pub fn take(&mut self) -> Rows {
        std::mem::take(&mut self.rows)
    }

    /// Makes the changes beside the writer, and begins anew.
    pub fn commit(&mut self) -> Result<(), StoreError> {
        let rows = self.take();
        self.keeper.apply(rows)
    }
}
