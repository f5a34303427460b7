//! A leaf has one reading: what is accepted is what would be written, so what was signed can be taken from the leaf itself.

use ledger::entry::{Action, Body, Entry, message, message_hash};
use ledger::testing::{Draft, ORIGIN, TestLedger};
use proptest::prelude::*;

/// A member's version, a grant, an issue with a batch and parts, a packing, a map head.
fn leaves() -> Vec<Vec<u8>> {
    let item = "/01/09506000134352/21/1";
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000", "9506001"]);
    ledger.grant_in("brand.example", "carrier.example", ledger::entry::right::RECORD, &["9506000134352"]);
    ledger.event("brand.example", Draft::commission(&[item]).batch("/01/09506000134352/10/L7"));
    ledger.event("brand.example", Draft::pack(Action::Add, "/00/095060000000000018", &[item]));
    ledger.head();
    ledger.tiles.iter().map(|tile| tile.entry.encode()).collect()
}

/// True if the bytes were accepted.
fn holds(leaf: &[u8]) -> bool {
    let Ok(entry) = Entry::parse(leaf) else { return false };
    assert_eq!(entry.encode(), leaf);
    match &entry.body {
        Body::Event(event) => {
            assert_eq!(message(leaf, ORIGIN), event.message(ORIGIN));
            assert_eq!(message_hash(&message(leaf, ORIGIN)), event.body_hash(ORIGIN));
        }
        Body::Member(member) => assert_eq!(message(leaf, ORIGIN), member.message(ORIGIN)),
        Body::Grant(grant) => assert_eq!(message(leaf, ORIGIN), grant.message(ORIGIN)),
        Body::MapHead(_) | Body::Notice(_) => {}
    }
    true
}

#[test]
fn entries_as_they_are() {
    for leaf in leaves() {
        assert!(holds(&leaf));
    }
}

#[test]
fn no_leaf_and_no_message() {
    let nothing = message(&leaves()[2][..73], ORIGIN);
    assert_eq!(nothing, [b"leafproof event v2\n", [ORIGIN.len() as u8].as_slice(), ORIGIN.as_bytes()].concat());
    assert_eq!(message(&[1], ORIGIN), nothing);
}

proptest! {
    /// Wherever a byte is changed, put in or taken out.
    #[test]
    fn changed_entries(which in 0..5_usize, at in any::<prop::sample::Index>(), byte in any::<u8>(), how in 0..3_u8) {
        let mut leaf = leaves().swap_remove(which);
        let at = at.index(leaf.len());
        match how {
            0 => leaf[at] = byte,
            1 => leaf.insert(at, byte),
            _ => drop(leaf.remove(at)),
        }
        holds(&leaf);
    }
}
