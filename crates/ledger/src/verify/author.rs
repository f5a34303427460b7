//! Who signed, with which right: the member's versions, and the one that governs an entry.

use super::Check;
use super::problem::Problem;
use crate::ed25519::verify_strict;
use crate::entry::{Action, Event, Kind, Member, Status, message, record_role};
use crate::hash::Key;
use crate::name::Level;
use crate::prefix::HANDOVER_MS;
use crate::prelude::*;
use crate::relations::{Related, Through};
use crate::standing::Standing;

impl Check {
    /// Checks every member's list once: versions contiguous from 1, each signed by governance, each where the log has it. Then those of
    /// grants: the same, signed by the owner's key of that time.
    pub(super) fn check_versions(&mut self) {
        for (key, rows) in &self.relations.members {
            if let Err(problem) = self.check_member(key, rows) {
                self.members.push((*key, problem));
            }
        }
        for (owner, partner, rows) in &self.relations.grants {
            if let Err(problem) = self.check_grant(owner, partner, rows) {
                self.grants.push((*owner, *partner, problem));
            }
        }
    }

    fn check_member(&self, key: &Key, rows: &[u64]) -> Result<(), Problem> {
        for (before, index) in rows.iter().enumerate() {
            let member = self.member(*index).ok_or(Problem::MemberVersions)?;
            if member.key() != *key || member.version as usize != before + 1 {
                return Err(Problem::MemberVersions);
            }
            if !self.signed(*index, self.governance.as_bytes(), &member.signature) {
                return Err(Problem::MemberSignature);
            }
            self.check_inclusion(*index)?;
        }
        Ok(())
    }

    fn check_grant(&self, owner: &Key, partner: &Key, rows: &[u64]) -> Result<(), Problem> {
        for (before, index) in rows.iter().enumerate() {
            let grant = self.granted(*index).ok_or(Problem::GrantVersions)?;
            let ours = grant.owner == *owner && grant.partner == *partner;
            if !ours || grant.version as usize != before + 1 {
                return Err(Problem::GrantVersions);
            }
            let logged_ms = self.get(*index).map_or(0, |entry| entry.logged_ms);
            let (_, by) = self.author(owner, *index, logged_ms)?;
            if !self.signed(*index, &by.public_key, &grant.signature) {
                return Err(Problem::GrantSignature);
            }
            self.check_inclusion(*index)?;
        }
        Ok(())
    }

    /// That the owners named by the proven prefixes are those whom governance gave them.
    pub(super) fn check_owners(&self) -> Result<(), Problem> {
        let Some(prefix) = self.relations.number.as_ref().and_then(|number| number.prefix.as_ref()) else {
            return Ok(());
        };
        for (key, _) in &self.relations.members {
            for (at, change) in prefix.changes.iter().enumerate().filter(|(_, change)| change.owner == *key) {
                let versions = self.versions_of(key)?;
                let until = prefix.changes.get(at + 1).map_or(u64::MAX, |next| next.from_index);
                // At that time, and in every version since, until it was somebody else's.
                let named = |index: &u64| self.member(*index).is_some_and(|m| m.owns(&prefix.digits));
                let mut meanwhile = versions.iter().filter(|index| (change.from_index..until).contains(index));
                let logged_ms = self.get(change.from_index).map_or(0, |entry| entry.logged_ms);
                let in_time = change.from_ms == if at == 0 { logged_ms } else { logged_ms.saturating_add(HANDOVER_MS) };
                if !in_time || !versions.contains(&change.from_index) || !meanwhile.all(named) {
                    return Err(Problem::OwnerNotNamed);
                }
            }
        }
        Ok(())
    }

    /// Whether this key signed what the entry's leaf says.
    pub(super) fn signed(&self, index: u64, public_key: &[u8; 32], signature: &[u8; 64]) -> bool {
        let entry = self.bundle.entry(index);
        entry.is_some_and(|entry| verify_strict(public_key, &message(&entry.leaf, self.origin()), signature))
    }

    /// Where a member's versions stand, if they are to be believed.
    #[inline(never)]
    fn versions_of(&self, member: &Key) -> Result<&[u64], Problem> {
        if let Some((_, problem)) = self.members.iter().find(|(key, _)| key == member) {
            return Err(*problem);
        }
        match self.relations.members.iter().find(|(key, _)| key == member) {
            Some((_, versions)) if !versions.is_empty() => Ok(versions),
            _ => Err(Problem::MemberUnknown),
        }
    }

    /// The version that governs an entry of this index, whether or not its key may sign.
    pub(super) fn governing(&self, member: &Key, index: u64) -> Result<(u64, &Member), Problem> {
        let versions = self.versions_of(member)?;
        let last = versions.iter().rev().find(|at| **at < index);
        last.and_then(|at| Some((*at, self.member(*at)?))).ok_or(Problem::MemberUnknown)
    }

    /// The governing version, if its key may sign at that time and had not been compromised.
    pub(super) fn author(&self, member: &Key, index: u64, logged_ms: u64) -> Result<(u64, &Member), Problem> {
        let (at, governing) = self.governing(member, index)?;
        if !governing.may_sign(logged_ms) {
            return Err(Problem::MemberNotValid);
        }
        for at in self.versions_of(member)? {
            let Some(version) = self.member(*at) else {
                continue;
            };
            let same_key = version.public_key == governing.public_key;
            if same_key && version.status == Status::Compromised && version.since <= logged_ms {
                return Err(Problem::KeyCompromised);
            }
        }
        Ok((at, governing))
    }

    /// The right by which an entry stands, whose grant has to be the owner's word.
    pub(super) fn check_right(&self, related: &Related, event: &Event) -> Result<(), Problem> {
        let (Some(_), Some(owner)) = (related.grant, related.authority.owner()) else {
            return Ok(());
        };
        match self.grants.iter().find(|(o, p, _)| o == owner && *p == event.member) {
            Some((_, _, problem)) => Err(*problem),
            // An erasure by one who may erase stands by the grant of its target's author, which is checked there.
            None => Ok(()),
        }
    }

    /// Step 10: who issued the subject. What has no standing is not among the entries.
    pub(super) fn find_issuers(&mut self) {
        let key = self.subject.key();
        let mut issued = Vec::new();
        for related in &self.relations.entries {
            let Some((_, event)) = self.event(related.index) else {
                continue;
            };
            let made = match event.kind {
                Kind::Object => event.action == Action::Add && related.role & record_role::OBJECT != 0,
                Kind::Transformation => related.role & record_role::OUTPUT != 0,
                // A partner's words for a product are no word of the owner that there is such a product.
                Kind::MasterData => {
                    self.subject.level() == Level::Product && (related.standing == Standing::Unowned || related.standing.binds())
                }
                _ => false,
            };
            let here = (made || related.through == Through::Made) && related.owner == key;
            if here && related.voided_by.is_none() && !event.corrects() {
                issued.push(related.index);
            }
        }
        self.issued = issued;
    }
}
