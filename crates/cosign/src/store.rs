//! What a co-signer keeps: its key, and for each log the newest checkpoint that it signed. On disk before it answers: a witness
//! that forgets could be made to sign two histories.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ledger::note::{Checkpoint, Cosigner, SignedNote};

use base::lock::{DirectoryLock, LOCK_WAIT};
use base::secret::{seed_or_new, write_whole};

/// A co-signer's folder, held by one process.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    _lock: DirectoryLock,
}

impl Store {
    /// Opens the folder, made if it is not there.
    pub fn open(folder: &Path) -> Result<Self, String> {
        fs::create_dir_all(folder.join("logs")).map_err(|e| failed(folder, &e))?;
        let lock = DirectoryLock::acquire(folder, LOCK_WAIT).map_err(|e| e.to_string())?;
        Ok(Self { folder: folder.to_owned(), _lock: lock })
    }

    /// The newest checkpoint of this log that was signed here.
    pub fn newest(&self, origin: &str) -> Result<Option<Checkpoint>, String> {
        let path = self.path(origin);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(failed(&path, &e)),
        };
        let note = SignedNote::parse(&bytes).ok().and_then(|note| Checkpoint::parse_any(&note.text).ok());
        match note {
            Some(checkpoint) if checkpoint.origin == origin => Ok(Some(checkpoint)),
            _ => Err(format!("{} does not hold the checkpoint that was signed last; restore it from a backup", path.display())),
        }
    }

    /// Keeps the note of a checkpoint that is about to be signed. On disk when this returns.
    pub fn keep(&self, origin: &str, note: &[u8]) -> Result<(), String> {
        let path = self.path(origin);
        write_whole(&path, note, 0o644).map_err(|e| failed(&path, &e))
    }

    fn path(&self, origin: &str) -> PathBuf {
        // An origin has characters that file names must not have.
        self.folder.join("logs").join(ledger::hash(origin.as_bytes()).to_string())
    }
}

/// The co-signer of a folder; its key is made at first use and never leaves it.
pub fn cosigner(folder: &Path, name: &str) -> Result<Cosigner, String> {
    fs::create_dir_all(folder).map_err(|e| failed(folder, &e))?;
    let seed = seed_or_new(&folder.join("key")).map_err(|e| e.to_string())?;
    Cosigner::new(name, &seed).map_err(|e| format!("{name} cannot be a co-signer's name: {e}"))
}

fn failed(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}
