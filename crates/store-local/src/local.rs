//! The writing side: groups become frames of the journal, rows become one batch of the index.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base::lock::{DirectoryLock, LOCK_WAIT, LockError};
use ledger::Hash;
use store::{Group, Item, Keeper, Leaf, Recovered, ReplayError, Rows, StoreError, Taken, Visit, Writer};

use crate::frames;
use crate::journal::{Cursor, Disk, Frame, FrameType, Journal, JournalError, NewFrame, OsDisk, PartAt};
use crate::keeper::{EntryAt, LocalKeeper, SledError, parse_part, part_key, put_cursor, put_entry, put_part};

/// How a data folder is opened.
pub struct Options {
    /// Makes what the journal writes with.
    pub disk: Box<dyn Fn() -> Box<dyn Disk> + Send>,
    /// How long to wait for another process that uses the folder.
    pub lock_wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { disk: Box::new(|| Box::new(OsDisk)), lock_wait: LOCK_WAIT }
    }
}

/// Why a data folder could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it, or it cannot be made.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A ledger whose journal is gone.
    #[error(
        "{0} belongs to a ledger, but its journal is missing. A start would sign a second history under the same name and key, which everybody \
         would see as a fork. Restore {0}/journal from a backup; for a new ledger name another folder with --data, or delete this one"
    )]
    NoJournal(PathBuf),
    /// The index.
    #[error(transparent)]
    Index(#[from] SledError),
}

/// Opens a folder as it is done where nothing else is said.
pub fn open(data: &Path, is_known: bool) -> Result<Box<dyn Writer>, StoreError> {
    opener(Options::default())(data, is_known)
}

/// For an engine, which says whether the folder belongs to a ledger already.
pub fn opener(options: Options) -> impl FnOnce(&Path, bool) -> Result<Box<dyn Writer>, StoreError> + Send {
    move |data, is_known| match Local::open(data, options, is_known) {
        Ok(local) => Ok(Box::new(local)),
        Err(error) => Err(StoreError::keeper(error)),
    }
}

/// The keeper of one data folder, as long as this process holds it.
pub struct Local {
    path: PathBuf,
    options: Options,
    keeper: Arc<LocalKeeper>,
    journal: Option<Journal>,
    /// Rows of entries and parts that are written with the next rows that are shown.
    places: Rows,
    unreadable: Option<String>,
    /// Given back last.
    _lock: DirectoryLock,
}

impl Local {
    /// Opens the folder, made if it is not there. `is_known` says that it belongs to a ledger already: then it must have a journal,
    /// and is not given a new one.
    pub fn open(data: &Path, options: Options, is_known: bool) -> Result<Self, OpenError> {
        let lock = DirectoryLock::acquire(data, options.lock_wait)?;
        let path = data.join("journal");
        let index = data.join("index");
        if !is_known && !index.exists() {
            Journal::make(&path, (options.disk)().as_mut())?;
        } else if !Journal::exists(&path)? {
            return Err(OpenError::NoJournal(data.to_owned()));
        }
        let reader = Journal::read_only(&path)?;
        let (keeper, unreadable) = match LocalKeeper::open(&index, reader.clone()) {
            Ok(keeper) => (keeper, None),
            // It is put away and made anew.
            Err(error) => match std::fs::remove_dir_all(&index) {
                Ok(()) => (LocalKeeper::open(&index, reader)?, Some(error.to_string())),
                Err(_) => return Err(error.into()),
            },
        };
        Ok(Self { path, options, keeper: Arc::new(keeper), journal: None, places: Rows::new(), unreadable, _lock: lock })
    }

    fn journal(&mut self) -> Result<&mut Journal, StoreError> {
        self.journal.as_mut().ok_or_else(|| StoreError::Keeper { what: "the journal was not read yet".to_owned(), source: None })
    }
}

/// The BATCH among the frames of a group.
struct Batch {
    /// Which frame it is.
    frame: usize,
    /// Offset in its body, length and leaf of each entry.
    entries: Vec<(usize, usize, Leaf)>,
}

/// The frames of a group.
fn frames_of(group: Group) -> (Vec<NewFrame>, Option<Batch>) {
    let Group { first, entries, root, records, notes, .. } = group;
    let batch = (!entries.is_empty()).then(|| {
        let (body, offsets) = frames::batch(first, entries.iter().map(|entry| entry.bytes.as_slice()), &root);
        let places = offsets.into_iter().zip(&entries).map(|(offset, entry)| (offset, entry.bytes.len(), entry.leaf)).collect();
        (NewFrame { kind: FrameType::Batch, body, parts: Vec::new() }, places)
    });
    let mut list = Vec::new();
    for (entry, index) in entries.into_iter().zip(first..).filter(|(entry, _)| entry.came) {
        let body = frames::intake(index, &entry.leaf.hash);
        list.push(NewFrame { kind: FrameType::Intake, body, parts: entry.parts });
    }
    let batch = batch.map(|(frame, entries)| {
        list.push(frame);
        Batch { frame: list.len() - 1, entries }
    });
    list.extend(records.into_iter().map(|record| NewFrame { kind: FrameType::State, body: record.body, parts: record.parts }));
    list.extend(notes.into_iter().map(|note| NewFrame { kind: FrameType::Note, body: note, parts: Vec::new() }));
    (list, batch)
}

