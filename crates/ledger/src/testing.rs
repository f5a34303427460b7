//! A whole ledger in memory, for tests of this crate and of others (cargo feature `testing`, never in a release).
//!
//! Keys come from fixed seeds and times from a counter, so every run makes the same bytes. Entries are taken as they are,
//! right or wrong: an attack is a ledger whose operator lies.
//!
//! ```
//! use ledger::testing::{Draft, TestLedger};
//!
//! let mut ledger = TestLedger::new();
//! ledger.member("brand.example", 2, &["9506000"]);
//! ledger.event("brand.example", Draft::commission(&["/01/09506000134352/21/1"]));
//! let file = ledger.bundle("/01/09506000134352/21/1");
//! let report = ledger.verify("/01/09506000134352/21/1", &file);
//! assert_eq!(report.state, ledger::verify::State::NotCosigned);
//! ```

mod draft;
mod source;

use crate::prelude::*;
use alloc::collections::BTreeMap;

use ed25519_dalek::SigningKey;

use crate::bundle::{Bundle, build};
use crate::entry::{
    Body, Chain, Custody, Entry, Event, Grant, Head, MapHead, Member, Part, Record, Status, TileEntry, commitment, event_id, leaf_hash,
    part_kind, role,
};
use crate::hash::{Hash, Key};
use crate::map::Map;
use crate::name::Name;
use crate::note::{Checkpoint, NoteSigner, SignedNote};
use crate::policy::Policy;
use crate::prefix::Register;
use crate::tree::MemoryTree;
use crate::verify::{Report, verify};

pub use draft::{About, Draft, about};
pub use source::AtHead;

/// Time of the first entry: 14 November 2023.
pub const START_MS: u64 = 1_700_000_000_000;
/// The ledger's name.
pub const ORIGIN: &str = "ledger.example/test";

/// Version 1 of a member that keeps its own key, not signed.
pub fn new_member(id: &str, public_key: [u8; 32], prefixes: &[&str]) -> Member {
    Member {
        id: id.to_owned(),
        version: 1,
        status: Status::Active,
        custody: Custody::Own,
        roles: role::MEMBER,
        levels: 0,
        scopes: Vec::new(),
        valid_from: 0,
        valid_until: u64::MAX,
        since: 0,
        public_key,
        prefixes: prefixes.iter().map(|digits| (*digits).to_owned()).collect(),
        names: vec![("en".to_owned(), format!("Member {id}"))],
        consent: None,
        signature: [0; 64],
    }
}

/// A ledger in memory.
#[derive(Clone, Debug)]
pub struct TestLedger {
    /// Its name; change it before the first entry only.
    pub origin: String,
    /// Time of the next entry.
    pub now_ms: u64,
    /// Tile entries, with MAPHEADs.
    pub tiles: Vec<TileEntry>,
    /// Salt and bytes of parts.
    pub parts: BTreeMap<Hash, ([u8; 16], Vec<u8>)>,
    /// Keys by member id.
    pub keys: BTreeMap<String, SigningKey>,
    /// The tree over all leaves.
    pub tree: MemoryTree,
    map: Map,
    /// The prefixes' owners.
    pub register: Register,
    lists: BTreeMap<Key, (Head, Vec<(u64, Chain)>)>,
    seqs: BTreeMap<String, u64>,
}

impl Default for TestLedger {
    fn default() -> Self {
        Self::new()
    }
}

impl TestLedger {
    /// An empty ledger.
    pub fn new() -> Self {
        Self {
            origin: ORIGIN.to_owned(),
            now_ms: START_MS,
            tiles: Vec::new(),
            parts: BTreeMap::new(),
            keys: BTreeMap::new(),
            tree: MemoryTree::new(),
            map: Map::new(),
            register: Register::default(),
            lists: BTreeMap::new(),
            seqs: BTreeMap::new(),
        }
    }

    /// The key that signs members.
    pub fn governance() -> SigningKey {
        SigningKey::from_bytes(&[1; 32])
    }

    /// The key that signs checkpoints.
    pub fn log_signer(&self) -> NoteSigner {
        NoteSigner::new(&self.origin, &[9; 32]).expect("the test origin is a key name")
    }

