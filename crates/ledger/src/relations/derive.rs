//! Rules 1 to 4: from the subject's lists to all lists that belong to its history.

use super::correct::{Row, correct, undo_endings};
use super::{
    Backing, Form, Input, Known, Listed, Lists, MAX_NESTING, MAX_TRANSFORMATIONS, Need, Related, Relations, Required, Rows, Stay, Through,
};
use crate::bundle::{MAX_LISTS, WHOLE_LIST};
use crate::entry::{Action, Authority, Class, Event, Grant, Kind, ListKind, Member, grant_list, record_role, ref_role, right};
use crate::hash::Key;
use crate::name::{Level, Name};
use crate::prelude::*;
use crate::standing::{Number, Said, Standing, may_take_back, needed, standing};

/// Most subjects and stays of one history: as many as there are lists. Every stay in a container reads the container's list anew, so who
/// packs one into another again and again would keep server and phone busy for minutes; a subject that was packed more often is cut.
const MAX_TASKS: usize = MAX_LISTS;

/// A subject whose lists are still to be looked at.
struct Task {
    subject: Key,
    /// Under which authorities it has lists.
    authorities: Vec<Authority>,
    /// Whether it has the subject's own number: then its owners and the scopes of grants are known.
    own_number: bool,
    /// Whether all that leads to it was said by the owner of the subject's number, or by whom that owner lets number its goods.
    bound: bool,
    through: Through,
    rule: Rule,
    done: bool,
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
    /// Who said so.
    by: Key,
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
    let prefix = match subject.digits() {
        Some(digits) => lists.prefix(digits)?,
        None => None,
    };
    let number = Number::of(subject, prefix);
    let authorities = number.authorities();
    let key = subject.key();
    let found = Relations { number: Some(number), ..Relations::default() };
    let mut derive = Derive { lists, found, key, level: subject.level(), received: Vec::new() };
    let mut tasks: Vec<Task> = Vec::new();
    let task = |subject, through, rule| Task {
        subject,
        authorities: authorities.clone(),
        own_number: true,
        bound: true,
        through,
        rule,
        done: false,
    };
    tasks.push(task(key, Through::Item, Rule::Owner { depth: 0 }));
    // Rule 1.
    if let Some(product) = subject.product().filter(|_| subject.level() != Level::Product) {
        tasks.push(task(product.key(), Through::Product, Rule::Product));
    }
    derive.parts_of(&authorities)?;
    // What the owner of the number ties to its goods is looked at before all else, so that no partner uses up its room.
    let next = |tasks: &[Task]| tasks.iter().position(|t| !t.done && t.bound).or_else(|| tasks.iter().position(|t| !t.done));
    while let Some(next) = next(&tasks) {
        tasks[next].done = true;
        for task in derive.look(&tasks[next])? {
            // A container may be entered twice, at different times; all other lists say all they have to say at once.
            let container = |t: &Task| matches!(t.rule, Rule::Container(_));
            let same = |t: &Task| t.subject == task.subject && !container(t) && (t.bound || !task.bound);
            if !container(&task) && tasks.iter().any(same) {
                continue;
            }
            if tasks.len() >= MAX_TASKS {
                derive.cut(&task);
            } else {
                tasks.push(task);
            }
        }
    }
    derive.confirm();
    derive.object();
    Ok(derive.found)
}

struct Derive<'a, L> {
    /// What owners say of where their own goods went.
    received: Vec<Received>,
    lists: &'a mut L,
    found: Relations,
    /// Of the subject.
    key: Key,
    level: Level,
}

/// One of a subject's lists.
struct Loaded {
    key: Key,
    authority: Authority,
    rows: Rows,
}

/// An owner says that goods of its own went to a member.
struct Received {
    goods: Key,
    owner: Key,
    by: Key,
    event_ms: u64,
}

