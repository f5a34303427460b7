//! Why the engine cannot start, or go on.

use base::lock::LockError;

use super::log::TakeError;
use super::view::ViewError;
use crate::index::IndexError;
use crate::journal::JournalError;
use crate::keys::KeyError;

/// Why the engine cannot start, or go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The directory.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A ledger whose journal is gone.
    #[error(
        "{0} belongs to a ledger, but its journal is missing. A start would sign a second history under the same name and key, which everybody \
         would see as a fork. Restore {0}/journal from a backup; for a new ledger name another folder with --data, or delete this one"
    )]
    NoJournal(String),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A version of the ledger.
    #[error(transparent)]
    View(#[from] ViewError),
    /// An entry does not continue the log.
    #[error("{0}; restore the data directory from a backup")]
    Log(String),
    /// No thread.
    #[error("the writer's thread cannot start: {0}")]
    Thread(std::io::Error),
}

impl From<TakeError> for EngineError {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::Index(error) => Self::Index(error),
            inconsistent @ TakeError::Inconsistent(..) => Self::Log(inconsistent.to_string()),
        }
    }
}
