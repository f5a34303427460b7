//! The map from keys to list heads: a Merkle-Patricia trie whose root stands in every MAPHEAD.
//!
//! It answers "these are all entries under this key" and "there are none", because a root has at most one answer per
//! key. The shape depends on the content alone, never on the order of insertion. [`Map`] is for those who keep one,
//! [`MapProof`] for those who check.

mod label;
mod node;
mod proof;

use alloc::sync::Arc;

use crate::hash::{Hash, Key, hash_parts};
use label::Label;
use node::Node;

pub use proof::{Level, MapError, MapProof};

/// Bits in a key, and the length of a leaf's label.
const KEY_BITS: u16 = 256;

/// A persistent map: `clone` is O(1), and a clone keeps its content whatever happens to the other.
#[derive(Clone, Debug)]
pub struct Map {
    /// Below the root, by the key's first bit.
    children: [Option<Arc<Node>>; 2],
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
        let child = &mut self.children[label::bit(key, 0)];
        let (changed, old) = match child {
            None => (Arc::new(Node::leaf(*key, value)), None),
            Some(node) => node::insert(node, key, value),
        };
        *child = Some(changed);
        self.len += u64::from(old.is_none());
        self.root = root_hash(&self.children);
        old
    }

    /// The value of a key.
    pub fn get(&self, key: &Key) -> Option<Hash> {
        let mut node = self.children[label::bit(key, 0)].as_ref()?;
        loop {
            match &**node {
                Node::Leaf { key: found, value, .. } => return (found == key).then_some(*value),
                Node::Inner { label, children, .. } => {
                    if !label.covers(key) {
                        return None;
                    }
                    node = &children[label::bit(key, label.bits())];
                }
            }
        }
    }

    /// The proof of what this map says about a key: its value, or that it is absent.
    pub fn prove(&self, key: &Key) -> MapProof {
        proof::prove(&self.children, key)
    }
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

fn root_hash(children: &[Option<Arc<Node>>; 2]) -> Hash {
    match children {
        [None, None] => empty_root(),
        [left, right] => {
            let hash = |child: &Option<Arc<Node>>| child.as_ref().map_or_else(missing_child, |node| node.hash());
            label_node(&Label::ROOT, &hash_parts(&[&hash(left).0, &hash(right).0]))
        }
    }
}

/// `NH(l, v)`: the hash of a node with this label. The label goes in last, so that no value can be read as one.
fn label_node(label: &Label, value: &Hash) -> Hash {
    hash_parts(&[&value.0, &label.hash().0])
}

/// `E`, the hash that stands where the root has no child.
fn missing_child() -> Hash {
    label_node(&Label::NOWHERE, &label_node(&Label::NOWHERE, &hash_parts(&[&[0]])))
}

/// The root of a map without keys.
fn empty_root() -> Hash {
    label_node(&Label::ROOT, &hash_parts(&[&[0]]))
}
