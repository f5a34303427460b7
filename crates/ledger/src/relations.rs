//! What must be complete: which lists belong to a subject's history, derived from signed references alone.
//!
//! Written once. The server derives with it what goes into a bundle, the verifier what has to be there; neither takes
//! the other's word. The rules have the numbers of the specification.

mod correct;
mod derive;

use crate::entry::{Authority, Entry, Event, ListKind};
use crate::hash::{Hash, Key};
use crate::prefix::Prefix;
use crate::prelude::*;
use crate::standing::{Number, Standing};
use crate::text::nth;

pub use derive::derive;

/// Transformations followed back from the subject; what lies behind is another page.
pub const MAX_TRANSFORMATIONS: u8 = 3;
/// Containers in containers: item, case, pallet, lorry, ship.
pub const MAX_NESTING: u8 = 4;

/// Where lists and entries come from.
pub trait Lists {
    /// What can go wrong in reading, or what is missing.
    type Error;
    /// A list, with the roles of its subject in its entries; rows ascending by index.
    fn list(&mut self, key: &Key, of: Listed, need: Need) -> Result<Rows, Self::Error>;
    /// The entry of this index; every entry of a list that was given is known.
    fn entry(&self, index: u64) -> Option<Known<'_>>;
    /// The GS1 prefix of a number, if it has one.
    fn prefix(&mut self, digits: &str) -> Result<Option<Prefix>, Self::Error>;
    /// How many entries the history may have.
    fn most_entries(&self) -> usize;
    /// The error for a list of which fewer rows came than the limits have room for.
    fn short(&self, key: &Key) -> Self::Error;
}

/// What a list's rows point at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// The record of this subject in an event.
    Subject(Key),
    /// An event by its batch reference, a member's version, a grant: no record.
    Whole,
}

/// How much of a list is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The newest 256 rows at least, and before them all alerts and facts.
    Newest,
    /// As `Newest`, and all rows from this entry on.
    Since(u64),
    /// All of it.
    Whole,
    /// Alerts and facts alone.
    Chains,
    /// Alerts alone.
    Alerts,
    /// The newest row.
    One,
    /// Its counts alone.
    Head,
    /// As it was given the last time.
    Again,
}

/// How much of a list there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// Its counts alone.
    Head,
    /// Alerts alone.
    Alerts,
    /// Alerts and facts alone.
    Chains,
    /// As much as was needed.
    #[default]
    Enough,
}

/// The rows of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// How many entries the list has.
    pub count: u32,
    /// How many of them are alerts, and facts; 0 where they are all loaded.
    pub chains: (u32, u32),
    /// How many of them are not loaded.
    pub older: u32,
    /// The index of the first row from which on all are loaded; 0 where all are.
    pub first: u64,
    /// How much this is.
    pub form: Form,
    /// Index and role of the others.
    pub rows: Vec<(u64, u8)>,
}

/// An entry, and its body hash, by which other entries name it.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// Its body hash.
    pub body: &'a Hash,
}

impl<'a> Known<'a> {
    /// The event in it.
    pub const fn event(&self) -> Option<&'a Event> {
        self.entry.event()
    }
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
    /// What was made as this batch.
    Made,
    /// What an owner granted to a member who signed.
    Grant,
}

impl Through {
    /// The word in the report.
    pub fn word(self) -> &'static str {
        nth("item batch product container input bulk member made grant", self as usize)
    }
}

/// A list that must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Required {
    /// Its key in the map.
    pub key: Key,
    /// Whose list it is: a subject, a member, the owner who grants.
    pub owner: Key,
    /// Of a subject's list: under which authority, and which kind.
    pub under: Option<(Authority, ListKind)>,
    /// Why.
    pub through: Through,
    /// How many entries it has.
    pub count: u32,
    /// How many of them are not loaded.
    pub older: u32,
}

impl Required {
    /// What its rows point at.
    pub fn record_of(&self) -> Listed {
        match self.under {
            Some((_, ListKind::Own | ListKind::Bulk)) => Listed::Subject(self.owner),
            _ => Listed::Whole,
        }
    }
}

/// An entry of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Related {
    /// Its index.
    pub index: u64,
    /// How it came in: by the first list that makes it relevant.
    pub through: Through,
    /// The subject of that list, and its role in the entry.
    pub owner: Key,
    /// Role of the owner.
    pub role: u8,
    /// The authority of that list.
    pub authority: Authority,
    /// By which right it stands there; of a correction, by which its target does.
    pub standing: Standing,
    /// The version of the grant that gives the right.
    pub grant: Option<u64>,
    /// Part of the history; else context, there because a list must be whole.
    pub relevant: bool,
    /// Of an alert: the owner of the subject's number stands behind it, or a regulator does. Else it is a warning.
    pub red: bool,
    /// The entry of kind 6 that takes it back.
    pub voided_by: Option<u64>,
    /// The entry of kind 7 that erases its words, if its author may.
    pub erased_by: Option<u64>,
    /// The entry of class 3 that ends this alert.
    pub ended_by: Option<u64>,
    /// The owner's objection to it.
    pub objected_by: Option<u64>,
    /// For such entries: the one they are about.
    pub target: Option<u64>,
}

/// What a transformation was made of, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// The transformation.
    pub index: u64,
    /// What it used up.
    pub key: Key,
    /// Who stands behind that, but the author.
    pub backing: Backing,
}

/// Who says that something was used, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Backing {
    /// The author alone.
    Said,
    /// The input's owner lets the author name its goods.
    Named,
    /// The same, and the owner's own record says that these goods went to the author, not later than they were used.
    Confirmed,
    /// The author owns the input's number.
    Own,
}

impl Backing {
    /// The word in the report.
    pub fn word(self) -> &'static str {
        nth("said named confirmed own", self as usize)
    }
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
    /// The subject's number and its owners.
    pub number: Option<Number>,
    /// Lists that must be there, in the order in which they were found.
    pub lists: Vec<Required>,
    /// Entries of these lists that have a standing, ascending by index.
    pub entries: Vec<Related>,
    /// Entries that have none: they change nothing.
    pub claims: Vec<u64>,
    /// Versions of members who signed, by member.
    pub members: Vec<(Key, Vec<u64>)>,
    /// Versions of grants, by owner and partner.
    pub grants: Vec<(Key, Key, Vec<u64>)>,
    /// What was made of what.
    pub inputs: Vec<Input>,
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
