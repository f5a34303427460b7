//! The cases of `docs/vectors`: good bundles and attacks, each made by code, so that it is clear what was done to it.
//!
//! An attack spoils a bundle (somebody between server and phone), or stands in the ledger (its operator). The name is the attack.

mod authority;

use ledger::bundle::{Bundle, Content};
use ledger::entry::{Action, Authority, Body, Chain, Class, Entry, Kind, ListKind, MapHead, Part, Status, record_role, ref_role, right};
use ledger::name::Name;
use ledger::note::NoteSigner;
use ledger::public::Line;
use ledger::testing::{About, Draft, TestLedger, name};
use ledger::tree::{LeafIndex, TreeSize};
use ledger::verify::Memory;

pub(crate) const ITEM: &str = "/01/09506000134352/21/1";
const OTHER: &str = "/01/09506000134352/21/2";
const COW: &str = "/01/09506000134369/21/7";
pub(crate) const LOT: &str = "/01/09506000134352/10/L7";
const CASE: &str = "/00/106141412345678908";
const PALLET: &str = "/00/106141412345678915";
const PRODUCT: &str = "/01/09506000134352";

/// Where the transformation that makes the item stands in `history`.
pub(crate) const MADE: u64 = 7;

/// What happened to the case after the item had left it.
const CONTEXT: u64 = 16;

/// A brand, its carrier and a stranger, who owns numbers of its own; one item made of a cow, boxed, palletised, shipped, received.
pub(crate) fn history() -> TestLedger {
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000"]);
    ledger.member("carrier.example", 3, &["0614141"]);
    ledger.member("stranger.example", 4, &["4012345"]);
    ledger.grant("brand.example", "carrier.example", right::RECORD | right::PACK);
    ledger.grant("carrier.example", "brand.example", right::PACK);
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

/// The list of whoever owns the number in `history`.
pub(crate) fn own(path: &str) -> ledger::Key {
    of_owner(if path.starts_with("/00/") { "carrier.example" } else { "brand.example" }, path)
}

pub(crate) fn of_owner(owner: &str, path: &str) -> ledger::Key {
    Authority::Owner(Name::member_key(owner)).list(ListKind::Own, &name(path).key())
}

fn place(bundle: &mut Bundle, path: &str) -> usize {
    let key = own(path);
    bundle.lists.iter().position(|list| list.key == key).unwrap()
}

fn rows<'a>(bundle: &'a mut Bundle, path: &str) -> &'a mut Content {
    let at = place(bundle, path);
    bundle.lists[at].content.as_mut().unwrap()
}

/// The path of the entry that made the item.
fn first_path(b: &mut Bundle) -> &mut Vec<ledger::Hash> {
    b.entries.iter_mut().find(|e| e.index == MADE).and_then(|e| e.path.as_mut()).unwrap()
}

fn drop_list(b: &mut Bundle, path: &str) {
    drop_key(b, own(path));
}

fn drop_key(b: &mut Bundle, key: ledger::Key) {
    b.lists.retain(|list| list.key != key);
    let listed = |b: &Bundle, index| b.lists.iter().flat_map(|l| &l.content).flat_map(|c| &c.rows).any(|r| r.index == index);
    let keep: Vec<bool> = b.entries.iter().map(|e| listed(b, e.index)).collect();
    let mut keep = keep.into_iter();
    b.entries.retain(|_| keep.next().unwrap());
    forget_parts(b);
}

