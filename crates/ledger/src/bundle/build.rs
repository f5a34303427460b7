//! Making a bundle: the very rules by which the verifier decides what must be complete choose what goes in.

use crate::prelude::*;
use alloc::collections::BTreeMap;

use super::{Bundle, BundleEntry, BundlePart, Content, FEWER_ENTRIES, List, MAX_ENTRIES, Row, WHOLE_LIST};
use crate::entry::{Chain, Entry, Head, Record, TileEntry, message, message_hash, subject_proof};
use crate::hash::{Hash, Key};
use crate::map::MapProof;
use crate::name::Name;
use crate::prefix::{Prefix, PrefixProof, look_up};
use crate::relations::{self, Form, Known, Listed, Lists, Need, Relations, Rows};

/// The salt and the bytes of a part.
pub type Salted = ([u8; 16], Vec<u8>);

/// What a bundle is made from: one immutable version of the ledger, ending in a MAPHEAD.
pub trait Source {
    /// What can go wrong in reading it.
    type Error;
    /// The ledger's name, which every signature covers.
    fn origin(&self) -> &str;
    /// How many entries the version has.
    fn size(&self) -> u64;
    /// Its signed checkpoint, with co-signatures.
    fn note(&self) -> Result<Vec<u8>, Self::Error>;
    /// The list of a key in this version, from this place on, with all alerts and facts before it. A key without entries has count 0.
    fn list(&self, key: &Key, from: u32) -> Result<ListRows, Self::Error>;
    /// A tile entry: leaf and records.
    fn tile_entry(&self, index: u64) -> Result<Vec<u8>, Self::Error>;
    /// The path of a leaf to this version's root.
    fn inclusion(&self, index: u64) -> Result<Vec<Hash>, Self::Error>;
    /// What this version's map says about a key.
    fn map_proof(&self, key: &Key) -> Result<MapProof, Self::Error>;
    /// What proves the GS1 prefix of a number in this version, or that it has none.
    fn prefix_proofs(&self, digits: &str) -> Result<Vec<PrefixProof>, Self::Error>;
    /// How many prefixes this version has.
    fn prefix_count(&self) -> u32;
    /// Salt and bytes of a public part; `None` where it was erased.
    fn part(&self, commitment: &Hash) -> Result<Option<Salted>, Self::Error>;
}

/// A list from some place on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRows {
    /// The whole list's head.
    pub head: Head,
    /// The accumulator over those before the place; zeros where none are.
    pub acc_from: Hash,
    /// Indices of alerts and facts among those, ascending.
    pub early: Vec<u64>,
    /// Indices of the others, ascending.
    pub indices: Vec<u64>,
}

/// Why no bundle could be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError<E> {
    /// The source could not be read.
    Source(E),
    /// The source gave an entry that does not belong where it stood, or an unreadable one.
    Inconsistent(u64),
    /// The bundle would be larger than 4 MiB.
    TooLarge,
}

impl<E> From<E> for BuildError<E> {
    fn from(error: E) -> Self {
        Self::Source(error)
    }
}

/// A bundle before it is written, and what it was made of: a page built from this shows exactly what the phone will check.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The bundle.
    pub bundle: Bundle,
    /// Which entries belong to the history, and how.
    pub relations: Relations,
    /// All entries of the bundle, by index.
    pub entries: BTreeMap<u64, Entry>,
}

/// Makes the bundle of a subject.
pub fn build<S: Source>(source: &S, name: &Name) -> Result<Vec<u8>, BuildError<S::Error>> {
    Ok(gather(source, name)?.bundle.encode())
}

/// Reads the history of a subject, with all its proofs. Where its records are so long that they do not fit one file, fewer of them:
/// what that leaves out is cut as by any other limit, and said.
pub fn gather<S: Source>(source: &S, name: &Name) -> Result<Gathered, BuildError<S::Error>> {
    for most_entries in core::iter::once(MAX_ENTRIES).chain(FEWER_ENTRIES) {
        let gathered = gather_within(source, name, most_entries)?;
        if gathered.bundle.fits() {
            return Ok(gathered);
        }
    }
    Err(BuildError::TooLarge)
}

