//! The engine: what was accepted is in the log and provable; repeats, refusals, restarts, a lost index, a failing disk.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking, and a child prints")]

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use engine::{Engine, NewEvent, OpenStore, Options, StateError, Submission, SubmitError, View};
use ledger::Hash;
use ledger::audit::{MAX_NEVER_LEFT_OUT, MAX_OPEN_ALERTS, TooMany};
use ledger::bundle::Source;
use ledger::entry::{
    Action, Authority, Body, Chain, Class, Custody, Grant, Kind, ListKind, Member, Part, Record, Ref, event_id, leaf_hash, part_kind,
    record_role, ref_role, right,
};
use ledger::name::Name;
use ledger::policy::Policy;
use ledger::testing;
use ledger::tree::{LeafIndex, Log, TreeSize, verify_inclusion};
use store::record::tally::Place;
use store::record::{Blob, Comment, Erase, Location, Secret, StateRecord};
use store_local::journal::{Disk, OsDisk};

const ORIGIN: &str = "ledger.example/test";
const MEMBER: &str = "beihe.example";

fn gs1(parts: &[(&str, &str)]) -> Name {
    Name::Gs1(parts.iter().map(|(ai, value)| ((*ai).to_owned(), (*value).to_owned())).collect())
}

fn item(n: u32) -> Name {
    gs1(&[("01", "09506000134352"), ("21", &format!("S{n}"))])
}

fn options(data: &Path) -> Options {
    let clock = AtomicU64::new(1_700_000_000_000);
    let store = store_local::Options { lock_wait: Duration::ZERO, ..Default::default() };
    let mut options = Options::new(data, ORIGIN, store_local::opener(store));
    options.clock = Arc::new(move || clock.fetch_add(1, Ordering::Relaxed));
    options.fatal = Box::new(|reason| panic!("fatal: {reason}"));
    options
}

fn open(data: &Path) -> Engine {
    Engine::open(options(data)).unwrap_or_else(|e| panic!("{e}")).engine
}

fn new_member(engine: &Engine, id: &str) -> Submission {
    let prefixes: &[&str] = if id == MEMBER { &["9506000"] } else { &[] };
    let mut member = Member { custody: Custody::Held, ..testing::new_member(id, engine.keys().make_member().unwrap(), prefixes) };
    member.sign(engine.keys().origin(), engine.keys().governance().unwrap());
    Submission::Member(Box::new(member))
}

/// The right by which the member speaks of its own goods, and the list that follows.
fn owned() -> Authority {
    Authority::Owner(Name::member_key(MEMBER))
}

fn own_list(name: &Name) -> ledger::Key {
    owned().list(ListKind::Own, &name.key())
}

fn event(n: u32, words: &str) -> NewEvent {
    NewEvent {
        event_ms: 1_690_000_000_000,
        kind: Kind::Object,
        action: if n == 0 { Action::Add } else { Action::Observe },
        class: Class::Ordinary,
        event_id: event_id(format!("event {n}").as_bytes()),
        chunk: 0,
        chunks: 1,
        target: Hash::ZERO,
        authorities: vec![owned()],
        refs: vec![Ref { role: ref_role::BATCH, authority: 0, key: gs1(&[("01", "09506000134352"), ("10", "L7")]).key() }],
        records: vec![Record { role: record_role::OBJECT, authority: 0, key: item(1).key() }],
        parts: vec![
            (part_kind::PUBLIC, format!("/eventID\tsurn:{n}\n/note\ts{words}\n").into_bytes()),
            (part_kind::SOURCE, format!("{{\"note\":\"{words}\"}}").into_bytes()),
        ],
        parts_of: None,
        erased: Vec::new(),
    }
}

fn submission(event: NewEvent) -> Submission {
    Submission::Custodial { member: MEMBER.to_owned(), event: Box::new(event) }
}

async fn with_member(data: &Path) -> Engine {
    let engine = open(data);
    engine.submit(new_member(&engine, MEMBER)).await.unwrap();
    engine
}

/// Everything a page could ask of a version.
fn contents(view: &View) -> Vec<String> {
    let mut all = vec![format!("{:?}", view.checkpoint())];
    for index in 0..view.size() {
        all.push(format!("{index} {:?} {:?}", view.entry(index).unwrap(), view.inclusion(index).unwrap()));
    }
    for key in [own_list(&item(1)), Name::member_key(MEMBER), own_list(&item(2))] {
        all.push(format!("{:?} {:?}", view.list(&key).unwrap(), view.map_proof(&key).unwrap()));
    }
    all
}

