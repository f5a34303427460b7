//! The policy: whose log this is, who signs for its members, and whose co-signatures count.
//!
//! A text file in C2SP's tlog-policy grammar (items between spaces or tabs, `#` begins a comment line, names are
//! defined above the line that uses them) with four lines of our own:
//!
//! ```text
//! log <vkey> [<url>]                      type 0x01; its name is the origin
//! witness <name> <vkey> [<url>]           type 0x04, or 0x06, which a phone takes for silent
//! group <name> <k>|any|all <member>...
//! quorum <name>                           once
//!
//! governance <vkey>                       once; the key that signs MEMBER entries
//! mirrors <name>                          the witness or group that vouches for the map
//! fresh <warn s> <stale s>                how old the quorum's signatures may be
//! keys plain                              how names become keys; `vrf` is reserved
//! ```
//!
//! `quorum none`, by which tlog-policy means "believe the log alone", is refused. A ledger that has no witnesses yet
//! says `quorum pending`: a predefined quorum that no set of co-signatures ever reaches. Everything verifies, and the
//! state stays "not co-signed by anyone else yet". A reader that knows only tlog-policy refuses such a file, because
//! the name is not defined in it, so the extension fails on the safe side. Witnesses may stand beside it already.
//!
//! A log is no witness of itself: one public key stands in one role only.

#[cfg(not(feature = "small"))]
mod encode;
mod error;
mod open;
mod parse;

use crate::note::{KeyKind, MlDsaCheck, VKey};
use crate::prelude::*;

pub use error::{PolicyError, PolicyProblem};
pub use open::{Opened, Standing};

/// Largest policy file: 32 logs, witnesses and groups with long names, URLs and comments fit well.
pub const MAX_POLICY_BYTES: usize = 64 * 1024;

/// Most logs, most witnesses and most groups: what tlog-policy asks every reader to take.
pub const MAX_LINES_OF_A_KIND: usize = 32;

/// A policy whose names all lead to something, with every key in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    governance: VKey,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    quorum: Quorum,
    mirrors: Option<Member>,
    fresh: Fresh,
    ml_dsa: MlDsa,
}

/// By what ML-DSA's signatures are checked; it is no part of what a policy says.
#[derive(Clone, Copy, Debug, Default)]
struct MlDsa(Option<MlDsaCheck>);

impl PartialEq for MlDsa {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for MlDsa {}

/// A log that may be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Its key, whose name is the origin.
    pub vkey: VKey,
    /// Where it answers.
    pub url: Option<String>,
}

/// Someone who co-signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its name in this file, for groups and for people.
    pub name: String,
    /// Its key.
    pub vkey: VKey,
    /// Where it takes checkpoints.
    pub url: Option<String>,
}

/// Witnesses and groups of which `threshold` must have co-signed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: String,
    threshold: usize,
    members: Vec<Member>,
}

/// A witness or a group, by its place among the policy's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

/// Whose co-signatures a checkpoint needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quorum {
    /// Nobody has been named yet: never reached.
    Pending,
    Of(Member),
}

/// How old the quorum's signatures may be, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// From this age on, the age is pointed out.
    pub warn_s: u64,
    /// From this age on, the state is "stale".
    pub stale_s: u64,
}

impl Default for Fresh {
    /// A quiet ledger is co-signed again every ten minutes, so an hour without is worth a word, and a day is stale.
    fn default() -> Self {
        Self { warn_s: 60 * 60, stale_s: 24 * 60 * 60 }
    }
}

impl Policy {
    /// The policy of a ledger without witnesses: `quorum pending`. The keys must be two, both of type 0x01.
    pub fn pending(log: VKey, governance: VKey) -> Result<Self, PolicyError> {
        let problem = if log.kind() != KeyKind::Note || governance.kind() != KeyKind::Note {
            PolicyProblem::WrongKeyKind
        } else if log.public() == governance.public() {
            PolicyProblem::KeyTaken
        } else {
            return Ok(Self {
                logs: core::iter::once(Log { vkey: log, url: None }).collect(),
                governance,
                witnesses: Vec::new(),
                groups: Vec::new(),
                quorum: Quorum::Pending,
                mirrors: None,
                fresh: Fresh::default(),
                ml_dsa: MlDsa::default(),
            });
        };
        Err(PolicyError { line: 0, problem })
    }

    /// The same, which counts co-signatures of ML-DSA too. Without this, as on a phone, witnesses with such keys count as silent.
    #[cfg(not(feature = "small"))]
    #[must_use]
    pub fn counting_ml_dsa(mut self, check: MlDsaCheck) -> Self {
        self.ml_dsa = MlDsa(Some(check));
        self
    }

    /// The logs; at least one.
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// The key that signs MEMBER entries.
    pub fn governance(&self) -> &VKey {
        &self.governance
    }

    /// The witnesses, in the file's order.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// Whether the quorum is still to be named.
    pub fn is_pending(&self) -> bool {
        self.quorum == Quorum::Pending
    }

    /// How old the quorum's signatures may be.
    pub fn fresh(&self) -> Fresh {
        self.fresh
    }

    #[cfg(not(feature = "small"))]
    fn member_name(&self, member: Member) -> &str {
        match member {
            Member::Witness(index) => &self.witnesses[index].name,
            Member::Group(index) => &self.groups[index].name,
        }
    }
}
