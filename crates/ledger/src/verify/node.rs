//! Step 8 and what follows for one entry: form, names, inclusion, author, signature, parts, issue, correction.

use super::problem::{Failure, Problem, Step};
use super::report::{Lines, Word};
use super::{Check, NodeReport, Outcome};
use crate::bundle::Row;
use crate::entry::{Class, Event, Kind, ListKind, Member, Record, leaf_hash, message, message_hash, record_role, role};
use crate::hash::Hash;
use crate::prelude::*;
use crate::relations::{Related, Required};
use crate::standing::Standing;
use crate::text::nth;
use crate::tree::{Blake3, LeafIndex, Log, TreeSize, verify_inclusion};

impl Check {
    /// Checks the entry in the `i`th place of [`Check::nodes`]; `None` beyond the last. Every step is made and reported, also
    /// after one has failed.
    pub fn entry(&mut self, i: usize) -> Option<NodeReport> {
        let index = self.nodes.get(i)?.0;
        let mut lines = Lines::default();
        let outcome = self.look(i as u64, index, &mut lines);
        self.nodes[i].1 = Some(outcome.clone());
        Some(NodeReport { index, outcome, text: lines.take() })
    }

    fn look(&self, i: u64, index: u64, lines: &mut Lines) -> Outcome {
        // Nodes are made from related events, so both are there; a missing one could only be reported as such.
        let both = self.relations.entry(index).zip(self.event(index));
        let Some((related, (logged_ms, event))) = both else {
            return Err(Failure::at(Step::Form, Problem::ListOfOther, index));
        };
        entry_line(lines, i, index, related, logged_ms, event);
        self.marks(lines, i, related);

        let mut author = self.author(&event.member, index, logged_ms);
        let governing = self.governing(&event.member, index);
        // Whoever stole a key can raise alerts with it, or an independent's can sign of anybody's goods: they are struck, and make nothing
        // red. What the owner or who it let speak recorded is told as it is: nobody knows who signed that.
        let of_nobody = event.class == Class::Alert || matches!(related.standing, Standing::Independent);
        if of_nobody && author == Err(Problem::KeyCompromised) {
            author = governing;
            lines.kind(Word::Mark).num(i).word(Word::Disputed).word(Word::Nothing).end();
        }
        let mut first = Ok(());
        let mut step = |lines: &mut Lines, step: Step, outcome: Result<(), Problem>| {
            lines.kind(Word::Check).num(i).field(step.word());
            match outcome {
                Ok(()) => lines.word(Word::Ok).end(),
                Err(p) => {
                    lines.word(Word::Failed).field(p.word()).end();
                    if first.is_ok() {
                        first = Err(Failure::at(step, p, index));
                    }
                }
            }
        };
        step(lines, Step::Form, self.check_sequence(index, event));
        step(lines, Step::Names, self.check_names(index, event));
        step(lines, Step::Inclusion, self.check_inclusion(index));
        step(lines, Step::Author, author.map(|_| ()));
        step(lines, Step::Signature, self.check_signature(index, event, governing));
        step(lines, Step::Parts, self.check_parts(index, related, event));
        step(lines, Step::Standing, self.check_right(related, event));
        step(lines, Step::Corrections, self.check_correction(related, event, author));

        if let Ok((at, member)) = governing {
            author_lines(lines, i, at, member);
        }
        self.standing_line(lines, i, related, index);
        if first.is_ok() {
            self.public_lines(lines, i, event);
        }
        self.receipt(lines, i, index, event, governing.ok());
        lines.kind(Word::Done).num(i);
        match &first {
            Ok(()) => lines.word(Word::Ok).end(),
            Err(failure) => lines.word(Word::Failed).field(failure.step.word()).field(failure.problem.word()).end(),
        }
        first
    }

    fn marks(&self, lines: &mut Lines, i: u64, related: &Related) {
        let marks = [
            (Word::Voided, related.voided_by),
            (Word::Erased, related.erased_by),
            (Word::Ended, related.ended_by),
            (Word::Objected, related.objected_by),
        ];
        for (word, by) in marks {
            if let Some(by) = by {
                lines.kind(Word::Mark).num(i).word(word).num(by).end();
            }
        }
        if let Some(target) = related.target {
            lines.kind(Word::About).num(i).num(target).end();
        }
    }

