//! Proofs of what a map says about a key, their bytes, and their check against a map root.

use crate::prelude::*;
use core::fmt;

use super::label::{Label, bit};
use super::node::{Node, Slot};
use super::store::{MapNodes, MapReadError};
use super::{KEY_BITS, empty_root, label_node, missing_child};
use crate::bytes::{Reader, Truncated};
use crate::hash::{Hash, Key, hash_parts};

/// Most levels from the root to a leaf: one per bit of a key.
const MAX_LEVELS: usize = 256;

/// One node on the way from the root: the length of its label, and the hash of the child that the key is not under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    bit_len: u16,
    sibling: Hash,
}

/// What a map says about a key, with the hashes that lead to its root. Its form is right by construction: the levels
/// begin at the root and go down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapProof {
    levels: Vec<Level>,
    form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// 0: the map has no key at all.
    Empty,
    /// 1: the root has no child on the key's side.
    NoChild,
    /// 2: where the key would be stands a node whose label the key does not have.
    Other { label: Label, content: Hash },
    /// 3: the key is there.
    Present,
}

/// Why a map proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapError {
    /// The bytes end too early.
    Truncated,
    /// The form is none of 0 to 3.
    UnknownForm,
    /// The levels do not go down from the root, or are not those that the form has.
    BadLevels,
    /// The label is longer than a key, or has bits beyond its length.
    BadLabel,
    /// The proof says absent where presence is to be shown, or the other way round.
    WrongForm,
    /// The node shown in the key's place could have the key below it, or does not stand in its place.
    NotInThePlace,
    /// The hashes do not lead to the map's root.
    RootMismatch,
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "the map proof ends too early",
            Self::UnknownForm => "the form of the map proof is none of 0 to 3",
            Self::BadLevels => "the levels of the map proof do not go down from the root as its form needs",
            Self::BadLabel => "the label in the map proof is longer than a key or has bits beyond its length",
            Self::WrongForm => "the map proof answers the opposite of what is to be shown",
            Self::NotInThePlace => "the node in the map proof does not stand in the place of the key",
            Self::RootMismatch => "the map proof does not lead to the map's root",
        })
    }
}

impl core::error::Error for MapError {}

impl MapProof {
    /// Of a map without keys.
    pub(super) fn empty() -> Self {
        Self { levels: Vec::new(), form: Form::Empty }
    }

    /// Whether the proof says that the key is there.
    pub fn is_present(&self) -> bool {
        matches!(self.form, Form::Present)
    }

    /// Accepts if the map with this root has this value under the key.
    pub fn verify_present(&self, key: &Key, value: &Hash, root: &Hash) -> Result<(), MapError> {
        match self.form {
            Form::Present => self.fold(key, label_node(&Label::of_key(key), value), root),
            _ => Err(MapError::WrongForm),
        }
    }

    /// Accepts if the map with this root does not have the key.
    pub fn verify_absent(&self, key: &Key, root: &Hash) -> Result<(), MapError> {
        match &self.form {
            Form::Empty if empty_root() == *root => Ok(()),
            Form::Empty => Err(MapError::RootMismatch),
            Form::NoChild => self.fold(key, missing_child(), root),
            Form::Other { label, content } => {
                let common = label.common_bits(key);
                let above = self.levels.last().map_or(0, |level| level.bit_len);
                if common <= above || common >= label.bits() {
                    return Err(MapError::NotInThePlace);
                }
                self.fold(key, label_node(label, content), root)
            }
            Form::Present => Err(MapError::WrongForm),
        }
    }

    /// From the node up to the root, along the key's own bits.
    fn fold(&self, key: &Key, node: Hash, root: &Hash) -> Result<(), MapError> {
        let mut hash = node;
        for level in self.levels.iter().rev() {
            let content = match bit(key, level.bit_len) {
                0 => hash_parts(&[hash.as_bytes(), level.sibling.as_bytes()]),
                _ => hash_parts(&[level.sibling.as_bytes(), hash.as_bytes()]),
            };
            hash = label_node(&Label::prefix(key, level.bit_len), &content);
        }
        if hash == *root { Ok(()) } else { Err(MapError::RootMismatch) }
    }

