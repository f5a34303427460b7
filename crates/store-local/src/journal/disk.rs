//! The few calls the journal makes to the file system, behind a trait so that tests can let each of them fail once.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// What the journal asks of a disk.
pub trait Disk: Send {
    /// Makes a new file, which must not be there yet, readable by its owner alone.
    fn create(&mut self, path: &Path) -> io::Result<File>;
    /// Writes all bytes at this place of the file.
    fn write(&mut self, file: &File, at: u64, bytes: &[u8]) -> io::Result<()>;
    /// Waits until the file's bytes are on disk.
    fn sync(&mut self, file: &File) -> io::Result<()>;
    /// Cuts the file to this length.
    fn truncate(&mut self, file: &File, length: u64) -> io::Result<()>;
    /// Gives the file its lasting name.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Waits until the directory's list of files is on disk.
    fn sync_directory(&mut self, path: &Path) -> io::Result<()>;
}

/// The operating system's files.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsDisk;

impl Disk for OsDisk {
    fn create(&mut self, path: &Path) -> io::Result<File> {
        use std::os::unix::fs::OpenOptionsExt;
        OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
    }

    fn write(&mut self, file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
        file.write_all_at(bytes, at)
    }

    fn sync(&mut self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn truncate(&mut self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn sync_directory(&mut self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}
