//! The tree: public vectors, known answers, laws, an oracle, and everything that must be refused.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod known_answers;
mod laws;
mod refusals;
mod vectors;

use ledger::tree::{MemoryTree, TreeHasher};

/// The classic eight leaves of the transparency-log implementations.
const LEAVES: [&str; 8] = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// A tree whose leaves are the numbers from 0 as big-endian u64.
fn counted<H: TreeHasher>(size: u64) -> MemoryTree<H> {
    let mut tree = MemoryTree::default();
    tree.extend((0..size).map(|leaf| H::leaf(&leaf.to_be_bytes())));
    tree
}