/// Leaves the rows of a list out, as if a limit did, with a proof that still holds.
fn reduce_to_head(b: &mut Bundle, path: &str) {
    let list = rows(b, path);
    let all: Vec<_> = list.rows.drain(..).collect();
    list.from = list.count;
    let mut sum = ledger::entry::Head::default();
    for row in &all {
        let leaf = &b.entries.iter().find(|e| e.index == row.index).unwrap().leaf;
        sum.push(row.index, &ledger::entry::leaf_hash(leaf), Chain::of(&Entry::parse(leaf).unwrap(), row.role));
    }
    let list = rows(b, path);
    (list.acc_from, list.head) = (sum.all.acc, Some((sum.alerts, sum.facts)));
    let listed: Vec<u64> = b.lists.iter().flat_map(|l| l.rows()).map(|row| row.index).collect();
    b.entries.retain(|e| listed.contains(&e.index));
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

/// One file to check, all that it is checked with, and what must come of it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The attack.
    pub(crate) name: &'static str,
    /// The bundle.
    pub(crate) file: Vec<u8>,
    /// Which rules.
    pub(crate) policy: Rules,
    /// The subject that was opened.
    pub(crate) subject: &'static str,
    /// What the phone kept.
    pub(crate) kept: Vec<Memory>,
    /// How many milliseconds after the ledger's time it is checked.
    pub(crate) later_ms: u64,
    /// State, step, word.
    pub(crate) outcome: [&'static str; 3],
    /// Beginnings of lines: after + one of the report's, after - none of them.
    pub(crate) says: &'static [&'static str],
}

/// The policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Nobody is asked to co-sign.
    Pending,
    /// Two of three witnesses, one of them a mirror.
    Quorum,
    /// The same after the third witness was revoked: two of two.
    Revoked,
}

impl Rules {
    /// The file's name in `docs/vectors`.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Pending => "policy",
            Self::Quorum => "policy-quorum",
            Self::Revoked => "policy-revoked",
        }
    }

    /// The policy file.
    pub(crate) fn text(self) -> String {
        let ledger = TestLedger::new();
        if self == Self::Pending {
            return ledger.policy().encode();
        }
        let governance = NoteSigner::new("governance.example", &[1; 32]).unwrap().vkey();
        let mut text = format!("log {}\ngovernance {governance}\n", ledger.log_signer().vkey());
        for number in 0..if self == Self::Quorum { 3 } else { 2 } {
            text += &format!("witness w{number} {}\n", witness(number).cosigner().vkey());
        }
        text += if self == Self::Quorum { "group two 2 w0 w1 w2\nquorum two\nmirrors w2\n" } else { "group two all w0 w1\nquorum two\n" };
        text + "fresh 3600 86400\n"
    }
}

fn witness(number: u8) -> NoteSigner {
    NoteSigner::new(&format!("witness.example/w{number}"), &[100 + number; 32]).unwrap()
}

fn case(name: &'static str, file: Vec<u8>, outcome: [&'static str; 3]) -> Case {
    Case { name, file, policy: Rules::Pending, subject: ITEM, kept: Vec::new(), later_ms: 0, outcome, says: &[] }
}

const FINE: [&str; 3] = ["not-cosigned", "", ""];

/// All cases.
pub(crate) fn all() -> Vec<Case> {
    [good(), spoiled(), logged(), authority::logged(), authority::spoiled(), cosigned(), remembered()].concat()
}

fn good() -> Vec<Case> {
    let made = |name, outcome, change: fn(&mut TestLedger)| {
        let mut ledger = history();
        change(&mut ledger);
        case(name, ledger.bundle(ITEM), outcome)
    };
    let unknown = "/01/09506000134352/21/unknown";
    vec![
        made("good", FINE, |_| {}),
        Case { subject: unknown, ..case("good-unknown-item-absent", history().bundle(unknown), ["unissued", "", ""]) },
        made("good-strangers-claim-beside-the-owners", FINE, |l| {
            l.event("stranger.example", Draft::commission(&[ITEM]));
        }),
        made("good-corrected", FINE, |l| {
            let newest = l.tiles.len() as u64 - 1;
            l.correct("carrier.example", newest, Draft::void());
        }),
        made("good-erased", FINE, |l| {
            let parts = l.event_at(MADE).parts.clone();
            l.correct("brand.example", MADE, Draft::erase(&parts));
            l.parts.remove(&parts[0].commitment);
        }),
        made("good-recalled", FINE, |l| {
            l.event("brand.example", Draft::observe(&[LOT]).class(Class::Alert).line(Line::text("/disposition", "recalled")));
        }),
        made("good-recall-withdrawn", FINE, |l| {
            let alert = l.event("brand.example", Draft::observe(&[LOT]).class(Class::Alert).line(Line::text("/disposition", "recalled")));
            l.correct("brand.example", alert, Draft::new(Kind::Object, Action::Observe).class(Class::AlertWithdrawn));
        }),
        made("good-member-rotated", FINE, |l| {
            let mut version = l.newest_version("carrier.example");
            version.version = 2;
            version.public_key = ed25519_dalek::SigningKey::from_bytes(&[30; 32]).verifying_key().to_bytes();
            l.member_version(version);
            l.keys.insert("carrier.example".to_owned(), ed25519_dalek::SigningKey::from_bytes(&[30; 32]));
            l.event("carrier.example", Draft::observe(&[ITEM]));
        }),
    ]
}

