//! Laws of who owns a number, who may speak about it, and where it is listed.

use std::collections::{BTreeMap, BTreeSet};

use ledger::entry::{
    Action, Authority, Class, Event, EventDraft, Grant, Kind, ListKind, Member, Record, Ref, grant_list, level, record_role, ref_role,
    right, role,
};
use ledger::hash::{Hash, Key};
use ledger::name::{Level, Name};
use ledger::prefix::{Prefix, Register, look_up};
use ledger::standing::{Number, Said, Standing, standing};
use ledger::testing::new_member;
use proptest::prelude::*;

fn member(id: usize, prefixes: Vec<String>) -> Member {
    Member { prefixes, ..new_member(&format!("m{id}.example"), [id as u8; 32], &[]) }
}

/// Two digits alone, so that beginnings are shared as often as not.
fn digits(len: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![Just('1'), Just('3')], len).prop_map(|digits| digits.into_iter().collect())
}

/// A register of those prefixes that may stand beside each other, and who owns which.
fn register(wanted: &[String]) -> (Register, BTreeMap<String, Key>) {
    let (mut register, mut owners) = (Register::default(), BTreeMap::new());
    for (id, prefix) in wanted.iter().enumerate() {
        let member = member(id, vec![prefix.clone()]);
        if register.check("", &member, None, &|_| false).is_ok() {
            register.take(&member, id as u64, 0);
            owners.insert(prefix.clone(), member.key());
        }
    }
    (register, owners)
}

proptest! {
    #[test]
    fn an_owner_by_one_leaf_and_nobody_by_two_neighbours(wanted in prop::collection::vec(digits(4..9), 0..24), number in digits(4..14)) {
        let (register, owners) = register(&wanted);
        prop_assert_eq!(register.len() as usize, owners.len());
        let naive: Vec<Key> = owners.iter().filter(|(prefix, _)| number.starts_with(prefix.as_str())).map(|(_, owner)| *owner).collect();
        prop_assert!(naive.len() <= 1, "no prefix is the beginning of another");
        let proofs = register.prove(&number);
        prop_assert!(proofs.len() + naive.len() <= 2);
        prop_assert!(proofs.iter().all(|proof| proof.holds(register.len(), &register.root())));
        let found = look_up(&proofs, register.len(), &number);
        prop_assert_eq!(found.map(|prefix| prefix.cloned()), Some(register.of(&number)));
        let owner = register.owner_at(&number, u64::MAX, u64::MAX);
        prop_assert_eq!(owner, naive.first().copied());
    }

    /// Whatever leaves of the tree somebody chooses to show: the truth, or nothing.
    #[test]
    fn nobody_can_show_another_owner_or_none(
        wanted in prop::collection::vec(digits(4..8), 1..16),
        number in digits(4..14),
        shown in prop::collection::vec(any::<bool>(), 16),
        moved in any::<u32>(),
    ) {
        let (register, owners) = register(&wanted);
        let all: Vec<_> = owners.keys().flat_map(|prefix| register.prove(prefix)).collect();
        let some: Vec<_> = all.iter().zip(&shown).filter(|(_, shown)| **shown).map(|(proof, _)| proof.clone()).collect();
        if let Some(found) = look_up(&some, register.len(), &number) {
            prop_assert_eq!(found.cloned(), register.of(&number));
        }
        // A leaf in another place, or another leaf in its place, does not hold.
        for proof in &all {
            let mut other = proof.clone();
            other.position = moved % register.len();
            prop_assert_eq!(other.holds(register.len(), &register.root()), other.position == proof.position);
            let mut other = proof.clone();
            other.prefix.changes[0].owner.0.0[0] ^= 1;
            prop_assert!(!other.holds(register.len(), &register.root()));
            let mut other = proof.clone();
            other.prefix.digits.push('1');
            prop_assert!(!other.holds(register.len(), &register.root()));
        }
    }

    #[test]
    fn a_prefix_is_read_as_it_was_written(prefix in digits(4..14), changes in prop::collection::vec((any::<[u8; 32]>(), any::<u64>(), any::<u64>()), 1..9)) {
        let changes = changes.into_iter().map(|(owner, from_index, from_ms)| ledger::prefix::Change { owner: Key(Hash(owner)), from_index, from_ms });
        let prefix = Prefix { digits: prefix, changes: changes.collect() };
        let bytes = prefix.bytes();
        let mut r = ledger::bytes::Reader::new(&bytes);
        prop_assert_eq!(Prefix::read(&mut r), Some(prefix));
        prop_assert!(r.is_empty());
        for end in 0..bytes.len() {
            let mut r = ledger::bytes::Reader::new(&bytes[..end]);
            prop_assert!(Prefix::read(&mut r).is_none() || r.whole().is_err());
        }
    }
}

