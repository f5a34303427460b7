//! The public part of an event: one signed line per fact, which a page may show.
//!
//! `pointer TAB type value LF`, sorted by bytes, no pointer twice. The pointer is the JSON Pointer into the EPCIS event;
//! names that only their hashes are signed of stand as `@parent`, `@batch`, `@input`, `@product` with a Digital Link path.

mod agree;
mod time;

use crate::prelude::*;

use crate::name::is_plain;
use crate::text::{cut, utf8};

pub use agree::{Disagreement, class_of};
pub use time::rfc3339_ms;

/// Most bytes of a public part: a page that shows more than this is no longer read, and a phone must hold a thousand.
pub const MAX_PUBLIC_PART: usize = 16 * 1024;

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// A string.
    Str,
    /// A number, as it was written.
    Num,
    /// `true` or `false`.
    Bool,
    /// A canonical Digital Link path; only under an `@` pointer.
    Name,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// JSON Pointer, or `@parent`, `@batch`, `@input`, `@product`.
    pub pointer: String,
    /// Kind of value.
    pub kind: LineKind,
    /// The value, not escaped.
    pub value: String,
}

/// All public facts of an event, in canonical order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicPart {
    lines: Vec<Line>,
}

reasons! {
    /// Why lines are no public part.
    PublicError {
        Utf8 "the public part is not UTF-8",
        TooLong "the public part is longer than 16 KiB",
        Line "a public line is not `pointer TAB type value LF`",
        Pointer "a public line's pointer begins neither with / nor is it @parent, @batch, @input or @product",
        Value "a public value does not fit its type or has control characters",
        Order "public lines are not sorted, or a pointer occurs twice",
    }
}

impl Line {
    /// A line with a string.
    pub fn text(pointer: impl Into<String>, value: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), kind: LineKind::Str, value: value.into() }
    }

    /// A line with a name: `pointer` is `@parent`, `@batch`, `@input` or `@product`.
    pub fn name(pointer: impl Into<String>, path: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), kind: LineKind::Name, value: path.into() }
    }

    fn check(&self) -> Result<(), PublicError> {
        let name = matches!(self.pointer.as_str(), "@parent" | "@batch" | "@input" | "@product");
        if name != (self.kind == LineKind::Name) || !(name || self.pointer.starts_with('/')) || !is_plain(&self.pointer) {
            return Err(PublicError::Pointer);
        }
        let value = self.value.as_str();
        let fits = match self.kind {
            LineKind::Str => value.bytes().all(|b| matches!(b, b'\t' | b'\n' | b'\r') || b >= 0x20 && b != 0x7f),
            LineKind::Num => !value.is_empty() && value.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')),
            LineKind::Bool => matches!(value, "true" | "false"),
            LineKind::Name => value.starts_with('/') && is_plain(value),
        };
        if fits { Ok(()) } else { Err(PublicError::Value) }
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.pointer.as_bytes());
        out.push(b'\t');
        match self.kind {
            LineKind::Str => out.push(b's'),
            LineKind::Num => out.push(b'n'),
            LineKind::Bool => out.push(b'b'),
            LineKind::Name => {}
        }
        escape(&self.value, out);
        out.push(b'\n');
    }

    fn order(&self) -> (&[u8], &[u8]) {
        (self.pointer.as_bytes(), self.value.as_bytes())
    }
}

impl PublicPart {
    /// Sorts the lines and checks them.
    pub fn build(mut lines: Vec<Line>) -> Result<Self, PublicError> {
        lines.sort_by(|a, b| a.order().cmp(&b.order()));
        let part = Self { lines };
        part.check()?;
        Ok(part)
    }

