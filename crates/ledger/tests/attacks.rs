//! Attacks on bundles and on the ledger behind them. Each must be refused, at its own step and with its own word.
#![expect(clippy::unwrap_used, reason = "a test's own steps cannot fail")]

use ledger::bundle::{Bundle, Content};
use ledger::entry::{Action, Body, Class, Entry, Kind, MapHead, Part, Status, part_kind, record_role};
use ledger::testing::{Draft, TestLedger, name};
use ledger::verify::{Report, State, verify};

const ITEM: &str = "/01/09506000134352/21/1";
const OTHER: &str = "/01/09506000134352/21/2";
const COW: &str = "/01/09506000134369/21/7";
const LOT: &str = "/01/09506000134352/10/L7";
const CASE: &str = "/00/106141412345678908";
const PALLET: &str = "/00/106141412345678915";
const PRODUCT: &str = "/01/09506000134352";

/// The attack, the step and word that refuse it, and how it is made.
type Case<T> = (&'static str, (&'static str, &'static str), fn(&mut T));

/// A brand, a carrier and a stranger; one item made of a cow, boxed, palletised, shipped, received.
fn history() -> TestLedger {
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000"]);
    ledger.member("carrier.example", 3, &[]);
    ledger.member("stranger.example", 4, &["4012345"]);
    ledger.head();
    ledger.event("brand.example", Draft::commission(&[COW]));
    ledger.event("brand.example", Draft::transform(&[COW], &[ITEM, OTHER]).batch(LOT));
    ledger.event("brand.example", Draft::master_data(PRODUCT));
    ledger.head();
    ledger.event("brand.example", Draft::observe(&[LOT]));
    ledger.event("brand.example", Draft::pack(Action::Add, CASE, &[ITEM, OTHER]));
    ledger.event("carrier.example", Draft::pack(Action::Add, PALLET, &[CASE]));
    ledger.event("carrier.example", Draft::observe(&[PALLET]));
    ledger.event("carrier.example", Draft::pack(Action::Delete, PALLET, &[]));
    ledger.event("carrier.example", Draft::pack(Action::Delete, CASE, &[ITEM]));
    ledger.event("carrier.example", Draft::observe(&[CASE]));
    ledger.event("carrier.example", Draft::observe(&[ITEM]));
    ledger
}

fn check(ledger: &TestLedger, file: &[u8]) -> Report {
    ledger.verify(ITEM, file)
}

/// Spoils a good bundle and gives step and problem.
fn spoiled(change: impl FnOnce(&mut Bundle)) -> (&'static str, &'static str) {
    let mut ledger = history();
    let mut bundle = ledger.parts_of_bundle(ITEM);
    change(&mut bundle);
    words(&check(&ledger, &bundle.encode()))
}

/// Step and problem of a ledger whose operator put this into it.
fn logged(change: impl FnOnce(&mut TestLedger)) -> (&'static str, &'static str) {
    let mut ledger = history();
    change(&mut ledger);
    let file = ledger.bundle(ITEM);
    words(&check(&ledger, &file))
}

fn words(report: &Report) -> (&'static str, &'static str) {
    match &report.failure {
        Some(failure) => (failure.step.word(), failure.problem.word()),
        None => (report.state.word(), ""),
    }
}

fn lines<'a>(report: &'a Report, kind: &str) -> Vec<Vec<&'a str>> {
    let all = report.text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    all.filter(|line| line[0] == kind).collect()
}

fn content(bundle: &mut Bundle, path: &str) -> usize {
    let key = name(path).key();
    bundle.lists.iter().position(|list| list.key == key).unwrap()
}

fn rows<'a>(bundle: &'a mut Bundle, path: &str) -> &'a mut Content {
    let at = content(bundle, path);
    bundle.lists[at].content.as_mut().unwrap()
}

#[test]
fn a_whole_history_is_verified_and_told() {
    let mut ledger = history();
    let file = ledger.bundle(ITEM);
    let report = check(&ledger, &file);
    assert_eq!(report.state, State::NotCosigned, "{}", report.text);
    assert_eq!(lines(&report, "done").len(), 10, "{}", report.text);
    assert_eq!(lines(&report, "stay").len(), 2);
    assert_eq!(lines(&report, "issued"), [["issued", "5"]]);
    assert_eq!(lines(&report, "headline"), [["headline", "6"]]);
    assert_eq!(lines(&report, "complete"), [["complete", "operator"]]);
    let through: Vec<&str> = lines(&report, "node").iter().map(|line| line[3]).collect();
    assert_eq!(through, ["input", "item", "product", "batch", "item", "container", "container", "container", "item", "item"]);
    // What happened to the case after the item left it is context.
    assert_eq!(lines(&report, "context"), [["context", "1"]]);
}

