//! Opening a data directory: what keeps it, the log as it was, and the writer's thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use base::clock::Clock;
use ledger::Hash;
use ledger::entry::{Body, TileEntry};
use ledger::note::{Checkpoint, SignedNote};
use ledger::tree::TreeSize;
use store::record::StateRecord;
use store::table::MEMBERS;
use store::{Index, Item, Leaf, Recovered, ReplayError, StoreError, StoredEntry, Taken, Writer, rows};
use tokio::sync::watch;

use crate::cosigned::Gathered;
use crate::error::EngineError;
use crate::keys::{First, Keys};
use crate::log::Log;
use crate::sequencer::{Sequencer, signed_view};
use crate::{Engine, Inner, QUEUE_COMMANDS};

base::limits! {
    /// A quiet ledger's checkpoint gets a new signed time this often, so that it never turns stale by itself.
    RECOSIGN_SECONDS: u64 = 600, "seconds";
}

/// Opens a keeper.
pub type OpenStore = Box<dyn FnOnce(&Path, bool) -> Result<Box<dyn Writer>, StoreError> + Send>;

/// How an engine is opened.
pub struct Options {
    /// The data directory, made if it is not there.
    pub data: PathBuf,
    /// The ledger's name, at first start.
    pub origin: String,
    /// Who co-signs it and who governs its members, at first start.
    pub first: First,
    /// The clock.
    pub clock: Clock,
    /// Opens what keeps the data directory, when told whether that belongs to a ledger already.
    pub store: OpenStore,
    /// How long a quiet ledger's checkpoint keeps its signed time; the limits say why.
    pub recosign: Duration,
    /// Called once, with the reason, when the writer cannot go on; should end the process.
    pub fatal: Box<dyn Fn(&str) + Send>,
}

impl Options {
    /// As the server opens it: a failure of the disk ends the process.
    pub fn new(data: &Path, origin: &str, store: impl FnOnce(&Path, bool) -> Result<Box<dyn Writer>, StoreError> + Send + 'static) -> Self {
        Self {
            data: data.to_owned(),
            origin: origin.to_owned(),
            first: First::default(),
            clock: base::clock::system(),
            store: Box::new(store),
            recosign: Duration::from_secs(RECOSIGN_SECONDS),
            fatal: Box::new(|reason| {
                eprintln!("leafproof stops: {reason}");
                std::process::exit(1);
            }),
        }
    }
}

/// An opened engine.
pub struct Opened {
    /// The engine.
    pub engine: Engine,
    /// What was found in the journal.
    pub recovered: Recovered,
    /// Why the index was made anew, if it was.
    pub rebuilt: Option<String>,
}

/// Rows that may wait in memory while the journal is replayed.
const REPLAY_ROWS: usize = 20_000;

pub(crate) fn open(options: Options) -> Result<Opened, EngineError> {
    let Options { data, origin, first, clock, store, recosign, fatal } = options;
    // A new ledger gets its journal before its key, so a key without a journal has lost it and does not sign again.
    let is_known = Keys::exist(&data);
    let mut store = store(&data, is_known)?;
    let unreadable = store.unreadable().map(str::to_owned);
    let keys = Arc::new(Keys::open(&data, &origin, &first)?);
    let index = Index::new(store.keeper());
    let resumed = match unreadable {
        None => resume(store.as_mut(), &index, &keys, is_known),
        Some(why) => Err(Resume::Rebuild(Some(why))),
    };
    let ((log, recovered), rebuilt) = match resumed {
        Ok(found) => (found, None),
        Err(Resume::Rebuild(why)) => (replay(store.as_mut(), Log::new(keys.origin().into(), &index), true, &keys)?, why),
        Err(Resume::Fatal(error)) => return Err(error),
    };
    let gathered = Gathered::new(keys.policy().clone(), log.note.as_deref());
    let view = signed_view(&log, &keys, &clock, &index);
    let (publish_cosigned, cosigned) = watch::channel(None);
    let halted: Arc<OnceLock<String>> = Arc::default();
    let has_entries = log.size() > 0;
    let (publish, views) = watch::channel(Arc::new(view));
    let mut sequencer = Sequencer {
        log,
        store,
        keys: Arc::clone(&keys),
        clock: Arc::clone(&clock),
        index: index.clone(),
        view: publish,
        cosigned: publish_cosigned,
        gathered,
        halted: Arc::clone(&halted),
        waiting: Arc::default(),
        scans: Arc::new(Mutex::default()),
        recosign,
    };
    if has_entries {
        // The note of the last batch may be lost; and a start gives the checkpoint a new signed time.
        sequencer.begin()?;
    }
    let (waiting, scans) = (Arc::clone(&sequencer.waiting), Arc::clone(&sequencer.scans));
    let (queue, commands) = sync_channel(QUEUE_COMMANDS);
    let thread = std::thread::Builder::new()
        .name("sequencer".to_owned())
        .spawn(move || match catch_unwind(AssertUnwindSafe(|| sequencer.run(&commands))) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => fatal(&error.to_string()),
            Err(_) => fatal("the writer's thread panicked; this is a bug"),
        })
        .map_err(EngineError::Thread)?;
    let engine = Engine(Arc::new(Inner {
        queue: Some(queue),
        waiting,
        view: views,
        cosigned,
        halted,
        index,
        keys,
        scans,
        clock,
        thread: Some(thread),
    }));
    Ok(Opened { engine, recovered, rebuilt })
}

