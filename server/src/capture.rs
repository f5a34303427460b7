//! One capture: a member's EPCIS document on its way into the ledger, event by event, with a result for each.
//!
//! The same code serves the HTTP interface, the command line and the demo's loader. Nothing of a document is taken before all of
//! it was read; with `Behaviour::Rollback` (EPCIS' default) nothing is taken while any event is wrong.

use ledger::Hash;
use ledger::entry::{Kind, part_kind};
use ledger::name::Name;
use serde::{Deserialize, Serialize};
use trace::draft::{self, Draft, Target};
use trace::epcis::{self, Event, Problem};
use trace::page::Words;

use crate::engine::state::{Location, StateRecord};
use crate::engine::{Accepted, Engine, NewEvent, Submission, SubmitError};

/// Most events of one capture: what one answer can list and one batch of the sequencer holds.
pub const EVENTS_MAX: usize = 500;
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
    /// Its id.
    #[serde(rename = "eventID", skip_serializing_if = "Option::is_none", default)]
    pub event_id: Option<String>,
    /// `captured`, `already captured`, `valid` (dry run), `refused`, `not taken` (rolled back).
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
}

impl EventResult {
    pub(crate) fn new(event: usize, event_id: Option<String>, outcome: &str) -> Self {
        let outcome = outcome.to_owned();
        Self { event, event_id, outcome, entries: Vec::new(), leaf_hashes: Vec::new(), problems: Vec::new() }
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
    let document = epcis::parse(text).map_err(CaptureError::Document)?;
    if document.events.len() > EVENTS_MAX {
        return Err(CaptureError::TooMany(document.events.len()));
    }
    let at_ms = document.created_ms.unwrap_or(options.now_ms).min(options.now_ms);
    let masters = document
        .master
        .products
        .iter()
        .map(|product| draft::master_data(product, at_ms))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| CaptureError::Document(vec![problem("/epcisHeader/epcisMasterData", e.to_string())]))?;
    let capture = Capture { engine, member, options, sign, own_places: places(&document.master.locations) };
    let mut checked = Vec::new();
    for (index, event) in document.events.into_iter().enumerate() {
        checked.push(capture.check(index, event));
    }
    let all_good = checked.iter().all(Result::is_ok);
    let take = !options.dry_run && (all_good || options.behaviour == Behaviour::Proceed);
    if take {
        capture.take_master_data(&document.master.locations, &masters).await?;
    }
    let mut events = Vec::new();
    for result in checked {
        events.push(match result {
            Err(refused) => *refused,
            Ok(good) if take => capture.take(good).await?,
            Ok(good) => good.result(if options.dry_run { "valid" } else { "not taken" }),
        });
    }
    let success = all_good && events.iter().all(|e| e.outcome != "refused");
    Ok(Outcome { success, events, master_data: if take { masters.len() + document.master.locations.len() } else { 0 } })
}

fn places(locations: &[epcis::Location]) -> Vec<(Name, Words)> {
    locations.iter().map(|l| (l.name.clone(), l.words.clone())).collect()
}

fn problem(field: &str, message: String) -> Problem {
    Problem { event: None, event_id: None, field: field.to_owned(), message }
}

/// An event that can be recorded.
struct Good {
    index: usize,
    event: Event,
    drafts: Vec<Draft>,
}

impl Good {
    fn result(&self, outcome: &str) -> EventResult {
        EventResult::new(self.index, self.event.event_id.clone(), outcome)
    }
}

struct Capture<'a> {
    engine: &'a Engine,
    member: &'a str,
    options: Options,
    sign: Sign<'a>,
    own_places: Vec<(Name, Words)>,
}