    /// Reads the bytes; only the canonical form is accepted.
    pub fn parse(bytes: &[u8]) -> Result<Self, PublicError> {
        if bytes.len() > MAX_PUBLIC_PART {
            return Err(PublicError::TooLong);
        }
        let text = utf8(bytes).ok_or(PublicError::Utf8)?;
        let mut lines = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (line, after) = cut(rest, b"\n").ok_or(PublicError::Line)?;
            rest = after;
            let (pointer, value) = cut(line, b"\t").ok_or(PublicError::Line)?;
            let (kind, value) = if pointer.starts_with('@') {
                (LineKind::Name, value)
            } else {
                let kind = match value.as_bytes().first() {
                    Some(b's') => LineKind::Str,
                    Some(b'n') => LineKind::Num,
                    Some(b'b') => LineKind::Bool,
                    _ => return Err(PublicError::Line),
                };
                (kind, value.get(1..).unwrap_or_default())
            };
            lines.push(Line { pointer: pointer.to_owned(), kind, value: unescape(value)? });
        }
        let part = Self { lines };
        part.check()?;
        Ok(part)
    }

    fn check(&self) -> Result<(), PublicError> {
        for line in &self.lines {
            line.check()?;
        }
        for pair in self.lines.windows(2) {
            let once = pair[0].pointer != pair[1].pointer || pair[0].pointer == "@input";
            if pair[0].order() >= pair[1].order() || !once {
                return Err(PublicError::Order);
            }
        }
        Ok(())
    }

    /// The bytes that are committed to.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for line in &self.lines {
            line.write(&mut out);
        }
        out
    }

    /// The lines, sorted.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The value at a pointer; for `@input` the first.
    pub fn get(&self, pointer: &str) -> Option<&str> {
        self.lines.iter().find(|line| line.pointer == pointer).map(|line| line.value.as_str())
    }
}

/// Writes text so that it stays on one line and in one column.
pub fn escape(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            _ => out.push(byte),
        }
    }
}

fn unescape(text: &str) -> Result<String, PublicError> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'\\' => match bytes.next() {
                Some(b'\\') => b'\\',
                Some(b't') => b'\t',
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                _ => return Err(PublicError::Value),
            },
            // A raw TAB or CR would give the same text a second form.
            b'\t' | b'\r' => return Err(PublicError::Value),
            byte => byte,
        });
    }
    // ASCII stands in the place of ASCII, so it stays UTF-8.
    utf8(&out).map(ToOwned::to_owned).ok_or(PublicError::Utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<PublicPart, PublicError> {
        PublicPart::parse(text.as_bytes())
    }

    #[test]
    fn lines_are_sorted_escaped_and_read_back() {
        let part = PublicPart::build(vec![
            Line::text("/b", "one\ttwo\nthree\\"),
            Line { pointer: "/a".into(), kind: LineKind::Num, value: "-1.50e3".into() },
            Line { pointer: "/a/x".into(), kind: LineKind::Bool, value: "true".into() },
            Line::name("@input", "/01/09506000134352/21/2"),
            Line::name("@input", "/01/09506000134352/21/1"),
        ])
        .unwrap();
        let bytes = part.encode();
        assert_eq!(
            String::from_utf8(bytes.clone()).unwrap(),
            "/a\tn-1.50e3\n/a/x\tbtrue\n/b\tsone\\ttwo\\nthree\\\\\n@input\t/01/09506000134352/21/1\n@input\t/01/09506000134352/21/2\n"
        );
        assert_eq!(PublicPart::parse(&bytes), Ok(part.clone()));
        assert_eq!(part.get("/a"), Some("-1.50e3"));
        let mut sorted: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
        sorted.sort();
        assert_eq!(sorted.concat(), bytes);
    }

    #[test]
    fn other_forms_are_refused() {
        for (text, error) in [
            ("/a\tsx", PublicError::Line),
            ("/a\n", PublicError::Line),
            ("/a\tx\n", PublicError::Line),
            ("a\tsx\n", PublicError::Pointer),
            ("@other\t/01/1\n", PublicError::Pointer),
            ("/a\tbyes\n", PublicError::Value),
            ("/a\tn\n", PublicError::Value),
            ("/a\ts\\x\n", PublicError::Value),
            ("/a\tsa\tb\n", PublicError::Value),
            ("/a\ts\u{1}\n", PublicError::Value),
            ("/b\ts\n/a\ts\n", PublicError::Order),
            ("/a\tsx\n/a\tsy\n", PublicError::Order),
            ("@batch\t/01/1\n@batch\t/01/2\n", PublicError::Order),
        ] {
            assert_eq!(parse(text), Err(error), "{text:?}");
        }
        assert_eq!(PublicPart::parse(b"/a\ts\xff\n"), Err(PublicError::Utf8));
        assert_eq!(parse(""), Ok(PublicPart::default()));
    }
}