    /// By whose right the entry stands, and with whose key that right was given.
    fn standing_line(&self, lines: &mut Lines, i: u64, related: &Related, index: u64) {
        lines.kind(Word::Standing).num(i).field(related.standing.word()).maybe(related.grant);
        let owner = related.authority.owner().map(|owner| self.governing(owner, index));
        match owner {
            Some(Ok((_, owner))) => lines.field(&owner.id).field(nth("own held", owner.custody as usize - 1)),
            _ => lines.word(Word::Nothing).word(Word::Nothing),
        };
        lines.maybe(match related.standing {
            Standing::Granted(rights) => Some(u64::from(rights)),
            _ => None,
        });
        lines.end();
    }

    /// What is not part of the history but decided what is: in the ledger, and signed by who may sign.
    pub(super) fn check_context(&self) -> Result<(), Box<Failure>> {
        // A list without versions gives nobody a right; whoever should have had one fails where it signed.
        if let Some((member, problem)) = self.members.first() {
            return Err(Failure::list(Step::Author, *problem, member));
        }
        if let Some((owner, _, problem)) = self.grants.first() {
            return Err(Failure::list(Step::Standing, *problem, owner));
        }
        for related in self.relations.entries.iter().filter(|related| !related.relevant) {
            let Some((logged_ms, event)) = self.event(related.index) else {
                continue;
            };
            let at = |step| move |problem| Failure::at(step, problem, related.index);
            let author = self.author(&event.member, related.index, logged_ms);
            self.check_inclusion(related.index).map_err(at(Step::Inclusion))?;
            author.map_err(at(Step::Author))?;
            self.check_signature(related.index, event, author).map_err(at(Step::Signature))?;
            self.check_right(related, event).map_err(at(Step::Standing))?;
        }
        Ok(())
    }

    /// One number, one message: nobody signs two stories.
    fn check_sequence(&self, index: u64, event: &Event) -> Result<(), Problem> {
        let own = self.bundle.place(index);
        let same = |other: &Event| other.member == event.member && other.seq == event.seq;
        let twice = self.entries.iter().enumerate().any(|(place, entry)| Some(place) != own && entry.event().is_some_and(same));
        if twice { Err(Problem::SequenceTwice) } else { Ok(()) }
    }

    /// Role and path of every row that lists the entry give its subject root.
    fn check_names(&self, index: u64, event: &Event) -> Result<(), Problem> {
        for required in &self.relations.lists {
            if let Some(row) = self.row(required, index) {
                check_row(required, row, event)?;
            }
        }
        Ok(())
    }

    /// The row by which a list names the entry.
    #[inline(never)]
    fn row(&self, required: &Required, index: u64) -> Option<&Row> {
        let rows = self.bundle.list(&required.key)?.rows();
        rows.iter().find(|row| row.index == index)
    }

    pub(super) fn check_inclusion(&self, index: u64) -> Result<(), Problem> {
        let entry = self.bundle.entry(index).ok_or(Problem::PathMissing)?;
        let path = entry.path.as_ref().ok_or(Problem::PathMissing)?;
        if included(self, index, &entry.leaf, path) { Ok(()) } else { Err(Problem::NotIncluded) }
    }

    fn check_signature(&self, index: u64, event: &Event, by: Result<(u64, &Member), Problem>) -> Result<(), Problem> {
        let (_, member) = by?;
        if self.signed(index, &member.public_key, &event.signature) { Ok(()) } else { Err(Problem::BadSignature) }
    }

    /// An erasure: about a record whose words its author may erase. All corrections fit their targets, or they stand nowhere.
    fn check_correction(&self, related: &Related, event: &Event, author: Result<(u64, &Member), Problem>) -> Result<(), Problem> {
        if event.kind == Kind::Erase {
            let target = related.target.and_then(|target| self.event(target));
            let (_, target) = target.ok_or(Problem::TargetMissing)?;
            if event.member != target.member && author?.1.roles & role::ERASE == 0 {
                return Err(Problem::MayNotErase);
            }
            if !super::parts::erases_only_own(event, target) {
                return Err(Problem::ErasedOther);
            }
        }
        Ok(())
    }

