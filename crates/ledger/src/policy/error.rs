//! Why a policy is refused, and in which line.

use core::fmt;

use crate::note::NoteError;

/// What is wrong with a policy, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// The line, from 1; 0 where it is the file as a whole.
    pub line: u32,
    /// What is wrong.
    pub problem: PolicyProblem,
}

/// What can be wrong with a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyProblem {
    /// More than 64 KiB.
    TooLarge,
    /// Not UTF-8.
    NotText,
    /// A control character other than tab and line feed.
    ControlCharacter,
    /// The last line is not ended.
    NoFinalLineFeed,
    /// The line's first word is none that we know.
    UnknownKeyword,
    /// Too few or too many items in the line.
    WrongItems,
    /// More than 32 logs, witnesses or groups.
    TooMany,
    /// The verifier key is not one.
    BadKey(NoteError),
    /// A log or governance key that is not of type 0x01, or a witness key that is not of type 0x04.
    WrongKeyKind,
    /// This public key stands in an earlier line.
    KeyTaken,
    /// Another witness' key has the same key name, so that one party would count twice.
    KeyNameTaken,
    /// A witness or group of this name stands above.
    NameTaken,
    /// `none` and `pending` have a meaning of their own.
    ReservedName,
    /// No witness or group of this name stands above.
    UnknownName,
    /// The witness or group is a member already, here or elsewhere.
    AlreadyMember,
    /// The threshold is not `any`, `all`, or a number from 1 to the count of members.
    BadThreshold,
    /// Such a line may stand once only.
    Twice,
    /// `quorum none`.
    QuorumNone,
    /// The two ages are not numbers with 0 < warn <= stale.
    BadFresh,
    /// Keys other than `plain`.
    KeysNotPlain,
    /// No `log` line.
    NoLog,
    /// No `governance` line.
    NoGovernance,
    /// No `quorum` line.
    NoQuorum,
}

impl PolicyProblem {
    /// What is wrong and how to mend it, without the line. A bad key has a reason of its own, not told here.
    pub fn text(&self) -> &'static str {
        match self {
            Self::TooLarge => "the policy is larger than 64 KiB",
            Self::NotText => "the policy is not UTF-8 text",
            Self::ControlCharacter => "control characters other than tab and line feed are not allowed (lines end with LF, not CR LF)",
            Self::NoFinalLineFeed => "the last line does not end with a line feed",
            Self::UnknownKeyword => "a line begins with log, witness, group, quorum, governance, mirrors, fresh or keys",
            Self::WrongItems => "this line has too few or too many items",
            Self::TooMany => "there may be 32 logs, 32 witnesses and 32 groups",
            Self::BadKey(_) => "the key cannot be read",
            Self::WrongKeyKind => "log and governance keys are of type 0x01, witness keys of type 0x04",
            Self::KeyTaken => "this public key stands in an earlier line; every role needs a key of its own",
            Self::KeyNameTaken => "another witness has a key of this name; a name counts once",
            Self::NameTaken => "this name is taken by a witness or group above",
            Self::ReservedName => "the names none and pending cannot be given or be members",
            Self::UnknownName => "no witness or group of this name stands above this line",
            Self::AlreadyMember => "a witness or group can be a member once only",
            Self::BadThreshold => "the threshold is any, all, or a number from 1 to the number of members",
            Self::Twice => "this line may stand in a policy once only",
            Self::QuorumNone => {
                "quorum none would believe the log alone; name a witness or group, or write quorum pending until there are witnesses"
            }
            Self::BadFresh => "fresh takes two ages in seconds, the first above 0 and not above the second",
            Self::KeysNotPlain => "only keys plain is known",
            Self::NoLog => "the policy names no log",
            Self::NoGovernance => "the policy has no governance line",
            Self::NoQuorum => "the policy has no quorum line",
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line != 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(self.problem.text())?;
        match &self.problem {
            PolicyProblem::BadKey(reason) => write!(f, ": {reason}"),
            _ => Ok(()),
        }
    }
}

impl core::error::Error for PolicyError {}
