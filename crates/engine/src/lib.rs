//! The one writer. Submissions and state records queue up for a single thread, which puts all that is waiting into one group of
//! frames, waits once until they are on disk, signs a checkpoint, and only then answers.
//!
//! `Engine::submit` for the log, `Engine::state` for what stands beside it, `Engine::view` for reading the log as of the newest
//! checkpoint, `Engine::index` for reading the tables of state.

mod bounded;
mod check;
mod cosigned;
mod error;
pub mod keys;
mod log;
mod rights;
mod sequencer;
mod start;
mod submission;
mod view;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;

use base::clock::Clock;
use ledger::bundle::BuildError;
use ledger::note::NoteSignature;
use ledger::{Hash, Key};
use store::record::tally::{Counts, Place};
use store::record::{Secret, StateRecord};
use store::rows::ScanCount;
use store::{Index, StoreError};
use tokio::sync::{oneshot, watch};

pub use bounded::{Said, bounded};
pub use check::{KEEPS_ITS_KEY, beside, key_signs_no_more, says_the_same};
pub use error::EngineError;
pub use rights::RightsNow;
pub use start::{OpenStore, Opened, Options};
pub use submission::{Accepted, NewEvent, SignedEvent, Submission, SubmitError};
pub use view::{View, ViewError};

use keys::Keys;
use sequencer::Command;
pub use sequencer::{GROUP_BYTES, GROUP_COMMANDS};

base::limits! {
    /// Submissions and state records waiting for the sequencer; more are answered with 503 and Retry-After.
    QUEUE_COMMANDS: usize = 4096, "commands";
    /// Their bytes together: what waiting work may take of the memory.
    QUEUE_BYTES: usize = 64 << 20, "bytes";
    /// One submission with its parts, or one state record with its texts and photographs.
    SUBMISSION_BYTES: usize = 16 << 20, "bytes";
    /// Places of which figures are counted within one second: a record of a few hundred kilobytes.
    TALLIES_WAITING: usize = 5_000, "places";
}

/// The tables of all named limits of this crate.
pub const TABLES: [&[base::limit::Limit]; 6] = [LIMITS, bounded::LIMITS, sequencer::LIMITS, start::LIMITS, log::LIMITS, cosigned::LIMITS];

/// The ledger and the state beside it. Cheap to clone; the last clone to go stops the writer, after what is queued.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    queue: Option<SyncSender<Command>>,
    waiting: Arc<AtomicUsize>,
    view: watch::Receiver<Arc<View>>,
    cosigned: watch::Receiver<Option<Arc<View>>>,
    halted: Arc<OnceLock<String>>,
    index: Index,
    keys: Arc<Keys>,
    scans: Arc<Mutex<PendingScans>>,
    clock: Clock,
    thread: Option<JoinHandle<()>>,
}

/// A bundle, with what it was made from.
pub struct Proof {
    /// Its bytes.
    pub bundle: Vec<u8>,
    /// The lists in it.
    pub lists: Vec<Key>,
    /// The version whose checkpoint is in it.
    pub from: Arc<View>,
    /// The newest version when it was made.
    pub newest: Arc<View>,
    /// The newest co-signed version then.
    pub cosigned: Option<Arc<View>>,
}

/// Scans that are not in the index yet, per day and item; and what is counted for figures.
#[derive(Debug, Default)]
pub(crate) struct PendingScans {
    /// For figures, of each place: not given to the journal yet. Nobody reads it from here.
    pub(crate) tallies: BTreeMap<(u32, Place), Counts>,
    /// Not given to the journal yet.
    pub(crate) waiting: BTreeMap<(u32, Key), u32>,
    /// Being written to the journal.
    pub(crate) writing: BTreeMap<(u32, Key), u32>,
}

impl PendingScans {
    pub(crate) fn are_waiting(&self) -> bool {
        !self.waiting.is_empty() || !self.tallies.is_empty()
    }
}

/// Why a state record was not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Too much is waiting: 503 with Retry-After.
    #[error("the server has more work than it can take; send it again in {} seconds", base::limit::RETRY_AFTER_SECONDS)]
    Overloaded,
    /// The engine ended: 503.
    #[error("the server is stopping; send it again when it is back")]
    Stopped,
    /// Larger than a record may be.
    #[error("it has {bytes} bytes; the limit is {limit}")]
    TooLarge {
        /// Its bytes.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
}

impl Engine {
    /// Opens the data directory and starts the writer.
    pub fn open(options: Options) -> Result<Opened, EngineError> {
        start::open(options)
    }

