//! One version of the ledger, as it stood when a checkpoint was signed. What is read through it fits together, whatever is
//! logged meanwhile.

use std::sync::{Arc, RwLock};

use ledger::audit::Quota;
use ledger::bundle::{BuildError, ListRows, Source};
use ledger::entry::{Accumulator, Body, Chain, Head, ListKind, Member, TileEntry};
use ledger::map::{Map, MapProof, MapReadError};
use ledger::name::Name;
use ledger::note::Checkpoint;
use ledger::prefix::PrefixProof;
use ledger::standing::Number;
use ledger::tree::{LeafIndex, MemoryTree, Nodes as _, TreeSize};
use ledger::{Hash, Key};
use store::table::{BODIES, EVENT_IDS, SEQS};
use store::{Index, ListRow, SaltedPart, StoreError};

use crate::bounded::Said;
use crate::rights::RightsNow;

/// Reading a version failed.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// What keeps the data.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was read has not the form of an entry.
    #[error("the stored bytes of {0} are no entry; restore the journal from a backup")]
    Damaged(String),
    /// The version has no such entry.
    #[error("this version of the ledger has no entry {0}")]
    NoEntry(u64),
    /// A newer version took the place of a part of this one: ask the newest.
    #[error("this version of the map is no longer there as a whole")]
    Outdated,
}

impl From<MapReadError<StoreError>> for ViewError {
    fn from(error: MapReadError<StoreError>) -> Self {
        match error {
            MapReadError::Nodes(error) => Self::Store(error),
            MapReadError::Lost => Self::Outdated,
        }
    }
}

/// A signed version of the ledger.
#[derive(Clone)]
pub struct View {
    pub(crate) origin: Arc<str>,
    pub(crate) note: Vec<u8>,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) signed_ms: u64,
    pub(crate) tree: Arc<RwLock<MemoryTree>>,
    pub(crate) map: Map,
    pub(crate) rights: RightsNow,
    pub(crate) index: Index,
}

impl View {
    /// The ledger's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The checkpoint.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signed note: the checkpoint with its signatures.
    pub fn note(&self) -> &[u8] {
        &self.note
    }

    /// The checkpoint's signed time, milliseconds since 1970.
    pub fn signed_ms(&self) -> u64 {
        self.signed_ms
    }

    /// Who may speak about whose goods.
    pub fn rights(&self) -> &RightsNow {
        &self.rights
    }

    /// How many entries the version has.
    pub fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// The hash of a key's leaf in the map over all entries but the last: it changes when the key's list grows.
    pub fn map_leaf(&self, key: &Key) -> Result<Option<Hash>, ViewError> {
        Ok(self.map.leaf_in(&self.index, key)?)
    }

    /// Whether any entry is about this subject, by a right that its number gives. An index that cannot be read says no, and the log says
    /// why.
    pub fn knows(&self, name: &Name) -> bool {
        let first = self.first_about(name).unwrap_or_else(|error| {
            tracing::error!(%error, "whether a code is known could not be read");
            None
        });
        first.is_some()
    }

    /// The first entry about a subject in the lists that a page looks into: those of its number's owners, of governance, and of the time
    /// before. Anybody can sign a key under a right that is its own or made up; that stands in lists beside these.
    fn first_about(&self, name: &Name) -> Result<Option<u64>, ViewError> {
        let (number, key) = (self.number(name), name.key());
        let mut first: Option<u64> = None;
        for authority in number.authorities() {
            for kind in [ListKind::Own, ListKind::Bulk, ListKind::Made] {
                let begins = self.index.first_of(&authority.list(kind, &key))?;
                first = first.into_iter().chain(begins).min();
            }
        }
        Ok(first.filter(|first| *first < self.size()))
    }

    /// A subject's number, with the history of its prefix: which lists a page looks into follows from it.
    fn number(&self, name: &Name) -> Number {
        Number::of(name, name.digits().and_then(|digits| self.rights.register.of(digits)))
    }

    /// Entries in the lists that a page looks into, at most so many of each, oldest first, the owners' lists before others.
    pub fn said_of(&self, name: &Name, most: usize) -> Result<Vec<u64>, ViewError> {
        let (number, key) = (self.number(name), name.key());
        let mut all = Vec::new();
        for authority in number.authorities() {
            let list = self.list(&authority.list(ListKind::Own, &key))?;
            all.extend(list.iter().take(most).map(|row| row.index));
        }
        Ok(all)
    }

    /// The entries that name a subject, by whatever right, oldest first: its lists stand side by side.
    pub fn about(&self, subject: &Key) -> Result<Vec<u64>, ViewError> {
        Ok(self.index.beside(subject, self.size())?)
    }

