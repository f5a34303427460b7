//! Witnesses and mirrors: what they sign, what they refuse, and what the server makes of it. Real processes' parts, real HTTP.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::IntoResponse as _;
use axum::{Router, routing::get};
use cosign::client::Client;
use cosign::party::{Party, Refusal};
use cosign::protocol::AddCheckpoint;
use cosign::store;
use engine::keys::Cosigners;
use engine::{Engine, Options, SubmitError};
use ledger::entry::{Body, Entry, RECORD_LEN, Record};
use ledger::name::Name;
use ledger::note::{Checkpoint, NoteSignature, NoteSigner, SignedNote, VKey};
use ledger::policy::Policy;
use ledger::testing::{Draft, TestLedger};
use ledger::tree::TreeSize;
use ledger::verify::{State as Verdict, verify};
use server::gather::{self, Address, Asked};
use server::http::cosigner;
use tower::ServiceExt as _;

use super::app::{App, ITEM, ITEM_URN, commissioning, observed};

const A: &str = "/01/09506000134352/21/1";

/// A log in memory with one item.
fn log() -> TestLedger {
    let mut ledger = TestLedger::new();
    ledger.member("brand.example", 2, &["9506000"]);
    ledger.event("brand.example", Draft::commission(&[A]));
    ledger.head();
    ledger
}

fn size(ledger: &TestLedger) -> u64 {
    ledger.tiles.len() as u64
}

fn leaves(ledger: &TestLedger) -> ledger::tree::MemoryTree {
    let mut tree = ledger::tree::MemoryTree::new();
    for tile in &ledger.tiles {
        tree.append(ledger::entry::leaf_hash(&tile.entry.encode()));
    }
    tree
}

fn request(ledger: &TestLedger, old: u64) -> AddCheckpoint {
    let proof = match old {
        0 => Vec::new(),
        old => leaves(ledger).consistency_proof(TreeSize(old), TreeSize(size(ledger))).unwrap(),
    };
    AddCheckpoint { old, proof, note: ledger.note(&[]) }
}

fn witness(folder: &Path) -> Party {
    Party::witness(folder, "w.example", logs(&log().policy()), base::clock::system()).unwrap()
}

fn logs(policy: &Policy) -> Vec<VKey> {
    policy.logs().iter().map(|log| log.vkey.clone()).collect()
}

#[test]
fn a_witness_signs_what_grows_and_remembers_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = log();
    let first = size(&log);
    let party = witness(folder.path());
    let line = party.add(&request(&log, 0).encode()).unwrap();
    let mut note = log.note(&[]);
    note.extend_from_slice(line.as_bytes());
    let read = ledger::note::SignedNote::parse(&note).unwrap();
    assert!(read.verify(&[party.vkey()]).unwrap()[0].time_s.is_some());
    // The same again gives a newer time, not an error.
    assert!(party.add(&request(&log, first).encode()).is_ok());
    log.event("brand.example", Draft::observe(&[A]));
    log.head();
    assert_eq!(party.add(&request(&log, 0).encode()), Err(Refusal::OtherSize(first)));
    drop(party);
    // It is another process now, with what the first one kept.
    let party = witness(folder.path());
    assert_eq!(party.add(&request(&log, 0).encode()), Err(Refusal::OtherSize(first)));
    assert!(party.add(&request(&log, first).encode()).is_ok());
    assert_eq!(party.add(&request(&log, first).encode()), Err(Refusal::OtherSize(size(&log))));
}

#[test]
fn a_witness_refuses_forks() {
    let folder = tempfile::tempdir().unwrap();
    let party = witness(folder.path());
    let log = log();
    party.add(&request(&log, 0).encode()).unwrap();
    // The same keys, another history, of the same and of a larger size.
    let mut other = TestLedger::new();
    other.member("brand.example", 2, &["9506000"]);
    other.event("brand.example", Draft::observe(&[A]));
    other.head();
    assert_eq!(party.add(&request(&other, size(&log)).encode()), Err(Refusal::OtherRoot(size(&log))));
    other.event("brand.example", Draft::observe(&[A]));
    other.head();
    assert!(matches!(party.add(&request(&other, size(&log)).encode()), Err(Refusal::Fork(_))));
}

