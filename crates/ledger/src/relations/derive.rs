//! Rules 1 to 4: from the subject's list to all lists that belong to its history.

use super::correct::{Marks, is_correction, marks};
use super::{Known, Lists, MAX_NESTING, MAX_TRANSFORMATIONS, Need, Related, Relations, Required, Rows, Stay, Through};
use crate::bundle::{MAX_ENTRIES, MAX_LISTS, WHOLE_LIST};
use crate::entry::{Action, Class, Kind, record_role, ref_role};
use crate::hash::Key;
use crate::name::{Level, Name};
use crate::prelude::*;

/// A list still to be looked at.
struct Task {
    key: Key,
    through: Through,
    rule: Rule,
}

/// What follows from the entries of a list.
enum Rule {
    /// Subject, batch or input, this many transformations back: rules 2 and 3.
    Owner { depth: u8 },
    /// Product: nothing.
    Product,
    /// A transformation id: its inputs.
    Transformation { depth: u8 },
    /// A container: rule 4.
    Container(Inside),
}

/// Someone inside a container.
struct Inside {
    /// The ADD by which it went in.
    add: u64,
    /// When.
    from_ms: u64,
    /// DELETEs that name it as child, from then on: time and index, the earliest.
    taken_out: Option<(u64, u64)>,
    /// The part of that time which matters to the subject.
    window: (u64, u64),
    /// How many containers deep, from 1.
    nesting: u8,
}

/// Everything that must be there for the history of `subject` to be complete.
pub fn derive<L: Lists>(lists: &mut L, subject: &Name) -> Result<Relations, L::Error> {
    let key = subject.key();
    let mut found = Relations::default();
    let mut members = Vec::new();
    let mut tasks = Vec::new();
    tasks.push(Task { key, through: Through::Item, rule: Rule::Owner { depth: 0 } });
    // Rule 1.
    if let Some(product) = subject.product().filter(|_| subject.level() != Level::Product) {
        tasks.push(Task { key: product.key(), through: Through::Product, rule: Rule::Product });
    }
    if subject.level() != Level::Other {
        let bulk = key.bulk();
        let need = if subject.level() == Level::Item { Need::Whole } else { Need::Head };
        let Rows { count, older, .. } = lists.list(&bulk, &key, need)?;
        found.lists.push(Required { key: bulk, owner: key, through: Through::Bulk, count, older });
    }
    let mut done = 0;
    while let Some(task) = tasks.get(done) {
        let new = look(lists, task, &mut found, &mut members, key)?;
        done += 1;
        for task in new {
            // A container may be entered twice, at different times; all other lists say all they have to say at once.
            let again = tasks.iter().any(|t| t.key == task.key && !matches!(t.rule, Rule::Container(_)));
            if !again || matches!(task.rule, Rule::Container(_)) {
                tasks.push(task);
            }
        }
        if tasks.len() > 4 * MAX_ENTRIES {
            break;
        }
    }
    for member in members {
        let Rows { count, older, .. } = lists.list(&member, &member, Need::Whole)?;
        found.lists.push(Required { key: member, owner: member, through: Through::Member, count, older });
    }
    Ok(found)
}

