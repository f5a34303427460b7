//! What a mirror refuses to co-sign. Each case is a log that is right but for one thing.
#![expect(clippy::unwrap_used, reason = "a test's own steps cannot fail")]

use ledger::audit::{Audit, Fault, MAX_NEVER_LEFT_OUT, MAX_OPEN_ALERTS, TargetFault, TooMany};
use ledger::entry::{Action, Authority, Body, Class, Entry, EntryError, Kind, MapHead, Status, level, right, role};
use ledger::hash::Hash;
use ledger::name::Name;
use ledger::prefix::{HANDOVER_MS, PrefixFault};
use ledger::testing::{Draft, TestLedger};
use proptest::prelude::*;

const A1: &str = "/01/09506000134352/21/1";
const A2: &str = "/01/09506000134352/21/2";
const BRAND: &str = "brand.example";
const OTHER: &str = "other.example";

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

fn prefix_fault(spoil: impl FnOnce(&mut TestLedger)) -> PrefixFault {
    match fault(spoil) {
        Fault::Prefix(fault) => fault,
        other => panic!("{other}"),
    }
}

#[test]
fn one_owner_for_each_prefix() {
    for digits in ["9506000", "95060001", "950600", "9506000134352"] {
        let owner = |ledger: &mut TestLedger| {
            ledger.member(OTHER, 3, &[digits]);
        };
        assert_eq!(prefix_fault(owner), PrefixFault::Taken, "{digits}");
    }
    let mut ledger = good();
    ledger.member(OTHER, 3, &["9506001", "950599", "9506"]);
    assert!(audit(&ledger).is_err(), "of one member too, no prefix is the beginning of another");
    let mut ledger = good();
    ledger.member(OTHER, 3, &["9506001", "950599"]);
    ledger.head();
    assert!(audit(&ledger).is_ok(), "neighbours are no part of each other");
}

#[test]
fn numbers_that_mean_something_else_in_each_store() {
    for digits in ["0212345", "0412345", "2012345", "2900"] {
        let owner = |ledger: &mut TestLedger| {
            ledger.member(OTHER, 3, &[digits]);
        };
        assert_eq!(prefix_fault(owner), PrefixFault::Restricted, "{digits}");
    }
}

/// A second version of the brand without its prefix, changed once more before governance signs it.
fn without_prefix(ledger: &mut TestLedger, change: impl FnOnce(&mut ledger::entry::Member, &TestLedger)) {
    let mut version = ledger.newest_version(BRAND);
    version.version += 1;
    version.prefixes.clear();
    change(&mut version, ledger);
    ledger.member_version(version);
}

#[test]
fn nobody_is_dispossessed_by_governance_alone() {
    assert_eq!(prefix_fault(|ledger| without_prefix(ledger, |_, _| {})), PrefixFault::NoConsent);
    let forged = |ledger: &mut TestLedger| {
        without_prefix(ledger, |version, ledger| version.consent(&ledger.origin, &TestLedger::governance()));
    };
    assert_eq!(prefix_fault(forged), PrefixFault::NoConsent, "consent is the member's own");
    let of_other_words = |ledger: &mut TestLedger| {
        without_prefix(ledger, |version, ledger| {
            version.consent(&ledger.origin, &ledger.keys[BRAND]);
            version.names[0].1.push('!');
        });
    };
    assert_eq!(prefix_fault(of_other_words), PrefixFault::NoConsent, "consent is to this version");
    let mut ledger = good();
    without_prefix(&mut ledger, |version, ledger| version.consent(&ledger.origin, &ledger.keys[BRAND]));
    ledger.head();
    assert!(audit(&ledger).is_ok());
    let mut ledger = good();
    let mut version = ledger.newest_version(BRAND);
    (version.version, version.status) = (2, Status::Retired);
    ledger.member_version(version);
    without_prefix(&mut ledger, |_, _| {});
    ledger.head();
    assert!(audit(&ledger).is_ok(), "whose key may sign no more can consent to nothing");
}

