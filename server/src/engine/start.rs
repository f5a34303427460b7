//! Opening a data directory: lock, index, journal, the log as it was, and the writer's thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use base::clock::Clock;
use base::lock::{DirectoryLock, LOCK_WAIT};
use ledger::entry::{Body, TileEntry};
use ledger::note::{Checkpoint, SignedNote};
use ledger::tree::TreeSize;
use tokio::sync::watch;

use super::cosigned::Gathered;
use super::error::EngineError;
use super::log::Log;
use super::sequencer::{Sequencer, signed_view};
use super::state::StateRecord;
use super::{Engine, Inner, QUEUE_COMMANDS, frames};
use crate::index::Index;
use crate::index::state as tables;
use crate::index::table::MEMBERS;
use crate::journal::{Cursor, Disk, Frame, FrameType, Journal, JournalError, OsDisk, PartAt, Recovered};
use crate::keys::{First, Keys};

base::limits! {
    /// A quiet ledger's checkpoint gets a new signed time this often, so that it never turns stale by itself.
    RECOSIGN_SECONDS: u64 = 600, "seconds";
}

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
    /// Makes what the journal writes with.
    pub disk: Box<dyn Fn() -> Box<dyn Disk>>,
    /// How long to wait for another process that uses the directory.
    pub lock_wait: Duration,
    /// How long a quiet ledger's checkpoint keeps its signed time; the limits say why.
    pub recosign: Duration,
    /// Called once, with the reason, when the writer cannot go on; should end the process.
    pub fatal: Box<dyn Fn(&str) + Send>,
}

