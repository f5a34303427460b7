//! Checking a proof (RFC 9162, sections 2.1.3.2 and 2.1.4.2). Never panics, and does at most 128 hashes of work.

use core::fmt;

use super::{LeafIndex, MAX_PROOF, TreeHasher, TreeSize};
use crate::hash::Hash;

/// Why a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// The proof has more than 64 hashes.
    TooLong,
    /// The leaf's index is not below the tree's size.
    IndexBeyondSize,
    /// The older tree is empty, or larger than the newer one: there is nothing to compare.
    SizesDoNotGrow,
    /// The proof has fewer or more hashes than these sizes need.
    WrongLength,
    /// The hashes do not lead to the root.
    RootMismatch,
    /// Making a proof: the store lacks a node that the proof needs.
    NodeMissing,
}

impl fmt::Display for ProofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the proof has more than 64 hashes",
            Self::IndexBeyondSize => "the leaf's index is not below the size of the tree",
            Self::SizesDoNotGrow => "a consistency proof needs an older tree that is not empty and a newer one that is not smaller",
            Self::WrongLength => "the proof does not have the number of hashes that these sizes need",
            Self::RootMismatch => "the proof does not lead to the root",
            Self::NodeMissing => "the store lacks a node that this proof needs",
        })
    }
}

impl core::error::Error for ProofError {}

/// Accepts if the leaf with this hash stands at `index` in the tree of `size` leaves with this root.
pub fn verify_inclusion<H: TreeHasher>(
    index: LeafIndex,
    size: TreeSize,
    leaf: &Hash,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if proof.len() > MAX_PROOF {
        return Err(ProofError::TooLong);
    }
    if index.0 >= size.0 {
        return Err(ProofError::IndexBeyondSize);
    }
    let mut walk = Walk { node: index.0, last: size.0 - 1 };
    let mut hash = *leaf;
    for sibling in proof {
        hash = match walk.up()? {
            Side::Left => H::node(sibling, &hash),
            Side::Right => H::node(&hash, sibling),
        };
    }
    walk.at_top()?;
    if hash == *root { Ok(()) } else { Err(ProofError::RootMismatch) }
}

/// Accepts if the tree of `old_size` leaves with root `old_root` is the beginning of the tree of `new_size` leaves
/// with root `new_root`. An empty older tree is refused: it says nothing, so nobody should rely on it.
pub fn verify_consistency<H: TreeHasher>(
    old_size: TreeSize,
    new_size: TreeSize,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if proof.len() > MAX_PROOF {
        return Err(ProofError::TooLong);
    }
    if old_size.0 == 0 || old_size.0 > new_size.0 {
        return Err(ProofError::SizesDoNotGrow);
    }
    if old_size == new_size {
        return if !proof.is_empty() {
            Err(ProofError::WrongLength)
        } else if old_root != new_root {
            Err(ProofError::RootMismatch)
        } else {
            Ok(())
        };
    }
    // A complete older tree is itself the first node of the way up, so the proof leaves it out.
    let (first, rest) = match proof {
        [] => return Err(ProofError::WrongLength),
        _ if old_size.0.is_power_of_two() => (old_root, proof),
        [first, rest @ ..] => (first, rest),
    };
    let whole = (old_size.0 - 1).trailing_ones();
    // At most 63, because old_size - 1 is below 2^64 - 1.
    let mut walk = Walk { node: (old_size.0 - 1) >> whole, last: (new_size.0 - 1) >> whole };
    let (mut old, mut new) = (*first, *first);
    for sibling in rest {
        match walk.up()? {
            Side::Left => {
                old = H::node(sibling, &old);
                new = H::node(sibling, &new);
            }
            Side::Right => new = H::node(&new, sibling),
        }
    }
    walk.at_top()?;
    if old == *old_root && new == *new_root { Ok(()) } else { Err(ProofError::RootMismatch) }
}

/// The way from a node up to the root: the node's and the last node's index on the present level.
struct Walk {
    node: u64,
    last: u64,
}

/// On which side of the node its sibling stands.
enum Side {
    Left,
    Right,
}

impl Walk {
    /// Goes to the next level at which the node has a sibling, and tells its side.
    fn up(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::WrongLength);
        }
        let side = if self.node & 1 == 1 || self.node == self.last {
            // The last node of a level without a right sibling rises unhashed until it is a right child.
            while self.node & 1 == 0 && self.node != 0 {
                self.node >>= 1;
                self.last >>= 1;
            }
            Side::Left
        } else {
            Side::Right
        };
        self.node >>= 1;
        self.last >>= 1;
        Ok(side)
    }

    fn at_top(&self) -> Result<(), ProofError> {
        if self.last == 0 { Ok(()) } else { Err(ProofError::WrongLength) }
    }
}
