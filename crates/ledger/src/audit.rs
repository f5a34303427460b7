//! Checking a whole log from its tile entries alone, as a mirror does before it co-signs: form, order, signatures, the right
//! to sign, sequence numbers, targets, prefixes; and the tree and the map computed anew.
//!
//! An [`Audit`] that took every entry without a fault has a root of its own. If the log signed the same root, its map leaves
//! nothing out and lists nothing twice. It keeps the log's state in memory, some 700 bytes for each event.

mod fault;
mod quota;
mod target;

use alloc::collections::{BTreeMap, BTreeSet};

use crate::entry::{Body, Event, Grant, Head, Joined, MapHead, Member, Record, Status, TileEntry, leaf_hash, role};
use crate::hash::{Hash, Key};
use crate::map::Map;
use crate::prefix::Register;
use crate::prelude::*;
use crate::standing::{Rights, entitled};
use crate::tree::MemoryTree;

pub use fault::{AuditError, Fault};
pub use quota::{MAX_ALERT_BYTES, MAX_NEVER_LEFT_OUT, MAX_OPEN_ALERTS, Quota, TooMany, is_limited, public_part_max};
pub use target::{TargetFault, erasure_id, fits_target};

/// What makes a submission the same one: member, event id, kind, chunk.
type Identity = (Key, Hash, u8, u16);

/// A log as far as it was checked.
#[derive(Clone, Debug)]
pub struct Audit {
    origin: String,
    governance: [u8; 32],
    tree: MemoryTree,
    map: Map,
    lists: BTreeMap<Key, Head>,
    members: BTreeMap<Key, Vec<Member>>,
    register: Register,
    grants: BTreeMap<(Key, Key), Vec<Grant>>,
    /// By list and author.
    quotas: BTreeMap<(Key, Key), Quota>,
    key_owners: BTreeMap<[u8; 32], Key>,
    seqs: BTreeMap<Key, u64>,
    identities: BTreeSet<Identity>,
    events: BTreeMap<Hash, Event>,
    last_ms: u64,
    ends_in_head: bool,
}

impl Audit {
    /// Of the log with this name, whose members this key signs.
    pub fn new(origin: &str, governance: &[u8; 32]) -> Self {
        Self {
            origin: origin.to_owned(),
            governance: *governance,
            tree: MemoryTree::new(),
            map: Map::new(),
            lists: BTreeMap::new(),
            members: BTreeMap::new(),
            register: Register::default(),
            grants: BTreeMap::new(),
            quotas: BTreeMap::new(),
            key_owners: BTreeMap::new(),
            seqs: BTreeMap::new(),
            identities: BTreeSet::new(),
            events: BTreeMap::new(),
            last_ms: 0,
            ends_in_head: false,
        }
    }

    /// How many entries were taken.
    pub fn size(&self) -> u64 {
        self.tree.size().0
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The tree over them.
    pub fn tree(&self) -> &MemoryTree {
        &self.tree
    }

    /// The map over them.
    pub fn map(&self) -> &Map {
        &self.map
    }

    /// When the last of them was logged, milliseconds since 1970.
    pub fn last_ms(&self) -> u64 {
        self.last_ms
    }

    /// Whether the last of them is a MAPHEAD: only there may a checkpoint be signed.
    pub fn ends_in_head(&self) -> bool {
        self.ends_in_head
    }

    /// Takes the next entry, as it stands in a tile. After a fault nothing was taken, and the log is to be believed no further.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Hash, AuditError> {
        let index = self.size();
        let at = |fault| AuditError { index, fault };
        let tile = TileEntry::parse(bytes).map_err(|e| at(Fault::Form(e)))?;
        let entry = &tile.entry;
        if entry.logged_ms < self.last_ms {
            return Err(at(Fault::TimeRunsBack));
        }
        match &entry.body {
            Body::Event(event) => self.check_event(event, &tile.records, entry.logged_ms),
            Body::MapHead(head) => self.check_head(head),
            Body::Member(member) => self.check_member(member),
            Body::Grant(grant) => self.check_grant(grant, entry.logged_ms),
            Body::Notice(_) => Ok(()),
        }
        .map_err(at)?;
        let joined = entry.lists(&tile.records);
        let author = |event: &Event| self.members.get(&event.member).and_then(|versions| versions.last());
        // Who is not limited today may be tomorrow: a regulator whose role ends has said what it said.
        let counted_in = |list: &Joined| entry.event().filter(|event| Quota::counts(event, list.chain));
        for list in &joined {
            if let Some(event) = counted_in(list).filter(|event| is_limited(event, author(event)))
                && let Some(quota) = self.quotas.get(&(list.key, event.member))
            {
                quota.has_room(event).map_err(|limit| at(Fault::OverQuota(limit)))?;
            }
        }
        let leaf = leaf_hash(&bytes[..tile.leaf_len(bytes)]);
        for joined in joined {
            let list = self.lists.entry(joined.key).or_default();
            list.push(index, &leaf, joined.chain);
            self.map.insert(&joined.key, list.value(&joined.key));
            if let Some(event) = counted_in(&joined) {
                self.quotas.entry((joined.key, event.member)).or_default().take(event, event.body_hash(&self.origin));
            }
        }
        self.last_ms = entry.logged_ms;
        self.ends_in_head = matches!(entry.body, Body::MapHead(_));
        self.tree.append(leaf);
        match tile.entry.body {
            Body::Event(event) => {
                self.seqs.insert(event.member, event.seq);
                self.identities.insert(identity(&event));
                self.events.insert(event.body_hash(&self.origin), event);
            }
            Body::Member(member) => {
                self.key_owners.insert(member.public_key, member.key());
                self.register.take(&member, index, tile.entry.logged_ms);
                self.members.entry(member.key()).or_default().push(member);
            }
            Body::Grant(grant) => self.grants.entry((grant.owner, grant.partner)).or_default().push(grant),
            Body::MapHead(_) | Body::Notice(_) => {}
        }
        Ok(leaf)
    }

