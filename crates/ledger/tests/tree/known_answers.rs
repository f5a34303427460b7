//! Roots and proofs whose bytes are fixed.

use ledger::tree::{Blake3, LeafIndex, MemoryTree, TreeHasher, TreeSize, root, verify_inclusion};

use crate::{LEAVES, Sha2, unhex};

/// The specification's roots over the first 0 to 8 of the classic leaves.
const BLAKE3_ROOTS: [&str; 9] = [
    "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
    "d35bd1e16b877c48d056182ad83ae459a44ae2a0c42497d73048b521b661d966",
    "5969a72267bd42acf0b2f4d0749032d41a434c8c2d3d7969d4c5a22a1f78304d",
    "d74b65d2a8d18d4e9c7e46d6b40e1844705cf36532ac15d205bd3fca5d2bfa58",
    "4cb64056def39595286034a932fbb340cffda1338e639f6eaec0d9f875ef59a7",
    "e70d89e0403cf28bab02212d5efeefa7cbeb146a4211198ec326314a6ade37d1",
    "502bedc8e0155fea3cff11d2d479550eceb9365ec7cc0fb893a048534b4ab9b5",
    "eed80dc82a14685b1a6607764e4c253418c4279033e89c0c6ddd7fd1717bede7",
];

fn check<H: TreeHasher>(roots: &[&str]) {
    let leaves: Vec<_> = LEAVES.iter().map(|leaf| H::leaf(&unhex(leaf))).collect();
    let mut tree = MemoryTree::<H>::default();
    for (size, expected) in roots.iter().enumerate() {
        assert_eq!(tree.root().to_string(), *expected, "appended, size {size}");
        assert_eq!(root::<H>(&leaves[..size]).to_string(), *expected, "at once, size {size}");
        tree.extend(leaves.get(size).copied());
    }
    for (size, expected) in roots.iter().enumerate() {
        let root = tree.root_at(TreeSize(size as u64)).unwrap();
        assert_eq!(root.to_string(), *expected, "looked back, size {size}");
    }
}

#[test]
fn roots_with_blake3() {
    check::<Blake3>(&BLAKE3_ROOTS);
}

#[test]
fn roots_with_sha256() {
    // From the public vectors: the empty tree, one leaf, eight leaves.
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let one = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
    let eight = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
    check::<Sha2>(&[empty, one]);
    let leaves: Vec<_> = LEAVES.iter().map(|leaf| Sha2::leaf(&unhex(leaf))).collect();
    assert_eq!(root::<Sha2>(&leaves).to_string(), eight);
}

/// A proof worked out by hand: leaf 2 of 5 has beside it leaf 3, the pair 0 and 1, and leaf 4.
#[test]
fn an_inclusion_proof_by_hand() {
    let leaves: Vec<_> = LEAVES[..5].iter().map(|leaf| Blake3::leaf(&unhex(leaf))).collect();
    let mut tree = MemoryTree::new();
    tree.extend(leaves.iter().copied());
    let expected = [leaves[3], Blake3::node(&leaves[0], &leaves[1]), leaves[4]];
    assert_eq!(tree.inclusion_proof(LeafIndex(2), TreeSize(5)).unwrap(), expected);
    verify_inclusion::<Blake3>(LeafIndex(2), TreeSize(5), &leaves[2], &expected, &tree.root()).unwrap();
}
