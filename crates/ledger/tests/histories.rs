//! Whatever members, partners and roles put into a log that mirrors sign: every page can be made, and every page that is made holds. Nobody
//! with a key can make an honest page fail, and nobody can make builder and verifier see different things.
#![expect(clippy::unwrap_used, reason = "a test's own steps cannot fail")]

use ledger::audit::Audit;
use ledger::bundle::{Bundle, gather};
use ledger::entry::{Action, Authority, Body, Class, Entry, Kind, TileEntry, record_role, ref_role, role};
use ledger::name::Name;
use ledger::public::Line;
use ledger::testing::{Draft, TestLedger, name};
use ledger::verify::Problem;
use proptest::prelude::*;

const BRAND: &str = "brand.example";
const MEMBERS: [&str; 6] = [BRAND, "carrier.example", "rival.example", "lab.example", "regulator.example", "heir.example"];
const ITEMS: [&str; 3] = ["/01/09506000134352/21/1", "/01/09506000134352/21/2", "/01/04012345000009/21/7"];
const LOTS: [&str; 2] = ["/01/09506000134352/10/L7", "/01/09506000134352/10/L8"];
const PRODUCT: &str = "/01/09506000134352";
const CONTAINERS: [&str; 4] = ["/00/106141412345678908", "/00/106141412345678915", "/00/040123450000000018", "/00/050000000000000012"];

/// A log of which a mirror takes every entry.
struct Log {
    ledger: TestLedger,
    audit: Audit,
}

#[derive(Clone, Debug)]
enum Step {
    Grant { owner: usize, partner: usize, rights: u16, scope: u8 },
    Event { member: usize, what: u8, a: usize, b: usize, class: u8, authority: u8, times: u16 },
    Correct { member: usize, target: prop::sample::Index, how: u8 },
    HandOver,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let times = prop_oneof![20 => Just(1_u16), 2 => 2..5_u16, 1 => 80..90_u16, 1 => 125..130_u16, 1 => 254..260_u16, 1 => Just(1_030_u16)];
    let grant = (0..6_usize, 0..6_usize, prop_oneof![Just(511_u16), Just(0), 0..512_u16], 0..4_u8)
        .prop_map(|(owner, partner, rights, scope)| Step::Grant { owner, partner, rights, scope });
    let event = (0..6_usize, 0..10_u8, 0..9_usize, 0..4_usize, 0..6_u8, 0..8_u8, times)
        .prop_map(|(member, what, a, b, class, authority, times)| Step::Event { member, what, a, b, class, authority, times });
    let correct =
        (0..6_usize, any::<prop::sample::Index>(), 0..4_u8).prop_map(|(member, target, how)| Step::Correct { member, target, how });
    prop::collection::vec(prop_oneof![3 => grant, 14 => event, 4 => correct, 1 => Just(Step::HandOver)], 1..40)
}

impl Log {
    fn new() -> Self {
        let mut ledger = TestLedger::new();
        for (seed, id) in (2..).zip(MEMBERS) {
            let prefixes = ["9506000", "0614141", "4012345"];
            ledger.member(id, seed, prefixes.get(usize::from(seed) - 2..).unwrap_or_default().get(..1).unwrap_or_default());
        }
        for (id, roles, levels) in [("lab.example", role::INDEPENDENT, 7), ("regulator.example", role::REGULATOR, 0)] {
            let mut version = ledger.newest_version(id);
            (version.version, version.roles, version.levels) = (2, roles, levels);
            ledger.member_version(version);
        }
        let governance = TestLedger::governance().verifying_key().to_bytes();
        let mut audit = Audit::new(&ledger.origin, &governance);
        for tile in &ledger.tiles {
            audit.take(&tile.encode().unwrap()).unwrap();
        }
        let mut log = Self { ledger, audit };
        log.event(BRAND, Draft::commission(&ITEMS[..2]).batch(LOTS[0]));
        log
    }