    /// A policy without witnesses.
    pub fn policy(&self) -> Policy {
        let governance = NoteSigner::new("governance.example", &[1; 32]).expect("a key name");
        Policy::pending(self.log_signer().vkey(), governance.vkey()).expect("two different keys")
    }

    /// Appends any entry and what the map makes of it.
    pub fn append(&mut self, entry: Entry, records: Vec<Record>) -> u64 {
        let leaf = leaf_hash(&entry.encode());
        let index = self.tree.append(leaf).0;
        for joined in entry.lists(&records) {
            let list = self.lists.entry(joined.key).or_default();
            list.0.push(index, &leaf, joined.chain);
            list.1.push((index, joined.chain));
            self.map.insert(&joined.key, list.0.value(&joined.key));
        }
        if let Some(member) = entry.member() {
            self.register.take(member, index, entry.logged_ms);
        }
        self.tiles.push(TileEntry { entry, records });
        self.now_ms += 1_000;
        index
    }

    /// A version of a member, whose key comes from `seed`; the prefixes are its own.
    pub fn member(&mut self, id: &str, seed: u8, prefixes: &[&str]) -> u64 {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let versions = self.lists.get(&Name::member_key(id)).map_or(0, |(list, _)| list.all.count);
        let member = Member { version: versions + 1, ..new_member(id, key.verifying_key().to_bytes(), prefixes) };
        self.keys.insert(id.to_owned(), key);
        self.member_version(member)
    }

    /// Signs any version by governance and appends it.
    pub fn member_version(&mut self, mut member: Member) -> u64 {
        member.sign(&self.origin, &Self::governance());
        let entry = Entry { logged_ms: self.now_ms, body: Body::Member(member) };
        self.append(entry, Vec::new())
    }

    /// What an owner lets a partner do with all its goods, from now on.
    pub fn grant(&mut self, owner: &str, partner: &str, rights: u16) -> u64 {
        self.grant_in(owner, partner, rights, &[])
    }

    /// What an owner lets a partner do with goods whose numbers begin so.
    pub fn grant_in(&mut self, owner: &str, partner: &str, rights: u16, scopes: &[&str]) -> u64 {
        let grant = self.next_grant(owner, partner, rights, scopes);
        self.grant_version(owner, grant)
    }

    /// The next version of a grant, not signed.
    pub fn next_grant(&self, owner: &str, partner: &str, rights: u16, scopes: &[&str]) -> Grant {
        let (owner, partner) = (Name::member_key(owner), Name::member_key(partner));
        let versions = self.lists.get(&crate::entry::grant_list(&owner, &partner)).map_or(0, |(list, _)| list.all.count);
        Grant {
            owner,
            partner,
            version: versions + 1,
            rights,
            valid_from: 0,
            valid_until: u64::MAX,
            scopes: scopes.iter().map(|digits| (*digits).to_owned()).collect(),
            signature: [0; 64],
        }
    }

    /// Signs any version of a grant by any member and appends it.
    pub fn grant_version(&mut self, signer: &str, mut grant: Grant) -> u64 {
        grant.sign(&self.origin, &self.keys[signer]);
        let entry = Entry { logged_ms: self.now_ms, body: Body::Grant(grant) };
        self.append(entry, Vec::new())
    }

    /// A list's length and head.
    pub fn list_head(&self, key: &Key) -> (u32, Head) {
        self.lists.get(key).map_or((0, Head::default()), |(head, _)| (head.all.count, *head))
    }

    /// The newest version of a member.
    pub fn newest_version(&self, id: &str) -> Member {
        let (_, indices) = &self.lists[&Name::member_key(id)];
        let (newest, _) = indices.last().expect("a list is never empty");
        match &self.tiles[*newest as usize].entry.body {
            Body::Member(member) => member.clone(),
            _ => unreachable!("member lists hold members"),
        }
    }

    /// Signs a draft by a member and appends it.
    pub fn event(&mut self, member: &str, draft: Draft) -> u64 {
        let (event, records) = self.sign(member, draft);
        let entry = Entry { logged_ms: self.now_ms, body: Body::Event(event) };
        self.append(entry, records)
    }