/// Somebody changed the file on its way.
fn spoiled() -> Vec<Case> {
    let made = |name, step, word, change: fn(&mut Bundle)| {
        let mut bundle = history().parts_of_bundle(ITEM);
        change(&mut bundle);
        case(name, bundle.encode(), ["failed", step, word])
    };
    let file = history().bundle(ITEM);
    let mut cases = vec![
        case("truncated-file", file[..file.len() - 1].to_vec(), ["failed", "file", "file"]),
        case("half-a-file", file[..file.len() / 2].to_vec(), ["failed", "file", "file"]),
        case("longer-file", [&file[..], &[0]].concat(), ["failed", "file", "file"]),
        case("no-proof-at-all", b"\x89PNG\r\n\x1a\n and so on".to_vec(), ["unusable", "file", "file"]),
        case("another-items-bundle", history().bundle(OTHER), ["failed", "subject", "other-subject"]),
        made("another-items-name", "subject", "other-subject", |b| b.name = name(OTHER).bytes()),
        made("another-items-bundle-under-this-name", "relations", "list-missing", |_| {}),
        made("absence-of-an-existing-item", "lists", "map-proof", |_| {}),
        made("wrong-leaf", "lists", "map-proof", |b| b.entries.iter_mut().find(|e| e.index == MADE).unwrap().leaf[9] ^= 1),
        made("swapped-siblings", "inclusion", "inclusion", |b| first_path(b).swap(0, 1)),
        made("trailing-hash", "inclusion", "inclusion", |b| first_path(b).push(ledger::Hash::ZERO)),
        made("path-left-out", "inclusion", "path-missing", |b| {
            b.entries.iter_mut().find(|e| e.index == MADE).unwrap().path = None;
        }),
        made("newest-event-dropped", "lists", "map-proof", |b| {
            let list = rows(b, ITEM);
            let index = list.rows.pop().unwrap().index;
            list.count -= 1;
            b.entries.retain(|e| e.index != index);
            forget_parts(b);
        }),
        made("middle-event-dropped", "lists", "map-proof", |b| {
            let list = rows(b, ITEM);
            let index = list.rows.remove(1).index;
            list.count -= 1;
            b.lists.iter_mut().flat_map(|l| &mut l.content).for_each(|c| c.rows.retain(|r| r.index != index));
            b.lists.iter_mut().flat_map(|l| &mut l.content).for_each(|c| c.count = c.from + c.rows.len() as u32);
            b.entries.retain(|e| e.index != index);
            forget_parts(b);
        }),
        made("order-changed", "file", "file", |b| rows(b, ITEM).rows.swap(0, 1)),
        made("proofs-of-two-records-exchanged", "lists", "map-proof", |b| {
            let list = rows(b, ITEM);
            list.rows.swap(0, 1);
            let (first, second) = (list.rows[0].index, list.rows[1].index);
            (list.rows[0].index, list.rows[1].index) = (second, first);
        }),
        made("required-list-missing-product", "relations", "list-missing", |b| drop_list(b, PRODUCT)),
        made("required-list-missing-batch", "relations", "list-missing", |b| drop_list(b, LOT)),
        made("required-list-missing-input", "relations", "list-missing", |b| drop_list(b, COW)),
        made("required-list-missing-container", "relations", "list-missing", |b| drop_list(b, CASE)),
        made("required-list-missing-outer-container", "relations", "list-missing", |b| drop_list(b, PALLET)),
        made("required-list-missing-member", "relations", "list-missing", |b| {
            drop_key(b, ledger::name::Name::member_key("carrier.example"));
        }),
        made("list-that-nothing-requires", "relations", "list-extra", |_| {}),
        made("map-proof-for-another-key", "lists", "map-proof", |b| {
            let (at, other) = (place(b, ITEM), place(b, LOT));
            b.lists[at].proof = b.lists[other].proof.clone();
        }),
        made("role-changed", "names", "not-about", |b| rows(b, LOT).rows[0].role = record_role::CHILD),
        made("role-of-a-context-row-changed-to-drop-a-list", "lists", "map-proof", |b| {
            // "The case went onto the pallet" read as "things went into the case": then nobody asks for the pallet's list.
            let pallet: Vec<u64> = rows(b, PALLET).rows.iter().map(|row| row.index).collect();
            let row = rows(b, CASE).rows.iter_mut().find(|row| pallet.contains(&row.index)).unwrap();
            assert_eq!(row.role, record_role::CHILD);
            row.role = record_role::PARENT;
            drop_list(b, PALLET);
            let key = Authority::Governance.list(ListKind::Own, &name(PALLET).key());
            b.lists.retain(|list| list.key != key);
        }),
        made("position-of-a-context-row-changed", "names", "not-about", |b| {
            let lists = b.lists.iter_mut().flat_map(|l| &mut l.content).flat_map(|c| &mut c.rows);
            lists.filter(|row| row.index == CONTEXT).for_each(|row| row.position ^= 1);
        }),
        made("item-list-reduced-to-its-head", "relations", "list-short", |b| reduce_to_head(b, ITEM)),
        made("container-list-reduced-to-its-head", "relations", "list-short", |b| reduce_to_head(b, CASE)),
        made("bulk-bit-set", "names", "bulk-bit", |b| rows(b, LOT).rows[0].role |= record_role::BULK),
        made("text-differs-from-text-signed", "parts", "part-changed", |b| {
            let at = b.parts.iter().position(|part| part.bytes.len() > 4).unwrap();
            let last = b.parts[at].bytes.len() - 2;
            b.parts[at].bytes[last] ^= 1;
        }),
        made("text-left-out-without-erasure", "parts", "part-missing", |b| {
            b.parts.remove(0);
        }),
        made("text-that-nobody-signed-added", "file", "part-extra", |_| {}),
        made("maphead-not-last", "maphead", "head-inclusion", |b| {
            let Entry { logged_ms, body: Body::MapHead(head) } = Entry::parse(&b.head).unwrap() else { unreachable!() };
            b.head = Entry { logged_ms, body: Body::MapHead(MapHead { covers: head.covers - 1, ..head }) }.encode();
        }),
        made("non-canonical-base64", "checkpoint", "note", |b| {
            let at = b.note.iter().rposition(|c| *c == b'=').unwrap();
            // The last digit before the padding has bits that stand for nothing; another digit would decode alike.
            b.note[at - 1] += 1;
        }),
        made("root-of-another-size", "checkpoint", "note", |b| {
            let at = b.note.iter().position(|c| *c == b'\n').unwrap() + 1;
            b.note[at] ^= 1;
        }),
    ];
    cases.push(maphead_before_the_last_entry());
    cases.push(transformation_list_missing());
    replace(&mut cases, "another-items-bundle-under-this-name", |b| {
        *b = history().parts_of_bundle(OTHER);
        b.name = name(ITEM).bytes();
    });
    replace(&mut cases, "absence-of-an-existing-item", |b| {
        let absent = "/01/09506000134352/21/unknown";
        *b = history().parts_of_bundle(absent);
        let at = place(b, absent);
        b.lists[at].key = own(ITEM);
        b.name = name(ITEM).bytes();
        b.lists.sort_by_key(|list| list.key);
    });
    replace(&mut cases, "list-that-nothing-requires", |b| {
        let absent = "/01/09506000134352/21/unknown";
        let mut other = history().parts_of_bundle(absent);
        let at = place(&mut other, absent);
        b.lists.push(other.lists.remove(at));
        b.lists.sort_by_key(|list| list.key);
    });
    replace(&mut cases, "text-that-nobody-signed-added", |b| {
        let mut part = b.parts[0].clone();
        part.commitment = ledger::Hash([0xff; 32]);
        b.parts.push(part);
    });
    cases
}