enum Resume {
    /// The index does not fit the journal.
    Rebuild(Option<String>),
    Fatal(EngineError),
}

type Replayed = (Log, Recovered);

/// Takes the log from the rows, and what they do not contain from where they end.
fn resume(store: &mut dyn Writer, index: &Index, keys: &Keys, is_known: bool) -> Result<Replayed, Resume> {
    let rebuild = |why: String| Resume::Rebuild(Some(why));
    match store.has_rows() {
        Ok(true) => {}
        // New rows beside a new journal are nothing to report.
        Ok(false) => return Err(Resume::Rebuild(is_known.then(|| "the index was missing".to_owned()))),
        Err(error) => return Err(rebuild(error.to_string())),
    }
    let note = index.note().map_err(|e| rebuild(e.to_string()))?.unwrap_or_default();
    let log = load(index, keys, &note).map_err(rebuild)?;
    let log = load_members(log, index).map_err(rebuild)?;
    match replay(store, log, false, keys) {
        Ok(replayed) => Ok(replayed),
        Err(ReplayError::Misfit(error)) => Err(rebuild(format!("the index does not belong to this state of the journal: {error}"))),
        Err(ReplayError::Store(error)) => Err(Resume::Fatal(error.into())),
    }
}

/// The tree from the index, checked against the newest checkpoint that it knows.
fn load(index: &Index, keys: &Keys, note: &[u8]) -> Result<Log, String> {
    let mut log = Log::new(keys.origin().into(), index);
    {
        let mut tree = log.tree.write().unwrap_or_else(|e| e.into_inner());
        for hash in index.keeper().leaf_hashes(0) {
            tree.append(hash.map_err(|e| e.to_string())?);
        }
    }
    if log.size() > 0 {
        let checkpoint = checkpoint(note, keys)?;
        if (checkpoint.size, checkpoint.root) != (log.size(), log.root()) {
            return Err("the index does not give the root that was signed".to_owned());
        }
        log.note = Some(note.to_vec());
    }
    Ok(log)
}

/// What the index alone does not tell: the members, the time of the last entry, what came into the map since it was noted, and
/// whether it is the one that was signed.
fn load_members(mut log: Log, index: &Index) -> Result<Log, String> {
    let Some(last) = log.size().checked_sub(1) else {
        return Ok(log);
    };
    let entry = |index_of: u64| -> Result<TileEntry, String> {
        let StoredEntry { mut leaf, records } =
            index.keeper().entry(index_of).map_err(|e| e.to_string())?.ok_or("an entry is missing in the index")?;
        leaf.extend_from_slice(&records);
        TileEntry::parse(&leaf).map_err(|e| e.to_string())
    };
    load_map(&mut log, index, &entry)?;
    let head = entry(last)?;
    log.last_ms = head.entry.logged_ms;
    let map_root = match head.entry.body {
        Body::MapHead(head) => head.map_root,
        _ => return Err("the last entry in the index is no MAPHEAD".to_owned()),
    };
    if log.map.root() != map_root {
        return Err("the index does not give the map root that was signed".to_owned());
    }
    let mut versions = Vec::new();
    for row in index.rows(MEMBERS, &[]) {
        let (id, _) = row.map_err(|e| e.to_string())?;
        let key = ledger::name::Name::member_key(&String::from_utf8_lossy(&id));
        for row in index.list(&key, u64::MAX).map_err(|e| e.to_string())? {
            let found = entry(row.index)?.entry;
            if let Body::Member(member) = found.body {
                versions.push((row.index, found.logged_ms, member));
            }
        }
    }
    // A prefix that changes hands is told apart by the order of the log.
    versions.sort_by_key(|(index, ..)| *index);
    for (index, logged_ms, member) in versions {
        log.add_member(member, index, logged_ms);
    }
    for key in index.grant_lists() {
        let newest = index.list(&key.map_err(|e| e.to_string())?, u64::MAX).map_err(|e| e.to_string())?.pop();
        if let Some(row) = newest
            && let Body::Grant(grant) = entry(row.index)?.entry.body
        {
            log.add_grant(&grant);
        }
    }
    Ok(log)
}

