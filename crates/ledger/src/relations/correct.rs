//! Which entries of one list take back, erase or end which others.

use super::Known;
use crate::entry::{Authority, Class, Event, Kind};
use crate::standing::Standing;

/// A row of a subject's lists that has a standing.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) index: u64,
    pub(super) role: u8,
    pub(super) event: &'a Event,
    pub(super) known: Known<'a>,
    pub(super) authority: Authority,
    pub(super) standing: Standing,
    pub(super) grant: Option<u64>,
    pub(super) red: bool,
    pub(super) marks: Marks,
}

/// What the corrections in a list do to one of its entries.
#[derive(Clone, Copy, Default)]
pub(super) struct Marks {
    pub(super) voided_by: Option<u64>,
    pub(super) erased_by: Option<u64>,
    pub(super) ended_by: Option<u64>,
    /// Place in the list of what a correction is about.
    pub(super) target: Option<usize>,
}

/// Marks what a correction is about, among the rows before it, and returns its place. One that fits nothing that has a standing
/// corrects nothing.
pub(super) fn correct(before: &mut [Row<'_>], index: u64, correction: &Event) -> Option<usize> {
    let place = before.iter().position(|target| fits(correction, target))?;
    let marks = &mut before[place].marks;
    let mark = match correction.kind {
        Kind::Void => &mut marks.voided_by,
        Kind::Erase => &mut marks.erased_by,
        _ => &mut marks.ended_by,
    };
    *mark = mark.or(Some(index));
    Some(place)
}

/// An ending that was itself taken back ends nothing.
pub(super) fn undo_endings(rows: &mut [Row<'_>]) {
    for at in 0..rows.len() {
        let ending = rows[at];
        if let (Some(target), Some(_)) = (ending.marks.target, ending.marks.voided_by)
            && rows[target].marks.ended_by == Some(ending.index)
        {
            rows[target].marks.ended_by = None;
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
