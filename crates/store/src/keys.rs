//! Keys of rows that are made of several parts.

use crate::{Index, StoreError, Table};

/// Two names that hold no zero byte, as a key in the order of the first.
pub(crate) fn pair(first: &str, second: &str) -> Vec<u8> {
    [first.as_bytes(), &[0], second.as_bytes()].concat()
}

/// A member's rows in order of time.
pub(crate) fn inbox_key(member: &str, received_ms: u64, id: &str) -> Vec<u8> {
    [member.as_bytes(), &[0], &received_ms.to_be_bytes(), id.as_bytes()].concat()
}

impl Index {
    /// The ids at the end of a member's rows, newest first: those of [`inbox_key`].
    pub(crate) fn newest_of(&self, table: Table, member: &str) -> impl Iterator<Item = Result<String, StoreError>> + use<> {
        let prefix = pair(member, "");
        let id_at = prefix.len() + 8;
        self.rows(table, &prefix).rev().map(move |row| Ok(String::from_utf8_lossy(row?.0.get(id_at..).unwrap_or_default()).into_owned()))
    }
}