#[test]
fn a_witness_refuses_what_the_log_did_not_sign() {
    let folder = tempfile::tempdir().unwrap();
    let party = witness(folder.path());
    let log = log();
    let good = request(&log, 0);
    let mut changed = good.clone();
    let text = String::from_utf8(good.note.clone()).unwrap().replacen(&format!("\n{}\n", size(&log)), "\n99\n", 1);
    changed.note = text.into_bytes();
    assert!(matches!(party.add(&changed.encode()), Err(Refusal::Signature(_))));
    let mut stranger = TestLedger::new();
    stranger.origin = "other.example/1".to_owned();
    stranger.member("brand.example", 2, &["9506000"]);
    stranger.head();
    assert!(matches!(party.add(&request(&stranger, 0).encode()), Err(Refusal::UnknownLog(_))));
    for bad in [b"".to_vec(), b"old 0\n\n".to_vec(), [b"old 9\n\n", good.note.as_slice()].concat()] {
        assert!(matches!(party.add(&bad), Err(Refusal::Malformed(_))));
    }
    let proof = AddCheckpoint { proof: vec![ledger::hash(b"")], ..good };
    assert!(matches!(party.add(&proof.encode()), Err(Refusal::Fork(_))), "no proof leads anywhere from nothing");
}

/// A log that has nothing to do with us: text of its own behind the root, and a signature of a kind that nobody here knows.
fn stranger(size: u64, root: ledger::Hash) -> Vec<u8> {
    let log = NoteSigner::new("sofa.example/log", &[90; 32]).unwrap();
    let text = format!("{}an extension line\n", Checkpoint { origin: "sofa.example/log".into(), size, root }.encode());
    let post_quantum = NoteSignature { name: "sofa.example/log".into(), key_id: [1, 2, 3, 4], bytes: vec![6; 8 + 2420] };
    SignedNote { signatures: vec![post_quantum, log.sign(&text)], text }.encode()
}

/// Asks over HTTP, as a log does that knows the specification alone: status, content type, body.
async fn post(url: &str, body: Vec<u8>) -> (u16, String, String) {
    let url = format!("{url}/add-checkpoint");
    let asked = move || {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent.post(url).send(&body[..]).unwrap();
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default();
        (answer.status().as_u16(), kind, answer.body_mut().read_to_string().unwrap())
    };
    tokio::task::spawn_blocking(asked).await.unwrap()
}

#[tokio::test]
async fn a_witness_answers_any_log_it_was_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let mut known = logs(&log().policy());
    known.push(NoteSigner::new("sofa.example/log", &[90; 32]).unwrap().vkey());
    let party = Party::witness(folder.path(), "w.example", known, base::clock::system()).unwrap();
    let key = party.vkey();
    let url = serve(cosigner::router(Arc::new(party))).await;
    let mut tree = ledger::tree::MemoryTree::new();
    tree.extend((0..5).map(|leaf: u8| ledger::entry::leaf_hash(&[leaf])));
    let note = |size: u64| stranger(size, tree.root_at(TreeSize(size)).unwrap());
    let lines = |old: u64, new: u64| tree.consistency_proof(TreeSize(old), TreeSize(new)).unwrap();
    let body = |old, proof: Vec<ledger::Hash>, note| AddCheckpoint { old, proof, note }.encode();

    let (status, _, answer) = post(&url, body(0, Vec::new(), note(3))).await;
    assert_eq!(status, 200);
    let whole = [note(3), answer.into_bytes()].concat();
    assert!(SignedNote::parse(&whole).unwrap().verify(&[key]).unwrap()[0].time_s.is_some(), "the whole text was signed");

    let conflict = |size: &str| (409, "text/x.tlog.size".to_owned(), format!("{size}\n"));
    assert_eq!(post(&url, body(0, Vec::new(), note(5))).await, conflict("3"));
    assert_eq!(post(&url, body(3, Vec::new(), stranger(3, ledger::hash(b"another root")))).await, conflict("3"));
    let status = async |body| post(&url, body).await.0;
    assert_eq!(status(body(3, lines(2, 5), note(5))).await, 422);
    assert_eq!(status(body(3, Vec::new(), note(5))).await, 422);
    assert_eq!(status(body(5, Vec::new(), note(3))).await, 400, "the old size is beyond the new one");
    assert_eq!(status(body(3, vec![ledger::hash(b""); 64], note(5))).await, 400, "63 lines are the most");
    assert_eq!(status(b"old 3\n".to_vec()).await, 400);
    let forged = String::from_utf8(note(5)).unwrap().replacen("\n5\n", "\n6\n", 1).into_bytes();
    assert_eq!(status(body(3, lines(3, 5), forged)).await, 403);
    let nobody = String::from_utf8(note(5)).unwrap().replace("sofa.example/log", "chair.example/log").into_bytes();
    assert_eq!(status(body(3, lines(3, 5), nobody)).await, 404);
    assert_eq!(status(body(3, lines(3, 5), note(5))).await, 200);
    // Each log has a history of its own.
    let own = log();
    assert_eq!(status(request(&own, 0).encode()).await, 200);
    assert_eq!(status(body(5, Vec::new(), note(5))).await, 200);
}