    /// Writes the proof as a LIST section has it: `form u8 | levels u16 × (bitLen u16, 32)`, and for form 2
    /// `n u16, bytes 32, v 32`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.encode_with(out, &mut |hash, out| out.extend_from_slice(hash.as_bytes()));
    }

    /// The same with siblings as `hash` writes them.
    pub fn encode_with(&self, out: &mut Vec<u8>, hash: &mut dyn FnMut(&Hash, &mut Vec<u8>)) {
        out.push(match self.form {
            Form::Empty => 0,
            Form::NoChild => 1,
            Form::Other { .. } => 2,
            Form::Present => 3,
        });
        // At most 256 levels, so the count fits.
        out.extend_from_slice(&(self.levels.len() as u16).to_be_bytes());
        for level in &self.levels {
            out.extend_from_slice(&level.bit_len.to_be_bytes());
            hash(&level.sibling, out);
        }
        if let Form::Other { label, content } = &self.form {
            out.extend_from_slice(&label.bits().to_be_bytes());
            out.extend_from_slice(label.bytes());
            hash(content, out);
        }
    }

    /// Reads a proof from the beginning of `bytes`, and returns what follows it.
    pub fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), MapError> {
        let mut r = Reader::new(bytes);
        let proof = Self::read(&mut r)?;
        Ok((proof, r.rest()))
    }

    /// Reads a proof.
    pub fn read(r: &mut Reader<'_>) -> Result<Self, MapError> {
        Self::read_with(r, &mut |r| r.hash())
    }

    /// The same with siblings as `hash` reads them.
    pub fn read_with(r: &mut Reader<'_>, hash: &mut dyn FnMut(&mut Reader<'_>) -> Hash) -> Result<Self, MapError> {
        let proof = Self::read_fields(r, hash);
        // Fields that are not there read as zeros, so this comes before what zeros would be found guilty of.
        match r.whole() {
            Ok(()) => proof,
            Err(Truncated) => Err(MapError::Truncated),
        }
    }

    fn read_fields(r: &mut Reader<'_>, hash: &mut dyn FnMut(&mut Reader<'_>) -> Hash) -> Result<Self, MapError> {
        let form = r.u8();
        let count = r.count16();
        let fits = match form {
            0 | 1 => count == usize::from(form),
            2 | 3 => (1..=MAX_LEVELS).contains(&count),
            _ => return Err(MapError::UnknownForm),
        };
        if !fits {
            return Err(MapError::BadLevels);
        }
        let mut levels: Vec<Level> = Vec::new();
        for _ in 0..count {
            let (bit_len, sibling) = (r.u16(), hash(r));
            let in_order = match levels.last() {
                None => bit_len == 0,
                Some(above) => above.bit_len < bit_len && bit_len < KEY_BITS,
            };
            if !in_order {
                return Err(MapError::BadLevels);
            }
            levels.push(Level { bit_len, sibling });
        }
        let form = match form {
            0 => Form::Empty,
            1 => Form::NoChild,
            2 => Form::Other { label: Label::checked(r.u16(), r.array()).ok_or(MapError::BadLabel)?, content: hash(r) },
            _ => Form::Present,
        };
        Ok(Self { levels, form })
    }
}

/// The proof that a map with these nodes below its root gives.
pub(super) fn prove<N: MapNodes>(children: &[Option<Slot>; 2], nodes: &N, key: &Key) -> Result<MapProof, MapReadError<N::Error>> {
    if let [None, None] = children {
        return Ok(MapProof::empty());
    }
    let side = bit(key, 0);
    let sibling = children[1 - side].as_ref().map_or_else(missing_child, Slot::hash);
    let mut levels: Vec<Level> = core::iter::once(Level { bit_len: 0, sibling }).collect();
    let Some(mut slot) = children[side].as_ref() else {
        return Ok(MapProof { levels, form: Form::NoChild });
    };
    loop {
        let label = slot.label();
        if !label.covers(key) {
            return Ok(MapProof { levels, form: Form::Other { label, content: slot.content(nodes)? } });
        }
        if label.bits() == KEY_BITS {
            return Ok(MapProof { levels, form: Form::Present });
        }
        match slot.node(nodes)? {
            Node::Leaf { .. } => return Err(MapReadError::Lost),
            Node::Inner { children, .. } => {
                let side = bit(key, label.bits());
                levels.push(Level { bit_len: label.bits(), sibling: children[1 - side].hash() });
                slot = &children[side];
            }
        }
    }
}
