//! What a phone kept from earlier visits against what it is shown now: a ledger that only grew, one that forked, one rolled back.

use ledger::testing::{Draft, TestLedger, name};
use ledger::tree::TreeSize;
use ledger::verify::{Memory, Report, State, verify};

const ITEM: &str = "/01/09506000134352/21/1";

fn started() -> TestLedger {
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000"]);
    ledger.event("brand.example", Draft::commission(&[ITEM]));
    ledger.head();
    ledger
}

fn grow(ledger: &mut TestLedger) {
    ledger.event("brand.example", Draft::observe(&[ITEM]));
    ledger.head();
}

/// What a phone keeps, with the proof from then to now.
fn kept(ledger: &TestLedger, then: (u64, Vec<u8>)) -> Memory {
    let consistency = ledger.tree.consistency_proof(TreeSize(then.0), ledger.tree.size()).unwrap_or_default();
    Memory { note: then.1, consistency }
}

fn now(ledger: &TestLedger) -> (u64, Vec<u8>) {
    (ledger.tree.size().0, ledger.note(&[]))
}

fn shown(ledger: &mut TestLedger, kept: &[Memory]) -> Report {
    let file = ledger.bundle(ITEM);
    verify(&file, &ledger.policy(), Some(&name(ITEM).bytes()), ledger.now_ms, kept)
}

fn step(report: &Report) -> String {
    let line = report.text.lines().find(|line| line.starts_with("step\tmemory")).unwrap_or_default();
    line.trim_start_matches("step\tmemory\t").replace('\t', " ")
}

#[test]
fn a_ledger_that_only_grew_continues_what_was_seen() {
    let mut ledger = started();
    let then = now(&ledger);
    assert_eq!(step(&shown(&mut ledger, &[])), "first");
    assert_eq!(step(&shown(&mut ledger, &[kept(&started(), then.clone())])), "ok", "the same checkpoint");
    for _ in 0..5 {
        grow(&mut ledger);
        let memory = kept(&ledger, then.clone());
        let report = shown(&mut ledger, &[memory]);
        assert_eq!((step(&report).as_str(), report.state), ("ok", State::NotCosigned));
    }
    let without = Memory { note: then.1.clone(), consistency: Vec::new() };
    assert_eq!(step(&shown(&mut ledger, std::slice::from_ref(&without))), "uncompared");
    let with = kept(&ledger, then);
    assert_eq!(step(&shown(&mut ledger, &[without, with])), "ok", "one that could be compared is enough");
}

#[test]
fn a_fork_is_named_at_equal_size_and_by_the_proof() {
    let mut ledger = started();
    let then = now(&ledger);
    // The other branch: the same size, another entry in its place.
    let mut branch = TestLedger::new();
    branch.member("brand.example", 2, &["9506000"]);
    branch.event("brand.example", Draft::commission(&[ITEM, "/01/09506000134352/21/2"]));
    branch.head();
    assert_eq!(branch.tree.size(), ledger.tree.size());
    let report = shown(&mut branch, &[Memory { note: then.1.clone(), consistency: Vec::new() }]);
    assert_eq!((step(&report).as_str(), report.state), ("failed fork", State::Failed));
    assert!(report.text.ends_with("state\tfailed\tmemory\tfork\t-\t-\n"), "{}", report.text);
    grow(&mut branch);
    grow(&mut ledger);
    for honest in [&ledger, &branch] {
        let report = shown(&mut branch.clone(), &[kept(honest, then.clone())]);
        assert_eq!((step(&report).as_str(), report.state), ("failed fork", State::Failed), "no proof leads from one branch to the other");
    }
    // Whatever else fits, one that does not fails the whole.
    let fits = kept(&branch, now(&branch));
    let report = shown(&mut branch, &[fits, kept(&ledger, then)]);
    assert_eq!(report.state, State::Failed);
}

#[test]
fn a_rollback_is_named() {
    let mut ledger = started();
    grow(&mut ledger);
    let then = now(&ledger);
    let report = shown(&mut started(), &[Memory { note: then.1, consistency: Vec::new() }]);
    assert_eq!((step(&report).as_str(), report.state), ("failed older", State::Failed));
}

#[test]
fn what_cannot_be_read_is_no_memory_and_another_ledger_is_none() {
    let mut ledger = started();
    let report = shown(&mut ledger, &[Memory::default()]);
    assert_eq!((step(&report).as_str(), report.state), ("failed memory", State::Failed));
    let mut note = ledger.note(&[]);
    let last = note.len() - 10;
    note[last] = if note[last] == b'A' { b'B' } else { b'A' };
    let report = shown(&mut ledger, &[Memory { note, consistency: Vec::new() }]);
    assert_eq!(report.state, State::Failed, "a note that nobody signed is not taken for one that was seen");
}
