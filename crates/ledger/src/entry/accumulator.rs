//! The running hashes over a subject's entries, whose value the map holds: they bind every entry and their order, and apart from
//! them the alerts and the facts, which a shortened list carries all the same.

use super::{Action, Class, Entry, Kind, record_role};
use crate::hash::{Hash, Key, dk};

/// Count and running hash of a chain of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Accumulator {
    /// How many entries.
    pub count: u32,
    /// The hash over them.
    pub acc: Hash,
}

impl Accumulator {
    /// Takes the next entry of the chain.
    pub fn push(&mut self, index: u64, leaf_hash: &Hash) {
        self.acc = dk("leafproof item-acc v1", &[self.acc.as_bytes(), &index.to_be_bytes(), leaf_hash.as_bytes()]);
        self.count += 1;
    }
}

/// What an entry is in one of the lists that it joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Something is wrong with the subject, or no longer is.
    Alert,
    /// What the subject is: who made it, what it is called, what it was packed into, and corrections. A recall may reach goods through
    /// their pallet alone, so whoever fills their list with other records must not push the packing out.
    Fact,
    /// Neither.
    Plain,
}

impl Chain {
    /// In which chain an entry stands beside that of all rows, given the subject's role in it. It follows from the entry alone, so
    /// that whoever holds the rows can tell.
    pub fn of(entry: &Entry, role: u8) -> Self {
        // No role: in a list of what was made as a batch, where an entry stands for nothing else, also if it is an alert.
        let Some(event) = entry.event().filter(|_| role != 0) else {
            return Self::Plain;
        };
        let lasts = match event.kind {
            Kind::Object => event.action == Action::Add && role & record_role::OBJECT != 0,
            Kind::Transformation => role & record_role::OUTPUT != 0,
            Kind::Aggregation | Kind::Association => event.packs() && role & record_role::CHILD != 0,
            Kind::MasterData | Kind::Void | Kind::Erase | Kind::Objection => true,
            _ => false,
        };
        match event.class {
            Class::Alert | Class::AlertWithdrawn => Self::Alert,
            _ if lasts => Self::Fact,
            _ => Self::Plain,
        }
    }
}

/// The head of a list: all rows, the alerts among them, the facts among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Head {
    /// All rows.
    pub all: Accumulator,
    /// Alerts.
    pub alerts: Accumulator,
    /// Facts.
    pub facts: Accumulator,
}

impl Head {
    /// Takes the next entry of the list.
    pub fn push(&mut self, index: u64, leaf_hash: &Hash, chain: Chain) {
        self.all.push(index, leaf_hash);
        self.push_chain(index, leaf_hash, chain);
    }

    /// Takes an entry that the chain of all rows has already.
    pub fn push_chain(&mut self, index: u64, leaf_hash: &Hash, chain: Chain) {
        match chain {
            Chain::Alert => self.alerts.push(index, leaf_hash),
            Chain::Fact => self.facts.push(index, leaf_hash),
            Chain::Plain => {}
        }
    }

    /// The value under this key in the map.
    pub fn value(&self, key: &Key) -> Hash {
        let mut out = crate::hash::Dk::new("leafproof item-head v2");
        out.update(key.as_bytes());
        for chain in [&self.all, &self.alerts, &self.facts] {
            out.update(&chain.count.to_be_bytes()).update(chain.acc.as_bytes());
        }
        out.finish()
    }
}
