//! Which entries of one list take back, erase or end which others.

use super::Known;
use crate::entry::{Class, Event, Kind};
use crate::prelude::*;
use crate::standing::Standing;

/// A row of a subject's lists.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) index: u64,
    pub(super) role: u8,
    pub(super) event: &'a Event,
    pub(super) known: Known<'a>,
    pub(super) authority: crate::entry::Authority,
    pub(super) standing: Option<Standing>,
    pub(super) grant: Option<u64>,
    pub(super) red: bool,
    /// Of a void: its author may say something of the goods still.
    pub(super) takes_back: bool,
}

/// What the corrections in a list do to one of its entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) voided_by: Option<u64>,
    pub(super) erased_by: Option<u64>,
    pub(super) ended_by: Option<u64>,
    /// Place in the list of what a correction is about.
    pub(super) target: Option<usize>,
}

/// The marks on every row. A correction stands where its target does, and one that fits no target with a standing stands nowhere.
pub(super) fn marks(rows: &mut [Row<'_>]) -> Vec<Marks> {
    let mut marks = core::iter::repeat_n(Marks::default(), rows.len()).collect::<Vec<_>>();
    for at in 0..rows.len() {
        let (before, rest) = rows.split_at_mut(at);
        let row = &mut rest[0];
        if !row.event.corrects() {
            continue;
        }
        let target = before.iter().position(|target| target.standing.is_some() && fits(row.event, target));
        let target = target.filter(|_| row.takes_back);
        row.standing = None;
        marks[at].target = target;
        if let Some(target) = target {
            (row.standing, row.grant) = (before[target].standing, before[target].grant);
            let mark = match row.event.kind {
                Kind::Void => &mut marks[target].voided_by,
                Kind::Erase => &mut marks[target].erased_by,
                _ => &mut marks[target].ended_by,
            };
            *mark = mark.or(Some(row.index));
        }
    }
    // An ending that was itself taken back ends nothing.
    for at in 0..rows.len() {
        if let (Some(target), Some(_)) = (marks[at].target, marks[at].voided_by)
            && marks[target].ended_by == Some(rows[at].index)
        {
            marks[target].ended_by = None;
        }
    }
    marks
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
