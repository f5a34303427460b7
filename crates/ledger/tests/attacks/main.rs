//! Attacks on bundles and on the ledger behind them. Each must be refused, at its own step and with its own word.
#![expect(clippy::unwrap_used, reason = "a test's own steps cannot fail")]

mod cases;
mod vectors;

use ledger::bundle::Bundle;
use ledger::entry::{Action, Class, Kind, Part, part_kind, right};
use ledger::public::Line;
use ledger::testing::{Draft, TestLedger, name};
use ledger::verify::{Report, State, verify};

use cases::{ITEM, LOT, MADE, history, of_owner};

fn check(ledger: &TestLedger, file: &[u8]) -> Report {
    ledger.verify(ITEM, file)
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

#[test]
fn a_whole_history_is_verified_and_told() {
    let mut ledger = history();
    let file = ledger.bundle(ITEM);
    let report = check(&ledger, &file);
    assert_eq!(report.state, State::NotCosigned, "{}", report.text);
    assert_eq!(lines(&report, "done").len(), 10, "{}", report.text);
    assert_eq!(lines(&report, "stay").len(), 2);
    assert_eq!(lines(&report, "issued"), [["issued", "7"]]);
    assert_eq!(lines(&report, "headline"), [["headline", "8"]]);
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
    assert_eq!(report.state, State::Unissued);
    assert_eq!(lines(&report, "counts")[0][1], "1", "the product's master data is there: {}", report.text);
}

#[test]
fn erased_words_are_missing_with_a_reason_and_cannot_be_replaced() {
    let mut ledger = history();
    let parts: Vec<Part> = ledger.event_at(MADE).parts.clone();
    assert_eq!(parts[0].kind, part_kind::PUBLIC);
    ledger.correct("brand.example", MADE, Draft::erase(&parts));
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
    let alert = ledger.event("brand.example", Draft::observe(&["/01/09506000134352/10/L7"]).class(Class::Alert).line(recalled()));
    let file = ledger.bundle(ITEM);
    let report = check(&ledger, &file);
    assert_eq!(report.state, State::NotCosigned, "{}", report.text);
    assert_eq!(lines(&report, "correction").len(), 1);
    assert_eq!(lines(&report, "alert"), [["alert", &alert.to_string(), "red"]]);
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

/// The same with the trailer made good again: what the hashes and signatures inside catch by themselves, in a whole history with
/// containers. Only the note has bytes that may change unseen: those of the log's own co-signature, which then counts as a stranger's.
#[test]
fn every_byte_changed_under_a_good_trailer_is_refused() {
    let mut ledger = history();
    let file = ledger.bundle(ITEM);
    let policy = ledger.policy();
    let expected = name(ITEM).bytes();
    let check = |file: &[u8]| verify(file, &policy, Some(&expected), ledger.now_ms, &[]);
    let without_log_time =
        |text: &str| text.lines().filter(|line| !line.starts_with("log-time")).map(|l| format!("{l}\n")).collect::<String>();
    let right = check(&file);
    assert!(right.failure.is_none());
    let note_at = 4 + 5 + expected.len() + 5;
    let note = note_at..note_at + Bundle::parse(&file).unwrap().note.len();
    let body = &file[..file.len() - 32];
    let mut unseen = 0;
    for at in 0..body.len() {
        let mut changed = body.to_vec();
        changed[at] ^= 1 << (at % 8);
        let trailer = ledger::dk("leafproof bundle v2", &[&changed]);
        changed.extend_from_slice(&trailer.0);
        let report = check(&changed);
        if report.failure.is_none() {
            assert!(note.contains(&at), "byte {at}: {}", report.text);
            assert_eq!(without_log_time(&report.text), without_log_time(&right.text), "byte {at}");
            unseen += 1;
        }
    }
    // The signer's name and the key id of one line.
    assert!(unseen < 60, "{unseen}");
}

/// A crate that is used again and again: what came after the item's stay is beyond the limits, and is said to be.
#[test]
fn a_list_beyond_the_limits_is_named_and_proven_to_be_so_long() {
    const CRATE: &str = "/00/106141412345678908";
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000", "0614141"]);
    ledger.event("brand.example", Draft::commission(&[ITEM]));
    ledger.event("brand.example", Draft::pack(Action::Add, CRATE, &[ITEM]));
    ledger.event("brand.example", Draft::pack(Action::Delete, CRATE, &[ITEM]));
    for _ in 0..1_100 {
        ledger.event("brand.example", Draft::observe(&[CRATE]));
    }
    let file = ledger.bundle(ITEM);
    let report = ledger.verify(ITEM, &file);
    assert!(report.failure.is_none(), "{}", report.text);
    let (key, subject) = (of_owner("brand.example", CRATE), name(CRATE).key());
    assert!(report.text.contains(&format!("\nlist\t{key}\tcontainer\t1102\t1102\n")), "{}", report.text);
    assert!(report.text.contains(&format!("\ncut\t{subject}\tcontainer\n")), "{}", report.text);
    assert!(report.text.contains("\ncounts\t3\t3\t0\t"), "{}", report.text);
    // Long, but within the limits: whole.
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000", "0614141"]);
    ledger.event("brand.example", Draft::commission(&[ITEM]));
    ledger.event("brand.example", Draft::pack(Action::Add, CRATE, &[ITEM]));
    for _ in 0..500 {
        ledger.event("brand.example", Draft::observe(&[CRATE]));
    }
    let file = ledger.bundle(ITEM);
    let report = ledger.verify(ITEM, &file);
    assert!(report.failure.is_none() && !report.text.contains("\ncut\t"), "{:?}", report.failure);
}

/// Records so long that they fit no file: an owner's product, and a partner that writes as much as it may over a lot. The file has fewer
/// of them, says that the rest was cut, and holds; nobody's page is without an answer.
#[test]
fn records_too_long_for_one_file_are_cut_and_said_to_be() {
    let long = || Line::text("/lp:note", "x".repeat(16_000));
    let mut ledger = history();
    let recall = ledger.event("brand.example", Draft::observe(&[LOT]).class(Class::Alert).line(Line::text("/disposition", "recalled")));
    for _ in 0..300 {
        ledger.event("carrier.example", Draft::observe(&[LOT]).line(long()));
    }
    let file = ledger.bundle(ITEM);
    assert!(file.len() < ledger::bundle::MAX_BUNDLE && Bundle::parse(&file).unwrap().most_entries == 512, "{}", file.len());
    let report = check(&ledger, &file);
    assert!(report.failure.is_none(), "{}", report.text);
    assert!(left_out(&report) && lines(&report, "cut").is_empty(), "older records alone are left out: {}", report.text);
    assert!(report.text.contains(&format!("\nalert\t{recall}\tred\n")), "the recall is there all the same");
    // With nothing but alerts there is a limit in which they fit.
    let mut ledger = history();
    for number in 0..300 {
        let author = format!("shop{number}.example");
        ledger.member(&author, 20 + (number % 200) as u8, &[]);
        ledger.grant("brand.example", &author, right::RECORD);
        ledger.event(&author, Draft::observe(&[LOT]).class(Class::Alert).line(Line::text("/disposition", "damaged")).line(long()));
    }
    let file = ledger.bundle(ITEM);
    let report = check(&ledger, &file);
    assert!(report.failure.is_none() && file.len() < ledger::bundle::MAX_BUNDLE, "{:?}", report.failure);
}

/// More signers than a file has lists for.
#[test]
fn a_list_with_too_many_signers_is_named() {
    const CRATE: &str = "/00/106141412345678908";
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000", "0614141"]);
    ledger.event("brand.example", Draft::commission(&[ITEM]));
    ledger.event("brand.example", Draft::pack(Action::Add, CRATE, &[ITEM]));
    for seed in 0..140 {
        let carrier = format!("carrier{seed}.example");
        ledger.member(&carrier, 100 + seed, &[]);
        ledger.grant("brand.example", &carrier, right::RECORD);
        ledger.event(&carrier, Draft::observe(&[CRATE]));
    }
    let file = ledger.bundle(ITEM);
    let report = ledger.verify(ITEM, &file);
    assert!(report.failure.is_none(), "{}", report.text);
    assert!(report.text.contains("\tcontainer\t141\t141\n") && report.text.contains("\ncut\t"), "{}", report.text);
}

/// Milk of fifty farms, each of which wrote once about its own lot, whose number nobody owns. Whether each may be heard is asked while there is
/// room for it; that it is asked makes no page unknown.
#[test]
fn goods_of_fifty_farms_that_speak_fit() {
    let mut ledger = history();
    let lots: Vec<String> = (0..50).map(|farm| format!("/01/05000000000005/10/F{farm}")).collect();
    for (farm, lot) in lots.iter().enumerate() {
        let id = format!("farm{farm}.example");
        ledger.member(&id, 100 + farm as u8, &[]);
        ledger.event(&id, Draft::observe(&[lot]));
    }
    let inputs: Vec<&str> = lots.iter().map(String::as_str).collect();
    ledger.event("brand.example", Draft::transform(&inputs, &[ITEM]));
    let file = ledger.bundle(ITEM);
    let report = check(&ledger, &file);
    assert!(report.failure.is_none(), "{}", report.text);
    assert!(lines(&report, "cut").is_empty(), "{}", report.text);
}

/// The same farms, and six lots of suppliers that the goods' owner lets speak, each made of another that is recalled: however late a lot is
/// read, what it was made of is followed.
#[test]
fn suppliers_lots_beside_fifty_farms_lead_on() {
    let mut ledger = history();
    let mut inputs: Vec<String> = (0..50).map(|farm| format!("/01/05000000000005/10/F{farm}")).collect();
    for (farm, lot) in inputs.iter().enumerate() {
        let id = format!("farm{farm}.example");
        ledger.member(&id, 100 + farm as u8, &[]);
        ledger.event(&id, Draft::observe(&[lot]));
    }
    let mut recalls = Vec::new();
    for supplier in 0..6 {
        let (id, lot, raw) = (
            format!("supplier{supplier}.example"),
            format!("/01/05000000000005/10/L{supplier}"),
            format!("/01/05000000000005/10/R{supplier}"),
        );
        ledger.member(&id, 80 + supplier, &[]);
        ledger.grant("brand.example", &id, right::RECORD | right::ISSUE);
        ledger.event(&id, Draft::transform(&[&raw], &[&lot]));
        recalls.push(ledger.event(&id, alert(&raw, "recalled")));
        inputs.push(lot);
    }
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    ledger.event("brand.example", Draft::transform(&inputs, &[ITEM]));
    let file = ledger.bundle(ITEM);
    let report = check(&ledger, &file);
    assert!(report.failure.is_none(), "{}", report.text);
    let nodes = lines(&report, "node");
    for recall in recalls {
        assert!(nodes.iter().any(|node| node.iter().any(|field| *field == recall.to_string())), "{recall}: {}", report.text);
    }
}

/// A partner packs one container into another sixty times, and the item into the first as often: three thousand stays, each of which
/// would read a list anew.
#[test]
fn containers_that_are_packed_again_and_again_are_cut() {
    const STRANGER: &str = "stranger.example";
    let mut ledger = history();
    ledger.grant("brand.example", STRANGER, right::PACK);
    let (first, second) = ("/00/040123450000000018", "/00/040123450000000025");
    for _ in 0..60 {
        ledger.event(STRANGER, Draft::pack(Action::Add, first, &[ITEM]));
        ledger.event(STRANGER, Draft::pack(Action::Add, second, &[first]));
    }
    let file = ledger.bundle(ITEM);
    let report = check(&ledger, &file);
    assert!(report.failure.is_none(), "{}", report.text);
    assert!(lines(&report, "stay").len() <= 256 && !lines(&report, "cut").is_empty(), "{}", lines(&report, "stay").len());
}

/// Whether the report says that something is not in the file.
fn left_out(report: &Report) -> bool {
    !lines(report, "cut").is_empty() || lines(report, "list").iter().any(|list| list.last().is_some_and(|older| *older != "0"))
}

const PARTNER: &str = "partner.example";
const ITS_LOT: &str = "/01/09506000134352/10/ZZ9";
const ITS_PRODUCT: &str = "/01/09506000134352";

/// An item whose lot the owner recalls, a partner that may record, and the recall's entry.
fn recalled_beside_a_partner() -> (TestLedger, u64) {
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000", "0614141"]);
    ledger.member(PARTNER, 9, &[]);
    ledger.grant("brand.example", PARTNER, right::RECORD);
    ledger.event("brand.example", Draft::commission(&[ITEM]).batch(ITS_LOT));
    let recall = ledger.event("brand.example", alert(ITS_LOT, "recalled"));
    (ledger, recall)
}

fn alert(subject: &str, disposition: &str) -> Draft {
    Draft::observe(&[subject]).class(Class::Alert).line(Line::text("/disposition", disposition))
}

/// With a public part of about so many bytes: two values, since one alone may not be as long.
fn filled(draft: Draft, bytes: usize) -> Draft {
    let half = "x".repeat((bytes - 60) / 2);
    draft.line(Line::text("/a", &half)).line(Line::text("/b", &half))
}

/// A partner that may record writes records so long that the file has room for few: the owner's recall of the lot is no less shown.
#[test]
fn long_records_of_an_item_leave_room_for_the_recall_of_its_lot() {
    let long = "x".repeat(7_700);
    let (mut ledger, recall) = recalled_beside_a_partner();
    for subject in core::iter::repeat_n(ITEM, 255).chain(core::iter::repeat_n(ITS_PRODUCT, 20)) {
        let line = |pointer: &str| ledger::public::Line::text(pointer, &long);
        ledger.event(PARTNER, Draft::observe(&[subject]).line(line("/a")).line(line("/b")));
    }
    let file = ledger.bundle(ITEM);
    let report = ledger.verify(ITEM, &file);
    assert!(report.failure.is_none() && left_out(&report), "{}", report.text);
    assert!(report.text.contains(&format!("alert\t{recall}\tred")), "{}", report.text);
}

/// A partner says as much as alerts may say over an item, its product and its lot, beside some long records: the owner's recall of the lot is
/// no less shown. If alerts could be as long as all else, the file would have room for those of the first two lists alone.
#[test]
fn as_long_as_a_partners_alerts_may_be_they_leave_room_for_the_recall() {
    use ledger::audit::{MAX_ALERT_BYTES, MAX_NEVER_LEFT_OUT};
    use ledger::public::MAX_PUBLIC_PART;
    for (most, shown) in [(MAX_ALERT_BYTES, true), (MAX_PUBLIC_PART, false)] {
        let (mut ledger, recall) = recalled_beside_a_partner();
        for (subject, alerts) in [(ITEM, MAX_NEVER_LEFT_OUT), (ITS_PRODUCT, MAX_NEVER_LEFT_OUT - 1), (ITS_LOT, MAX_NEVER_LEFT_OUT)] {
            for _ in 0..alerts {
                ledger.event(PARTNER, filled(alert(subject, "damaged"), most));
            }
        }
        for _ in 0..63 {
            ledger.event(PARTNER, filled(Draft::observe(&[ITEM]), MAX_PUBLIC_PART));
        }
        let file = ledger.bundle(ITEM);
        let report = ledger.verify(ITEM, &file);
        let red = report.text.contains(&format!("alert\t{recall}\tred"));
        assert_eq!((report.failure.is_none(), red, lines(&report, "cut").is_empty()), (true, shown, shown), "{most}: {}", report.text);
    }
}

/// A partner that may record makes records of an item and takes each back, ten times as often as server and mirrors let one partner. What
/// takes back is left out of no page, so it fills what the file has room for: the owner's recall of the lot is shown all the same, for
/// short records and for long ones.
#[test]
fn records_that_are_taken_back_leave_room_for_the_recall_of_the_lot() {
    use ledger::public::MAX_PUBLIC_PART;
    for (records, bytes) in [(700, 70), (170, MAX_PUBLIC_PART)] {
        let (mut ledger, recall) = recalled_beside_a_partner();
        for _ in 0..records {
            let record = ledger.event(PARTNER, filled(Draft::observe(&[ITEM]), bytes));
            ledger.correct(PARTNER, record, filled(Draft::void(), bytes));
        }
        let file = ledger.bundle(ITEM);
        let report = ledger.verify(ITEM, &file);
        assert!(report.failure.is_none() && left_out(&report), "{}", report.text);
        assert!(report.text.contains(&format!("alert\t{recall}\tred")), "{records} of {bytes}: {}", report.text);
    }
}

/// As much as server and mirrors take from one partner that may record, in every list of the item, its product and its lot at once, beside
/// records so long that the file has room for few: the recall is shown.
#[test]
fn all_that_one_partner_may_say_leaves_room_for_the_recall_of_the_lot() {
    use ledger::audit::{MAX_ALERT_BYTES, MAX_NEVER_LEFT_OUT};
    use ledger::public::MAX_PUBLIC_PART;
    for alerts in [0, MAX_NEVER_LEFT_OUT / 2, MAX_NEVER_LEFT_OUT] {
        let (mut ledger, recall) = recalled_beside_a_partner();
        for subject in [ITEM, ITS_PRODUCT, ITS_LOT] {
            for _ in 0..alerts {
                ledger.event(PARTNER, filled(alert(subject, "damaged"), MAX_ALERT_BYTES));
            }
            for _ in alerts..MAX_NEVER_LEFT_OUT {
                let record = ledger.event(PARTNER, filled(Draft::observe(&[subject]), MAX_PUBLIC_PART));
                ledger.correct(PARTNER, record, filled(Draft::void(), MAX_PUBLIC_PART));
            }
            for _ in 0..256 {
                ledger.event(PARTNER, filled(Draft::observe(&[subject]), MAX_PUBLIC_PART));
            }
        }
        let file = ledger.bundle(ITEM);
        let report = ledger.verify(ITEM, &file);
        assert!(report.failure.is_none() && left_out(&report), "{}", report.text);
        assert!(report.text.contains(&format!("alert\t{recall}\tred")), "{alerts}: {}", report.text);
    }
}
