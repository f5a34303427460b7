//! What is done to a member's accounts, and the trail of it. Account, link, factor, rule and the trail's line come in one record: none is
//! there without the others, whatever the machine does in between.

use ledger::Hash;
use serde::{Deserialize, Serialize};

use super::{ApiKey, User, hex_hash};

/// Something that was done, with what it changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// Random, 16 hex digits; of failed sign-ins made from day and account, so that a later count takes the earlier one's place.
    pub id: String,
    /// Whose trail it stands in.
    pub member: String,
    /// Which account did it; empty: who runs the service.
    #[serde(default)]
    pub by: String,
    /// When.
    pub at_ms: u64,
    /// What.
    pub act: Act,
    /// To which account or partner.
    #[serde(default)]
    pub about: String,
    /// A role, a right, an address's owner: words of our own vocabulary, never a person's.
    #[serde(default)]
    pub detail: String,
    /// How often, of what is counted.
    #[serde(default)]
    pub count: u32,
    /// What it changed.
    #[serde(default)]
    pub changes: Vec<Change>,
}

/// The things that are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Somebody was invited.
    Invited,
    /// An invitation or a link for a new password was taken back.
    LinkEnded,
    /// Whoever was invited has an account.
    Joined,
    /// An account has another role.
    RoleChanged,
    /// An account was ended.
    AccountEnded,
    /// A link for a new password was made.
    ResetMade,
    /// It was used.
    ResetUsed,
    /// An account has a new password.
    PasswordChanged,
    /// An account has a second factor.
    FactorOn,
    /// It has none any more.
    FactorOff,
    /// It has new recovery codes.
    CodesMade,
    /// A recovery code was used to sign in.
    CodeUsed,
    /// A second factor is asked of all accounts.
    RuleOn,
    /// It is not any more.
    RuleOff,
    /// Sign-ins failed, counted by day.
    SignInsFailed,
    /// A partner got a permission.
    PermissionGiven,
    /// A permission was ended.
    PermissionEnded,
    /// A key for programs was made.
    KeyMade,
    /// It was ended.
    KeyEnded,
    /// A code was frozen.
    CodeFrozen,
    /// It was released.
    CodeReleased,
    /// Letters were taken away as a file.
    LettersTaken,
    /// Codes for the inside of packs were made, or taken once more.
    InnerTaken,
    /// A code of an authenticator was used. It changes what is good next, and stands in no trail: each sign-in would be a line.
    StepUsed,
}

/// A part of what a deed changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// An account.
    User(User),
    /// A link.
    Link(Link),
    /// A second factor.
    Factor(Factor),
    /// What is asked of all accounts.
    Rule(HouseRule),
    /// A key for programs.
    Key(ApiKey),
    /// A code.
    Freeze(Freeze),
    /// Codes for the inside of packs.
    Inner(InnerCodes),
}

/// Codes that stand inside packs. None of them is kept: each is made from its pack's path with a secret of the server's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InnerCodes {
    /// Random, 16 hex digits.
    pub id: String,
    /// The owner of the numbers then.
    pub member: String,
    /// What they are for, in the words of who made them.
    pub label: String,
    /// Digital Link paths of the packs.
    pub items: Vec<String>,
    /// When.
    pub at_ms: u64,
}

/// The code of one pack that its number's owner froze, or released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// The item's Digital Link path.
    pub item: String,
    /// The owner then.
    pub member: String,
    /// `stolen`, `copied`, `withdrawn`; none: released.
    #[serde(default)]
    pub reason: Option<String>,
    /// Which account.
    pub by: String,
    /// When.
    pub at_ms: u64,
}

/// A link that makes an account, or a new password for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Hash of what stands in its address.
    #[serde(with = "hex_hash")]
    pub hash: Hash,
    /// Whose account.
    pub member: String,
    /// The account's name.
    pub account: String,
    /// The role of a new account; none: a new password for an old one.
    #[serde(default)]
    pub role: Option<String>,
    /// A store's location.
    #[serde(default)]
    pub location: Option<String>,
    /// Whether the second factor goes as well.
    #[serde(default)]
    pub without_factor: bool,
    /// Who made it; empty: who runs the service.
    #[serde(default)]
    pub by: String,
    /// When.
    pub made_ms: u64,
    /// How long it is good.
    pub until_ms: u64,
    /// Used, taken back, or over.
    #[serde(default)]
    pub ended: bool,
}

/// An account's second factor. The secret itself stands nowhere: it is made from the seed with a secret of the server's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// Whose.
    pub account: String,
    /// Random, 32 hex digits; empty: there is none any more.
    pub seed: String,
    /// Since when.
    pub since_ms: u64,
    /// The newest step whose code was used: none before it is good again.
    #[serde(default)]
    pub step: u64,
    /// Hashes of recovery codes that were not used.
    #[serde(default)]
    pub codes: Vec<String>,
}

/// What an owner asks of all accounts of its member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseRule {
    /// Whose accounts.
    pub member: String,
    /// They need a second factor.
    pub factor: bool,
}
