//! Entries about another entry: voids, erasures, withdrawn alerts.

use core::fmt;

use crate::entry::{Class, Event, Kind, Part, event_id, part_kind};
use crate::hash::Hash;

/// Why an entry cannot be about its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetFault {
    /// No such entry.
    Missing,
    /// It is itself a void or an erasure.
    Correction,
    /// Another member signed it.
    OfAnother,
    /// Class, chunk or subjects differ.
    Subjects,
    /// A void has another event id.
    EventId,
    /// An erasure has an id of its own choice.
    ErasureId,
    /// Only an alert can be withdrawn.
    NoAlert,
    /// An erasure that leaves parts of its record, or names what it does not have.
    Parts,
}

impl TargetFault {
    /// What is wrong, after "it cannot be about that record:".
    pub const fn message(self) -> &'static str {
        match self {
            Self::Missing => "it is not in the ledger",
            Self::Correction => "it is itself a correction or an erasure",
            Self::OfAnother => "it is another member's",
            Self::Subjects => "subjects and authorities must be the same, and but for the end of an alert class and chunk",
            Self::EventId => "a correction has the event id of what it corrects",
            Self::ErasureId => "the event id of an erasure is that of urn:leafproof:erasure: with the body hash of the record it erases",
            Self::NoAlert => "only an alert can be withdrawn",
            Self::Parts => "an erasure names all parts of the record that it erases, and no others",
        }
    }
}

impl fmt::Display for TargetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

/// Whether an event of kind 6, 7 or class 3 fits the entry it is about; all others are about none.
pub fn fits_target(event: &Event, target: Option<&Event>, may_erase: bool) -> Result<(), TargetFault> {
    if event.kind == Kind::Objection {
        return if target.is_some() { Ok(()) } else { Err(TargetFault::Missing) };
    }
    if !event.corrects() {
        return Ok(());
    }
    let target = target.ok_or(TargetFault::Missing)?;
    if matches!(target.kind, Kind::Void | Kind::Erase) {
        return Err(TargetFault::Correction);
    }
    if event.member != target.member && !(event.kind == Kind::Erase && may_erase) {
        return Err(TargetFault::OfAnother);
    }
    if !matches!(event.kind, Kind::Void | Kind::Erase) && target.class != Class::Alert {
        return Err(TargetFault::NoAlert);
    }
    let same_subjects =
        event.subject_count == target.subject_count && event.subject_root == target.subject_root && event.authorities == target.authorities;
    if !matches!(event.kind, Kind::Void | Kind::Erase) {
        return if same_subjects { Ok(()) } else { Err(TargetFault::Subjects) };
    }
    let same_chunk = (event.class, event.chunk, event.chunks) == (target.class, target.chunk, target.chunks);
    if !same_subjects || !same_chunk {
        return Err(TargetFault::Subjects);
    }
    if event.kind == Kind::Erase && !(crate::verify::erases_only_own(event, target) && erases_all(event, target)) {
        return Err(TargetFault::Parts);
    }
    if event.kind == Kind::Erase && event.event_id != erasure_id(&event.target) {
        return Err(TargetFault::ErasureId);
    }
    if event.kind == Kind::Void && event.event_id != target.event_id {
        return Err(TargetFault::EventId);
    }
    Ok(())
}

/// The event id of an erasure, made of what it erases: each author erases a record once. A thousand erasures of one record would stand in
/// its lists as facts, which no page leaves out.
pub fn erasure_id(target: &Hash) -> Hash {
    event_id(alloc::format!("urn:leafproof:erasure:{target}").as_bytes())
}

/// Whether an erasure names all parts of its target. A reader takes the first erasure as the record's: after one that leaves the public
/// part, a second one would take words away of which nothing that is read says so.
fn erases_all(event: &Event, target: &Event) -> bool {
    let named =
        |part: &Part| event.parts.iter().any(|other| other.kind == part.kind | part_kind::ERASED && other.commitment == part.commitment);
    target.parts.iter().all(named)
}
