//! Signed lines as they are asked for: values by pointer, words by language, lists by number.

use ledger::public::PublicPart;

use super::{File, Format, Signed, SignedWords};

/// Languages that a pointer may end in.
pub(super) const LANGUAGES: [&str; 2] = ["en", "zh"];

/// The lines of one entry; empty where they were erased.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a>(pub(super) Option<&'a PublicPart>);

impl<'a> Lines<'a> {
    pub(super) fn get(&self, pointer: &str) -> Option<&'a str> {
        // Lines are sorted by their pointers; a record may hold two thousand.
        let lines = self.0?.lines();
        let at = lines.partition_point(|line| line.pointer.as_str() < pointer);
        lines.get(at).filter(|line| line.pointer == pointer).map(|line| line.value.as_str())
    }

    pub(super) fn pointers(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.map_or(&[][..], PublicPart::lines).iter().map(|line| line.pointer.as_str())
    }

    /// One value; the further pointers (unit, offset) are taken along where they exist.
    pub(super) fn one(&self, format: Format, pointer: &str, also: &[&str]) -> Option<Signed> {
        let mut signed = Signed { pointers: vec![pointer.to_owned()], values: vec![self.get(pointer)?.to_owned()], format };
        for pointer in also {
            if let Some(value) = self.get(pointer) {
                signed.pointers.push((*pointer).to_owned());
                signed.values.push(value.to_owned());
            }
        }
        Some(signed)
    }

    /// A time with the event's offset.
    pub(super) fn time(&self, pointer: &str) -> Option<Signed> {
        self.one(Format::Time, pointer, &["/eventTimeZoneOffset"])
    }

    /// A quantity where a unit is signed, else a number.
    pub(super) fn amount(&self, value: &str, unit: &str) -> Option<Signed> {
        let format = if self.get(unit).is_some() { Format::Quantity } else { Format::Number };
        self.one(format, value, &[unit])
    }

    pub(super) fn words(&self, stem: &str) -> SignedWords {
        LANGUAGES.iter().filter_map(|tag| Some(((*tag).to_owned(), self.one(Format::Text, &format!("{stem}/{tag}"), &[])?))).collect()
    }

    /// The numbers 0, 1, … under a list's pointer, in their order.
    pub(super) fn numbers(&self, list: &str) -> Vec<usize> {
        let below = format!("{list}/");
        let lines = self.0.map_or(&[][..], PublicPart::lines);
        let from = lines.partition_point(|line| line.pointer < below);
        let inside = lines[from..].iter().map_while(|line| line.pointer.strip_prefix(&below));
        let mut numbers: Vec<usize> = inside.filter_map(|rest| rest.split('/').next()?.parse().ok()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// A file under `stem`: `lp:file` with its type and size. Only a hash becomes a path on this server.
    pub(super) fn file(&self, stem: &str) -> Option<File> {
        let pointer = format!("{stem}/lp:file");
        let hash = self.get(&pointer)?;
        let is_hash = hash.len() == 64 && hash.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c));
        is_hash.then(|| File {
            hash: hash.to_owned(),
            media_type: self.get(&format!("{stem}/lp:fileType")).unwrap_or("application/octet-stream").to_owned(),
            bytes: self.get(&format!("{stem}/lp:fileBytes")).and_then(|bytes| bytes.parse().ok()),
            pointer,
        })
    }
}
