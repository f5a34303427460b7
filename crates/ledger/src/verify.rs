//! Verification of a bundle, step by step, on any machine and without trusting who served it.
//!
//! [`Check::open`] does the steps that decide for all entries: file, subject, checkpoint, co-signatures, map head, lists,
//! relations. [`Check::remember`] compares with what was kept from earlier visits. [`Check::entry`] checks one entry, so that a
//! page can close one knot after the other. [`Check::finish`] says what follows for the whole. [`verify`] does all of it. Every step writes its lines of the report (see [`report`]).

mod author;
mod finish;
mod memory;
mod node;
mod open;
mod parts;
mod problem;
pub mod report;

use crate::bundle::Bundle;
use crate::ed25519::PublicKey;
use crate::entry::{Entry, Event, Grant, Member};
use crate::hash::{Hash, Key};
use crate::name::Name;
use crate::policy::{Fresh, Opened, Policy};
use crate::prelude::*;
use crate::relations::Relations;
use crate::text::utf8;

pub use finish::State;
#[cfg(not(feature = "small"))]
pub(crate) use parts::erases_only_own;
pub use problem::{Failure, Problem, Step};
use report::{Lines, Word};

/// A signed checkpoint that this phone kept from an earlier visit, and the proof that the new one continues it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The signed note, as it came then.
    pub note: Vec<u8>,
    /// Consistency proof from it to the bundle's checkpoint; empty if none could be fetched.
    pub consistency: Vec<Hash>,
}

/// How the check of an entry ended: boxed, so that it goes from hand to hand as one number.
pub type Outcome = Result<(), Box<Failure>>;

/// A check of one bundle under way.
#[derive(Clone, Debug)]
pub struct Check {
    bundle: Bundle,
    subject: Name,
    governance: PublicKey,
    fresh: Fresh,
    now_ms: u64,
    opened: Opened,
    logged_ms: u64,
    /// The map head's index.
    head: u64,
    /// Every entry of the bundle, in the same places.
    entries: Vec<Entry>,
    relations: Relations,
    /// Members for whose versions governance does not vouch, and why.
    members: Vec<(Key, Problem)>,
    /// Grants, by owner and partner, of which the owner has not signed all versions, and why.
    grants: Vec<(Key, Key, Problem)>,
    /// Relevant entries, ascending by index, and their outcome once checked.
    nodes: Vec<(u64, Option<Outcome>)>,
    /// Entries that issue the subject.
    issued: Vec<u64>,
    opening: String,
    /// What [`Check::remember`] found wrong.
    forked: Option<Box<Failure>>,
}

/// The outcome for one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeReport {
    /// Its index in the ledger.
    pub index: u64,
    /// The first step that failed.
    pub outcome: Outcome,
    /// Its lines of the report.
    pub text: String,
}

/// The outcome of a whole check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The state.
    pub state: State,
    /// What failed first.
    pub failure: Option<Box<Failure>>,
    /// Lines of the report: all of them from [`verify`], the last ones from [`Check::finish`].
    pub text: String,
}

/// Checks everything, `kept` being what this phone remembers. `expected` is the name from the address that was opened; without one the report says which subject the
/// file is about, and a person has to compare.
pub fn verify(file: &[u8], policy: &Policy, expected: Option<&[u8]>, now_ms: u64, kept: &[Memory]) -> Report {
    let mut check = match Check::open(file, policy, expected, now_ms) {
        Ok(check) => check,
        Err(failed) => return *failed,
    };
    let mut text = check.opening().to_owned();
    text.push_str(&check.remember(policy, kept));
    for i in 0..check.nodes().len() {
        if let Some(node) = check.entry(i) {
            text.push_str(&node.text);
        }
    }
    let mut report = check.finish();
    text.push_str(&report.text);
    report.text = text;
    report
}

/// The report where not even the policy could be read.
pub fn policy_unreadable() -> Report {
    let mut lines = Lines::default();
    lines.kind(Word::Report).num(2).end();
    *failed(lines, Failure::new(Step::Policy, Problem::PolicyUnreadable))
}

impl Check {
    /// The report's lines about all that [`Check::open`] checked.
    pub fn opening(&self) -> &str {
        &self.opening
    }

    /// The bundle's signed note: what a phone keeps, and evidence where it does not fit what was kept.
    pub fn note(&self) -> &str {
        utf8(&self.bundle.note).unwrap_or_default()
    }

    /// Ledger indices of the entries to check, in the order in which [`Check::entry`] counts them.
    pub fn nodes(&self) -> Vec<u64> {
        self.nodes.iter().map(|(index, _)| *index).collect()
    }

    fn origin(&self) -> &str {
        &self.opened.checkpoint.origin
    }

    fn get(&self, index: u64) -> Option<&Entry> {
        self.entries.get(self.bundle.place(index)?)
    }

    fn member(&self, index: u64) -> Option<&Member> {
        self.get(index)?.member()
    }

    fn granted(&self, index: u64) -> Option<&Grant> {
        self.get(index)?.grant()
    }

    fn event(&self, index: u64) -> Option<(u64, &Event)> {
        let entry = self.get(index)?;
        Some((entry.logged_ms, entry.event()?))
    }
}

/// The report of a check that ended early.
fn failed(mut lines: Lines, failure: Box<Failure>) -> Box<Report> {
    lines.kind(Word::Step).field(failure.step.word()).word(Word::Failed);
    lines.field(failure.problem.word()).end();
    let state = if failure.step == Step::Policy || failure.problem.is_no_bundle() { State::Unusable } else { State::Failed };
    finish::state_line(&mut lines, state, Some(&failure));
    Box::new(Report { state, failure: Some(failure), text: lines.take() })
}
