//! A history out of a gathered bundle: the page is made of exactly the bytes that the phone will check.

use std::collections::BTreeMap;

use ledger::bundle::Gathered;
use ledger::entry::{Body, Class, Entry, Member, Status};
use ledger::name::Name;
use ledger::public::PublicPart;
use ledger::standing::Standing;
use ledger::{Hash, Key};

use super::{Granted, History, HistoryEntry};

impl History {
    /// The history of `name` as gathered. Entries are ordered by time of the event, then by index.
    pub fn from_gathered(name: &Name, gathered: &Gathered) -> Self {
        let members = members(gathered);
        let parts: BTreeMap<Hash, &[u8]> = gathered.bundle.parts.iter().map(|p| (p.commitment, p.bytes.as_slice())).collect();
        let mut entries: Vec<HistoryEntry> = gathered
            .relations
            .entries
            .iter()
            .filter(|related| related.relevant)
            .filter_map(|related| {
                let entry = gathered.entries.get(&related.index)?;
                let event = entry.event()?.clone();
                let public = event.public_part().and_then(|c| parts.get(c)).and_then(|bytes| PublicPart::parse(bytes).ok());
                let author = governing(&members, &event.member, related.index);
                let of_nobody = event.class == Class::Alert || related.standing == Standing::Independent;
                let disputed = of_nobody && !could_sign(&members, &event.member, author.as_ref(), entry.logged_ms);
                let by_grant = related.grant.and_then(|grant| {
                    let (_, owner) = governing(&members, related.authority.owner()?, related.index)?;
                    Some(Granted { owner, since_ms: gathered.entries.get(&grant)?.logged_ms })
                });
                Some(HistoryEntry { related: *related, event, logged_ms: entry.logged_ms, public, author, by_grant, disputed })
            })
            .collect();
        entries.sort_by_key(|entry| (entry.event.event_ms, entry.related.index));
        let now = match Entry::parse(&gathered.bundle.head) {
            Ok(Entry { logged_ms, body: Body::MapHead(head) }) => (head.covers, logged_ms),
            // Such a file fails its check; the page must still stand.
            _ => (0, 0),
        };
        Self { name: name.clone(), entries, relations: gathered.relations.clone(), now }
    }
}

/// All member versions in the bundle, by member, ascending by index.
fn members(gathered: &Gathered) -> BTreeMap<Key, Vec<(u64, &Member)>> {
    let mut members: BTreeMap<Key, Vec<(u64, &Member)>> = BTreeMap::new();
    for (index, entry) in &gathered.entries {
        if let Body::Member(member) = &entry.body {
            members.entry(member.key()).or_default().push((*index, member));
        }
    }
    members
}

/// The version that governs an entry: the last with a lower index.
fn governing(members: &BTreeMap<Key, Vec<(u64, &Member)>>, key: &Key, index: u64) -> Option<(u64, Member)> {
    let before = members.get(key)?.iter().rev().find(|(at, _)| *at < index)?;
    Some((before.0, before.1.clone()))
}

/// Whether the author's key could sign then, by all that is known now: as `ledger::verify` decides which alerts are in force.
fn could_sign(members: &BTreeMap<Key, Vec<(u64, &Member)>>, key: &Key, author: Option<&(u64, Member)>, logged_ms: u64) -> bool {
    let Some((_, governing)) = author else { return false };
    let stolen = |version: &Member| {
        version.public_key == governing.public_key && version.status == Status::Compromised && version.since <= logged_ms
    };
    governing.may_sign(logged_ms) && !members.get(key).is_some_and(|versions| versions.iter().any(|(_, version)| stolen(version)))
}
