//! The log in memory: tree, map, members; and how an entry changes them. The same code takes a new entry and replays an old
//! one, so that both end in the same roots.

use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;
use std::sync::{Arc, RwLock};

use ledger::audit::Quota;
use ledger::entry::{Body, Entry, Grant, Joined, MapHead, Member, TileEntry, leaf_hash};
use ledger::map::{Map, MapReadError};
use ledger::tree::MemoryTree;
use ledger::{Hash, Key};
use store::table::{BODIES, EVENT_IDS, MAP_NODES, MEMBERS, SEQS};
use store::{Changes, Index, Rows, StoreError};

use crate::bounded::Said;
use crate::rights::RightsNow;
use crate::view::event_key;

base::limits! {
    /// Changes of the map until its nodes are noted in the index: few at a time would write the upper ones again and again,
    /// many take long to make up for after a crash.
    MAP_NOTE_CHANGES: usize = 2_000, "changes";
    /// Changes of the map until its nodes are put out of memory, some 250 bytes each; they are fetched again when somebody asks.
    MAP_HELD_CHANGES: usize = 100_000, "changes";
    /// Quotas counted in memory, by list and author; what is put out is counted again from the list.
    QUOTAS_HELD: usize = 10_000, "counts";
}

/// The log, and the rows that wait to be written to the index.
pub(crate) struct Log {
    pub(crate) origin: Arc<str>,
    pub(crate) tree: Arc<RwLock<MemoryTree>>,
    pub(crate) map: Map,
    /// Versions of each member, oldest first.
    pub(crate) members: HashMap<Key, Vec<Member>>,
    /// Whose a public key is, for ever.
    pub(crate) key_owners: HashMap<[u8; 32], Key>,
    /// Prefixes and grants.
    pub(crate) rights: RightsNow,
    /// By list and author, where they were asked for.
    quotas: HashMap<(Key, Key), Quota>,
    /// What authors have in bounded lists, by list and author.
    said: HashMap<(Key, Key), Said>,
    pub(crate) last_ms: u64,
    /// The newest signed checkpoint that was found, with what co-signatures it had.
    pub(crate) note: Option<Vec<u8>>,
    pub(crate) changes: Changes,
    /// Where the map's nodes lie that are not in memory.
    nodes: Index,
    /// Changes of the map since it was noted in the index, and since its nodes were put out of memory.
    unnoted: usize,
    held: usize,
}

/// Why an entry cannot continue the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TakeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("entry {0} does not continue the log: {1}")]
    Inconsistent(u64, &'static str),
}