#[test]
fn an_unknown_item_is_proven_absent() {
    let mut ledger = history();
    let path = "/01/09506000134352/21/unknown";
    let file = ledger.bundle(path);
    let report = ledger.verify(path, &file);
    assert_eq!(report.state, State::NotCosigned);
    assert_eq!(lines(&report, "counts")[0][1], "1", "the product's master data is there: {}", report.text);
}

#[test]
fn every_spoiled_bundle_is_refused_at_its_step() {
    assert_eq!(spoiled(|_| {}), ("not-cosigned", ""));
    let cases: &[Case<Bundle>] = &[
        ("another item's name", ("subject", "other-subject"), |b| b.name = name(OTHER).bytes()),
        ("wrong leaf", ("lists", "map-proof"), |b| b.entries[1].leaf[9] ^= 1),
        ("swapped siblings", ("inclusion", "inclusion"), |b| item_path(b).swap(0, 1)),
        ("trailing hash", ("inclusion", "inclusion"), |b| item_path(b).push(ledger::Hash::ZERO)),
        ("path left out", ("inclusion", "path-missing"), |b| {
            let relevant = b.entries.iter_mut().find(|e| e.path.is_some()).unwrap();
            relevant.path = None;
        }),
        ("newest event dropped", ("lists", "map-proof"), |b| {
            let list = rows(b, ITEM);
            let index = list.rows.pop().unwrap().index;
            list.count -= 1;
            b.entries.retain(|e| e.index != index);
            forget_parts(b);
        }),
        ("middle event dropped", ("lists", "map-proof"), |b| {
            let list = rows(b, ITEM);
            let index = list.rows.remove(1).index;
            list.count -= 1;
            b.lists.iter_mut().flat_map(|l| &mut l.content).for_each(|c| c.rows.retain(|r| r.index != index));
            b.lists.iter_mut().flat_map(|l| &mut l.content).for_each(|c| c.count = c.from + c.rows.len() as u32);
            b.entries.retain(|e| e.index != index);
            forget_parts(b);
        }),
        ("required list missing: product", ("relations", "list-missing"), |b| drop_list(b, PRODUCT)),
        ("required list missing: batch", ("relations", "list-missing"), |b| drop_list(b, LOT)),
        ("required list missing: input", ("relations", "list-missing"), |b| drop_list(b, COW)),
        ("required list missing: container", ("relations", "list-missing"), |b| drop_list(b, CASE)),
        ("required list missing: container of the container", ("relations", "list-missing"), |b| drop_list(b, PALLET)),
        ("map proof for another key", ("lists", "map-proof"), |b| {
            let (at, other) = (content(b, ITEM), content(b, LOT));
            b.lists[at].proof = b.lists[other].proof.clone();
        }),
        ("another role", ("names", "not-about"), |b| rows(b, LOT).rows[0].role = record_role::CHILD),
        ("bulk bit", ("names", "bulk-bit"), |b| rows(b, LOT).rows[0].role |= record_role::BULK),
        ("words changed", ("parts", "part-changed"), |b| b.parts[0].bytes[0] ^= 1),
        ("words left out", ("parts", "part-missing"), |b| {
            b.parts.remove(0);
        }),
    ];
    for (attack, outcome, change) in cases {
        assert_eq!(spoiled(change), *outcome, "{attack}");
    }
}

/// The path of the first relevant entry.
fn item_path(b: &mut Bundle) -> &mut Vec<ledger::Hash> {
    b.entries.iter_mut().find_map(|e| e.path.as_mut()).unwrap()
}

fn drop_list(b: &mut Bundle, path: &str) {
    let at = content(b, path);
    b.lists.remove(at);
    let listed = |b: &Bundle, index| b.lists.iter().flat_map(|l| &l.content).flat_map(|c| &c.rows).any(|r| r.index == index);
    let keep: Vec<bool> = b.entries.iter().map(|e| listed(b, e.index)).collect();
    let mut keep = keep.into_iter();
    b.entries.retain(|_| keep.next().unwrap());
    forget_parts(b);
}