#[tokio::test]
async fn what_is_accepted_is_proven() {
    let dir = tempfile::tempdir().unwrap();
    let engine = with_member(dir.path()).await;
    let accepted = engine.submit(submission(event(0, "hello"))).await.unwrap();
    assert!(!accepted.is_repeat());
    let view = engine.view();
    let proof = view.inclusion(accepted.index).unwrap();
    let (index, size) = (LeafIndex(accepted.index), TreeSize(view.size()));
    verify_inclusion::<Log>(index, size, &accepted.leaf_hash, &proof, &view.checkpoint().root).unwrap();
    let tile = view.entry(accepted.index).unwrap();
    assert_eq!(leaf_hash(&tile.entry.encode()), accepted.leaf_hash);
    let Body::Event(signed) = &tile.entry.body else { panic!("an event") };
    let (_, member) = &view.member(MEMBER).unwrap()[0];
    assert!(signed.verify(ORIGIN, &member.public_key));
    assert_eq!(signed.seq, 1);
    let words = view.part_bytes(signed.public_part().unwrap()).unwrap().unwrap();
    assert!(String::from_utf8(words).unwrap().contains("hello"));

    // What the policy on disk says opens the note, and the last entry is the map's.
    let policy = Policy::parse(&std::fs::read(dir.path().join("policy")).unwrap()).unwrap();
    let opened = policy.open(&ledger::note::SignedNote::parse(view.note()).unwrap()).unwrap();
    assert_eq!(opened.checkpoint, *view.checkpoint());
    let Body::MapHead(head) = view.entry(view.size() - 1).unwrap().entry.body else { panic!("a MAPHEAD") };
    assert_eq!(head.covers, view.size() - 1);
    let (proof, rows) = (view.map_proof(&own_list(&item(1))).unwrap(), view.list(&own_list(&item(1))).unwrap());
    let mut list = ledger::entry::Head::default();
    for row in &rows {
        list.push(row.index, &leaf_hash(&view.entry(row.index).unwrap().entry.encode()), row.chain);
    }
    assert_eq!(list.all, rows[rows.len() - 1].all);
    let value = list.value(&own_list(&item(1)));
    proof.verify_present(&own_list(&item(1)), &value, &head.map_root).unwrap();
    assert!(!view.bundle(&item(1)).unwrap().is_empty());
}

/// Read from its end, as far as is asked for, a list is the same as read whole; and a version sees nothing that came after it.
#[tokio::test]
async fn a_list_from_any_place_on_is_the_end_of_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    let engine = with_member(dir.path()).await;
    let key = own_list(&item(1));
    let mut views = Vec::new();
    for n in 0..12_u32 {
        let class = if n % 5 == 2 { Class::Alert } else { Class::Ordinary };
        let about = NewEvent { class, event_id: event_id(&n.to_be_bytes()), ..event(1, &n.to_string()) };
        engine.submit(submission(about)).await.unwrap();
        views.push(engine.view());
    }
    for view in views {
        let rows = view.list(&key).unwrap();
        let mut heads = vec![ledger::entry::Head::default()];
        for row in &rows {
            let mut head = *heads.last().unwrap();
            head.push(row.index, &leaf_hash(&view.entry(row.index).unwrap().entry.encode()), row.chain);
            heads.push(head);
        }
        for from in 0..=rows.len() + 1 {
            let part = Source::list(&*view, &key, from as u32).unwrap();
            let from = from.min(rows.len());
            assert_eq!(part.head, heads[rows.len()]);
            assert_eq!(part.acc_from, heads[from].all.acc);
            let indices = |rows: &[store::ListRow]| rows.iter().map(|row| row.index).collect::<Vec<_>>();
            assert_eq!(part.indices, indices(&rows[from..]));
            let early: Vec<_> = rows[..from].iter().copied().filter(|row| row.chain != Chain::Plain).collect();
            assert_eq!(part.early, indices(&early));
        }
    }
}

