//! Making proofs from stored nodes.

use super::{LeafIndex, ProofError, TreeHasher, TreeSize};
use crate::hash::Hash;
use crate::prelude::*;

/// A store of the roots of complete subtrees: node (level, index) is the root over the `2^level` leaves from
/// `index * 2^level` on. Such a node never changes once its last leaf is there, so proofs for any older size can be
/// made from the same store.
pub trait Nodes {
    /// The node, or `None` if the store does not have it (then no proof that needs it can be made).
    fn node(&self, level: u8, index: u64) -> Option<Hash>;
}

impl<N: Nodes + ?Sized> Nodes for &N {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        (**self).node(level, index)
    }
}

/// The root of the first `size` leaves.
pub fn root_at<H: TreeHasher>(nodes: &(impl Nodes + ?Sized), size: TreeSize) -> Result<Hash, ProofError> {
    if size.0 == 0 { Ok(H::empty()) } else { range_root::<H>(nodes, 0, size.0) }
}

/// The hashes beside the way from the leaf up to the root of the first `size` leaves.
pub fn inclusion_proof<H: TreeHasher>(nodes: &(impl Nodes + ?Sized), index: LeafIndex, size: TreeSize) -> Result<Vec<Hash>, ProofError> {
    if index.0 >= size.0 {
        return Err(ProofError::IndexBeyondSize);
    }
    let (mut begin, mut end) = (0, size.0);
    let mut proof = Vec::new();
    while end - begin > 1 {
        let middle = begin + left_size(end - begin);
        if index.0 < middle {
            proof.push(range_root::<H>(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range_root::<H>(nodes, begin, middle)?);
            begin = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The hashes that show the first `old` leaves to be the beginning of the first `new` leaves.
pub fn consistency_proof<H: TreeHasher>(nodes: &(impl Nodes + ?Sized), old: TreeSize, new: TreeSize) -> Result<Vec<Hash>, ProofError> {
    if old.0 == 0 || old.0 > new.0 {
        return Err(ProofError::SizesDoNotGrow);
    }
    let (mut begin, mut end) = (0, new.0);
    let mut proof = Vec::new();
    while old.0 < end {
        let middle = begin + left_size(end - begin);
        if old.0 <= middle {
            proof.push(range_root::<H>(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range_root::<H>(nodes, begin, middle)?);
            begin = middle;
        }
    }
    // From the first leaf on, the verifier has this node already: it is the older root.
    if begin > 0 {
        proof.push(range_root::<H>(nodes, begin, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The largest power of two below `size`, which is at least 2.
fn left_size(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The root over leaves `begin..end`, a range that the tree's own halving leads to and that is not empty: it is made
/// of complete subtrees, each smaller than the one before it.
fn range_root<H: TreeHasher>(nodes: &(impl Nodes + ?Sized), begin: u64, end: u64) -> Result<Hash, ProofError> {
    let mut remaining = end - begin;
    let mut from = end;
    let mut root: Option<Hash> = None;
    while remaining != 0 {
        let level = remaining.trailing_zeros();
        from -= 1 << level;
        remaining &= remaining - 1;
        let node = nodes.node(level as u8, from >> level).ok_or(ProofError::NodeMissing)?;
        root = Some(root.map_or(node, |right| H::node(&node, &right)));
    }
    root.ok_or(ProofError::NodeMissing)
}
