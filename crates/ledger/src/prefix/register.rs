//! All prefixes of a log, as the sequencer and mirrors keep them.

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt;
use core::ops::Bound;

use once_cell::race::OnceBox;

use super::{Change, HANDOVER_MS, MAX_CHANGES, NOBODY, Prefix, PrefixProof};
use crate::entry::Member;
use crate::hash::{Hash, Key};
use crate::prelude::*;
use crate::tree::{Blake3, LeafIndex, MemoryTree, TreeSize};

/// The prefixes, by their digits.
#[derive(Default)]
pub struct Register {
    prefixes: BTreeMap<String, Vec<Change>>,
    /// How many prefixes each has who ever had one.
    owned: BTreeMap<Key, u32>,
    /// Who lost one.
    lost: BTreeSet<Key>,
    /// The tree over them, made when somebody asks after a change: a start takes all members and asks once.
    tree: OnceBox<Sorted>,
}

/// The tree, and the digits of its leaves in their order.
struct Sorted {
    digits: Vec<String>,
    tree: MemoryTree<Blake3>,
}

impl Clone for Register {
    fn clone(&self) -> Self {
        Self { prefixes: self.prefixes.clone(), owned: self.owned.clone(), lost: self.lost.clone(), tree: OnceBox::new() }
    }
}

impl fmt::Debug for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.prefixes).finish()
    }
}

/// Why a member cannot own a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrefixFault {
    /// Another member owns it, or its beginning, or a part of it; or did.
    Taken,
    /// It changed hands too often.
    TooOften,
    /// Given up without the word of whoever owns it.
    NoConsent,
    /// Numbers of restricted circulation mean something else in each store.
    Restricted,
}

impl PrefixFault {
    /// What is wrong, after "the prefix is refused:".
    pub const fn message(self) -> &'static str {
        match self {
            Self::Taken => "another member owns that prefix, or one that begins with it or is its beginning",
            Self::TooOften => "the prefix changed hands eight times already",
            Self::NoConsent => "a prefix is given up only with the signature of the member's own key, or when that member was retired",
            Self::Restricted => "numbers that begin with 02, 04 or 2 are for use inside one company and mean something else elsewhere",
        }
    }
}

impl fmt::Display for PrefixFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Register {
    /// How many there are.
    pub fn len(&self) -> u32 {
        self.prefixes.len() as u32
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.prefixes.is_empty()
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        self.sorted().tree.root()
    }

    fn sorted(&self) -> &Sorted {
        self.tree.get_or_init(|| {
            let mut sorted = Sorted { digits: Vec::new(), tree: MemoryTree::default() };
            for (digits, changes) in &self.prefixes {
                sorted.tree.append(Prefix { digits: digits.clone(), changes: changes.clone() }.leaf_hash());
                sorted.digits.push(digits.clone());
            }
            Box::new(sorted)
        })
    }

    /// The prefix of a number.
    pub fn of(&self, digits: &str) -> Option<Prefix> {
        let (prefix, changes) = self.prefixes.range::<str, _>((Bound::Unbounded, Bound::Included(digits))).next_back()?;
        digits.starts_with(prefix.as_str()).then(|| Prefix { digits: prefix.clone(), changes: changes.clone() })
    }

    /// Who owns a number, for an entry of this index logged at this time.
    pub fn owner_at(&self, digits: &str, index: u64, logged_ms: u64) -> Option<Key> {
        self.of(digits)?.owner_at(index, logged_ms)
    }

    /// Whether nobody owned a number yet, for an entry of this index logged at this time.
    pub fn is_free(&self, digits: &str, index: u64, logged_ms: u64) -> bool {
        self.of(digits).is_none_or(|prefix| prefix.holder_at(index, logged_ms).is_none())
    }

    /// Whether a member had a prefix that it does not have any more.
    pub fn lost_one(&self, owner: &Key) -> bool {
        self.lost.contains(owner)
    }

    /// Whether a member had a prefix once and has none any more.
    pub fn gave_up(&self, owner: &Key) -> bool {
        self.owned.get(owner) == Some(&0)
    }

