//! Entries: the leaves of the log, byte for byte, and the rules of form that one entry alone can keep or break.
//!
//! What a rule needs besides the entry itself (its author's versions, its target, its list) is checked in `verify`.

mod accumulator;
mod authority;
#[cfg(not(feature = "small"))]
mod draft;
mod error;
mod event;
mod grant;
mod member;
mod subjects;
#[cfg(not(feature = "small"))]
mod tile;

use crate::bytes::{Reader, Writer};
use crate::hash::{Hash, Key, dk};
use crate::prelude::*;
use crate::tree::{self, TreeHasher as _};

pub use accumulator::{Accumulator, Chain, Head};
pub use authority::{Authority, ListKind, MAX_AUTHORITIES, grant_list};
#[cfg(not(feature = "small"))]
pub use draft::EventDraft;
pub use error::EntryError;
pub use event::{Action, Class, Event, Kind, MAX_PARTS, MAX_RECEIVERS, MAX_REFS, Part, Ref, part_kind, ref_role};
pub use grant::{Grant, MAX_GRANT_VERSIONS, right};
pub use member::{Custody, MAX_NAMES, MAX_PREFIXES, MAX_SCOPES, Member, Status, in_scopes, level, role};
pub use subjects::{MAX_SUBJECTS, RECORD_LEN, Record, record_role};
#[cfg(not(feature = "small"))]
pub use subjects::{signed_records, subject_proof, subject_root};
#[cfg(not(feature = "small"))]
pub use tile::TileEntry;

/// Longest tile entry: its length is written in two bytes (C2SP tlog-tiles).
pub const MAX_TILE_ENTRY: usize = 65_535;
/// How far an event's own time may lie after the time it was logged: clocks differ, but not by more than ten minutes.
pub const MAX_EVENT_AHEAD_MS: u64 = 600_000;
/// The version of every leaf: format 2.
const VERSION: u8 = 2;
/// What stands before an event in what is signed.
const EVENT_CONTEXT: &[u8] = b"leafproof event v2\n";
/// What stands before a member's version in what is signed.
const MEMBER_CONTEXT: &[u8] = b"leafproof member v2\n";
/// What stands before a grant in what is signed.
const GRANT_CONTEXT: &[u8] = b"leafproof grant v1\n";
/// A leaf's bytes before its body (type, version, time), and after what is signed of it (the signature).
const BEFORE_BODY: usize = 10;
const SIGNATURE: usize = 64;

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When the sequencer took it, milliseconds since 1970. Never decreases along the log.
    pub logged_ms: u64,
    /// What it says.
    pub body: Body,
}

/// The types of entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Something happened to subjects; signed by a member.
    Event(Event),
    /// The root of the map over all entries below.
    MapHead(MapHead),
    /// Who a member is; signed by the governance key.
    Member(Member),
    /// The operator's own statement.
    Notice(Notice),
    /// What an owner lets a partner say; signed by the owner.
    Grant(Grant),
}

/// The root of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapHead {
    /// Its own index: the map holds all entries below.
    pub covers: u64,
    /// Keys in the map.
    pub key_count: u64,
    /// Root of the map.
    pub map_root: Hash,
    /// GS1 prefixes that have or had an owner.
    pub prefix_count: u32,
    /// Root over them; see [`crate::prefix`].
    pub prefix_root: Hash,
}

/// A list that an entry joins.
#[cfg(not(feature = "small"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The list's key in the map.
    pub key: Key,
    /// Role of the list's subject in the entry; 0 where there is no record of it.
    pub role: u8,
    /// Place of the subject's record.
    pub position: u32,
    /// What the entry is there.
    pub chain: Chain,
}

/// A statement of the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What about.
    pub notice: NoticeKind,
    /// Subject.
    pub key: Key,
    /// Commitment to the bytes.
    pub commitment: Hash,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// Feedback on a subject was received.
    Feedback,
    /// A report on the ledger's operation.
    Report,
    /// The hash of a published verifier.
    VerifierHash,
}

