//! What goes into the log, and what comes back.

use ledger::audit::{MAX_NEVER_LEFT_OUT, MAX_OPEN_ALERTS, TooMany};
use ledger::entry::{Action, Authority, Class, EntryError, Event, EventDraft, Grant, Kind, Member, Notice, Part, Record, Ref, part_kind};
use ledger::{Hash, Key};

use crate::bounded::{INDEPENDENT_RECORDS, PARTNER_FACTS, UNOWNED_RECORDS};

/// Something for the log.
#[derive(Clone, Debug)]
pub enum Submission {
    /// An event which this service signs with the key it keeps for the member.
    Custodial {
        /// The member's id.
        member: String,
        /// What happened.
        event: Box<NewEvent>,
    },
    /// An event which its member signed itself.
    Signed(Box<SignedEvent>),
    /// A new version of a member, signed by the governance key.
    Member(Box<Member>),
    /// What an owner lets a partner say, signed by the owner's key.
    Grant(Box<Grant>),
    /// The operator's statement: a comment's commitment, a report's, the verifier's hash. Neither signed nor with parts.
    Notice(Notice),
}

/// An event as the member means it: without count, salts and signature, which the sequencer gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// When it happened, milliseconds since 1970.
    pub event_ms: u64,
    /// Kind.
    pub kind: Kind,
    /// Action.
    pub action: Action,
    /// Class.
    pub class: Class,
    /// See [`ledger::entry::event_id`].
    pub event_id: Hash,
    /// Which chunk, from 0.
    pub chunk: u16,
    /// Of how many.
    pub chunks: u16,
    /// Body hash of the entry it is about, or zeros.
    pub target: Hash,
    /// By whose right the author speaks of them, in any order.
    pub authorities: Vec<Authority>,
    /// References, in any order.
    pub refs: Vec<Ref>,
    /// Subjects, in any order.
    pub records: Vec<Record>,
    /// Kind and bytes of each part.
    pub parts: Vec<(u8, Vec<u8>)>,
    /// Of an event in chunks: the earlier chunk whose parts it names too, but for those kinds that it brings itself.
    pub parts_of: Option<u16>,
    /// Of an erasure: the parts of its target that are overwritten, with the kinds and commitments that they have there.
    pub erased: Vec<Part>,
}

impl NewEvent {
    /// The draft that is signed, once its member, number and parts' commitments are known.
    pub fn draft(&self, member: Key, seq: u64, mut parts: Vec<Part>) -> EventDraft {
        parts.extend(self.erased.iter().map(|part| Part { kind: part.kind | part_kind::ERASED, ..*part }));
        EventDraft {
            member,
            seq,
            event_ms: self.event_ms,
            kind: self.kind,
            action: self.action,
            class: self.class,
            event_id: self.event_id,
            chunk: self.chunk,
            chunks: self.chunks,
            target: self.target,
            authorities: self.authorities.clone(),
            refs: self.refs.clone(),
            parts,
            records: self.records.clone(),
        }
    }
}

/// An event that came signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedEvent {
    /// The event.
    pub event: Event,
    /// Its subjects, ascending by key.
    pub records: Vec<Record>,
    /// Kind, salt and bytes of each part, in the event's order; parts that the event erases have none.
    pub parts: Vec<(u8, [u8; 16], Vec<u8>)>,
}

/// It is in the log and on disk, under a signed checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Whether the same submission had been accepted before.
    pub repeat: bool,
    /// Its place in the log.
    pub index: u64,
    /// Its leaf hash.
    pub leaf_hash: Hash,
}

impl Accepted {
    /// Whether the same submission had been accepted before.
    pub fn is_repeat(&self) -> bool {
        self.repeat
    }
}