const OWNER: &str = "owner.example";
const AUTHOR: &str = "author.example";
const NUMBER: &str = "9506000134352";

fn key(id: &str) -> Key {
    Name::member_key(id)
}

fn number() -> Number {
    let changes = vec![ledger::prefix::Change { owner: key(OWNER), from_index: 0, from_ms: 0 }];
    Number { digits: NUMBER.to_owned(), prefix: Some(Prefix { digits: "9506000".to_owned(), changes }) }
}

fn any_event() -> impl Strategy<Value = (Event, u8)> {
    let kind = prop::sample::select(vec![
        Kind::Object,
        Kind::Aggregation,
        Kind::Transformation,
        Kind::Transaction,
        Kind::Association,
        Kind::MasterData,
        Kind::Objection,
    ]);
    let action = prop::sample::select(vec![Action::None, Action::Add, Action::Observe, Action::Delete]);
    let class = prop::sample::select(vec![Class::Ordinary, Class::Movement, Class::Alert]);
    let roles = prop::sample::select(vec![1_u8, 2, 4, 8, 16, 64, 1 | 4, 2 | 16, 8 | 128]);
    (kind, action, class, roles).prop_map(|(kind, action, class, role)| {
        let draft = EventDraft {
            member: key(AUTHOR),
            seq: 1,
            event_ms: 0,
            kind,
            action,
            class,
            event_id: Hash::ZERO,
            chunk: 0,
            chunks: 1,
            target: Hash::ZERO,
            authorities: vec![Authority::Claim],
            refs: vec![Ref { role: ref_role::PARENT, authority: 0, key: key("parent") }],
            parts: Vec::new(),
            records: vec![Record { role: record_role::OBJECT, authority: 0, key: key("subject") }],
        };
        (draft.unsigned().0, role)
    })
}

fn any_authority() -> impl Strategy<Value = Authority> {
    prop_oneof![
        Just(Authority::Owner(key(OWNER))),
        Just(Authority::Owner(key(AUTHOR))),
        Just(Authority::Governance),
        Just(Authority::unowned(NUMBER)),
        Just(Authority::unowned("5000000000005")),
        Just(Authority::Claim),
    ]
}

/// Grants that give nothing here: of another, to another, for other goods, out of time, ended.
fn useless_grant() -> impl Strategy<Value = Option<Grant>> {
    let grant = |owner: &str, partner: &str| Grant {
        owner: key(owner),
        partner: key(partner),
        version: 1,
        rights: right::KNOWN,
        valid_from: 0,
        valid_until: u64::MAX,
        scopes: Vec::new(),
        signature: [0; 64],
    };
    let of = grant(OWNER, AUTHOR);
    prop::sample::select(vec![
        None,
        Some(grant("third.example", AUTHOR)),
        Some(grant(OWNER, "third.example")),
        Some(grant(AUTHOR, OWNER)),
        Some(Grant { scopes: vec!["9506000134369".to_owned(), "4012345".to_owned()], ..of.clone() }),
        Some(Grant { valid_until: 999, ..of.clone() }),
        Some(Grant { valid_from: 1_001, ..of.clone() }),
        Some(Grant { rights: 0, ..of }),
    ])
}