    /// Into the log, if a mirror takes it.
    fn take(&mut self, tile: TileEntry) -> bool {
        let taken = tile.encode().is_ok_and(|bytes| self.audit.take(&bytes).is_ok());
        if taken {
            self.ledger.append(tile.entry, tile.records);
        }
        taken
    }

    fn event(&mut self, member: &str, draft: Draft) {
        let (event, records) = self.ledger.sign(member, draft);
        let entry = Entry { logged_ms: self.ledger.now_ms, body: Body::Event(event) };
        if !self.take(TileEntry { entry, records }) {
            self.ledger.unsign(member);
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Grant { owner, partner, rights, scope } => {
                let scopes: &[&str] = match scope {
                    0 => &["9506000134352"],
                    1 => &["9506000134369"],
                    _ => &[],
                };
                let mut grant = self.ledger.next_grant(MEMBERS[*owner], MEMBERS[*partner], *rights, scopes);
                grant.sign(&self.ledger.origin, &self.ledger.keys[MEMBERS[*owner]]);
                self.take(TileEntry { entry: Entry { logged_ms: self.ledger.now_ms, body: Body::Grant(grant) }, records: Vec::new() });
            }
            Step::Event { member, what, a, b, class, authority, times } => {
                for _ in 0..*times {
                    self.event(MEMBERS[*member], draft(*what, *a, *b, *class, *authority));
                }
            }
            Step::Correct { member, target, how } => {
                let at = target.index(self.ledger.tiles.len());
                let Some(of) = self.ledger.tiles[at].entry.event().cloned() else { return };
                // Mostly the author itself.
                let author = MEMBERS.iter().find(|id| Name::member_key(id) == of.member).unwrap_or(&MEMBERS[*member]);
                let by = if *how == 3 { MEMBERS[*member] } else { author };
                let mut draft = match how {
                    0 => Draft::void(),
                    1 => Draft::new(of.kind, of.action).class(Class::AlertWithdrawn),
                    _ => Draft::erase(&of.parts),
                };
                draft.same_as = Some((of.authorities.clone(), self.ledger.tiles[at].records.clone()));
                draft.target = of.body_hash(&self.ledger.origin);
                draft.class = draft.class.or(Some(of.class));
                draft.event_id = (draft.kind == Kind::Void).then_some(of.event_id);
                self.event(by, draft);
            }
            Step::HandOver => {
                let mut old = self.ledger.newest_version(BRAND);
                (old.version, old.prefixes) = (old.version + 1, Vec::new());
                old.consent(&self.ledger.origin, &self.ledger.keys[BRAND]);
                let mut new = self.ledger.newest_version("heir.example");
                (new.version, new.prefixes) = (new.version + 1, vec!["9506000".to_owned()]);
                for mut member in [old, new] {
                    member.sign(&self.ledger.origin, &TestLedger::governance());
                    let entry = Entry { logged_ms: self.ledger.now_ms, body: Body::Member(member) };
                    self.take(TileEntry { entry, records: Vec::new() });
                }
                self.ledger.now_ms += 100 * 3_600_000;
            }
        }
    }
}

fn subject(at: usize) -> &'static str {
    const ALL: [&str; 9] = [ITEMS[0], ITEMS[1], ITEMS[2], LOTS[0], LOTS[1], PRODUCT, CONTAINERS[0], CONTAINERS[1], CONTAINERS[2]];
    ALL[at]
}

