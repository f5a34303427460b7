//! The rules that tie public lines to the signed fields of their entry.

use core::fmt;

use super::{PublicPart, rfc3339_ms};
use crate::entry::{Action, Class, Event, Kind, ref_role};
use crate::name::Name;
use crate::text::{cut, place};

/// How a public part can contradict its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disagreement {
    /// `/eventTime` (in a void: `/errorDeclaration/declarationTime`) is not `event_ms`.
    Time,
    /// `/bizStep` and `/disposition` give another class.
    Class,
    /// `@parent`, `@batch` or `@input` is not what the entry references.
    Name,
    /// ilmd's lotNumber is not the batch's.
    Lot,
}

impl fmt::Display for Disagreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "the time in the public lines is not the signed time",
            Self::Class => "business step and disposition do not give the signed class",
            Self::Name => "a name in the public lines is not the one referenced",
            Self::Lot => "the lot number in the public lines is not that of the referenced batch",
        })
    }
}

impl core::error::Error for Disagreement {}

/// Business steps that move things (CBV 2.0, 7.1).
const MOVEMENTS: &str = "accepting arriving cross_docking departing loading picking receiving shipping staging_outbound stocking storing transporting unloading";
/// Dispositions that say something is wrong (CBV 2.0, 7.2), besides `mismatch_…`.
const ALERTS: &str = "recalled stolen damaged expired no_pedigree_match non_conformant non_sellable_other needs_replacement";

/// The class that business step and disposition give; terms bare, as URN or as web URI.
pub fn class_of(action: Action, biz_step: Option<&str>, disposition: Option<&str>) -> Class {
    let disposition = disposition.map_or("", term);
    if disposition.starts_with("mismatch_") || listed(ALERTS, disposition) {
        Class::Alert
    } else if action == Action::Observe && listed(MOVEMENTS, biz_step.map_or("", term)) {
        Class::Movement
    } else {
        Class::Ordinary
    }
}

fn listed(list: &str, term: &str) -> bool {
    place(list, term) != usize::MAX
}

/// The bare term of `receiving`, `urn:epcglobal:cbv:bizstep:receiving`, `https://ref.gs1.org/cbv/BizStep-receiving`.
fn term(text: &str) -> &str {
    last(text, b":/-")
}

/// What stands behind the last of these characters.
fn last<'a>(text: &'a str, at: &[u8]) -> &'a str {
    let mut rest = text;
    while let Some((_, after)) = cut(rest, at) {
        rest = after;
    }
    rest
}

impl PublicPart {
    /// Checks these lines against the entry that commits to them. `@product` is checked where the subject is known.
    pub fn check_against(&self, event: &Event) -> Result<(), Disagreement> {
        let time = if event.kind == Kind::Void { "/errorDeclaration/declarationTime" } else { "/eventTime" };
        if self.get(time).is_some_and(|time| rfc3339_ms(time) != Some(event.event_ms)) {
            return Err(Disagreement::Time);
        }
        let said = event.kind as u8 <= Kind::Association as u8 && event.class != Class::AlertWithdrawn;
        if said && class_of(event.action, self.get("/bizStep"), self.get("/disposition")) != event.class {
            return Err(Disagreement::Class);
        }
        let mut batch = None;
        for line in &self.lines {
            let role = match line.pointer.as_str() {
                "@parent" => ref_role::PARENT,
                "@batch" => ref_role::BATCH,
                "@input" => ref_role::INPUT,
                _ => continue,
            };
            let name = Name::from_digital_link_path(&line.value).map_err(|_| Disagreement::Name)?;
            let key = name.key();
            if !event.refs.iter().any(|r| r.role == role && r.key == key) {
                return Err(Disagreement::Name);
            }
            if role == ref_role::BATCH {
                batch = Some(name);
            }
        }
        batch.map_or(Ok(()), |batch| self.check_lot(&batch))
    }

    fn check_lot(&self, batch: &Name) -> Result<(), Disagreement> {
        let Name::Gs1(fields) = batch else {
            return Err(Disagreement::Name);
        };
        for line in &self.lines {
            let lot = line.pointer.strip_prefix("/ilmd/").is_some_and(|p| last(p, b":") == "lotNumber");
            if lot && !fields.iter().any(|(ai, value)| ai == "10" && *value == line.value) {
                return Err(Disagreement::Lot);
            }
        }
        Ok(())
    }
}
