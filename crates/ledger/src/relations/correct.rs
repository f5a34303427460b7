//! Which entries of one list take back, erase or end which others.

use super::{Known, Related};
use crate::entry::{Class, Event, Kind};

/// A row of a subject's lists that has a standing, as it goes into the history.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) entry: Related,
    pub(super) known: Known<'a>,
    pub(super) event: &'a Event,
}

impl Row<'_> {
    /// True if nobody took it back, and it is about the goods and not about another entry.
    pub(super) fn counts(&self) -> bool {
        self.entry.voided_by.is_none() && !self.event.corrects()
    }
}

/// Marks the row that a correction is about, the first of those before it that it fits, and returns it. One that fits nothing that has a
/// standing corrects nothing.
pub(super) fn correct(before: &mut [Row<'_>], index: u64, correction: &Event) -> Option<Related> {
    let target = before.iter_mut().find(|target| fits(correction, target))?;
    let entry = &mut target.entry;
    let mark = match correction.kind {
        Kind::Void => &mut entry.voided_by,
        Kind::Erase => &mut entry.erased_by,
        _ => &mut entry.ended_by,
    };
    *mark = mark.or(Some(index));
    Some(*entry)
}

/// An ending that was itself taken back ends nothing.
pub(super) fn undo_endings(rows: &mut [Row<'_>]) {
    for at in 0..rows.len() {
        let ending = rows[at].entry;
        let ended = rows.iter_mut().find(|row| ending.target == Some(row.entry.index));
        if let Some(ended) = ended.filter(|ended| ending.voided_by.is_some() && ended.entry.ended_by == Some(ending.index)) {
            ended.entry.ended_by = None;
        }
    }
}

/// True if this correction is about this entry, and its author may make it. Whether the author of an erasure has the role
/// is checked with the signatures.
fn fits(c: &Event, target: &Row<'_>) -> bool {
    let t = target.event;
    if c.target != *target.known.body || matches!(t.kind, Kind::Void | Kind::Erase) {
        return false;
    }
    let same_subjects = c.subject_count == t.subject_count && c.subject_root == t.subject_root && c.authorities == t.authorities;
    let same_place = c.class == t.class && c.chunk == t.chunk && c.chunks == t.chunks && same_subjects;
    match c.kind {
        Kind::Void => same_place && c.member == t.member && c.event_id == t.event_id,
        Kind::Erase => same_place,
        _ => same_subjects && c.member == t.member && t.class == Class::Alert,
    }
}