#[tokio::test]
async fn the_same_again_is_answered_as_before_and_another_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let engine = with_member(dir.path()).await;
    // Twice in one group, then once more later.
    let both = engine.submit_all(vec![submission(event(1, "a")), submission(event(1, "a"))]).await;
    let first = both[0].as_ref().unwrap();
    let size = engine.view().size();
    for again in [both[1].clone(), engine.submit(submission(event(1, "a"))).await] {
        let again = again.unwrap();
        assert!(again.is_repeat());
        assert_eq!((again.index, again.leaf_hash), (first.index, first.leaf_hash));
    }
    assert_eq!(engine.view().size(), size);
    let other = engine.submit(submission(event(1, "b"))).await;
    assert_eq!(other, Err(SubmitError::Conflict { index: first.index }));
    let mut elsewhere = event(1, "a");
    elsewhere.records[0].key = item(2).key();
    assert_eq!(engine.submit(submission(elsewhere)).await, Err(SubmitError::Conflict { index: first.index }));
}

#[tokio::test]
async fn who_may_not_is_refused_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let engine = with_member(dir.path()).await;
    let size = engine.view().size();
    let stranger = Submission::Custodial { member: "nobody".to_owned(), event: Box::new(event(1, "a")) };
    assert_eq!(engine.submit(stranger).await, Err(SubmitError::UnknownMember("nobody".to_owned())));
    let mut late = event(2, "a");
    late.event_ms = 1_800_000_000_000;
    assert!(matches!(engine.submit(submission(late)).await, Err(SubmitError::Form(_))));
    let mut void = event(3, "a");
    void.kind = Kind::Void;
    void.action = Action::None;
    void.refs.clear();
    void.target = Hash([7; 32]);
    assert!(matches!(engine.submit(submission(void)).await, Err(SubmitError::Target(_))));
    // A member whom the governance key did not sign, and one with a version too many.
    let Submission::Member(mut forged) = new_member(&engine, "forged.example") else { panic!() };
    forged.names[0].1 = "Somebody else".to_owned();
    assert!(matches!(engine.submit(Submission::Member(forged)).await, Err(SubmitError::Member { .. })));
    assert!(matches!(engine.submit(new_member(&engine, MEMBER)).await, Err(SubmitError::Member { .. })));
    assert_eq!(engine.view().size(), size);
    // A refusal takes no number: the next record is the member's first.
    let accepted = engine.submit(submission(event(4, "a"))).await.unwrap();
    assert_eq!(engine.view().entry(accepted.index).unwrap().entry.event().unwrap().seq, 1);
}

#[tokio::test]
async fn a_correction_must_fit_what_it_corrects() {
    let dir = tempfile::tempdir().unwrap();
    let engine = with_member(dir.path()).await;
    let wrong = engine.submit(submission(event(1, "wrong"))).await.unwrap();
    let body = engine.view().entry(wrong.index).unwrap().entry.event().unwrap().body_hash(ORIGIN);
    let mut void = event(1, "taken back");
    (void.kind, void.action, void.target) = (Kind::Void, Action::None, body);
    void.refs.clear();
    let mut misfit = void.clone();
    misfit.records[0].key = item(2).key();
    assert!(matches!(engine.submit(submission(misfit)).await, Err(SubmitError::Target(_))));
    let accepted = engine.submit(submission(void)).await.unwrap();
    let found = engine.view().find_event(&Name::member_key(MEMBER), &event_id(b"event 1"), Kind::Void as u8, 0);
    assert_eq!(found.unwrap(), Some(accepted.index));
}

const PARTNER: &str = "partner.example";

/// An engine whose owner lets a partner record.
async fn with_partner(dir: &Path) -> Engine {
    let engine = with_member(dir).await;
    engine.submit(new_member(&engine, PARTNER)).await.unwrap();
    let (owner, partner) = (Name::member_key(MEMBER), Name::member_key(PARTNER));
    let (valid_from, valid_until, scopes, signature) = (0, u64::MAX, Vec::new(), [0; 64]);
    let mut grant = Grant { owner, partner, version: 1, rights: right::RECORD, valid_from, valid_until, scopes, signature };
    let key = engine.keys().member(&engine.view().rights().member(&owner).unwrap().public_key).unwrap();
    grant.sign(ORIGIN, &key);
    engine.submit(Submission::Grant(Box::new(grant))).await.unwrap();
    engine
}

