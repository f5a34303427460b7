//! Steps 10 to 13: what follows from all entries together, and the state of the whole.

use super::problem::{Failure, Problem, Step};
use super::report::{Lines, Word};
use super::{Check, Report};
use crate::entry::{Class, Kind, record_role};
use crate::hash::hex;
use crate::name::Level;
use crate::text::nth;

/// How far the quorum's time may lie ahead of this clock before the clock is pointed out.
const CLOCK_TOLERANCE_MS: u64 = 5 * 60 * 1_000;

/// What can be said of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Everything holds, and others have seen it.
    Verified,
    /// Everything holds, by this operator alone so far.
    NotCosigned,
    /// Everything holds, in a ledger not seen by others for too long.
    Stale,
    /// Something is wrong.
    Failed,
    /// There is nothing that could be checked.
    Unusable,
}

impl State {
    /// The word in the report.
    pub fn word(self) -> &'static str {
        nth("verified not-cosigned stale failed unusable", self as usize)
    }
}

impl Check {
    /// The outcome of the whole. Entries that were not checked make it fail: there is no partial "verified".
    pub fn finish(&self) -> Report {
        let mut lines = Lines::default();
        let never_issued = self.issue_lines(&mut lines);
        self.status_lines(&mut lines);
        let stale = self.freshness(&mut lines);

        let (mut verified, mut failed) = (0, 0);
        let mut failure = None;
        for (index, outcome) in &self.nodes {
            let failed_here = match outcome {
                Some(Ok(())) => {
                    verified += 1;
                    continue;
                }
                Some(Err(failure)) => *failure,
                None => *Failure::at(Step::Form, Problem::NotChecked, *index),
            };
            failed += 1;
            failure = failure.or(Some(failed_here));
        }
        let failure = failure.or(never_issued).or(self.forked);
        lines.kind(Word::Counts).num(self.nodes.len() as u64).num(verified).num(failed);
        lines.num((self.relations.entries.len() - self.nodes.len()) as u64).end();
        let state = match failure {
            Some(_) => State::Failed,
            None if stale => State::Stale,
            None if !self.opened.standing.quorum() => State::NotCosigned,
            None => State::Verified,
        };
        state_line(&mut lines, state, failure.as_ref());
        Report { state, failure, text: lines.take() }
    }

    /// Step 10. An item with records that nobody issued fails as a whole: its code may be made up.
    fn issue_lines(&self, lines: &mut Lines) -> Option<Failure> {
        if self.subject.level() != Level::Item {
            return None;
        }
        for index in &self.issued {
            lines.kind(Word::Issued).num(*index).end();
        }
        for index in &self.foreign {
            lines.kind(Word::Foreign).num(*index).end();
        }
        if !self.issued.is_empty() {
            return None;
        }
        lines.kind(Word::Issued).word(Word::None).end();
        let key = self.subject.key();
        let has_records = self.relations.list(&key).is_some_and(|list| list.count > 0);
        let partly = self.relations.list(&key).is_some_and(|list| list.older > 0);
        (has_records && !partly).then(|| *Failure::list(Step::Issued, Problem::NeverIssued, &key))
    }

    /// Steps 11 and 12, and the headline.
    fn status_lines(&self, lines: &mut Lines) {
        let product = self.subject.product();
        let product_key = product.as_ref().map(|product| product.key());
        let gtin = self.subject.gtin().unwrap_or_default();
        let mut headline = None;
        for related in self.relations.entries.iter().filter(|related| related.relevant) {
            let Some((logged_ms, event)) = self.event(related.index) else {
                continue;
            };
            if let Some(by) = related.voided_by {
                lines.kind(Word::Correction).num(related.index).num(by).end();
                continue;
            }
            let corrects = matches!(event.kind, Kind::Void | Kind::Erase);
            if event.class == Class::Alert && !corrects && related.ended_by.is_none() {
                lines.kind(Word::Alert).num(related.index).end();
            }
            let about = Some(related.owner) == product_key && related.role & record_role::OBJECT != 0;
            let by_owner = || self.author(&event.member, related.index, logged_ms).is_ok_and(|(_, m)| m.owns(gtin));
            if event.kind == Kind::MasterData && about && by_owner() {
                headline = Some(related.index);
            }
        }
        if let Some(index) = headline {
            lines.kind(Word::Headline).num(index).end();
        }
    }

    /// Step 13: true if stale.
    fn freshness(&self, lines: &mut Lines) -> bool {
        let (word, time_ms) = match self.opened.standing.as_of_s {
            None => (Word::Operator, self.logged_ms),
            Some(as_of_s) => {
                let as_of_ms = as_of_s.saturating_mul(1_000);
                let age_s = self.now_ms.saturating_sub(as_of_ms) / 1_000;
                let word = if as_of_ms > self.now_ms.saturating_add(CLOCK_TOLERANCE_MS) {
                    Word::Clock
                } else if age_s > self.fresh.stale_s {
                    Word::Stale
                } else if age_s > self.fresh.warn_s {
                    Word::Old
                } else {
                    Word::Fresh
                };
                (word, as_of_ms)
            }
        };
        lines.kind(Word::Fresh).word(word).num(time_ms).end();
        word == Word::Stale
    }
}

/// The last line of every report.
pub(super) fn state_line(lines: &mut Lines, state: State, failure: Option<&Failure>) {
    lines.kind(Word::State).field(state.word());
    if let Some(failure) = failure {
        let mut digits = [0; 64];
        let list = failure.list.as_ref().map_or("-", |key| hex(key.as_bytes(), &mut digits));
        lines.field(failure.step.word()).field(failure.problem.word()).maybe(failure.entry).field(list);
    }
    lines.end();
}