impl<L: Lists> Derive<'_, L> {
    /// Movements of the subject's parts, and what was made as this batch.
    fn parts_of(&mut self, authorities: &[Authority]) -> Result<(), L::Error> {
        if self.level == Level::Other {
            return Ok(());
        }
        let owners = authorities.iter().filter(|a| a.owner().is_some() || authorities.len() == 2);
        for authority in owners {
            // An item has no parts that could move: whoever records it here has said nothing of it, and can spoil nothing.
            if self.level != Level::Item {
                self.note(ListKind::Bulk, *authority, Through::Bulk, Need::Head)?;
            }
            if self.level == Level::Batch {
                self.note(ListKind::Made, *authority, Through::Made, Need::One)?;
            }
        }
        Ok(())
    }

    fn note(&mut self, kind: ListKind, authority: Authority, through: Through, need: Need) -> Result<(), L::Error> {
        let key = authority.list(kind, &self.key);
        let of = if kind == ListKind::Made { Listed::Whole } else { Listed::Subject(self.key) };
        let Rows { count, older, rows, .. } = self.lists.list(&key, of, need)?;
        self.found.lists.push(Required { key, owner: self.key, under: Some((authority, kind)), through, count, older });
        // Rows of such lists are proven, and nothing follows from them but what the report says of their number and newest author.
        for (index, _) in rows {
            if let Some(author) = self.lists.entry(index).and_then(|known| known.event()).map(|event| event.member) {
                self.member(author)?;
                if let Some(owner) = authority.owner().filter(|owner| **owner != author) {
                    self.member(*owner)?;
                    self.grant(*owner, author)?;
                }
            }
            self.made(index, authority);
        }
        Ok(())
    }

    /// The event that the newest row of a list of this kind names, as what issued the batch.
    fn made(&mut self, index: u64, authority: Authority) {
        let Some((known, number)) = self.lists.entry(index).zip(self.found.number.as_ref()) else { return };
        let Some(event) = known.event() else { return };
        let role = if event.kind == Kind::Transformation { record_role::OUTPUT } else { record_role::OBJECT };
        let grant = self.granted(authority, &event.member, index);
        let standing = self.standing_of(index, known, role, authority, Some((number, self.level)), grant);
        let grant = by_grant(standing, grant);
        match standing {
            Some(standing) => self.found.merge(&Related { standing, grant, ..related(index, Through::Made, self.key, 0, authority) }),
            None => self.found.claims.push(index),
        }
    }

    /// Loads the versions of a member once.
    fn member(&mut self, member: Key) -> Result<(), L::Error> {
        if self.has_member(&member) {
            return Ok(());
        }
        let Rows { count, older, rows, .. } = self.lists.list(&member, Listed::Whole, Need::Whole)?;
        self.found.lists.push(Required { key: member, owner: member, under: None, through: Through::Member, count, older });
        self.found.members.push((member, rows.into_iter().map(|(index, _)| index).collect()));
        Ok(())
    }

    /// Loads the versions of a grant once.
    fn grant(&mut self, owner: Key, partner: Key) -> Result<(), L::Error> {
        if self.has_grant(&owner, &partner) {
            return Ok(());
        }
        let key = grant_list(&owner, &partner);
        let Rows { count, older, rows, .. } = self.lists.list(&key, Listed::Whole, Need::Whole)?;
        self.found.lists.push(Required { key, owner, under: None, through: Through::Grant, count, older });
        self.found.grants.push((owner, partner, rows.into_iter().map(|(index, _)| index).collect()));
        Ok(())
    }

    fn has_member(&self, member: &Key) -> bool {
        self.found.members.iter().any(|(key, _)| key == member)
    }

    fn has_grant(&self, owner: &Key, partner: &Key) -> bool {
        self.found.grants.iter().any(|(o, p, _)| o == owner && p == partner)
    }

    /// The version of a member in force at an index.
    fn governing(&self, member: &Key, index: u64) -> Option<&Member> {
        let (_, versions) = self.found.members.iter().find(|(key, _)| key == member)?;
        let version = versions.iter().rev().find(|at| **at < index)?;
        self.lists.entry(*version)?.entry.member()
    }

    /// The version in force at an index of what an authority's owner grants to a partner, and where it stands.
    fn granted(&self, authority: Authority, partner: &Key, index: u64) -> Option<(u64, &Grant)> {
        let owner = authority.owner()?;
        let (_, _, versions) = self.found.grants.iter().find(|(o, p, _)| o == owner && p == partner)?;
        let version = versions.iter().rev().find(|at| **at < index)?;
        Some((*version, self.lists.entry(*version)?.entry.grant()?))
    }

    fn standing_of(
        &self,
        index: u64,
        known: Known<'_>,
        role: u8,
        authority: Authority,
        goods: Option<(&Number, Level)>,
        grant: Option<(u64, &Grant)>,
    ) -> Option<Standing> {
        let event = known.event()?;
        let author = self.governing(&event.member, index);
        let said = Said { event, index, logged_ms: known.entry.logged_ms, role, authority, author, grant: grant.map(|(_, grant)| grant) };
        standing(&said, goods)
    }

    /// Whether an author may say this of the subject itself, whichever list it wrote into.
    fn speaks(&self, author: &Key, rights: u16, index: u64, logged_ms: u64) -> bool {
        let Some(number) = &self.found.number else { return false };
        let Some(owner) = number.owner_at(index, logged_ms) else { return false };
        let granted = || {
            let grant = self.granted(Authority::Owner(owner), author, index);
            grant.is_some_and(|(_, grant)| grant.rights_at(logged_ms, Some(&number.digits)) & rights != 0)
        };
        owner == *author || granted()
    }

    /// Takes a subject's lists in, and returns what follows from them.
    fn look(&mut self, task: &Task) -> Result<Vec<Task>, L::Error> {
        let too_deep = match &task.rule {
            Rule::Owner { depth } | Rule::Transformation { depth } => *depth > MAX_TRANSFORMATIONS,
            Rule::Container(inside) => inside.nesting > MAX_NESTING,
            Rule::Product => false,
        };
        let mut lists = Vec::new();
        let mut new_lists = 0;
        for authority in &task.authorities {
            let key = authority.list(ListKind::Own, &task.subject);
            new_lists += usize::from(self.found.list(&key).is_none());
            lists.push(Loaded { key, authority: *authority, rows: Rows::default() });
        }
        if too_deep || self.found.lists.len() + new_lists > MAX_LISTS {
            self.cut(task);
            return Ok(Vec::new());
        }
        let wanted = match &task.rule {
            Rule::Container(inside) => Need::Since(inside.add),
            _ => Need::Newest,
        };
        for need in &[wanted, Need::Chains, Need::Alerts] {
            if self.load(task, &mut lists, *need, new_lists)? {
                self.require(task, &lists);
                return Ok(self.take(task, &lists));
            }
        }
        // Not even all alerts: then those of as many lists as fit, the regulators' before all, so that nobody's alerts hide theirs.
        self.cut(task);
        if let Some(at) = lists.iter().position(|list| list.authority == Authority::Governance) {
            lists.swap(0, at);
        }
        for fit in (0..lists.len()).rev() {
            self.read(task, &mut lists[fit..], Need::Head)?;
            if fit > 0 && self.load(task, &mut lists[..fit], Need::Alerts, new_lists)? {
                self.require(task, &lists);
                return Ok(self.take(task, &lists));
            }
        }
        self.require(task, &lists);
        Ok(Vec::new())
    }

    fn read(&mut self, task: &Task, lists: &mut [Loaded], need: Need) -> Result<(), L::Error> {
        for list in lists {
            // Read by another task it stays as it was taken then: whoever made the file and whoever reads it see the same of it each time.
            let need = if self.found.list(&list.key).is_some() { Need::Again } else { need };
            list.rows = self.lists.list(&list.key, Listed::Subject(task.subject), need)?;
        }
        Ok(())
    }

    /// Reads the rows of a subject's lists, and the members and grants that they need; false where they are more than the limits allow.
    fn load(&mut self, task: &Task, lists: &mut [Loaded], need: Need, new_lists: usize) -> Result<bool, L::Error> {
        let (mut most, mut form) = (0, Form::Enough);
        let asked = match need {
            Need::Chains => Form::Chains,
            Need::Alerts => Form::Alerts,
            _ => Form::Enough,
        };
        // For each shorter form a quarter of the entries is kept, and an eighth of the lists: who fills one list with records, or with what
        // no page leaves out, leaves room for what a page must not miss in the next.
        let (kept, most_entries) = (asked as usize - Form::Alerts as usize, self.lists.most_entries());
        let (most_entries, most_lists) = (most_entries - most_entries / 4 * kept, MAX_LISTS - MAX_LISTS / 8 * kept);
        self.read(task, lists, need)?;
        for Loaded { rows, .. } in &*lists {
            if rows.count > 0 {
                form = form.min(rows.form);
            }
            let (alerts, facts) = rows.chains;
            most += match need {
                Need::Alerts => alerts as usize,
                Need::Chains => alerts as usize + facts as usize,
                Need::Since(_) => rows.count as usize,
                _ => WHOLE_LIST.min(rows.count as usize),
            };
        }
        if form < asked {
            // Fewer rows than were asked for: right only where as many as there may be are too many.
            let entries = self.found.entries.len() + self.found.claims.len() + most;
            // Each could have an author of its own, and a grant: of the list's owner, and of the subject's.
            let each = if task.own_number { 2 } else { 3 };
            let with_signers = self.found.lists.len() + new_lists + each * most + lists.len() + self.owners();
            if entries <= most_entries && with_signers <= most_lists {
                return Err(self.lists.short(&lists[0].key));
            }
            return Ok(false);
        }
        let (mut members, mut grants, mut inputs) = (Vec::new(), Vec::new(), Vec::new());
        let mut new_entries = 0;
        for list in &*lists {
            for (index, role) in &list.rows.rows {
                let known = self.found.entry(*index).is_some() || self.found.claims.contains(index);
                new_entries += usize::from(!known);
                let known = self.lists.entry(*index).and_then(|known| Some((known.entry.logged_ms, known.event()?)));
                let Some((logged_ms, event)) = known else {
                    return Ok(false);
                };
                self.need_member(&mut members, event.member);
                self.need_grant(&mut grants, list.authority.owner(), event);
                // Whether it binds the subject itself, or in nobody's list leads on from it (a packing, what it was made of), where it stands in
                // another's list; in nobody's, whether it is heard, where there is room.
                let unowned = matches!(list.authority, Authority::Unowned(_));
                let binds = event.class == Class::Alert || event.packs() || unowned && !event.refs.is_empty();
                let asks = unowned && self.found.lists.len() < MAX_LISTS / 4;
                if !task.own_number && (binds || asks) {
                    let owner = self.found.number.as_ref().and_then(|number| number.owner_at(*index, logged_ms));
                    self.need_grant(if binds { &mut grants } else { &mut inputs }, owner.as_ref(), event);
                }
                if *role & record_role::OUTPUT != 0 || matches!(task.rule, Rule::Transformation { .. }) {
                    for input in event.refs.iter().filter(|r| r.role == ref_role::INPUT) {
                        self.need_grant(&mut inputs, event.authority(input.authority).owner(), event);
                    }
                }
            }
        }
        for (owner, _) in &grants {
            self.need_member(&mut members, *owner);
        }
        let entries = self.found.entries.len() + self.found.claims.len() + new_entries;
        if entries > most_entries || self.found.lists.len() + new_lists + members.len() + grants.len() > most_lists {
            return Ok(false);
        }
        let since = if let Rule::Container(inside) = &task.rule { inside.add } else { u64::MAX };
        // Where alerts alone are read (no shorter form is left to keep room for), facts are missing. Alerts and facts are all that decides; but
        // of a container every record belongs to its goods while they were in it.
        if kept == 0 || lists.iter().any(|list| list.rows.first > since) {
            self.cut(task);
        }
        for member in members {
            self.member(member)?;
        }
        for (owner, partner) in grants {
            self.grant(owner, partner)?;
        }
        // Whether an input's owner lets it be named, and whether somebody is heard who only looked, is told where there is room for it.
        for (owner, partner) in inputs {
            if self.found.lists.len() + new_lists + 2 <= most_lists {
                self.member(owner)?;
                self.grant(owner, partner)?;
            }
        }
        Ok(true)
    }

    /// Notes a member whose versions are still to be loaded.
    fn need_member(&self, keys: &mut Vec<Key>, key: Key) {
        if !self.has_member(&key) && !keys.contains(&key) {
            keys.push(key);
        }
    }

    /// Notes a grant to an event's author, who needs none for its own goods, if it is still to be loaded.
    fn need_grant(&self, pairs: &mut Vec<(Key, Key)>, owner: Option<&Key>, event: &Event) {
        if let Some(owner) = owner.filter(|owner| **owner != event.member)
            && !self.has_grant(owner, &event.member)
            && !pairs.contains(&(*owner, event.member))
        {
            pairs.push((*owner, event.member));
        }
    }

    /// How many owners the subject's number has or had.
    fn owners(&self) -> usize {
        let authorities = self.found.number.iter().flat_map(|number| number.authorities());
        authorities.filter(|authority| authority.owner().is_some()).count()
    }

    fn take(&mut self, task: &Task, lists: &[Loaded]) -> Vec<Task> {
        let goods = self.found.number.as_ref().filter(|_| task.own_number);
        let goods = goods.map(|number| (number, level_of(task.through, self.level)));
        let owned = self.owners() > 0;
        // In the order of the log.
        let mut said: Vec<(u64, u8, Authority)> = Vec::new();
        for list in lists {
            for (index, role) in &list.rows.rows {
                let place = said.iter().rposition(|(other, ..)| other < index).map_or(0, |place| place + 1);
                said.insert(place, (*index, *role, list.authority));
            }
        }
        // Only what has a standing exists. A correction has its target's.
        let mut rows: Vec<Row<'_>> = Vec::new();
        for (index, role, authority) in said {
            let Some(known) = self.lists.entry(index) else { continue };
            let Some(event) = known.event() else { continue };
            let logged_ms = known.entry.logged_ms;
            let granted = self.granted(authority, &event.member, index);
            let mut own_right = self.standing_of(index, known, role, authority, goods, granted);
            // Over a container or an input that nobody owns anybody may write. Who packs goods into it, or makes them of it, lets nobody
            // speak of these goods by that.
            if owned
                && !task.own_number
                && matches!(own_right, Some(Standing::Unowned))
                && !self.speaks(&event.member, needed(event, role) & !right::INPUT, index, logged_ms)
            {
                own_right = None;
            }
            let by_right = own_right.is_some_and(Standing::may_alert);
            let own = task.own_number || own_right == Some(Standing::Regulator);
            let red = by_right && (own || task.bound) || !own && self.speaks(&event.member, right::ALERT, index, logged_ms);
            let mut entry = Related { red, ..related(index, task.through, task.subject, role, authority) };
            let standing = if event.corrects() {
                let void = event.kind == Kind::Void && event.class != Class::Alert;
                let takes_back = !void || may_take_back(event, authority, logged_ms, granted.map(|(_, grant)| grant));
                let target = if takes_back { correct(&mut rows, index, event) } else { None };
                entry.target = target.map(|target| target.index);
                entry.grant = target.and_then(|target| target.grant);
                target.map(|target| target.standing)
            } else {
                entry.grant = by_grant(own_right, granted);
                own_right
            };
            match standing {
                Some(standing) => rows.push(Row { entry: Related { standing, ..entry }, known, event }),
                None if !self.found.claims.contains(&index) => self.found.claims.push(index),
                None => {}
            }
        }
        undo_endings(&mut rows);
        let speaks = |row: &Row<'_>, rights| self.speaks(&row.event.member, rights, row.entry.index, row.known.entry.logged_ms);
        let mut stay = None;
        if let Rule::Container(inside) = &task.rule {
            stay = Some(inside.stay(task.subject, &rows, &speaks));
            inside.leave_out(&mut rows, stay.as_ref());
        }
        // Before a number had an owner anybody could say of what its goods were made and where they went. That stays as it was said, but
        // once somebody owns the number it leads nowhere: behind it are goods of others, of which those could say anything for ever.
        let new = follow(&rows, task, stay.as_ref(), task.subject == self.key, owned && task.own_number, &speaks);
        for Row { entry, known, event } in rows.iter().filter(|row| row.counts()) {
            // A container is read anew for every stay; as an input its lists are read for themselves.
            if entry.standing == Standing::Owner && stay.is_none() {
                for by in event.receivers() {
                    self.received.push(Received { goods: task.subject, owner: event.member, by: *by, event_ms: event.event_ms });
                }
            }
            if entry.role & record_role::OUTPUT == 0 && !matches!(task.rule, Rule::Transformation { .. }) {
                continue;
            }
            for input in event.refs.iter().filter(|r| r.role == ref_role::INPUT) {
                let authority = event.authority(input.authority);
                let granted = self.granted(authority, &event.member, entry.index);
                // An input's number stands nowhere in the record, so a permission for some numbers alone says nothing of it.
                let has = granted.map_or(0, |(_, grant)| grant.rights_at(known.entry.logged_ms, Some("")));
                let backing = match authority.owner() {
                    Some(owner) if *owner == event.member => Backing::Own,
                    _ if has & right::INPUT != 0 => Backing::Named,
                    _ => Backing::Said,
                };
                let input = Input { index: entry.index, key: input.key, backing };
                if !self.found.inputs.contains(&input) {
                    self.found.inputs.push(input);
                }
            }
        }
        for row in &rows {
            self.found.merge(&row.entry);
        }
        if let Some(stay) = stay {
            self.found.stays.push(stay);
        }
        new
    }

    fn require(&mut self, task: &Task, lists: &[Loaded]) {
        for Loaded { key, authority, rows } in lists {
            if self.found.list(key).is_none() {
                self.found.lists.push(Required {
                    key: *key,
                    owner: task.subject,
                    under: Some((*authority, ListKind::Own)),
                    through: task.through,
                    count: rows.count,
                    older: rows.older,
                });
            }
        }
    }

    fn cut(&mut self, task: &Task) {
        if !self.found.cut.iter().any(|(key, _)| *key == task.subject) {
            self.found.cut.push((task.subject, task.through));
        }
    }

    /// Finds the inputs of which the owner's own record says that they went to whoever used them.
    fn confirm(&mut self) {
        for input in &mut self.found.inputs {
            let Some(event) = self.lists.entry(input.index).and_then(|known| known.event()).filter(|_| input.backing == Backing::Named)
            else {
                continue;
            };
            let owner = event.refs.iter().find(|r| r.role == ref_role::INPUT && r.key == input.key).map(|r| event.authority(r.authority));
            let owner = owner.as_ref().and_then(Authority::owner);
            let went = |to: &Received| to.goods == input.key && to.by == event.member && to.event_ms <= event.event_ms;
            if self.received.iter().any(|to| Some(&to.owner) == owner && went(to)) {
                input.backing = Backing::Confirmed;
            }
        }
    }

    /// Sets the owner's objections beside the records that they are about.
    fn object(&mut self) {
        for at in 0..self.found.entries.len() {
            let (index, standing) = (self.found.entries[at].index, self.found.entries[at].standing);
            let Some(event) = self.lists.entry(index).and_then(|known| known.event()) else { continue };
            if event.kind != Kind::Objection || standing != Standing::Owner || self.found.entries[at].voided_by.is_some() {
                continue;
            }
            let about = |e: &Related| self.lists.entry(e.index).is_some_and(|known| *known.body == event.target) && e.index < index;
            let Some(target) = self.found.entries.iter().position(about) else { continue };
            if self.found.entries[target].standing != Standing::Regulator {
                let target_index = self.found.entries[target].index;
                self.found.entries[at].target = Some(target_index);
                let objected = &mut self.found.entries[target].objected_by;
                *objected = objected.or(Some(index));
            }
        }
    }
}