/// A mirror refuses one alert more (`ledger::audit`), so the sequencer must not take it: whether they came at once or before a restart.
#[tokio::test]
async fn a_partner_raises_so_many_alerts_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let engine = with_partner(dir.path()).await;
    let by = |member: &str, n: u32| {
        let event = NewEvent { class: Class::Alert, ..event(n, "wrong") };
        Submission::Custodial { member: member.to_owned(), event: Box::new(event) }
    };
    let mut at_once = tokio::task::JoinSet::new();
    const MOST: u32 = MAX_OPEN_ALERTS as u32;
    for n in 1..MOST {
        let (engine, alert) = (engine.clone(), by(PARTNER, n));
        at_once.spawn(async move { engine.submit(alert).await.map(drop) });
    }
    while let Some(taken) = at_once.join_next().await {
        taken.unwrap().unwrap();
    }
    drop(engine);
    let engine = open(dir.path());
    engine.submit(by(PARTNER, MOST)).await.unwrap();
    let refused = engine.submit(by(PARTNER, MOST + 1)).await;
    assert!(matches!(&refused, Err(SubmitError::OverQuota { member, limit: TooMany::Open }) if member == PARTNER), "{refused:?}");
    engine.submit(by(MEMBER, MOST + 2)).await.expect("the owner can go on");
}

/// The same of what a partner takes back, which no page leaves out either.
#[tokio::test]
async fn a_partner_takes_so_many_records_back_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let mut engine = with_partner(dir.path()).await;
    async fn take_back(engine: &Engine, member: &str, n: u32) -> Result<(), SubmitError> {
        let by = |event: NewEvent| Submission::Custodial { member: member.to_owned(), event: Box::new(event) };
        let record = engine.submit(by(event(n, "wrong"))).await.unwrap();
        let target = engine.view().entry(record.index).unwrap().entry.event().unwrap().body_hash(ORIGIN);
        let void = NewEvent { kind: Kind::Void, action: Action::None, target, refs: Vec::new(), ..event(n, "taken back") };
        engine.submit(by(void)).await.map(drop)
    }
    for n in 1..=MAX_NEVER_LEFT_OUT {
        if n == MAX_NEVER_LEFT_OUT / 2 {
            drop(engine);
            engine = open(dir.path());
        }
        take_back(&engine, PARTNER, n).await.unwrap();
    }
    let refused = take_back(&engine, PARTNER, MAX_NEVER_LEFT_OUT + 1).await;
    assert!(matches!(&refused, Err(SubmitError::OverQuota { limit: TooMany::InAll, .. })), "{refused:?}");
    take_back(&engine, MEMBER, MAX_NEVER_LEFT_OUT + 2).await.expect("the owner can go on");
}

#[tokio::test]
async fn a_lost_index_is_made_again_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let engine = with_member(dir.path()).await;
    for n in 0..5 {
        engine.submit_all(vec![submission(event(2 * n, "a")), submission(event(2 * n + 1, "b"))]).await;
    }
    let names = [("en".to_owned(), "Shop".to_owned())].into();
    let location = Location { member: MEMBER.to_owned(), path: "/414/1".to_owned(), names };
    engine.state(StateRecord::Location(location.clone())).await.unwrap();
    engine.scan(&item(1).key(), 20_000);
    engine.scan(&item(1).key(), 20_001);
    let place = Place { brand: MEMBER.to_owned(), gtin: "09506000134352".to_owned(), ..Place::default() };
    for day in [20_000, 20_000, 20_001] {
        engine.tally(place.clone(), day, |counts| counts.opened += 6);
    }
    let figures = |engine: &Engine| -> Vec<(u32, u64)> {
        engine.index().figures(MEMBER, None, 19_990..=20_010).map(|row| row.map(|row| (row.day, row.counts.opened)).unwrap()).collect()
    };
    let (before, scans) = (contents(&engine.view()), engine.scans(&item(1).key()).unwrap());
    assert_eq!((scans.count, scans.days, scans.first_day), (2, 2, 20_000));
    drop(engine);

    let opened = Engine::open(options(dir.path())).unwrap();
    assert_eq!((contents(&opened.engine.view()), &opened.rebuilt), (before.clone(), &None));
    assert!(opened.recovered.frames <= 1, "the index was up to date");
    // What waited when it was stopped is counted; of 18 what is short of five waits.
    let read = [(20_000, 10), (20_001, 5)];
    assert_eq!(figures(&opened.engine), read);
    drop(opened);

    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let opened = Engine::open(options(dir.path())).unwrap();
    assert!(opened.rebuilt.is_some());
    let engine = opened.engine;
    assert_eq!(contents(&engine.view()), before);
    assert_eq!(engine.index().location("/414/1", MEMBER).unwrap(), Some(location));
    assert_eq!(engine.scans(&item(1).key()).unwrap(), scans);
    assert_eq!(figures(&engine), read);
    // And the log goes on from there.
    let next = engine.submit(submission(event(99, "after"))).await.unwrap();
    assert_eq!(engine.view().entry(next.index).unwrap().entry.event().unwrap().seq, 11);
}

