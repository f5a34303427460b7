//! Entries about another entry: voids, erasures, withdrawn alerts.

use core::fmt;

use crate::entry::{Class, Event, Kind};

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
    /// Only an alert can be withdrawn.
    NoAlert,
    /// An erasure that erases nothing, or what its record does not have.
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
            Self::NoAlert => "only an alert can be withdrawn",
            Self::Parts => "an erasure names parts of the record that it erases, and no others",
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
    if event.kind == Kind::Erase && !crate::verify::erases_only_own(event, target) {
        return Err(TargetFault::Parts);
    }
    if event.kind == Kind::Void && event.event_id != target.event_id {
        return Err(TargetFault::EventId);
    }
    Ok(())
}