proptest! {
    #[test]
    fn who_has_no_right_has_no_standing_whatever_is_declared(
        (event, role) in any_event(),
        authority in any_authority(),
        grant in useless_grant(),
        index in 1..100_u64,
        known in any::<bool>(),
    ) {
        let author = known.then(|| member(1, Vec::new()));
        let said = Said { event: &event, index, logged_ms: 1_000, role, authority, author: author.as_ref(), grant: grant.as_ref() };
        prop_assert_eq!(standing(&said, Some((&number(), Level::Item))), None);
    }

    /// What a page counts, a mirror and the sequencer take, who do not see the number: nothing that stands is refused.
    #[test]
    fn what_stands_is_entitled(
        (event, role) in any_event(),
        authority in any_authority(),
        rights in 0..512_u16,
        roles in 1..32_u16,
        levels in 0..8_u8,
    ) {
        let author = Member { roles, levels, ..member(1, Vec::new()) };
        let grant = Grant {
            owner: key(OWNER), partner: key(AUTHOR), version: 1, rights, valid_from: 0, valid_until: u64::MAX, scopes: Vec::new(), signature: [0; 64],
        };
        let said = Said { event: &event, index: 1, logged_ms: 1_000, role, authority, author: Some(&author), grant: Some(&grant) };
        let with = standing(&said, Some((&number(), Level::Item)));
        if with.is_some() {
            prop_assert_eq!(standing(&said, None), with);
        }
        // Each standing by its own means alone.
        match with {
            Some(Standing::Granted(given)) => prop_assert!(given == rights && authority == Authority::Owner(key(OWNER)) && given != 0),
            Some(Standing::Regulator) => prop_assert!(roles & role::REGULATOR != 0),
            Some(Standing::Independent) => prop_assert!(roles & role::INDEPENDENT != 0 && levels & level::ITEM != 0),
            Some(Standing::Owner | Standing::Unowned) => prop_assert!(false, "it is owned, and by another"),
            None => {}
        }
    }

    /// What makes goods, packs them or uses them up needs that very right, whatever else the event is: an alert as well.
    #[test]
    fn no_right_stands_for_another((event, role) in any_event(), rights in 0..512_u16) {
        let grant = Grant {
            owner: key(OWNER), partner: key(AUTHOR), version: 1, rights, valid_from: 0, valid_until: u64::MAX, scopes: Vec::new(), signature: [0; 64],
        };
        let said = Said { event: &event, index: 1, logged_ms: 1_000, role, authority: Authority::Owner(key(OWNER)), author: None, grant: Some(&grant) };
        let stands = standing(&said, Some((&number(), Level::Item))).is_some();
        let makes = event.kind == Kind::Object && event.action == Action::Add && role & record_role::OBJECT != 0
            || role & (record_role::OUTPUT | record_role::TRANSFORMATION) != 0;
        let own_kind = matches!(event.kind, Kind::MasterData | Kind::Objection);
        if makes && !own_kind {
            prop_assert_eq!(stands, rights & right::ISSUE != 0);
        } else if event.packs() && role & (record_role::CHILD | record_role::PARENT) != 0 {
            prop_assert_eq!(stands, rights & right::PACK != 0);
        } else if role & record_role::INPUT != 0 && !own_kind {
            prop_assert_eq!(stands, rights & right::INPUT != 0);
        }
    }

    #[test]
    fn each_list_has_a_key_of_its_own_beside_its_subjects(subjects in prop::collection::vec(any::<[u8; 32]>(), 2..4), same in any::<bool>()) {
        let mut subjects: Vec<Key> = subjects.into_iter().map(|bytes| Key(Hash(bytes))).collect();
        if same {
            // Two subjects that begin alike: their lists lie beside each other, and are not the same.
            let half = subjects[0].0.0;
            subjects[1].0.0[..16].copy_from_slice(&half[..16]);
        }
        let subjects: BTreeSet<Key> = subjects.into_iter().collect();
        let mut keys = BTreeSet::new();
        let mut made = 0;
        for subject in &subjects {
            let authorities = [Authority::Owner(key(OWNER)), Authority::Owner(key(AUTHOR)), Authority::Governance, Authority::unowned(NUMBER), Authority::unowned(""), Authority::Claim];
            for authority in authorities {
                for kind in [ListKind::Own, ListKind::Bulk, ListKind::Made] {
                    let list = authority.list(kind, subject);
                    prop_assert_eq!(&list.as_bytes()[..16], &subject.as_bytes()[..16]);
                    keys.insert(list);
                    made += 1;
                }
            }
            for other in &subjects {
                let list = grant_list(subject, other);
                prop_assert_eq!(&list.as_bytes()[..16], &subject.as_bytes()[..16]);
                keys.insert(list);
                made += 1;
            }
        }
        prop_assert_eq!(keys.len(), made);
    }
}

#[test]
fn the_digits_of_a_number() {
    let of = |path: &str| Name::from_digital_link_path(path).unwrap().digits().map(ToOwned::to_owned);
    assert_eq!(of("/01/09506000134352/21/1").as_deref(), Some("9506000134352"));
    assert_eq!(of("/01/19506000134359").as_deref(), Some("9506000134359"), "whatever the packaging level");
    assert_eq!(of("/00/106141412345678908").as_deref(), Some("06141412345678908"));
    assert_eq!(of("/414/9506000134352").as_deref(), Some("9506000134352"));
    assert_eq!(of("/8003/09506000134352ABC").as_deref(), Some("9506000134352"));
    assert_eq!(of("/8004/9506000X1").as_deref(), Some("9506000"));
    assert_eq!(of("/8004/X1"), None);
    assert_eq!(Name::Printed("9506000".to_owned()).digits(), None);
}