/// Takes one list in, and returns what follows from it.
fn look<L: Lists>(lists: &mut L, task: &Task, found: &mut Relations, members: &mut Vec<Key>, subject: Key) -> Result<Vec<Task>, L::Error> {
    let known_list = found.lists.iter().position(|list| list.key == task.key);
    let too_deep = match &task.rule {
        Rule::Owner { depth } | Rule::Transformation { depth } => *depth > MAX_TRANSFORMATIONS,
        Rule::Container(inside) => inside.nesting > MAX_NESTING,
        Rule::Product => false,
    };
    if too_deep || known_list.is_none() && found.lists.len() + members.len() >= MAX_LISTS {
        cut(found, task);
        return Ok(Vec::new());
    }
    let need = match &task.rule {
        Rule::Container(inside) => Need::Since(inside.add),
        _ => Need::Newest,
    };
    let Rows { count, older, rows } = lists.list(&task.key, &task.key, need)?;
    if rows.is_empty() && count > 0 {
        // The head alone: right only where as many rows as there may be are too many.
        let most = if need == Need::Newest { WHOLE_LIST.min(count as usize) } else { count as usize };
        let room = found.entries.len() + most <= MAX_ENTRIES && found.lists.len() + members.len() + 1 + most <= MAX_LISTS;
        if room || task.key == subject {
            return Err(lists.short(&task.key));
        }
        cut_list(found, task, count);
        return Ok(Vec::new());
    }
    let events: Vec<(u64, Known<'_>)> = rows.iter().filter_map(|(index, _)| Some((*index, lists.event(*index)?))).collect();
    if events.len() != rows.len() {
        // A list of this kind holds events only; the caller's `list` refuses others, so this is not reached.
        cut(found, task);
        return Ok(Vec::new());
    }
    let roles: Vec<u8> = rows.iter().map(|(_, role)| *role).collect();
    let marks = marks(&events);
    let list = List { key: task.key, events: &events, roles: &roles, marks: &marks };
    let stay = match &task.rule {
        Rule::Container(inside) => Some(list.stay(inside)),
        _ => None,
    };
    let relevant = list.relevant(&task.rule, stay.as_ref());

    let new_entries = events.iter().filter(|(index, _)| found.entry(*index).is_none()).count();
    let mut signers = members.clone();
    for ((_, known), relevant) in events.iter().zip(&relevant) {
        if *relevant && !signers.contains(&known.event.member) {
            signers.push(known.event.member);
        }
    }
    let new_list = usize::from(known_list.is_none());
    if found.entries.len() + new_entries > MAX_ENTRIES || found.lists.len() + new_list + signers.len() > MAX_LISTS {
        cut_list(found, task, count);
        return Ok(Vec::new());
    }
    *members = signers;
    match known_list {
        Some(at) => found.lists[at].older = found.lists[at].older.min(older),
        None => found.lists.push(Required { key: task.key, owner: task.key, through: task.through, count, older }),
    }
    for (at, relevant) in relevant.iter().enumerate() {
        take(found, &list, at, *relevant, task.through, older > 0);
    }
    if let Some(stay) = stay {
        found.stays.push(stay);
    }
    Ok(list.follow(task, stay.as_ref(), task.key == subject))
}

/// Leaves the rows of a list out: its head is there, and proves how many they are.
fn cut_list(found: &mut Relations, task: &Task, count: u32) {
    if !found.lists.iter().any(|list| list.key == task.key) {
        found.lists.push(Required { key: task.key, owner: task.key, through: task.through, count, older: count });
    }
    cut(found, task);
}

fn cut(found: &mut Relations, task: &Task) {
    if !found.cut.iter().any(|(key, _)| *key == task.key) {
        found.cut.push((task.key, task.through));
    }
}

fn take(found: &mut Relations, list: &List<'_>, at: usize, relevant: bool, through: Through, partly: bool) {
    let (index, _) = list.events[at];
    let mark = list.marks[at];
    let place = match found.entries.binary_search_by_key(&index, |e| e.index) {
        Ok(place) => place,
        Err(place) => {
            let new = Related {
                index,
                through,
                owner: list.key,
                role: list.roles[at],
                relevant: false,
                voided_by: None,
                erased_by: None,
                ended_by: None,
                target: None,
                target_may_be_older: true,
            };
            found.entries.insert(place, new);
            place
        }
    };
    let entry = &mut found.entries[place];
    if relevant && !entry.relevant {
        entry.relevant = true;
        (entry.through, entry.owner, entry.role) = (through, list.key, list.roles[at]);
    }
    entry.voided_by = entry.voided_by.or(mark.voided_by);
    entry.erased_by = entry.erased_by.or(mark.erased_by);
    entry.ended_by = entry.ended_by.or(mark.ended_by);
    entry.target = entry.target.or(mark.target.map(|target| list.events[target].0));
    entry.target_may_be_older &= partly;
}

/// A list with all that one look at it needs.
struct List<'a> {
    key: Key,
    events: &'a [(u64, Known<'a>)],
    roles: &'a [u8],
    marks: &'a [Marks],
}

