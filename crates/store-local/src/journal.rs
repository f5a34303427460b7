//! The journal: what this server knows, in the order it learnt it. Everything else is rebuilt from here.
//!
//! Files of frames, each frame holding the hash of the one before (`frame`); appended in groups that share one fsync, so that
//! "accepted" always means "on disk"; read back at start by rules that never lose an acknowledged frame in silence
//! (`recover`). Secret or erasable bytes (parts) lie outside the hashed bytes, so that they can be overwritten with zeros
//! while the chain still holds. What the frames mean is [`crate::Local`]'s business.
//!
//! A write or fsync that fails leaves the file in an unknown state: the journal then refuses everything, and its owner ends
//! the process; the next start finds out what is there.

mod disk;
mod end;
mod files;
mod frame;
mod recover;

use std::io;
use std::path::{Path, PathBuf};

pub use disk::{Disk, OsDisk};
pub use files::{JournalReader, LIMITS};
pub use frame::{Frame, FrameType, MAX_FRAME_BYTES, NewFrame, PartAt, Written};
pub use recover::{Cursor, Visit};
use store::{Recovered, Sync};

use end::EndMarker;
use files::Files;

/// A byte position in the journal, counted over all its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

/// What can be wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Reading or writing failed.
    #[error(
        "{action} failed for {path}: {source}. Mend the disk (space, permissions, hardware) and start again; nothing acknowledged is lost"
    )]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// An earlier write failed; this process must end.
    #[error("the journal stopped after a failed write; this process must end and be started again")]
    Stopped,
    /// The files are damaged where frames had been acknowledged.
    #[error(
        "the journal {path} is damaged at byte {position}: {what}. Frames there had been acknowledged, so nothing was cut; restore {path} from a backup or a mirror of the disk"
    )]
    Damaged {
        /// The journal's directory.
        path: PathBuf,
        /// Where.
        position: u64,
        /// What was found.
        what: String,
    },
    /// The files were written before format 2.
    #[error("the journal {0} is of format 1, which this version does not read; begin with a new data directory")]
    Format1(PathBuf),
    /// What a frame says does not fit what came before.
    #[error("the journal {path} does not fit together at byte {position}: {what}")]
    Inconsistent {
        /// The journal's directory.
        path: PathBuf,
        /// Where.
        position: u64,
        /// What the reader of the frames said.
        what: String,
    },
    /// The position asked for is not in this journal: what asked (an index) belongs to another one or is ahead.
    #[error("the journal holds no frame that ends at byte {0} with the expected hash")]
    UnknownCursor(u64),
    /// A frame beyond the format's limits.
    #[error("a journal frame of {bytes} bytes is larger than the limit of {limit}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

/// The journal of one data directory, held by its single writer.
pub struct Journal {
    disk: Box<dyn Disk>,
    files: Files,
    marker: EndMarker,
    next: Cursor,
    durable: u64,
    stopped: bool,
}

impl Journal {
    /// Opens the journal in the directory `path`, made if it is not there, and hands every frame from `from` on to `visit`, in
    /// order. A refusal of `visit` refuses the journal.
    pub fn open(path: &Path, disk: Box<dyn Disk>, from: Cursor, visit: Visit<'_>) -> Result<(Self, Recovered), JournalError> {
        recover::open(path, disk, from, visit)
    }

    /// Makes an empty journal in this directory, where there is none.
    pub fn make(path: &Path, disk: &mut dyn Disk) -> Result<(), JournalError> {
        Files::open(path, disk).map(|_| ())
    }

    /// Whether there is a journal in this directory.
    pub fn exists(path: &Path) -> Result<bool, JournalError> {
        Ok(path.is_dir() && !Files::list_directory(path)?.list().is_empty())
    }

    /// Writes the frames as one group. On an error none of them may be acknowledged and the process must end.
    pub fn append(&mut self, frames: &[NewFrame], sync: Sync) -> Result<Vec<Written>, JournalError> {
        if self.stopped {
            return Err(JournalError::Stopped);
        }
        let group = frame::encode_group(frames, self.next, self.durable)?;
        self.stopped = true; // until the write has come to its end
        self.write_group(&group, sync)?;
        self.stopped = false;
        Ok(group.written)
    }

    fn write_group(&mut self, group: &frame::Group, sync: Sync) -> Result<(), JournalError> {
        if self.files.is_full(self.next.position, group.bytes.len()) {
            // A file that is followed by another one is on disk whole: recovery relies on it.
            self.sync_inner()?;
            self.files.rotate(self.disk.as_mut(), self.next.position)?;
        }
        self.files.write(self.disk.as_mut(), self.next.position, &group.bytes)?;
        self.next = group.next;
        if sync == Sync::Now {
            self.sync_inner()?;
        }
        Ok(())
    }

    /// Waits until all that was written is on disk.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        if self.stopped {
            return Err(JournalError::Stopped);
        }
        self.stopped = true;
        self.sync_inner()?;
        self.stopped = false;
        Ok(())
    }

    fn sync_inner(&mut self) -> Result<(), JournalError> {
        if self.durable < self.next.position.0 {
            self.files.sync_last(self.disk.as_mut())?;
            self.durable = self.next.position.0;
            self.marker.set(self.disk.as_mut(), self.durable)?;
        }
        Ok(())
    }

    /// Overwrites parts with zeros, on disk when this returns. The STATE frame that records it must be on disk before.
    pub fn zero(&mut self, parts: &[PartAt]) -> Result<(), JournalError> {
        if self.stopped {
            return Err(JournalError::Stopped);
        }
        self.stopped = true;
        self.files.zero(self.disk.as_mut(), parts)?;
        self.stopped = false;
        Ok(())
    }

    /// Reads by position, from any thread.
    pub fn reader(&self) -> JournalReader {
        self.files.reader()
    }

    /// Reads an existing journal by position, without opening it for writing.
    pub fn read_only(path: &Path) -> Result<JournalReader, JournalError> {
        Ok(Files::list_directory(path)?.reader())
    }

    /// Hands every frame to `visit`, by the same rules as [`Journal::open`], and changes nothing.
    pub fn walk(path: &Path, visit: Visit<'_>) -> Result<Recovered, JournalError> {
        recover::walk(path, visit)
    }

    /// Where the next frame will stand.
    pub fn cursor(&self) -> Cursor {
        self.next
    }
}