#[test]
fn a_witness_needs_logs_and_their_keys() {
    let folder = tempfile::tempdir().unwrap();
    let cosigner = NoteSigner::new("sofa.example/log", &[90; 32]).unwrap().cosigner().vkey();
    for logs in [Vec::new(), vec![cosigner]] {
        assert!(Party::witness(folder.path(), "w.example", logs, base::clock::system()).is_err());
    }
}

/// Leaves and their records.
type Shown = Arc<Mutex<Vec<(Vec<u8>, Vec<u8>)>>>;

/// Serves entries and records as one partial tile each, whatever they are.
async fn serve_entries(shown: Shown) -> String {
    async fn tile(State(shown): State<Shown>, axum::extract::Path(path): axum::extract::Path<String>) -> axum::response::Response {
        let (kind, number) = path.split_once('/').unwrap();
        let Some(width) = number.strip_prefix("000.p/").and_then(|width| width.parse::<usize>().ok()) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let all = shown.lock().unwrap();
        let framed = |(leaf, records): &(Vec<u8>, Vec<u8>)| match kind {
            "entries" => [&(leaf.len() as u16).to_be_bytes()[..], leaf].concat(),
            _ => [&((records.len() / RECORD_LEN) as u16).to_be_bytes()[..], records].concat(),
        };
        all.iter().take(width).flat_map(framed).collect::<Vec<u8>>().into_response()
    }
    serve(Router::new().route("/tile/{*path}", get(tile)).with_state(shown)).await
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn entries(ledger: &TestLedger) -> Vec<(Vec<u8>, Vec<u8>)> {
    ledger.tiles.iter().map(|tile| (tile.entry.encode(), tile.records.iter().flat_map(Record::bytes).collect())).collect()
}

async fn add(party: &Arc<Party>, request: AddCheckpoint) -> Result<String, Refusal> {
    let party = Arc::clone(party);
    tokio::task::spawn_blocking(move || party.add(&request.encode())).await.unwrap()
}

fn mirror(folder: &Path, url: &str) -> Arc<Party> {
    Arc::new(Party::mirror(folder, "m.example", &log().policy(), base::clock::system(), url, None).unwrap())
}

#[tokio::test]
async fn a_mirror_signs_what_it_has_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = log();
    let shown: Shown = Arc::new(Mutex::new(entries(&log)));
    let url = serve_entries(Arc::clone(&shown)).await;
    let party = mirror(folder.path(), &url);
    let first = size(&log);
    add(&party, request(&log, 0)).await.unwrap();
    log.event("brand.example", Draft::observe(&[A]));
    log.head();
    let bigger = request(&log, first);
    // The tiles lag behind: not now.
    assert!(matches!(add(&party, bigger.clone()).await, Err(Refusal::Later(_))));
    // Somebody on the way changes a byte: not now either, for it need not be the log's doing.
    let mut changed = entries(&log);
    *changed.last_mut().unwrap().0.last_mut().unwrap() ^= 1;
    *shown.lock().unwrap() = changed;
    assert!(matches!(add(&party, bigger.clone()).await, Err(Refusal::Later(_))));
    *shown.lock().unwrap() = entries(&log);
    add(&party, bigger.clone()).await.unwrap();
    drop(party);
    // Its copy is taken up again: the first tiles are not needed any more.
    let party = mirror(folder.path(), &url);
    add(&party, request(&log, size(&log))).await.unwrap();
}

