//! Who may speak about whose goods, as of one version of the ledger: members, prefixes, grants. Cheap to clone.

use std::collections::HashMap;
use std::sync::Arc;

use ledger::Key;
use ledger::audit::{is_limited, public_part_max};
use ledger::entry::{Authority, Class, Custody, Event, Grant, Member, Status};
use ledger::name::Name;
use ledger::prefix::Register;
use ledger::standing::Rights;

use super::submission::SubmitError;

/// Members, prefixes and grants.
#[derive(Clone, Debug, Default)]
pub struct RightsNow {
    /// Prefixes, with their owners.
    pub register: Arc<Register>,
    /// The newest version of each member.
    members: Arc<HashMap<Key, Member>>,
    /// The newest version of each grant.
    grants: Arc<HashMap<(Key, Key), Grant>>,
    /// How many versions of members and grants were taken.
    changes: u64,
}

impl RightsNow {
    /// How many versions of members and grants there are: another number, other rights.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// The newest version of a member.
    pub fn member(&self, key: &Key) -> Option<&Member> {
        self.members.get(key)
    }

    /// The id of a member; empty where nobody has the key.
    pub(crate) fn id_of(&self, key: &Key) -> String {
        self.member(key).map_or_else(String::new, |member| member.id.clone())
    }

    /// The newest versions of all members.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    /// The owner of a number, for the next entry.
    pub fn owner(&self, digits: &str, now_ms: u64) -> Option<&Member> {
        self.members.get(&self.owner_key(digits, now_ms)?)
    }

    /// Its key.
    pub fn owner_key(&self, digits: &str, now_ms: u64) -> Option<Key> {
        self.register.owner_at(digits, u64::MAX, now_ms)
    }

    /// The newest version of a grant, ended or not.
    pub fn grant_of(&self, owner: &Key, partner: &Key) -> Option<&Grant> {
        self.grants.get(&(*owner, *partner))
    }

    /// The newest versions of all grants.
    pub fn all_grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.values()
    }

    /// The newest versions of all grants that a member gave or has.
    pub fn grants_with(&self, member: &Key) -> impl Iterator<Item = &Grant> {
        self.all_grants().filter(move |grant| grant.owner == *member || grant.partner == *member)
    }

    /// Whether a partner has any of these rights over goods with this number, now.
    pub fn grants(&self, owner: &Key, partner: &Key, rights: u16, digits: &str, now_ms: u64) -> bool {
        self.grant_of(owner, partner).is_some_and(|grant| grant.rights_at(now_ms, Some(digits)) & rights != 0)
    }

    /// Whether a member's key signs no more.
    pub fn retired(&self, member: &Key) -> bool {
        self.members.get(member).is_none_or(|member| member.status != Status::Active)
    }

    /// Whether its author has a quota for what no page leaves out: not the owner, nor a regulator.
    pub fn limits(&self, event: &Event) -> bool {
        is_limited(event, self.members.get(&event.member))
    }

    /// Whether a public part of so many bytes is not too long for what its author says under these authorities.
    pub fn fits(&self, by: &Key, class: Class, authorities: &[Authority], bytes: usize) -> Result<(), SubmitError> {
        let limit = public_part_max(class, authorities, by, self.members.get(by));
        if bytes <= limit { Ok(()) } else { Err(SubmitError::LongAlert { bytes, limit }) }
    }

    /// Notes an owner of which nothing else is known: on a member's own side, where there is no ledger.
    pub fn know_owner(&mut self, id: &str, prefixes: Vec<String>, roles: u16, levels: u8, scopes: Vec<String>) {
        let member = Member {
            id: id.to_owned(),
            version: 1,
            status: Status::Active,
            custody: Custody::Own,
            roles,
            levels,
            scopes,
            valid_from: 0,
            valid_until: u64::MAX,
            since: 0,
            public_key: [0; 32],
            prefixes,
            names: Vec::new(),
            consent: None,
            signature: [0; 64],
        };
        self.take_member(&member, 0, 0);
    }

    /// Notes a grant of which nothing else is known.
    pub fn know_grant(&mut self, owner: &str, partner: &str, rights: u16, scopes: Vec<String>, (valid_from, valid_until): (u64, u64)) {
        let (owner, partner) = (Name::member_key(owner), Name::member_key(partner));
        self.take_grant(&Grant { owner, partner, version: 1, rights, valid_from, valid_until, scopes, signature: [0; 64] });
    }

    pub(crate) fn take_member(&mut self, member: &Member, index: u64, logged_ms: u64) {
        self.changes += 1;
        Arc::make_mut(&mut self.register).take(member, index, logged_ms);
        Arc::make_mut(&mut self.members).insert(member.key(), member.clone());
    }

    pub(crate) fn take_grant(&mut self, grant: &Grant) {
        self.changes += 1;
        Arc::make_mut(&mut self.grants).insert((grant.owner, grant.partner), grant.clone());
    }
}

impl Rights for RightsNow {
    fn is_free(&self, digits: &str, index: u64, logged_ms: u64) -> bool {
        self.register.is_free(digits, index, logged_ms)
    }

    fn gave_up(&self, owner: &Key) -> bool {
        self.register.gave_up(owner)
    }

    fn grant(&self, owner: &Key, partner: &Key) -> Option<Grant> {
        self.grant_of(owner, partner).cloned()
    }
}
