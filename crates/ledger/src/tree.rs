//! The log's Merkle tree: RFC 6962 shape, any hash, with proofs of inclusion and of consistency.
//!
//! The log hashes with SHA-256 ([`Log`]), so that witnesses, mirrors and readers of tiles that know nothing of us can follow it. The tree
//! over an event's subjects has the same shape and uses the same functions, with [`Blake3`] as all else does.
//! It knows hashes only: what a leaf means, and how it is hashed, is the business of `entry`.

#[cfg(not(feature = "small"))]
mod memory;
#[cfg(not(feature = "small"))]
mod proof;
mod verify;

use crate::hash::{Hash, hash_parts};
#[cfg(feature = "small")]
use crate::prelude::*;

#[cfg(not(feature = "small"))]
pub use memory::MemoryTree;
#[cfg(not(feature = "small"))]
pub use proof::{Nodes, consistency_proof, inclusion_proof, root_at};
pub use verify::{ProofError, verify_consistency, verify_inclusion};

/// Most hashes a proof may have, checked before any work: a tree of 2^63 leaves needs no more.
pub const MAX_PROOF: usize = 64;

/// The place of a leaf, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafIndex(pub u64);

/// How many leaves a tree has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeSize(pub u64);

/// A hash function for the tree, and the prefixes of RFC 6962, section 2.1, that keep leaves and inner nodes apart.
pub trait TreeHasher {
    /// The hash of the parts, one after the other.
    fn hash(parts: &[&[u8]]) -> Hash;

    /// The root of a tree without leaves.
    fn empty() -> Hash {
        Self::hash(&[])
    }

    /// The hash of a leaf.
    fn leaf(data: &[u8]) -> Hash {
        Self::hash(&[&[0], data])
    }

    /// The hash of an inner node.
    fn node(left: &Hash, right: &Hash) -> Hash {
        Self::hash(&[&[1], left.as_bytes(), right.as_bytes()])
    }
}

/// The hash of the log's tree, wherever that tree is meant.
pub type Log = Sha256;

/// SHA-256, with which RFC 6962's trees are made all over the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sha256 {}

impl TreeHasher for Sha256 {
    #[cfg(not(feature = "small"))]
    fn hash(parts: &[&[u8]]) -> Hash {
        use sha2::Digest as _;
        let mut hasher = sha2::Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Hash(hasher.finalize().into())
    }

    #[cfg(feature = "small")]
    fn hash(parts: &[&[u8]]) -> Hash {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(part);
        }
        crate::small::sha2::sha256(bytes).into()
    }
}

/// BLAKE3-256, the hash of the trees over the subjects of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blake3 {}

impl TreeHasher for Blake3 {
    fn hash(parts: &[&[u8]]) -> Hash {
        hash_parts(parts)
    }
}

/// The root over these leaf hashes.
pub fn root<H: TreeHasher>(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => H::empty(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            H::node(&root::<H>(left), &root::<H>(right))
        }
    }
}
