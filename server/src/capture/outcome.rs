//! What is asked of a capture, and what became of it.

use engine::Accepted;
use serde::{Deserialize, Serialize};
use trace::epcis::Problem;

/// Most events of one capture: what one answer can list and one batch of the sequencer holds.
pub const EVENTS_MAX: usize = 500;
/// Most goods of one event of which an answer says whose permission is missing; the rest is counted.
pub(super) const MISSING_TOLD: usize = 20;
/// Largest document.
pub const DOCUMENT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What happens to the good events of a document with bad ones (EPCIS 2.0, `GS1-EPCIS-Capture-Error-Behaviour`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// None is taken.
    Rollback,
    /// They are taken.
    Proceed,
}

/// How to capture.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What to do with good events beside bad ones.
    pub behaviour: Behaviour,
    /// Say what would happen, take nothing.
    pub dry_run: bool,
    /// Now, milliseconds since 1970.
    pub now_ms: u64,
}

/// What became of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventResult {
    /// Position in the document, from 0.
    pub event: usize,
    /// Its id; of an event that came without one its hash id, unless it was refused when it was checked.
    #[serde(rename = "eventID", skip_serializing_if = "Option::is_none", default)]
    pub event_id: Option<String>,
    /// `captured`, `already captured`, `valid` (dry run), `refused`, `not taken` (rolled back). One with problems that is not refused went in,
    /// or would, without the goods that they name.
    pub outcome: String,
    /// Ledger indices of its entries.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub entries: Vec<u64>,
    /// Leaf hashes of these entries, hex.
    #[serde(rename = "leafHashes", skip_serializing_if = "Vec::is_empty", default)]
    pub leaf_hashes: Vec<String>,
    /// What is wrong, each naming its field.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub problems: Vec<String>,
    /// The id that it has by what it says (CBV 2.0, 8.9), for whoever wants to compare it with the eventID; not of one that was refused
    /// when it was checked.
    #[serde(rename = "hashID", skip_serializing_if = "Option::is_none", default)]
    pub hash_id: Option<String>,
    /// Whether it was refused because its eventID stands for something else.
    #[serde(skip)]
    pub used: bool,
}

impl EventResult {
    pub(crate) fn new(event: usize, event_id: Option<String>, outcome: &str) -> Self {
        let outcome = outcome.to_owned();
        Self { event, event_id, outcome, entries: Vec::new(), leaf_hashes: Vec::new(), problems: Vec::new(), hash_id: None, used: false }
    }

    pub(crate) fn entry(&mut self, accepted: &Accepted) {
        self.entries.push(accepted.index);
        self.leaf_hashes.push(accepted.leaf_hash.to_string());
    }
}

/// What became of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// True where every event is in the ledger (or, in a dry run, could be).
    pub success: bool,
    /// One result for each event.
    pub events: Vec<EventResult>,
    /// Product and place master data taken.
    pub master_data: usize,
    /// Vocabulary types of the header that say nothing which a page shows.
    pub ignored: Vec<String>,
}

/// Why a whole capture was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The document is unreadable, or its header is wrong.
    #[error("{}", join(.0))]
    Document(Vec<Problem>),
    /// More events than one capture may hold.
    #[error("the document holds {0} events, one capture takes at most {EVENTS_MAX}: send it in parts")]
    TooMany(usize),
    /// A pre-signed file that cannot be taken.
    #[error("the pre-signed capture: {0}")]
    Presigned(String),
    /// Try later.
    #[error("the queue is full; send the same document again in a few seconds")]
    Busy,
    /// What has to be looked up cannot be; the cause is for the log.
    #[error("what the record names could not be looked up: {0}")]
    Unavailable(String),
    /// The cause is for the log.
    #[error("the server failed: {0}")]
    Internal(String),
}

fn join(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

pub(super) fn problem(field: &str, message: String) -> Problem {
    Problem { event: None, event_id: None, field: field.to_owned(), message }
}

pub(super) fn unavailable(e: impl std::fmt::Display) -> CaptureError {
    CaptureError::Unavailable(e.to_string())
}
