//! What the server tells a member of rights (`GET /rights`), so that the member can sign on its own side, where there is no ledger.

use std::collections::BTreeMap;

use engine::RightsNow;
use ledger::Key;
use ledger::entry::role;
use ledger::name::Name;
use serde::{Deserialize, Serialize};
use trace::rights::{right_words, rights_of};

use crate::handover;

/// What a member knows of rights on its own side, as the server tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The ledger's name, which every signature covers.
    pub origin: String,
    /// The member.
    pub member: String,
    /// Its governance roles that matter, as in its MEMBER entry.
    pub roles: u16,
    /// Of an independent: levels.
    pub levels: u8,
    /// Of an independent: scopes.
    pub scopes: Vec<String>,
    /// Prefix and id of its owner.
    pub owners: Vec<(String, String)>,
    /// What owners let the member say.
    pub grants: Vec<KnownGrant>,
    /// What the member lets others say; the next version of a permission has the next number.
    pub given: Vec<Given>,
    /// Prefixes that change hands, anybody's, and those that lately did; the newest first.
    #[serde(default)]
    pub handovers: Vec<KnownHandover>,
}

/// A prefix that changes hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownHandover {
    /// The prefix.
    pub prefix: String,
    /// Who had it.
    pub from: Option<String>,
    /// Who has it next.
    pub to: String,
    /// From when on, milliseconds since 1970.
    pub at_ms: u64,
}

/// A grant that the member gave, ended ones too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The partner's id.
    pub partner: String,
    /// Its newest version.
    pub version: u32,
    /// Words of its rights; none: ended.
    pub rights: Vec<String>,
    /// Beginnings of numbers; none: all.
    pub scopes: Vec<String>,
    /// First millisecond.
    pub valid_from: u64,
    /// Last.
    pub valid_until: u64,
}

/// A grant that the member holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownGrant {
    /// The owner's id.
    pub owner: String,
    /// Words of its rights.
    pub rights: Vec<String>,
    /// Beginnings of numbers; none: all of the owner's.
    pub scopes: Vec<String>,
    /// First millisecond.
    pub valid_from: u64,
    /// Last.
    pub valid_until: u64,
}

impl Known {
    /// What this member needs to know.
    pub fn of(origin: &str, rights: &RightsNow, id: &str, now_ms: u64) -> Self {
        let key = Name::member_key(id);
        let words = |bits| right_words(bits).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let gave = rights.grants_with(&key).filter(|grant| grant.owner == key);
        let given = gave.filter_map(|grant| {
            let partner = rights.member(&grant.partner)?.id.clone();
            Some(Given {
                partner,
                version: grant.version,
                rights: words(grant.rights),
                scopes: grant.scopes.clone(),
                valid_from: grant.valid_from,
                valid_until: grant.valid_until,
            })
        });
        let given = given.collect();
        let own = rights.member(&key);
        let mut owners: Vec<(String, String)> =
            rights.members().flat_map(|member| member.prefixes.iter().map(|prefix| (prefix.clone(), member.id.clone()))).collect();
        owners.sort();
        let held = rights.grants_with(&key).filter(|grant| grant.partner == key && grant.rights != 0);
        let grants = held.filter_map(|grant| {
            Some(KnownGrant {
                owner: rights.member(&grant.owner)?.id.clone(),
                rights: words(grant.rights),
                scopes: grant.scopes.clone(),
                valid_from: grant.valid_from,
                valid_until: grant.valid_until,
            })
        });
        let called = |key: &Key| rights.member(key).map(|member| member.id.clone());
        let handovers = handover::told(rights, now_ms).into_iter().filter_map(|change| {
            let from = change.from.as_ref().and_then(called);
            Some(KnownHandover { prefix: change.prefix, from, to: called(&change.to)?, at_ms: change.at_ms })
        });
        Self {
            origin: origin.to_owned(),
            given,
            member: id.to_owned(),
            roles: own.map_or(0, |own| own.roles),
            levels: own.map_or(0, |own| own.levels),
            scopes: own.map(|own| own.scopes.clone()).unwrap_or_default(),
            grants: grants.collect(),
            owners,
            handovers: handovers.collect(),
        }
    }

    /// The same as rights to resolve with.
    pub fn rights(&self) -> Result<RightsNow, String> {
        let mut rights = RightsNow::default();
        let mut owners: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        owners.entry(&self.member).or_default();
        for (prefix, owner) in &self.owners {
            owners.entry(owner).or_default().push(prefix.clone());
        }
        for (id, prefixes) in owners {
            let own = id == self.member;
            let (roles, levels) = if own { (self.roles, self.levels) } else { (role::MEMBER, 0) };
            rights.know_owner(id, prefixes, roles, levels, if own { self.scopes.clone() } else { Vec::new() });
        }
        let bits =
            |words: &[String]| rights_of(words.iter().map(String::as_str)).map_err(|word| format!("the right {word:?} is not known"));
        for KnownGrant { owner, rights: words, scopes, valid_from, valid_until } in &self.grants {
            rights.know_grant(owner, &self.member, bits(words)?, scopes.clone(), (*valid_from, *valid_until));
        }
        for Given { partner, rights: words, scopes, valid_from, valid_until, .. } in &self.given {
            rights.know_grant(&self.member, partner, bits(words)?, scopes.clone(), (*valid_from, *valid_until));
        }
        Ok(rights)
    }
}
