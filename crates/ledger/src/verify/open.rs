//! Steps 1 to 4, 6, 7 and 9: what must hold before any entry is looked at.

use super::node::check_row;
use super::problem::{Failure, Problem, Step};
use super::report::{Lines, Word};
use super::{Check, Report, failed};
use crate::bundle::{Bundle, List, WHOLE_LIST};
use crate::entry::{Accumulator, Body, Chain, Entry, Head, MapHead, leaf_hash, message, message_hash};
use crate::hash::{Hash, Key};
use crate::name::{Level, Name};
use crate::note::SignedNote;
use crate::policy::{Opened, Policy};
use crate::prefix::{Prefix, look_up};
use crate::prelude::*;
use crate::relations::{self, Form, Known, Listed, Lists, Need, Relations, Rows};
use crate::tree::{LeafIndex, Log, TreeSize, verify_inclusion};

impl Check {
    /// Opens a bundle. On failure the report is complete as it is.
    pub fn open(file: &[u8], policy: &Policy, expected: Option<&[u8]>, now_ms: u64) -> Result<Self, Box<Report>> {
        let mut lines = Lines::default();
        lines.kind(Word::Report).num(2).end();
        match Self::steps(&mut lines, file, policy, expected, now_ms) {
            Ok(mut check) => {
                check.opening = lines.take();
                Ok(check)
            }
            Err(failure) => Err(failed(lines, failure)),
        }
    }

    fn steps(lines: &mut Lines, file: &[u8], policy: &Policy, expected: Option<&[u8]>, now_ms: u64) -> Result<Self, Box<Failure>> {
        let bundle = Bundle::parse(file).map_err(|e| Failure::new(Step::File, Problem::File(e)))?;
        let entries = check_file(&bundle)?;
        ok(lines, Step::File);

        let subject = check_subject(&bundle, expected)?;
        ok(lines, Step::Subject);
        subject_line(lines, &subject);

        let note_problem = |e| Failure::new(Step::Checkpoint, Problem::Note(e));
        let note = SignedNote::parse(&bundle.note).map_err(note_problem)?;
        let opened = policy.open(&note).map_err(note_problem)?;
        if opened.checkpoint.size == 0 {
            return Err(Failure::new(Step::Checkpoint, Problem::EmptyLedger));
        }
        ok(lines, Step::Checkpoint);
        standing_lines(lines, policy, &opened);

        let (logged_ms, head) = check_head(&bundle, &opened)?;
        ok(lines, Step::MapHead);
        lines.kind(Word::Maphead).num(head.covers).num(logged_ms).num(head.key_count).hex(head.map_root.as_bytes()).end();

        if !bundle.prefixes.iter().all(|proof| proof.holds(head.prefix_count, &head.prefix_root)) {
            return Err(Failure::new(Step::Lists, Problem::PrefixProof));
        }
        for list in &bundle.lists {
            check_list(&bundle, &entries, list, &head).map_err(|p| Failure::list(Step::Lists, p, &list.key))?;
        }
        ok(lines, Step::Lists);

        let relations = check_relations(&bundle, &entries, &opened.checkpoint.origin, &subject, head.prefix_count)?;
        let mut nodes = Vec::new();
        for entry in relations.entries.iter().filter(|entry| entry.relevant) {
            nodes.push((entry.index, None));
        }
        let mut check = Self {
            bundle,
            subject,
            governance: *policy.governance().public(),
            fresh: policy.fresh(),
            now_ms,
            opened,
            logged_ms,
            head: head.covers,
            entries,
            relations,
            members: Vec::new(),
            grants: Vec::new(),
            nodes,
            issued: Vec::new(),
            opening: String::new(),
            forked: None,
        };
        check.relation_lines(lines);
        check.check_versions();
        check.check_owners().map_err(|p| Failure::new(Step::Relations, p))?;
        check.find_issuers();
        check.owner_lines(lines);
        Ok(check)
    }