/// The signed ledger goes on after the map head: what was logged since could be left out.
fn maphead_before_the_last_entry() -> Case {
    let mut ledger = history();
    let mut bundle = ledger.parts_of_bundle(ITEM);
    let head = ledger.tiles.len() as u64 - 1;
    ledger.event("brand.example", Draft::observe(&[ITEM]));
    bundle.note = ledger.note(&[]);
    bundle.head_path = ledger.tree.inclusion_proof(LeafIndex(head), ledger.tree.size()).unwrap();
    case("maphead-before-the-last-entry", bundle.encode(), ["failed", "maphead", "head-inclusion"])
}

/// Inputs and outputs in two events, tied together by a transformationID alone.
fn transformation_list_missing() -> Case {
    let key = Name::Transformation("urn:epc:id:gdti:9506000.00001.t1".to_owned()).key();
    let tied = |mut draft: Draft| {
        let authority = Some(Authority::Owner(Name::member_key("brand.example")));
        draft.refs.push(About { role: ref_role::TRANSFORMATION, key, digits: String::new(), authority });
        draft.records.push(About { role: record_role::TRANSFORMATION, key, digits: String::new(), authority });
        draft
    };
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000"]);
    ledger.event("brand.example", Draft::commission(&[COW]));
    ledger.event("brand.example", tied(Draft::transform(&[COW], &[])));
    ledger.event("brand.example", tied(Draft::transform(&[], &[ITEM])));
    let whole = ledger.bundle(ITEM);
    let report = ledger.verify(ITEM, &whole);
    assert!(report.failure.is_none() && report.text.contains(&format!("\nlist\t{}\tinput\t", own(COW))), "{}", report.text);
    let mut bundle = ledger.parts_of_bundle(ITEM);
    drop_key(&mut bundle, Authority::Owner(Name::member_key("brand.example")).list(ListKind::Own, &key));
    case("required-list-missing-transformation", bundle.encode(), ["failed", "relations", "list-missing"])
}

