//! An item's history: the entries that belong to it by signed references, in the order of their own times.
//!
//! What belongs is decided by `ledger::relations`, the same code that the verifier runs; this module adds the words and the
//! authors, and knows no storage.

mod gathered;

use std::collections::BTreeMap;

use ledger::Key;
use ledger::entry::{Class, Event, Kind, Member};
use ledger::name::Name;
use ledger::public::PublicPart;
use ledger::relations::{Lists, Related, Relations, derive};

/// Where lists, events, words and members come from.
pub trait Source: Lists {
    /// When the entry was logged.
    fn logged_ms(&mut self, index: u64) -> Result<u64, Self::Error>;
    /// The public part of an event; `None` where it was erased.
    fn public(&mut self, index: u64) -> Result<Option<PublicPart>, Self::Error>;
    /// The member version that governs an entry at `index`, with the index of its own entry.
    fn member(&mut self, member: &Key, index: u64) -> Result<Option<(u64, Member)>, Self::Error>;
}

/// One entry of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// How it belongs here, and what was done to it since.
    pub related: Related,
    /// The event.
    pub event: Event,
    /// When it was logged.
    pub logged_ms: u64,
    /// Its public lines; `None` where they were erased.
    pub public: Option<PublicPart>,
    /// Its author: the index of the MEMBER entry, and what it says.
    pub author: Option<(u64, Member)>,
}

/// The history of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Whose.
    pub name: Name,
    /// Relevant entries: by time of the event, then by index.
    pub entries: Vec<HistoryEntry>,
    /// Lists, stays, and what the limits cut off.
    pub relations: Relations,
}

/// Gathers the history of `name`.
pub fn build<S: Source>(source: &mut S, name: &Name) -> Result<History, S::Error> {
    let relations = derive(source, name)?;
    let mut entries = Vec::new();
    let mut members: BTreeMap<(Key, u64), Option<(u64, Member)>> = BTreeMap::new();
    for related in relations.entries.iter().filter(|related| related.relevant) {
        let Some(known) = source.event(related.index) else {
            continue;
        };
        let event = known.event.clone();
        let author = match members.get(&(event.member, related.index)) {
            Some(author) => author.clone(),
            None => {
                let author = source.member(&event.member, related.index)?;
                members.insert((event.member, related.index), author.clone());
                author
            }
        };
        let public = source.public(related.index)?;
        let logged_ms = source.logged_ms(related.index)?;
        entries.push(HistoryEntry { related: *related, event, logged_ms, public, author });
    }
    entries.sort_by_key(|entry| (entry.event.event_ms, entry.related.index));
    Ok(History { name: name.clone(), entries, relations })
}

impl HistoryEntry {
    /// True for what happened to things: a node of the thread. Corrections, erasures, withdrawals and master data are about
    /// other entries or stand elsewhere on the page.
    pub fn is_node(&self) -> bool {
        !matches!(self.event.kind, Kind::Void | Kind::Erase | Kind::MasterData) && self.event.class != Class::AlertWithdrawn
    }

    /// True for an alert that is still in force.
    pub fn is_alert(&self) -> bool {
        let r = &self.related;
        self.is_node() && self.event.class == Class::Alert && r.voided_by.is_none() && r.ended_by.is_none()
    }

    /// True where no later record took it back.
    pub fn stands(&self) -> bool {
        self.related.voided_by.is_none()
    }
}

impl History {
    /// The entry of this index, if it is relevant.
    pub fn entry(&self, index: u64) -> Option<&HistoryEntry> {
        self.entries.iter().find(|entry| entry.related.index == index)
    }
}
