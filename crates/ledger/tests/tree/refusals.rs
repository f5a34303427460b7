//! Every way in which the public vectors spoil a proof, done to proofs of our own, under both hashes.

use std::cell::Cell;

use ledger::Hash;
use ledger::tree::{Blake3, LeafIndex, Log, MAX_PROOF, ProofError, TreeHasher, TreeSize, verify_consistency, verify_inclusion};

use crate::counted;

/// Large enough for every shape of small tree, small enough for all pairs.
const SIZES: u64 = 20;

#[derive(Clone)]
struct Inclusion {
    index: u64,
    size: u64,
    leaf: Hash,
    proof: Vec<Hash>,
    root: Hash,
}

impl Inclusion {
    fn check<H: TreeHasher>(&self) -> Result<(), ProofError> {
        verify_inclusion::<H>(LeafIndex(self.index), TreeSize(self.size), &self.leaf, &self.proof, &self.root)
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    fn spoiled<H: TreeHasher>(&self) -> Vec<(String, Self)> {
        let other = H::leaf(b"not a leaf of this tree");
        let mut cases = vec![
            ("empty root", self.with(|c| c.root = H::empty())),
            ("random root", self.with(|c| c.root = other)),
            ("wrong leaf", self.with(|c| c.leaf = other)),
            ("empty root and wrong leaf", self.with(|c| (c.root, c.leaf) = (H::empty(), other))),
            ("index XOR 2", self.with(|c| c.index ^= 2)),
            ("index plus 1", self.with(|c| c.index = c.index.wrapping_add(1))),
            ("index minus 1", self.with(|c| c.index = c.index.wrapping_sub(1))),
            ("size times 2", self.with(|c| c.size *= 2)),
            ("size divided by 2", self.with(|c| c.size /= 2)),
            ("size 0", self.with(|c| c.size = 0)),
            ("preceding garbage", self.with(|c| c.proof.insert(0, other))),
            ("trailing garbage", self.with(|c| c.proof.push(other))),
            ("preceding root", self.with(|c| c.proof.insert(0, c.root))),
            ("trailing root", self.with(|c| c.proof.push(c.root))),
            ("trailing zeros", self.with(|c| c.proof.push(Hash::ZERO))),
        ]
        .into_iter()
        .map(|(name, case)| (name.to_owned(), case))
        .collect::<Vec<_>>();
        for at in 0..self.proof.len() {
            cases.push((format!("modified bit in {at}"), self.with(|c| c.proof[at].0[at % 32] ^= 1 << (at % 8))));
            cases.push((format!("removed component {at}"), self.with(|c| _ = c.proof.remove(at))));
            cases.push((format!("inserted component {at}"), self.with(|c| c.proof.insert(at, other))));
            cases.push((format!("doubled component {at}"), self.with(|c| c.proof.insert(at, c.proof[at]))));
        }
        if self.proof.len() > 1 {
            cases.push(("swapped siblings".into(), self.with(|c| c.proof.swap(0, 1))));
            cases.push(("no proof".into(), self.with(|c| c.proof.clear())));
        }
        cases
    }
}

fn inclusion_cases<H: TreeHasher>() {
    let tree = counted::<H>(SIZES);
    for size in 1..=SIZES {
        for index in 0..size {
            let case = Inclusion {
                index,
                size,
                leaf: H::leaf(&index.to_be_bytes()),
                proof: tree.inclusion_proof(LeafIndex(index), TreeSize(size)).unwrap(),
                root: tree.root_at(TreeSize(size)).unwrap(),
            };
            assert_eq!(case.check::<H>(), Ok(()), "{index} of {size}");
            for (name, spoiled) in case.spoiled::<H>() {
                assert!(spoiled.check::<H>().is_err(), "{name}: {index} of {size}");
            }
        }
    }
}

#[test]
fn spoiled_inclusion() {
    inclusion_cases::<Blake3>();
    inclusion_cases::<Log>();
}

#[derive(Clone)]
struct Consistency {
    old: u64,
    new: u64,
    old_root: Hash,
    new_root: Hash,
    proof: Vec<Hash>,
}

impl Consistency {
    fn check<H: TreeHasher>(&self) -> Result<(), ProofError> {
        verify_consistency::<H>(TreeSize(self.old), TreeSize(self.new), &self.old_root, &self.new_root, &self.proof)
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    fn spoiled<H: TreeHasher>(&self) -> Vec<(String, Self)> {
        let other = H::leaf(b"not a leaf of this tree");
        let mut cases = vec![
            ("old size 0", self.with(|c| c.old = 0)),
            ("old size 0, empty root", self.with(|c| (c.old, c.old_root) = (0, H::empty()))),
            ("old size 0, no proof", self.with(|c| (c.old, c.proof) = (0, Vec::new()))),
            ("both sizes 0", self.with(|c| (c.old, c.new) = (0, 0))),
            ("swapped sizes", self.with(|c| (c.old, c.new) = (c.new, c.old))),
            ("swapped roots", self.with(|c| (c.old_root, c.new_root) = (c.new_root, c.old_root))),
            ("old size XOR 2", self.with(|c| c.old ^= 2)),
            ("old size plus 1", self.with(|c| c.old += 1)),
            ("old size minus 1", self.with(|c| c.old -= 1)),
            ("new size times 2", self.with(|c| c.new *= 2)),
            ("new size divided by 2", self.with(|c| c.new /= 2)),
            ("wrong old root", self.with(|c| c.old_root = other)),
            ("wrong new root", self.with(|c| c.new_root = other)),
            ("empty proof", self.with(|c| c.proof.clear())),
            ("preceding garbage", self.with(|c| c.proof.insert(0, other))),
            ("trailing garbage", self.with(|c| c.proof.push(other))),
            ("preceding old root", self.with(|c| c.proof.insert(0, c.old_root))),
            ("preceding new root", self.with(|c| c.proof.insert(0, c.new_root))),
            ("trailing old root", self.with(|c| c.proof.push(c.old_root))),
            ("trailing new root", self.with(|c| c.proof.push(c.new_root))),
            ("truncated", self.with(|c| _ = c.proof.pop())),
        ]
        .into_iter()
        .map(|(name, case)| (name.to_owned(), case))
        .collect::<Vec<_>>();
        for at in 0..self.proof.len() {
            cases.push((format!("modified bit in {at}"), self.with(|c| c.proof[at].0[at % 32] ^= 1 << (at % 8))));
            cases.push((format!("removed component {at}"), self.with(|c| _ = c.proof.remove(at))));
            cases.push((format!("inserted component {at}"), self.with(|c| c.proof.insert(at, other))));
            cases.push((format!("preceded by component {at}"), self.with(|c| c.proof.insert(0, c.proof[at]))));
        }
        cases
    }
}

fn consistency_cases<H: TreeHasher>() {
    let tree = counted::<H>(SIZES);
    for new in 2..=SIZES {
        for old in 1..new {
            let case = Consistency {
                old,
                new,
                old_root: tree.root_at(TreeSize(old)).unwrap(),
                new_root: tree.root_at(TreeSize(new)).unwrap(),
                proof: tree.consistency_proof(TreeSize(old), TreeSize(new)).unwrap(),
            };
            assert_eq!(case.check::<H>(), Ok(()), "{old} to {new}");
            for (name, spoiled) in case.spoiled::<H>() {
                assert!(spoiled.check::<H>().is_err(), "{name}: {old} to {new}");
            }
        }
    }
}

#[test]
fn spoiled_consistency() {
    consistency_cases::<Blake3>();
    consistency_cases::<Log>();
}

#[test]
fn equal_sizes() {
    let (a, b) = (Blake3::leaf(b"a"), Blake3::leaf(b"b"));
    let check = |size, old, new, proof: &[Hash]| verify_consistency::<Blake3>(TreeSize(size), TreeSize(size), &old, &new, proof);
    assert_eq!(check(1, a, a, &[]), Ok(()));
    assert_eq!(check(1, a, b, &[]), Err(ProofError::RootMismatch));
    assert_eq!(check(1, a, a, &[Blake3::empty()]), Err(ProofError::WrongLength));
    let empty = Blake3::empty();
    assert_eq!(check(0, empty, empty, &[]), Err(ProofError::SizesDoNotGrow));
    assert_eq!(check(0, empty, empty, &[a]), Err(ProofError::SizesDoNotGrow));
}

thread_local! {
    static HASHED: Cell<usize> = const { Cell::new(0) };
}

/// Counts the work.
enum Counting {}

impl TreeHasher for Counting {
    fn hash(parts: &[&[u8]]) -> Hash {
        HASHED.set(HASHED.get() + 1);
        Blake3::hash(parts)
    }
}

#[test]
fn a_long_proof_is_refused_before_any_work() {
    let (index, size, hash) = (LeafIndex(0), TreeSize(u64::MAX), Hash::ZERO);
    let proof = vec![hash; MAX_PROOF + 1];
    assert_eq!(verify_inclusion::<Counting>(index, size, &hash, &proof, &hash), Err(ProofError::TooLong));
    let consistency = |proof| verify_consistency::<Counting>(TreeSize(1), size, &hash, &hash, proof);
    assert_eq!(consistency(&proof), Err(ProofError::TooLong));
    assert_eq!(HASHED.get(), 0);
    // One less is looked at.
    let proof = &proof[1..];
    assert_eq!(verify_inclusion::<Counting>(index, size, &hash, proof, &hash), Err(ProofError::RootMismatch));
    assert_eq!(HASHED.get(), MAX_PROOF);
}