/// The log signs the root of its records and not the tile that holds them: other ones accuse whoever served them, never the log.
#[tokio::test]
async fn records_that_nobody_signed_are_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = log();
    let shown: Shown = Arc::new(Mutex::new(entries(&log)));
    let party = mirror(folder.path(), &serve_entries(Arc::clone(&shown)).await);
    let event = log.tiles.iter().position(|tile| !tile.records.is_empty()).unwrap();
    let spoilt: [fn(&mut Vec<u8>); 4] =
        [|records| records[0] ^= 0x04, |records| records[33] ^= 1, |records| records.extend([1; RECORD_LEN]), |records| records.clear()];
    for spoil in spoilt {
        let mut changed = entries(&log);
        spoil(&mut changed[event].1);
        *shown.lock().unwrap() = changed;
        let Err(Refusal::Later(why)) = add(&party, request(&log, 0)).await else { panic!("not now, and no more than that") };
        assert!(why.contains(&format!("records of entry {event}")), "{why}");
    }
    // Where an entry has none, there are none to be made up.
    let mut changed = entries(&log);
    changed[0].1.extend([1; RECORD_LEN]);
    *shown.lock().unwrap() = changed;
    assert!(matches!(add(&party, request(&log, 0)).await, Err(Refusal::Later(_))));
    *shown.lock().unwrap() = entries(&log);
    add(&party, request(&log, 0)).await.unwrap();
}

#[tokio::test]
async fn a_mirror_never_signs_over_a_broken_rule() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = log();
    let (mut event, records) = log.sign("brand.example", Draft::observe(&[A]));
    event.event_ms -= 1;
    log.append(Entry { logged_ms: log.now_ms, body: Body::Event(event) }, records);
    log.head();
    let shown: Shown = Arc::new(Mutex::new(entries(&log)));
    let party = mirror(folder.path(), &serve_entries(shown).await);
    for _ in 0..2 {
        let Err(Refusal::Fork(what)) = add(&party, request(&log, 0)).await else { panic!("it must be refused") };
        assert!(what.contains("signature"), "{what}");
    }
    // A witness looks at none of this; that is what the mirror is for.
    let witness_folder = tempfile::tempdir().unwrap();
    assert!(witness(witness_folder.path()).add(&request(&log, 0).encode()).is_ok());
}

/// What a mirror kept: its copy of the entries, and the note of the checkpoint that it signed last.
#[derive(Clone, PartialEq, Eq)]
struct Kept {
    entries: Vec<u8>,
    note: Option<Vec<u8>>,
}

fn note_path(folder: &Path) -> std::path::PathBuf {
    folder.join("logs").join(ledger::hash(log().origin.as_bytes()).to_string())
}

fn kept(folder: &Path) -> Kept {
    Kept { entries: std::fs::read(folder.join("entries")).unwrap(), note: std::fs::read(note_path(folder)).ok() }
}

/// A mirror that starts where this is on its disk.
fn start_from(kept: &Kept, folder: &Path, url: &str, now_ms: &Arc<AtomicU64>) -> Arc<Party> {
    std::fs::write(folder.join("entries"), &kept.entries).unwrap();
    match &kept.note {
        Some(note) => std::fs::write(note_path(folder), note).unwrap(),
        None => std::fs::remove_file(note_path(folder)).unwrap(),
    }
    timed_mirror(folder, url, now_ms)
}

