//! One process per folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a start waits for another process to let go: a server that is being restarted ends within this time.
pub const LOCK_WAIT: Duration = Duration::from_secs(10);

/// How often the lock is tried again meanwhile.
const LOCK_RETRY: Duration = Duration::from_millis(100);

/// Why the directory could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error(
        "{0} is in use by another leafproof process. Stop that one first, or talk to the running server: `leafproof capture --url http://127.0.0.1:3000 --key KEY FILE`"
    )]
    InUse(PathBuf),
    /// It cannot be made or opened.
    #[error("cannot open {path}: {source}. Choose another directory with --data, or mend its permissions")]
    Io {
        /// The lock's file or the directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Held as long as this process uses the directory; the operating system lets go of it when the process ends.
#[derive(Debug)]
pub struct DirectoryLock {
    _file: File,
}

impl DirectoryLock {
    /// Locks the directory, which is made if it is not there, and waits up to `wait` for another process to let go.
    pub fn acquire(directory: &Path, wait: Duration) -> Result<Self, LockError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| LockError::Io { path, source }
        };
        std::fs::create_dir_all(directory).map_err(failed(directory))?;
        let path = directory.join("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(failed(&path))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if begun.elapsed() < wait => std::thread::sleep(LOCK_RETRY),
                Err(TryLockError::WouldBlock) => {
                    return Err(LockError::InUse(directory.to_owned()));
                }
                Err(TryLockError::Error(source)) => return Err(failed(&path)(source)),
            }
        }
    }
}
