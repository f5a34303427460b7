//! An item's history: the entries that belong to it by signed references, in the order of their own times.
//!
//! What belongs is decided by `ledger::relations`, the same code that the verifier runs; this module adds the words and the
//! authors, and knows no storage.

mod gathered;

use ledger::Key;
use ledger::entry::{Action, Class, Event, Kind, Member, record_role, right};
use ledger::name::Name;
use ledger::public::PublicPart;
use ledger::relations::{Related, Relations};
use ledger::standing::Standing;

/// One entry of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// How it belongs here, and what was done to it since.
    pub related: Related,
    /// The event.
    pub event: Event,
    /// When it was logged.
    pub logged_ms: u64,
    /// Its public lines; `None` where they were erased.
    pub public: Option<PublicPart>,
    /// Its author: the index of the MEMBER entry, and what it says.
    pub author: Option<(u64, Member)>,
    /// The owner by whose grant its author speaks.
    pub by_grant: Option<Granted>,
    /// An alert by a key that was in other hands by then, or that could not sign any more: struck, and no alert.
    pub disputed: bool,
}

/// An owner's word that somebody may record its goods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The owner, as governed when the entry was logged.
    pub owner: Member,
    /// Since when the version of the grant in force is in the ledger.
    pub since_ms: u64,
}

/// What the owner of a number, or whom it lets, has said stands above what others have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// By anybody, while nobody owns the number.
    Unowned,
    /// By the owner's grant.
    Granted,
    /// By the owner.
    Owner,
}

/// The history of one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Whose.
    pub name: Name,
    /// Relevant entries: by time of the event, then by index.
    pub entries: Vec<HistoryEntry>,
    /// Lists, stays, and what the limits cut off.
    pub relations: Relations,
    /// The newest map head: how many entries it covers, and when it was logged. At this moment the phone asks who owns the number.
    pub now: (u64, u64),
}

impl HistoryEntry {
    /// True for what happened to things: a node of the thread. Corrections, erasures, objections, withdrawals and master data are
    /// about other entries or stand elsewhere on the page.
    pub fn is_node(&self) -> bool {
        !matches!(self.event.kind, Kind::Void | Kind::Erase | Kind::MasterData | Kind::Objection)
            && self.event.class != Class::AlertWithdrawn
    }

    /// True for an alert or a warning that is still in force.
    pub fn is_alert(&self) -> bool {
        let r = &self.related;
        self.is_node() && self.event.class == Class::Alert && r.voided_by.is_none() && r.ended_by.is_none() && !self.disputed
    }

    /// Whether its author may give out a telephone number to those whom an alert sends somewhere: the owner and the law may.
    pub const fn may_name_hotline(&self) -> bool {
        self.related.red && matches!(self.related.standing, Standing::Owner | Standing::Regulator)
    }

    /// True for a record by which its subject came into being.
    pub fn brings_forth(&self) -> bool {
        use record_role as r;
        match self.event.kind {
            Kind::Object => self.event.action == Action::Add && self.related.role & r::OBJECT != 0,
            Kind::Transformation => self.related.role & r::OUTPUT != 0,
            _ => false,
        }
    }

    /// True where no later record took it back.
    pub fn stands(&self) -> bool {
        self.related.voided_by.is_none()
    }
}

impl History {
    /// The entry of this index, if it is relevant.
    pub fn entry(&self, index: u64) -> Option<&HistoryEntry> {
        self.entries.iter().find(|entry| entry.related.index == index)
    }

    /// How much this entry's author has to say of the subject's own number, where that takes this right; `None`: nothing. An entry
    /// that stands in the list of a container, an input or another's batch says nothing of the subject by that.
    pub fn weight(&self, entry: &HistoryEntry, needs: u16) -> Option<Weight> {
        let owner = self.relations.number.as_ref().and_then(|number| number.owner_at(entry.related.index, entry.logged_ms));
        match entry.related.standing {
            Standing::Owner => (owner == Some(entry.event.member)).then_some(Weight::Owner),
            Standing::Granted(rights) => {
                (rights & needs != 0 && owner == entry.related.authority.owner().copied()).then_some(Weight::Granted)
            }
            // Once somebody owns the number, what others said of it before gives no date, lot or name of its goods.
            Standing::Unowned => self.owner().is_none().then_some(Weight::Unowned),
            Standing::Regulator | Standing::Independent => None,
        }
    }

    /// Of what the entries give, that of the newest among those with the greatest weight.
    pub fn said<T>(&self, needs: u16, of: impl Fn(&HistoryEntry) -> Option<T>) -> Option<T> {
        let mut best: Option<(Weight, u64, T)> = None;
        for entry in self.entries.iter().filter(|entry| entry.stands()) {
            let Some(weight) = self.weight(entry, needs) else { continue };
            let place = (weight, entry.related.index);
            if best.as_ref().is_none_or(|(weight, index, _)| (*weight, *index) < place)
                && let Some(value) = of(entry)
            {
                best = Some((place.0, place.1, value));
            }
        }
        best.map(|(_, _, value)| value)
    }

    /// Whether the author of a record of the goods is the owner itself, or a store that the owner lets have letters about them.
    pub fn is_owners_store(&self, entry: &HistoryEntry) -> bool {
        self.weight(entry, right::STORE).is_some_and(|weight| weight != Weight::Unowned)
    }

    /// Who owns the subject's number now.
    pub fn owner(&self) -> Option<Key> {
        self.relations.number.as_ref()?.owner_at(self.now.0, self.now.1)
    }
}