    fn receipt(&self, lines: &mut Lines, i: u64, index: u64, event: &Event, by: Option<(u64, &Member)>) {
        let Some(entry) = self.bundle.entry(index) else {
            return;
        };
        lines
            .kind(Word::Leaf)
            .num(i)
            .hex(leaf_hash(&entry.leaf).as_bytes())
            .hex(message_hash(&message(&entry.leaf, self.origin())).as_bytes())
            .end();
        lines.kind(Word::Path).num(i);
        for sibling in entry.path.iter().flatten() {
            lines.hex(sibling.as_bytes());
        }
        lines.end();
        for required in &self.relations.lists {
            if let Some(row) = self.row(required, index) {
                lines.kind(Word::Subjects).num(i).hex(required.owner.as_bytes()).num(row.role.into()).num(row.position.into());
                lines.num(event.subject_count.into()).hex(event.subject_root.as_bytes());
                for sibling in &row.path {
                    lines.hex(sibling.as_bytes());
                }
                lines.end();
            }
        }
        lines.kind(Word::Signed).num(i).num(event.seq);
        match by {
            Some((_, member)) => lines.hex(&member.public_key[..]),
            None => lines.word(Word::Nothing),
        };
        lines.hex(&event.signature[..]).end();
    }
}

/// That the event names the list's subject, in the role and under the authority that the row says.
pub(super) fn check_row(required: &Required, row: &Row, event: &Event) -> Result<(), Problem> {
    let Some((authority, kind)) = required.under else {
        return Ok(());
    };
    if kind == ListKind::Made {
        let made = event.makes_batch().is_some_and(|(by, batch)| by == authority && *batch == required.owner);
        return if made { Ok(()) } else { Err(Problem::NotAbout) };
    }
    let bulk = row.role & record_role::BULK != 0;
    let known = row.role & !record_role::KNOWN == 0 && row.role & !record_role::BULK != 0;
    if bulk != (kind == ListKind::Bulk) || !known {
        return Err(Problem::BulkBit);
    }
    let place = event.authorities.iter().position(|declared| *declared == authority).ok_or(Problem::NotAbout)?;
    let leaf = Record { role: row.role, authority: place as u8, key: required.owner }.leaf();
    let (at, size) = (LeafIndex(row.position.into()), TreeSize(event.subject_count.into()));
    verify_inclusion::<Blake3>(at, size, &leaf, &row.path, &event.subject_root).map_err(|_| Problem::NotAbout)
}

fn entry_line(lines: &mut Lines, i: u64, index: u64, related: &Related, logged_ms: u64, event: &Event) {
    let kind = nth("object aggregation transformation transaction association void erase master-data objection", event.kind as usize - 1);
    let action = nth("- ADD OBSERVE DELETE", event.action as usize);
    let class = nth("ordinary movement alert withdrawn", event.class as usize);
    lines.kind(Word::Entry).num(i).num(index).field(kind).field(action).field(class);
    lines.field(related.through.word()).num(related.role.into()).num(logged_ms).num(event.event_ms).end();
}

fn author_lines(lines: &mut Lines, i: u64, at: u64, member: &Member) {
    let custody = nth("own held", member.custody as usize - 1);
    lines.kind(Word::Author).num(i).field(&member.id).num(at).field(custody).end();
    for (language, name) in &member.names {
        lines.kind(Word::Name).num(i).field(language).field(name).end();
    }
}

/// The proof that an entry is in the signed tree.
fn included(check: &Check, index: u64, leaf: &[u8], path: &[Hash]) -> bool {
    let checkpoint = &check.opened.checkpoint;
    let (at, size) = (LeafIndex(index), TreeSize(checkpoint.size));
    verify_inclusion::<Log>(at, size, &leaf_hash(leaf), path, &checkpoint.root).is_ok()
}
