//! Steps 10 to 13: what follows from all entries together, and the state of the whole.

use super::problem::{Failure, Problem, Step};
use super::report::{Lines, Word};
use super::{Check, Report};
use crate::entry::{Class, Kind, record_role};
use crate::name::Level;
use crate::prelude::*;
use crate::relations::Through;
use crate::standing::Standing;
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
    /// Everything holds, but no record is there of who brought the subject into being: its code may be made up.
    Unissued,
    /// Everything holds, but nobody owns the subject's number, or did when the subject was issued: never in order.
    Unowned,
}

impl State {
    /// The word in the report.
    pub fn word(self) -> &'static str {
        nth("verified not-cosigned stale failed unusable unissued unowned", self as usize)
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
                Some(Err(failure)) => failure.clone(),
                None => Failure::at(Step::Form, Problem::NotChecked, *index),
            };
            failed += 1;
            failure = failure.or(Some(failed_here));
        }
        let failure = failure.or(self.check_context().err()).or(never_issued).or(self.forked.clone());
        lines.kind(Word::Counts).num(self.nodes.len() as u64).num(verified).num(failed);
        lines.num((self.relations.entries.len() - self.nodes.len()) as u64).end();
        let state = match failure {
            Some(_) => State::Failed,
            None if self.unowned() => State::Unowned,
            None if self.issued.is_empty() && self.subject.level() != Level::Other => State::Unissued,
            None if stale => State::Stale,
            None if !self.opened.standing.quorum() => State::NotCosigned,
            None => State::Verified,
        };
        state_line(&mut lines, state, failure.as_deref());
        Report { state, failure, text: lines.take() }
    }

    /// Whether nobody who owned its number stands behind the subject, though there are records of it.
    fn unowned(&self) -> bool {
        let recorded = self.relations.entries.iter().any(|related| related.owner == self.subject.key());
        let of = |index: &u64| self.relations.entry(*index).is_some_and(|related| related.standing != Standing::Unowned);
        let nobody = self.relations.number.as_ref().is_none_or(|number| number.owner_at(self.head, self.logged_ms).is_none());
        recorded && (nobody || !self.issued.is_empty() && !self.issued.iter().any(of))
    }

    /// Step 10. An item with records that nobody issued fails as a whole: its code may be made up.
    fn issue_lines(&self, lines: &mut Lines) -> Option<Box<Failure>> {
        if self.subject.level() == Level::Other {
            return None;
        }
        for index in &self.issued {
            lines.kind(Word::Issued).num(*index).end();
        }
        if !self.issued.is_empty() {
            return None;
        }
        lines.kind(Word::Issued).word(Word::None).end();
        let key = self.subject.key();
        let has_records = self.relations.entries.iter().any(|related| related.owner == key);
        (has_records && self.subject.level() == Level::Item).then(|| Failure::list(Step::Issued, Problem::NeverIssued, &key))
    }

    /// Steps 11 and 12, and the headline.
    fn status_lines(&self, lines: &mut Lines) {
        let product = self.subject.product();
        let product_key = product.as_ref().map(|product| product.key());
        let (mut headline, mut by_owner) = (None, false);
        for related in self.relations.entries.iter().filter(|related| related.relevant) {
            let Some((logged_ms, event)) = self.event(related.index) else {
                continue;
            };
            if let Some(by) = related.voided_by {
                lines.kind(Word::Correction).num(related.index).num(by).end();
                continue;
            }
            let corrects = matches!(event.kind, Kind::Void | Kind::Erase);
            let struck = self.author(&event.member, related.index, logged_ms).is_err();
            // What made a lot is there for that alone: an alert in it is about the goods that it names, on their own pages.
            let here = related.through != Through::Made;
            if event.class == Class::Alert && here && !corrects && related.ended_by.is_none() && !struck {
                lines.kind(Word::Alert).num(related.index).word(if related.red { Word::Red } else { Word::Warning }).end();
            }
            let about = Some(related.owner) == product_key && related.role & record_role::OBJECT != 0;
            // The owner's newest words; a partner's where the owner has none.
            let better = matches!(related.standing, Standing::Owner) || !by_owner;
            if event.kind == Kind::MasterData && about && better {
                by_owner = related.standing == Standing::Owner;
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
        lines.field(failure.step.word()).field(failure.problem.word()).maybe(failure.entry);
        match &failure.list {
            Some(key) => lines.hex(key.as_bytes()),
            None => lines.word(Word::Nothing),
        };
    }
    lines.end();
}
