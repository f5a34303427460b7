//! The nodes below the root, shared between versions of a map. Each keeps its hash, so that an insert hashes only the
//! nodes on its way.

use alloc::sync::Arc;

use super::label::{Label, bit};
use super::label_node;
use crate::hash::{Hash, Key, hash_parts};

#[derive(Debug)]
pub(super) enum Node {
    Leaf { key: Key, value: Hash, hash: Hash },
    Inner { label: Label, children: [Arc<Node>; 2], hash: Hash },
}

impl Node {
    pub(super) fn leaf(key: Key, value: Hash) -> Self {
        Self::Leaf { key, value, hash: label_node(&Label::of_key(&key), &value) }
    }

    fn inner(label: Label, children: [Arc<Node>; 2]) -> Self {
        let hash = label_node(&label, &children_hash(&children));
        Self::Inner { label, children, hash }
    }

    pub(super) fn hash(&self) -> Hash {
        match self {
            Self::Leaf { hash, .. } | Self::Inner { hash, .. } => *hash,
        }
    }

    pub(super) fn label(&self) -> Label {
        match self {
            Self::Leaf { key, .. } => Label::of_key(key),
            Self::Inner { label, .. } => *label,
        }
    }

    /// What stands under the label: a leaf's value, or the hash of both children.
    pub(super) fn content(&self) -> Hash {
        match self {
            Self::Leaf { value, .. } => *value,
            Self::Inner { children, .. } => children_hash(children),
        }
    }
}

fn children_hash(children: &[Arc<Node>; 2]) -> Hash {
    hash_parts(&[&children[0].hash().0, &children[1].hash().0])
}

/// The node with the key set below it, and the value that the key had. Recursion is at most 256 deep.
pub(super) fn insert(node: &Arc<Node>, key: &Key, value: Hash) -> (Arc<Node>, Option<Hash>) {
    let label = node.label();
    let common = label.common_bits(key);
    if common < label.bits() {
        let leaf = Arc::new(Node::leaf(*key, value));
        let children = if bit(key, common) == 0 { [leaf, node.clone()] } else { [node.clone(), leaf] };
        return (Arc::new(Node::inner(Label::prefix(key, common), children)), None);
    }
    match &**node {
        Node::Leaf { value: old, .. } => (Arc::new(Node::leaf(*key, value)), Some(*old)),
        Node::Inner { label, children, .. } => {
            let side = bit(key, label.bits());
            let (changed, old) = insert(&children[side], key, value);
            let mut children = children.clone();
            children[side] = changed;
            (Arc::new(Node::inner(*label, children)), old)
        }
    }
}