impl Options {
    /// As the server opens it: a failure of the disk ends the process.
    pub fn new(data: &Path, origin: &str) -> Self {
        Self {
            data: data.to_owned(),
            origin: origin.to_owned(),
            first: First::default(),
            clock: base::clock::system(),
            disk: Box::new(|| Box::new(OsDisk)),
            lock_wait: LOCK_WAIT,
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

pub(super) fn open(options: Options) -> Result<Opened, EngineError> {
    let Options { data, origin, first, clock, disk, lock_wait, recosign, fatal } = options;
    let lock = DirectoryLock::acquire(&data, lock_wait)?;
    let path = data.join("journal");
    // A new ledger gets its journal before its key, so a key without a journal has lost it and does not sign again.
    let is_old = ["policy", "keys/log", "index"].iter().any(|mark| data.join(mark).exists());
    if !is_old {
        Journal::make(&path, disk().as_mut())?;
    } else if !Journal::exists(&path)? {
        return Err(EngineError::NoJournal(data.display().to_string()));
    }
    let keys = Arc::new(Keys::open(&data, &origin, &first)?);
    let (index, unreadable) = open_index(&data.join("index"))?;
    let replayed = match unreadable {
        None => match resume(&path, disk.as_ref(), &index, &keys, is_old) {
            Ok(replayed) => Ok((replayed, None)),
            Err(Resume::Rebuild(why)) => Err(why),
            Err(Resume::Fatal(error)) => return Err(error),
        },
        Some(why) => Err(Some(why)),
    };
    let ((log, journal, recovered), rebuilt) = match replayed {
        Ok(found) => found,
        Err(why) => {
            index.clear()?;
            let log = Log::new(keys.origin().into(), &index);
            (replay(&path, disk.as_ref(), log, Cursor::default(), &keys)?, why)
        }
    };
    let gathered = Gathered::new(keys.policy().clone(), log.note.as_deref());
    let (view, _) = signed_view(&log, &keys, &clock, &index, &journal);
    let (publish_cosigned, cosigned) = watch::channel(None);
    let halted: Arc<OnceLock<String>> = Arc::default();
    let has_entries = log.size() > 0;
    let (publish, views) = watch::channel(Arc::new(view));
    let mut sequencer = Sequencer {
        log,
        journal,
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
        sequencer.finish_erasures()?;
        // The note of the last batch may be lost; and a start gives the checkpoint a new signed time.
        let view = sequencer.sign(true)?;
        sequencer.log.changes.put_cursor(sequencer.journal.cursor());
        sequencer.log.commit()?;
        sequencer.publish(view)?;
    }
    let reader = sequencer.journal.reader();
    let (waiting, scans) = (Arc::clone(&sequencer.waiting), Arc::clone(&sequencer.scans));
    let (queue, commands) = sync_channel(QUEUE_COMMANDS);
    let thread = std::thread::Builder::new()
        .name("sequencer".to_owned())
        .spawn(move || {
            let _lock = lock;
            match catch_unwind(AssertUnwindSafe(|| sequencer.run(&commands))) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => fatal(&error.to_string()),
                Err(_) => fatal("the writer's thread panicked; this is a bug"),
            }
        })
        .map_err(EngineError::Thread)?;
    let engine = Engine(Arc::new(Inner {
        queue: Some(queue),
        waiting,
        view: views,
        cosigned,
        halted,
        index,
        reader,
        keys,
        scans,
        clock,
        thread: Some(thread),
    }));
    Ok(Opened { engine, recovered, rebuilt })
}

/// Opens the index; an unreadable one is put away and made anew.
fn open_index(path: &Path) -> Result<(Index, Option<String>), EngineError> {
    match Index::open(path) {
        Ok(index) => Ok((index, None)),
        Err(error) => match std::fs::remove_dir_all(path) {
            Ok(()) => Ok((Index::open(path)?, Some(error.to_string()))),
            Err(_) => Err(error.into()),
        },
    }
}

enum Resume {
    /// The index does not fit the journal.
    Rebuild(Option<String>),
    Fatal(EngineError),
}

type Replayed = (Log, Journal, Recovered);

/// Takes the log from the index, and the journal from where the index ends.
fn resume(path: &Path, disk: &dyn Fn() -> Box<dyn Disk>, index: &Index, keys: &Keys, is_old: bool) -> Result<Replayed, Resume> {
    let rebuild = |why: String| Resume::Rebuild(Some(why));
    let (cursor, note) = match index.cursor() {
        Ok(Some(found)) => found,
        // A new index beside a new journal is nothing to report.
        Ok(None) if !is_old => return Err(Resume::Rebuild(None)),
        Ok(None) => return Err(rebuild("the index was missing".to_owned())),
        Err(error) => return Err(rebuild(error.to_string())),
    };
    let log = load(index, keys, &note).map_err(rebuild)?;
    let log = load_members(log, path, index).map_err(rebuild)?;
    match replay(path, disk, log, cursor, keys) {
        Ok(replayed) => Ok(replayed),
        Err(EngineError::Journal(error @ (JournalError::UnknownCursor(_) | JournalError::Inconsistent { .. }))) => {
            Err(rebuild(format!("the index does not belong to this state of the journal: {error}")))
        }
        Err(error) => Err(Resume::Fatal(error)),
    }
}

/// The tree from the index, checked against the newest checkpoint that it knows.
fn load(index: &Index, keys: &Keys, note: &[u8]) -> Result<Log, String> {
    let mut log = Log::new(keys.origin().into(), index);
    {
        let mut tree = log.tree.write().unwrap_or_else(|e| e.into_inner());
        for row in index.entries() {
            tree.append(row.map_err(|e| e.to_string())?.leaf_hash);
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
fn load_members(mut log: Log, path: &Path, index: &Index) -> Result<Log, String> {
    let Some(last) = log.size().checked_sub(1) else {
        return Ok(log);
    };
    let reader = Journal::read_only(path).map_err(|e| e.to_string())?;
    let entry = |index_of: u64| -> Result<TileEntry, String> {
        let row = index.entry(index_of).map_err(|e| e.to_string())?.ok_or("an entry is missing in the index")?;
        let bytes = reader.read(row.at, row.length).map_err(|e| e.to_string())?;
        let leaf = bytes.get(..row.leaf_length as usize).unwrap_or_default();
        if ledger::entry::leaf_hash(leaf) != row.leaf_hash {
            return Err(format!("entry {index_of} does not match its hash"));
        }
        TileEntry::parse(&bytes).map_err(|e| e.to_string())
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
    let failed = |e: crate::index::IndexError| e.to_string();
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

/// Reads the journal from `from` on into the log and the index.
fn replay(path: &Path, disk: &dyn Fn() -> Box<dyn Disk>, mut log: Log, from: Cursor, keys: &Keys) -> Result<Replayed, EngineError> {
    let (journal, recovered) = Journal::open(path, disk(), from, &mut |frame| {
        let erased = take_frame(&mut log, frame, keys)?;
        if log.changes.len() > REPLAY_ROWS {
            log.changes.put_cursor(frame.next);
            log.commit().map_err(|e| e.to_string())?;
        }
        Ok(erased)
    })?;
    log.changes.put_cursor(journal.cursor());
    log.commit()?;
    Ok((log, journal, recovered))
}

fn take_frame(log: &mut Log, frame: &Frame<'_>, keys: &Keys) -> Result<Vec<PartAt>, String> {
    match frame.kind {
        FrameType::Intake => {
            for (commitment, at) in &frame.parts {
                log.changes.put_part(commitment, *at);
            }
        }
        FrameType::Batch => take_batch(log, frame)?,
        FrameType::Note => {
            let checkpoint = checkpoint(frame.body, keys)?;
            // One that was co-signed while the log grew comes after later entries.
            let root = log.tree.read().unwrap_or_else(|e| e.into_inner()).root_at(TreeSize(checkpoint.size));
            if root.ok() != Some(checkpoint.root) {
                return Err("a signed checkpoint does not match the entries before it".to_owned());
            }
            if checkpoint.size == log.size() {
                log.changes.put_note(frame.body);
                log.note = Some(frame.body.to_vec());
            }
        }
        FrameType::State => {
            let record = StateRecord::decode(frame.body)?;
            let erased = record.erased();
            let placed = tables::Placed { frame: frame.position, blobs: frame.parts.clone() };
            tables::apply(&mut log.changes, record, &placed).map_err(|e| e.to_string())?;
            return Ok(erased);
        }
    }
    Ok(Vec::new())
}

fn take_batch(log: &mut Log, frame: &Frame<'_>) -> Result<(), String> {
    let batch = frames::parse_batch(frame.body).ok_or("a batch that breaks the format")?;
    if batch.first != log.size() {
        return Err(format!("a batch begins at {}, but {} entries came before", batch.first, log.size()));
    }
    for (offset, bytes) in batch.tiles {
        let tile = TileEntry::parse(bytes).map_err(|e| e.to_string())?;
        let leaf_len = tile.leaf_len(bytes);
        let (index, hash) = log.take(&tile, &bytes[..leaf_len]).map_err(|e| e.to_string())?;
        log.place(index, hash, frame.body_at + offset as u64, bytes.len(), leaf_len);
    }
    if log.root() != batch.root {
        return Err("a batch does not give the root it says".to_owned());
    }
    Ok(())
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
