//! Checkpoints: the log's name, size and root as three lines of text (tlog-checkpoint).

use super::{NoteError, base64, decimal};
use crate::hash::Hash;
use crate::prelude::*;
use crate::text::cut;

/// What a log says of itself. Extension lines, which nobody could audit, are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads a note's text.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let read = || {
            let (origin, rest) = cut(text, b"\n")?;
            let (size, rest) = cut(rest, b"\n")?;
            let root = rest.strip_suffix('\n')?;
            if origin.is_empty() {
                return None;
            }
            let root = Hash::from_slice(&base64::decode(root)?)?;
            Some(Self { origin: origin.to_owned(), size: decimal::parse(size)?, root })
        };
        read().ok_or(NoteError::BadCheckpoint)
    }

    /// Reads the text of any log that keeps to tlog-checkpoint, whose own lines may follow the three. Whoever co-signs such a text says
    /// nothing of them.
    #[cfg(not(feature = "small"))]
    pub fn parse_any(text: &str) -> Result<Self, NoteError> {
        let mut ends = text.match_indices('\n').map(|(at, _)| at + 1);
        let (own, extensions) = ends.nth(2).and_then(|end| text.split_at_checked(end)).ok_or(NoteError::BadCheckpoint)?;
        let whole = extensions.is_empty() || extensions.ends_with('\n');
        if !whole || extensions.split_terminator('\n').any(str::is_empty) {
            return Err(NoteError::BadCheckpoint);
        }
        Self::parse(own)
    }

    /// The note's text. The origin must be one line; a log's key name always is.
    pub fn encode(&self) -> String {
        let mut text = self.origin.clone();
        text.push('\n');
        decimal::push(self.size, &mut text);
        text.push('\n');
        base64::encode(self.root.as_bytes(), &mut text);
        text.push('\n');
        text
    }
}