impl Entry {
    /// The leaf: what is hashed into the log.
    #[cfg(not(feature = "small"))]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        let tag = match &self.body {
            Body::Event(_) => 1,
            Body::MapHead(_) => 2,
            Body::Member(_) => 3,
            Body::Notice(_) => 4,
            Body::Grant(_) => 5,
        };
        out.u8(tag).u8(VERSION).u64(self.logged_ms);
        match &self.body {
            Body::Event(event) => event.write(&mut out),
            Body::Member(member) => member.write(&mut out),
            Body::Grant(grant) => grant.write(&mut out),
            Body::MapHead(head) => {
                out.u64(head.covers)
                    .u64(head.key_count)
                    .put(head.map_root.as_bytes())
                    .u32(head.prefix_count)
                    .put(head.prefix_root.as_bytes());
            }
            Body::Notice(notice) => {
                let kind = match notice.notice {
                    NoticeKind::Feedback => 1,
                    NoticeKind::Report => 2,
                    NoticeKind::VerifierHash => 3,
                };
                out.u8(kind).put(notice.key.as_bytes()).put(notice.commitment.as_bytes());
            }
        }
        out.finish()
    }

    /// Reads a leaf and checks the form of what it holds.
    pub fn parse(leaf: &[u8]) -> Result<Self, EntryError> {
        let mut r = Reader::new(leaf);
        let entry = Self::read(&mut r)?;
        if r.is_empty() { Ok(entry) } else { Err(EntryError::TrailingBytes) }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, EntryError> {
        let entry = Self::read_fields(r);
        // Fields that are not there read as zeros, so this comes before what zeros would be found guilty of.
        r.whole()?;
        let entry = entry?;
        match &entry.body {
            Body::Event(event) => {
                event.check_form()?;
                if event.event_ms > entry.logged_ms.saturating_add(MAX_EVENT_AHEAD_MS) {
                    return Err(EntryError::EventTooFarAhead);
                }
            }
            Body::Member(member) => member.check_form()?,
            Body::Grant(grant) => grant.check_form()?,
            Body::MapHead(_) | Body::Notice(_) => {}
        }
        Ok(entry)
    }

    fn read_fields(r: &mut Reader<'_>) -> Result<Self, EntryError> {
        let tag = r.u8();
        if r.u8() != VERSION {
            return Err(EntryError::UnknownVersion);
        }
        let logged_ms = r.u64();
        let body = match tag {
            1 => Body::Event(Event::read(r)?),
            2 => Body::MapHead(MapHead {
                covers: r.u64(),
                key_count: r.u64(),
                map_root: r.hash(),
                prefix_count: r.u32(),
                prefix_root: r.hash(),
            }),
            3 => Body::Member(Member::read(r)?),
            4 => Body::Notice(Notice {
                notice: match r.u8() {
                    1 => NoticeKind::Feedback,
                    2 => NoticeKind::Report,
                    3 => NoticeKind::VerifierHash,
                    _ => return Err(EntryError::UnknownNotice),
                },
                key: r.key(),
                commitment: r.hash(),
            }),
            5 => Body::Grant(Grant::read(r)?),
            _ => return Err(EntryError::UnknownType),
        };
        Ok(Self { logged_ms, body })
    }

    /// The grant in it, if it is one.
    pub const fn grant(&self) -> Option<&Grant> {
        match &self.body {
            Body::Grant(grant) => Some(grant),
            _ => None,
        }
    }

    /// The member's version in it, if it is one.
    pub const fn member(&self) -> Option<&Member> {
        match &self.body {
            Body::Member(member) => Some(member),
            _ => None,
        }
    }

    /// The event in it, if it is one.
    pub const fn event(&self) -> Option<&Event> {
        match &self.body {
            Body::Event(event) => Some(event),
            _ => None,
        }
    }

    /// The lists that this entry joins, given its records where it is an event.
    #[cfg(not(feature = "small"))]
    pub fn lists(&self, records: &[Record]) -> Vec<Joined> {
        let one = |key| vec![Joined { key, role: 0, position: 0, chain: Chain::Plain }];
        let event = match &self.body {
            Body::Event(event) => event,
            Body::MapHead(_) => return Vec::new(),
            Body::Member(member) => return one(member.key()),
            Body::Notice(notice) => return one(notice.key),
            Body::Grant(grant) => return one(grant.key()),
        };
        let mut joined = Vec::with_capacity(records.len() + 1);
        for (position, record) in (0..).zip(records) {
            // A place without an authority is refused by the form; here it has the list that nobody opens.
            let authority = event.authorities.get(usize::from(record.authority)).unwrap_or(&Authority::Claim);
            let kind = if record.role & record_role::BULK == 0 { ListKind::Own } else { ListKind::Bulk };
            let key = authority.list(kind, &record.key);
            joined.push(Joined { key, role: record.role, position, chain: Chain::of(self, record.role) });
        }
        if let Some((authority, key)) = event.makes_batch() {
            joined.push(Joined { key: authority.list(ListKind::Made, key), role: 0, position: 0, chain: Chain::Plain });
        }
        joined
    }
}

/// What was signed of the leaf of an event, a member or a grant, in this ledger: the leaf's own bytes, not what a reader would write anew.
/// Of other leaves, which nobody signed, it means nothing.
pub fn message(leaf: &[u8], origin: &str) -> Vec<u8> {
    let context = match leaf.first() {
        Some(1) => EVENT_CONTEXT,
        Some(5) => GRANT_CONTEXT,
        _ => MEMBER_CONTEXT,
    };
    let body = leaf.len().checked_sub(SIGNATURE).and_then(|end| leaf.get(BEFORE_BODY..end));
    let mut out = Writer::new();
    out.put(context).s8(origin.as_bytes()).put(body.unwrap_or_default());
    out.finish()
}

/// The hash by which other entries name the event that has this message.
pub fn message_hash(message: &[u8]) -> Hash {
    dk("leafproof body v1", &[message])
}

/// The hash of a leaf in the log's tree.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    tree::Log::leaf(leaf)
}

/// The commitment to a part: the salt keeps a guessable text from being found by its hash.
pub fn commitment(salt: &[u8; 16], bytes: &[u8]) -> Hash {
    dk("leafproof payload v1", &[salt, bytes])
}

/// The event id in an entry: of the EPCIS eventID's text, or of 16 random bytes where an event has none.
pub fn event_id(text: &[u8]) -> Hash {
    dk("leafproof event-id v1", &[text])
}