fn timed_mirror(folder: &Path, url: &str, now_ms: &Arc<AtomicU64>) -> Arc<Party> {
    let now_ms = Arc::clone(now_ms);
    let clock = Arc::new(move || now_ms.load(Ordering::SeqCst));
    Arc::new(Party::mirror(folder, "m.example", &log().policy(), clock, url, None).unwrap())
}

/// Asks it as the log's server does, without a connection that would keep it alive: status and body.
async fn asked(party: &Arc<Party>, request: &AddCheckpoint) -> (StatusCode, String) {
    let request = axum::http::Request::post("/add-checkpoint").body(axum::body::Body::from(request.encode())).unwrap();
    let answer = cosigner::router(Arc::clone(party)).oneshot(request).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 16).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn grow(log: &mut TestLedger, shown: &Shown) {
    log.event("brand.example", Draft::observe(&[A]));
    log.head();
    *shown.lock().unwrap() = entries(log);
}

/// Twenty minutes slow for one capture, then right: the entries of that capture are kept like all others.
#[tokio::test]
async fn a_mirror_whose_clock_was_wrong_goes_on_when_it_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = log();
    let shown: Shown = Arc::new(Mutex::new(entries(&log)));
    let url = serve_entries(Arc::clone(&shown)).await;
    let clock = Arc::new(AtomicU64::new(log.now_ms));
    let mut party = timed_mirror(folder.path(), &url, &clock);
    assert_eq!(asked(&party, &request(&log, 0)).await.0, StatusCode::OK);
    let first = size(&log);

    grow(&mut log, &shown);
    clock.store(log.now_ms - 20 * 60_000, Ordering::SeqCst);
    for _ in 0..2 {
        let (status, why) = asked(&party, &request(&log, first)).await;
        assert!(status == StatusCode::SERVICE_UNAVAILABLE && why.contains("ahead of this clock"), "{status} {why}");
    }
    clock.store(log.now_ms, Ordering::SeqCst);
    grow(&mut log, &shown);
    assert_eq!(asked(&party, &request(&log, first)).await.0, StatusCode::OK);
    let whole = entries(&log).into_iter().flat_map(|(leaf, records)| {
        let length = (leaf.len() + records.len()) as u16;
        [&length.to_be_bytes()[..], &leaf, &records].concat()
    });
    assert!(kept(folder.path()).entries == whole.collect::<Vec<u8>>(), "a gap is left in its copy");
    for start in 1..=2 {
        drop(party);
        party = timed_mirror(folder.path(), &url, &clock);
        let known = size(&log);
        grow(&mut log, &shown);
        let (status, why) = asked(&party, &request(&log, known)).await;
        assert_eq!(status, StatusCode::OK, "start {start}: {why}");
    }
}

/// A mirror that signed twice, and its disk before and after the second time.
async fn signed_twice(folder: &Path, log: &mut TestLedger) -> (Kept, Kept, Shown, String, Arc<AtomicU64>) {
    let shown: Shown = Arc::new(Mutex::new(entries(log)));
    let url = serve_entries(Arc::clone(&shown)).await;
    let clock = Arc::new(AtomicU64::new(log.now_ms));
    let party = timed_mirror(folder, &url, &clock);
    assert_eq!(asked(&party, &request(log, 0)).await.0, StatusCode::OK);
    let (before, known) = (kept(folder), size(log));
    grow(log, &shown);
    assert_eq!(asked(&party, &request(log, known)).await.0, StatusCode::OK);
    (before, kept(folder), shown, url, clock)
}

/// Entries are on disk before the note, and the note before the answer: a kill leaves any part of the new entries beside the old note.
#[tokio::test]
async fn a_mirror_that_was_killed_between_its_steps_signs_after_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = log();
    let known = size(&log);
    let (before, after, _shown, url, clock) = signed_twice(folder.path(), &mut log).await;
    for written in (before.entries.len()..after.entries.len()).step_by(7).chain([after.entries.len()]) {
        let left = Kept { entries: after.entries[..written].to_vec(), note: before.note.clone() };
        let party = start_from(&left, folder.path(), &url, &clock);
        let (status, why) = asked(&party, &request(&log, known)).await;
        assert_eq!(status, StatusCode::OK, "killed after {written} bytes: {why}");
        assert!(kept(folder.path()).entries == after.entries, "killed after {written} bytes");
    }
    // Before anything was signed there is no note at all.
    let left = Kept { entries: after.entries[..before.entries.len() / 2].to_vec(), note: None };
    let party = start_from(&left, folder.path(), &url, &clock);
    assert_eq!(asked(&party, &request(&log, 0)).await.0, StatusCode::OK);
}

