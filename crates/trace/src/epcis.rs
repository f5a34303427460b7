//! EPCIS documents (2.0 in JSON; 1.0 to 2.0 in XML): parsed, checked by hand against the standard's rules, and turned into typed events.
//!
//! A refusal names the event (by position, and by eventID where it has one) and the field, and says how to mend it.

pub mod cbv;
mod check;
mod details;
mod document;
mod event;
mod hash;
mod lists;
mod master;
mod profile;
mod public;
mod rules;
mod sensor;
mod unique;
mod xml;

pub(crate) use check::is_comment;
pub use check::{Problem, is_uri};
pub use document::{Document, parse};
pub use event::{ErrorDeclaration, Event, EventType, Role, Subject, id_in, refuse_future, subjects_in};
pub use hash::{full_name, hash_id, is_hash_id, too_much_to_hash};
pub use master::{Attribute, Location, MasterData, Product};
pub(crate) use master::{cbv_attribute, language_of};
pub use public::{CLASS_LISTS, NO_LINES, public_problem};

/// The event of a source record, in JSON whichever way it came. `None`: it is no event.
pub fn source_json(source: &[u8]) -> Option<serde_json::Value> {
    let text = std::str::from_utf8(source).ok()?;
    if xml::is_xml(text) { xml::event_of(text) } else { serde_json::from_str(text).ok() }
}

/// The values of a field: JSON-LD writes one alone as well as in a list.
pub fn listed(value: &serde_json::Value) -> &[serde_json::Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// The namespace of the page's own words and facts; the prefix `lp` stands for it and for nothing else.
pub const LP_NAMESPACE: &str = "https://leafproof.example/epcis/";

/// How far an event may lie in the future: clocks differ by minutes, not by more.
pub const MAX_AHEAD_MS: u64 = 300_000;
