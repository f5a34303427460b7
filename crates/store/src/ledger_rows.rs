//! Rows about the log: the list of every key, its head, and the map.

use ledger::entry::{Accumulator, Chain, Head, Joined};
use ledger::map::{Map, MapNodes};
use ledger::{Hash, Key};

use crate::table::{CHAINS, EVENT_IDS, GRANT_USES, GRANTS, HEADS, LISTS, MAP_NODES, MEMBERS, META, Table};
use crate::{Changes, Index, StoreError};

/// An entry in a key's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListRow {
    /// Index of the entry.
    pub index: u64,
    /// What the entry is in this list.
    pub chain: Chain,
    /// The list's count and accumulator with this entry.
    pub all: Accumulator,
}

/// An alert or a fact in a key's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainRow {
    /// Index of the entry.
    pub index: u64,
    /// Which of the two chains.
    pub chain: Chain,
    /// The chain's count and accumulator with this entry.
    pub acc: Accumulator,
}

const NOTE: &[u8] = b"note";
const MAP: &[u8] = b"map";

/// Reads fixed-length numbers and hashes off the front of a row; `None` where it is too short.
struct Row<'a>(&'a [u8]);

impl Row<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }
    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }
    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }
    fn hash(&mut self) -> Option<Hash> {
        self.array().map(Hash)
    }
}