#[test]
fn a_prefix_changes_hands_after_three_days() {
    let handed = || {
        let mut ledger = good();
        without_prefix(&mut ledger, |version, ledger| version.consent(&ledger.origin, &ledger.keys[BRAND]));
        ledger.member(OTHER, 3, &["9506000"]);
        ledger
    };
    let by = |member: &str| Authority::Owner(Name::member_key(member));
    // Nobody owns it in between: neither says anything as its owner that a page would show.
    let mut ledger = handed();
    let (at, now) = (ledger.tiles.len() as u64, ledger.now_ms);
    assert_eq!(ledger.register.owner_at("9506000134352", at, now), None);
    assert_eq!(ledger.register.owner_at("9506000134352", at, now - 2_000 + HANDOVER_MS), None);
    assert_eq!(ledger.register.owner_at("9506000134352", at, now - 1_000 + HANDOVER_MS), Some(Name::member_key(OTHER)));
    assert_eq!(
        ledger.register.owner_at("9506000134352", 1, now),
        Some(Name::member_key(BRAND)),
        "what was recorded before stays the brand's"
    );
    // In between it is free to nobody, and who has no prefix any more owns no goods: it would fill lists that its successor's pages read.
    for (member, authority) in [(OTHER, Authority::unowned("9506000134352")), (BRAND, by(BRAND))] {
        for later in [0, HANDOVER_MS] {
            let mut ledger = handed();
            ledger.now_ms += later;
            ledger.event(member, Draft::observe(&[A1]).by(authority));
            assert_eq!(audit(&ledger).unwrap_err().1, Fault::NotEntitled, "{member}, {later}");
        }
    }
    ledger.now_ms += HANDOVER_MS;
    ledger.event(OTHER, Draft::observe(&[A1]).by(by(OTHER)));
    ledger.head();
    assert!(audit(&ledger).is_ok());
    // A whole number of an owner is not unowned, whoever says so.
    ledger.event(OTHER, Draft::observe(&[A1]).by(Authority::unowned("9506000134352")));
    assert_eq!(audit(&ledger).unwrap_err().1, Fault::NotEntitled);
}

#[test]
fn a_prefix_has_four_owners_at_most_if_each_gives_it_up() {
    let mut ledger = TestLedger::new();
    ledger.member(BRAND, 2, &["9506000"]);
    ledger.member(OTHER, 3, &[]);
    let mut owner = BRAND;
    let mut faults = Vec::new();
    for _ in 0..4 {
        let next = if owner == BRAND { OTHER } else { BRAND };
        let mut old = ledger.newest_version(owner);
        old.version += 1;
        old.prefixes.clear();
        old.consent(&ledger.origin, &ledger.keys[owner]);
        ledger.member_version(old);
        let mut new = ledger.newest_version(next);
        (new.version, new.prefixes, new.consent) = (new.version + 1, vec!["9506000".to_owned()], None);
        ledger.member_version(new);
        faults.push(audit(&ledger).err().map(|(_, fault)| fault));
        owner = next;
    }
    // Eight changes: four times an owner, four times nobody.
    assert_eq!(faults.iter().position(Option::is_some), Some(3), "{faults:?}");
    assert_eq!(faults[3], Some(Fault::Prefix(PrefixFault::TooOften)));
}

fn alert() -> Draft {
    Draft::observe(&[A1]).class(Class::Alert)
}

/// A good ledger with a partner that may record.
fn partner() -> TestLedger {
    let mut ledger = good();
    ledger.member(OTHER, 3, &[]);
    ledger.grant(BRAND, OTHER, right::RECORD);
    ledger
}