    /// Who owns the subject's number now.
    fn owner_lines(&self, lines: &mut Lines) {
        let Some(number) = self.relations.number.as_ref().filter(|number| !number.digits.is_empty()) else {
            return;
        };
        lines.kind(Word::Number).field(&number.digits);
        match number.owner_at(self.head, self.logged_ms) {
            Some(owner) => lines.hex(owner.as_bytes()),
            None => lines.word(Word::Nothing),
        };
        lines.end();
    }

    fn relation_lines(&self, lines: &mut Lines) {
        for list in &self.relations.lists {
            lines.kind(Word::List).hex(list.key.as_bytes()).field(list.through.word());
            lines.num(list.count.into()).num(list.older.into()).end();
        }
        for (key, through) in &self.relations.cut {
            lines.kind(Word::Cut).hex(key.as_bytes()).field(through.word()).end();
        }
        for input in &self.relations.inputs {
            lines.kind(Word::Input).num(input.index).hex(input.key.as_bytes()).field(input.backing.word()).end();
        }
        for stay in &self.relations.stays {
            lines.kind(Word::Stay).hex(stay.container.as_bytes()).num(stay.from_ms).maybe(stay.until_ms);
            lines.maybe(stay.ended_by).num(stay.alerts_after.into()).end();
        }
        ok(lines, Step::Relations);
        for (i, (index, _)) in self.nodes.iter().enumerate() {
            let through = self.relations.entry(*index).map_or("-", |entry| entry.through.word());
            lines.kind(Word::Node).num(i as u64).num(*index).field(through).end();
        }
        lines.kind(Word::Context).num((self.relations.entries.len() - self.nodes.len()) as u64).end();
    }
}

fn ok(lines: &mut Lines, step: Step) {
    lines.kind(Word::Step).field(step.word()).word(Word::Ok).end();
}

/// Step 1 beyond the file's form: every leaf is an entry, every part is named by an entry. A part that does not fit its commitment
/// fails the entry that names it, where that entry is checked by itself; else it refuses the file.
fn check_file(bundle: &Bundle) -> Result<Vec<Entry>, Box<Failure>> {
    let mut entries = Vec::new();
    for entry in &bundle.entries {
        let parsed = Entry::parse(&entry.leaf);
        let parsed = parsed.map_err(|e| Failure::at(Step::Form, Problem::Entry(e), entry.index))?;
        entries.push(parsed);
    }
    for part in &bundle.parts {
        let (mut named, mut checked) = (false, false);
        for (place, entry) in bundle.entries.iter().zip(&entries) {
            if entry.event().is_some_and(|e| e.parts.iter().any(|p| p.commitment == part.commitment)) {
                named = true;
                checked |= place.path.is_some();
            }
        }
        if !named {
            return Err(Failure::new(Step::File, Problem::PartNotNamed));
        }
        if !checked && !part.fits() {
            return Err(Failure::new(Step::File, Problem::PartChanged));
        }
    }
    Ok(entries)
}

/// Step 2.
fn check_subject(bundle: &Bundle, expected: Option<&[u8]>) -> Result<Name, Box<Failure>> {
    if expected.is_some_and(|expected| expected != &*bundle.name) {
        return Err(Failure::new(Step::Subject, Problem::OtherSubject));
    }
    Name::parse(&bundle.name).map_err(|_| Failure::new(Step::Subject, Problem::NameUnreadable))
}

fn subject_line(lines: &mut Lines, subject: &Name) {
    let level = match subject.level() {
        Level::Item => Word::Item,
        Level::Batch => Word::Batch,
        Level::Product => Word::Product,
        Level::Other => Word::Other,
    };
    lines.kind(Word::Subject).field(subject.digital_link_path().as_deref().unwrap_or("-"));
    lines.hex(subject.key().as_bytes()).word(level).end();
}