/// The map: as it was noted last, with what came since; from all heads where it was never noted.
fn load_map(log: &mut Log, index: &Index, entry: &dyn Fn(u64) -> Result<TileEntry, String>) -> Result<(), String> {
    let failed = |e: StoreError| e.to_string();
    let Some((noted, map)) = index.map().map_err(failed)? else {
        for head in index.heads() {
            let (key, head) = head.map_err(failed)?;
            log.set(&key, head.value(&key), None).map_err(failed)?;
        }
        return Ok(());
    };
    log.map = map;
    for at in noted..log.size() {
        let tile = entry(at)?;
        for joined in tile.entry.lists(&tile.records) {
            let key = joined.key;
            let head = index.head(&key).map_err(failed)?.ok_or("a list of the index is missing")?;
            log.set(&key, head.value(&key), None).map_err(failed)?;
        }
    }
    Ok(())
}

/// Takes what was committed into the log and its rows: what the rows do not contain yet, or all of it `anew`.
fn replay(store: &mut dyn Writer, mut log: Log, anew: bool, keys: &Keys) -> Result<Replayed, ReplayError> {
    let recovered = store.replay(anew, &mut |item| {
        let mut taken = take(&mut log, item, keys)?;
        if log.changes.len() > REPLAY_ROWS {
            taken.rows = Some(log.rows());
            log.forget_map();
        }
        Ok(taken)
    })?;
    store.show(log.rows())?;
    log.forget_map();
    Ok((log, recovered))
}

fn take(log: &mut Log, item: Item<'_>, keys: &Keys) -> Result<Taken, String> {
    let mut taken = Taken::default();
    match item {
        Item::Entries { first, entries, root } => taken.leaves = take_entries(log, first, &entries, &root)?,
        Item::Note(note) => {
            let checkpoint = checkpoint(note, keys)?;
            // One that was co-signed while the log grew comes after later entries.
            let root = log.tree.read().unwrap_or_else(|e| e.into_inner()).root_at(TreeSize(checkpoint.size));
            if root.ok() != Some(checkpoint.root) {
                return Err("a signed checkpoint does not match the entries before it".to_owned());
            }
            if checkpoint.size == log.size() {
                log.changes.put_note(note);
                log.note = Some(note.to_vec());
            }
        }
        Item::Record { body, parts } => {
            let record = StateRecord::decode(body)?;
            taken.erased = record.erased();
            rows::apply(&mut log.changes, record, parts).map_err(|e| e.to_string())?;
        }
    }
    Ok(taken)
}

fn take_entries(log: &mut Log, first: u64, entries: &[&[u8]], root: &Hash) -> Result<Vec<Leaf>, String> {
    if first != log.size() {
        return Err(format!("a batch begins at {first}, but {} entries came before", log.size()));
    }
    let mut leaves = Vec::with_capacity(entries.len());
    for bytes in entries {
        let tile = TileEntry::parse(bytes).map_err(|e| e.to_string())?;
        let length = tile.leaf_len(bytes);
        let (_, hash) = log.take(&tile, &bytes[..length]).map_err(|e| e.to_string())?;
        leaves.push(Leaf { length, hash });
    }
    if log.root() != *root {
        return Err("a batch does not give the root it says".to_owned());
    }
    Ok(leaves)
}

/// The checkpoint in a note that this log signed.
fn checkpoint(note: &[u8], keys: &Keys) -> Result<Checkpoint, String> {
    let note = SignedNote::parse(note).map_err(|e| e.to_string())?;
    let verified = note.verify(&[keys.log().vkey()]).map_err(|e| e.to_string())?;
    if verified.is_empty() {
        return Err("a checkpoint is not signed by this log's key".to_owned());
    }
    Checkpoint::parse(&note.text).map_err(|e| e.to_string())
}
