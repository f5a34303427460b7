//! The ledger in memory as a source of bundles.

use crate::prelude::*;
use core::convert::Infallible;

use super::TestLedger;
use crate::bundle::{ListRows, Source};
use crate::entry::{Accumulator, Chain, leaf_hash};
use crate::hash::{Hash, Key};
use crate::map::MapProof;
use crate::note::NoteSigner;
use crate::prefix::PrefixProof;
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
        let Some((head, rows)) = self.ledger.lists.get(key) else {
            return Ok(ListRows::default());
        };
        let (before, after) = rows.split_at((from as usize).min(rows.len()));
        let mut sum = Accumulator::default();
        for (index, _) in before {
            sum.push(*index, &leaf_hash(&self.ledger.tiles[*index as usize].entry.encode()));
        }
        let early = before.iter().filter(|(_, chain)| *chain != Chain::Plain).map(|(index, _)| *index).collect();
        Ok(ListRows { head: *head, acc_from: sum.acc, early, indices: after.iter().map(|(index, _)| *index).collect() })
    }

    fn prefix_proofs(&self, digits: &str) -> Result<Vec<PrefixProof>, Infallible> {
        Ok(self.ledger.register.prove(digits))
    }

    fn prefix_count(&self) -> u32 {
        self.ledger.register.len()
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
