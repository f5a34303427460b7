//! The map from keys to list heads: a Merkle-Patricia trie whose root stands in every MAPHEAD.
//!
//! It answers "these are all entries under this key" and "there are none", because a root has at most one answer per
//! key. The shape depends on the content alone, never on the order of insertion. [`Map`] is for those who keep one,
//! [`MapProof`] for those who check.

mod label;
mod node;
mod proof;
mod store;

use crate::bytes::{Reader, Writer};
use crate::hash::{Hash, Key, hash_parts};
use crate::prelude::*;
use label::Label;
use node::{Node, Slot, Was};

pub use proof::{Level, MapError, MapProof};
pub use store::{AllInMemory, MapNodes, MapReadError};

/// Bits in a key, and the length of a leaf's label.
const KEY_BITS: u16 = 256;

/// A persistent map: `clone` is O(1), and a clone keeps its content whatever happens to the other.
///
/// Its nodes lie in memory, or some of them in a [`MapNodes`], from where those on a key's way are fetched: then the methods that end
/// in `_in` are used, with the same place each time.
#[derive(Clone, Debug)]
pub struct Map {
    /// Below the root, by the key's first bit.
    children: [Option<Slot>; 2],
    len: u64,
    root: Hash,
}

impl Map {
    /// A map without keys.
    pub fn new() -> Self {
        Self { children: [None, None], len: 0, root: root_hash(&[None, None]) }
    }

    /// The root hash, kept up to date by every insert.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// How many keys there are.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sets the value of a key, and returns the one it had. O(log n).
    pub fn insert(&mut self, key: &Key, value: Hash) -> Option<Hash> {
        in_memory(self.put(&AllInMemory, key, value, None)).flatten().flatten()
    }

    /// Sets the value of a key. `old` is the value it had, where that is known: clones that hold it need not fetch it then, when the
    /// place has the new one. O(log n).
    pub fn insert_in<N: MapNodes>(&mut self, nodes: &N, key: &Key, value: Hash, old: Option<Hash>) -> Result<(), MapReadError<N::Error>> {
        self.put(nodes, key, value, old).map(|_| ())
    }

    fn put<N: MapNodes>(&mut self, nodes: &N, key: &Key, value: Hash, old: Option<Hash>) -> Result<Option<Was>, MapReadError<N::Error>> {
        let child = &mut self.children[label::bit(key, 0)];
        let (changed, old) = match child {
            None => (Slot::leaf(*key, value), None),
            Some(slot) => slot.insert(nodes, key, value, old)?,
        };
        *child = Some(changed);
        self.len += u64::from(old.is_none());
        self.root = root_hash(&self.children);
        Ok(old)
    }

    /// The value of a key.
    pub fn get(&self, key: &Key) -> Option<Hash> {
        let slot = in_memory(self.find(&AllInMemory, key)).flatten()?;
        in_memory(slot.content(&AllInMemory))
    }

    /// The hash of a key's leaf, which changes when its value does; `None` where the key is absent.
    pub fn leaf_in<N: MapNodes>(&self, nodes: &N, key: &Key) -> Result<Option<Hash>, MapReadError<N::Error>> {
        Ok(self.find(nodes, key)?.map(Slot::hash))
    }

    fn find<N: MapNodes>(&self, nodes: &N, key: &Key) -> Result<Option<&Slot>, MapReadError<N::Error>> {
        let mut slot = self.children[label::bit(key, 0)].as_ref();
        while let Some(here) = slot {
            let label = here.label();
            if !label.covers(key) {
                return Ok(None);
            }
            if label.bits() == KEY_BITS {
                return Ok(Some(here));
            }
            slot = match here.node(nodes)? {
                Node::Inner { children, .. } => Some(&children[label::bit(key, label.bits())]),
                Node::Leaf { .. } => None,
            };
        }
        Ok(None)
    }

    /// The proof of what this map says about a key: its value, or that it is absent.
    pub fn prove(&self, key: &Key) -> MapProof {
        // A map that lies in memory as a whole has every node.
        in_memory(proof::prove(&self.children, &AllInMemory, key)).unwrap_or_else(MapProof::empty)
    }

    /// The same, fetching nodes that are not in memory.
    pub fn prove_in<N: MapNodes>(&self, nodes: &N, key: &Key) -> Result<MapProof, MapReadError<N::Error>> {
        proof::prove(&self.children, nodes, key)
    }

    /// Hands out each inner node that is not stored yet, as label and row, and then counts it as stored.
    pub fn store(&self, mut put: impl FnMut(&[u8], &[u8])) {
        self.children.iter().flatten().for_each(|child| child.store(&mut put));
    }

    /// What stands above all stored nodes: with it the map is opened again.
    pub fn summary(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.u64(self.len);
        for child in &self.children {
            out.u8(u8::from(child.is_some()));
            if let Some(child) = child {
                child.encode(&mut out);
            }
        }
        out.finish()
    }

    /// A map of which no node is in memory; `None` where the summary is none.
    pub fn open(summary: &[u8]) -> Option<Self> {
        let mut r = Reader::new(summary);
        let len = r.u64();
        let mut children = [None, None];
        for child in &mut children {
            *child = match r.u8() {
                0 => None,
                1 => Some(Slot::read(&mut r)?),
                _ => return None,
            };
        }
        let fits = r.whole().is_ok() && r.is_empty();
        fits.then(|| Self { root: root_hash(&children), children, len })
    }

    /// The same map with no node in memory. Every inner node must be stored.
    pub fn forget(&mut self) {
        for child in self.children.iter_mut().flatten() {
            *child = Slot::outside(child.label(), child.hash());
        }
    }
}

/// What cannot fail where nothing lies outside of memory.
fn in_memory<T>(found: Result<T, MapReadError<core::convert::Infallible>>) -> Option<T> {
    found.ok()
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

/// Two maps are equal if their roots are: a root has one content.
impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

impl Eq for Map {}

fn root_hash(children: &[Option<Slot>; 2]) -> Hash {
    match children {
        [None, None] => empty_root(),
        [left, right] => {
            let hash = |child: &Option<Slot>| child.as_ref().map_or_else(missing_child, Slot::hash);
            label_node(&Label::ROOT, &hash_parts(&[hash(left).as_bytes(), hash(right).as_bytes()]))
        }
    }
}

/// `NH(l, v)`: the hash of a node with this label. The label goes in last, so that no value can be read as one.
fn label_node(label: &Label, value: &Hash) -> Hash {
    hash_parts(&[value.as_bytes(), label.hash().as_bytes()])
}

/// `E`, the hash that stands where the root has no child.
fn missing_child() -> Hash {
    label_node(&Label::nowhere(), &label_node(&Label::nowhere(), &hash_parts(&[&[0]])))
}

/// The root of a map without keys.
fn empty_root() -> Hash {
    label_node(&Label::ROOT, &hash_parts(&[&[0]]))
}