    /// The whole list of a key, oldest first.
    pub fn list(&self, key: &Key) -> Result<Vec<ListRow>, ViewError> {
        // A version's list lies below its MAPHEAD, which stands in no list.
        Ok(self.index.list(key, self.size())?)
    }

    /// An entry, with its records.
    pub fn entry(&self, index: u64) -> Result<TileEntry, ViewError> {
        let bytes = self.tile_bytes(index)?;
        TileEntry::parse(&bytes).map_err(|_| ViewError::Damaged(format!("entry {index}")))
    }

    /// What an author has used of its quota in a list.
    pub fn quota(&self, list: &Key, author: &Key) -> Result<Quota, ViewError> {
        let mut quota = Quota::default();
        for row in self.list(list)?.iter().filter(|row| row.chain != Chain::Plain) {
            if let Some(by) = self.entry(row.index)?.entry.event().filter(|by| by.member == *author && Quota::counts(by, row.chain)) {
                quota.take(by, by.body_hash(self.origin()));
            }
        }
        Ok(quota)
    }

    /// What an author has in a list beside alerts.
    pub fn said(&self, list: &Key, author: &Key) -> Result<Said, ViewError> {
        let mut said = Said::default();
        for row in self.list(list)?.iter() {
            if let Some(event) = self.entry(row.index)?.entry.event().filter(|event| event.member == *author) {
                said.take(event, row.chain);
            }
        }
        Ok(said)
    }

    /// The bundle of a subject.
    pub fn bundle(&self, name: &Name) -> Result<Vec<u8>, BuildError<ViewError>> {
        ledger::bundle::build(self, name)
    }

    /// The bytes of a part; `None` where it was erased or never came.
    pub fn part_bytes(&self, commitment: &Hash) -> Result<Option<Vec<u8>>, ViewError> {
        Ok(self.salted_part(commitment)?.map(|part| part.into_inner().1))
    }

    /// All versions of a member, oldest first, with the indices of their entries.
    pub fn member(&self, id: &str) -> Result<Vec<(u64, Member)>, ViewError> {
        self.member_by_key(&Name::member_key(id))
    }

    /// The same by the member's key, as events name their author.
    pub fn member_by_key(&self, key: &Key) -> Result<Vec<(u64, Member)>, ViewError> {
        let mut versions = Vec::new();
        for row in self.list(key)? {
            if let Body::Member(member) = self.entry(row.index)?.entry.body {
                versions.push((row.index, member));
            }
        }
        Ok(versions)
    }

    /// Where the event with this identity stands: member, event id, kind, chunk.
    pub fn find_event(&self, member: &Key, event_id: &Hash, kind: u8, chunk: u16) -> Result<Option<u64>, ViewError> {
        let found = self.index.number(EVENT_IDS, &event_key(member, event_id, kind, chunk))?;
        Ok(found.filter(|index| *index < self.size()))
    }

    /// Where all entries of one author and event id stand, each with its kind; by kind, then by chunk.
    pub fn entries_of(&self, member: &Key, event_id: &Hash) -> Result<Vec<(u8, u64)>, ViewError> {
        let prefix = event_prefix(member, event_id);
        let mut found = Vec::new();
        for row in self.index.rows(EVENT_IDS, &prefix) {
            let (key, value) = row?;
            let kind = *key.get(prefix.len()).ok_or(StoreError::row(EVENT_IDS))?;
            let index = u64::from_be_bytes(value.try_into().map_err(|_| StoreError::row(EVENT_IDS))?);
            found.extend((index < self.size()).then_some((kind, index)));
        }
        Ok(found)
    }

    /// Where the event with this body hash stands.
    pub fn find_body(&self, body: &Hash) -> Result<Option<u64>, ViewError> {
        Ok(self.index.number(BODIES, &body.0)?.filter(|index| *index < self.size()))
    }

    /// The newest sequence number of a member, of whatever version.
    pub fn newest_seq(&self, member: &Key) -> Result<u64, ViewError> {
        Ok(self.index.number(SEQS, member.as_bytes())?.unwrap_or(0))
    }