fn gather_within<S: Source>(source: &S, name: &Name, most_entries: usize) -> Result<Gathered, BuildError<S::Error>> {
    let mut reading = Reading {
        source,
        most_entries,
        lists: BTreeMap::new(),
        entries: BTreeMap::new(),
        bodies: BTreeMap::new(),
        prefixes: BTreeMap::new(),
    };
    let relations = relations::derive(&mut reading, name)?;
    let bundle = reading.bundle(name, &relations)?;
    let entries = reading.entries.into_iter().map(|(index, (tile, _))| (index, tile.entry)).collect();
    Ok(Gathered { bundle, relations, entries })
}

/// What was read so far.
struct Reading<'a, S: Source> {
    source: &'a S,
    most_entries: usize,
    /// Lists as they were fetched last, with the place from which on they are whole; `None`: the head and alerts alone.
    lists: BTreeMap<Key, (Option<u32>, ListRows)>,
    entries: BTreeMap<u64, (TileEntry, Vec<u8>)>,
    /// Body hashes of the events among them.
    bodies: BTreeMap<u64, Hash>,
    prefixes: BTreeMap<u32, PrefixProof>,
}

impl<S: Source> Reading<'_, S> {
    fn load(&mut self, index: u64) -> Result<(), BuildError<S::Error>> {
        if !self.entries.contains_key(&index) {
            let mut bytes = self.source.tile_entry(index)?;
            let tile = TileEntry::parse(&bytes).map_err(|_| BuildError::Inconsistent(index))?;
            bytes.truncate(tile.leaf_len(&bytes));
            self.bodies.insert(index, message_hash(&message(&bytes, self.source.origin())));
            self.entries.insert(index, (tile, bytes));
        }
        Ok(())
    }

    /// As much of a list as is needed, and the place from which on it is whole; `None`: the head and alerts alone.
    fn fetch(&mut self, key: &Key, of: Listed, need: Need) -> Result<(Option<u32>, ListRows), BuildError<S::Error>> {
        let count = self.source.list(key, u32::MAX)?.head.all.count;
        let newest = count.saturating_sub(WHOLE_LIST as u32);
        let mut from = match need {
            Need::Whole => 0,
            Need::Head | Need::Chains | Need::Alerts => count,
            Need::One => count.saturating_sub(1),
            Need::Newest | Need::Since(_) | Need::Again => newest,
        };
        if let Need::Since(index) = need
            && newest > 0
        {
            let all = self.source.list(key, 0)?.indices;
            // From its row on, or where it is not in this list from the row before: so it shows that none between was left out.
            from = newest.min(all.partition_point(|i| *i <= index).saturating_sub(1) as u32);
        }
        let mut list = self.source.list(key, from)?;
        if need == Need::Head {
            list.early.clear();
        }
        for index in list.early.split_off(0) {
            self.load(index)?;
            let role = self.role(of, index)?;
            let alert = self.entries.get(&index).is_some_and(|(tile, _)| Chain::of(&tile.entry, role) == Chain::Alert);
            if need != Need::Alerts || alert {
                list.early.push(index);
            }
        }
        for &index in &list.indices {
            self.load(index)?;
        }
        Ok(((!matches!(need, Need::Head | Need::Alerts)).then_some(from), list))
    }

    fn bundle(&mut self, name: &Name, found: &Relations) -> Result<Bundle, BuildError<S::Error>> {
        let head = self.source.size().checked_sub(1).ok_or(BuildError::Inconsistent(0))?;
        let mut bundle = Bundle {
            name: name.bytes(),
            note: self.source.note()?,
            head: self.source.tile_entry(head)?,
            head_path: self.source.inclusion(head)?,
            prefixes: self.prefixes.values().cloned().collect(),
            lists: Vec::new(),
            entries: Vec::new(),
            parts: Vec::new(),
            most_entries: self.most_entries,
        };
        let mut used = BTreeMap::new();
        for required in &found.lists {
            let key = required.key;
            let proof = self.source.map_proof(&key)?;
            let content = match self.lists.get(&key) {
                Some((from, list)) if list.head.all.count > 0 => {
                    let mut rows = Vec::new();
                    for &index in list.early.iter().chain(&list.indices) {
                        rows.push(self.row(required.record_of(), index)?);
                        used.insert(index, ());
                    }
                    let count = list.head.all.count;
                    let head = from.is_none().then_some((list.head.alerts, list.head.facts));
                    Some(Content { count, from: from.unwrap_or(count), acc_from: list.acc_from, rows, head })
                }
                _ => None,
            };
            bundle.lists.push(List { key, proof, content });
        }
        bundle.lists.sort_by_key(|list| list.key);
        for &index in used.keys() {
            let (tile, leaf) = &self.entries[&index];
            let relevant = found.entry(index).is_some_and(|entry| entry.relevant);
            let claim = found.entry(index).is_none() && tile.entry.event().is_some();
            let path = if claim { None } else { Some(self.source.inclusion(index)?) };
            bundle.entries.push(BundleEntry { index, leaf: leaf.clone(), path });
            if let Some(commitment) = tile.entry.event().filter(|_| relevant).and_then(|event| event.public_part())
                && let Some((salt, bytes)) = self.source.part(commitment)?
            {
                bundle.parts.push(BundlePart { commitment: *commitment, salt, bytes });
            }
        }
        bundle.parts.sort_by_key(|part| part.commitment);
        bundle.parts.dedup_by_key(|part| part.commitment);
        Ok(bundle)
    }

    fn row(&self, of: Listed, index: u64) -> Result<Row, BuildError<S::Error>> {
        let Listed::Subject(subject) = of else {
            return Ok(Row { index, role: 0, position: 0, path: Vec::new() });
        };
        let (records, position) = self.place(subject, index)?;
        let path = subject_proof(records, position).map_err(|_| BuildError::Inconsistent(index))?;
        Ok(Row { index, role: records[position as usize].role, position, path })
    }

    /// The role of a list's subject in an entry, without its proof: most entries are asked for more than once.
    fn role(&self, of: Listed, index: u64) -> Result<u8, BuildError<S::Error>> {
        let Listed::Subject(subject) = of else { return Ok(0) };
        let (records, position) = self.place(subject, index)?;
        Ok(records[position as usize].role)
    }

    /// The records of an entry, and the place of a subject's among them.
    fn place(&self, subject: Key, index: u64) -> Result<(&[Record], u32), BuildError<S::Error>> {
        let (tile, _) = self.entries.get(&index).ok_or(BuildError::Inconsistent(index))?;
        let found = tile.records.binary_search_by_key(&subject, |record| record.key);
        let at = found.map_err(|_| BuildError::Inconsistent(index))?;
        Ok((&tile.records, u32::try_from(at).map_err(|_| BuildError::Inconsistent(index))?))
    }
}