    /// What proves the prefix of a number, or that it has none.
    pub fn prove(&self, digits: &str) -> Vec<PrefixProof> {
        let sorted = self.sorted();
        let after = sorted.digits.partition_point(|prefix| prefix.as_str() <= digits);
        let before = after.checked_sub(1);
        let owned = before.is_some_and(|at| digits.starts_with(sorted.digits[at].as_str()));
        let next = (!owned && after < sorted.digits.len()).then_some(after);
        before.into_iter().chain(next).filter_map(|at| self.proof(sorted, at)).collect()
    }

    fn proof(&self, sorted: &Sorted, at: usize) -> Option<PrefixProof> {
        let digits = &sorted.digits[at];
        let path = sorted.tree.inclusion_proof(LeafIndex(at as u64), TreeSize(sorted.digits.len() as u64)).ok()?;
        let prefix = Prefix { digits: digits.clone(), changes: self.prefixes.get(digits)?.clone() };
        Some(PrefixProof { position: at as u32, prefix, path })
    }

    /// Whether a version may own the prefixes that it names. `retired` tells of other members whether their key may sign no more.
    pub fn check(&self, origin: &str, member: &Member, before: Option<&Member>, retired: &dyn Fn(&Key) -> bool) -> Result<(), PrefixFault> {
        if before.is_some_and(|before| !member.keeps_or_consents(origin, before)) {
            return Err(PrefixFault::NoConsent);
        }
        for digits in &member.prefixes {
            if digits.starts_with("02") || digits.starts_with("04") || digits.starts_with('2') {
                return Err(PrefixFault::Restricted);
            }
            let Some(changes) = self.prefixes.get(digits) else {
                if self.touches(digits) {
                    return Err(PrefixFault::Taken);
                }
                continue;
            };
            let owner = changes.last().map_or(NOBODY, |change| change.owner);
            if owner == member.key() {
                continue;
            }
            if owner != NOBODY && !retired(&owner) {
                return Err(PrefixFault::Taken);
            }
            if changes.len() + 1 >= MAX_CHANGES {
                return Err(PrefixFault::TooOften);
            }
        }
        Ok(())
    }

    /// Whether a prefix is the beginning of one that is there, or begins with one.
    fn touches(&self, digits: &str) -> bool {
        let before = self.prefixes.range::<str, _>((Bound::Unbounded, Bound::Included(digits))).next_back();
        let after = self.prefixes.range::<str, _>((Bound::Excluded(digits), Bound::Unbounded)).next();
        before.is_some_and(|(prefix, _)| digits.starts_with(prefix.as_str())) || after.is_some_and(|(prefix, _)| prefix.starts_with(digits))
    }

    /// Takes a version that was checked, as the entry of this index.
    pub fn take(&mut self, member: &Member, index: u64, logged_ms: u64) {
        let key = member.key();
        let mut changed = false;
        // Who is new has nothing to give up.
        let known = self.prefixes.iter_mut().filter(|_| member.version > 1);
        for (digits, changes) in known {
            let owns = changes.last().is_some_and(|change| change.owner == key);
            if owns && !member.owns(digits) {
                changes.push(Change { owner: NOBODY, from_index: index, from_ms: logged_ms });
                *self.owned.entry(key).or_default() -= 1;
                self.lost.insert(key);
                changed = true;
            }
        }
        for digits in &member.prefixes {
            let changes = self.prefixes.entry(digits.clone()).or_default();
            if changes.last().is_none_or(|change| change.owner != key) {
                let from_ms = if changes.is_empty() { logged_ms } else { logged_ms + HANDOVER_MS };
                // Of one that was retired and kept its prefixes.
                if let Some(before) = changes.last().filter(|before| before.owner != NOBODY) {
                    *self.owned.entry(before.owner).or_default() -= 1;
                    self.lost.insert(before.owner);
                }
                changes.push(Change { owner: key, from_index: index, from_ms });
                *self.owned.entry(key).or_default() += 1;
                changed = true;
            }
        }
        if changed {
            self.tree = OnceBox::new();
        }
    }
}