impl Log {
    pub(crate) fn new(origin: Arc<str>, index: &Index) -> Self {
        Self {
            origin,
            tree: Arc::default(),
            map: Map::new(),
            members: HashMap::new(),
            key_owners: HashMap::new(),
            rights: RightsNow::default(),
            quotas: HashMap::new(),
            said: HashMap::new(),
            last_ms: 0,
            note: None,
            changes: index.changes(),
            nodes: index.clone(),
            unnoted: 0,
            held: 0,
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.tree.read().unwrap_or_else(|e| e.into_inner()).size().0
    }

    pub(crate) fn root(&self) -> Hash {
        self.tree.read().unwrap_or_else(|e| e.into_inner()).root()
    }

    /// Takes the next entry.
    pub(crate) fn take(&mut self, tile: &TileEntry, leaf: &[u8]) -> Result<(u64, Hash), TakeError> {
        let index = self.size();
        let entry = &tile.entry;
        if entry.logged_ms < self.last_ms {
            return Err(TakeError::Inconsistent(index, "its time is before the one of the entry before"));
        }
        self.last_ms = entry.logged_ms;
        let hash = leaf_hash(leaf);
        match &entry.body {
            Body::Event(event) => {
                let kind = event.kind as u8;
                let id = event_key(&event.member, &event.event_id, kind, event.chunk);
                self.changes.put_number(EVENT_IDS, &id, index);
                self.changes.put_number(BODIES, &event.body_hash(&self.origin).0, index);
                self.changes.put_number(SEQS, event.member.as_bytes(), event.seq);
                for (place, authority) in event.authorities.iter().enumerate() {
                    // What is only referred to, its user may name without anybody's leave.
                    let recorded = || tile.records.iter().any(|record| usize::from(record.authority) == place);
                    if let Some(owner) = authority.owner().filter(|owner| **owner != event.member && recorded()) {
                        self.changes.put_grant_use(owner, &event.member, entry.logged_ms);
                    }
                }
            }
            Body::Member(member) => {
                self.add_member(member.clone(), index, entry.logged_ms);
                self.changes.put(MEMBERS, member.id.as_bytes(), &[]);
            }
            Body::Grant(grant) => {
                self.rights.take_grant(grant);
                self.changes.put_grant_list(&grant.key(), entry.logged_ms);
            }
            Body::Notice(_) => {}
            Body::MapHead(head) => {
                if *head != self.map_head() {
                    return Err(TakeError::Inconsistent(index, "its map root is not that of the entries before"));
                }
            }
        }
        for joined in entry.lists(&tile.records) {
            self.list(&joined, index, &hash)?;
            if let Some(event) = entry.event().filter(|event| Quota::counts(event, joined.chain))
                && let Some(quota) = self.quotas.get_mut(&(joined.key, event.member))
            {
                quota.take(event, event.body_hash(&self.origin));
            }
            if let Some(event) = entry.event()
                && let Some(said) = self.said.get_mut(&(joined.key, event.member))
            {
                said.take(event, joined.chain);
            }
        }
        self.tree.write().unwrap_or_else(|e| e.into_inner()).append(hash);
        Ok((index, hash))
    }

    fn list(&mut self, joined: &Joined, index: u64, hash: &Hash) -> Result<(), StoreError> {
        let (old, head) = self.changes.push_list(joined, index, hash)?;
        let key = &joined.key;
        self.set(key, head.value(key), old.map(|old| old.value(key)))
    }

    /// What an author has used of its quota in a list. `count` finds it where it was not asked for before.
    pub(crate) fn quota<E>(&mut self, list: Key, author: Key, count: impl FnOnce() -> Result<Quota, E>) -> Result<&Quota, E> {
        match self.quotas.entry((list, author)) {
            MapEntry::Occupied(known) => Ok(known.into_mut()),
            MapEntry::Vacant(place) => Ok(place.insert(count()?)),
        }
    }

    /// What an author has in a bounded list. `count` finds it where it was not asked for before.
    pub(crate) fn said<E>(&mut self, list: Key, author: Key, count: impl FnOnce() -> Result<Said, E>) -> Result<Said, E> {
        match self.said.entry((list, author)) {
            MapEntry::Occupied(known) => Ok(*known.get()),
            MapEntry::Vacant(place) => Ok(*place.insert(count()?)),
        }
    }

    /// Puts the counts out of memory once they are many. Only after a version is shown with all that was taken: they are counted from that.
    pub(crate) fn forget_quotas(&mut self) {
        if self.quotas.len() > QUOTAS_HELD {
            self.quotas.clear();
        }
        if self.said.len() > QUOTAS_HELD {
            self.said.clear();
        }
    }

    /// Sets a value of the map.
    pub(crate) fn set(&mut self, key: &Key, value: Hash, old: Option<Hash>) -> Result<(), StoreError> {
        self.unnoted += 1;
        self.held += 1;
        self.map.insert_in(&self.nodes, key, value, old).map_err(|error| match error {
            MapReadError::Nodes(error) => error,
            MapReadError::Lost => StoreError::row(MAP_NODES),
        })
    }

    /// The rows that changed, for whoever writes them; the map's among them once they are many.
    pub(crate) fn rows(&mut self) -> Rows {
        if self.unnoted >= MAP_NOTE_CHANGES {
            self.note_map();
        }
        self.changes.take()
    }

    /// Once the rows are written: puts the map's nodes out of memory when they are many. Then true, and versions shall be shown with
    /// the new map.
    pub(crate) fn forget_map(&mut self) -> bool {
        let forget = self.unnoted == 0 && self.held >= MAP_HELD_CHANGES;
        if forget {
            self.map.forget();
            self.held = 0;
        }
        forget
    }

    /// Notes the map with the next rows.
    pub(crate) fn note_map(&mut self) {
        self.changes.put_map(&self.map, self.size());
        self.unnoted = 0;
    }

    pub(crate) fn add_grant(&mut self, grant: &Grant) {
        self.rights.take_grant(grant);
    }

    pub(crate) fn add_member(&mut self, member: Member, index: u64, logged_ms: u64) {
        self.rights.take_member(&member, index, logged_ms);
        self.key_owners.insert(member.public_key, member.key());
        self.members.entry(member.key()).or_default().push(member);
    }

    /// The MAPHEAD that would come next.
    pub(crate) fn map_head(&self) -> MapHead {
        let register = &self.rights.register;
        let (prefix_count, prefix_root) = (register.len(), register.root());
        MapHead { covers: self.size(), key_count: self.map.len(), map_root: self.map.root(), prefix_count, prefix_root }
    }

    /// The newest sequence number of a member.
    pub(crate) fn seq(&self, member: &Key) -> Result<u64, StoreError> {
        Ok(self.changes.number(SEQS, member.as_bytes())?.unwrap_or(0))
    }

    /// The MAPHEAD as an entry.
    pub(crate) fn map_head_entry(&self) -> TileEntry {
        let entry = Entry { logged_ms: self.last_ms, body: Body::MapHead(self.map_head()) };
        TileEntry { entry, records: Vec::new() }
    }
}