/// What is wrong with a copy is the disk's doing, and no answer blames the log for it. The gap is what an earlier version left.
#[tokio::test]
async fn a_mirror_reads_again_what_its_disk_spoilt() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = log();
    let (before, after, shown, url, clock) = signed_twice(folder.path(), &mut log).await;
    let known = size(&log);
    let party = start_from(&after, folder.path(), &url, &clock);
    grow(&mut log, &shown);
    assert_eq!(asked(&party, &request(&log, known)).await.0, StatusCode::OK);
    drop(party);
    let good = kept(folder.path());
    let mut spoilt: Vec<Vec<u8>> = vec![
        Vec::new(),
        good.entries[..good.entries.len() - 1].to_vec(),
        [&good.entries[..before.entries.len()], &good.entries[after.entries.len()..]].concat(),
        [&good.entries[..], b"more"].concat(),
    ];
    spoilt.extend((0..good.entries.len()).step_by(13).map(|at| {
        let mut entries = good.entries.clone();
        entries[at] ^= 0x10;
        entries
    }));
    for (case, entries) in spoilt.into_iter().enumerate() {
        let party = start_from(&Kept { entries, note: good.note.clone() }, folder.path(), &url, &clock);
        let (status, why) = asked(&party, &request(&log, size(&log))).await;
        assert_eq!(status, StatusCode::OK, "case {case}: {why}");
        assert!(kept(folder.path()) == good, "case {case}");
    }

    // Whoever runs the log gains nothing by it: with an empty copy too, it signs what continues its last signature and nothing else.
    let mut fork = self::log();
    fork.event("brand.example", Draft::observe(&["/01/09506000134352/21/2"]));
    fork.head();
    grow(&mut fork, &shown);
    grow(&mut fork, &shown);
    let party = start_from(&Kept { entries: Vec::new(), note: good.note.clone() }, folder.path(), &url, &clock);
    assert_eq!(asked(&party, &request(&fork, size(&log))).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, why) = asked(&party, &request(&log, size(&log))).await;
    assert!(status == StatusCode::SERVICE_UNAVAILABLE && why.contains("signed root"), "the fork's tiles: {status} {why}");
    *shown.lock().unwrap() = entries(&log);
    assert_eq!(asked(&party, &request(&log, size(&log))).await.0, StatusCode::OK);
}

/// A site with two witnesses and a mirror, all answering.
struct Cosigned {
    app: App,
    addresses: Vec<Address>,
    _folder: tempfile::TempDir,
}

async fn cosigned() -> Cosigned {
    let folder = tempfile::tempdir().unwrap();
    let key = |name: &str| (name.to_owned(), store::cosigner(&folder.path().join(name), name).unwrap().vkey());
    let cosigners = Cosigners { witnesses: vec![key("w1"), key("w2")], mirrors: vec![key("m1")] };
    let app = App::cosigned_by(cosigners).await;
    let log = serve(app.router.clone()).await;
    let policy = || app.engine.keys().policy().clone();
    let mut addresses = Vec::new();
    for name in ["w1", "w2", "m1"] {
        let place = folder.path().join(name);
        let party = match name {
            "m1" => Party::mirror(&place, name, &policy(), base::clock::system(), &log, None),
            _ => Party::witness(&place, name, logs(&policy()), base::clock::system()),
        };
        let url = serve(cosigner::router(Arc::new(party.unwrap()))).await;
        addresses.push(Address { name: name.to_owned(), url });
    }
    Cosigned { app, addresses, _folder: folder }
}

