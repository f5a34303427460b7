//! Step 5: the ledger only ever grows. It stands apart from [`Check::open`], because the proof to fetch depends on the size that
//! was opened; the records are checked meanwhile.

use super::problem::{Failure, Problem, Step};
use super::report::{Lines, Word};
use super::{Check, Memory};
use crate::note::{Checkpoint, SignedNote};
use crate::policy::Policy;
use crate::prelude::*;
use crate::tree::{Log, TreeSize, verify_consistency};

/// What one remembered checkpoint says, from the least to the most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// It is of another ledger.
    First,
    /// It is smaller, and no proof came.
    Uncompared,
    /// The opened checkpoint continues it.
    Continues,
}

impl Check {
    /// Compares the opened checkpoint with those that were kept from earlier visits, and gives the step's line. One that does not
    /// fit fails the whole check, whatever the others say.
    pub fn remember(&mut self, policy: &Policy, kept: &[Memory]) -> String {
        let mut lines = Lines::default();
        lines.kind(Word::Step).field(Step::Memory.word());
        let mut outcome = Outcome::First;
        self.forked = None;
        for memory in kept {
            match compare(policy, memory, &self.opened.checkpoint) {
                Ok(this) => outcome = outcome.max(this),
                Err(problem) => {
                    self.forked = Some(Failure::new(Step::Memory, problem));
                    lines.word(Word::Failed).field(problem.word()).end();
                    return lines.take();
                }
            }
        }
        lines.word(match outcome {
            Outcome::First => Word::First,
            Outcome::Uncompared => Word::Uncompared,
            Outcome::Continues => Word::Ok,
        });
        lines.end();
        lines.take()
    }
}

fn compare(policy: &Policy, memory: &Memory, new: &Checkpoint) -> Result<Outcome, Problem> {
    let opened_then = SignedNote::parse(&memory.note).and_then(|note| policy.open(&note));
    let old = opened_then.map_err(|_| Problem::MemoryUnreadable)?.checkpoint;
    // What was kept for another ledger says nothing about this one.
    if old.origin != new.origin {
        return Ok(Outcome::First);
    }
    if old.size > new.size {
        return Err(Problem::Older);
    }
    if old.size == new.size {
        return if old.root == new.root { Ok(Outcome::Continues) } else { Err(Problem::Fork) };
    }
    if memory.consistency.is_empty() {
        return Ok(Outcome::Uncompared);
    }
    match verify_consistency::<Log>(TreeSize(old.size), TreeSize(new.size), &old.root, &new.root, &memory.consistency) {
        Ok(()) => Ok(Outcome::Continues),
        Err(_) => Err(Problem::Fork),
    }
}
