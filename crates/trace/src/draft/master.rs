//! Master data of a product or batch as a kind 8 draft.

use ledger::Hash;
use ledger::entry::{Action, Class, Kind, record_role};
use ledger::public::Line;

use super::lines::{build, escape, flatten};
use super::{About, Draft, DraftError, Subjects};
use crate::epcis::{Product, cbv_attribute, language_of};

/// Attribute `lp:name/en` becomes the line `/name/en`; `at_ms` is when it was said (the document's creationDate). The event id is
/// made of name, time and content, so that the same document twice is one entry.
pub fn master_data(product: &Product, at_ms: u64) -> Result<Draft, DraftError> {
    let mut lines = Vec::new();
    for attribute in &product.attributes {
        let pointer = match attribute.id.strip_prefix("lp:") {
            Some(own) => own.split('/').fold(String::new(), |pointer, part| pointer + "/" + &escape(part)),
            None => format!("/{}", escape(&attribute.id)),
        };
        flatten(&pointer, &attribute.value, &mut lines);
    }
    // The standard's own name, where the page's words give none.
    if !lines.iter().any(|line| line.pointer.starts_with("/name/"))
        && let Some(name) = cbv_attribute(&product.attributes, "descriptionShort")
    {
        lines.push(Line::text(format!("/name/{}", language_of(name)), name));
    }
    let subject = &product.name;
    if let Some(path) = subject.product().and_then(|product| product.digital_link_path()) {
        lines.push(Line::name("@product", path));
    }
    let public = build(lines)?;
    let source = serde_json::to_vec(&product.json).expect("a JSON value that was read can be written");
    let path = subject.digital_link_path().ok_or(DraftError::NoSubject)?;
    Ok(Draft {
        kind: Kind::MasterData,
        action: Action::None,
        class: Class::Ordinary,
        event_id: Some(format!("master data of {path} {at_ms} {}", ledger::hash(&source))),
        hash_id: String::new(),
        event_ms: at_ms,
        chunk: 0,
        chunks: 1,
        source_in: 0,
        target: Hash::ZERO,
        subjects: Subjects::Named { refs: Vec::new(), records: vec![About::of(record_role::OBJECT, subject)] },
        public,
        source: source.into(),
    })
}
