//! Laws for any tree, ct-merkle as oracle, and trees far larger than memory.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ledger::Hash;
use ledger::tree::{
    LeafIndex, Log, MemoryTree, Nodes, ProofError, TreeHasher, TreeSize, consistency_proof, inclusion_proof, root, root_at,
    verify_consistency, verify_inclusion,
};
use proptest::prelude::*;
use sha2::Sha256;

use crate::counted;

fn joined(proof: &[Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| hash.0).collect()
}

/// Every root and every proof of every tree up to 40 leaves is the one that ct-merkle gives.
#[test]
fn the_oracle_agrees() {
    let tree = counted::<Log>(40);
    let mut oracle = MemoryBackedTree::<Sha256, [u8; 8]>::new();
    assert_eq!(tree.root_at(TreeSize(0)).unwrap().0, *oracle.root().as_bytes().as_slice());
    for size in 1..=40_u64 {
        oracle.push((size - 1).to_be_bytes());
        let root = tree.root_at(TreeSize(size)).unwrap();
        assert_eq!(root.0, *oracle.root().as_bytes().as_slice(), "root of {size}");
        for index in 0..size {
            let ours = tree.inclusion_proof(LeafIndex(index), TreeSize(size)).unwrap();
            assert_eq!(joined(&ours), oracle.prove_inclusion(index as usize).as_bytes(), "{index} of {size}");
        }
        for old in 1..size {
            let ours = tree.consistency_proof(TreeSize(old), TreeSize(size)).unwrap();
            let theirs = oracle.prove_consistency((size - old) as usize);
            assert_eq!(joined(&ours), theirs.as_bytes(), "{old} to {size}");
        }
    }
}

/// A tree with as many leaves as one likes, all alike: node (level, index) depends on the level alone.
struct Uniform {
    levels: Vec<Hash>,
}

impl Uniform {
    fn new() -> Self {
        let mut levels = vec![Log::leaf(b"all alike")];
        for level in 0..63 {
            levels.push(Log::node(&levels[level], &levels[level]));
        }
        Self { levels }
    }
}

impl Nodes for Uniform {
    fn node(&self, level: u8, _index: u64) -> Option<Hash> {
        self.levels.get(usize::from(level)).copied()
    }
}

/// Sizes of every magnitude, with their neighbours.
fn any_size() -> impl Strategy<Value = u64> {
    prop_oneof![
        1..200_u64,
        any::<u64>().prop_map(|n| n.max(1)),
        (0..64_u32, -2..3_i64).prop_map(|(bit, step)| { (1_u64 << bit).saturating_add_signed(step).max(1) })
    ]
}

proptest! {
    #[test]
    fn every_leaf_proves(leaves in prop::collection::vec(any::<[u8; 32]>(), 1..80)) {
        let leaves: Vec<Hash> = leaves.into_iter().map(Hash).collect();
        let mut tree = MemoryTree::new();
        tree.extend(leaves.iter().copied());
        let size = TreeSize(leaves.len() as u64);
        prop_assert_eq!(tree.root(), root::<Log>(&leaves));
        for (index, leaf) in (0..).map(LeafIndex).zip(&leaves) {
            let proof = tree.inclusion_proof(index, size).unwrap();
            prop_assert_eq!(verify_inclusion::<Log>(index, size, leaf, &proof, &tree.root()), Ok(()));
            // The tree is unbalanced to the right only: no way up is longer than the left one.
            prop_assert!(proof.len() <= size.0.next_power_of_two().ilog2() as usize);
        }
        for old in 1..=leaves.len() {
            let proof = tree.consistency_proof(TreeSize(old as u64), size).unwrap();
            let old_root = root::<Log>(&leaves[..old]);
            let result = verify_consistency::<Log>(TreeSize(old as u64), size, &old_root, &tree.root(), &proof);
            prop_assert_eq!(result, Ok(()));
        }
    }

    #[test]
    fn appending_never_changes_what_was(size in 1..60_u64, more in 0..60_u64) {
        let (before, after) = (counted::<Log>(size), counted::<Log>(size + more));
        prop_assert_eq!(before.root(), after.root_at(TreeSize(size)).unwrap());
        let same = |tree: &MemoryTree| tree.inclusion_proof(LeafIndex(size / 2), TreeSize(size));
        prop_assert_eq!(same(&before), same(&after));
    }

    #[test]
    fn sizes_up_to_the_largest(size in any_size(), index: u64, other in any_size()) {
        let nodes = Uniform::new();
        let leaf = nodes.levels[0];
        let root = root_at::<Log>(&nodes, TreeSize(size)).unwrap();
        let index = LeafIndex(index % size);
        let proof = inclusion_proof::<Log>(&nodes, index, TreeSize(size)).unwrap();
        prop_assert_eq!(verify_inclusion::<Log>(index, TreeSize(size), &leaf, &proof, &root), Ok(()));

        // Beyond 2^63 leaves a consistency proof can need one hash more than the limit; no log gets there.
        let (size, other) = (size.min(1 << 63), other.min(1 << 63));
        let (old, new) = (TreeSize(size.min(other)), TreeSize(size.max(other)));
        let proof = consistency_proof::<Log>(&nodes, old, new).unwrap();
        let (old_root, new_root) = (root_at::<Log>(&nodes, old).unwrap(), root_at::<Log>(&nodes, new).unwrap());
        prop_assert_eq!(verify_consistency::<Log>(old, new, &old_root, &new_root, &proof), Ok(()));
    }

    /// Whatever comes in, it is refused without a panic.
    #[test]
    fn any_proof_at_all(
        a in any::<u64>(), b in any::<u64>(), c in any_size(),
        proof in prop::collection::vec(any::<[u8; 32]>().prop_map(Hash), 0..70),
        x in any::<[u8; 32]>().prop_map(Hash), y in any::<[u8; 32]>().prop_map(Hash),
    ) {
        for (m, n) in [(a, b), (a, c), (c, b), (a % 8, b % 8)] {
            prop_assert!(verify_inclusion::<Log>(LeafIndex(m), TreeSize(n), &x, &proof, &y).is_err());
            prop_assert!(verify_consistency::<Log>(TreeSize(m), TreeSize(n), &x, &y, &proof).is_err());
        }
    }
}

#[test]
fn a_store_without_the_node_says_so() {
    let tree = counted::<Log>(5);
    assert_eq!(tree.root_at(TreeSize(6)), Err(ProofError::NodeMissing));
    assert_eq!(tree.inclusion_proof(LeafIndex(0), TreeSize(8)), Err(ProofError::NodeMissing));
    assert_eq!(tree.inclusion_proof(LeafIndex(5), TreeSize(5)), Err(ProofError::IndexBeyondSize));
    assert_eq!(tree.consistency_proof(TreeSize(0), TreeSize(5)), Err(ProofError::SizesDoNotGrow));
    assert_eq!(tree.consistency_proof(TreeSize(5), TreeSize(4)), Err(ProofError::SizesDoNotGrow));
    assert_eq!(tree.consistency_proof(TreeSize(5), TreeSize(5)), Ok(Vec::new()));
}
