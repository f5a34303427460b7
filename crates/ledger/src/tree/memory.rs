//! A tree held in memory: all its nodes, about 64 bytes per leaf.

use crate::prelude::*;
use core::marker::PhantomData;

use super::{LeafIndex, Log, Nodes, ProofError, TreeHasher, TreeSize, root_at};
use crate::hash::Hash;

/// An append-only tree with every node of every complete subtree, so that roots and proofs for any size it ever had
/// take O(log n).
#[derive(Clone, Debug)]
pub struct MemoryTree<H = Log> {
    /// `levels[0]` are the leaf hashes, `levels[l]` the roots over `2^l` of them.
    levels: Vec<Vec<Hash>>,
    hasher: PhantomData<H>,
}

impl MemoryTree {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<H> Default for MemoryTree<H> {
    fn default() -> Self {
        Self { levels: vec![Vec::new()], hasher: PhantomData }
    }
}

impl<H: TreeHasher> MemoryTree<H> {
    /// Adds a leaf by its hash and returns its place. At most O(log n) hashes, less than one on average.
    pub fn append(&mut self, leaf_hash: Hash) -> LeafIndex {
        let index = self.size().0;
        let mut node = leaf_hash;
        let mut level = 0;
        loop {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(node);
            if row.len() % 2 == 1 {
                return LeafIndex(index);
            }
            node = H::node(&row[row.len() - 2], &row[row.len() - 1]);
            level += 1;
        }
    }

    /// The root over all leaves.
    pub fn root(&self) -> Hash {
        self.root_at(self.size()).expect("a tree has all nodes up to its own size")
    }

    /// The root over the first `size` leaves.
    pub fn root_at(&self, size: TreeSize) -> Result<Hash, ProofError> {
        root_at::<H>(self, size)
    }

    /// The hashes that prove the leaf's place in the tree of the first `size` leaves.
    pub fn inclusion_proof(&self, index: LeafIndex, size: TreeSize) -> Result<Vec<Hash>, ProofError> {
        super::inclusion_proof::<H>(self, index, size)
    }

    /// The hashes that prove the first `old` leaves to be the beginning of the first `new` leaves.
    pub fn consistency_proof(&self, old: TreeSize, new: TreeSize) -> Result<Vec<Hash>, ProofError> {
        super::consistency_proof::<H>(self, old, new)
    }
}

impl<H> MemoryTree<H> {
    /// Takes back all leaves from `size` on.
    pub fn truncate(&mut self, size: TreeSize) {
        for (level, row) in self.levels.iter_mut().enumerate() {
            row.truncate(usize::try_from(size.0).unwrap_or(usize::MAX).checked_shr(level as u32).unwrap_or(0));
        }
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> TreeSize {
        TreeSize(self.levels.first().map_or(0, |leaves| leaves.len() as u64))
    }
}

impl<H> Nodes for MemoryTree<H> {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        self.levels.get(usize::from(level))?.get(usize::try_from(index).ok()?).copied()
    }
}

impl<H: TreeHasher> Extend<Hash> for MemoryTree<H> {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaf_hashes: T) {
        for leaf_hash in leaf_hashes {
            self.append(leaf_hash);
        }
    }
}
