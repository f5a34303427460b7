//! Who signed, with which right: the member's versions, and the one that governs an entry.

use super::problem::Problem;
use super::{Check, Versions};
use crate::ed25519::verify_strict;
use crate::entry::{Action, Kind, Member, Status, message, record_role};
use crate::hash::Key;
use crate::name::Level;
use crate::prelude::*;
use crate::relations::{Required, Through};

impl Check {
    /// Reads every member's list once: versions contiguous from 1, each signed by governance.
    pub(super) fn read_members(&mut self) {
        let mut members = Vec::new();
        for list in &self.relations.lists {
            if list.through == Through::Member {
                members.push((list.key, self.versions(list)));
            }
        }
        self.members = members;
    }

    fn versions(&self, list: &Required) -> Versions {
        let content = self.bundle.list(&list.key).and_then(|list| list.content.as_ref());
        let mut versions = Vec::new();
        for row in &content.ok_or(Problem::MemberUnknown)?.rows {
            let member = self.member(row.index).ok_or(Problem::MemberVersions)?;
            if member.key() != list.key || member.version as usize != versions.len() + 1 {
                return Err(Problem::MemberVersions);
            }
            if !self.signed(row.index, &self.governance, &member.signature) {
                return Err(Problem::MemberSignature);
            }
            versions.push(row.index);
        }
        Ok(versions)
    }

    /// Whether this key signed what the entry's leaf says.
    pub(super) fn signed(&self, index: u64, public_key: &[u8; 32], signature: &[u8; 64]) -> bool {
        let entry = self.bundle.entry(index);
        entry.is_some_and(|entry| verify_strict(public_key, &message(&entry.leaf, self.origin()), signature))
    }

    #[inline(never)]
    fn versions_of(&self, member: &Key) -> Result<&[u64], Problem> {
        for (key, versions) in &self.members {
            if key == member {
                return match versions {
                    Ok(versions) => Ok(versions),
                    Err(problem) => Err(*problem),
                };
            }
        }
        Err(Problem::MemberUnknown)
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

    /// Step 10: who issued this item, and with which right.
    pub(super) fn find_issuers(&mut self) {
        if self.subject.level() != Level::Item {
            return;
        }
        let gtin = self.subject.gtin().unwrap_or_default().to_owned();
        let key = self.subject.key();
        let (mut issued, mut foreign) = (Vec::new(), Vec::new());
        for related in &self.relations.entries {
            let Some((logged_ms, event)) = self.event(related.index) else {
                continue;
            };
            let made = event.kind == Kind::Object && event.action == Action::Add && related.role & record_role::OBJECT != 0
                || event.kind == Kind::Transformation && related.role & record_role::OUTPUT != 0;
            if !made || related.owner != key || related.voided_by.is_some() {
                continue;
            }
            let by_right = self.author(&event.member, related.index, logged_ms).is_ok_and(|(_, m)| m.owns(&gtin));
            if by_right { issued.push(related.index) } else { foreign.push(related.index) }
        }
        (self.issued, self.foreign) = (issued, foreign);
    }
}