#[tokio::test]
async fn an_index_of_another_time_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let engine = with_member(dir.path()).await;
    engine.submit(submission(event(1, "a"))).await.unwrap();
    drop(engine);
    // An old journal under a newer index: as after restoring half a backup.
    let old = dir.path().join("old");
    copy(&dir.path().join("journal"), &old);
    let engine = open(dir.path());
    engine.submit(submission(event(2, "b"))).await.unwrap();
    drop(engine);
    std::fs::remove_dir_all(dir.path().join("journal")).unwrap();
    std::fs::rename(&old, dir.path().join("journal")).unwrap();
    let opened = Engine::open(options(dir.path())).unwrap();
    assert!(opened.rebuilt.is_some());
    let again = opened.engine.submit(submission(event(2, "b"))).await.unwrap();
    assert!(!again.is_repeat());
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[tokio::test]
async fn erased_words_are_gone_from_the_whole_directory() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let json = format!(
        r#"{{"id":"c1","token":"{}","received_ms":5,"item":"/01/1","brand":"{MEMBER}","topic":"taste","language":"en","text":0}}"#,
        Hash([3; 32])
    );
    let comment: Comment = serde_json::from_str(&json).unwrap();
    assert_eq!(comment.text, Some(Blob(0)));
    engine.state_with(StateRecord::Comment(comment), vec![b"my unmistakable words".to_vec()]).await.unwrap();
    let row = engine.index().comment("c1").unwrap().unwrap();
    let secret = row.secrets[0];
    assert_eq!(engine.blob(&secret).unwrap().unwrap(), b"my unmistakable words");
    assert!(found(dir.path(), b"unmistakable"), "it is in the journal");
    let erase = Erase { secrets: vec![secret], reason: "the author's wish".to_owned(), at_ms: 6 };
    engine.state(StateRecord::Erase(erase)).await.unwrap();
    assert_eq!(engine.blob(&secret).unwrap(), None);
    drop(engine);
    assert!(!found(dir.path(), b"unmistakable"));
    // The chain still holds, with the index and without it.
    drop(open(dir.path()));
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    assert_eq!(open(dir.path()).blob(&secret).unwrap(), None);
}

fn found(path: &Path, words: &[u8]) -> bool {
    std::fs::read_dir(path).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() { found(&path, words) } else { std::fs::read(&path).unwrap().windows(words.len()).any(|w| w == words) }
    })
}

#[tokio::test]
async fn a_directory_has_one_owner() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let error = Engine::open(options(dir.path())).err().expect("refused").to_string();
    assert!(error.contains("in use by another leafproof process"), "{error}");
    drop(engine);
    drop(open(dir.path()));
}