    /// Puts a record into the log. When this returns its frames are on disk and a checkpoint over it is signed: it is accepted and logged.
    /// The same record again is answered as before.
    pub async fn submit(&self, submission: Submission) -> Result<Accepted, SubmitError> {
        if let Some(reason) = self.halted() {
            return Err(SubmitError::Halted(reason.to_owned()));
        }
        let bytes = submission.bytes();
        if bytes > SUBMISSION_BYTES {
            return Err(SubmitError::TooLarge { bytes, limit: SUBMISSION_BYTES });
        }
        let (reply, answer) = oneshot::channel();
        self.send(Command::Submit { submission, bytes, reply }, bytes).map_err(|refused| match refused {
            Refused::Overloaded => SubmitError::Overloaded,
            Refused::Stopped => SubmitError::Stopped,
        })?;
        answer.await.unwrap_or(Err(SubmitError::Stopped))
    }

    /// Puts records into the log in this order, and answers for each. They share groups, so this is much faster than one by
    /// one; an overload
    /// refuses the rest.
    pub async fn submit_all(&self, submissions: Vec<Submission>) -> Vec<Result<Accepted, SubmitError>> {
        let mut answers = Vec::with_capacity(submissions.len());
        for submission in submissions {
            let bytes = submission.bytes();
            let (reply, answer) = oneshot::channel();
            let sent = if let Some(reason) = self.halted() {
                Err(SubmitError::Halted(reason.to_owned()))
            } else if bytes > SUBMISSION_BYTES {
                Err(SubmitError::TooLarge { bytes, limit: SUBMISSION_BYTES })
            } else {
                self.send(Command::Submit { submission, bytes, reply }, bytes).map_err(|refused| match refused {
                    Refused::Overloaded => SubmitError::Overloaded,
                    Refused::Stopped => SubmitError::Stopped,
                })
            };
            answers.push(sent.map(|()| answer));
        }
        let mut outcomes = Vec::with_capacity(answers.len());
        for answer in answers {
            outcomes.push(match answer {
                Ok(answer) => answer.await.unwrap_or(Err(SubmitError::Stopped)),
                Err(refused) => Err(refused),
            });
        }
        outcomes
    }

    /// The newest version whose co-signatures reach the policy's quorum.
    pub fn cosigned(&self) -> Option<Arc<View>> {
        self.0.cosigned.borrow().clone()
    }

    /// The bundle of a subject: from the newest co-signed version, if none of the lists that belong to its history grew since; else from
    /// the newest one.
    pub fn bundle(&self, name: &ledger::name::Name) -> Result<Vec<u8>, BuildError<ViewError>> {
        Ok(self.proof(name)?.bundle)
    }

    /// The same, with what it was made from.
    pub fn proof(&self, name: &ledger::name::Name) -> Result<Proof, BuildError<ViewError>> {
        match self.build(name, true) {
            // An old version's map can lose nodes to newer ones when they are put out of memory: the newest has them all.
            Err(BuildError::Source(ViewError::Outdated)) => self.build(name, false),
            built => built,
        }
    }

    fn build(&self, name: &ledger::name::Name, older: bool) -> Result<Proof, BuildError<ViewError>> {
        let (newest, cosigned) = (self.view(), self.cosigned());
        let gathered = ledger::bundle::gather(&*newest, name)?;
        let lists: Vec<Key> = gathered.bundle.lists.iter().map(|list| list.key).collect();
        if let Some(cosigned) = cosigned.as_ref().filter(|cosigned| older && cosigned.size() < newest.size()) {
            let mut same = true;
            for key in &lists {
                same = same && cosigned.map_leaf(key)? == newest.map_leaf(key)?;
            }
            if same {
                let bundle = ledger::bundle::build(&**cosigned, name)?;
                return Ok(Proof { bundle, lists, from: Arc::clone(cosigned), newest, cosigned: Some(Arc::clone(cosigned)) });
            }
        }
        Ok(Proof { bundle: gathered.bundle.encode(), lists, from: Arc::clone(&newest), newest, cosigned })
    }

    /// Hands in a co-signature for a version. It is checked, and added where it is right.
    pub fn cosign(&self, view: Arc<View>, signature: NoteSignature) {
        // When the queue is full the co-signer is asked again for a later version.
        drop(self.send(Command::Cosigned { view, signature }, 0));
    }

    /// Stops taking records, for a reason that no waiting mends; pages, proofs and comments go on.
    pub fn halt(&self, reason: String) {
        drop(self.0.halted.set(reason));
    }

    /// Why no records are taken any more.
    pub fn halted(&self) -> Option<&str> {
        self.0.halted.get().map(String::as_str)
    }

