//! The ledger in memory as a source of bundles.

use crate::prelude::*;
use core::convert::Infallible;

use super::TestLedger;
use crate::bundle::{ListRows, Source};
use crate::entry::Accumulator;
use crate::entry::leaf_hash;
use crate::hash::{Hash, Key};
use crate::map::MapProof;
use crate::note::NoteSigner;
use crate::tree::{LeafIndex, TreeSize};

/// A version that ends in a MAPHEAD.
pub struct AtHead<'a> {
    pub(super) ledger: &'a TestLedger,
    /// Who co-signs, and when (seconds).
    pub cosigners: Vec<(NoteSigner, u64)>,
}

impl Source for AtHead<'_> {
    type Error = Infallible;

    fn origin(&self) -> &str {
        &self.ledger.origin
    }

    fn size(&self) -> u64 {
        self.ledger.tiles.len() as u64
    }

    fn note(&self) -> Result<Vec<u8>, Infallible> {
        Ok(self.ledger.note(&self.cosigners))
    }

    fn list(&self, key: &Key, from: u32) -> Result<ListRows, Infallible> {
        let Some((list, indices)) = self.ledger.lists.get(key) else {
            return Ok(ListRows::default());
        };
        let from = (from as usize).min(indices.len());
        let mut before = Accumulator::default();
        for index in &indices[..from] {
            before.push(*index, &leaf_hash(&self.ledger.tiles[*index as usize].entry.encode()));
        }
        Ok(ListRows { count: list.count, acc_from: before.acc, indices: indices[from..].to_vec() })
    }

    fn tile_entry(&self, index: u64) -> Result<Vec<u8>, Infallible> {
        Ok(self.ledger.tiles[index as usize].encode().expect("test entries are short"))
    }

    fn inclusion(&self, index: u64) -> Result<Vec<Hash>, Infallible> {
        let size = TreeSize(self.size());
        Ok(self.ledger.tree.inclusion_proof(LeafIndex(index), size).expect("the index is below the size"))
    }

    fn map_proof(&self, key: &Key) -> Result<MapProof, Infallible> {
        Ok(self.ledger.map.prove(key))
    }

    fn part(&self, commitment: &Hash) -> Result<Option<([u8; 16], Vec<u8>)>, Infallible> {
        Ok(self.ledger.parts.get(commitment).cloned())
    }
}
