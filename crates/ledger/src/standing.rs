//! Who may speak about whose goods. One function decides it, for the sequencer, mirrors, the command line and the phone.
//!
//! A record stands in a subject's history only if its author owns the subject's number, holds a grant of that owner, or has a role
//! that governance gave. Everything else is a claim: it changes nothing, and fails nothing.

use crate::entry::{Action, Authority, Class, Event, Grant, Kind, Member, in_scopes, level, record_role, right, role};
use crate::hash::Key;
use crate::name::{Level, Name};
use crate::prefix::Prefix;
use crate::prelude::*;
use crate::text::nth;

/// By which right an entry stands in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its author owns the number.
    Owner,
    /// Its author holds a grant of the owner with these rights.
    Granted(u16),
    /// Governance gave its author the role of a regulator.
    Regulator,
    /// Governance gave its author the role of an independent.
    Independent,
    /// Nobody owned the number.
    Unowned,
}

impl Standing {
    /// The word in the report.
    pub fn word(self) -> &'static str {
        let place = match self {
            Self::Owner => 0,
            Self::Granted(_) => 1,
            Self::Regulator => 2,
            Self::Independent => 3,
            Self::Unowned => 4,
        };
        nth("owner granted regulator independent unowned", place)
    }

    /// Whether an alert with this standing is the owner's word, or the law's: red. All others warn.
    pub const fn may_alert(self) -> bool {
        match self {
            Self::Owner | Self::Regulator => true,
            Self::Granted(rights) => rights & right::ALERT != 0,
            Self::Independent | Self::Unowned => false,
        }
    }

    /// Whether the owner of the number stands behind what is said of where goods were, and of what they were made.
    pub const fn binds(self) -> bool {
        match self {
            Self::Owner => true,
            Self::Granted(rights) => rights & right::ISSUE != 0,
            _ => false,
        }
    }
}

/// A subject's number, with all owners that it had. A name that has no such number has no digits and no owners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// See [`Name::digits`].
    pub digits: String,
    /// Its prefix.
    pub prefix: Option<Prefix>,
}

impl Number {
    /// Who owned it for an entry of this index, logged at this time.
    pub fn owner_at(&self, index: u64, logged_ms: u64) -> Option<Key> {
        self.prefix.as_ref()?.owner_at(index, logged_ms)
    }

    /// Whether nobody owned it yet. Between two owners it is free to nobody.
    fn is_free(&self, index: u64, logged_ms: u64) -> bool {
        self.prefix.as_ref().is_none_or(|prefix| prefix.holder_at(index, logged_ms).is_none())
    }

    /// Under which authorities its history has lists: those of all its owners, of governance, and of the time before.
    pub fn authorities(&self) -> Vec<Authority> {
        let mut authorities: Vec<Authority> = Vec::new();
        for change in self.prefix.iter().flat_map(|prefix| prefix.changes.iter()) {
            let owner = Authority::Owner(change.owner);
            if change.owner != crate::prefix::NOBODY && !authorities.contains(&owner) {
                authorities.push(owner);
            }
        }
        authorities.push(Authority::Governance);
        authorities.push(Authority::unowned(&self.digits));
        authorities
    }

    /// Of a subject whose name is known.
    pub fn of(name: &Name, prefix: Option<Prefix>) -> Self {
        Self { digits: name.digits().unwrap_or_default().to_owned(), prefix }
    }
}

/// An entry that says something about a subject.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The event.
    pub event: &'a Event,
    /// Its index; for one that is not logged yet, the next one.
    pub index: u64,
    /// When it was logged.
    pub logged_ms: u64,
    /// The subject's role in it.
    pub role: u8,
    /// By whose right it speaks of the subject.
    pub authority: Authority,
    /// The version of its author in force at that index.
    pub author: Option<&'a Member>,
    /// The owner's grant to its author in force at that index.
    pub grant: Option<&'a Grant>,
}

/// The standing of what is said about a subject, if it has any, given its number and the kind of goods it is. Where the subject's name
/// is not known, its owner is whom the entry names, and a grant's scope holds it. Voids, erasures and withdrawn alerts are not asked for here: they stand where
/// their target does, by the same author.
pub fn standing(said: &Said<'_>, goods: Option<(&Number, Level)>) -> Option<Standing> {
    let number = goods.map(|(number, _)| number);
    let needs = needed(said.event, said.role);
    match said.authority {
        Authority::Owner(owner) => {
            if number.is_some_and(|number| number.owner_at(said.index, said.logged_ms) != Some(owner)) {
                return None;
            }
            if said.event.member == owner {
                return Some(Standing::Owner);
            }
            let digits = number.map(|number| &*number.digits);
            let grant = said.grant.filter(|grant| grant.owner == owner && grant.partner == said.event.member)?;
            let rights = grant.rights_at(said.logged_ms, digits);
            (rights & needs != 0).then_some(Standing::Granted(rights))
        }
        Authority::Governance => {
            let standing = by_role(said.author?, goods.map(|(number, level)| (level, &*number.digits)));
            standing.filter(|_| needs & right::RECORD != 0)
        }
        Authority::Unowned(_) => {
            let fits = |number: &Number| Authority::unowned(&number.digits) == said.authority;
            let free = number.is_none_or(|number| fits(number) && number.is_free(said.index, said.logged_ms));
            (free && said.event.kind != Kind::Objection).then_some(Standing::Unowned)
        }
        Authority::Claim => None,
    }
}