/// The quota that was used up, if one was, and nothing else is wrong.
fn over_quota(ledger: &TestLedger) -> Option<TooMany> {
    match audit(ledger).map_err(|(_, fault)| fault) {
        Err(Fault::OverQuota(limit)) => Some(limit),
        Ok(_) => None,
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn one_partner_raises_so_many_alerts_on_one_subject() {
    let end = || Draft::new(Kind::Object, Action::Observe).class(Class::AlertWithdrawn);
    let open = |ledger: &mut TestLedger, alerts: usize| (0..alerts).map(|_| ledger.event(OTHER, alert())).collect::<Vec<_>>();
    // So many at a time; another subject and another author count by themselves.
    let mut ledger = partner();
    let raised = open(&mut ledger, MAX_OPEN_ALERTS);
    ledger.event(OTHER, Draft::observe(&[A2]).class(Class::Alert));
    ledger.member("third.example", 4, &[]);
    ledger.grant(BRAND, "third.example", right::RECORD);
    ledger.event("third.example", alert());
    assert_eq!(over_quota(&ledger), None);
    let mut one_more = ledger.clone();
    open(&mut one_more, 1);
    assert_eq!(over_quota(&one_more), Some(TooMany::Open));
    // An end makes room, once; taken back, it takes the room again.
    let first_end = ledger.correct(OTHER, raised[0], end());
    ledger.correct(OTHER, raised[0], end());
    open(&mut ledger, 1);
    assert_eq!(over_quota(&ledger), None);
    let mut again = ledger.clone();
    open(&mut again, 1);
    assert_eq!(over_quota(&again), Some(TooMany::Open), "the same alert ended twice");
    ledger.correct(OTHER, first_end, Draft::void());
    assert_eq!(over_quota(&ledger), Some(TooMany::Open), "an end taken back");
    // And so many in all, ends with them, since no page leaves those out either.
    let mut ledger = partner();
    for _ in 0..MAX_NEVER_LEFT_OUT / 2 {
        let raised = ledger.event(OTHER, alert());
        ledger.correct(OTHER, raised, end());
    }
    assert_eq!(over_quota(&ledger), None);
    open(&mut ledger, 1);
    assert_eq!(over_quota(&ledger), Some(TooMany::InAll));
    // None is raised that could not be ended any more.
    let mut ledger = partner();
    let mut raised = open(&mut ledger, MAX_OPEN_ALERTS - 1);
    for _ in 0..(MAX_NEVER_LEFT_OUT as usize - 2 * raised.len()) / 2 {
        let one = ledger.event(OTHER, alert());
        ledger.correct(OTHER, one, end());
    }
    let mut one_more = ledger.clone();
    open(&mut one_more, 1);
    assert_eq!(over_quota(&one_more), Some(TooMany::InAll));
    for one in raised.drain(..) {
        ledger.correct(OTHER, one, end());
    }
    assert_eq!(over_quota(&ledger), None);
}

/// What is counted as open is what its author did not end: no other's end would be one, so there is none to count.
#[test]
fn nobody_but_its_author_ends_an_alert() {
    let mut ledger = good();
    ledger.member(OTHER, 3, &[]);
    ledger.grant(BRAND, OTHER, right::RECORD);
    let raised = ledger.event(OTHER, alert());
    let end = || Draft::new(Kind::Object, Action::Observe).class(Class::AlertWithdrawn);
    for draft in [end(), Draft::void()] {
        let mut by_owner = ledger.clone();
        by_owner.correct(BRAND, raised, draft);
        assert_eq!(audit(&by_owner).map_err(|(_, fault)| fault).err(), Some(Fault::Target(TargetFault::OfAnother)));
    }
    ledger.correct(OTHER, raised, end());
    assert!(audit(&ledger).is_ok());
}

/// Whose alerts are counted may not say as much in them as in other records.
#[test]
fn the_words_of_a_partners_alert_are_limited() {
    use ledger::audit::{MAX_ALERT_BYTES, public_part_max};
    use ledger::public::MAX_PUBLIC_PART;
    let [brand, other] = [BRAND, OTHER].map(Name::member_key);
    let (of_brand, of_other) = (Authority::Owner(brand), Authority::Owner(other));
    let regulator = ledger::entry::Member { roles: role::REGULATOR, ..ledger::testing::new_member(OTHER, [3; 32], &[]) };
    let member = ledger::testing::new_member(OTHER, [3; 32], &[]);
    for (class, authorities, by, author, most) in [
        (Class::Alert, vec![of_brand], &other, &member, MAX_ALERT_BYTES),
        (Class::AlertWithdrawn, vec![of_other, of_brand], &other, &member, MAX_ALERT_BYTES),
        (Class::Alert, vec![Authority::Governance], &other, &member, MAX_ALERT_BYTES),
        (Class::Alert, vec![Authority::Governance], &other, &regulator, MAX_PUBLIC_PART),
        (Class::Alert, vec![of_brand], &brand, &member, MAX_PUBLIC_PART),
        (Class::Movement, vec![of_brand], &other, &member, MAX_PUBLIC_PART),
    ] {
        assert_eq!(public_part_max(class, &authorities, by, Some(author)), most, "{class:?} {authorities:?}");
    }
}

#[test]
fn the_owner_and_a_regulator_alert_as_often_as_they_must() {
    let mut ledger = good();
    ledger.member(OTHER, 3, &[]);
    let mut version = ledger.newest_version(OTHER);
    (version.version, version.roles) = (2, role::REGULATOR);
    ledger.member_version(version);
    for _ in 0..=MAX_NEVER_LEFT_OUT {
        ledger.event(BRAND, alert());
        ledger.event(OTHER, alert().by(Authority::Governance));
    }
    assert!(audit(&ledger).is_ok());
}

/// What it said while nobody limited it counts afterwards: engine and mirror count alike, whoever it was when.
#[test]
fn a_regulator_that_is_none_any_more_has_said_what_it_said() {
    let mut ledger = good();
    ledger.member(OTHER, 3, &[]);
    let as_role = |ledger: &mut TestLedger, roles| {
        let mut version = ledger.newest_version(OTHER);
        (version.version, version.roles) = (version.version + 1, roles);
        version.levels = if roles & role::INDEPENDENT == 0 { 0 } else { level::ITEM };
        ledger.member_version(version);
    };
    let by_governance = || alert().by(Authority::Governance);
    let independent = role::MEMBER | role::INDEPENDENT;
    as_role(&mut ledger, independent);
    let raised: Vec<_> = (0..MAX_OPEN_ALERTS).map(|_| ledger.event(OTHER, by_governance())).collect();
    as_role(&mut ledger, role::REGULATOR);
    let end = || Draft::new(Kind::Object, Action::Observe).class(Class::AlertWithdrawn).by(Authority::Governance);
    for one in &raised {
        ledger.correct(OTHER, *one, end());
    }
    as_role(&mut ledger, independent);
    let mut within = ledger.clone();
    within.event(OTHER, by_governance());
    assert_eq!(over_quota(&within), None, "all of them were ended");
    as_role(&mut ledger, role::REGULATOR);
    for _ in 0..MAX_NEVER_LEFT_OUT {
        ledger.event(OTHER, by_governance());
    }
    as_role(&mut ledger, independent);
    assert_eq!(over_quota(&ledger), None);
    ledger.event(OTHER, by_governance());
    assert_eq!(over_quota(&ledger), Some(TooMany::InAll));
}

#[test]
fn an_event_by_one_who_is_not_entitled() {
    let other = |prepare: fn(&mut TestLedger), draft: fn() -> Draft| {
        fault(|ledger| {
            ledger.member(OTHER, 3, &["4012345"]);
            prepare(ledger);
            ledger.event(OTHER, draft());
        })
    };
    let observe = || Draft::observe(&[A1]);
    assert_eq!(other(|_| {}, observe), Fault::NotEntitled, "no grant");
    let ended = |ledger: &mut TestLedger| {
        ledger.grant(BRAND, OTHER, right::RECORD);
        ledger.grant(BRAND, OTHER, 0);
    };
    assert_eq!(other(ended, observe), Fault::NotEntitled, "a grant that ended");
    let late = |ledger: &mut TestLedger| {
        let mut grant = ledger.next_grant(BRAND, OTHER, right::RECORD, &[]);
        grant.valid_until = ledger.now_ms;
        ledger.grant_version(BRAND, grant);
    };
    assert_eq!(other(late, observe), Fault::NotEntitled, "a grant out of its time");
    let record = |ledger: &mut TestLedger| {
        ledger.grant(BRAND, OTHER, right::RECORD);
    };
    assert_eq!(other(record, || Draft::commission(&[A1])), Fault::NotEntitled, "record is not issue");
    assert_eq!(other(record, || Draft::master_data("/01/09506000134352")), Fault::NotEntitled, "record is not words");
    assert_eq!(other(record, || Draft::pack(Action::Add, "/00/040123450000000018", &[A1])), Fault::NotEntitled, "record is not pack");
    assert_eq!(other(|_| {}, || Draft::observe(&[A1]).by(Authority::Governance)), Fault::NotEntitled, "governance without a role");
    let unowned = || Draft::observe(&[A1]).by(Authority::unowned("9506000134352"));
    assert_eq!(other(|_| {}, unowned), Fault::NotEntitled, "a number that has an owner");
    let records = |ledger: &mut TestLedger| {
        ledger.grant(BRAND, OTHER, right::RECORD);
    };
    let damaged = || Draft::commission(&[A1]).class(Class::Alert);
    assert_eq!(other(records, damaged), Fault::NotEntitled, "made and damaged is made");
    // Into the list of what was made as a lot of the owner's, by way of goods of one's own.
    let into_lot = || {
        let mut draft = Draft::commission(&["/01/04012345000009/21/1"]).batch("/01/09506000134352/10/L7");
        draft.refs[0].authority = Some(Authority::Owner(Name::member_key(BRAND)));
        draft
    };
    assert_eq!(other(records, into_lot), Fault::NotEntitled, "a lot of another");
    let elsewhere = || {
        let mut draft = Draft::pack(Action::Add, "/00/040123450000000018", &["/01/04012345000009/21/1"]);
        draft.refs[0].authority = Some(Authority::Governance);
        draft
    };
    let misled = fault(|ledger| {
        ledger.member(OTHER, 3, &["4012345"]);
        ledger.event(OTHER, elsewhere());
    });
    assert_eq!(misled, Fault::Form(EntryError::RecordsDoNotFitRefs), "a reference and its record go by one authority");
    // What mirrors cannot tell, since they see hashes and no numbers, goes into lists that nobody opens.
    let mut ledger = good();
    ledger.member(OTHER, 3, &["4012345"]);
    ledger.event(OTHER, Draft::observe(&[A1]).by(Authority::Owner(Name::member_key(OTHER))));
    ledger.event(OTHER, Draft::observe(&[A1]).by(Authority::Claim));
    ledger.event(OTHER, Draft::observe(&[A1]).by(Authority::unowned("5000000000005")));
    ledger.head();
    assert!(audit(&ledger).is_ok());
}

#[test]
fn grants_that_are_not_the_owners_next_word() {
    let granted = |change: fn(&mut ledger::entry::Grant), signer: &'static str| {
        fault(|ledger| {
            ledger.member(OTHER, 3, &[]);
            ledger.grant(BRAND, OTHER, right::RECORD);
            let mut grant = ledger.next_grant(BRAND, OTHER, right::RECORD | right::ISSUE, &[]);
            change(&mut grant);
            ledger.grant_version(signer, grant);
        })
    };
    assert_eq!(granted(|grant| grant.version = 1, BRAND), Fault::GrantVersion);
    assert_eq!(granted(|grant| grant.version = 3, BRAND), Fault::GrantVersion);
    assert_eq!(granted(|_| {}, OTHER), Fault::GrantSignature);
    assert_eq!(granted(|grant| grant.owner = Name::member_key("nobody.example"), BRAND), Fault::UnknownMember);
    assert_eq!(granted(|grant| grant.partner = Name::member_key("nobody.example"), BRAND), Fault::UnknownMember);
    let retired = |ledger: &mut TestLedger| {
        ledger.member(OTHER, 3, &[]);
        let mut version = ledger.newest_version(BRAND);
        (version.version, version.status) = (2, Status::Retired);
        ledger.member_version(version);
        ledger.grant(BRAND, OTHER, right::RECORD);
    };
    assert_eq!(fault(retired), Fault::MayNotSign);
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
        draft.same_as = Some((ledger.event_at(1).authorities.clone(), ledger.tiles[1].records.clone()));
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
    let lie = MapHead { covers, key_count: 1, map_root: Hash([3; 32]), prefix_count: 1, prefix_root: ledger.register.root() };
    ledger.append(Entry { logged_ms: ledger.now_ms, body: Body::MapHead(lie) }, Vec::new());
    assert_eq!(audit(&ledger).unwrap_err(), (covers, Fault::MapDiffers));
    // The map is right, and the prefixes are another's.
    let mut ledger = good();
    ledger.event(BRAND, Draft::observe(&[A1]));
    ledger.register = TestLedger::new().register;
    ledger.head();
    assert_eq!(audit(&ledger).unwrap_err().1, Fault::MapDiffers);
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

#[test]
fn one_partner_takes_so_many_records_of_one_subject_back() {
    let take_back = |ledger: &mut TestLedger, by: &str, of: &str, times: u32| {
        for _ in 0..times {
            let record = ledger.event(by, Draft::observe(&[of]));
            ledger.correct(by, record, Draft::void());
        }
    };
    // Another subject counts by itself, and the owner has no limit.
    let mut ledger = partner();
    take_back(&mut ledger, OTHER, A1, MAX_NEVER_LEFT_OUT);
    take_back(&mut ledger, OTHER, A2, 1);
    take_back(&mut ledger, BRAND, A1, MAX_NEVER_LEFT_OUT + 1);
    assert_eq!(over_quota(&ledger), None);
    take_back(&mut ledger, OTHER, A1, 1);
    assert_eq!(over_quota(&ledger), Some(TooMany::InAll));
    // Alerts count with them, and an alert that is open can always be ended.
    let mut ledger = partner();
    let raised = ledger.event(OTHER, alert());
    take_back(&mut ledger, OTHER, A1, MAX_NEVER_LEFT_OUT - 2);
    let mut one_more = ledger.clone();
    take_back(&mut one_more, OTHER, A1, 1);
    assert_eq!(over_quota(&one_more), Some(TooMany::InAll));
    ledger.correct(OTHER, raised, Draft::new(Kind::Object, Action::Observe).class(Class::AlertWithdrawn));
    assert_eq!(over_quota(&ledger), None);
}
