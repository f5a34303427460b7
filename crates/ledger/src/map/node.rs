//! The nodes below the root, shared between versions of a map. Each keeps its hash, so that an insert hashes only the
//! nodes on its way. A node may lie outside of memory until somebody asks for it: its [`Slot`] knows its label and hash.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};

use once_cell::race::OnceBox;

use super::KEY_BITS;
use super::label::{Label, bit};
use super::label_node;
use super::store::{MapNodes, MapReadError};
use crate::bytes::{Reader, Writer};
use crate::hash::{Hash, Key, hash_parts};
use crate::prelude::*;

/// The place of a node: what its parent knows of it, and the node itself once it was looked at. All versions of a map that hold a
/// node hold the same slot, so what one of them fetched the others have too, even after a newer one was stored in its place.
#[derive(Clone, Debug)]
pub(super) struct Slot(Arc<Inside>);

#[derive(Debug)]
struct Inside {
    label: Label,
    hash: Hash,
    node: OnceBox<Node>,
}

/// The value that a key had; `None` where that is not in memory.
pub(super) type Was = Option<Hash>;

#[derive(Debug)]
pub(super) enum Node {
    Leaf { value: Hash },
    Inner { children: [Slot; 2], stored: AtomicBool },
}

impl Slot {
    pub(super) fn leaf(key: Key, value: Hash) -> Self {
        let label = Label::of_key(&key);
        Self::holding(label, label_node(&label, &value), Node::Leaf { value })
    }

    fn inner(label: Label, children: [Self; 2]) -> Self {
        let hash = label_node(&label, &children_hash(&children));
        Self::holding(label, hash, Node::Inner { children, stored: AtomicBool::new(false) })
    }

    fn holding(label: Label, hash: Hash, node: Node) -> Self {
        Self(Arc::new(Inside { label, hash, node: OnceBox::with_value(Box::new(node)) }))
    }

    /// Of a node that is not in memory.
    pub(super) fn outside(label: Label, hash: Hash) -> Self {
        Self(Arc::new(Inside { label, hash, node: OnceBox::new() }))
    }

    pub(super) fn hash(&self) -> Hash {
        self.0.hash
    }

    pub(super) fn label(&self) -> Label {
        self.0.label
    }

    fn is_leaf(&self) -> bool {
        self.0.label.bits() == KEY_BITS
    }

    /// The node, fetched where it is not in memory. What was fetched must have the hash that the parent knows.
    pub(super) fn node<N: MapNodes>(&self, nodes: &N) -> Result<&Node, MapReadError<N::Error>> {
        if let Some(node) = self.0.node.get() {
            return Ok(node);
        }
        let node = if self.is_leaf() {
            let value = nodes.value(&Key((*self.0.label.bytes()).into())).map_err(MapReadError::Nodes)?;
            Node::Leaf { value: value.filter(|value| label_node(&self.0.label, value) == self.0.hash).ok_or(MapReadError::Lost)? }
        } else {
            let row = nodes.inner(&self.0.label.encode()).map_err(MapReadError::Nodes)?;
            let children = row.and_then(|row| read_children(&row)).ok_or(MapReadError::Lost)?;
            if label_node(&self.0.label, &children_hash(&children)) != self.0.hash {
                return Err(MapReadError::Lost);
            }
            Node::Inner { children, stored: AtomicBool::new(true) }
        };
        Ok(self.0.node.get_or_init(|| Box::new(node)))
    }

    /// What stands under the label: a leaf's value, or the hash of both children.
    pub(super) fn content<N: MapNodes>(&self, nodes: &N) -> Result<Hash, MapReadError<N::Error>> {
        Ok(match self.node(nodes)? {
            Node::Leaf { value } => *value,
            Node::Inner { children, .. } => children_hash(children),
        })
    }

    /// The slot with the key set below it, and what was there before; `None` where the key is new. Of a leaf that is not in memory its old value is noted, where it
    /// is known, for versions that go on holding it. Recursion is at most 256 deep.
    pub(super) fn insert<N: MapNodes>(
        &self,
        nodes: &N,
        key: &Key,
        value: Hash,
        old: Option<Hash>,
    ) -> Result<(Self, Option<Was>), MapReadError<N::Error>> {
        let label = self.label();
        let common = label.common_bits(key);
        if common < label.bits() {
            let leaf = Self::leaf(*key, value);
            let children = if bit(key, common) == 0 { [leaf, self.clone()] } else { [self.clone(), leaf] };
            return Ok((Self::inner(Label::prefix(key, common), children), None));
        }
        if self.is_leaf() {
            if let Some(value) = old.filter(|old| label_node(&label, old) == self.hash()) {
                self.0.node.get_or_init(|| Box::new(Node::Leaf { value }));
            }
            let was = match self.0.node.get() {
                Some(Node::Leaf { value }) => Some(*value),
                _ => None,
            };
            return Ok((Self::leaf(*key, value), Some(was)));
        }
        match self.node(nodes)? {
            // A label of less than a whole key stands over two children.
            Node::Leaf { .. } => Err(MapReadError::Lost),
            Node::Inner { children, .. } => {
                let side = bit(key, label.bits());
                let (changed, old) = children[side].insert(nodes, key, value, old)?;
                let mut children = children.clone();
                children[side] = changed;
                Ok((Self::inner(label, children), old))
            }
        }
    }

    /// Hands out every inner node that was never handed out: they all hang on one another, from the root down.
    pub(super) fn store(&self, put: &mut impl FnMut(&[u8], &[u8])) {
        if let Some(Node::Inner { children, stored }) = self.0.node.get()
            && !stored.swap(true, Ordering::Relaxed)
        {
            let mut row = Writer::new();
            children.iter().for_each(|child| child.encode(&mut row));
            put(&self.0.label.encode(), &row.finish());
            children.iter().for_each(|child| child.store(put));
        }
    }

    /// `bits u16 | the label's bytes | hash`.
    pub(super) fn encode(&self, out: &mut Writer) {
        out.put(&self.0.label.encode()).put(self.0.hash.as_bytes());
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let label = Label::read(r)?;
        let hash = r.hash();
        r.whole().is_ok().then(|| Self::outside(label, hash))
    }
}

fn read_children(row: &[u8]) -> Option<[Slot; 2]> {
    let mut r = Reader::new(row);
    let children = [Slot::read(&mut r)?, Slot::read(&mut r)?];
    r.is_empty().then_some(children)
}

fn children_hash(children: &[Slot; 2]) -> Hash {
    hash_parts(&[children[0].hash().as_bytes(), children[1].hash().as_bytes()])
}
