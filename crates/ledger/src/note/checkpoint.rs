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

    /// The note's text. The origin must be one line; a log's key name always is.
    pub fn encode(&self) -> String {
        let mut text = self.origin.clone();
        text.push('\n');
        decimal::push(self.size, &mut text);
        text.push('\n');
        base64::encode(&self.root.0, &mut text);
        text.push('\n');
        text
    }
}
