//! Why the engine cannot start, or go on.

use store::{ReplayError, StoreError};

use crate::keys::KeyError;
use crate::log::TakeError;
use crate::view::ViewError;

/// Why the engine cannot start, or go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// What keeps the data.
    #[error(transparent)]
    Store(#[from] StoreError),
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
            TakeError::Store(error) => Self::Store(error),
            inconsistent @ TakeError::Inconsistent(..) => Self::Log(inconsistent.to_string()),
        }
    }
}

impl From<ReplayError> for EngineError {
    fn from(error: ReplayError) -> Self {
        let (ReplayError::Misfit(error) | ReplayError::Store(error)) = error;
        Self::Store(error)
    }
}
