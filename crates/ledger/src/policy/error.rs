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

reasons! {
    /// What can be wrong with a policy.
    PolicyProblem {
        TooLarge "the policy is larger than 64 KiB",
        NotText "the policy is not UTF-8 text",
        ControlCharacter "control characters other than tab and line feed are not allowed (lines end with LF, not CR LF)",
        NoFinalLineFeed "the last line does not end with a line feed",
        UnknownKeyword "a line begins with log, witness, group, quorum, governance, mirrors, fresh or keys",
        WrongItems "this line has too few or too many items",
        TooMany "there may be 32 logs, 32 witnesses and 32 groups",
        BadKey(NoteError) "the key cannot be read",
        WrongKeyKind "log and governance keys are of type 0x01, witness keys of type 0x04 or 0x06",
        KeyTaken "this public key stands in an earlier line; every role needs a key of its own",
        KeyNameTaken "another witness has a key of this name; a name counts once",
        NameTaken "this name is taken by a witness or group above",
        ReservedName "the names none and pending cannot be given or be members",
        UnknownName "no witness or group of this name stands above this line",
        AlreadyMember "a witness or group can be a member once only",
        BadThreshold "the threshold is any, all, or a number from 1 to the number of members",
        Twice "this line may stand in a policy once only",
        QuorumNone "quorum none would believe the log alone; name a witness or group, or write quorum pending until there are witnesses",
        BadFresh "fresh takes two ages in seconds, the first above 0 and not above the second",
        KeysNotPlain "only keys plain is known",
        NoLog "the policy names no log",
        NoGovernance "the policy has no governance line",
        NoQuorum "the policy has no quorum line",
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line != 0 {
            write!(f, "line {}: ", self.line)?;
        }
        f.write_str(self.problem.message())?;
        #[cfg(not(feature = "small"))]
        if let PolicyProblem::BadKey(reason) = &self.problem {
            write!(f, ": {reason}")?;
        }
        Ok(())
    }
}

impl core::error::Error for PolicyError {}