    fn check_head(&self, head: &MapHead) -> Result<(), Fault> {
        if self.size() == 0 || self.ends_in_head {
            return Err(Fault::HeadWithoutBatch);
        }
        let own = MapHead {
            covers: self.size(),
            key_count: self.map.len(),
            map_root: self.map.root(),
            prefix_count: self.register.len(),
            prefix_root: self.register.root(),
        };
        if *head == own { Ok(()) } else { Err(Fault::MapDiffers) }
    }

    fn check_grant(&self, grant: &Grant, logged_ms: u64) -> Result<(), Fault> {
        let owner = self.author(&grant.owner, logged_ms)?;
        if !self.members.contains_key(&grant.partner) {
            return Err(Fault::UnknownMember);
        }
        let versions = self.grants.get(&(grant.owner, grant.partner)).map_or(0, Vec::len);
        if grant.version as usize != versions + 1 {
            return Err(Fault::GrantVersion);
        }
        if grant.verify(&self.origin, &owner.public_key) { Ok(()) } else { Err(Fault::GrantSignature) }
    }

    fn check_event(&self, event: &Event, records: &[Record], logged_ms: u64) -> Result<(), Fault> {
        let member = self.author(&event.member, logged_ms)?;
        if event.seq != self.seqs.get(&event.member).copied().unwrap_or(0) + 1 {
            return Err(Fault::Sequence);
        }
        if self.identities.contains(&identity(event)) {
            return Err(Fault::Twice);
        }
        if !event.verify(&self.origin, &member.public_key) {
            return Err(Fault::Signature);
        }
        let may_erase = member.roles & role::ERASE != 0;
        fits_target(event, self.events.get(&event.target), may_erase).map_err(Fault::Target)?;
        entitled(event, records, self.size(), logged_ms, member, self).map_err(|_| Fault::NotEntitled)
    }

    /// The governing version of a member, if its key may sign at this time.
    fn author(&self, member: &Key, logged_ms: u64) -> Result<&Member, Fault> {
        let versions = self.members.get(member).map_or(&[][..], Vec::as_slice);
        let governing = versions.last().ok_or(Fault::UnknownMember)?;
        if !governing.may_sign(logged_ms) {
            return Err(Fault::MayNotSign);
        }
        let lost = versions.iter().any(|version| {
            version.public_key == governing.public_key && version.status == Status::Compromised && version.since <= logged_ms
        });
        if lost { Err(Fault::MayNotSign) } else { Ok(governing) }
    }

    fn check_member(&self, member: &Member) -> Result<(), Fault> {
        if !member.verify(&self.origin, &self.governance) {
            return Err(Fault::MemberSignature);
        }
        let key = member.key();
        let versions = self.members.get(&key).map_or(0, Vec::len);
        if member.version as usize != versions + 1 {
            return Err(Fault::MemberVersion);
        }
        if self.key_owners.get(&member.public_key).is_some_and(|owner| *owner != key) {
            return Err(Fault::KeyOfAnother);
        }
        let before = self.members.get(&key).and_then(|versions| versions.last());
        let retired = |owner: &Key| self.members.get(owner).and_then(|versions| versions.last()).is_none_or(|m| m.status != Status::Active);
        self.register.check(&self.origin, member, before, &retired).map_err(Fault::Prefix)
    }
}

impl Rights for Audit {
    fn is_free(&self, digits: &str, index: u64, logged_ms: u64) -> bool {
        self.register.is_free(digits, index, logged_ms)
    }

    fn gave_up(&self, owner: &Key) -> bool {
        self.register.gave_up(owner)
    }

    fn grant(&self, owner: &Key, partner: &Key) -> Option<Grant> {
        self.grants.get(&(*owner, *partner)).and_then(|versions| versions.last()).cloned()
    }
}

fn identity(event: &Event) -> Identity {
    (event.member, event.event_id, event.kind as u8, event.chunk)
}