impl Relations {
    /// Takes an entry in that may be there already, by another list: the first one that makes it relevant says how it came in.
    fn merge(&mut self, new: &Related) {
        let entry = match self.entries.binary_search_by_key(&new.index, |e| e.index) {
            Ok(place) => &mut self.entries[place],
            Err(place) => return self.entries.insert(place, *new),
        };
        let old = *entry;
        if new.relevant && !old.relevant {
            *entry = *new;
        }
        entry.red = old.red || new.red;
        entry.voided_by = old.voided_by.or(new.voided_by);
        entry.erased_by = old.erased_by.or(new.erased_by);
        entry.ended_by = old.ended_by.or(new.ended_by);
        entry.target = old.target.or(new.target);
    }
}

/// The version of a grant by which something stands, if it stands by one.
fn by_grant(standing: Option<Standing>, grant: Option<(u64, &Grant)>) -> Option<u64> {
    grant.filter(|_| matches!(standing, Some(Standing::Granted(_)))).map(|(at, _)| at)
}

/// An entry of the history, before anything else is known of it.
fn related(index: u64, through: Through, owner: Key, role: u8, authority: Authority) -> Related {
    Related {
        index,
        through,
        owner,
        role,
        authority,
        standing: Standing::Unowned,
        grant: None,
        relevant: true,
        red: false,
        voided_by: None,
        erased_by: None,
        ended_by: None,
        objected_by: None,
        target: None,
    }
}