/// Asks one co-signer once.
async fn ask(engine: &Engine, address: &Address, mut known: u64) -> Asked {
    let (engine, address) = (engine.clone(), address.clone());
    let asked = move || gather::ask(&engine, &Client::new(None), &address, &engine.view(), &mut known);
    tokio::task::spawn_blocking(asked).await.unwrap()
}

/// Waits until the newest version bears this many co-signatures.
async fn signatures(engine: &Engine, count: usize) {
    let mut views = engine.views();
    let policy = engine.keys().policy().clone();
    let bears = |view: &Arc<engine::View>| {
        let note = ledger::note::SignedNote::parse(view.note()).unwrap();
        policy.open(&note).unwrap().cosigned.len() == count
    };
    views.wait_for(bears).await.unwrap();
}

fn verdict(engine: &Engine, path: &str) -> (Verdict, String) {
    let name = Name::from_digital_link_path(path).unwrap();
    let policy = Policy::parse(engine.keys().policy().encode().as_bytes()).unwrap();
    let report = verify(&engine.bundle(&name).unwrap(), &policy, Some(&name.bytes()), base::clock::now_ms(), &[]);
    (report.state, report.text)
}

/// What the site shows of the item: a proof that is kept is the one that would be built anew, to the byte.
async fn shown(app: &App) -> (Verdict, String) {
    let anew = app.engine.bundle(&Name::from_digital_link_path(ITEM).unwrap()).unwrap();
    for time in ["first", "second"] {
        let plain = app.get(&format!("/bundle{ITEM}")).await;
        assert!(plain.body == anew, "the {time} time");
        let small = app.with(Method::GET, &format!("/bundle{ITEM}"), &[("accept-encoding", "br")]).await;
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut &small.body[..], &mut unpacked).unwrap();
        assert!(unpacked == anew && small.header("etag") != plain.header("etag"), "the {time} time, compressed");
    }
    verdict(&app.engine, ITEM)
}

#[tokio::test]
async fn co_signatures_reach_the_bundle_and_an_unchanged_item_keeps_them() {
    let Cosigned { app, addresses, _folder } = cosigned().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    assert_eq!(shown(&app).await.0, Verdict::NotCosigned);
    // One witness alone is no quorum.
    assert_eq!(ask(&app.engine, &addresses[0], 0).await, Asked::Signed);
    signatures(&app.engine, 1).await;
    assert_eq!(shown(&app).await.0, Verdict::NotCosigned);
    assert_eq!(ask(&app.engine, &addresses[1], 0).await, Asked::Signed);
    signatures(&app.engine, 2).await;
    let (state, text) = shown(&app).await;
    assert_eq!(state, Verdict::Verified);
    assert!(text.contains("complete\toperator\n"), "without the mirror the index is the operator's own");
    assert_eq!(ask(&app.engine, &addresses[2], 0).await, Asked::Signed);
    signatures(&app.engine, 3).await;
    assert!(shown(&app).await.1.contains("complete\tmirrors\n"));

    // The ledger grows by another item's record: this one's proof is the co-signed one still.
    app.taken("rival.example", vec![commissioning("2", "urn:epc:id:sgtin:9529999.000001.X1")]).await;
    let (state, _) = shown(&app).await;
    assert_eq!(state, Verdict::Verified);
    // By its own record: the newest, not yet co-signed.
    app.taken("brand.example", vec![observed("3", ITEM_URN, "storing", "urn:epc:id:sgln:9521234.00000.0")]).await;
    assert_eq!(shown(&app).await.0, Verdict::NotCosigned);
}

#[tokio::test]
async fn co_signatures_survive_a_restart() {
    let Cosigned { app, addresses, _folder } = cosigned().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    for address in &addresses {
        assert_eq!(ask(&app.engine, address, 0).await, Asked::Signed);
    }
    signatures(&app.engine, 3).await;
    // The index is not in the copy: it is made anew at the first start, and taken up at the second.
    let copy = backup(&app);
    for start in 1..=2 {
        let engine = Engine::open(Options::new(copy.path(), "unused", store_local::open)).unwrap().engine;
        assert_eq!(verdict(&engine, ITEM).0, Verdict::Verified, "start {start}");
    }
}