/// Why a submission was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// It erases a record that came a moment ago: 503 with Retry-After.
    #[error("the record to erase is being written; send it again in {} seconds", base::limit::RETRY_AFTER_SECONDS)]
    BeingWritten,
    /// Too much is waiting: 503 with Retry-After.
    #[error("the server has more work than it can take; send it again in {} seconds", base::limit::RETRY_AFTER_SECONDS)]
    Overloaded,
    /// The engine ended: 503.
    #[error("the server is stopping; send it again when it is back")]
    Stopped,
    /// The ledger takes no records any more, until a person looks: 503.
    #[error("this ledger takes no records any more, because {0}; its operator must look into it")]
    Halted(String),
    /// Larger than one submission may be.
    #[error("the record has {bytes} bytes; the limit is {limit}: send its files apart, or split it")]
    TooLarge {
        /// Its bytes.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Nobody has this id.
    #[error("{0} is no member of this ledger; add it with `leafproof member add {0}`")]
    UnknownMember(String),
    /// The member may not sign now.
    #[error("{member} may not sign: {why}")]
    NotAllowed {
        /// Its id.
        member: String,
        /// Why.
        why: &'static str,
    },
    /// The member's count went on meanwhile, or has a gap: 409.
    #[error("the record has the sequence number {got}, {member}'s next one is {expected}: sign it again with that")]
    Sequence {
        /// The member's id.
        member: String,
        /// What is next.
        expected: u64,
        /// What came.
        got: u64,
    },
    /// The event breaks a rule of form.
    #[error("the record breaks a rule of the ledger: {0}")]
    Form(EntryError),
    /// Another record has the same identity.
    #[error(
        "another record with this event id is in the ledger already, at {index}, and says something else; correct that with an errorDeclaration, or give this one an id of its own"
    )]
    Conflict {
        /// Where.
        index: u64,
    },
    /// What it is about cannot be corrected, erased or withdrawn so.
    #[error("the record this one is about does not fit: {0}")]
    Target(&'static str),
    /// Its author has no right to say this of these goods: 403.
    #[error("{0}")]
    NotEntitled(String),
    /// Its author said as much on one subject of what no page leaves out as it may.
    #[error("{member} {}", too_many(*limit))]
    OverQuota {
        /// Who.
        member: String,
        /// Which limit.
        limit: TooMany,
    },
    /// Its author said as much on one subject that it does not own as it may.
    #[error(
        "{member} has recorded {limit} events about one of these subjects, which is the most where their number is not its own: {INDEPENDENT_RECORDS} where its owner did not let it speak, {UNOWNED_RECORDS} where nobody owns it, and as many taken back, {PARTNER_FACTS} that they were made, named or packed where its owner did; its owner can record more (/rights)"
    )]
    TooManyRecords {
        /// Who.
        member: String,
        /// How many.
        limit: u32,
    },
    /// Who is neither owner nor regulator says more than pages have room for.
    #[error(
        "the public facts of an alert about goods of others, or of what an independent or anybody records of goods whose number nobody owns, or of a partner's facts beyond the sixteenth about one subject, may have {limit} bytes, these have {bytes}: say the rest in an event of its own, or put it into a file"
    )]
    LongAlert {
        /// Bytes of its public part.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A grant breaks a rule.
    #[error("this permission is refused: {0}")]
    Grant(&'static str),
    /// A member's version breaks a rule.
    #[error("this version of {member} is refused: {why}")]
    Member {
        /// Its id.
        member: String,
        /// Why.
        why: &'static str,
    },
}

impl Submission {
    /// About how many bytes it holds.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Custodial { event, .. } => {
                event.parts.iter().map(|(_, bytes)| bytes.len() + 64).sum::<usize>() + (event.records.len() + event.refs.len()) * 40 + 512
            }
            Self::Signed(signed) => {
                signed.parts.iter().map(|(_, _, bytes)| bytes.len() + 64).sum::<usize>() + (signed.records.len() + 16) * 40
            }
            Self::Member(_) | Self::Grant(_) | Self::Notice(_) => 1024,
        }
    }
}

fn too_many(limit: TooMany) -> String {
    match limit {
        TooMany::InAll => format!(
            "has raised or ended alerts on one of these subjects, or taken records of it back, {MAX_NEVER_LEFT_OUT} times in all, which is the most that a partner may; the owner of the number can go on"
        ),
        TooMany::Open => format!(
            "has {MAX_OPEN_ALERTS} alerts open on one of these subjects, which is the most that a partner may; end those that are over, or tell the owner of the number"
        ),
    }
}
