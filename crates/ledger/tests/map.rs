//! The map: the acceptance constant, which fixes every byte of its hashing, and the laws that any map obeys.

use std::collections::BTreeMap;

use ledger::map::{Map, MapError, MapProof};
use ledger::{Hash, Key, hash};
use proptest::prelude::*;

#[test]
fn acceptance_constant() {
    let mut stream = blake3::Hasher::new().finalize_xof();
    let mut next = || {
        let mut bytes = [0; 32];
        stream.fill(&mut bytes);
        Hash(bytes)
    };
    let mut sink = blake3::Hasher::new();
    for _ in 0..100 {
        let mut map = Map::new();
        sink.update(map.root().as_bytes());
        for _ in 0..1000 {
            let key = Key(next());
            map.insert(&key, next());
            sink.update(map.root().as_bytes());
        }
    }
    let expected = "dfa5cc5758518f612c53d3434688996895373f29e2df61b7f7c26f0e25b095eb";
    assert_eq!(Hash(*sink.finalize().as_bytes()).to_string(), expected);
}