    /// A node of the tree: the root over `2^level` leaves. `None` where this version does not reach so far.
    pub fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let leaves = index.checked_add(1)?.checked_mul(1_u64.checked_shl(level.into())?)?;
        let tree = self.tree.read().unwrap_or_else(|e| e.into_inner());
        (leaves <= self.size()).then(|| tree.node(level, index)).flatten()
    }

    /// The proof that this version continues an older one.
    pub fn consistency(&self, old: u64) -> Option<Vec<Hash>> {
        self.consistency_between(old, self.size())
    }

    /// The proof between two sizes that this version reaches; empty where they are equal.
    pub fn consistency_between(&self, old: u64, new: u64) -> Option<Vec<Hash>> {
        let tree = self.tree.read().unwrap_or_else(|e| e.into_inner());
        (new <= self.size()).then(|| tree.consistency_proof(TreeSize(old), TreeSize(new)).ok()).flatten()
    }

    /// A tile entry's bytes.
    pub fn tile_bytes(&self, index: u64) -> Result<Vec<u8>, ViewError> {
        let (mut leaf, records) = self.leaf_and_records(index)?;
        leaf.extend_from_slice(&records);
        Ok(leaf)
    }

    /// The hash of an entry's leaf.
    pub fn leaf_hash(&self, index: u64) -> Result<Hash, ViewError> {
        self.index.leaf_hash(index)?.ok_or(ViewError::NoEntry(index))
    }

    /// A leaf of the log's tree, and beside it the records of its subjects, which are signed in it by their root alone.
    pub fn leaf_and_records(&self, index: u64) -> Result<(Vec<u8>, Vec<u8>), ViewError> {
        if index >= self.size() {
            return Err(ViewError::NoEntry(index));
        }
        let entry = self.index.keeper().entry(index)?.ok_or(ViewError::NoEntry(index))?;
        Ok((entry.leaf, entry.records))
    }

    fn salted_part(&self, commitment: &Hash) -> Result<Option<SaltedPart>, ViewError> {
        Ok(self.index.keeper().part(commitment)?)
    }
}

/// The identity of an event: (member, event id, kind, chunk) occurs once.
pub(crate) fn event_key(member: &Key, event_id: &Hash, kind: u8, chunk: u16) -> Vec<u8> {
    [&event_prefix(member, event_id)[..], &[kind], &chunk.to_be_bytes()].concat()
}

fn event_prefix(member: &Key, event_id: &Hash) -> [u8; 64] {
    let mut prefix = [0; 64];
    prefix[..32].copy_from_slice(member.as_bytes());
    prefix[32..].copy_from_slice(&event_id.0);
    prefix
}

impl Source for View {
    type Error = ViewError;

    fn origin(&self) -> &str {
        &self.origin
    }

    fn size(&self) -> u64 {
        self.checkpoint.size
    }

    fn note(&self) -> Result<Vec<u8>, ViewError> {
        Ok(self.note.clone())
    }

    fn list(&self, key: &Key, from: u32) -> Result<ListRows, ViewError> {
        let size = self.size();
        let (mut all, mut acc_from, mut indices) = (Accumulator::default(), Hash::ZERO, Vec::new());
        for row in self.index.list_from_end(key, size) {
            let row = row?;
            if indices.is_empty() && all.count == 0 {
                all = row.all;
            }
            if row.all.count <= from {
                acc_from = row.all.acc;
                break;
            }
            indices.push(row.index);
        }
        indices.reverse();
        let chains = self.index.chains(key, size)?;
        let newest = |chain: Chain| chains.iter().rev().find(|row| row.chain == chain).map(|row| row.acc).unwrap_or_default();
        let first = indices.first().copied().unwrap_or(u64::MAX);
        Ok(ListRows {
            head: Head { all, alerts: newest(Chain::Alert), facts: newest(Chain::Fact) },
            acc_from,
            early: chains.iter().map(|row| row.index).filter(|index| *index < first).collect(),
            indices,
        })
    }

    fn tile_entry(&self, index: u64) -> Result<Vec<u8>, ViewError> {
        self.tile_bytes(index)
    }

    fn inclusion(&self, index: u64) -> Result<Vec<Hash>, ViewError> {
        let tree = self.tree.read().unwrap_or_else(|e| e.into_inner());
        tree.inclusion_proof(LeafIndex(index), TreeSize(self.checkpoint.size)).map_err(|_| ViewError::NoEntry(index))
    }

    fn map_proof(&self, key: &Key) -> Result<MapProof, ViewError> {
        Ok(self.map.prove_in(&self.index, key)?)
    }

    fn prefix_proofs(&self, digits: &str) -> Result<Vec<PrefixProof>, ViewError> {
        Ok(self.rights.register.prove(digits))
    }

    fn prefix_count(&self) -> u32 {
        self.rights.register.len()
    }

    fn part(&self, commitment: &Hash) -> Result<Option<([u8; 16], Vec<u8>)>, ViewError> {
        Ok(self.salted_part(commitment)?.map(SaltedPart::into_inner))
    }
}