/// Leaves out parts that no entry names any more.
fn forget_parts(b: &mut Bundle) {
    let named: Vec<_> = b
        .entries
        .iter()
        .filter_map(|e| Entry::parse(&e.leaf).ok())
        .flat_map(|e| e.event().map(|e| e.parts.clone()).unwrap_or_default())
        .map(|part| part.commitment)
        .collect();
    b.parts.retain(|part| named.contains(&part.commitment));
}

#[test]
fn every_lie_in_the_ledger_is_refused_at_its_step() {
    let cases: [Case<TestLedger>; 8] = [
        ("a stranger's commissioning beside the owner's", ("not-cosigned", ""), |l| {
            l.event("stranger.example", Draft::commission(&[ITEM]));
        }),
        ("a key out of its validity", ("author", "member-validity"), |l| {
            let mut version = l.newest_version("carrier.example");
            version.version = 2;
            version.valid_until = l.now_ms;
            l.member_version(version);
            l.event("carrier.example", Draft::observe(&[ITEM]));
        }),
        ("an old member version again", ("author", "member-versions"), |l| {
            let version = l.newest_version("carrier.example");
            l.member_version(version);
            l.event("carrier.example", Draft::observe(&[ITEM]));
        }),
        ("a compromised key", ("author", "key-compromised"), |l| {
            l.event("carrier.example", Draft::observe(&[ITEM]));
            let mut version = l.newest_version("carrier.example");
            (version.version, version.status) = (2, Status::Compromised);
            l.member_version(version);
        }),
        ("a record of another ledger", ("signature", "signature"), |l| {
            let origin = std::mem::replace(&mut l.origin, "other.example/blake3/test".into());
            let (event, records) = l.sign("carrier.example", Draft::observe(&[ITEM]));
            l.origin = origin;
            l.append(Entry { logged_ms: l.now_ms, body: Body::Event(event) }, records);
        }),
        ("a correction by a stranger", ("corrections", "target"), |l| {
            l.correct("stranger.example", 5, Draft::void());
        }),
        ("one number twice", ("form", "sequence"), |l| {
            let again = l.event_at(5).clone();
            let (mut event, records) = l.sign("brand.example", Draft::observe(&[ITEM]));
            event.seq = again.seq;
            event.sign(&l.origin, &l.keys["brand.example"]);
            l.append(Entry { logged_ms: l.now_ms, body: Body::Event(event) }, records);
        }),
        ("an erasure by a stranger", ("corrections", "may-not-erase"), |l| {
            let parts = l.event_at(5).parts.clone();
            l.correct("stranger.example", 5, Draft::erase(&parts));
        }),
    ];
    for (attack, outcome, change) in cases {
        assert_eq!(logged(change), outcome, "{attack}");
    }
}

#[test]
fn commissioning_by_a_stranger_alone_fails() {
    let mut ledger = history();
    let path = "/01/09506000134352/21/fake";
    ledger.event("stranger.example", Draft::commission(&[path]));
    let file = ledger.bundle(path);
    assert_eq!(words(&ledger.verify(path, &file)), ("issued", "foreign-issue"));
    let path = "/01/09506000134352/21/never";
    ledger.event("carrier.example", Draft::observe(&[path]));
    let file = ledger.bundle(path);
    assert_eq!(words(&ledger.verify(path, &file)), ("issued", "never-issued"));
}

#[test]
fn erased_words_are_missing_with_a_reason_and_cannot_be_replaced() {
    let mut ledger = history();
    let parts: Vec<Part> = ledger.event_at(5).parts.clone();
    assert_eq!(parts[0].kind, part_kind::PUBLIC);
    ledger.correct("brand.example", 5, Draft::erase(&parts));
    ledger.parts.remove(&parts[0].commitment);
    let file = ledger.bundle(ITEM);
    let report = check(&ledger, &file);
    assert_eq!(report.state, State::NotCosigned, "{}", report.text);
    assert!(lines(&report, "mark").iter().any(|line| line[2] == "erased"));
    ledger.parts.insert(parts[0].commitment, ([0; 16], b"/a\tsb\n".to_vec()));
    let file = ledger.bundle(ITEM);
    assert_eq!(words(&check(&ledger, &file)), ("parts", "part-changed"));
}

