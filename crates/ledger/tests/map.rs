//! The map: the acceptance constant, which fixes every byte of its hashing, and the laws that any map obeys.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;

use std::cell::RefCell;
use std::convert::Infallible;

use ledger::map::{Map, MapError, MapNodes, MapProof, MapReadError};
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

/// A key that is zero but for its first and last byte.
fn key(first: u8, last: u8) -> Key {
    let mut bytes = [0; 32];
    (bytes[0], bytes[31]) = (first, last);
    Key(Hash(bytes))
}

fn value(number: u8) -> Hash {
    hash(&[number])
}

fn map(content: &[(Key, Hash)]) -> Map {
    let mut map = Map::new();
    for (key, value) in content {
        map.insert(key, *value);
    }
    map
}

/// The proof as bytes, which must read back as it was.
fn bytes_of(proof: &MapProof) -> Vec<u8> {
    let mut bytes = Vec::new();
    proof.encode(&mut bytes);
    let (read, rest) = MapProof::parse(&bytes).unwrap();
    assert_eq!((&read, rest), (proof, &[][..]));
    bytes
}

#[test]
fn each_form_of_absence() {
    let empty = Map::new();
    let absent = key(0x00, 1);
    let proof = empty.prove(&absent);
    assert_eq!(bytes_of(&proof), [0, 0, 0]);
    assert_eq!(proof.verify_absent(&absent, &empty.root()), Ok(()));

    // All keys on the other side of the root.
    let right = map(&[(key(0x80, 1), value(1)), (key(0xc0, 1), value(2))]);
    let proof = right.prove(&absent);
    let bytes = bytes_of(&proof);
    assert_eq!((bytes.len(), &bytes[..5]), (3 + 34, &[1, 0, 1, 0, 0][..]));
    assert_eq!(proof.verify_absent(&absent, &right.root()), Ok(()));
    assert_eq!(proof.verify_absent(&absent, &empty.root()), Err(MapError::RootMismatch));

    // A leaf in its place, then an inner node.
    let leaf = map(&[(key(0x01, 1), value(1))]);
    let inner = map(&[(key(0x01, 1), value(1)), (key(0x01, 2), value(2))]);
    for (map, bits) in [(leaf, 256_u16), (inner, 254)] {
        let proof = map.prove(&absent);
        let bytes = bytes_of(&proof);
        assert_eq!((bytes.len(), bytes[0]), (3 + 34 + 66, 2));
        assert_eq!(bytes[37..39], bits.to_be_bytes());
        assert_eq!(proof.verify_absent(&absent, &map.root()), Ok(()));
        // It says nothing about keys that share less or more with that node.
        assert_eq!(proof.verify_absent(&key(0x81, 1), &map.root()), Err(MapError::NotInThePlace));
        assert_eq!(proof.verify_absent(&key(0x01, 1), &map.root()), Err(MapError::NotInThePlace));
    }
}

#[test]
fn presence_is_not_absence() {
    let (there, gone) = (key(0x01, 1), key(0x02, 1));
    let map = map(&[(there, value(1)), (key(0x03, 1), value(2))]);
    let proof = map.prove(&there);
    assert!(proof.is_present());
    assert_eq!(proof.verify_present(&there, &value(1), &map.root()), Ok(()));
    assert_eq!(proof.verify_present(&there, &value(2), &map.root()), Err(MapError::RootMismatch));
    assert_eq!(proof.verify_present(&gone, &value(1), &map.root()), Err(MapError::RootMismatch));
    assert_eq!(proof.verify_absent(&there, &map.root()), Err(MapError::WrongForm));
    let proof = map.prove(&gone);
    assert_eq!(proof.verify_present(&gone, &value(1), &map.root()), Err(MapError::WrongForm));
}