    /// Signs a draft, keeps its part, and counts the member's number up.
    pub fn sign(&mut self, member: &str, draft: Draft) -> (Event, Vec<Record>) {
        let seq = self.seqs.entry(member.to_owned()).or_default();
        *seq += 1;
        let id = event_id(format!("{member}/{seq}").as_bytes());
        let public = draft.public_part();
        let at = (self.tiles.len() as u64, self.now_ms);
        let mut event = draft.event(Name::member_key(member), *seq, at, id, &self.register);
        if let Some(public) = public {
            let mut salt = [0; 16];
            salt[..8].copy_from_slice(&seq.to_be_bytes());
            salt[8..].copy_from_slice(&Name::member_key(member).as_bytes()[..8]);
            let commitment = commitment(&salt, &public);
            self.parts.insert(commitment, (salt, public));
            event.parts.insert(0, Part { kind: part_kind::PUBLIC, commitment });
        }
        event.sign(&self.origin, &self.keys[member])
    }

    /// Takes a member's last number back, for a signed event that does not go into the log.
    pub fn unsign(&mut self, member: &str) {
        if let Some(seq) = self.seqs.get_mut(member) {
            *seq -= 1;
        }
    }

    /// Body hash of an entry, for corrections of it.
    pub fn body_hash(&self, index: u64) -> Hash {
        self.event_at(index).body_hash(&self.origin)
    }

    /// The event of an index.
    pub fn event_at(&self, index: u64) -> &Event {
        self.tiles[index as usize].entry.event().expect("the test names an event")
    }

    /// A void (or another correction) of an entry, by any member.
    pub fn correct(&mut self, member: &str, target: u64, mut draft: Draft) -> u64 {
        let of = self.event_at(target).clone();
        draft.same_as = Some((of.authorities.clone(), self.tiles[target as usize].records.clone()));
        draft.target = of.body_hash(&self.origin);
        draft.class = draft.class_or(of.class);
        draft.chunk = (of.chunk, of.chunks);
        draft.event_id = draft.event_id.or((draft.kind == crate::entry::Kind::Void).then_some(of.event_id));
        self.event(member, draft)
    }

    /// Ends the batch with a MAPHEAD and gives a version that bundles can be made from.
    pub fn head(&mut self) -> AtHead<'_> {
        let covers = self.tiles.len() as u64;
        let body = Body::MapHead(MapHead {
            covers,
            key_count: self.map.len(),
            map_root: self.map.root(),
            prefix_count: self.register.len(),
            prefix_root: self.register.root(),
        });
        if !matches!(self.tiles.last().map(|tile| &tile.entry.body), Some(Body::MapHead(_))) {
            self.append(Entry { logged_ms: self.now_ms, body }, Vec::new());
        }
        AtHead { ledger: self, cosigners: Vec::new() }
    }

    /// The signed checkpoint over all entries so far.
    pub fn note(&self, cosigners: &[(NoteSigner, u64)]) -> Vec<u8> {
        let checkpoint = Checkpoint { origin: self.origin.clone(), size: self.tree.size().0, root: self.tree.root() };
        let text = checkpoint.encode();
        let log = self.log_signer();
        let mut signatures = vec![log.sign(&text), log.cosigner().cosign(&text, self.now_ms / 1_000)];
        for (signer, time_s) in cosigners {
            signatures.push(signer.cosigner().cosign(&text, *time_s));
        }
        SignedNote { text, signatures }.encode()
    }

    /// The bundle of a Digital Link path.
    pub fn bundle(&mut self, path: &str) -> Vec<u8> {
        build(&self.head(), &name(path)).expect("an in-memory ledger can be read")
    }

    /// The bundle taken apart, to be spoiled.
    pub fn parts_of_bundle(&mut self, path: &str) -> Bundle {
        Bundle::parse(&self.bundle(path)).expect("what was built can be parsed")
    }

    /// Checks a file for this subject, now, without memory.
    pub fn verify(&self, path: &str, file: &[u8]) -> Report {
        verify(file, &self.policy(), Some(&name(path).bytes()), self.now_ms, &[])
    }
}

/// The name of a Digital Link path.
pub fn name(path: &str) -> Name {
    Name::from_digital_link_path(path).expect("tests write canonical paths")
}