impl Capture<'_> {
    /// Everything that can be said of an event before any is taken.
    fn check(&self, index: usize, event: Result<Event, Vec<Problem>>) -> Result<Good, Box<EventResult>> {
        let refused = |event_id: Option<String>, problems: Vec<String>| {
            Box::new(EventResult { problems, ..EventResult::new(index, event_id, "refused") })
        };
        let event = event.map_err(|problems| {
            let id = problems.iter().find_map(|p| p.event_id.clone());
            refused(id, problems.iter().map(ToString::to_string).collect())
        })?;
        let id = event.event_id.clone();
        epcis::refuse_future(&event, self.options.now_ms).map_err(|p| refused(id.clone(), vec![p.to_string()]))?;
        let place = |name: &Name| self.place(name);
        match draft::event(&event, &place) {
            Ok(drafts) => Ok(Good { index, event, drafts }),
            Err(e) => {
                let name = id.as_deref().map_or_else(String::new, |id| format!(" ({id})"));
                Err(refused(id.clone(), vec![format!("event {}{name}, {e}", index + 1)]))
            }
        }
    }

    /// The name of a place: of this document, else as the member said before.
    fn place(&self, name: &Name) -> Option<Words> {
        if let Some((_, words)) = self.own_places.iter().find(|(n, _)| n == name) {
            return Some(words.clone());
        }
        let path = name.digital_link_path()?;
        let found = self.engine.index().location(&path, self.member);
        found.ok().flatten().map(|l| l.names)
    }

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
            self.submit(draft).await?.map_err(|why| CaptureError::Document(vec![problem("/epcisHeader/epcisMasterData", why)]))?;
        }
        Ok(())
    }

    /// Records an event; one with an errorDeclaration is recorded where it is not known yet, then taken back.
    async fn take(&self, good: Good) -> Result<EventResult, CaptureError> {
        let mut result = good.result("captured");
        let mut repeats = 0;
        let mut submissions = 0;
        for draft in &good.drafts {
            let known = if good.event.error.is_some() { self.known(draft)? } else { None };
            let index = match known {
                Some(index) => index,
                None => {
                    submissions += 1;
                    match self.submit(draft).await? {
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
                let target = self.target(index)?;
                let voiding = match draft::void(&good.event, &target) {
                    Ok(draft) => draft,
                    Err(e) => return Ok(refuse(result, e.to_string())),
                };
                match self.submit(&voiding).await? {
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
        let member = Name::member_key(self.member);
        view.find_event(&member, &self.event_id(draft), draft.kind as u8, draft.chunk).map_err(internal)
    }

    fn target(&self, index: u64) -> Result<Target, CaptureError> {
        let view = self.engine.view();
        let tile = view.entry(index).map_err(internal)?;
        let event = tile.entry.event().ok_or_else(|| CaptureError::Internal(format!("entry {index} is no event")))?;
        Ok(Target::of(event, view.origin(), tile.records.clone()))
    }

    /// The id in the ledger. An event without an eventID gets one made of who sent it and what it says, under a secret of this
    /// server: so the same event twice is one event, and nobody can test a guess of its content.
    fn event_id(&self, draft: &Draft) -> Hash {
        match &draft.event_id {
            Some(text) => ledger::entry::event_id(text.as_bytes()),
            None => {
                let mut material = self.member.as_bytes().to_vec();
                material.push(0);
                material.extend_from_slice(&draft.source);
                let keyed = blake3::keyed_hash(&self.engine.secret("event id"), &material);
                ledger::entry::event_id(&keyed.as_bytes()[..16])
            }
        }
    }

    async fn submit(&self, draft: &Draft) -> Result<Result<Accepted, String>, CaptureError> {
        let mut parts = vec![(part_kind::PUBLIC, draft.public.encode())];
        if draft.kind != Kind::Void {
            parts.push((part_kind::SOURCE, draft.source.clone()));
        }
        let event = NewEvent {
            event_ms: draft.event_ms,
            kind: draft.kind,
            action: draft.action,
            class: draft.class,
            event_id: self.event_id(draft),
            chunk: draft.chunk,
            chunks: draft.chunks,
            target: draft.target,
            refs: draft.refs.clone(),
            records: draft.records.clone(),
            parts,
            erased: Vec::new(),
        };
        let submission = match self.sign {
            Some(sign) => sign(&event),
            None => Submission::Custodial { member: self.member.to_owned(), event: Box::new(event) },
        };
        match self.engine.submit(submission).await {
            Ok(accepted) => Ok(Ok(accepted)),
            Err(SubmitError::Overloaded | SubmitError::Stopped) => Err(CaptureError::Busy),
            Err(e) => Ok(Err(e.to_string())),
        }
    }
}

fn refuse(mut result: EventResult, why: String) -> EventResult {
    "refused".clone_into(&mut result.outcome);
    result.problems.push(why);
    result
}

fn internal(e: impl std::fmt::Display) -> CaptureError {
    CaptureError::Internal(e.to_string())
}