#[test]
fn malformed_proofs_are_refused() {
    let level = |bit_len: u16| [&bit_len.to_be_bytes()[..], &[7; 32]].concat();
    let proof = |form: u8, levels: &[u16], rest: &[u8]| {
        let levels_bytes: Vec<u8> = levels.iter().flat_map(|bit_len| level(*bit_len)).collect();
        [&[form][..], &(levels.len() as u16).to_be_bytes(), &levels_bytes, rest].concat()
    };
    let node = |bits: u16, first: u8| [&bits.to_be_bytes()[..], &[first], &[0; 31], &[7; 32]].concat();
    let all: Vec<u16> = (0..256).collect();
    for good in [proof(0, &[], &[]), proof(1, &[0], &[]), proof(2, &[0, 9], &node(12, 0xf0)), proof(3, &[0, 255], &[]), proof(3, &all, &[])]
    {
        assert!(MapProof::parse(&good).is_ok());
        for end in 0..good.len() {
            assert_eq!(MapProof::parse(&good[..end]), Err(MapError::Truncated));
        }
    }
    for (bad, error) in [
        (proof(4, &[0], &[]), MapError::UnknownForm),
        (proof(0, &[0], &[]), MapError::BadLevels),
        (proof(1, &[], &[]), MapError::BadLevels),
        (proof(1, &[0, 1], &[]), MapError::BadLevels),
        (proof(2, &[], &node(12, 0xf0)), MapError::BadLevels),
        (proof(3, &[], &[]), MapError::BadLevels),
        (proof(3, &[1], &[]), MapError::BadLevels),
        (proof(3, &[0, 0], &[]), MapError::BadLevels),
        (proof(3, &[0, 9, 9], &[]), MapError::BadLevels),
        (proof(3, &[0, 9, 8], &[]), MapError::BadLevels),
        (proof(3, &[0, 256], &[]), MapError::BadLevels),
        (proof(3, &[0; 257], &[]), MapError::BadLevels),
        (proof(2, &[0], &node(257, 0)), MapError::BadLabel),
        (proof(2, &[0], &node(3, 0xf0)), MapError::BadLabel),
    ] {
        assert_eq!(MapProof::parse(&bad).map(|_| ()), Err(error));
    }
    // What follows is the reader's.
    let bytes = proof(3, &[0], &[1, 2, 3]);
    assert_eq!(MapProof::parse(&bytes).unwrap().1, [1, 2, 3]);
}

#[test]
fn a_clone_keeps_its_content() {
    let mut map = map(&[(key(1, 1), value(1)), (key(2, 2), value(2))]);
    let old = map.clone();
    let old_root = old.root();
    assert_eq!(map.insert(&key(1, 1), value(3)), Some(value(1)));
    assert_eq!(map.insert(&key(3, 3), value(4)), None);
    assert_eq!((map.len(), old.len()), (3, 2));
    assert_eq!((old.root(), old.get(&key(1, 1)), old.get(&key(3, 3))), (old_root, Some(value(1)), None));
    assert!(!old.prove(&key(3, 3)).is_present());
}

/// Keys that share long beginnings as often as they do not.
fn any_key() -> impl Strategy<Value = Key> {
    let random = any::<[u8; 32]>();
    let close = (0..256_usize, 0..4_u8).prop_map(|(bit, low)| {
        let mut bytes = [0; 32];
        bytes[bit / 8] = 0x80 >> (bit % 8);
        bytes[31] ^= low;
        bytes
    });
    prop_oneof![random, close].prop_map(|bytes| Key(Hash(bytes)))
}

fn any_content() -> impl Strategy<Value = BTreeMap<Key, Hash>> {
    prop::collection::btree_map(any_key(), any::<[u8; 32]>().prop_map(Hash), 0..40)
}

