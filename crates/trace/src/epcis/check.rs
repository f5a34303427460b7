//! What a check has found, and the small checks that all fields share.

use std::fmt;

use serde_json::{Map, Value};

/// One thing wrong with a document, an event or a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Position of the event in the list, from 0; `None` for the document itself.
    pub event: Option<usize>,
    /// The event's id, where it has one.
    pub event_id: Option<String>,
    /// JSON Pointer into the event (or the document).
    pub field: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.event, &self.event_id) {
            (Some(index), Some(id)) => write!(f, "event {} ({id}), ", index + 1)?,
            (Some(index), None) => write!(f, "event {}, ", index + 1)?,
            (None, _) => f.write_str("document, ")?,
        }
        let field = if self.field.is_empty() { "/" } else { &self.field };
        write!(f, "field {field}: {}", self.message)
    }
}

/// Collects the problems of one event or document.
#[derive(Debug)]
pub(super) struct Check {
    event: Option<usize>,
    event_id: Option<String>,
    pub(super) problems: Vec<Problem>,
}

/// A long list of wrong values is cut off here; the rest would say the same.
const MAX_PROBLEMS: usize = 50;

/// Characters of an id or a field that a problem repeats, and a fifth of those of its message: a value may be of megabytes.
const TOLD_CHARS_MAX: usize = 200;

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl Check {
    pub(super) fn new(event: Option<usize>, event_id: Option<String>) -> Self {
        Self { event, event_id: event_id.map(|id| cut(&id, TOLD_CHARS_MAX)), problems: Vec::new() }
    }

    pub(super) fn add(&mut self, field: &str, message: impl Into<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            let (field, message) = (cut(field, TOLD_CHARS_MAX), cut(&message.into(), 5 * TOLD_CHARS_MAX));
            self.problems.push(Problem { event: self.event, event_id: self.event_id.clone(), field, message });
        }
    }

    /// Every field must be one of `known`, or (if `extensible`) carry a namespace.
    pub(super) fn names(&mut self, at: &str, object: &Map<String, Value>, known: &[&str], extensible: bool) {
        for name in object.keys().filter(|name| !known.contains(&name.as_str()) && !is_comment(name)) {
            let field = format!("{at}/{}", token(name));
            if !extensible {
                self.add(&field, format!("unknown field; only {} may stand here", known.join(", ")));
            } else if !is_uri(name) {
                self.add(
                    &field,
                    "unknown field without a namespace; write your own fields as prefix:name and declare the prefix in @context",
                );
            }
        }
    }

    pub(super) fn object<'a>(&mut self, at: &str, value: &'a Value) -> Option<&'a Map<String, Value>> {
        if !value.is_object() {
            self.add(at, "must be an object { … }");
        }
        value.as_object()
    }

    pub(super) fn list<'a>(&mut self, at: &str, value: &'a Value) -> &'a [Value] {
        if !value.is_array() {
            self.add(at, "must be a list [ … ]");
        }
        value.as_array().map_or(&[], Vec::as_slice)
    }

    pub(super) fn text<'a>(&mut self, at: &str, value: &'a Value) -> Option<&'a str> {
        if !value.is_string() {
            self.add(at, "must be a text in quotes");
        }
        value.as_str()
    }

    /// A text that fits a rule, or the message.
    pub(super) fn text_that(&mut self, at: &str, value: &Value, fits: impl Fn(&str) -> bool, message: &str) {
        if let Some(text) = self.text(at, value)
            && !fits(text)
        {
            self.add(at, message);
        }
    }

    pub(super) fn uri(&mut self, at: &str, value: &Value) {
        if let Some(text) = self.text(at, value)
            && !is_uri(text)
        {
            self.add(at, format!("{text:?} is no URI; it needs a scheme (https:, urn:) and no spaces"));
        }
    }

    pub(super) fn time(&mut self, at: &str, value: &Value) {
        if let Some(text) = self.text(at, value)
            && crate::time::instant(text).is_none()
        {
            self.add(at, format!("{text:?} is no time; write it like 2026-11-09T06:40:00+08:00, with seconds and offset"));
        }
    }

    pub(super) fn date(&mut self, at: &str, value: &Value) {
        if let Some(text) = self.text(at, value)
            && (text.len() != 10 || crate::time::date(text).is_none())
        {
            self.add(at, format!("{text:?} is no date; write it like 2026-12-13"));
        }
    }

    pub(super) fn number(&mut self, at: &str, value: &Value) {
        if !value.is_number() {
            self.add(at, "must be a number without quotes");
        }
    }
}

/// A remark beside the data, as people write it where JSON has none: it stays in the source record and is no fact.
pub(crate) fn is_comment(name: &str) -> bool {
    name.starts_with("_comment")
}

/// A name as one part of a JSON Pointer.
pub(crate) fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Whether the text is an absolute URI or a CURIE: a scheme, a colon, and only characters that URIs hold.
pub fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let scheme_fits =
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || b"+-._".contains(&c));
    let bytes = rest.as_bytes();
    let rest_fits = bytes.iter().enumerate().all(|(at, c)| match c {
        b'%' => bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        c => c.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(c),
    });
    scheme_fits && !rest.is_empty() && rest_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris() {
        for text in [
            "urn:uuid:1",
            "https://a/b?c#d",
            "ni:///sha-256;87b5?ver=CBV2.0",
            "example:x",
            "urn:epc:id:sgtin:1.2.a%2Fb",
            "urn:epc:idpat:sgtin:1.2.*",
        ] {
            assert!(is_uri(text), "{text}");
        }
        for text in ["", "abc", ":abc", "abc:", "1a:b", "a b:c", "a:b c", "a:%2", "a:牛", "a:<b>", "https://a/\"b\""] {
            assert!(!is_uri(text), "{text}");
        }
    }
}
