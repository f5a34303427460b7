//! What must be complete: which lists belong to a subject's history, derived from signed references alone.
//!
//! Written once. The server derives with it what goes into a bundle, the verifier what has to be there; neither takes
//! the other's word. The rules have the numbers of the specification.

mod correct;
mod derive;

use crate::entry::Event;
use crate::hash::{Hash, Key};
use crate::prelude::*;
use crate::text::nth;

pub use derive::derive;

/// Transformations followed back from the subject; what lies behind is another page.
pub const MAX_TRANSFORMATIONS: u8 = 3;
/// Containers in containers: item, case, pallet, lorry, ship.
pub const MAX_NESTING: u8 = 4;

/// Where lists and events come from.
pub trait Lists {
    /// What can go wrong in reading, or what is missing.
    type Error;
    /// The list of `key`, with the roles of `owner` in its entries; rows ascending by index.
    fn list(&mut self, key: &Key, owner: &Key, need: Need) -> Result<Rows, Self::Error>;
    /// The event of this index; every event of a list that was given is known.
    fn event(&self, index: u64) -> Option<Known<'_>>;
    /// The error for a list of which no row came, though the limits have room for it.
    fn short(&self, key: &Key) -> Self::Error;
}

/// How much of a list is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The newest 256 rows at least.
    Newest,
    /// As `Newest`, and all rows from this entry on.
    Since(u64),
    /// All of it.
    Whole,
    /// Its count is enough.
    Head,
}

/// The rows of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// How many entries the list has.
    pub count: u32,
    /// How many of them, the oldest, are not loaded.
    pub older: u32,
    /// Index and role of the others.
    pub rows: Vec<(u64, u8)>,
}

/// An event and its body hash, by which other entries name it.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The event.
    pub event: &'a Event,
    /// Its body hash.
    pub body: &'a Hash,
}

/// How a list, and the entries in it, belong to the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// The subject itself.
    Item,
    /// Its batch.
    Batch,
    /// Its product.
    Product,
    /// A container, while the subject was inside.
    Container,
    /// An input of the transformation that made it, that input's batch, or the transformation itself.
    Input,
    /// Movements of other parts of the subject, apart from its own list.
    Bulk,
    /// Versions of a member who signed.
    Member,
}

impl Through {
    /// The word in the report.
    pub fn word(self) -> &'static str {
        nth("item batch product container input bulk member", self as usize)
    }
}

/// A list that must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Required {
    /// Its key in the map.
    pub key: Key,
    /// Whose list it is: the key itself, or for a bulk list the key it was made from.
    pub owner: Key,
    /// Why.
    pub through: Through,
    /// How many entries it has.
    pub count: u32,
    /// How many of them, the oldest, are not loaded.
    pub older: u32,
}

/// An entry of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Related {
    /// Its index.
    pub index: u64,
    /// How it came in: by the first list that makes it relevant.
    pub through: Through,
    /// The owner of that list, and its role in the entry.
    pub owner: Key,
    /// Role of the owner.
    pub role: u8,
    /// Part of the history; else context, there because a list must be whole.
    pub relevant: bool,
    /// The entry of kind 6 that takes it back.
    pub voided_by: Option<u64>,
    /// The entry of kind 7 that erases its words, if its author may.
    pub erased_by: Option<u64>,
    /// The entry of class 3 that ends this alert.
    pub ended_by: Option<u64>,
    /// For such entries: the one they are about.
    pub target: Option<u64>,
    /// Such an entry may be about one that is older than the rows loaded.
    pub target_may_be_older: bool,
}

/// A stay of the subject in a container, or of that container in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The container.
    pub container: Key,
    /// From when.
    pub from_ms: u64,
    /// Until when; open if `None`.
    pub until_ms: Option<u64>,
    /// The entry that ended it.
    pub ended_by: Option<u64>,
    /// Alerts on the container after that, not part of this history.
    pub alerts_after: u32,
}

/// The history's extent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relations {
    /// Lists that must be there, in the order in which they were found.
    pub lists: Vec<Required>,
    /// Entries of these lists but the members', ascending by index.
    pub entries: Vec<Related>,
    /// Lists that the limits leave out.
    pub cut: Vec<(Key, Through)>,
    /// Stays in containers.
    pub stays: Vec<Stay>,
}

impl Relations {
    /// The entry of this index.
    pub fn entry(&self, index: u64) -> Option<&Related> {
        self.entries.binary_search_by_key(&index, |e| e.index).ok().map(|i| &self.entries[i])
    }

    /// The list of this key.
    pub fn list(&self, key: &Key) -> Option<&Required> {
        self.lists.iter().find(|list| list.key == *key)
    }
}