/// Step 4, whose outcome is a state and never a failure.
fn standing_lines(lines: &mut Lines, policy: &Policy, opened: &Opened) {
    let checkpoint = &opened.checkpoint;
    lines.kind(Word::Checkpoint).field(&checkpoint.origin).num(checkpoint.size).hex(checkpoint.root.as_bytes()).end();
    if let Some(time_s) = opened.log_time_s {
        lines.kind(Word::LogTime).num(time_s).end();
    }
    let reached = if opened.standing.quorum() { Word::Ok } else { Word::Open };
    lines.kind(Word::Step).field(Step::Cosignatures.word()).word(reached).end();
    for (witness, time_s) in &opened.cosigned {
        let name = policy.witnesses().get(*witness).map_or("-", |witness| witness.name.as_str());
        lines.kind(Word::Cosigner).field(name).num(*time_s).end();
    }
    if let Some(as_of_s) = opened.standing.as_of_s {
        lines.kind(Word::AsOf).num(as_of_s).end();
    }
    lines.kind(Word::Complete).word(if opened.standing.mirrors { Word::Mirrors } else { Word::Operator }).end();
}

/// Step 6.
fn check_head(bundle: &Bundle, opened: &Opened) -> Result<(u64, MapHead), Box<Failure>> {
    let (size, root) = (opened.checkpoint.size, &opened.checkpoint.root);
    let at = LeafIndex(size - 1);
    verify_inclusion::<Log>(at, TreeSize(size), &leaf_hash(&bundle.head), &bundle.head_path, root)
        .map_err(|_| Failure::new(Step::MapHead, Problem::HeadNotIncluded))?;
    match Entry::parse(&bundle.head) {
        Ok(Entry { logged_ms, body: Body::MapHead(head) }) if head.covers == size - 1 => Ok((logged_ms, head)),
        _ => Err(Failure::new(Step::MapHead, Problem::NotAMapHead)),
    }
}

/// Step 7: the map's answer for one key, and the leaves that add up to it.
fn check_list(bundle: &Bundle, entries: &[Entry], list: &List, head: &MapHead) -> Result<(), Problem> {
    let Some(content) = &list.content else {
        return list.proof.verify_absent(&list.key, &head.map_root).map_err(|_| Problem::MapProof);
    };
    let mut sum = Head { all: Accumulator { count: content.from, acc: content.acc_from }, ..Head::default() };
    if let Some((alerts, facts)) = content.head {
        sum.facts = facts;
        if content.rows.is_empty() {
            sum.alerts = alerts;
        }
    }
    let early = content.early();
    for (place_in_list, row) in content.rows.iter().enumerate() {
        if row.index >= head.covers {
            return Err(Problem::ListBeyondHead);
        }
        let place = bundle.place(row.index).ok_or(Problem::ListBeyondHead)?;
        let (leaf, chain) = (leaf_hash(&bundle.entries[place].leaf), Chain::of(&entries[place], row.role));
        if place_in_list >= early {
            sum.push(row.index, &leaf, chain);
        } else {
            sum.push_chain(row.index, &leaf, chain);
            // A row that is in no chain would be there unproven.
            let here = chain == Chain::Alert || chain == Chain::Fact && content.head.is_none();
            if !here {
                return Err(Problem::RowNotInChain);
            }
        }
        if entries[place].event().is_none() && (row.role, row.position, row.path.len()) != (0, 0, 0) {
            return Err(Problem::MemberRow);
        }
    }
    // The alerts' chain stands beside their rows as well, so that there is one form of a list.
    if content.head.is_some_and(|(alerts, _)| alerts != sum.alerts) {
        return Err(Problem::MapProof);
    }
    let value = sum.value(&list.key);
    list.proof.verify_present(&list.key, &value, &head.map_root).map_err(|_| Problem::MapProof)
}

