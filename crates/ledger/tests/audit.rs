//! What a mirror refuses to co-sign. Each case is a log that is right but for one thing.
#![expect(clippy::unwrap_used, reason = "a test's own steps cannot fail")]

use ledger::audit::{Audit, Fault, TargetFault};
use ledger::entry::{Body, Class, Entry, EntryError, Kind, MapHead, Status, prefix_flag};
use ledger::hash::Hash;
use ledger::testing::{Draft, TestLedger};
use proptest::prelude::*;

const A1: &str = "/01/09506000134352/21/1";
const A2: &str = "/01/09506000134352/21/2";

fn bytes(ledger: &TestLedger) -> Vec<Vec<u8>> {
    ledger.tiles.iter().map(|tile| tile.encode().unwrap()).collect()
}

fn audit(ledger: &TestLedger) -> Result<Audit, (u64, Fault)> {
    let governance = TestLedger::governance().verifying_key().to_bytes();
    let mut audit = Audit::new(&ledger.origin, &governance);
    for entry in bytes(ledger) {
        audit.take(&entry).map_err(|e| (e.index, e.fault))?;
    }
    Ok(audit)
}

/// Two batches: a member and two items; one of them observed, voided, and an alert on the other.
fn good() -> TestLedger {
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000"]);
    ledger.event("brand.example", Draft::commission(&[A1, A2]));
    ledger.head();
    let seen = ledger.event("brand.example", Draft::observe(&[A1]));
    ledger.correct("brand.example", seen, Draft::new(Kind::Void, ledger::entry::Action::None));
    ledger.head();
    ledger
}

fn fault(spoil: impl FnOnce(&mut TestLedger)) -> Fault {
    let mut ledger = good();
    spoil(&mut ledger);
    ledger.head();
    audit(&ledger).expect_err("it must be refused").1
}

#[test]
fn a_right_log_has_its_own_root() {
    let ledger = good();
    let audit = audit(&ledger).unwrap();
    assert!(audit.ends_in_head());
    let note = ledger::note::SignedNote::parse(&ledger.note(&[])).unwrap();
    let checkpoint = ledger::note::Checkpoint::parse(&note.text).unwrap();
    assert_eq!((audit.size(), audit.root()), (checkpoint.size, checkpoint.root));
}

#[test]
fn an_event_by_nobody() {
    let spoil = |ledger: &mut TestLedger| {
        let (mut event, records) = ledger.sign("brand.example", Draft::observe(&[A1]));
        event.member = ledger::name::Name::member_key("nobody.example");
        ledger.append(Entry { logged_ms: ledger.now_ms, body: Body::Event(event) }, records);
    };
    assert_eq!(fault(spoil), Fault::UnknownMember);
}

#[test]
fn a_changed_event() {
    let spoil = |ledger: &mut TestLedger| {
        let (mut event, records) = ledger.sign("brand.example", Draft::observe(&[A1]));
        event.event_ms -= 1;
        ledger.append(Entry { logged_ms: ledger.now_ms, body: Body::Event(event) }, records);
    };
    assert_eq!(fault(spoil), Fault::Signature);
}

#[test]
fn records_that_the_event_does_not_sign() {
    let spoil = |ledger: &mut TestLedger| {
        let (event, mut records) = ledger.sign("brand.example", Draft::observe(&[A1]));
        records[0].key.0.0[0] ^= 1;
        ledger.append(Entry { logged_ms: ledger.now_ms, body: Body::Event(event) }, records);
    };
    assert!(matches!(fault(spoil), Fault::Form(_)));
}

#[test]
fn a_skipped_number_and_a_replay() {
    let skip = |ledger: &mut TestLedger| {
        ledger.sign("brand.example", Draft::observe(&[A1]));
        ledger.event("brand.example", Draft::observe(&[A1]));
    };
    assert_eq!(fault(skip), Fault::Sequence);
    let twice = |ledger: &mut TestLedger| {
        let id = ledger.event_at(1).event_id;
        ledger.event("brand.example", Draft { event_id: Some(id), ..Draft::commission(&[A1, A2]) });
    };
    assert_eq!(fault(twice), Fault::Twice);
}

#[test]
fn a_key_that_may_not_sign() {
    for status in [Status::Retired, Status::Compromised] {
        let spoil = |ledger: &mut TestLedger| {
            let mut version = ledger.newest_version("brand.example");
            (version.version, version.status) = (2, status);
            ledger.member_version(version);
            ledger.event("brand.example", Draft::observe(&[A1]));
        };
        assert_eq!(fault(spoil), Fault::MayNotSign);
    }
}

