//! The end marker: how far the journal had been on disk when something was last acknowledged.
//!
//! Frames alone cannot tell that later ones were cut off at a clean edge. After each fsync this small file is overwritten
//! in place, without an fsync of its own: it may lag behind after a power cut, which is harmless, and is never ahead. A journal that
//! ends before it has lost acknowledged frames, and is refused.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use ledger::{Hash, dk};

use super::{Disk, JournalError};

/// Name of the file.
pub(super) const FILE: &str = "end";
/// position u64 | check 32.
const SLOT: usize = 8 + 32;

/// Two slots, written in turn, so that a torn write leaves the other one.
pub(super) struct EndMarker {
    path: PathBuf,
    file: File,
    turn: bool,
}

impl EndMarker {
    /// Opens the marker and reads it. A new one, for a directory without frames or for a copy that came without it, says 0.
    pub(super) fn open(directory: &Path, disk: &mut dyn Disk) -> Result<(Self, u64), JournalError> {
        let path = directory.join(FILE);
        let failed = |action, source| JournalError::Io { action, path: path.clone(), source };
        if !path.exists() {
            return Self::make(directory, disk).map(|marker| (marker, 0));
        }
        let bytes = std::fs::read(&path).map_err(|e| failed("reading", e))?;
        let file = OpenOptions::new().read(true).write(true).open(&path).map_err(|e| failed("opening", e))?;
        let slots: Vec<Option<u64>> = bytes.chunks(SLOT).map(parse).collect();
        let latest = slots.iter().flatten().max().copied().ok_or_else(|| JournalError::Damaged {
            path: directory.to_owned(),
            position: 0,
            what: format!(
                "the end marker {} is unreadable, so nobody can say how far frames were acknowledged (without the file the \
                 journal is taken as it stands)",
                path.display()
            ),
        })?;
        // The slot that holds the latest position is kept; the other is written next.
        let turn = slots.first() == Some(&Some(latest));
        Ok((Self { path, file, turn }, latest))
    }

    /// How far a journal that is only read had been acknowledged; 0 where nothing says so.
    pub(super) fn latest(directory: &Path) -> u64 {
        let bytes = std::fs::read(directory.join(FILE)).unwrap_or_default();
        bytes.chunks(SLOT).filter_map(parse).max().unwrap_or(0)
    }

    /// A marker that says 0, whole or not there at all.
    fn make(directory: &Path, disk: &mut dyn Disk) -> Result<Self, JournalError> {
        let path = directory.join(FILE);
        let temporary = directory.join("end.new");
        let failed = |action| {
            let path = temporary.clone();
            move |source| JournalError::Io { action, path, source }
        };
        // What an earlier start left half-done.
        match std::fs::remove_file(&temporary) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed("removing")(e));
            }
            _ => {}
        }
        let file = disk.create(&temporary).map_err(failed("making"))?;
        let mut marker = Self { path: path.clone(), file, turn: false };
        marker.set(disk, 0)?;
        marker.set(disk, 0)?;
        disk.sync(&marker.file).map_err(failed("fsync"))?;
        disk.rename(&temporary, &path).map_err(failed("renaming"))?;
        disk.sync_directory(directory).map_err(failed("fsync of the directory"))?;
        Ok(marker)
    }

    /// Notes that the journal is on disk up to here.
    pub(super) fn set(&mut self, disk: &mut dyn Disk, position: u64) -> Result<(), JournalError> {
        let mut slot = Vec::with_capacity(SLOT);
        slot.extend_from_slice(&position.to_be_bytes());
        slot.extend_from_slice(&check(position).0);
        let at = if self.turn { SLOT as u64 } else { 0 };
        self.turn = !self.turn;
        disk.write(&self.file, at, &slot).map_err(|source| JournalError::Io { action: "writing", path: self.path.clone(), source })
    }
}

fn check(position: u64) -> Hash {
    dk("leafproof journal end v1", &[&position.to_be_bytes()])
}

fn parse(slot: &[u8]) -> Option<u64> {
    let (position, rest) = slot.split_first_chunk::<8>()?;
    let position = u64::from_be_bytes(*position);
    (rest == check(position).0).then_some(position)
}
