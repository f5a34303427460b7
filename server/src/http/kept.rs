//! What was made once for the next reader: pages ([`pages`]), proofs ([`proofs`]) and names ([`names`]); pages and proofs as long as the lists behind them are the same.

pub mod generations;
pub mod names;
pub mod pages;
pub mod proofs;

use engine::{View, ViewError};
use ledger::{Hash, Key};

base::limits! {
    /// Pages that are kept, with their compressed pieces: some thousand.
    PAGES_KEPT_BYTES: usize = 64 << 20, "bytes";
    /// How long a page is kept at most: what changes by the time of day alone shows within it.
    PAGE_KEPT_SECONDS: u64 = 60, "seconds";
    /// Proofs that are kept, with their compressed forms: some thousand.
    PROOFS_KEPT_BYTES: usize = 64 << 20, "bytes";
}

/// Lists, each with its leaf in the map of a version: another one when the list grows.
#[derive(Debug, PartialEq, Eq)]
pub struct Lists(Vec<(Key, Option<Hash>)>);

impl Lists {
    /// These lists, as they are in this version.
    pub fn of(view: &View, lists: impl Iterator<Item = Key>) -> Result<Self, ViewError> {
        Ok(Self(lists.map(|key| Ok((key, view.map_leaf(&key)?))).collect::<Result<_, ViewError>>()?))
    }

    /// Whether they are the same in that one.
    fn are_still(&self, view: &View) -> bool {
        self.0.iter().all(|(key, leaf)| view.map_leaf(key).is_ok_and(|now| now == *leaf))
    }

    /// About how many bytes they hold.
    fn weight(&self) -> usize {
        self.0.len() * size_of::<(Key, Option<Hash>)>()
    }
}