/// A copy of a site's journal, keys and policy, as they are on disk now.
fn backup(app: &App) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for folder in ["", "keys", "keys/members", "journal"] {
        std::fs::create_dir_all(copy.path().join(folder)).unwrap();
        for file in std::fs::read_dir(app.folder.path().join(folder)).unwrap() {
            let file = file.unwrap();
            if file.file_type().unwrap().is_file() {
                std::fs::copy(file.path(), copy.path().join(folder).join(file.file_name())).unwrap();
            }
        }
    }
    copy
}

#[tokio::test]
async fn a_ledger_that_lost_its_end_takes_no_more_records() {
    let Cosigned { app, addresses, _folder } = cosigned().await;
    let before = backup(&app);
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    assert_eq!(ask(&app.engine, &addresses[0], 0).await, Asked::Signed);

    let old = Engine::open(Options::new(before.path(), "unused", store_local::open)).unwrap().engine;
    let Asked::Fork(why) = ask(&old, &addresses[0], 0).await else { panic!("it must be a fork") };
    old.halt(why);
    let refused = old.submit(engine::Submission::Notice(ledger::entry::Notice {
        notice: ledger::entry::NoticeKind::Feedback,
        key: Name::from_digital_link_path(ITEM).unwrap().key(),
        commitment: ledger::hash(b""),
    }));
    assert!(matches!(refused.await, Err(SubmitError::Halted(_))));
}

/// Answers as a witness of C2SP's own making may: with lines of several keys, of which ours knows one.
#[tokio::test]
async fn lines_of_unknown_keys_never_reach_a_note() {
    let Cosigned { app, addresses, _folder } = cosigned().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let inner = addresses[0].url.clone();
    let forward = move |body: axum::body::Bytes| async move {
        let (_, _, line) = post(&inner, body.to_vec()).await;
        let mut lines = String::new();
        NoteSignature { name: "w1".into(), key_id: [6, 6, 6, 6], bytes: vec![6; 8 + 2420] }.encode(&mut lines);
        lines + &line
    };
    let url = serve(Router::new().route("/add-checkpoint", axum::routing::post(forward))).await;
    assert_eq!(ask(&app.engine, &Address { name: "w1".to_owned(), url }, 0).await, Asked::Signed);
    signatures(&app.engine, 1).await;
    let view = app.engine.view();
    let note = SignedNote::parse(view.note()).unwrap();
    assert!(note.signatures.iter().all(|signature| signature.key_id != [6, 6, 6, 6]), "a phone would carry it for nothing");
}

/// The size is its own and the root is not: one of the two histories is a lie.
#[tokio::test]
async fn another_root_for_its_own_size_ends_the_taking_of_records() {
    let Cosigned { app, addresses, _folder } = cosigned().await;
    app.taken("brand.example", vec![commissioning("1", ITEM_URN)]).await;
    let engine = &app.engine;
    let size = engine.view().size();
    let answer = move || async move { (StatusCode::CONFLICT, [("content-type", "text/x.tlog.size")], format!("{size}\n")) };
    let url = serve(Router::new().route("/add-checkpoint", axum::routing::post(answer))).await;
    let witness = Address { name: addresses[0].name.clone(), url };
    let Asked::Fork(why) = ask(engine, &witness, size).await else { panic!("it must be a fork") };
    assert!(why.contains("another root"), "{why}");
}

#[tokio::test]
async fn a_silent_co_signer_is_named_and_asked_again() {
    let Cosigned { app, addresses, _folder } = cosigned().await;
    let nobody = Address { name: "w1".to_owned(), url: "http://127.0.0.1:1".to_owned() };
    assert!(matches!(ask(&app.engine, &nobody, 0).await, Asked::Refused(_)));
    // A wrong idea of what it knows is put right by its own answer.
    assert_eq!(ask(&app.engine, &addresses[0], 0).await, Asked::Signed);
    assert_eq!(ask(&app.engine, &addresses[0], 1).await, Asked::Signed);
}