/// Step 9: all lists that this history needs, and no other.
fn check_relations(bundle: &Bundle, entries: &[Entry], origin: &str, subject: &Name, prefix_count: u32) -> Result<Relations, Box<Failure>> {
    let mut bodies = Vec::new();
    for entry in &bundle.entries {
        bodies.push(message_hash(&message(&entry.leaf, origin)));
    }
    let mut lists = InBundle { bundle, entries, bodies, prefix_count };
    let relations = relations::derive(&mut lists, subject)?;
    for list in &relations.lists {
        // What follows from a list hangs on the roles in it: those of entries that are no nodes, which `entry` never looks at, too.
        for row in bundle.list(&list.key).map_or(&[][..], List::rows) {
            let context = relations.entry(row.index).is_none_or(|entry| !entry.relevant);
            let event = lists.entry(row.index).and_then(|known| known.event());
            if let Some(event) = event.filter(|_| context) {
                check_row(list, row, event).map_err(|p| Failure::at(Step::Names, p, row.index))?;
            }
        }
    }
    for list in &bundle.lists {
        if relations.list(&list.key).is_none() {
            return Err(Failure::list(Step::Relations, Problem::ListNotRequired, &list.key));
        }
    }
    Ok(relations)
}

/// The lists that the file holds.
struct InBundle<'a> {
    bundle: &'a Bundle,
    entries: &'a [Entry],
    /// What would be the body hash of each, were it an event.
    bodies: Vec<Hash>,
    prefix_count: u32,
}

impl Lists for InBundle<'_> {
    type Error = Box<Failure>;

    fn list(&mut self, key: &Key, of: Listed, need: Need) -> Result<Rows, Box<Failure>> {
        let fail = |problem| Failure::list(Step::Relations, problem, key);
        let list = self.bundle.list(key).ok_or_else(|| fail(Problem::RequiredListMissing))?;
        let Some(content) = &list.content else {
            return Ok(Rows::default());
        };
        let early = content.early();
        let newest = content.from == 0 || content.rows.len() - early >= WHOLE_LIST;
        let first = if content.from == 0 { 0 } else { content.rows.get(early).map_or(u64::MAX, |row| row.index) };
        let enough = match need {
            Need::Again => true,
            Need::Head | Need::Chains | Need::Alerts => content.head.is_none(),
            Need::Whole => content.from == 0,
            Need::One => content.from < content.count,
            Need::Newest => newest,
            Need::Since(index) => newest && first <= index,
        };
        // Less may stand for a list that the limits leave out: `derive` decides.
        let form = match content.head {
            _ if enough => Form::Enough,
            Some((alerts, _)) if alerts.count as usize == content.rows.len() => Form::Alerts,
            Some(_) => Form::Head,
            None if content.from == content.count => Form::Chains,
            None => return Err(fail(Problem::ListTooShort)),
        };
        if form != Form::Enough && matches!(need, Need::Whole | Need::One) {
            return Err(fail(Problem::ListTooShort));
        }
        let mut rows = Vec::new();
        if need != Need::Head {
            for row in &content.rows {
                let event = self.entry(row.index).is_some_and(|known| known.event().is_some());
                if of != Listed::Whole && !event {
                    return Err(fail(Problem::ListOfOther));
                }
                rows.push((row.index, row.role));
            }
        }
        let chains = content.head.map_or((0, 0), |(alerts, facts)| (alerts.count, facts.count));
        Ok(Rows { count: content.count, chains, older: content.count - content.rows.len() as u32, first, form, rows })
    }

    fn most_entries(&self) -> usize {
        self.bundle.most_entries
    }

    fn short(&self, key: &Key) -> Box<Failure> {
        Failure::list(Step::Relations, Problem::ListTooShort, key)
    }

    fn entry(&self, index: u64) -> Option<Known<'_>> {
        let place = self.bundle.place(index)?;
        Some(Known { entry: &self.entries[place], body: &self.bodies[place] })
    }

    fn prefix(&mut self, digits: &str) -> Result<Option<Prefix>, Box<Failure>> {
        let found = look_up(&self.bundle.prefixes, self.prefix_count, digits);
        found.map(|prefix| prefix.cloned()).ok_or_else(|| Failure::new(Step::Relations, Problem::PrefixMissing))
    }
}