    /// Keeps a state record without blobs. On disk, and in the tables, when this returns.
    pub async fn state(&self, record: StateRecord) -> Result<(), StateError> {
        self.state_with(record, Vec::new()).await.map(|_| ())
    }

    /// Keeps a state record with its erasable blobs, which it names by [`store::record::Blob`]. Returns their commitments.
    pub async fn state_with(&self, record: StateRecord, blobs: Vec<Vec<u8>>) -> Result<Vec<Hash>, StateError> {
        let body = record.encode();
        let bytes = body.len() + blobs.iter().map(|blob| blob.len() + 64).sum::<usize>();
        if bytes > SUBMISSION_BYTES || blobs.len() > usize::from(u16::MAX) {
            return Err(StateError::TooLarge { bytes, limit: SUBMISSION_BYTES });
        }
        let (reply, answer) = oneshot::channel();
        let command = Command::State { record, body, blobs, bytes, reply };
        self.send(command, bytes).map_err(|refused| match refused {
            Refused::Overloaded => StateError::Overloaded,
            Refused::Stopped => StateError::Stopped,
        })?;
        answer.await.map_err(|_| StateError::Stopped)
    }

    /// Counts a page opening. It is written within a second; a crash may forget that second.
    pub fn scan(&self, item: &Key, day: u32) {
        let first = {
            let mut scans = self.0.scans.lock().unwrap_or_else(|e| e.into_inner());
            *scans.waiting.entry((day, *item)).or_default() += 1;
            scans.waiting.len() == 1
        };
        if first {
            // A full queue wakes the writer anyway.
            let _ = self.send(Command::Wake, 0);
        }
    }

    /// Counts for figures, of which `add` makes one more. Written as scans are. Of more places than there is room for in that second
    /// nothing is counted.
    pub fn tally(&self, of: Place, day: u32, add: impl FnOnce(&mut Counts)) {
        let first = {
            let mut scans = self.0.scans.lock().unwrap_or_else(|e| e.into_inner());
            let key = (day, of);
            if scans.tallies.len() >= TALLIES_WAITING && !scans.tallies.contains_key(&key) {
                return;
            }
            add(scans.tallies.entry(key).or_default());
            scans.tallies.len() == 1
        };
        if first {
            let _ = self.send(Command::Wake, 0);
        }
    }

    /// How often an item's pages were opened, those not yet written included.
    pub fn scans(&self, item: &Key) -> Result<ScanCount, StoreError> {
        // The lock comes first: the writer holds it while these counts become those of the index.
        let scans = self.0.scans.lock().unwrap_or_else(|e| e.into_inner());
        let written = self.0.index.scans(&store::record::scan_key(item))?;
        let pending = scans.waiting.iter().chain(&scans.writing).filter(|((_, key), _)| key == item);
        Ok(pending.fold(written, |sum, ((day, _), count)| sum.add(*day, u64::from(*count))))
    }

    /// The newest signed version of the ledger.
    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.0.view.borrow())
    }

    /// Tells of each new version.
    pub fn views(&self) -> watch::Receiver<Arc<View>> {
        self.0.view.clone()
    }

    /// The tables of state.
    pub fn index(&self) -> &Index {
        &self.0.index
    }

    /// A secret of this server for one purpose, the same for ever: for hashes that nobody else shall be able to make.
    pub fn secret(&self, purpose: &str) -> [u8; 32] {
        self.0.keys.secret(purpose)
    }

    /// The bytes of a blob; `None` where it was erased.
    pub fn blob(&self, secret: &Secret) -> Result<Option<Vec<u8>>, ViewError> {
        Ok(self.0.index.keeper().part(&secret.0)?.map(|part| part.into_inner().1))
    }

    /// The keys.
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// The engine's clock, milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        (self.0.clock)()
    }

    fn send(&self, command: Command, bytes: usize) -> Result<(), Refused> {
        let queue = self.0.queue.as_ref().ok_or(Refused::Stopped)?;
        let waiting = self.0.waiting.fetch_add(bytes, Ordering::Relaxed);
        let sent = if waiting + bytes > QUEUE_BYTES {
            Err(Refused::Overloaded)
        } else {
            queue.try_send(command).map_err(|e| match e {
                TrySendError::Full(_) => Refused::Overloaded,
                TrySendError::Disconnected(_) => Refused::Stopped,
            })
        };
        if sent.is_err() {
            self.0.waiting.fetch_sub(bytes, Ordering::Relaxed);
        }
        sent
    }
}

enum Refused {
    Overloaded,
    Stopped,
}

impl Drop for Inner {
    /// Lets the writer finish what is queued, and waits for it.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // Its panic was reported when it happened.
            let _ = thread.join();
        }
    }
}
