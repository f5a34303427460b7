//! How much of what no page leaves out one author may put into one list: alerts, their ends, and what takes a record back. Else a partner
//! that makes a record and takes it back a thousand times would leave no room for the owner's recall. Nobody but its author ends an alert
//! or takes it back ([`super::fits_target`]), so its own entries are all that counts.

use alloc::collections::{BTreeMap, BTreeSet};

use crate::entry::{Authority, Chain, Class, Event, Kind, Member, role};
use crate::hash::{Hash, Key};
use crate::public::MAX_PUBLIC_PART;

/// Most alerts, ends of alerts, voids and erasures of one author, other than the owner and regulators, in one list.
pub const MAX_NEVER_LEFT_OUT: u32 = 64;
/// Most of them that are open at a time: they stand above everything else on a page.
pub const MAX_OPEN_ALERTS: usize = 8;

/// Most bytes of the public part of each of them. What a warning says fits into a quarter of that; of 16 KiB each, those of two partners in
/// two lists of a subject would fill its file, and the next list's recall would be cut.
pub const MAX_ALERT_BYTES: usize = 2 * 1024;

/// The same of ordinary records which no owner asked for, an independent's and those about a number of nobody's: a page shows them beside the
/// owner's, also once there is one.
pub(super) const MAX_UNASKED_BYTES: usize = 4 * 1024;

/// How many bytes the public part of an event may have that this author signs under these authorities. A mirror sees no public parts: who
/// takes the event asks.
pub fn public_part_max(class: Class, authorities: &[Authority], by: &Key, author: Option<&Member>) -> usize {
    let alert = matches!(class, Class::Alert | Class::AlertWithdrawn);
    let unasked = authorities.iter().any(|authority| matches!(authority, Authority::Governance | Authority::Unowned(_)));
    match limited(authorities, by, author) {
        true if alert => MAX_ALERT_BYTES,
        true if unasked => MAX_UNASKED_BYTES,
        _ => MAX_PUBLIC_PART,
    }
}

/// Whether what an event's author says of alerts, takes back and erases is limited: not the owner's of all the goods it speaks of, nor a
/// regulator's, who say as much as they must; nor what is erased by who has that role: nobody's words may stay because a quota is used up.
pub fn is_limited(event: &Event, author: Option<&Member>) -> bool {
    let erases = event.kind == Kind::Erase && author.is_some_and(|author| author.roles & role::ERASE != 0);
    !erases && limited(&event.authorities, &event.member, author)
}

fn limited(authorities: &[Authority], by: &Key, author: Option<&Member>) -> bool {
    let regulator = author.is_some_and(|author| author.roles & role::REGULATOR != 0);
    !regulator && authorities.iter().any(|authority| authority.owner() != Some(by))
}

/// What one author has used of it in one list.
#[derive(Clone, Debug, Default)]
pub struct Quota {
    entries: u32,
    /// Body hashes of the alerts in force.
    open: BTreeSet<Hash>,
    /// Which alert an end is of.
    ends: BTreeMap<Hash, Hash>,
}

impl Quota {
    /// Whether an entry counts where it stands in this chain of the list.
    pub fn counts(event: &Event, chain: Chain) -> bool {
        chain == Chain::Alert || chain == Chain::Fact && matches!(event.kind, Kind::Void | Kind::Erase)
    }

    /// Whether there is room for one more. `Err` says which limit is reached.
    pub fn has_room(&self, event: &Event) -> Result<(), TooMany> {
        // Whoever takes an end back raises the alert again.
        let raises = match event.kind {
            Kind::Void => event.class == Class::AlertWithdrawn,
            Kind::Erase => false,
            _ => event.class == Class::Alert,
        };
        // Each alert that is open can be ended, this one with them.
        let alerts = matches!(event.class, Class::Alert | Class::AlertWithdrawn);
        let ends = if raises || !alerts { self.open.len() as u32 + u32::from(raises) } else { 0 };
        if self.entries + ends >= MAX_NEVER_LEFT_OUT {
            return Err(TooMany::InAll);
        }
        if raises && self.open.len() >= MAX_OPEN_ALERTS { Err(TooMany::Open) } else { Ok(()) }
    }

    /// Counts an entry of that list which [counts](Self::counts), with its body hash.
    pub fn take(&mut self, event: &Event, body: Hash) {
        self.entries += 1;
        match (event.kind, event.class) {
            (Kind::Void, Class::AlertWithdrawn) => {
                self.open.extend(self.ends.remove(&event.target));
            }
            (Kind::Void, _) => {
                self.open.remove(&event.target);
            }
            (Kind::Erase, _) => {}
            (_, Class::AlertWithdrawn) => {
                if self.open.remove(&event.target) {
                    self.ends.insert(body, event.target);
                }
            }
            _ => {
                self.open.insert(body);
            }
        }
    }
}

/// Which limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooMany {
    /// [`MAX_NEVER_LEFT_OUT`].
    InAll,
    /// [`MAX_OPEN_ALERTS`].
    Open,
}