#[tokio::test]
async fn too_much_is_refused_and_the_rest_is_served() {
    let dir = tempfile::tempdir().unwrap();
    let engine = with_member(dir.path()).await;
    let huge = StateRecord::Erase(Erase { secrets: Vec::new(), reason: String::new(), at_ms: 0 });
    let refused = engine.state_with(huge.clone(), vec![vec![0; 20 << 20]]).await;
    assert!(matches!(refused, Err(StateError::TooLarge { .. })));
    // More than the queue's bytes at once: some are refused, none is lost, and afterwards there is room again.
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let (engine, huge) = (engine.clone(), huge.clone());
            tokio::spawn(async move { engine.state_with(huge, vec![vec![1; 15 << 20]]).await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    assert!(outcomes.iter().any(Result::is_ok));
    assert!(outcomes.iter().all(|o| matches!(o, Ok(_) | Err(StateError::Overloaded))));
    engine.submit(submission(event(1, "a"))).await.unwrap();
}

/// Fails the n-th call, half of a write done.
struct Failing(Arc<AtomicI64>);

fn failing_disk(count: Arc<AtomicI64>) -> OpenStore {
    let disk = Box::new(move || Box::new(Failing(Arc::clone(&count))) as Box<dyn Disk>);
    Box::new(store_local::opener(store_local::Options { disk, lock_wait: Duration::ZERO }))
}

impl Failing {
    fn fails(&self) -> bool {
        self.0.fetch_sub(1, Ordering::SeqCst) == 0
    }
}

impl Disk for Failing {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        if self.fails() { Err(io::ErrorKind::StorageFull.into()) } else { OsDisk.create(path) }
    }
    fn write(&mut self, file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
        if self.fails() {
            OsDisk.write(file, at, &bytes[..bytes.len() / 2])?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        OsDisk.write(file, at, bytes)
    }
    fn sync(&mut self, file: &File) -> io::Result<()> {
        if self.fails() { Err(io::Error::other("I/O error")) } else { OsDisk.sync(file) }
    }
    fn truncate(&mut self, file: &File, length: u64) -> io::Result<()> {
        if self.fails() { Err(io::Error::other("I/O error")) } else { OsDisk.truncate(file, length) }
    }
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        if self.fails() { Err(io::Error::other("I/O error")) } else { OsDisk.rename(from, to) }
    }
    fn sync_directory(&mut self, path: &Path) -> io::Result<()> {
        if self.fails() { Err(io::Error::other("I/O error")) } else { OsDisk.sync_directory(path) }
    }
}

/// Each storage call of start, capture, state and erasure fails once: the reason is told, nothing is acknowledged after it, and the next start has
/// all that was acknowledged before.
#[tokio::test]
async fn every_storage_call_may_fail_once() {
    let mut calls = 0;
    for n in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let countdown = Arc::new(AtomicI64::new(n));
        let reasons = Arc::new(Mutex::new(Vec::new()));
        let mut failing = options(dir.path());
        let count = Arc::clone(&countdown);
        failing.store = failing_disk(count);
        let told = Arc::clone(&reasons);
        failing.fatal = Box::new(move |reason| told.lock().unwrap().push(reason.to_owned()));
        let mut acknowledged = Vec::new();
        let mut comments = 0;
        match Engine::open(failing) {
            Err(error) => assert!(error.to_string().contains("Mend the disk"), "{error}"),
            Ok(opened) => {
                let engine = opened.engine;
                if engine.submit(new_member(&engine, MEMBER)).await.is_ok() {
                    for i in 0..3 {
                        if let Ok(accepted) = engine.submit(submission(event(i, "a"))).await {
                            acknowledged.push(accepted);
                        }
                    }
                }
                let record = StateRecord::Erase(Erase { secrets: Vec::new(), reason: "r".to_owned(), at_ms: 0 });
                if let Ok(commitments) = engine.state_with(record, vec![b"blob".to_vec()]).await {
                    comments += 1;
                    let secret = Secret(commitments[0]);
                    let erase = Erase { secrets: vec![secret], reason: "r".to_owned(), at_ms: 0 };
                    let _ = engine.state(StateRecord::Erase(erase)).await;
                }
            }
        }
        let failed = countdown.load(Ordering::SeqCst) < 0;
        calls = n;
        let engine = open(dir.path());
        for accepted in &acknowledged {
            let tile = engine.view().entry(accepted.index).unwrap();
            assert_eq!(leaf_hash(&tile.entry.encode()), accepted.leaf_hash);
        }
        if !failed {
            assert_eq!((acknowledged.len(), comments), (3, 1));
            assert!(reasons.lock().unwrap().is_empty());
            break;
        }
        // The member is admitted now, if the failure came before that.
        let _ = engine.submit(new_member(&engine, MEMBER)).await;
        engine.submit(submission(event(9, "after"))).await.unwrap();
    }
    assert!(calls > 20, "only {calls} storage calls were tried");
}

