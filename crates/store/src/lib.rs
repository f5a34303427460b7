//! The contract between the ledger and whatever keeps its data, and what stands in the records and rows that are kept.
//!
//! It stands at the *group*: entries with their parts, records beside the log, a signed checkpoint, written together. So a keeper may
//! be a journal with an embedded index, as `store-local` is, or a database. Positions and cursors are a keeper's own affair: entries are
//! named by their index, parts by their commitment, rows by their key.
//!
//! ```text
//! engine ── Group ──> Writer::commit ──> on disk, all or nothing
//!                     Writer::show   ──> its rows, visible at once
//! anybody ──────────> Keeper: entry, part, row, rows
//! start ────────────> Writer::replay: what the rows do not contain yet, in the order in which it was committed
//! ```
//!
//! All calls block. Rows hold nothing that the rest cannot give again.

mod changes;
mod contract;
mod deeds;
mod error;
mod index;
mod keys;
mod ledger_rows;
mod part;
pub mod record;
pub mod rows;
pub mod table;
#[cfg(feature = "testing")]
pub mod testing;

pub use changes::Changes;
pub use contract::{
    Group, Item, Keeper, Leaf, NewEntry, NewRecord, Recovered, Row, RowIter, Rows, StoredEntry, Sync, Taken, Visit, Writer,
};
pub use error::{ReplayError, StoreError};
pub use index::Index;
pub use ledger_rows::{ChainRow, ListRow};
pub use part::{SALT_LEN, SaltedPart};
pub use rows::public;
pub use table::Table;
