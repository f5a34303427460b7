//! What stands in the ledger under a draft's name.

use engine::{Engine, View};
use ledger::Hash;
use ledger::entry::{Body, Record};
use ledger::name::Name;
use trace::draft::{Draft, Target};

use super::outcome::{CaptureError, unavailable};
use crate::authority::{self, Missing, Resolved, Saying};
use crate::epcis::identity;

/// The id in the ledger.
pub(super) fn event_id(engine: &Engine, view: &View, member: &str, draft: &Draft) -> Result<Hash, CaptureError> {
    match &draft.event_id {
        Some(text) => identity::named(engine, view, member, text).map_err(unavailable),
        None => Ok(identity::unnamed(engine, member, &draft.hash_id)),
    }
}

pub(super) fn find(view: &View, member: &str, draft: &Draft, id: &Hash) -> Result<Option<u64>, CaptureError> {
    view.find_event(&Name::member_key(member), id, draft.kind as u8, draft.chunk).map_err(unavailable)
}

pub(super) fn target(view: &View, index: u64) -> Result<Target, CaptureError> {
    let (event, records) = record_at(view, index)?;
    Ok(Target::of(&event, view.origin(), records))
}

/// The event that stands there, with what it names.
pub(super) fn record_at(view: &View, index: u64) -> Result<(ledger::entry::Event, Vec<Record>), CaptureError> {
    let tile = view.entry(index).map_err(unavailable)?;
    match tile.entry.body {
        Body::Event(event) => Ok((event, tile.records)),
        _ => Err(CaptureError::Internal(format!("entry {index} is no event"))),
    }
}

/// By whose right the member says this of each of the goods.
pub(super) fn resolve(view: &View, member: &str, now_ms: u64, draft: &Draft) -> Result<Resolved, Vec<Missing>> {
    authority::resolve(view.rights(), member, Saying::of(draft, now_ms), &draft.subjects)
}