fn draft(what: u8, a: usize, b: usize, class: u8, authority: u8) -> Draft {
    let (about, container) = (subject(a), CONTAINERS[b]);
    let mut draft = match what {
        0 => Draft::commission(&[about]).batch(LOTS[b % 2]),
        1 | 2 => Draft::pack(Action::Add, container, &[about]),
        3 => Draft::pack(Action::Delete, container, &[about]),
        4 => Draft::pack(Action::Delete, container, &[]),
        5 => Draft::transform(&[subject(b)], &[about]).batch(LOTS[b % 2]),
        6 => Draft::master_data(PRODUCT),
        7 => Draft::new(Kind::Object, Action::Observe).subjects(record_role::OBJECT | record_role::BULK, &[about]),
        8 => Draft::observe(&[about]).batch(LOTS[b % 2]),
        _ => Draft::observe(&[about]),
    };
    if class == 0 && what != 6 {
        draft = draft.class(Class::Alert).line(Line::text("/disposition", "damaged"));
    } else if what == 7 || class == 1 && draft.action == Action::Observe {
        draft = draft.class(Class::Movement).line(Line::text("/bizStep", "shipping"));
    }
    let by = match authority {
        0 => Some(Authority::Governance),
        1 => Some(Authority::Owner(Name::member_key(MEMBERS[b]))),
        2 => Some(Authority::Claim),
        3 => Some(Authority::unowned("5000000000005")),
        _ => None,
    };
    if draft.refs.iter().any(|r| r.role == ref_role::PARENT) && a >= 6 && about == container {
        return Draft::observe(&[about]);
    }
    Draft { authority: by, ..draft }
}

/// What may be wrong with a page of an honest log: only that nobody issued the item.
fn holds(ledger: &mut TestLedger, path: &str) -> Result<(), TestCaseError> {
    let policy = ledger.policy();
    let now_ms = ledger.now_ms;
    let source = ledger.head();
    let gathered = gather(&source, &name(path));
    prop_assert!(gathered.is_ok(), "{}: {:?}", path, gathered.err());
    let gathered = gathered.unwrap();
    let file = gathered.bundle.encode();
    let parsed = Bundle::parse(&file);
    prop_assert!(parsed.as_ref() == Ok(&gathered.bundle), "{}: {:?}", path, parsed.err());
    let report = ledger::verify::verify(&file, &policy, Some(&name(path).bytes()), now_ms, &[]);
    if let Some(failure) = &report.failure {
        prop_assert_eq!(failure.problem, Problem::NeverIssued, "{}\n{}", path, report.text);
    }
    // Both saw the same lists, as far, and the same entries.
    let listed =
        gathered.relations.lists.iter().map(|list| format!("list\t{}\t{}\t{}\t{}", list.key, list.through.word(), list.count, list.older));
    let nodes = gathered.relations.entries.iter().filter(|entry| entry.relevant).enumerate();
    let nodes = nodes.map(|(i, entry)| format!("node\t{i}\t{}\t{}", entry.index, entry.through.word()));
    let cut = gathered.relations.cut.iter().map(|(key, through)| format!("cut\t{key}\t{}", through.word()));
    let built: Vec<String> = listed.chain(cut).chain(nodes).collect();
    let seen: Vec<&str> =
        report.text.lines().filter(|line| ["list\t", "cut\t", "node\t"].iter().any(|kind| line.starts_with(kind))).collect();
    prop_assert_eq!(seen, built);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_page_of_an_honest_log_is_made_and_holds(steps in steps()) {
        let mut log = Log::new();
        for step in &steps {
            // A log long enough; signing and hashing it is what takes the time here.
            if log.ledger.tiles.len() < 2_500 {
                log.step(step);
            }
        }
        for path in ITEMS.iter().chain(&LOTS).chain([&PRODUCT]).chain(&CONTAINERS) {
            holds(&mut log.ledger, path)?;
        }
    }
}

