//! One capture: a member's EPCIS document on its way into the ledger, event by event, with a result for each.
//!
//! The same code serves the HTTP interface, the command line and the demo's loader. Nothing of a document is taken before all of
//! it was read; with `Behaviour::Rollback` (EPCIS' default) nothing is taken while any event is wrong.

mod check;

use engine::{Accepted, Engine, NewEvent, Submission, SubmitError, View};
use engine::{GROUP_BYTES, GROUP_COMMANDS};
use ledger::Hash;
use ledger::entry::{Body, Record};
use ledger::name::Name;
use serde::{Deserialize, Serialize};
use store::record::{Location, StateRecord};
use trace::draft::{self, Draft, Target};
use trace::epcis::{self, Problem};

use self::check::{Good, Prepared, prepare};
use crate::authority::{self, Missing, Resolved, Saying};
use crate::epcis::identity;

/// Most events of one capture: what one answer can list and one batch of the sequencer holds.
pub const EVENTS_MAX: usize = 500;
/// Most goods of one event of which an answer says whose permission is missing; the rest is counted.
const MISSING_TOLD: usize = 20;
/// Largest document.
pub const DOCUMENT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Documents that are read and checked at the same time: each takes a thread for up to a second, and pages need threads too.
const CHECKS_AT_ONCE: usize = 2;
static CHECKS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(CHECKS_AT_ONCE);

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

/// Signs for members that keep their own key: the demo's loader has one. `None`: the service signs with the key it keeps.
pub type Sign<'a> = Option<&'a (dyn Fn(&NewEvent) -> Submission + Sync)>;

/// Runs a capture of `text`, posted by `member`.
pub async fn run(engine: &Engine, member: &str, text: &str, options: Options, sign: Sign<'_>) -> Result<Outcome, CaptureError> {
    let prepared = {
        let (engine, member, text, own_key) = (engine.clone(), member.to_owned(), text.to_owned(), sign.is_some());
        let _permit = CHECKS.acquire().await.map_err(internal)?;
        tokio::task::spawn_blocking(move || prepare(&engine, &member, &text, options, own_key)).await.map_err(internal)??
    };
    let Prepared { locations, masters, checked, ignored } = prepared;
    let capture = Capture { engine, member, sign };
    let all_good = checked.iter().all(|one| one.as_ref().is_ok_and(|good| good.left_out.is_empty()));
    let take = !options.dry_run && (all_good || options.behaviour == Behaviour::Proceed);
    if take {
        capture.take_master_data(&locations, &masters).await?;
    }
    let (mut events, mut together) = (Vec::new(), Vec::new());
    for result in checked {
        match result {
            Err(refused) => events.push(*refused),
            Ok(good) if !take => events.push(good.result(if options.dry_run { "valid" } else { "not taken" })),
            // They share the sequencer's groups: one by one each would wait for the disk.
            Ok(good) if good.event.error.is_none() && sign.is_none() => together.push(good),
            // What is taken back may be among those before it.
            Ok(good) => {
                events.extend(capture.take_all(std::mem::take(&mut together)).await?);
                events.push(capture.take(good).await?);
            }
        }
    }
    events.extend(capture.take_all(together).await?);
    events.sort_by_key(|result| result.event);
    let success = all_good && events.iter().all(|e| e.outcome != "refused");
    Ok(Outcome { success, events, master_data: if take { masters.len() + locations.len() } else { 0 }, ignored })
}

fn problem(field: &str, message: String) -> Problem {
    Problem { event: None, event_id: None, field: field.to_owned(), message }
}

/// The id in the ledger.
fn event_id(engine: &Engine, view: &View, member: &str, draft: &Draft) -> Result<Hash, CaptureError> {
    match &draft.event_id {
        Some(text) => identity::named(engine, view, member, text).map_err(unavailable),
        None => Ok(identity::unnamed(engine, member, &draft.hash_id)),
    }
}

