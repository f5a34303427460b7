//! The words of an entry: there, as signed, and in agreement with its signed fields.

use super::Check;
use super::problem::Problem;
use super::report::{Lines, Word};
use crate::entry::{Event, Part, part_kind, record_role, role};
use crate::hash::Key;
use crate::name::Name;
use crate::public::{Disagreement, PublicPart};
use crate::relations::Related;
use crate::text::nth;

impl Check {
    pub(super) fn check_parts(&self, index: u64, related: &Related, event: &Event) -> Result<(), Problem> {
        for part in &event.parts {
            let found = self.bundle.part(&part.commitment);
            if found.is_some_and(|found| !found.fits()) {
                return Err(Problem::PartChanged);
            }
            if part.kind != part_kind::PUBLIC {
                continue;
            }
            let Some(found) = found else {
                if self.was_erased(index, related, event, part) {
                    continue;
                }
                return Err(Problem::PartMissing);
            };
            let public = PublicPart::parse(&found.bytes).map_err(|_| Problem::PublicForm)?;
            public.check_against(event).map_err(|disagreement| match disagreement {
                Disagreement::Time => Problem::TimeDisagrees,
                Disagreement::Class => Problem::ClassDisagrees,
                Disagreement::Name => Problem::NameDisagrees,
                Disagreement::Lot => Problem::LotDisagrees,
            })?;
            self.check_product(related, &public)?;
        }
        Ok(())
    }

    /// `@product` is the subject's, where the entry makes or describes the subject.
    fn check_product(&self, related: &Related, public: &PublicPart) -> Result<(), Problem> {
        let Some(path) = public.get("@product") else {
            return Ok(());
        };
        let name = Name::from_digital_link_path(path).map_err(|_| Problem::NameDisagrees)?;
        let product = product_key(self);
        let own = related.owner == self.subject.key() || Some(related.owner) == product;
        let about = related.role & (record_role::OBJECT | record_role::OUTPUT) != 0;
        if own && about && product.is_some_and(|product| product != name.key()) {
            return Err(Problem::NameDisagrees);
        }
        Ok(())
    }

    /// True if an entry of kind 7 names this very commitment, by an author who may.
    fn was_erased(&self, index: u64, related: &Related, event: &Event, part: &Part) -> bool {
        let Some((by, (logged_ms, erasure))) = related.erased_by.and_then(|by| Some((by, self.event(by)?))) else {
            return false;
        };
        let names = erasure.parts.iter().any(|p| p.kind == part.kind | part_kind::ERASED && p.commitment == part.commitment);
        let may =
            erasure.member == event.member || self.author(&erasure.member, by, logged_ms).is_ok_and(|(_, m)| m.roles & role::ERASE != 0);
        names && may && index < by
    }

    /// The words that were verified.
    pub(super) fn public_lines(&self, lines: &mut Lines, i: u64, event: &Event) {
        for part in &event.parts {
            // Bytes that do not fit are nobody's words.
            let found = self.bundle.part(&part.commitment).filter(|found| found.fits());
            lines.kind(Word::Part).num(i).num(part.kind.into()).hex(part.commitment.as_bytes());
            match found {
                Some(found) => lines.hex(&found.salt[..]).end(),
                None => lines.word(Word::Nothing).end(),
            }
            let public = found.filter(|_| part.kind == part_kind::PUBLIC).map(|found| PublicPart::parse(&found.bytes));
            for line in public.iter().flatten().flat_map(|public| public.lines()) {
                lines.kind(Word::Line).num(i).field(&line.pointer).field(nth("s n b @", line.kind as usize));
                lines.field(&line.value).end();
            }
        }
    }
}

/// True if an erasure erases something, and nothing but parts of its target.
pub(crate) fn erases_only_own(erasure: &Event, target: &Event) -> bool {
    let erased = erasure.parts.iter().filter(|part| part.kind & part_kind::ERASED != 0);
    let own = |p: &Part| target.parts.iter().any(|t| t.commitment == p.commitment && t.kind | part_kind::ERASED == p.kind);
    let mut any = false;
    for part in erased {
        if !own(part) {
            return false;
        }
        any = true;
    }
    any
}

/// The key of the subject's product, where there is one.
fn product_key(check: &Check) -> Option<Key> {
    check.subject.product().map(|product| product.key())
}
