//! Reading the journal at start.
//!
//! The chain is walked frame by frame. What may be cut off its end is only what can never have been acknowledged: frames
//! from a bad one on, when neither the end marker, nor the `durable` field of any whole frame before or behind it, nor a
//! following file says that they had been on disk. All else that is wrong refuses the journal, with the place and the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ledger::Hash;
use store::Recovered;

use super::end::EndMarker;
use super::files::{Files, JournalFile};
use super::frame::{self, Frame};
use super::{Disk, Journal, JournalError, PartAt, Position};

/// A place between two frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Where the next frame stands.
    pub position: Position,
    /// Hash of the frame before; zeros at the beginning.
    pub previous: Hash,
    /// Where that frame stands.
    pub frame: Position,
}

/// Takes each frame in order, and answers with the parts which that frame records as erased.
pub type Visit<'a> = &'a mut dyn FnMut(&Frame<'_>) -> Result<Vec<PartAt>, String>;

pub(super) fn open(path: &Path, mut disk: Box<dyn Disk>, from: Cursor, visit: Visit<'_>) -> Result<(Journal, Recovered), JournalError> {
    let files = Files::open(path, disk.as_mut())?;
    let (marker, acknowledged) = EndMarker::open(path, disk.as_mut())?;
    if from != Cursor::default() {
        check_cursor(&files, from)?;
    }
    let walk = Walk {
        files: &files,
        floor: acknowledged,
        next: from,
        found: Recovered::default(),
        erased: BTreeSet::new(),
        mismatched: BTreeMap::new(),
    };
    let Walk { next, found, erased, .. } = walk.run(visit)?;
    if found.cut > 0 {
        files.cut(disk.as_mut(), next.position)?;
    }
    let mut journal = Journal { disk, files, marker, next, durable: 0, stopped: false };
    journal.sync()?;
    // An erasure whose zeros did not reach the disk before the last end is finished now.
    journal.zero(&erased.into_iter().collect::<Vec<_>>())?;
    Ok((journal, found))
}

/// Walks a journal from its first frame without changing anything.
pub(super) fn walk(path: &Path, visit: Visit<'_>) -> Result<Recovered, JournalError> {
    let files = Files::list_directory(path)?;
    let walk = Walk {
        files: &files,
        floor: EndMarker::latest(path),
        next: Cursor::default(),
        found: Recovered::default(),
        erased: BTreeSet::new(),
        mismatched: BTreeMap::new(),
    };
    Ok(walk.run(visit)?.found)
}

/// The frame before the cursor must be there, with the hash the cursor says.
fn check_cursor(files: &Files, from: Cursor) -> Result<(), JournalError> {
    let unknown = || JournalError::UnknownCursor(from.position.0);
    let length = from.position.0.checked_sub(from.frame.0).and_then(|n| u32::try_from(n).ok()).ok_or_else(unknown)?;
    let bytes = files.reader().read(from.frame.0, length).map_err(|_| unknown())?;
    let (frame, _) = frame::decode(&bytes, from.frame.0).map_err(|_| unknown())?;
    if frame.next != from {
        return Err(unknown());
    }
    Ok(())
}

struct Walk<'f> {
    files: &'f Files,
    /// Frames before this had been on disk.
    floor: u64,
    next: Cursor,
    found: Recovered,
    erased: BTreeSet<PartAt>,
    /// Parts that do not match their commitment, and the position of their frame.
    mismatched: BTreeMap<PartAt, u64>,
}

impl Walk<'_> {
    fn run(mut self, visit: Visit<'_>) -> Result<Self, JournalError> {
        let list = self.files.list();
        if list.first().is_some_and(|first| first.start != 0) {
            return Err(self.damaged(0, "its first file is missing"));
        }
        for (i, file) in list.iter().enumerate() {
            let following = list.get(i + 1);
            let end = following.map(|next| next.start);
            if end.is_some_and(|end| end <= self.next.position.0) {
                continue;
            }
            if file.start > self.next.position.0 {
                return Err(self.damaged(self.next.position.0, "a file is missing"));
            }
            self.file(file, following.is_some(), visit)?;
        }
        if self.next.position.0 < self.floor {
            let what = format!("it ends here, but everything up to byte {} had been acknowledged", self.floor);
            return Err(self.damaged(self.next.position.0, &what));
        }
        if let Some((_, frame)) = self.mismatched.iter().find(|(part, _)| !self.erased.contains(part)) {
            return Err(self.damaged(*frame, "a part does not match its commitment, and no erasure of it is recorded"));
        }
        Ok(self)
    }

    fn file(&mut self, file: &JournalFile, followed: bool, visit: Visit<'_>) -> Result<(), JournalError> {
        let bytes = std::fs::read(&file.path).map_err(file.failed("reading"))?;
        loop {
            let at = self.next.position.0;
            let rest = bytes.get((at - file.start) as usize..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(());
            }
            let bad = match frame::decode(rest, at) {
                Ok((_, previous)) if previous != self.next.previous => "a frame that does not follow the one before",
                Ok((frame, _)) if frame.mismatched.is_empty() || self.was_durable(at, rest, followed) => {
                    self.floor = self.floor.max(frame.durable);
                    self.mismatched.extend(frame.mismatched.iter().map(|part| (*part, at)));
                    let erased = visit(&frame).map_err(|what| JournalError::Inconsistent {
                        path: self.files.directory().to_owned(),
                        position: at,
                        what,
                    })?;
                    self.erased.extend(erased);
                    self.found.frames += 1;
                    self.next = frame.next;
                    continue;
                }
                Ok(_) => "a frame with a half-written part",
                Err(what) => what,
            };
            if self.was_durable(at, rest, followed) {
                return Err(self.damaged(at, bad));
            }
            self.found.cut = rest.len() as u64;
            self.found.reason = Some(bad.to_owned());
            return Ok(());
        }
    }

    /// Whether anything says that the frame at `at` had been on disk, and so may have been acknowledged. `rest` are the bytes from there to the file's end.
    fn was_durable(&self, at: u64, rest: &[u8], followed: bool) -> bool {
        followed
            || at < self.floor
            || (1..rest.len()).any(|offset| frame::decode(&rest[offset..], at + offset as u64).is_ok_and(|(frame, _)| frame.durable > at))
    }

    fn damaged(&self, position: u64, what: &str) -> JournalError {
        JournalError::Damaged { path: self.files.directory().to_owned(), position, what: what.to_owned() }
    }
}