#[test]
fn a_compromised_key_does_not_come_back() {
    let spoil = |ledger: &mut TestLedger| {
        let mut version = ledger.newest_version("brand.example");
        (version.version, version.status, version.since) = (2, Status::Compromised, ledger.now_ms);
        ledger.member_version(version.clone());
        (version.version, version.status, version.since) = (3, Status::Active, 0);
        ledger.member_version(version);
        ledger.event("brand.example", Draft::observe(&[A1]));
    };
    assert_eq!(fault(spoil), Fault::MayNotSign);
}

#[test]
fn members_that_governance_would_not_sign() {
    let again = |ledger: &mut TestLedger| {
        let version = ledger.newest_version("brand.example");
        ledger.member_version(version);
    };
    assert_eq!(fault(again), Fault::MemberVersion);
    let unsigned = |ledger: &mut TestLedger| {
        let mut version = ledger.newest_version("brand.example");
        version.version = 2;
        ledger.append(Entry { logged_ms: ledger.now_ms, body: Body::Member(version) }, Vec::new());
    };
    assert_eq!(fault(unsigned), Fault::MemberSignature);
    let key = |ledger: &mut TestLedger| {
        ledger.member("other.example", 2, &["4012345"]);
    };
    assert_eq!(fault(key), Fault::KeyOfAnother);
}

#[test]
fn one_owner_for_each_prefix() {
    for digits in ["9506000", "95060001", "950600", "09506000134352"] {
        let owner = |ledger: &mut TestLedger| {
            ledger.member("other.example", 3, &[digits]);
        };
        assert_eq!(fault(owner), Fault::PrefixOfAnother, "{digits}");
    }
    let mut ledger = good();
    ledger.member("other.example", 3, &["9506001"]);
    let mut delegate = ledger.newest_version("other.example");
    delegate.version = 2;
    delegate.prefixes[0].digits = "9506000".to_owned();
    delegate.prefixes[0].flags = prefix_flag::DELEGATE;
    ledger.member_version(delegate);
    ledger.head();
    assert!(audit(&ledger).is_ok(), "whom the owner lets issue is no second owner");
}

#[test]
fn targets() {
    let void = || Draft::new(Kind::Void, ledger::entry::Action::None);
    let stranger = |ledger: &mut TestLedger| {
        ledger.member("other.example", 3, &["4012345"]);
        ledger.correct("other.example", 1, void());
    };
    assert_eq!(fault(stranger), Fault::Target(TargetFault::OfAnother));
    let nothing = |ledger: &mut TestLedger| {
        let mut draft = void();
        draft.records = ledger.tiles[1].records.clone();
        draft.target = Hash([7; 32]);
        ledger.event("brand.example", draft);
    };
    assert_eq!(fault(nothing), Fault::Target(TargetFault::Missing));
    let no_alert = |ledger: &mut TestLedger| {
        let mut draft = Draft::observe(&[A1]);
        draft.class = Some(Class::AlertWithdrawn);
        draft.target = ledger.body_hash(1);
        ledger.event("brand.example", draft);
    };
    assert_eq!(fault(no_alert), Fault::Target(TargetFault::NoAlert));
}

#[test]
fn map_heads() {
    let mut ledger = good();
    let last = ledger.tiles.last().unwrap().clone();
    ledger.append(last.entry, last.records);
    assert_eq!(audit(&ledger).unwrap_err().1, Fault::HeadWithoutBatch);
    let mut ledger = good();
    ledger.event("brand.example", Draft::observe(&[A1]));
    let covers = ledger.tiles.len() as u64;
    let lie = MapHead { covers, key_count: 1, map_root: Hash([3; 32]) };
    ledger.append(Entry { logged_ms: ledger.now_ms, body: Body::MapHead(lie) }, Vec::new());
    assert_eq!(audit(&ledger).unwrap_err(), (covers, Fault::MapDiffers));
}

#[test]
fn time_runs_one_way() {
    let back = |ledger: &mut TestLedger| {
        ledger.now_ms -= 3_600_000;
        ledger.event("brand.example", Draft::observe(&[A1]));
    };
    assert_eq!(fault(back), Fault::TimeRunsBack);
    let ahead = |ledger: &mut TestLedger| {
        let event_ms = Some(ledger.now_ms + 600_001);
        ledger.event("brand.example", Draft { event_ms, ..Draft::observe(&[A1]) });
    };
    assert_eq!(fault(ahead), Fault::Form(EntryError::EventTooFarAhead));
}

proptest! {
    /// A changed byte is refused, or gives another root than the one that was signed.
    #[test]
    fn no_byte_can_be_changed(entry in 0_usize..6, at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let ledger = good();
        let honest = audit(&ledger).unwrap().root();
        let governance = TestLedger::governance().verifying_key().to_bytes();
        let mut spoiled = Audit::new(&ledger.origin, &governance);
        let mut refused = false;
        for (index, mut bytes) in bytes(&ledger).into_iter().enumerate() {
            if index == entry {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            refused |= spoiled.take(&bytes).is_err();
        }
        prop_assert!(refused || spoiled.root() != honest);
    }
}