/// The level of a subject with the number of another.
fn level_of(through: Through, otherwise: Level) -> Level {
    match through {
        Through::Batch => Level::Batch,
        Through::Product => Level::Product,
        _ => otherwise,
    }
}

impl Inside {
    /// Leaves out of the history what the container's lists say of other times than the stay's.
    fn leave_out(&self, rows: &mut [Row<'_>], stay: Option<&Stay>) {
        let Some(stay) = stay else { return };
        let until = stay.until_ms.unwrap_or(u64::MAX).min(self.window.1);
        let from = self.from_ms.max(self.window.0);
        for at in 0..rows.len() {
            let Row { entry, event, .. } = rows[at];
            let as_parent = event.packs() && entry.role & record_role::PARENT != 0;
            // What was alerted before somebody said that the goods had left is not undone by a time that this somebody chose.
            let before_end = event.class == Class::Alert && event.event_ms >= from && stay.ended_by.is_some_and(|end| entry.index < end);
            // Corrections go with what they correct; rows come in log order, so that is decided already.
            let target = rows.iter().find(|row| entry.target == Some(row.entry.index));
            let meant = match target {
                Some(target) => target.entry.relevant,
                None => ((from..=until).contains(&event.event_ms) || before_end) && !as_parent,
            };
            rows[at].entry.relevant = meant || stay.ended_by == Some(entry.index);
        }
    }

    /// When the stay ended, and by which entry: of the author who began it, or of one who may unpack the subject's goods.
    fn stay(&self, container: Key, rows: &[Row<'_>], speaks: &dyn Fn(&Row<'_>, u16) -> bool) -> Stay {
        let mut end = self.taken_out;
        for row in rows {
            let event = row.event;
            let emptied = event.packs()
                && event.action == Action::Delete
                && event.subject_count == 1
                && row.entry.role & record_role::PARENT != 0
                && row.entry.voided_by.is_none();
            if emptied && event.event_ms >= self.from_ms && (event.member == self.by || speaks(row, right::PACK)) {
                end = earlier(end, (event.event_ms, row.entry.index));
            }
        }
        let after = |row: &Row<'_>| end.is_some_and(|(ms, index)| row.event.event_ms > ms && row.entry.index > index);
        let alerts = rows.iter().filter(|row| row.event.class == Class::Alert && row.counts() && after(row));
        Stay {
            container,
            from_ms: self.from_ms,
            until_ms: end.map(|(ms, _)| ms),
            ended_by: end.map(|(_, index)| index),
            alerts_after: alerts.count() as u32,
        }
    }
}

/// What follows from a subject's rows: rules 2 to 4.
fn follow(
    rows: &[Row<'_>],
    task: &Task,
    stay: Option<&Stay>,
    is_subject: bool,
    owned: bool,
    speaks: &dyn Fn(&Row<'_>, u16) -> bool,
) -> Vec<Task> {
    let (mut new, mut others) = (Vec::new(), Vec::new());
    for row in rows.iter().filter(|row| row.counts()) {
        let (event, role) = (row.event, row.entry.role);
        // Of the time before, only what one of its owners had said leads on.
        if owned && row.entry.standing == Standing::Unowned && !task.authorities.contains(&Authority::Owner(event.member)) {
            continue;
        }
        // What the owner of the number itself ties its goods to comes first where the limits leave something out.
        let binds = if task.own_number { row.entry.standing.binds() } else { speaks(row, right::ISSUE) };
        let bound = task.bound && binds;
        let tasks = if binds { &mut new } else { &mut others };
        // Which roles of references lead on, and how many transformations back that is.
        let (mut wanted, mut depth_of_inputs) = (0, 0);
        let mut depth_of_batch = 0;
        match &task.rule {
            Rule::Owner { depth } => {
                (depth_of_batch, depth_of_inputs) = (*depth, depth + 1);
                // Rule 2. Who only saw the goods gives them no lot: with it would come what is said of another's.
                let tells = event.makes_batch().is_some() || row.entry.standing.binds();
                if tells && role & (record_role::OBJECT | record_role::OUTPUT) != 0 {
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
        for one in &[ref_role::BATCH, ref_role::INPUT, ref_role::TRANSFORMATION] {
            for reference in &event.refs {
                if reference.role != *one || wanted & one == 0 {
                    continue;
                }
                let through = if *one == ref_role::BATCH && depth_of_batch == 0 { Through::Batch } else { Through::Input };
                let rule = match *one {
                    ref_role::BATCH => Rule::Owner { depth: depth_of_batch },
                    ref_role::INPUT => Rule::Owner { depth: depth_of_inputs },
                    _ => Rule::Transformation { depth: depth_of_inputs },
                };
                let named = event.authority(reference.authority);
                let own_number = through == Through::Batch && task.own_number && task.authorities.contains(&named);
                let authorities = if own_number { task.authorities.clone() } else { opened(named) };
                tasks.push(Task { subject: reference.key, authorities, own_number, bound, through, rule, done: false });
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
        if let Some(task) = enter(rows, row, window, nesting, bound) {
            tasks.push(task);
        }
    }
    for task in others {
        new.push(task);
    }
    new
}

/// Rule 4: if this row puts the list's owner into a container at a time that overlaps the window.
fn enter(rows: &[Row<'_>], row: &Row<'_>, window: (u64, u64), nesting: u8, bound: bool) -> Option<Task> {
    let event = row.event;
    let goes_in = event.packs() && event.action == Action::Add && row.entry.role & record_role::CHILD != 0;
    let parent = event.refs.iter().find(|r| goes_in && r.role == ref_role::PARENT)?;
    let mut taken_out = None;
    for other in rows {
        let out = other.event;
        let goes_out = out.packs()
            && out.action == Action::Delete
            && other.entry.role & record_role::CHILD != 0
            && out.reference(ref_role::PARENT) == Some(&parent.key)
            && other.entry.voided_by.is_none();
        // By its author, the owner, or whom the owner lets pack.
        let may = out.member == event.member || matches!(other.entry.standing, Standing::Owner | Standing::Granted(_));
        if goes_out && may && out.event_ms >= event.event_ms {
            taken_out = earlier(taken_out, (out.event_ms, other.entry.index));
        }
    }
    let overlaps = event.event_ms <= window.1 && taken_out.is_none_or(|(ms, _)| ms >= window.0);
    let inside = Inside { add: row.entry.index, by: event.member, from_ms: event.event_ms, taken_out, window, nesting };
    overlaps.then(|| Task {
        subject: parent.key,
        authorities: opened(event.authority(parent.authority)),
        own_number: false,
        bound,
        through: Through::Container,
        rule: Rule::Container(inside),
        done: false,
    })
}

/// The lists of a subject of which only its key is known, and who is said to own its number: a falsely named one has no lists that
/// anybody filled, and whoever names it could have named no container or input at all.
fn opened(named: Authority) -> Vec<Authority> {
    let mut authorities = Vec::new();
    if matches!(named, Authority::Owner(_) | Authority::Unowned(_)) {
        authorities.push(named);
    }
    authorities.push(Authority::Governance);
    authorities
}

fn earlier(a: Option<(u64, u64)>, b: (u64, u64)) -> Option<(u64, u64)> {
    Some(a.map_or(b, |a| a.min(b)))
}