impl Writer for Local {
    fn keeper(&self) -> Arc<dyn Keeper> {
        Arc::clone(&self.keeper) as Arc<dyn Keeper>
    }

    fn unreadable(&self) -> Option<&str> {
        self.unreadable.as_deref()
    }

    fn has_rows(&self) -> Result<bool, StoreError> {
        Ok(self.keeper.cursor()?.is_some())
    }

    fn replay(&mut self, anew: bool, visit: Visit<'_>) -> Result<Recovered, ReplayError> {
        self.places.clear();
        if anew {
            self.keeper.clear()?;
        }
        let from = if anew { Cursor::default() } else { self.keeper.cursor()?.unwrap_or_default() };
        let (keeper, places) = (&*self.keeper, &mut self.places);
        let opened = Journal::open(&self.path, (self.options.disk)(), from, &mut |frame| take(keeper, places, frame, visit));
        let (journal, recovered) = match opened {
            Ok(opened) => opened,
            Err(error @ (JournalError::UnknownCursor(_) | JournalError::Inconsistent { .. })) => {
                return Err(ReplayError::Misfit(StoreError::keeper(error)));
            }
            Err(error) => return Err(StoreError::keeper(error).into()),
        };
        self.keeper.read_with(journal.reader());
        self.journal = Some(journal);
        Ok(recovered)
    }

    fn commit(&mut self, mut group: Group) -> Result<(), StoreError> {
        if group.is_empty() {
            return Ok(());
        }
        let (first, sync, erase) = (group.first, group.sync, std::mem::take(&mut group.erase));
        let (list, batch) = frames_of(group);
        let written = self.journal()?.append(&list, sync).map_err(StoreError::keeper)?;
        if let Some(Batch { frame, entries }) = batch {
            for ((offset, length, leaf), index) in entries.into_iter().zip(first..) {
                let at = written[frame].body_at + offset as u64;
                put_entry(&mut self.places, index, &EntryAt { at, length: length as u32, leaf });
            }
        }
        for (commitment, at) in written.iter().flat_map(|frame| &frame.parts) {
            put_part(&mut self.places, commitment, *at);
        }
        let erased = places_of(&self.keeper, &self.places, &erase)?;
        self.journal()?.zero(&erased).map_err(StoreError::keeper)
    }

    fn show(&mut self, mut rows: Rows) -> Result<(), StoreError> {
        rows.append(&mut self.places);
        put_cursor(&mut rows, self.journal()?.cursor());
        self.keeper.apply(rows)
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.journal()?.sync().map_err(StoreError::keeper)?;
        self.keeper.flush()
    }
}

/// Hands over a frame of the journal, and notes what it places.
fn take(keeper: &LocalKeeper, places: &mut Rows, frame: &Frame<'_>, visit: Visit<'_>) -> Result<Vec<PartAt>, String> {
    for (commitment, at) in &frame.parts {
        put_part(places, commitment, *at);
    }
    let taken = match frame.kind {
        FrameType::Intake => Taken::default(),
        FrameType::Batch => {
            let batch = frames::parse_batch(frame.body).ok_or("a batch that breaks the format")?;
            let entries = batch.tiles.iter().map(|(_, bytes)| *bytes).collect();
            let taken = visit(Item::Entries { first: batch.first, entries, root: batch.root })?;
            for (((offset, bytes), index), leaf) in batch.tiles.iter().zip(batch.first..).zip(&taken.leaves) {
                let at = frame.body_at + *offset as u64;
                put_entry(places, index, &EntryAt { at, length: bytes.len() as u32, leaf: *leaf });
            }
            taken
        }
        FrameType::Note => visit(Item::Note(frame.body))?,
        FrameType::State => {
            let parts: Vec<Hash> = frame.parts.iter().map(|(commitment, _)| *commitment).collect();
            visit(Item::Record { body: frame.body, parts: &parts })?
        }
    };
    let erased = places_of(keeper, places, &taken.erased).map_err(|e| e.to_string())?;
    if let Some(mut rows) = taken.rows {
        rows.append(places);
        put_cursor(&mut rows, frame.next);
        keeper.apply(rows).map_err(|e| e.to_string())?;
    }
    Ok(erased)
}

/// Where these parts stand; one that never came stands nowhere.
fn places_of(keeper: &LocalKeeper, places: &Rows, commitments: &[Hash]) -> Result<Vec<PartAt>, StoreError> {
    let mut found = Vec::new();
    for commitment in commitments {
        let at = match places.get(&part_key(commitment)[..]) {
            Some(row) => row.as_deref().and_then(parse_part),
            None => keeper.part_at(commitment)?,
        };
        found.extend(at);
    }
    Ok(found)
}