fn replace(cases: &mut [Case], name: &str, change: fn(&mut Bundle)) {
    let mut bundle = history().parts_of_bundle(ITEM);
    change(&mut bundle);
    cases.iter_mut().find(|case| case.name == name).unwrap().file = bundle.encode();
}

/// The operator put it into the ledger.
fn logged() -> Vec<Case> {
    let made = |name, step, word, change: fn(&mut TestLedger)| {
        let mut ledger = history();
        change(&mut ledger);
        case(name, ledger.bundle(ITEM), ["failed", step, word])
    };
    let of = |name, subject: &'static str, word, change: fn(&mut TestLedger)| {
        let mut ledger = history();
        change(&mut ledger);
        Case { subject, ..case(name, ledger.bundle(subject), ["failed", "issued", word]) }
    };
    vec![
        of("never-commissioned", "/01/09506000134352/21/never", "never-issued", |l| {
            l.event("carrier.example", Draft::observe(&["/01/09506000134352/21/never"]));
        }),
        made("member-key-out-of-its-validity", "author", "member-validity", |l| {
            let mut version = l.newest_version("carrier.example");
            version.version = 2;
            version.valid_until = l.now_ms;
            l.member_version(version);
            l.event("carrier.example", Draft::observe(&[ITEM]));
        }),
        made("old-member-version-appended-again", "author", "member-versions", |l| {
            let version = l.newest_version("carrier.example");
            l.member_version(version);
            l.event("carrier.example", Draft::observe(&[ITEM]));
        }),
        made("compromised-member-key", "author", "key-compromised", |l| {
            l.event("carrier.example", Draft::observe(&[ITEM]));
            revoke(l);
        }),
        {
            let mut ledger = history();
            revoke(&mut ledger);
            let mut bundle = ledger.parts_of_bundle(ITEM);
            let key = ledger::name::Name::member_key("carrier.example");
            let list = bundle.lists.iter_mut().find(|list| list.key == key).unwrap().content.as_mut().unwrap();
            let index = list.rows.pop().unwrap().index;
            list.count -= 1;
            bundle.entries.retain(|entry| entry.index != index);
            case("revocation-left-out", bundle.encode(), ["failed", "lists", "map-proof"])
        },
        made("record-replayed-from-another-ledger", "signature", "signature", |l| {
            let origin = std::mem::replace(&mut l.origin, "other.example/test".into());
            let (event, records) = l.sign("carrier.example", Draft::observe(&[ITEM]));
            l.origin = origin;
            l.append(Entry { logged_ms: l.now_ms, body: Body::Event(event) }, records);
        }),
        made("erasure-signed-by-a-stranger", "corrections", "may-not-erase", |l| {
            let parts = l.event_at(MADE).parts.clone();
            l.correct("stranger.example", MADE, Draft::erase(&parts));
        }),
        made("erasure-of-other-words", "corrections", "erased-other", |l| {
            let parts = vec![Part { kind: 1, commitment: ledger::Hash([7; 32]) }];
            l.correct("brand.example", MADE, Draft::erase(&parts));
        }),
        made("erased-payload-replaced", "parts", "part-changed", |l| {
            let parts = l.event_at(MADE).parts.clone();
            l.correct("brand.example", MADE, Draft::erase(&parts));
            l.parts.insert(parts[0].commitment, ([0; 16], b"/a\tsb\n".to_vec()));
        }),
        made("one-number-twice", "form", "sequence", |l| {
            let again = l.event_at(MADE).clone();
            let (mut event, records) = l.sign("brand.example", Draft::observe(&[ITEM]));
            event.seq = again.seq;
            event.sign(&l.origin, &l.keys["brand.example"]);
            l.append(Entry { logged_ms: l.now_ms, body: Body::Event(event) }, records);
        }),
        made("time-in-words-is-not-the-signed-one", "parts", "time", |l| {
            l.event("carrier.example", Draft::observe(&[ITEM]).line(Line::text("/eventTime", "2020-01-01T00:00:00Z")));
        }),
        made("recall-signed-as-an-ordinary-record", "parts", "class", |l| {
            l.event("brand.example", Draft::observe(&[ITEM]).line(Line::text("/disposition", "recalled")));
        }),
        made("lot-in-words-is-not-the-signed-one", "parts", "name-mismatch", |l| {
            l.event("brand.example", Draft::observe(&[ITEM]).batch(LOT).line(Line::name("@batch", "/01/09506000134352/10/L8")));
        }),
        {
            let mut ledger = history();
            ledger.head();
            let mut bundle = ledger.parts_of_bundle(ITEM);
            let Entry { logged_ms, body } = Entry::parse(&bundle.head).unwrap();
            ledger.append(Entry { logged_ms, body }, Vec::new());
            bundle = ledger.parts_of_bundle(ITEM);
            case("two-mapheads", bundle.encode(), ["failed", "maphead", "not-a-head"])
        },
    ]
}

