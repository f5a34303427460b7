//! Who owns a number: GS1 prefixes, the members to whom governance gave them, and the sorted tree over them that MAPHEAD commits.
//!
//! No prefix is the beginning of another, now or before. So of all prefixes only the greatest one that does not come after a number's
//! digits can be its beginning: one leaf proves an owner, two neighbours prove that there is none.

use crate::bytes::{Reader, Writer};
use crate::hash::{Hash, Key, dk};
use crate::name::Name;
use crate::prelude::*;
use crate::text::{place, utf8};
use crate::tree::{Blake3, LeafIndex, TreeSize, verify_inclusion};

#[cfg(not(feature = "small"))]
mod register;
#[cfg(not(feature = "small"))]
pub use register::{PrefixFault, Register};

/// Most times that a prefix changes hands.
pub const MAX_CHANGES: usize = 8;
/// How long members have to object before a prefix has its next owner.
pub const HANDOVER_MS: u64 = 72 * 3_600_000;

/// A prefix changes hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The owner's member key, from then on; zeros: nobody.
    pub owner: Key,
    /// The MEMBER entry that says so.
    pub from_index: u64,
    /// When it takes effect.
    pub from_ms: u64,
}

/// A prefix with all its owners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// Its digits.
    pub digits: String,
    /// Its owners, oldest first.
    pub changes: Vec<Change>,
}

/// A prefix, and its place in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixProof {
    /// Its place among all, sorted by digits.
    pub position: u32,
    /// The prefix.
    pub prefix: Prefix,
    /// From its leaf to the root.
    pub path: Vec<Hash>,
}

/// Who owns a prefix that was given back.
pub const NOBODY: Key = Key(Hash::ZERO);

impl Prefix {
    /// Its leaf.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.s8(self.digits.as_bytes()).count8(self.changes.len());
        for change in &self.changes {
            out.put(change.owner.as_bytes()).u64(change.from_index).u64(change.from_ms);
        }
        out.finish()
    }

    /// The hash of its leaf.
    pub fn leaf_hash(&self) -> Hash {
        dk("leafproof prefix v1", &[&self.bytes()])
    }

    /// Reads a leaf; `None` where it is none, or where the reader ends too early.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let digits = utf8(r.s8())?.to_owned();
        let mut changes = Vec::new();
        for _ in 0..r.count8() {
            r.whole().ok()?;
            changes.push(Change { owner: r.key(), from_index: r.u64(), from_ms: r.u64() });
        }
        let counted = (1..=MAX_CHANGES).contains(&changes.len());
        (counted && !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit())).then_some(Self { digits, changes })
    }

    /// Who owned it for an entry of this index, logged at this time.
    pub fn owner_at(&self, index: u64, logged_ms: u64) -> Option<Key> {
        self.holder_at(index, logged_ms).filter(|owner| *owner != NOBODY)
    }

    /// The same, [`NOBODY`] between two owners; `None` before the first.
    pub fn holder_at(&self, index: u64, logged_ms: u64) -> Option<Key> {
        let in_force = |change: &&Change| change.from_index < index && change.from_ms <= logged_ms;
        self.changes.iter().rev().find(in_force).map(|change| change.owner)
    }
}

impl PrefixProof {
    /// Whether it stands in the tree with this root.
    pub fn holds(&self, count: u32, root: &Hash) -> bool {
        let (at, size) = (LeafIndex(self.position.into()), TreeSize(count.into()));
        verify_inclusion::<Blake3>(at, size, &self.prefix.leaf_hash(), &self.path, root).is_ok()
    }
}

/// What proven prefixes, ascending by position, say of a number: its prefix, or that it has none; the outer `None`: neither.
pub fn look_up<'a>(proofs: &'a [PrefixProof], count: u32, digits: &str) -> Option<Option<&'a Prefix>> {
    let after = proofs.iter().position(|proof| proof.prefix.digits.as_bytes() > digits.as_bytes());
    let next = after.map(|at| &proofs[at]);
    let before = after.unwrap_or(proofs.len()).checked_sub(1).map(|at| &proofs[at]);
    if let Some(before) = before
        && digits.as_bytes().starts_with(before.prefix.digits.as_bytes())
    {
        return Some(Some(&before.prefix));
    }
    // Places of the neighbours, the ends of the tree counted from 0 as places of their own.
    let left = before.map_or(0, |proof| proof.position + 1);
    let right = next.map_or(count, |proof| proof.position);
    (left == right).then_some(None)
}

impl Name {
    /// The digits by whose beginning a subject's number belongs to a GS1 company (GS1 General Specifications, 1.4.4); none
    /// where the name has no such number.
    pub fn digits(&self) -> Option<&str> {
        let Self::Gs1(fields) = self else {
            return None;
        };
        let (ai, value) = fields.first()?;
        let inside = match place("01 8006 8003 00 414 417 253 255 8004 8010 401 402 8017 8018", ai) {
            // Not the packaging level of a GTIN, the filler of a GRAI, the extension digit of an SSCC.
            0..3 => value.get(1..14),
            3 => value.get(1..18),
            4..8 => value.get(..13),
            8..14 => Some(&**value),
            _ => None,
        }?;
        let end = inside.bytes().position(|c| !c.is_ascii_digit()).unwrap_or(inside.len());
        inside.get(..end).filter(|digits| !digits.is_empty())
    }
}
