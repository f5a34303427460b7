//! Reading a policy file.

use super::{Fresh, Group, Log, MAX_LINES_OF_A_KIND, MAX_POLICY_BYTES, Member, MlDsa, Policy, PolicyError, PolicyProblem, Quorum, Witness};
use crate::ed25519::PublicKey;
use crate::note::{KeyKind, VKey, decimal};
use crate::prelude::*;
use crate::text::{self, cut, utf8};

/// Names that cannot be given.
const NONE: &str = "none";
const PENDING: &str = "pending";

impl Policy {
    /// Reads a policy file.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyError> {
        let whole = |problem| PolicyError { line: 0, problem };
        if bytes.len() > MAX_POLICY_BYTES {
            return Err(whole(PolicyProblem::TooLarge));
        }
        let text = utf8(bytes).ok_or_else(|| whole(PolicyProblem::NotText))?;
        let mut reader = Reader::default();
        let (mut line, mut rest) = (1, text);
        while !rest.is_empty() {
            let result = match cut(rest, b"\n") {
                Some((content, after)) => {
                    rest = after;
                    reader.line(content)
                }
                None => Err(PolicyProblem::NoFinalLineFeed),
            };
            result.map_err(|problem| PolicyError { line, problem })?;
            line += 1;
        }
        reader.finish().map_err(whole)
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    logs: Vec<Log>,
    governance: Option<VKey>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    quorum: Option<Quorum>,
    mirrors: Option<Member>,
    fresh: Option<Fresh>,
    keys_plain: bool,
    /// Public keys of all roles.
    keys: Vec<PublicKey>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), PolicyProblem> {
        if line.bytes().any(|byte| (byte < 0x20 && byte != b'\t') || byte == 0x7f) {
            return Err(PolicyProblem::ControlCharacter);
        }
        let (mut items, mut rest) = (Vec::new(), line);
        while !rest.is_empty() {
            let item = text::next(&mut rest, b" \t");
            if !item.is_empty() {
                items.push(item);
            }
        }
        let (keyword, items) = match items.as_slice() {
            [] => return Ok(()),
            [first, ..] if first.starts_with('#') => return Ok(()),
            [keyword, items @ ..] => (*keyword, items),
        };
        match (keyword, items) {
            ("log", [key, url @ ..]) => self.log(key, url),
            ("witness", [name, key, url @ ..]) => self.witness(name, key, url),
            ("group", [name, threshold, members @ ..]) => self.group(name, threshold, members),
            ("quorum", [name]) => self.quorum(name),
            ("governance", [key]) => {
                let vkey = self.key(key, KeyKind::Note)?;
                once(&mut self.governance, vkey)
            }
            ("mirrors", [name]) => {
                let member = self.find(name)?;
                once(&mut self.mirrors, member)
            }
            ("fresh", [warn, stale]) => {
                let ages = (decimal::parse(warn), decimal::parse(stale));
                let (Some(warn_s @ 1..), Some(stale_s)) = ages else {
                    return Err(PolicyProblem::BadFresh);
                };
                if warn_s > stale_s {
                    return Err(PolicyProblem::BadFresh);
                }
                once(&mut self.fresh, Fresh { warn_s, stale_s })
            }
            ("keys", [_]) if self.keys_plain => Err(PolicyProblem::Twice),
            ("keys", ["plain"]) => {
                self.keys_plain = true;
                Ok(())
            }
            ("keys", [_]) => Err(PolicyProblem::KeysNotPlain),
            ("log" | "witness" | "group" | "quorum" | "governance" | "mirrors" | "fresh" | "keys", _) => Err(PolicyProblem::WrongItems),
            _ => Err(PolicyProblem::UnknownKeyword),
        }
    }

    fn log(&mut self, key: &str, url: &[&str]) -> Result<(), PolicyProblem> {
        let vkey = self.key(key, KeyKind::Note)?;
        let url = optional(url)?;
        push(&mut self.logs, Log { vkey, url })
    }

    fn witness(&mut self, name: &str, key: &str, url: &[&str]) -> Result<(), PolicyProblem> {
        let vkey = self.key(key, KeyKind::Cosignature)?;
        if self.witnesses.iter().any(|witness| witness.vkey.name() == vkey.name()) {
            return Err(PolicyProblem::KeyNameTaken);
        }
        let witness = Witness { name: self.new_name(name)?, vkey, url: optional(url)? };
        push(&mut self.witnesses, witness)
    }

    fn group(&mut self, name: &str, threshold: &str, member_names: &[&str]) -> Result<(), PolicyProblem> {
        let name = self.new_name(name)?;
        let mut members = Vec::new();
        for member_name in member_names {
            let member = self.find(member_name)?;
            let elsewhere = self.groups.iter().any(|group| group.members.contains(&member));
            if elsewhere || members.contains(&member) {
                return Err(PolicyProblem::AlreadyMember);
            }
            members.push(member);
        }
        let threshold = match threshold {
            "any" => 1,
            "all" => members.len() as u64,
            number => decimal::parse(number).ok_or(PolicyProblem::BadThreshold)?,
        };
        // Also refuses a group without members.
        if threshold == 0 || threshold > members.len() as u64 {
            return Err(PolicyProblem::BadThreshold);
        }
        push(&mut self.groups, Group { name, threshold: threshold as usize, members })
    }

    fn quorum(&mut self, name: &str) -> Result<(), PolicyProblem> {
        let quorum = match name {
            NONE => return Err(PolicyProblem::QuorumNone),
            PENDING => Quorum::Pending,
            _ => Quorum::Of(self.find(name)?),
        };
        once(&mut self.quorum, quorum)
    }

    /// A key of this kind that no earlier line has, in any role.
    fn key(&mut self, text: &str, kind: KeyKind) -> Result<VKey, PolicyProblem> {
        let vkey = VKey::parse(text).map_err(PolicyProblem::BadKey)?;
        let fits = vkey.kind() == kind || (kind == KeyKind::Cosignature && vkey.kind() == KeyKind::PostQuantum);
        if !fits {
            return Err(PolicyProblem::WrongKeyKind);
        }
        if self.keys.contains(vkey.public()) {
            return Err(PolicyProblem::KeyTaken);
        }
        self.keys.push(*vkey.public());
        Ok(vkey)
    }

    fn new_name(&self, name: &str) -> Result<String, PolicyProblem> {
        match self.given(name)? {
            None => Ok(name.to_owned()),
            Some(_) => Err(PolicyProblem::NameTaken),
        }
    }

    fn find(&self, name: &str) -> Result<Member, PolicyProblem> {
        self.given(name)?.ok_or(PolicyProblem::UnknownName)
    }

    /// Whose name this is; nobody's, if it can be given.
    fn given(&self, name: &str) -> Result<Option<Member>, PolicyProblem> {
        if name == NONE || name == PENDING {
            return Err(PolicyProblem::ReservedName);
        }
        let witness = self.witnesses.iter().position(|witness| witness.name == name).map(Member::Witness);
        let group = || self.groups.iter().position(|group| group.name == name).map(Member::Group);
        Ok(witness.or_else(group))
    }

    fn finish(self) -> Result<Policy, PolicyProblem> {
        if self.logs.is_empty() {
            return Err(PolicyProblem::NoLog);
        }
        Ok(Policy {
            logs: self.logs,
            governance: self.governance.ok_or(PolicyProblem::NoGovernance)?,
            witnesses: self.witnesses,
            groups: self.groups,
            quorum: self.quorum.ok_or(PolicyProblem::NoQuorum)?,
            mirrors: self.mirrors,
            fresh: self.fresh.unwrap_or_default(),
            ml_dsa: MlDsa::default(),
        })
    }
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result<(), PolicyProblem> {
    if slot.is_some() {
        return Err(PolicyProblem::Twice);
    }
    *slot = Some(value);
    Ok(())
}

fn push<T>(list: &mut Vec<T>, value: T) -> Result<(), PolicyProblem> {
    if list.len() == MAX_LINES_OF_A_KIND {
        return Err(PolicyProblem::TooMany);
    }
    list.push(value);
    Ok(())
}

fn optional(url: &[&str]) -> Result<Option<String>, PolicyProblem> {
    match url {
        [] => Ok(None),
        [url] => Ok(Some((*url).to_owned())),
        _ => Err(PolicyProblem::WrongItems),
    }
}