impl List<'_> {
    fn relevant(&self, rule: &Rule, stay: Option<&Stay>) -> Vec<bool> {
        let (Rule::Container(inside), Some(stay)) = (rule, stay) else {
            return core::iter::repeat_n(true, self.events.len()).collect();
        };
        let until = stay.until_ms.unwrap_or(u64::MAX).min(inside.window.1);
        let from = inside.from_ms.max(inside.window.0);
        let mut relevant: Vec<bool> = Vec::new();
        for (at, (index, known)) in self.events.iter().enumerate() {
            let event = known.event;
            let as_parent = event.packs() && self.roles[at] & record_role::PARENT != 0;
            let meant = match self.marks[at].target {
                // Corrections go with what they correct; rows come in log order, so that is decided already.
                Some(target) => relevant[target],
                None if is_correction(event) => false,
                None => (from..=until).contains(&event.event_ms) && !as_parent,
            };
            relevant.push(meant || stay.ended_by == Some(*index));
        }
        relevant
    }

    /// When the stay ended, and by which entry.
    fn stay(&self, inside: &Inside) -> Stay {
        let mut end = inside.taken_out;
        for (at, (index, known)) in self.events.iter().enumerate() {
            let event = known.event;
            let emptied = event.packs()
                && event.action == Action::Delete
                && event.subject_count == 1
                && self.roles[at] & record_role::PARENT != 0
                && self.marks[at].voided_by.is_none();
            if emptied && event.event_ms >= inside.from_ms {
                end = earlier(end, (event.event_ms, *index));
            }
        }
        let after = |known: &Known<'_>| end.is_some_and(|(ms, _)| known.event.event_ms > ms);
        let alerts = self.events.iter().zip(self.marks).filter(|((_, known), mark)| {
            let alert = known.event.class == Class::Alert && !is_correction(known.event);
            alert && mark.voided_by.is_none() && after(known)
        });
        Stay {
            container: self.key,
            from_ms: inside.from_ms,
            until_ms: end.map(|(ms, _)| ms),
            ended_by: end.map(|(_, index)| index),
            alerts_after: alerts.count() as u32,
        }
    }

    fn follow(&self, task: &Task, stay: Option<&Stay>, is_subject: bool) -> Vec<Task> {
        let mut new = Vec::new();
        for (at, (index, known)) in self.events.iter().enumerate() {
            let (event, role) = (known.event, self.roles[at]);
            let counts = self.marks[at].voided_by.is_none() && !matches!(event.kind, Kind::Void | Kind::Erase);
            if !counts {
                continue;
            }
            // Which roles of references lead on, and how many transformations back that is.
            let (mut wanted, mut depth_of_inputs) = (0, 0);
            let mut depth_of_batch = 0;
            match &task.rule {
                Rule::Owner { depth } => {
                    (depth_of_batch, depth_of_inputs) = (*depth, depth + 1);
                    // Rule 2.
                    if role & (record_role::OBJECT | record_role::OUTPUT) != 0 {
                        wanted = ref_role::BATCH;
                    }
                    // Rule 3.
                    if role & record_role::OUTPUT != 0 {
                        wanted |= ref_role::INPUT | ref_role::TRANSFORMATION;
                    }
                }
                Rule::Transformation { depth } => {
                    (wanted, depth_of_inputs) = (ref_role::INPUT, *depth);
                }
                Rule::Container(_) | Rule::Product => {}
            }
            for one in [ref_role::BATCH, ref_role::INPUT, ref_role::TRANSFORMATION] {
                for reference in &event.refs {
                    if reference.role != one || wanted & one == 0 {
                        continue;
                    }
                    let through = if one == ref_role::BATCH && depth_of_batch == 0 { Through::Batch } else { Through::Input };
                    let rule = match one {
                        ref_role::BATCH => Rule::Owner { depth: depth_of_batch },
                        ref_role::INPUT => Rule::Owner { depth: depth_of_inputs },
                        _ => Rule::Transformation { depth: depth_of_inputs },
                    };
                    let key = reference.key;
                    new.push(Task { key, through, rule });
                }
            }
            let (window, nesting) = match &task.rule {
                Rule::Owner { .. } if is_subject => ((0, u64::MAX), 1),
                Rule::Container(inside) => {
                    let until = stay.and_then(|stay| stay.until_ms).unwrap_or(u64::MAX);
                    let from = inside.from_ms.max(inside.window.0);
                    ((from, until.min(inside.window.1)), inside.nesting + 1)
                }
                _ => continue,
            };
            if let Some(task) = self.enter(*index, at, window, nesting) {
                new.push(task);
            }
        }
        new
    }

    /// Rule 4: if this row puts the list's owner into a container at a time that overlaps the window.
    fn enter(&self, add: u64, at: usize, window: (u64, u64), nesting: u8) -> Option<Task> {
        let event = self.events[at].1.event;
        let goes_in = event.packs() && event.action == Action::Add && self.roles[at] & record_role::CHILD != 0;
        let container = *event.reference(ref_role::PARENT).filter(|_| goes_in)?;
        let mut taken_out = None;
        for (other, (index, known)) in self.events.iter().enumerate() {
            let out = known.event;
            let goes_out = out.packs()
                && out.action == Action::Delete
                && self.roles[other] & record_role::CHILD != 0
                && out.reference(ref_role::PARENT) == Some(&container)
                && self.marks[other].voided_by.is_none();
            if goes_out && out.event_ms >= event.event_ms {
                taken_out = earlier(taken_out, (out.event_ms, *index));
            }
        }
        let overlaps = event.event_ms <= window.1 && taken_out.is_none_or(|(ms, _)| ms >= window.0);
        overlaps.then_some(Task {
            key: container,
            through: Through::Container,
            rule: Rule::Container(Inside { add, from_ms: event.event_ms, taken_out, window, nesting }),
        })
    }
}

fn earlier(a: Option<(u64, u64)>, b: (u64, u64)) -> Option<(u64, u64)> {
    Some(a.map_or(b, |a| a.min(b)))
}