#[test]
fn a_corrected_record_is_marked_and_an_alert_stands_until_withdrawn() {
    let mut ledger = history();
    let newest = ledger.tiles.len() as u64 - 1;
    ledger.correct("carrier.example", newest, Draft::void());
    let alert = ledger.event("brand.example", Draft::observe(&[LOT]).class(Class::Alert).line(recalled()));
    let file = ledger.bundle(ITEM);
    let report = check(&ledger, &file);
    assert_eq!(report.state, State::NotCosigned, "{}", report.text);
    assert_eq!(lines(&report, "correction").len(), 1);
    assert_eq!(lines(&report, "alert"), [["alert", &alert.to_string()]]);
    ledger.correct("brand.example", alert, Draft::new(Kind::Object, Action::Observe).class(Class::AlertWithdrawn));
    let file = ledger.bundle(ITEM);
    let report = check(&ledger, &file);
    assert_eq!(report.state, State::NotCosigned, "{}", report.text);
    assert!(lines(&report, "alert").is_empty());
}

fn recalled() -> ledger::public::Line {
    ledger::public::Line::text("/disposition", "recalled")
}

#[test]
fn a_map_head_that_is_not_last_is_refused() {
    let mut ledger = history();
    ledger.head();
    let covers = ledger.tiles.len() as u64 - 1;
    let mut file = ledger.parts_of_bundle(ITEM);
    let Body::MapHead(head) = Entry::parse(&file.head).unwrap().body else { unreachable!() };
    let body = Body::MapHead(MapHead { covers: covers - 1, ..head });
    file.head = Entry { logged_ms: ledger.now_ms, body: body.clone() }.encode();
    assert_eq!(words(&check(&ledger, &file.encode())), ("maphead", "head-inclusion"));
    ledger.append(Entry { logged_ms: ledger.now_ms, body }, Vec::new());
    let file = ledger.bundle(ITEM);
    assert_eq!(words(&check(&ledger, &file)), ("maphead", "not-a-head"));
}

#[test]
fn base64_in_another_form_is_refused() {
    assert_eq!(
        spoiled(|b| {
            let at = b.note.iter().rposition(|c| *c == b'=').unwrap();
            // The last digit before the padding has bits that stand for nothing; another digit would decode alike.
            b.note[at - 1] += 1;
        })
        .0,
        "checkpoint"
    );
}

#[test]
fn truncated_and_longer_files_are_refused() {
    let mut ledger = history();
    let file = ledger.bundle(ITEM);
    for len in [0, 3, 4, 35, 36, file.len() / 2, file.len() - 1] {
        assert_eq!(words(&check(&ledger, &file[..len])).0, "file", "{len}");
    }
    let mut longer = file;
    longer.push(0);
    assert_eq!(words(&check(&ledger, &longer)).0, "file");
}

#[test]
fn every_single_bit_flip_is_refused() {
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000"]);
    ledger.event("brand.example", Draft::commission(&[ITEM]));
    let mut file = ledger.bundle(ITEM);
    let policy = ledger.policy();
    let expected = name(ITEM).bytes();
    assert_eq!(verify(&file, &policy, Some(&expected), ledger.now_ms, &[]).state, State::NotCosigned);
    for at in 0..file.len() {
        for bit in 0..8 {
            file[at] ^= 1 << bit;
            let report = verify(&file, &policy, Some(&expected), ledger.now_ms, &[]);
            assert_eq!(report.failure.map(|f| f.step.word()), Some("file"), "byte {at}, bit {bit}");
            file[at] ^= 1 << bit;
        }
    }
}

/// The same with the trailer made good again: what the hashes and signatures inside catch by themselves.
#[test]
fn every_byte_changed_under_a_good_trailer_is_refused() {
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000"]);
    ledger.event("brand.example", Draft::commission(&[ITEM]));
    let file = ledger.bundle(ITEM);
    let policy = ledger.policy();
    let expected = name(ITEM).bytes();
    let body = &file[..file.len() - 32];
    for at in 0..body.len() {
        let mut changed = body.to_vec();
        changed[at] ^= 1 << (at % 8);
        let trailer = ledger::dk("leafproof bundle v1", &[&changed]);
        changed.extend_from_slice(&trailer.0);
        let report = verify(&changed, &policy, Some(&expected), ledger.now_ms, &[]);
        // An unknown signer's line on the note is ignored, so a changed key id of the log's own co-signature goes unnoticed.
        let in_note = (4 + 5 + name(ITEM).bytes().len() + 5..).contains(&at) && at < 700;
        assert!(report.failure.is_some() || in_note, "byte {at}: {}", report.text);
    }
}
