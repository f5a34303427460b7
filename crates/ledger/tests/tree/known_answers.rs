//! Roots and proofs whose bytes are fixed.

use ledger::tree::{Blake3, LeafIndex, Log, MemoryTree, TreeHasher, TreeSize, root, verify_inclusion};

use crate::{LEAVES, unhex};

/// The specification's roots over the first 0 to 8 of the classic leaves; the first, second and last of them are those of the public vectors.
const LOG_ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// The same with the hash of the subject trees.
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
fn roots_of_the_log() {
    check::<Log>(&LOG_ROOTS);
}

/// A proof worked out by hand: leaf 2 of 5 has beside it leaf 3, the pair 0 and 1, and leaf 4.
#[test]
fn an_inclusion_proof_by_hand() {
    let leaves: Vec<_> = LEAVES[..5].iter().map(|leaf| Log::leaf(&unhex(leaf))).collect();
    let mut tree = MemoryTree::new();
    tree.extend(leaves.iter().copied());
    let expected = [leaves[3], Log::node(&leaves[0], &leaves[1]), leaves[4]];
    assert_eq!(tree.inclusion_proof(LeafIndex(2), TreeSize(5)).unwrap(), expected);
    verify_inclusion::<Log>(LeafIndex(2), TreeSize(5), &leaves[2], &expected, &tree.root()).unwrap();
}