/// An erasure whose disk fails at any call: after the next start either its entry stands and the words are gone, or neither.
#[tokio::test]
async fn an_erasure_is_whole_or_not_at_all() {
    let mut outcomes = [0, 0];
    for n in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let countdown = Arc::new(AtomicI64::new(i64::MAX));
        let count = Arc::clone(&countdown);
        let mut failing = options(dir.path());
        failing.store = failing_disk(count);
        failing.fatal = Box::new(|_| {});
        let engine = Engine::open(failing).unwrap().engine;
        engine.submit(new_member(&engine, MEMBER)).await.unwrap();
        let said = engine.submit(submission(event(1, "unmistakable"))).await.unwrap();
        let target = engine.view().entry(said.index).unwrap().entry.event().unwrap().clone();
        let mut erasure = event(2, "why");
        let body = target.body_hash(ORIGIN);
        (erasure.kind, erasure.action, erasure.target) = (Kind::Erase, Action::None, body);
        erasure.event_id = ledger::audit::erasure_id(&body);
        erasure.refs.clear();
        let mut too_much = erasure.clone();
        too_much.erased = vec![Part { kind: part_kind::PUBLIC, commitment: Hash([7; 32]) }];
        assert!(matches!(engine.submit(submission(too_much)).await, Err(SubmitError::Target(_))));
        erasure.erased = target.parts;
        countdown.store(n, Ordering::SeqCst);
        let answered = engine.submit(submission(erasure)).await.is_ok();
        let failed = countdown.swap(i64::MAX, Ordering::SeqCst) < 0;
        drop(engine);
        let engine = open(dir.path());
        let stands =
            engine.view().find_event(&Name::member_key(MEMBER), &ledger::audit::erasure_id(&body), Kind::Erase as u8, 0).unwrap().is_some();
        drop(engine);
        assert_eq!(found(dir.path(), b"unmistakable"), !stands, "call {n}");
        assert!(stands || !answered, "call {n}");
        outcomes[usize::from(stands)] += 1;
        if !failed {
            break;
        }
    }
    assert!(outcomes[0] > 0 && outcomes[1] > 1, "both were seen: {outcomes:?}");
}

/// A quiet ledger gets a new signed time, at the same size, with no entry: so it never turns stale by itself.
#[tokio::test]
async fn a_quiet_ledger_is_signed_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path());
    options.recosign = Duration::from_millis(5);
    // A minute goes by between two looks at the clock.
    let clock = AtomicU64::new(1_767_603_600_000);
    options.clock = Arc::new(move || clock.fetch_add(60_000, Ordering::Relaxed));
    let engine = Engine::open(options).unwrap().engine;
    engine.submit(new_member(&engine, MEMBER)).await.unwrap();
    let policy = engine.keys().policy().clone();
    let signed = |view: &View| policy.open(&ledger::note::SignedNote::parse(view.note()).unwrap()).unwrap();
    let first = signed(&engine.view());
    let mut views = engine.views();
    let mut later = first.clone();
    while later.log_time_s <= first.log_time_s {
        views.changed().await.unwrap();
        later = signed(&views.borrow_and_update().clone());
    }
    assert_eq!(later.checkpoint, first.checkpoint, "same size, same root");
}

#[test]
fn a_folder_without_its_journal_starts_no_second_history() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let moved = folder.path().join("elsewhere");
    std::fs::rename(folder.path().join("journal"), &moved).unwrap();
    let refusal = || Engine::open(options(folder.path())).map(|_| ()).unwrap_err().to_string();
    assert!(refusal().contains("fork") && refusal().contains("Restore"), "{}", refusal());
    // An empty folder is no journal, and an index without keys speaks of one too.
    std::fs::create_dir(folder.path().join("journal")).unwrap();
    assert!(refusal().contains("journal is missing"));
    std::fs::rename(folder.path().join("keys"), folder.path().join("put-away")).unwrap();
    std::fs::rename(folder.path().join("policy"), folder.path().join("policy-put-away")).unwrap();
    assert!(refusal().contains("journal is missing"));
    std::fs::rename(folder.path().join("put-away"), folder.path().join("keys")).unwrap();
    std::fs::rename(folder.path().join("policy-put-away"), folder.path().join("policy")).unwrap();
    std::fs::remove_dir(folder.path().join("journal")).unwrap();
    std::fs::rename(moved, folder.path().join("journal")).unwrap();
    open(folder.path());
}