fn revoke(ledger: &mut TestLedger) {
    let mut version = ledger.newest_version("carrier.example");
    (version.version, version.status) = (2, Status::Compromised);
    ledger.member_version(version);
}

/// Who co-signed, and when.
fn cosigned() -> Vec<Case> {
    let made = |name, policy, outcome, cosigners: &[(u8, i64)], later_ms| {
        let mut ledger = history();
        let mut bundle = ledger.parts_of_bundle(ITEM);
        let at = |seconds: i64| (ledger.now_ms as i64 / 1000 + seconds) as u64;
        let cosigners: Vec<_> = cosigners.iter().map(|(number, seconds)| (witness(*number), at(*seconds))).collect();
        bundle.note = ledger.note(&cosigners);
        Case { policy, later_ms, ..case(name, bundle.encode(), outcome) }
    };
    let verified = ["verified", "", ""];
    let mut cases = vec![
        made("good-quorum", Rules::Quorum, verified, &[(0, 5), (1, 9)], 10_000),
        made("good-quorum-with-a-mirror", Rules::Quorum, verified, &[(0, 5), (1, 9), (2, 7)], 10_000),
        made("good-quorum-phones-clock-behind", Rules::Quorum, verified, &[(0, 3600), (1, 3600)], 0),
        made("quorum-one-short", Rules::Quorum, FINE, &[(0, 5)], 10_000),
        made("cosignature-by-a-revoked-witness", Rules::Revoked, FINE, &[(0, 5), (2, 9)], 10_000),
        made("one-witness-twice", Rules::Quorum, FINE, &[(0, 5), (0, 9)], 10_000),
        made("old-checkpoint", Rules::Quorum, ["stale", "", ""], &[(0, 5), (1, 9)], 90_000_000),
        made("cosignature-of-another-checkpoint", Rules::Quorum, ["failed", "checkpoint", "note"], &[(0, 5), (1, 9)], 10_000),
    ];
    let mut ledger = history();
    let mut bundle = ledger.parts_of_bundle(ITEM);
    let right = String::from_utf8(ledger.note(&[])).unwrap();
    ledger.event("carrier.example", Draft::observe(&[ITEM]));
    ledger.head();
    let seconds = ledger.now_ms / 1000 + 5;
    let other = String::from_utf8(ledger.note(&[(witness(0), seconds), (witness(1), seconds)])).unwrap();
    let cosignatures: String = other.lines().filter(|line| line.contains("witness.example")).map(|line| format!("{line}\n")).collect();
    bundle.note = format!("{right}{cosignatures}").into_bytes();
    cases.iter_mut().find(|case| case.name == "cosignature-of-another-checkpoint").unwrap().file = bundle.encode();
    cases
}