/// What governance lets a member record of goods, where their level and digits are known; else of any.
pub fn by_role(author: &Member, goods: Option<(Level, &str)>) -> Option<Standing> {
    if author.roles & role::REGULATOR != 0 {
        return Some(Standing::Regulator);
    }
    let fits = goods.is_none_or(|(level, digits)| author.levels & level_bit(level) != 0 && in_scopes(&author.scopes, digits));
    (author.roles & role::INDEPENDENT != 0 && fits).then_some(Standing::Independent)
}

/// The rights any of which an author needs who is not the owner. What makes goods, packs them or uses them up needs that right, also where
/// it is an alert: "made, and damaged" is not less of an issue.
pub fn needed(event: &Event, role: u8) -> u16 {
    needs(event.kind, event.action, event.class, role)
}

/// The same, of an event that is not made yet.
pub fn needs(kind: Kind, action: Action, class: Class, role: u8) -> u16 {
    use record_role as r;
    let packs = matches!(kind, Kind::Aggregation | Kind::Association) && matches!(action, Action::Add | Action::Delete);
    match kind {
        Kind::MasterData => right::WORDS,
        Kind::Objection => 0,
        Kind::Object if action == Action::Add && role & r::OBJECT != 0 => right::ISSUE,
        // Goods that a transformation names without making them would still get its lot.
        Kind::Transformation if role & r::OBJECT != 0 => right::ISSUE,
        _ if role & (r::OUTPUT | r::TRANSFORMATION) != 0 => right::ISSUE,
        _ if packs && role & (r::CHILD | r::PARENT) != 0 => right::PACK,
        _ if role & r::INPUT != 0 => right::INPUT,
        _ if class == Class::Alert => right::ALERT | right::RECORD,
        _ => right::RECORD,
    }
}

const fn level_bit(of: Level) -> u8 {
    match of {
        Level::Item => level::ITEM,
        Level::Batch => level::BATCH,
        Level::Product => level::PRODUCT,
        Level::Other => 0,
    }
}

/// Whether an author may take back what it said of goods: while it may say anything of them.
pub fn may_take_back(event: &Event, authority: Authority, logged_ms: u64, grant: Option<&Grant>) -> bool {
    let granted = |owner: Key| grant.is_some_and(|g| g.owner == owner && g.partner == event.member && g.rights_at(logged_ms, None) != 0);
    authority.owner().is_none_or(|owner| event.member == *owner || granted(*owner))
}

/// What a log knows of rights, as the sequencer and mirrors keep it.
#[cfg(not(feature = "small"))]
pub trait Rights {
    /// Whether nobody owned a number yet, for an entry of this index logged at this time.
    fn is_free(&self, digits: &str, index: u64, logged_ms: u64) -> bool;
    /// Whether a member had a prefix once and has none any more.
    fn gave_up(&self, owner: &Key) -> bool;
    /// The newest version of an owner's grant to a partner.
    fn grant(&self, owner: &Key, partner: &Key) -> Option<Grant>;
}

/// An event speaks about goods without the right to.
#[cfg(not(feature = "small"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotEntitled {
    /// By whose right it claims to.
    pub authority: Authority,
    /// The subject.
    pub key: Key,
    /// Any of these rights would do.
    pub needs: u16,
}

/// Whether every authority that an event declares is one that its author has, as far as it can be told without the subjects' names: what
/// lies outside a grant's scope, or under an owner who is not the number's, goes into lists that nobody opens.
#[cfg(not(feature = "small"))]
pub fn entitled(
    event: &Event,
    records: &[crate::entry::Record],
    index: u64,
    logged_ms: u64,
    author: &Member,
    rights: &dyn Rights,
) -> Result<(), NotEntitled> {
    // Who has no prefix any more owns no goods, and would fill old lists that its successor's pages still read.
    // Its own words it may have erased all the same.
    for authority in event.authorities.iter().filter(|_| event.kind != Kind::Erase) {
        if let Some(owner) = authority.owner().filter(|owner| rights.gave_up(owner)) {
            let key = records.iter().find(|record| event.authority(record.authority) == *authority).map_or(*owner, |record| record.key);
            return Err(NotEntitled { authority: *authority, key, needs: right::RECORD });
        }
    }
    // They say what their target said, of the same subjects under the same authorities, by its author. But who may say nothing of
    // the goods any more does not take back what it said in time: they would be goods that nobody made.
    if event.kind == Kind::Void && event.class != Class::Alert {
        for record in records {
            let authority = event.authority(record.authority);
            let grant = authority.owner().and_then(|owner| rights.grant(owner, &event.member));
            if !may_take_back(event, authority, logged_ms, grant.as_ref()) {
                return Err(NotEntitled { authority, key: record.key, needs: right::RECORD });
            }
        }
    }
    if event.corrects() {
        return Ok(());
    }
    // An event that makes goods of a batch stands in a list of that batch, of which a page reads the newest row.
    let made = if event.kind == Kind::Transformation { record_role::OUTPUT } else { record_role::OBJECT };
    let batch = event.makes_batch().map(|(authority, key)| (made, authority, *key));
    let recorded = records.iter().map(|record| (record.role, event.authority(record.authority), record.key));
    for (role, authority, key) in recorded.chain(batch) {
        let grant = authority.owner().and_then(|owner| rights.grant(owner, &event.member));
        let said = Said { event, index, logged_ms, role, authority, author: Some(author), grant: grant.as_ref() };
        let free = authority.unowned_digits().is_none_or(|digits| rights.is_free(digits, index, logged_ms));
        if authority != Authority::Claim && (!free || standing(&said, None).is_none()) {
            return Err(NotEntitled { authority, key, needs: needed(event, role) });
        }
    }
    Ok(())
}