proptest! {
    #[test]
    fn the_root_depends_on_the_content_alone(content in any_content(), seed: u64, changed: prop::sample::Index) {
        let in_order: Vec<_> = content.into_iter().collect();
        let mut shuffled = in_order.clone();
        shuffled.sort_by_key(|(key, _)| hash(&[&seed.to_be_bytes()[..], key.as_ref()].concat()));
        let fresh = map(&in_order);
        prop_assert_eq!(fresh.root(), map(&shuffled).root());
        prop_assert_eq!(fresh.len(), in_order.len() as u64);
        if !in_order.is_empty() {
            // Another value, then the right one again: as if it had never been.
            let (key, value) = shuffled[changed.index(shuffled.len())];
            let mut map = map(&shuffled);
            prop_assert_eq!(map.insert(&key, Hash::ZERO), Some(value));
            prop_assert_ne!(map.root(), fresh.root());
            prop_assert_eq!(map.insert(&key, value), Some(Hash::ZERO));
            prop_assert_eq!(map, fresh);
        }
    }

    #[test]
    fn every_key_proves_what_the_map_says(content in any_content(), others in prop::collection::vec(any_key(), 1..40)) {
        let map = map(&content.clone().into_iter().collect::<Vec<_>>());
        for key in content.keys().chain(&others) {
            let proof = map.prove(key);
            let (read, _) = MapProof::parse(&bytes_of(&proof)).map(|(p, rest)| (p, rest.len())).unwrap();
            prop_assert_eq!(&read, &proof);
            prop_assert_eq!(map.get(key), content.get(key).copied());
            match content.get(key) {
                Some(value) => {
                    prop_assert_eq!(proof.verify_present(key, value, &map.root()), Ok(()));
                    prop_assert!(proof.verify_absent(key, &map.root()).is_err());
                }
                None => {
                    prop_assert_eq!(proof.verify_absent(key, &map.root()), Ok(()));
                    prop_assert!(proof.verify_present(key, &Hash::ZERO, &map.root()).is_err());
                }
            }
            // For no other key does it say anything false.
            for other in content.keys().chain(&others) {
                if content.contains_key(other) {
                    prop_assert!(proof.verify_absent(other, &map.root()).is_err());
                }
            }
        }
    }

    /// Any bytes are read or refused, and judged without a panic.
    #[test]
    fn any_bytes(mut bytes in prop::collection::vec(any::<u8>(), 0..200), form in 0..5_u8, levels in 0..4_u8, key in any_key()) {
        if let [first, high, low, ..] = bytes.as_mut_slice() {
            (*first, *high, *low) = (form, 0, levels);
        }
        if let [_, _, _, high, low, ..] = bytes.as_mut_slice() {
            (*high, *low) = (0, 0);
        }
        if let Ok((proof, _)) = MapProof::parse(&bytes) {
            prop_assert!(proof.verify_absent(&key, &Hash::ZERO).is_err());
            prop_assert!(proof.verify_present(&key, &Hash::ZERO, &Hash::ZERO).is_err());
        }
    }
}

proptest! {
    // Each case tries thousands of bits.
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Any changed bit of a proof's bytes is refused, by its form or by the root.
    #[test]
    fn no_bit_can_change(content in any_content(), other in any_key(), present: prop::sample::Index) {
        let map = map(&content.clone().into_iter().collect::<Vec<_>>());
        let some = content.keys().nth(present.index(content.len().max(1))).copied().unwrap_or(other);
        for key in [some, other] {
            let bytes = bytes_of(&map.prove(&key));
            for bit in 0..8 * bytes.len() {
                let mut changed = bytes.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                let Ok((proof, rest)) = MapProof::parse(&changed) else { continue };
                let accepted = rest.is_empty() && match content.get(&key) {
                    Some(value) => proof.verify_present(&key, value, &map.root()).is_ok(),
                    None => proof.verify_absent(&key, &map.root()).is_ok(),
                };
                prop_assert!(!accepted, "bit {bit} of {} bytes", bytes.len());
            }
        }
    }
}

/// Rows by label, and the newest value of each key: what the server's index has.
#[derive(Default)]
struct Rows {
    inner: RefCell<BTreeMap<Vec<u8>, Vec<u8>>>,
    values: RefCell<BTreeMap<Key, Hash>>,
}

impl MapNodes for Rows {
    type Error = Infallible;

