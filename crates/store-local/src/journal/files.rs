//! The journal's files: one after the other they hold its bytes, each named by the position of its first.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use super::{Disk, JournalError, PartAt, Position};

base::limits! {
    /// One journal file: what recovery reads into memory at once.
    JOURNAL_FILE_BYTES: u64 = 64 << 20, "bytes";
}

/// The files' names say the format of what is in them.
const EXTENSION: &str = "journal2";
/// Those of format 1, whose log hashed with BLAKE3. No release wrote any, so nothing here reads them.
const FORMAT_1: &str = "journal";

/// One file.
#[derive(Clone, Debug)]
pub(super) struct JournalFile {
    pub(super) start: u64,
    pub(super) path: PathBuf,
    pub(super) file: Arc<File>,
}

impl JournalFile {
    pub(super) fn failed(&self, action: &'static str) -> impl FnOnce(io::Error) -> JournalError {
        let path = self.path.clone();
        move |source| JournalError::Io { action, path, source }
    }
}

/// All files in order; at least one once the journal is open.
pub(super) struct Files {
    directory: PathBuf,
    shared: Arc<RwLock<Vec<JournalFile>>>,
}

impl Files {
    /// The files of this directory, which is made if it is not there.
    pub(super) fn open(directory: &Path, disk: &mut dyn Disk) -> Result<Self, JournalError> {
        let failed = |action| move |source| JournalError::Io { action, path: directory.to_owned(), source };
        std::fs::create_dir_all(directory).map_err(failed("making the directory"))?;
        let files = Self::list_directory(directory)?;
        if files.list().is_empty() {
            files.rotate(disk, Position(0))?;
            if let Some(parent) = directory.parent() {
                disk.sync_directory(parent).map_err(failed("fsync"))?;
            }
        }
        Ok(files)
    }

    /// The files that are there.
    pub(super) fn list_directory(directory: &Path) -> Result<Self, JournalError> {
        let failed = |action| move |source| JournalError::Io { action, path: directory.to_owned(), source };
        let mut found = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(failed("listing"))? {
            let path = entry.map_err(failed("listing"))?.path();
            if path.extension().is_some_and(|e| e == FORMAT_1) {
                return Err(JournalError::Format1(directory.to_owned()));
            }
            if path.extension().is_none_or(|e| e != EXTENSION) {
                continue;
            }
            let start =
                path.file_stem().and_then(|stem| u64::from_str_radix(stem.to_str()?, 16).ok()).ok_or_else(|| JournalError::Damaged {
                    path: directory.to_owned(),
                    position: 0,
                    what: format!("{} is no file of the journal; move it away", path.display()),
                })?;
            let file = OpenOptions::new().read(true).write(true).open(&path).map_err(|source| JournalError::Io {
                action: "opening",
                path: path.clone(),
                source,
            })?;
            found.push(JournalFile { start, path, file: Arc::new(file) });
        }
        found.sort_by_key(|file| file.start);
        Ok(Self { directory: directory.to_owned(), shared: Arc::new(RwLock::new(found)) })
    }

    pub(super) fn list(&self) -> Vec<JournalFile> {
        self.shared.read().unwrap_or_else(|e| e.into_inner()).clone()
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    fn last(&self) -> JournalFile {
        self.list().pop().expect("open() made a first file")
    }

    /// Whether a group of this many bytes belongs into a new file.
    pub(super) fn is_full(&self, end: Position, bytes: usize) -> bool {
        let start = self.last().start;
        start < end.0 && end.0 - start + bytes as u64 > JOURNAL_FILE_BYTES
    }

    /// Begins a new file at this position.
    pub(super) fn rotate(&self, disk: &mut dyn Disk, start: Position) -> Result<(), JournalError> {
        let path = self.directory.join(format!("{:016x}.{EXTENSION}", start.0));
        let failed = |action| {
            let path = path.clone();
            move |source| JournalError::Io { action, path, source }
        };
        let file = disk.create(&path).map_err(failed("making"))?;
        disk.sync_directory(&self.directory).map_err(failed("fsync of the directory"))?;
        self.shared.write().unwrap_or_else(|e| e.into_inner()).push(JournalFile {
            start: start.0,
            path: path.clone(),
            file: Arc::new(file),
        });
        Ok(())
    }

    /// Writes at the end.
    pub(super) fn write(&self, disk: &mut dyn Disk, at: Position, bytes: &[u8]) -> Result<(), JournalError> {
        let last = self.last();
        disk.write(&last.file, at.0 - last.start, bytes).map_err(last.failed("writing"))
    }

    pub(super) fn sync_last(&self, disk: &mut dyn Disk) -> Result<(), JournalError> {
        let last = self.last();
        disk.sync(&last.file).map_err(last.failed("fsync"))
    }

    /// Cuts the last file so that the journal ends here.
    pub(super) fn cut(&self, disk: &mut dyn Disk, end: Position) -> Result<(), JournalError> {
        let last = self.last();
        disk.truncate(&last.file, end.0 - last.start).map_err(last.failed("cutting"))
    }

    /// Overwrites parts with zeros and waits until that is on disk. Parts that are zeros already are left alone.
    pub(super) fn zero(&self, disk: &mut dyn Disk, parts: &[PartAt]) -> Result<(), JournalError> {
        let reader = self.reader();
        let mut touched: Vec<JournalFile> = Vec::new();
        for part in parts {
            let file = reader.file_of(part.at).ok_or(JournalError::UnknownCursor(part.at))?;
            let old = reader.read(part.at, part.length).map_err(file.failed("reading"))?;
            if old.iter().all(|byte| *byte == 0) {
                continue;
            }
            let zeros = vec![0; part.length as usize];
            disk.write(&file.file, part.at - file.start, &zeros).map_err(file.failed("writing"))?;
            if touched.iter().all(|other| other.start != file.start) {
                touched.push(file);
            }
        }
        for file in touched {
            disk.sync(&file.file).map_err(file.failed("fsync"))?;
        }
        Ok(())
    }

    pub(super) fn reader(&self) -> JournalReader {
        JournalReader { files: Arc::clone(&self.shared) }
    }
}

/// Reads the journal's bytes by position, from any thread, while its writer appends.
#[derive(Clone, Debug)]
pub struct JournalReader {
    files: Arc<RwLock<Vec<JournalFile>>>,
}

impl JournalReader {
    /// The bytes at this position. What is read must be checked against a hash by whoever asked.
    pub fn read(&self, at: u64, length: u32) -> io::Result<Vec<u8>> {
        let file = self.file_of(at).ok_or(io::ErrorKind::NotFound)?;
        let mut bytes = vec![0; length as usize];
        file.file.read_exact_at(&mut bytes, at - file.start)?;
        Ok(bytes)
    }

    fn file_of(&self, at: u64) -> Option<JournalFile> {
        let files = self.files.read().unwrap_or_else(|e| e.into_inner());
        let after = files.partition_point(|file| file.start <= at);
        files.get(after.checked_sub(1)?).cloned()
    }
}
