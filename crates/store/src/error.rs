//! What can go wrong with a keeper.

use std::sync::Arc;

use crate::Table;

/// The keeper failed. Nothing that was acknowledged is lost.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// What is kept cannot be read or written; the sentence names the place and says how to mend it.
    #[error("{what}")]
    Keeper {
        /// For the operator.
        what: String,
        /// The keeper's own error, where there is one.
        #[source]
        source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },
    /// A row that cannot be understood.
    #[error(
        "the index has an unreadable row in table {table:#04x}. Stop the server, delete the directory `index`, start again: it is rebuilt from the journal"
    )]
    Row {
        /// In which table.
        table: u8,
    },
    /// What was read does not match its hash.
    #[error("the stored bytes of {0} do not match their hash; restore the journal from a backup")]
    Damaged(String),
}

impl StoreError {
    /// A row of this table cannot be understood.
    pub const fn row(table: Table) -> Self {
        Self::Row { table: table.0 }
    }

    /// A keeper's error, which says in its own words what is wrong and what to do.
    pub fn keeper(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Keeper { what: source.to_string(), source: Some(Arc::new(source)) }
    }
}

/// Why a replay came to no end.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The rows do not belong to what is kept, or what is kept does not fit together: with the rows it can be tried anew from the beginning.
    #[error("{0}")]
    Misfit(StoreError),
    /// The keeper failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
