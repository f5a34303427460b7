//! What is counted of pages and of checks on phones, for the figures of brands and stores: days and numbers, nobody's.

use serde::{Deserialize, Serialize};

/// Counts of one day, gathered for up to a second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Days since 1970-01-01 UTC.
    pub day: u32,
    /// What was counted, of what.
    pub rows: Vec<Tallied>,
}

/// Counts of one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tallied {
    /// Of what.
    pub of: Place,
    /// How much.
    pub counts: Counts,
}

/// What something is counted of: goods of one brand, at one store. Never an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The member that owned the number then.
    pub brand: String,
    /// GTIN, 14 digits.
    pub gtin: String,
    /// The lot, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// The store that received the item last: location as Digital Link path, and member id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<(String, String)>,
}

/// Counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Pages that were opened.
    #[serde(skip_serializing_if = "is_zero")]
    pub opened: u64,
    /// Of them, those whose code was scanned for the first time.
    #[serde(skip_serializing_if = "is_zero")]
    pub first: u64,
    /// Checks on phones that ended well.
    #[serde(skip_serializing_if = "is_zero")]
    pub verified: u64,
    /// That found something wrong.
    #[serde(skip_serializing_if = "is_zero")]
    pub failed: u64,
    /// That came to no decision.
    #[serde(skip_serializing_if = "is_zero")]
    pub undecided: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Counts {
    /// Each with its other.
    pub fn each(self, other: Counts, of: impl Fn(u64, u64) -> u64) -> Counts {
        Counts {
            opened: of(self.opened, other.opened),
            first: of(self.first, other.first),
            verified: of(self.verified, other.verified),
            failed: of(self.failed, other.failed),
            undecided: of(self.undecided, other.undecided),
        }
    }

    /// Both together.
    pub fn plus(self, other: Counts) -> Counts {
        self.each(other, u64::saturating_add)
    }

    /// Whether nothing was counted.
    pub fn is_none(self) -> bool {
        self == Counts::default()
    }
}
