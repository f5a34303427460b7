//! What a policy says of a signed checkpoint.

use super::{MAX_LINES_OF_A_KIND, Member, Policy, Quorum};
use crate::note::{Checkpoint, NoteError, SignedNote};
use crate::prelude::*;

/// A checkpoint whose log signature is right, and who else signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What the log says. The size may be 0 still.
    pub checkpoint: Checkpoint,
    /// Which of the policy's logs signed.
    pub log: usize,
    /// When the log itself last co-signed, in seconds since 1970: the operator's word for the time.
    pub log_time_s: Option<u64>,
    /// Which of the policy's witnesses co-signed, and when last, in the policy's order.
    pub cosigned: Vec<(usize, u64)>,
    /// What these co-signatures amount to.
    pub standing: Standing,
}

/// What a set of co-signatures amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Standing {
    /// If the quorum is reached: the latest time such that signatures of that time or later reach it, in seconds
    /// since 1970. Otherwise the checkpoint is not yet co-signed.
    pub as_of_s: Option<u64>,
    /// Whether the mirrors vouch for the map. Never, if the policy names none.
    pub mirrors: bool,
}

impl Standing {
    /// Whether the quorum is reached.
    pub fn quorum(&self) -> bool {
        self.as_of_s.is_some()
    }
}

impl Policy {
    /// Checks a signed checkpoint: it must be signed by a log of this policy whose name is the checkpoint's origin,
    /// and no key of this policy may have a wrong signature on it. Co-signatures may be missing; `standing` tells.
    pub fn open(&self, note: &SignedNote) -> Result<Opened, NoteError> {
        let checkpoint = Checkpoint::parse(&note.text)?;
        let logs = self.logs.len();
        let (mut keys, mut cosigners) = (Vec::new(), Vec::new());
        for log in &self.logs {
            keys.push(&log.vkey);
            cosigners.push(log.vkey.cosigner());
        }
        for cosigner in &cosigners {
            keys.push(cosigner);
        }
        for witness in &self.witnesses {
            keys.push(&witness.vkey);
        }

        let mut signed_by = None;
        let mut log_time_s = None;
        let mut times = [None; MAX_LINES_OF_A_KIND];
        for verified in note.verify_by(&keys, self.ml_dsa.0)? {
            let of_this_log = verified.key < 2 * logs && keys[verified.key].name() == checkpoint.origin;
            match verified.time_s {
                None if of_this_log => signed_by = signed_by.or(Some(verified.key)),
                Some(_) if of_this_log => log_time_s = log_time_s.max(verified.time_s),
                // `None` is less than any time, so this keeps the latest.
                Some(_) if verified.key >= 2 * logs => {
                    let time = &mut times[verified.key - 2 * logs];
                    *time = verified.time_s.max(*time);
                }
                _ => {}
            }
        }
        let mut cosigned = Vec::new();
        for (witness, time) in times.iter().enumerate() {
            if let Some(time_s) = time {
                cosigned.push((witness, *time_s));
            }
        }
        Ok(Opened { checkpoint, log: signed_by.ok_or(NoteError::NotSigned)?, log_time_s, standing: self.standing(&cosigned), cosigned })
    }

    /// What co-signatures by these witnesses (their place in [`Policy::witnesses`]) at these times amount to.
    pub fn standing(&self, cosigned: &[(usize, u64)]) -> Standing {
        let as_of_s = match self.quorum {
            Quorum::Pending => None,
            Quorum::Of(member) => {
                let reached = |from_s: &u64| self.reached(member, cosigned, *from_s);
                cosigned.iter().map(|(_, time_s)| *time_s).filter(reached).max()
            }
        };
        let mirrors = self.mirrors.is_some_and(|member| self.reached(member, cosigned, 0));
        Standing { as_of_s, mirrors }
    }

    /// Whether signatures from this time on satisfy the witness or group. A group names earlier ones only, so one
    /// pass in the file's order is enough.
    fn reached(&self, goal: Member, cosigned: &[(usize, u64)], from_s: u64) -> bool {
        let mut groups = [false; MAX_LINES_OF_A_KIND];
        let holds = |member: &Member, groups: &[bool]| match member {
            Member::Witness(witness) => cosigned.iter().any(|(by, time_s)| by == witness && *time_s >= from_s),
            Member::Group(group) => groups[*group],
        };
        for (index, group) in self.groups.iter().enumerate() {
            let reached = group.members.iter().filter(|member| holds(member, &groups)).count();
            groups[index] = reached >= group.threshold;
        }
        holds(&goal, &groups)
    }
}