fn find(view: &View, member: &str, draft: &Draft, id: &Hash) -> Result<Option<u64>, CaptureError> {
    view.find_event(&Name::member_key(member), id, draft.kind as u8, draft.chunk).map_err(unavailable)
}

fn target(view: &View, index: u64) -> Result<Target, CaptureError> {
    let (event, records) = record_at(view, index)?;
    Ok(Target::of(&event, view.origin(), records))
}

/// The event that stands there, with what it names.
fn record_at(view: &View, index: u64) -> Result<(ledger::entry::Event, Vec<Record>), CaptureError> {
    let tile = view.entry(index).map_err(unavailable)?;
    match tile.entry.body {
        Body::Event(event) => Ok((event, tile.records)),
        _ => Err(CaptureError::Internal(format!("entry {index} is no event"))),
    }
}

/// By whose right the member says this of each of the goods.
fn resolve(view: &View, member: &str, now_ms: u64, draft: &Draft) -> Result<Resolved, Vec<Missing>> {
    authority::resolve(view.rights(), member, Saying::of(draft, now_ms), &draft.subjects)
}

struct Capture<'a> {
    engine: &'a Engine,
    member: &'a str,
    sign: Sign<'a>,
}

impl Capture<'_> {
    async fn take_master_data(&self, locations: &[epcis::Location], masters: &[Draft]) -> Result<(), CaptureError> {
        for location in locations {
            let Some(path) = location.name.digital_link_path() else { continue };
            let known = self.engine.index().location(&path, self.member).map_err(internal)?;
            if known.is_some_and(|k| k.names == location.words) {
                continue;
            }
            let record = Location { member: self.member.to_owned(), path, names: location.words.clone() };
            self.engine.state(StateRecord::Location(record)).await.map_err(internal)?;
        }
        for draft in masters {
            self.submit(draft, None).await?.map_err(|why| CaptureError::Document(vec![problem("/epcisHeader/epcisMasterData", why)]))?;
        }
        Ok(())
    }

    /// Records events that take nothing back.
    async fn take_all(&self, goods: Vec<Good>) -> Result<Vec<EventResult>, CaptureError> {
        let (mut submissions, mut asked) = (Vec::new(), Vec::new());
        for good in &goods {
            let drafts = good.drafts.iter().map(|(draft, by)| self.submission(draft, by.as_ref()));
            let drafts = drafts.collect::<Result<Result<Vec<_>, _>, _>>()?;
            asked.push(drafts.map(|drafts| {
                let count = drafts.len();
                submissions.extend(drafts);
                count
            }));
        }
        let mut answers = self.submit_all(submissions).await.into_iter();
        let mut results = Vec::new();
        for (good, asked) in goods.iter().zip(asked) {
            let mut result = good.result("captured");
            let answers = match asked {
                Ok(count) => answers.by_ref().take(count).collect::<Vec<_>>(),
                Err(why) => {
                    results.push(refuse(result, why));
                    continue;
                }
            };
            let (mut repeats, mut refused) = (0, None);
            for answer in &answers {
                match answered(answer)? {
                    Ok(accepted) => {
                        repeats += usize::from(accepted.is_repeat());
                        result.entry(accepted);
                    }
                    Err(why) => refused = refused.or(Some(why)),
                }
            }
            if repeats == answers.len() {
                "already captured".clone_into(&mut result.outcome);
            }
            results.push(match refused {
                Some(why) => refuse(result, why),
                None => result,
            });
        }
        Ok(results)
    }

    /// As much at a time as one group of the sequencer holds, so that a large document leaves the queue room for others.
    async fn submit_all(&self, submissions: Vec<Submission>) -> Vec<Result<Accepted, SubmitError>> {
        let (mut answers, mut group, mut bytes) = (Vec::new(), Vec::new(), 0);
        for submission in submissions {
            let more = submission.bytes();
            if group.len() == GROUP_COMMANDS || bytes + more > GROUP_BYTES {
                answers.extend(self.engine.submit_all(std::mem::take(&mut group)).await);
                bytes = 0;
            }
            bytes += more;
            group.push(submission);
        }
        answers.extend(self.engine.submit_all(group).await);
        answers
    }

    /// Records an event; one with an errorDeclaration is recorded where it is not known yet, then taken back.
    async fn take(&self, good: Good) -> Result<EventResult, CaptureError> {
        let mut result = good.result("captured");
        let mut repeats = 0;
        let mut submissions = 0;
        for (draft, by) in &good.drafts {
            let known = if good.event.error.is_some() { self.known(draft)? } else { None };
            let index = match known {
                Some(index) => index,
                None => {
                    submissions += 1;
                    match self.submit(draft, by.as_ref()).await? {
                        Ok(accepted) => {
                            repeats += usize::from(accepted.is_repeat());
                            result.entry(&accepted);
                            accepted.index
                        }
                        Err(why) => return Ok(refuse(result, why)),
                    }
                }
            };
            if good.event.error.is_some() {
                submissions += 1;
                let target = target(&self.engine.view(), index)?;
                let voiding = match draft::void(&good.event, &target) {
                    Ok(draft) => draft,
                    Err(e) => return Ok(refuse(result, e.to_string())),
                };
                match self.submit(&voiding, None).await? {
                    Ok(accepted) => {
                        repeats += usize::from(accepted.is_repeat());
                        result.entry(&accepted);
                    }
                    Err(why) => return Ok(refuse(result, why)),
                }
            }
        }
        if repeats == submissions {
            "already captured".clone_into(&mut result.outcome);
        }
        Ok(result)
    }

    /// The entry of the original of an event that is to be taken back.
    fn known(&self, draft: &Draft) -> Result<Option<u64>, CaptureError> {
        let view = self.engine.view();
        find(&view, self.member, draft, &event_id(self.engine, &view, self.member, draft)?)
    }

    async fn submit(&self, draft: &Draft, by: Option<&Resolved>) -> Result<Result<Accepted, String>, CaptureError> {
        match self.submission(draft, by)? {
            Ok(submission) => answered(&self.engine.submit(submission).await).map(|answer| answer.cloned()),
            Err(why) => Ok(Err(why)),
        }
    }

    fn submission(&self, draft: &Draft, by: Option<&Resolved>) -> Result<Result<Submission, String>, CaptureError> {
        let view = self.engine.view();
        let id = event_id(self.engine, &view, self.member, draft)?;
        let by = if let Some(index) = find(&view, self.member, draft, &id)? {
            // What stands there was said by the rights of then.
            let (old, records) = record_at(&view, index)?;
            Resolved::as_in(&old, records)
        } else {
            match by.cloned().map_or_else(|| resolve(&view, self.member, self.engine.now_ms(), draft), Ok) {
                Ok(by) => by,
                Err(missing) => return Ok(Err(missing.into_iter().take(MISSING_TOLD).map(|m| m.why).collect::<Vec<_>>().join("; "))),
            }
        };
        let event = by.event(draft, id);
        Ok(Ok(match self.sign {
            Some(sign) => sign(&event),
            None => Submission::Custodial { member: self.member.to_owned(), event: Box::new(event) },
        }))
    }
}

/// The engine's answer, as a capture gives it: to come again later concerns all of it.
fn answered(answer: &Result<Accepted, SubmitError>) -> Result<Result<&Accepted, String>, CaptureError> {
    match answer {
        Ok(accepted) => Ok(Ok(accepted)),
        Err(SubmitError::Overloaded | SubmitError::Stopped) => Err(CaptureError::Busy),
        Err(e) => Ok(Err(e.to_string())),
    }
}

fn refuse(mut result: EventResult, why: String) -> EventResult {
    "refused".clone_into(&mut result.outcome);
    result.problems.push(why);
    result
}

fn unavailable(e: impl std::fmt::Display) -> CaptureError {
    CaptureError::Unavailable(e.to_string())
}

fn internal(e: impl std::fmt::Display) -> CaptureError {
    CaptureError::Internal(e.to_string())
}
