//! A process that is killed in the middle of captures and state records, at random and at each of its storage calls: whatever it
//! acknowledged is there afterwards, and no size ever has two roots.
//!
//! The child is this test program again, with `KILL_DIR` set: it works until it is killed and prints a line for each acknowledgement.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking, and a child prints")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use engine::{Engine, NewEvent, Options, Submission, SubmitError};
use ledger::Hash;
use ledger::entry::{Action, Authority, Class, Custody, Kind, Member, Record, event_id, leaf_hash, part_kind, record_role};
use ledger::name::Name;
use ledger::testing::new_member;
use ledger::tree::{MemoryTree, TreeSize};
use store::record::{Erase, Location, StateRecord};
use store::rows::ScanCount;
use store_local::journal::{Disk, OsDisk};

const MEMBER: &str = "beihe.example";
/// Tasks of the child that work at the same time.
const WRITERS: u64 = 4;
/// Acknowledgements after which a child ends by itself: more than any round waits for.
const ENOUGH: u64 = 300;

fn options(data: &Path) -> Options {
    Options::new(data, "ledger.example/kill", store_local::open)
}

/// Ends the process before, in the middle of, or after the n-th storage call.
struct Deadly {
    calls: Arc<AtomicI64>,
}

impl Deadly {
    fn count(&self) -> i64 {
        self.calls.fetch_sub(1, Ordering::SeqCst)
    }

    fn around<T>(&self, call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        match self.count() {
            1 => std::process::abort(),
            0 => {
                let done = call();
                drop(done);
                std::process::abort()
            }
            _ => call(),
        }
    }
}

impl Disk for Deadly {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        self.around(|| OsDisk.create(path))
    }
    fn write(&mut self, file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
        if self.count() == 0 {
            OsDisk.write(file, at, &bytes[..bytes.len() / 2])?;
            std::process::abort();
        }
        self.around(|| OsDisk.write(file, at, bytes))
    }
    fn sync(&mut self, file: &File) -> io::Result<()> {
        self.around(|| OsDisk.sync(file))
    }
    fn truncate(&mut self, file: &File, length: u64) -> io::Result<()> {
        self.around(|| OsDisk.truncate(file, length))
    }
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.around(|| OsDisk.rename(from, to))
    }
    fn sync_directory(&mut self, path: &Path) -> io::Result<()> {
        self.around(|| OsDisk.sync_directory(path))
    }
}