    fn inner(&self, label: &[u8]) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.inner.borrow().get(label).cloned())
    }

    fn value(&self, key: &Key) -> Result<Option<Hash>, Infallible> {
        Ok(self.values.borrow().get(key).copied())
    }
}

impl Rows {
    fn insert(&self, map: &mut Map, key: &Key, value: Hash) {
        let old = self.values.borrow_mut().insert(*key, value);
        map.insert_in(self, key, value, old).unwrap();
    }

    fn take(&self, map: &Map) {
        map.store(|label, row| drop(self.inner.borrow_mut().insert(label.to_vec(), row.to_vec())));
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, u8, u8),
    Store,
    Forget,
    Restart,
    Keep,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0..8_u8, 0..4_u8, any::<u8>()).prop_map(|(first, last, value)| Step::Insert(first * 32, last, value)),
        1 => Just(Step::Store),
        1 => Just(Step::Forget),
        1 => Just(Step::Restart),
        2 => Just(Step::Keep),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    /// A map of which any part lies outside of memory says what the one in memory says; and a version that was kept says for ever what
    /// it said, as long as nothing was forgotten since: whatever was stored in the place of its nodes.
    #[test]
    fn stored_nodes_are_the_same_map(steps in steps()) {
        let rows = Rows::default();
        let (mut map, mut plain) = (Map::new(), Map::new());
        let mut kept: Vec<(Map, Map)> = Vec::new();
        for step in steps {
            match step {
                Step::Insert(first, last, number) => {
                    rows.insert(&mut map, &key(first, last), value(number));
                    plain.insert(&key(first, last), value(number));
                }
                Step::Store => rows.take(&map),
                Step::Keep => kept.push((map.clone(), plain.clone())),
                Step::Forget => {
                    rows.take(&map);
                    map.forget();
                    kept.clear();
                }
                Step::Restart => {
                    rows.take(&map);
                    map = Map::open(&map.summary()).unwrap();
                    kept.clear();
                }
            }
            prop_assert_eq!((map.root(), map.len()), (plain.root(), plain.len()));
        }
        kept.push((map, plain));
        for (map, plain) in kept {
            for (first, last) in (0..8).flat_map(|first| (0..4).map(move |last| (first * 32, last))) {
                let key = key(first, last);
                prop_assert_eq!(map.prove_in(&rows, &key).unwrap(), plain.prove(&key));
                prop_assert_eq!(map.leaf_in(&rows, &key).unwrap().is_some(), plain.get(&key).is_some());
            }
        }
    }
}

#[test]
fn a_lost_or_changed_row_is_an_error_and_no_other_answer() {
    let rows = Rows::default();
    let mut map = Map::new();
    for number in 0..20 {
        rows.insert(&mut map, &key(number * 8, number), value(number));
    }
    rows.take(&map);
    let summary = map.summary();
    let stored = rows.inner.borrow().clone();
    for (label, row) in stored {
        for changed in [None, Some(Vec::new()), Some(row[1..].to_vec()), Some([&row[..row.len() - 1], &[row[row.len() - 1] ^ 1]].concat())]
        {
            match changed {
                Some(changed) => drop(rows.inner.borrow_mut().insert(label.clone(), changed)),
                None => drop(rows.inner.borrow_mut().remove(&label)),
            }
            let mut lost = 0;
            for number in 0..20 {
                match Map::open(&summary).unwrap().prove_in(&rows, &key(number * 8, number)) {
                    Ok(proof) => proven(&proof, &map, number),
                    Err(error) => {
                        assert_eq!(error, MapReadError::Lost);
                        lost += 1;
                    }
                }
            }
            assert!(lost > 0, "some key's way goes through each node");
        }
        rows.inner.borrow_mut().insert(label, row);
    }
    for cut in 0..summary.len() {
        assert!(Map::open(&summary[..cut]).is_none());
    }
}

fn proven(proof: &MapProof, map: &Map, number: u8) {
    proof.verify_present(&key(number * 8, number), &value(number), &map.root()).unwrap();
}
