//! The public lines of an event.

use ledger::name::Name;
use ledger::public::{Line, LineKind, MAX_PUBLIC_PART, PublicPart};
use serde_json::Value;

use super::DraftError;
use crate::epcis::{CLASS_LISTS, Event, EventType, NO_LINES, Role, is_comment};
use crate::page::Words;
use crate::showable;

pub(super) fn public_part(event: &Event, batch: Option<&Name>, place: Option<&Words>, whole: bool) -> Result<PublicPart, DraftError> {
    let mut lines = Vec::new();
    for (name, value) in event.json.as_object().into_iter().flatten() {
        if NO_LINES.contains(&name.as_str()) || is_comment(name) {
            continue;
        }
        let pointer = format!("/{}", escape(name));
        if CLASS_LISTS.contains(&name.as_str()) {
            for (number, element) in value.as_array().into_iter().flatten().enumerate() {
                for field in ["quantity", "uom"] {
                    if let Some(value) = element.get(field) {
                        flatten(&format!("{pointer}/{number}/{field}"), value, &mut lines);
                    }
                }
            }
        } else {
            flatten(&pointer, value, &mut lines);
        }
    }
    for (language, word) in place.into_iter().flatten() {
        lines.push(Line::text(format!("/place/{}", escape(language)), word.as_str()));
    }
    names(event, batch, whole, &mut lines);
    let part = build(lines)?;
    showable::placed(&part)?;
    Ok(part)
}

/// Lines that name other things by their Digital Link path; in the entry itself only their hashes stand.
fn names(event: &Event, batch: Option<&Name>, whole: bool, lines: &mut Vec<Line>) {
    let mut push = |pointer: &str, name: &Name| lines.extend(name.digital_link_path().map(|path| Line::name(pointer, path)));
    if let Some(batch) = batch {
        push("@batch", batch);
    }
    let mut inputs: Vec<&Name> = Vec::new();
    for subject in &event.subjects {
        match subject.role {
            Role::Parent => push("@parent", &subject.name),
            // Chunks share their public part but not their inputs, so a chunk names none.
            Role::Input if whole && !inputs.contains(&&subject.name) => {
                inputs.push(&subject.name);
                push("@input", &subject.name);
            }
            _ => {}
        }
    }
    // True for every list the entry joins, or it would contradict the subject of one of them.
    let mut products = event.subjects.iter().map(|subject| subject.name.product());
    let first = products.next().flatten();
    if let Some(product) = first
        && event.event_type != EventType::Transformation
        && products.all(|other| other.as_ref() == Some(&product))
    {
        push("@product", &product);
    }
}

/// One line per value below `pointer`; null and empty containers give none.
pub fn flatten(pointer: &str, value: &Value, lines: &mut Vec<Line>) {
    let line = |kind, value: String| Line { pointer: pointer.to_owned(), kind, value };
    match value {
        Value::Null => {}
        Value::Bool(yes) => lines.push(line(LineKind::Bool, yes.to_string())),
        Value::Number(number) => lines.push(line(LineKind::Num, number.to_string())),
        Value::String(text) => lines.push(line(LineKind::Str, text.clone())),
        Value::Array(list) => list.iter().enumerate().for_each(|(number, one)| flatten(&format!("{pointer}/{number}"), one, lines)),
        Value::Object(object) => {
            for (name, one) in object.iter().filter(|(name, _)| !is_comment(name)) {
                flatten(&format!("{pointer}/{}", escape(name)), one, lines);
            }
        }
    }
}

/// Checks and sorts; a refusal names the line.
pub(super) fn build(lines: Vec<Line>) -> Result<PublicPart, DraftError> {
    if lines.len() > showable::LINES_MAX {
        let fault = showable::Fault::Lines(lines.len());
        return Err(showable::Unshowable { field: "/".to_owned(), fault }.into());
    }
    lines.iter().try_for_each(showable::plain)?;
    let part = PublicPart::build(lines)?;
    showable::lines(&part)?;
    if part.encode().len() > MAX_PUBLIC_PART { Err(DraftError::TooLong) } else { Ok(part) }
}

pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
