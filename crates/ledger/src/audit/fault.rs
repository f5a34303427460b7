//! What an audit can find wrong.

use core::fmt;

use super::{TargetFault, TooMany};
use crate::entry::EntryError;
use crate::prefix::PrefixFault;

/// A log that cannot be co-signed, and the first entry that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditError {
    /// The entry.
    pub index: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its own form, or its records do not give the signed subject root.
    Form(EntryError),
    /// It was logged before the entry before it.
    TimeRunsBack,
    /// Its author has no version yet.
    UnknownMember,
    /// Its author's key was retired, compromised or not valid at that time.
    MayNotSign,
    /// Its number is not its member's next one.
    Sequence,
    /// The same identity stands in the log already.
    Twice,
    /// Not signed by its author's key over this record in this ledger.
    Signature,
    /// It does not fit the entry it is about.
    Target(TargetFault),
    /// A MAPHEAD that follows no entry.
    HeadWithoutBatch,
    /// A MAPHEAD that is not that of the entries below it: something was left out, added or moved.
    MapDiffers,
    /// A member's version that the governance key did not sign.
    MemberSignature,
    /// A member's version whose number is not the next one.
    MemberVersion,
    /// A member's version with a key of another member.
    KeyOfAnother,
    /// A member's version whose GS1 prefixes are not its own to own, or to give up.
    Prefix(PrefixFault),
    /// Its author has not the right that it claims.
    NotEntitled,
    /// Its author said more of what no page leaves out, in one list, than one may.
    OverQuota(TooMany),
    /// A grant whose owner may not sign, or that is not the next version.
    GrantVersion,
    /// A grant that its owner did not sign.
    GrantSignature,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form(error) => return error.fmt(f),
            Self::Target(fault) => return fault.fmt(f),
            Self::TimeRunsBack => "it was logged before the entry before it",
            Self::UnknownMember => "its author is no member",
            Self::MayNotSign => "its author's key may not sign at that time",
            Self::Sequence => "its number is not its member's next one",
            Self::Twice => "the same event stands in the log already",
            Self::Signature => "its signature is wrong",
            Self::HeadWithoutBatch => "a MAPHEAD stands where no entry came before it",
            Self::MapDiffers => "its map is not that of the entries below it: something was left out, added or moved",
            Self::MemberSignature => "the governance key did not sign it",
            Self::MemberVersion => "its version is not the member's next one",
            Self::KeyOfAnother => "its key belongs to another member",
            Self::Prefix(fault) => return fault.fmt(f),
            Self::NotEntitled => "its author has not the right by which it speaks of its subjects",
            Self::OverQuota(TooMany::InAll) => {
                "its author has raised or ended alerts, or taken records back, 64 times on this subject already"
            }
            Self::OverQuota(TooMany::Open) => "its author has 8 alerts open on this subject already",
            Self::GrantVersion => "the grant is not the next version",
            Self::GrantSignature => "the owner did not sign the grant",
        })
    }
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {}: {}", self.index, self.fault)
    }
}

impl core::error::Error for AuditError {}
