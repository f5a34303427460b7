//! Taking an entry back: kind 6, from an event's errorDeclaration.

use ledger::Hash;
use ledger::entry::{Action, Authority, Class, Event as Logged, Kind, Record};
use serde_json::Value;

use super::lines::{build, flatten};
use super::{Draft, DraftError, Subjects};
use crate::epcis::Event;

/// What the ledger holds of the entry that is taken back; one per chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its body hash.
    pub body_hash: Hash,
    /// Its kind.
    pub kind: Kind,
    /// Its class.
    pub class: Class,
    /// Its chunk.
    pub chunk: u16,
    /// Of how many.
    pub chunks: u16,
    /// Its time: a declaration cannot lie before it was recorded, but it may before it happened only by mistake.
    pub event_ms: u64,
    /// Its authorities.
    pub authorities: Vec<Authority>,
    /// Its subjects.
    pub records: Vec<Record>,
}

impl Target {
    /// An event of the ledger of this origin, with its records.
    pub fn of(event: &Logged, origin: &str, records: Vec<Record>) -> Self {
        Self {
            body_hash: event.body_hash(origin),
            kind: event.kind,
            class: event.class,
            chunk: event.chunk,
            chunks: event.chunks,
            event_ms: event.event_ms,
            authorities: event.authorities.clone(),
            records,
        }
    }
}

/// The void of one entry. Its public lines are the declaration's, and the type, so that a reader knows what was taken back.
pub fn void(event: &Event, target: &Target) -> Result<Draft, DraftError> {
    let declaration = event.error.as_ref().ok_or(DraftError::Declaration("is missing; nothing is to be taken back"))?;
    if matches!(target.kind, Kind::Void | Kind::Erase) {
        return Err(DraftError::Declaration("a correction or an erasure cannot be taken back itself; send a new event"));
    }
    let mut lines = Vec::new();
    // A hash id may be the name of a record that came without one: in public it would let anybody test a guess of what that says.
    let by_hash = event.event_id.as_ref() == Some(&event.hash_id);
    for field in ["type", "eventID", "errorDeclaration"].into_iter().filter(|field| !by_hash || *field != "eventID") {
        if let Some(value) = event.json.get(field).filter(|value| **value != Value::Null) {
            flatten(&format!("/{field}"), value, &mut lines);
        }
    }
    // A time is shown with its offset; the declaration has none of its own, so the event's stands.
    if let Some(offset) = event.json.get("eventTimeZoneOffset") {
        flatten("/eventTimeZoneOffset", offset, &mut lines);
    }
    Ok(Draft {
        kind: Kind::Void,
        action: Action::None,
        class: target.class,
        event_id: event.event_id.clone(),
        hash_id: event.hash_id.clone(),
        event_ms: declaration.time_ms,
        chunk: target.chunk,
        chunks: target.chunks,
        source_in: target.chunk,
        target: target.body_hash,
        subjects: Subjects::Same { authorities: target.authorities.clone(), records: target.records.clone() },
        public: build(lines)?,
        source: event.record().into(),
    })
}
