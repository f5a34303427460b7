//! Which entries of one list take back, erase or end which others.

use super::Known;
use crate::entry::{Class, Event, Kind};
use crate::prelude::*;

/// What the corrections in a list do to one of its entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) voided_by: Option<u64>,
    pub(super) erased_by: Option<u64>,
    pub(super) ended_by: Option<u64>,
    /// Place in the list of what a correction is about.
    pub(super) target: Option<usize>,
}

/// The marks on every row. A correction that does not fit its target marks nothing: it is a stranger's claim.
pub(super) fn marks(rows: &[(u64, Known<'_>)]) -> Vec<Marks> {
    let mut marks = core::iter::repeat_n(Marks::default(), rows.len()).collect::<Vec<_>>();
    for (at, (index, known)) in rows.iter().enumerate() {
        if !is_correction(known.event) {
            continue;
        }
        let target = rows[..at].iter().position(|(_, target)| fits(known.event, target));
        marks[at].target = target;
        if let Some(target) = target {
            let mark = match known.event.kind {
                Kind::Void => &mut marks[target].voided_by,
                Kind::Erase => &mut marks[target].erased_by,
                _ => &mut marks[target].ended_by,
            };
            *mark = mark.or(Some(*index));
        }
    }
    // An ending that was itself taken back ends nothing.
    for (at, (index, _)) in rows.iter().enumerate() {
        if let (Some(target), Some(_)) = (marks[at].target, marks[at].voided_by)
            && marks[target].ended_by == Some(*index)
        {
            marks[target].ended_by = None;
        }
    }
    marks
}

/// True for entries that are about another entry.
pub(super) const fn is_correction(event: &Event) -> bool {
    matches!(event.kind, Kind::Void | Kind::Erase) || matches!(event.class, Class::AlertWithdrawn)
}

/// True if this correction is about this entry, and its author may make it. Whether the author of an erasure has the role
/// is checked with the signatures.
fn fits(correction: &Event, target: &Known<'_>) -> bool {
    let (c, t) = (correction, target.event);
    if c.target != *target.body || matches!(t.kind, Kind::Void | Kind::Erase) {
        return false;
    }
    let same_subjects = c.subject_count == t.subject_count && c.subject_root == t.subject_root;
    let same_place = c.class == t.class && c.chunk == t.chunk && c.chunks == t.chunks && same_subjects;
    match c.kind {
        Kind::Void => same_place && c.member == t.member && c.event_id == t.event_id,
        Kind::Erase => same_place,
        _ => c.member == t.member && t.class == Class::Alert,
    }
}
