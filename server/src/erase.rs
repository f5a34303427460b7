//! Erasing a record's words: an entry of its own that says so (kind 7), and then zeros where they stood. The record's place in the
//! ledger stays, and with it every proof.

use base::clock::now_ms;
use engine::{Accepted, Engine, NewEvent, Submission, SubmitError, View};
use ledger::entry::{Action, Event, Kind, part_kind};
use ledger::name::Name;
use ledger::public::{Line, PublicPart};

use crate::epcis::identity;

/// Longest reason, in bytes of UTF-8.
pub const REASON_BYTES_MAX: usize = 500;

/// Why nothing was erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// No such record of this member.
    #[error("this ledger holds no record of yours with the eventID {0}")]
    Unknown(String),
    /// No reason, or one too long.
    #[error("say why (?reason=, or --reason), in at most {REASON_BYTES_MAX} bytes; everybody can read it, so do not repeat what is erased")]
    Reason,
    /// The ledger's rules forbid it.
    #[error("{0}")]
    Refused(SubmitError),
    /// Ask again.
    #[error("the server has more work than it can take")]
    Busy,
    /// A fault of this server.
    #[error("{0}")]
    Internal(String),
}

/// Erases the words of all entries of an event, for the member that made it. What was erased before stays so, and is answered alike.
pub async fn erase(engine: &Engine, member: &str, event_id: &str, reason: &str) -> Result<Vec<Accepted>, EraseError> {
    let targets = targets(engine, &engine.view(), member, event_id).map_err(|e| EraseError::Internal(e.to_string()))?;
    if targets.is_empty() {
        return Err(EraseError::Unknown(event_id.to_owned()));
    }
    let mut done = Vec::new();
    for (event, records) in targets {
        let erasure = erasure(engine.view().origin(), &event, records, reason)?;
        let author = Name::member_key(member);
        let before = engine.view().find_event(&author, &erasure.event_id, Kind::Erase as u8, erasure.chunk);
        if let Some(index) = before.map_err(|e| EraseError::Internal(e.to_string()))? {
            let leaf_hash = engine.view().leaf_hash(index).map_err(|e| EraseError::Internal(e.to_string()))?;
            done.push(Accepted { repeat: true, index, leaf_hash });
            continue;
        }
        let submission = Submission::Custodial { member: member.to_owned(), event: Box::new(erasure) };
        done.push(engine.submit(submission).await.map_err(|e| match e {
            SubmitError::Overloaded | SubmitError::Stopped | SubmitError::BeingWritten => EraseError::Busy,
            e => EraseError::Refused(e),
        })?);
    }
    Ok(done)
}

type Target = (Event, Vec<ledger::entry::Record>);

/// The entries of an event.
fn targets(engine: &Engine, view: &View, member: &str, event_id: &str) -> Result<Vec<Target>, engine::ViewError> {
    let (author, id) = (Name::member_key(member), identity::named(engine, view, member, event_id)?);
    let mut found = Vec::new();
    for index in identity::entries(view, &author, &id)? {
        let tile = view.entry(index)?;
        if let Some(event) = tile.entry.event() {
            found.push((event.clone(), tile.records));
        }
    }
    Ok(found)
}

/// The entry that erases another. Its id is made of what it erases, so that asking twice erases once.
pub(crate) fn erasure(origin: &str, target: &Event, records: Vec<ledger::entry::Record>, reason: &str) -> Result<NewEvent, EraseError> {
    if reason.trim().is_empty() || reason.len() > REASON_BYTES_MAX || reason.contains(char::is_control) {
        return Err(EraseError::Reason);
    }
    let body = target.body_hash(origin);
    let lines = vec![Line::text("/lp:reason", reason), Line::text("/type", "Erasure")];
    let public = PublicPart::build(lines).map_err(|e| EraseError::Internal(e.to_string()))?;
    Ok(NewEvent {
        event_ms: now_ms(),
        kind: Kind::Erase,
        action: Action::None,
        class: target.class,
        event_id: ledger::audit::erasure_id(&body),
        chunk: target.chunk,
        chunks: target.chunks,
        target: body,
        authorities: target.authorities.clone(),
        refs: Vec::new(),
        records,
        parts: vec![(part_kind::PUBLIC, public.encode())],
        parts_of: None,
        erased: target.parts.clone(),
    })
}