/// What the phone saw before.
fn remembered() -> Vec<Case> {
    let mut ledger = history();
    ledger.head();
    let (size, then) = (ledger.tree.size(), ledger.note(&[]));
    let kept = |ledger: &TestLedger, from: TreeSize, note: &[u8]| Memory {
        note: note.to_vec(),
        consistency: ledger.tree.consistency_proof(from, ledger.tree.size()).unwrap(),
    };
    let grown = |other: &str| {
        let mut grown = history();
        grown.head();
        grown.event("carrier.example", Draft::observe(&[other]));
        grown.head();
        grown
    };
    let (mut one, mut two) = (grown(ITEM), grown(OTHER));
    let continued = kept(&one, size, &then);
    let bare = |note: Vec<u8>| Memory { note, consistency: Vec::new() };
    let mut forked = TestLedger::new();
    forked.member("brand.example", 2, &["9506000"]);
    forked.head();
    let fork = Memory { note: forked.note(&[]), consistency: continued.consistency.clone() };
    let (first, second) = (one.note(&[]), one.bundle(ITEM));
    vec![
        Case { kept: vec![continued.clone()], ..case("good-continues-what-was-seen", second.clone(), FINE) },
        Case { kept: vec![bare(then)], ..case("good-not-compared", second.clone(), FINE) },
        Case { kept: vec![bare(first)], ..case("two-roots-for-one-size", two.bundle(ITEM), ["failed", "memory", "fork"]) },
        Case { kept: vec![fork], ..case("fork-with-a-proof", second, ["failed", "memory", "fork"]) },
        Case { kept: vec![bare(one.note(&[]))], ..case("older-than-what-was-seen", history().bundle(ITEM), ["failed", "memory", "older"]) },
    ]
}