/// Not a test of its own: what the others start as a child.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Ok(data) = std::env::var("KILL_DIR") else {
        return;
    };
    let mut options = options(Path::new(&data));
    if let Ok(calls) = std::env::var("KILL_CALL") {
        let calls = Arc::new(AtomicI64::new(calls.parse().unwrap()));
        let disk = Box::new(move || Box::new(Deadly { calls: Arc::clone(&calls) }) as Box<dyn Disk>);
        options.store = Box::new(store_local::opener(store_local::Options { disk, ..Default::default() }));
    }
    let engine = Engine::open(options).unwrap_or_else(|e| panic!("{e}")).engine;
    join(&engine).await;
    let run = engine.now_ms();
    let said = Arc::new(AtomicU64::new(0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (engine, said) = (engine.clone(), Arc::clone(&said));
            tokio::spawn(async move {
                for n in writer.. {
                    work(&engine, &format!("{run}-{writer}-{n}"), n).await;
                    if said.fetch_add(1, Ordering::SeqCst) > ENOUGH {
                        return;
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn join(engine: &Engine) {
    if !engine.view().member(MEMBER).unwrap().is_empty() {
        return;
    }
    let mut member = Member { custody: Custody::Held, ..new_member(MEMBER, engine.keys().make_member().unwrap(), &[]) };
    member.sign(engine.keys().origin(), engine.keys().governance().unwrap());
    let joined = engine.submit(Submission::Member(Box::new(member))).await;
    assert!(matches!(joined, Ok(_) | Err(SubmitError::Member { .. })), "{joined:?}");
}

/// One captured event, or one state record with a blob that is erased at once; printed once it is acknowledged.
async fn work(engine: &Engine, id: &str, n: u64) {
    if n % 3 == 2 {
        let location = Location { member: MEMBER.to_owned(), path: id.to_owned(), names: BTreeMap::new() };
        let blob = format!("words of {id}").into_bytes();
        let commitments = engine.state_with(StateRecord::Location(location), vec![blob]).await.unwrap();
        say(&format!("state {id}"));
        let secret = store::record::Secret(commitments[0]);
        let erase = Erase { secrets: vec![secret], reason: "test".to_owned(), at_ms: 0 };
        engine.state(StateRecord::Erase(erase)).await.unwrap();
        say(&format!("erased {id}"));
        return;
    }
    let event = NewEvent {
        event_ms: 1_700_000_000_000,
        kind: Kind::Object,
        action: Action::Observe,
        class: Class::Ordinary,
        event_id: event_id(id.as_bytes()),
        chunk: 0,
        chunks: 1,
        target: Hash::ZERO,
        authorities: vec![Authority::unowned("")],
        refs: Vec::new(),
        records: vec![Record { role: record_role::OBJECT, authority: 0, key: Name::Printed(id.to_owned()).key() }],
        parts: vec![(part_kind::PUBLIC, format!("/id\ts{id}\n").into_bytes())],
        parts_of: None,
        erased: Vec::new(),
    };
    let submission = Submission::Custodial { member: MEMBER.to_owned(), event: Box::new(event) };
    let accepted = engine.submit(submission).await.unwrap();
    let view = engine.view();
    say(&format!("entry {} {} {id}", accepted.index, accepted.leaf_hash));
    say(&format!("root {} {}", view.size(), view.checkpoint().root));
}

fn say(line: &str) {
    // println! locks, so that lines of several tasks stay whole; the test harness is told not to keep them.
    println!("KILL {line}");
}

/// What children acknowledged so far.
#[derive(Default)]
struct Acknowledged {
    entries: BTreeMap<u64, (Hash, String)>,
    states: BTreeSet<String>,
    erased: BTreeSet<String>,
    roots: BTreeMap<u64, Hash>,
}

impl Acknowledged {
    fn take(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["entry", index, hash, id] => {
                let entry = (hash.parse().unwrap(), id.to_owned());
                let before = self.entries.insert(index.parse().unwrap(), entry.clone());
                assert!(before.is_none_or(|before| before == entry), "one place, two entries");
            }
            ["root", size, root] => {
                let root = root.parse().unwrap();
                let before = self.roots.insert(size.parse().unwrap(), root);
                assert!(before.is_none_or(|before| before == root), "two roots for size {size}");
            }
            ["state", id] => drop(self.states.insert(id.to_owned())),
            ["erased", id] => drop(self.erased.insert(id.to_owned())),
            _ => panic!("{line}"),
        }
    }

    /// Starts a child and kills it once `lines` acknowledgements were read; those that were on their way count as well.
    fn round(&mut self, data: &Path, lines: usize, call: Option<i64>) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["child", "--exact", "--nocapture", "--test-threads=1"]).env("KILL_DIR", data);
        if let Some(call) = call {
            command.env("KILL_CALL", call.to_string());
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut read = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            // The harness writes "test child ... " before the first one.
            let Some((_, said)) = line.split_once("KILL ") else {
                continue;
            };
            // A write of less than 4 KiB to a pipe is never torn, not even by a kill.
            self.take(said);
            read += 1;
            if read == lines {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
    }

    /// Opens what the child left, and looks for everything.
    fn check(&self, data: &Path) {
        let opened = Engine::open(options(data)).unwrap_or_else(|e| panic!("{e}"));
        let engine = opened.engine;
        let view = engine.view();
        let mut tree = MemoryTree::new();
        for index in 0..view.size() {
            tree.append(leaf_hash(&view.entry(index).unwrap().entry.encode()));
        }
        assert_eq!(tree.root(), view.checkpoint().root);
        for (index, (hash, id)) in &self.entries {
            let entry = view.entry(*index).unwrap();
            assert_eq!(leaf_hash(&entry.entry.encode()), *hash, "entry {index}");
            let event = entry.entry.event().unwrap();
            let words = view.part_bytes(event.public_part().unwrap()).unwrap().unwrap();
            assert_eq!(words, format!("/id\ts{id}\n").into_bytes());
        }
        for (size, root) in &self.roots {
            assert_eq!(tree.root_at(TreeSize(*size)).unwrap(), *root, "size {size}");
        }
        for id in &self.states {
            assert!(engine.index().location(id, MEMBER).unwrap().is_some(), "state {id}");
        }
        assert_eq!(engine.scans(&Name::Printed("never".to_owned()).key()).unwrap(), ScanCount::default());
        drop(engine);
        let journal = std::fs::read(data.join("journal/0000000000000000.journal2")).unwrap();
        for id in &self.erased {
            assert!(!contains(&journal, &format!("words of {id}")), "{id}");
        }
    }
}

fn contains(bytes: &[u8], words: &str) -> bool {
    // An id can be the beginning of another one.
    let ends = |at: usize| bytes.get(at + words.len()).is_none_or(|byte| !byte.is_ascii_digit());
    bytes.windows(words.len()).enumerate().any(|(at, window)| window == words.as_bytes() && ends(at))
}

fn forget_index(data: &Path) {
    let index: PathBuf = data.join("index");
    if index.exists() {
        std::fs::remove_dir_all(index).unwrap();
    }
}

#[test]
fn killed_at_random_a_hundred_times() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::default();
    let mut random: u64 = 0x5eed;
    let mut counts = [0; 3];
    // A slow machine acknowledges less before each kill: then there are more kills, until enough of each kind was at risk.
    for round in 0..400 {
        if round >= 100 && counts[0] > 100 && counts[1] > 30 && counts[2] > 10 {
            break;
        }
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let lines = 1 + (random >> 33) as usize % 12;
        acknowledged.round(dir.path(), lines, None);
        if round % 10 == 9 {
            // Now and then the index is lost with it.
            if round % 20 == 19 {
                forget_index(dir.path());
            }
            acknowledged.check(dir.path());
        }
        counts = [acknowledged.entries.len(), acknowledged.states.len(), acknowledged.erased.len()];
    }
    assert!(counts[0] > 100 && counts[1] > 30 && counts[2] > 10, "{counts:?}");
}

#[test]
fn killed_at_each_storage_call() {
    let mut most = 0;
    for call in 0..70 {
        let dir = tempfile::tempdir().unwrap();
        let mut acknowledged = Acknowledged::default();
        acknowledged.round(dir.path(), usize::MAX, Some(call));
        most = most.max(acknowledged.entries.len());
        acknowledged.check(dir.path());
        if call % 3 == 0 {
            // Once more from there.
            acknowledged.round(dir.path(), 5, None);
            acknowledged.check(dir.path());
        }
    }
    assert!(most > 5, "the last calls came after {most} acknowledged entries only");
}