fn read<T>(table: Table, bytes: &[u8], parse: impl FnOnce(&mut Row<'_>) -> Option<T>) -> Result<T, StoreError> {
    let mut row = Row(bytes);
    parse(&mut row).filter(|_| row.0.is_empty()).ok_or(StoreError::row(table))
}

impl Index {
    /// The newest checkpoint.
    pub fn note(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(META, NOTE)
    }

    /// The head of a key's list.
    pub fn head(&self, key: &Key) -> Result<Option<Head>, StoreError> {
        self.get(HEADS, key.as_bytes())?.map(|bytes| parse_head(&bytes)).transpose()
    }

    /// The first entry in a key's list.
    pub fn first_of(&self, key: &Key) -> Result<Option<u64>, StoreError> {
        self.rows(LISTS, key.as_bytes()).next().map(|row| list_index(&row?.0)).transpose()
    }

    /// The entries below `size` in all lists of a subject, whose keys begin alike; ascending, each once.
    pub fn beside(&self, subject: &Key, size: u64) -> Result<Vec<u64>, StoreError> {
        let mut indices = Vec::new();
        for row in self.rows(LISTS, half(subject)) {
            let index = list_index(&row?.0)?;
            indices.extend((index < size).then_some(index));
        }
        indices.sort_unstable();
        indices.dedup();
        Ok(indices)
    }

    /// The map as it was noted last, and of how many entries.
    pub fn map(&self) -> Result<Option<(u64, Map)>, StoreError> {
        let Some(bytes) = self.get(META, MAP)? else {
            return Ok(None);
        };
        let (size, summary) = bytes.split_first_chunk().ok_or(StoreError::row(META))?;
        let map = Map::open(summary).ok_or(StoreError::row(META))?;
        Ok(Some((u64::from_be_bytes(*size), map)))
    }

    /// The part of a key's list that lies below `size`, oldest first.
    pub fn list(&self, key: &Key, size: u64) -> Result<Vec<ListRow>, StoreError> {
        let mut list = Vec::new();
        for row in self.rows(LISTS, key.as_bytes()) {
            let row = parse_list_row(row?)?;
            if row.index >= size {
                break;
            }
            list.push(row);
        }
        Ok(list)
    }

    /// The same from its end, newest first: what is not asked for is not read. What lies beyond `size` came after the version that is
    /// looked at, moments ago, and is passed over.
    pub fn list_from_end(&self, key: &Key, size: u64) -> impl Iterator<Item = Result<ListRow, StoreError>> + use<> {
        let rows = self.rows(LISTS, key.as_bytes()).rev().map(|row| parse_list_row(row?));
        rows.skip_while(move |row| row.as_ref().is_ok_and(|row| row.index >= size))
    }

    /// The alerts and facts of a key's list below `size`, oldest first.
    pub fn chains(&self, key: &Key, size: u64) -> Result<Vec<ChainRow>, StoreError> {
        let mut chains = Vec::new();
        for row in self.rows(CHAINS, key.as_bytes()) {
            let (row_key, value) = row?;
            let index = list_index(&row_key)?;
            if index >= size {
                break;
            }
            chains.push(read(CHAINS, &value, |r| Some(ChainRow { index, chain: parse_chain(r)?, acc: parse_accumulator(r)? }))?);
        }
        Ok(chains)
    }

    /// All heads.
    pub fn heads(&self) -> impl Iterator<Item = Result<(Key, Head), StoreError>> + use<> {
        self.rows(HEADS, &[]).map(|row| {
            let (key, value) = row?;
            Ok((Key(read(HEADS, &key, |r| r.hash())?), parse_head(&value)?))
        })
    }

    /// The entry with this identity.
    pub fn event(&self, id: &[u8]) -> Result<Option<u64>, StoreError> {
        self.number(EVENT_IDS, id)
    }

    /// Ids of all members.
    pub fn members(&self) -> impl Iterator<Item = Result<String, StoreError>> + use<> {
        self.rows(MEMBERS, &[]).map(|row| String::from_utf8(row?.0).map_err(|_| StoreError::row(MEMBERS)))
    }

    /// Keys of all lists of grants.
    pub fn grant_lists(&self) -> impl Iterator<Item = Result<Key, StoreError>> + use<> {
        self.rows(GRANTS, &[]).map(|row| Ok(Key(read(GRANTS, &row?.0, |r| r.hash())?)))
    }

    /// When the newest version of a grant was logged.
    pub fn grant_since(&self, grant: &Key) -> Result<Option<u64>, StoreError> {
        self.number(GRANTS, grant.as_bytes())
    }

    /// When a partner's newest record of an owner's goods was logged.
    pub fn grant_used(&self, owner: &Key, partner: &Key) -> Result<Option<u64>, StoreError> {
        self.number(GRANT_USES, &[owner.as_bytes().as_slice(), partner.as_bytes()].concat())
    }

    /// A row that holds one number.
    pub fn number(&self, table: Table, key: &[u8]) -> Result<Option<u64>, StoreError> {
        self.get(table, key)?.map(|bytes| read(table, &bytes, |r| r.u64())).transpose()
    }
}

/// What the keys of all lists of a subject begin with (`ledger::entry::Authority::list`).
fn half(subject: &Key) -> &[u8] {
    &subject.as_bytes()[..16]
}

/// The index in the key of a list's row, behind the list's own key.
fn list_index(row: &[u8]) -> Result<u64, StoreError> {
    read(LISTS, row.get(32..).unwrap_or_default(), |r| r.u64())
}

fn parse_accumulator(r: &mut Row<'_>) -> Option<Accumulator> {
    Some(Accumulator { count: r.u32()?, acc: r.hash()? })
}

fn parse_head(bytes: &[u8]) -> Result<Head, StoreError> {
    read(HEADS, bytes, |r| Some(Head { all: parse_accumulator(r)?, alerts: parse_accumulator(r)?, facts: parse_accumulator(r)? }))
}

fn parse_chain(r: &mut Row<'_>) -> Option<Chain> {
    [Chain::Plain, Chain::Alert, Chain::Fact].into_iter().nth(usize::from(r.array::<1>()?[0]))
}

const fn chain_byte(chain: Chain) -> u8 {
    match chain {
        Chain::Plain => 0,
        Chain::Alert => 1,
        Chain::Fact => 2,
    }
}

fn parse_list_row((key, value): (Vec<u8>, Vec<u8>)) -> Result<ListRow, StoreError> {
    let index = list_index(&key)?;
    read(LISTS, &value, |r| Some(ListRow { index, chain: parse_chain(r)?, all: parse_accumulator(r)? }))
}

fn put_accumulator(row: &mut Vec<u8>, accumulator: &Accumulator) {
    row.extend_from_slice(&accumulator.count.to_be_bytes());
    row.extend_from_slice(&accumulator.acc.0);
}

/// The map's nodes: inner ones in a table of their own, leaves as the heads of the lists.
impl MapNodes for Index {
    type Error = StoreError;

    fn inner(&self, label: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(MAP_NODES, label)
    }

    fn value(&self, key: &Key) -> Result<Option<Hash>, StoreError> {
        Ok(self.head(key)?.map(|head| head.value(key)))
    }
}

impl Changes {
    /// Notes the map of the first `size` entries: all its inner nodes that changed since it was noted last.
    pub fn put_map(&mut self, map: &Map, size: u64) {
        map.store(|label, row| self.put(MAP_NODES, label, row));
        self.put(META, MAP, &[&size.to_be_bytes()[..], &map.summary()].concat());
    }

    /// Notes the newest checkpoint.
    pub fn put_note(&mut self, note: &[u8]) {
        self.put(META, NOTE, note);
    }

    /// Adds an entry to a key's list and returns the head that the list had, and the new one.
    pub fn push_list(&mut self, joined: &Joined, index: u64, leaf_hash: &Hash) -> Result<(Option<Head>, Head), StoreError> {
        let key = &joined.key;
        let old = self.get(HEADS, key.as_bytes())?.map(|bytes| parse_head(&bytes)).transpose()?;
        let mut head = old.unwrap_or_default();
        head.push(index, leaf_hash, joined.chain);
        let row_key = [&key.as_bytes()[..], &index.to_be_bytes()].concat();
        let mut row = vec![chain_byte(joined.chain)];
        put_accumulator(&mut row, &head.all);
        self.put(LISTS, &row_key, &row);
        let chain = match joined.chain {
            Chain::Plain => None,
            Chain::Alert => Some(&head.alerts),
            Chain::Fact => Some(&head.facts),
        };
        if let Some(chain) = chain {
            let mut row = vec![chain_byte(joined.chain)];
            put_accumulator(&mut row, chain);
            self.put(CHAINS, &row_key, &row);
        }
        let mut row = Vec::new();
        for accumulator in [&head.all, &head.alerts, &head.facts] {
            put_accumulator(&mut row, accumulator);
        }
        self.put(HEADS, key.as_bytes(), &row);
        Ok((old, head))
    }

    /// Notes that there is such a list of grants, and when its newest version was logged.
    pub fn put_grant_list(&mut self, key: &Key, logged_ms: u64) {
        self.put_number(GRANTS, key.as_bytes(), logged_ms);
    }

    /// Notes that a partner recorded something of an owner's goods.
    pub fn put_grant_use(&mut self, owner: &Key, partner: &Key, logged_ms: u64) {
        self.put_number(GRANT_USES, &[owner.as_bytes().as_slice(), partner.as_bytes()].concat(), logged_ms);
    }

    /// Sets a row that holds one number.
    pub fn put_number(&mut self, table: Table, key: &[u8], number: u64) {
        self.put(table, key, &number.to_be_bytes());
    }

    /// A row that holds one number, as it will be.
    pub fn number(&self, table: Table, key: &[u8]) -> Result<Option<u64>, StoreError> {
        self.get(table, key)?.map(|bytes| read(table, &bytes, |r| r.u64())).transpose()
    }
}