impl<S: Source> Lists for Reading<'_, S> {
    type Error = BuildError<S::Error>;

    fn list(&mut self, key: &Key, of: Listed, need: Need) -> Result<Rows, Self::Error> {
        if need != Need::Again {
            let list = self.fetch(key, of, need)?;
            self.lists.insert(*key, list);
        }
        let (from, list) = self.lists.get(key).ok_or(BuildError::Inconsistent(self.source.size()))?;
        let count = list.head.all.count;
        let mut rows = Vec::new();
        for &index in list.early.iter().chain(&list.indices) {
            rows.push((index, self.role(of, index)?));
        }
        let form = match need {
            Need::Head => Form::Head,
            Need::Alerts => Form::Alerts,
            Need::Chains => Form::Chains,
            _ => Form::Enough,
        };
        let all = count == 0 || *from == Some(0);
        let first = if all { 0 } else { list.indices.first().copied().unwrap_or(u64::MAX) };
        let chains = (list.head.alerts.count, list.head.facts.count);
        Ok(Rows { count, chains, older: count - rows.len() as u32, first, form, rows })
    }

    fn entry(&self, index: u64) -> Option<Known<'_>> {
        let (tile, _) = self.entries.get(&index)?;
        Some(Known { entry: &tile.entry, body: self.bodies.get(&index)? })
    }

    fn prefix(&mut self, digits: &str) -> Result<Option<Prefix>, Self::Error> {
        let proofs = self.source.prefix_proofs(digits)?;
        let inconsistent = BuildError::Inconsistent(self.source.size());
        let prefix = look_up(&proofs, self.source.prefix_count(), digits).ok_or(inconsistent)?.cloned();
        self.prefixes.extend(proofs.into_iter().map(|proof| (proof.position, proof)));
        Ok(prefix)
    }

    fn most_entries(&self) -> usize {
        self.most_entries
    }

    fn short(&self, _: &Key) -> Self::Error {
        // Whoever makes a bundle has all rows.
        BuildError::Inconsistent(self.source.size())
    }
}