/// The owner of pallets has no right over what stands on them. It writes records about its own pallets until a second stay in one of them is
/// looked at when less room is left than at the first: that stay is taken as the first one was.
#[test]
fn a_second_stay_in_a_container_is_taken_as_the_first_one_was() {
    for (more, last) in [(250, 120), (250, 10), (251, 300), (120, 500)] {
        let mut ledger = TestLedger::new();
        ledger.member(BRAND, 2, &["9506000"]);
        ledger.member("pool.example", 3, &["0614141", "4012345"]);
        let pallets = [CONTAINERS[0], CONTAINERS[1], "/00/106141412345678922", "/00/106141412345678939", CONTAINERS[2]];
        let hour = |h: u64| 1_600_000_000_000 + h * 3_600_000;
        ledger.event(BRAND, Draft::commission(&ITEMS[..1]));
        ledger.event(BRAND, Draft::pack(Action::Add, pallets[0], &ITEMS[..1]).at(hour(1)));
        for (at, (pallet, records)) in pallets[1..].iter().zip([3, more, 250, last]).enumerate() {
            for _ in 0..records {
                let record = if at == 3 { Draft::commission(&[pallet]) } else { Draft::observe(&[pallet]) };
                ledger.event("pool.example", record.at(hour(2 + 24 * at as u64)));
            }
        }
        for (at, pallet) in pallets[1..].iter().chain([&pallets[1]]).enumerate() {
            ledger.event("pool.example", Draft::pack(Action::Add, pallet, &pallets[..1]).at(hour(1 + 24 * at as u64)));
            if at < 4 {
                ledger.event("pool.example", Draft::pack(Action::Delete, pallet, &pallets[..1]).at(hour(3 + 24 * at as u64)));
            }
        }
        holds(&mut ledger, ITEMS[0]).unwrap();
    }
}

/// What happens in few pallets, often enough that the limits leave something out: who, what, to which, in which, when, how often.
type Crowd = Vec<(usize, u8, usize, usize, u64, u16)>;

fn crowd() -> impl Strategy<Value = Crowd> {
    let times = prop_oneof![12 => Just(1_u16), 3 => Just(8), 2 => 30..70_u16, 1 => 120..130_u16, 1 => 250..260_u16];
    prop::collection::vec((0..3_usize, 0..9_u8, 0..8_usize, 0..5_usize, 0..5_u64, times), 20..90)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, failure_persistence: None, ..ProptestConfig::default() })]

    /// Builder and verifier see the same, however often things go into the same few containers and whatever is left out there.
    #[test]
    fn pages_of_crowded_pallets_are_made_and_hold(crowd in crowd()) {
        const AUTHORS: [&str; 3] = [BRAND, "pool.example", "partner.example"];
        let mut ledger = TestLedger::new();
        for (seed, (id, prefixes)) in (2..).zip(AUTHORS.iter().zip([&["9506000"][..], &["0614141", "4012345"], &[]])) {
            ledger.member(id, seed, prefixes);
        }
        for owner in &AUTHORS[..2] {
            for partner in AUTHORS.iter().filter(|partner| partner != &owner) {
                ledger.grant(owner, partner, 511);
            }
        }
        ledger.event(BRAND, Draft::commission(&ITEMS[..2]).batch(LOTS[0]));
        let pallets = [CONTAINERS[0], CONTAINERS[1], CONTAINERS[2], "/00/106141412345678922", "/00/106141412345678939"];
        let goods: Vec<&str> = ITEMS[..1].iter().chain(&LOTS[..1]).chain([&PRODUCT]).chain(&pallets).copied().collect();
        let mut left = 900;
        for (by, what, about, container, hour, times) in crowd {
            let (about, container) = (goods[about], pallets[container]);
            for _ in 0..times.min(left) {
                let draft = match what {
                    0..4 if about != container => Draft::pack(Action::Add, container, &[about]),
                    4 | 5 if about != container => Draft::pack(Action::Delete, container, &[about]),
                    6 => Draft::commission(&[container]),
                    7 => Draft::observe(&[container]).class(Class::Alert).line(Line::text("/disposition", "damaged")),
                    _ => Draft::observe(&[container]),
                };
                ledger.event(AUTHORS[by], draft.at(1_600_000_000_000 + hour * 3_600_000));
            }
            left -= times.min(left);
        }
        for path in ITEMS[..2].iter().chain(&LOTS[..1]).chain([&PRODUCT]).chain(&pallets) {
            holds(&mut ledger, path)?;
        }
    }
}
