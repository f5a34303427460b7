//! Verifier keys, `name+id+base64(type || public key)`.

use crate::prelude::*;
use core::fmt;

use super::{NoteError, base64};
use crate::ed25519::PublicKey;
use crate::hash::{push_hex, unhex};
use crate::text::cut;

/// What a key signs, and the byte that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum KeyKind {
    /// 0x01: the text of a note.
    Note,
    /// 0x04: a checkpoint with the time at which it was seen (tlog-cosignature/v1).
    Cosignature,
    /// 0x06: the same by ML-DSA-44, which quantum computers do not forge. Only the command line checks it; whoever cannot takes such a
    /// signature for one of an unknown key.
    PostQuantum,
}

/// Bytes of a public key of ML-DSA-44.
const ML_DSA_44: usize = 1_312;

impl KeyKind {
    fn byte(self) -> u8 {
        match self {
            Self::Note => 0x01,
            Self::Cosignature => 0x04,
            Self::PostQuantum => 0x06,
        }
    }
}

/// A public key with its name. Two keys are the same signer if their public keys are equal, whatever their names.
#[derive(Clone, PartialEq, Eq)]
pub struct VKey {
    name: String,
    kind: KeyKind,
    /// The key; of a longer one a hash, by which it is told from others.
    public: PublicKey,
    /// A longer key's own bytes.
    long: Vec<u8>,
    id: [u8; 4],
}

impl VKey {
    /// A key from its parts; the id follows from them.
    pub fn new(name: &str, kind: KeyKind, public: impl Into<PublicKey>) -> Result<Self, NoteError> {
        if is_key_name(name) { Ok(Self::of_named(name, kind, public.into(), Vec::new())) } else { Err(NoteError::BadKeyName) }
    }

    /// The same, for a name that was checked before.
    fn of_named(name: &str, kind: KeyKind, public: PublicKey, long: Vec<u8>) -> Self {
        let mut hashed = name.as_bytes().to_owned();
        hashed.extend_from_slice(&[b'\n', kind.byte()]);
        hashed.extend_from_slice(if long.is_empty() { public.as_bytes() } else { &long });
        let [a, b, c, d, ..] = sha256(hashed);
        Self { name: name.to_owned(), kind, public, long, id: [a, b, c, d] }
    }

    /// Reads `name+id+base64`.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let (name, rest) = cut(text, b"+").ok_or(NoteError::BadKey)?;
        // The base64 may have plus signs of its own.
        let (id_text, key) = cut(rest, b"+").ok_or(NoteError::BadKey)?;
        let mut id = [0; 4];
        unhex(id_text.as_bytes(), &mut id).ok_or(NoteError::BadKey)?;
        let key = base64::decode(key).ok_or(NoteError::BadKey)?;
        let (kind, public) = key.split_first().ok_or(NoteError::BadKey)?;
        let kind = match kind {
            0x01 => KeyKind::Note,
            0x04 => KeyKind::Cosignature,
            0x06 => KeyKind::PostQuantum,
            _ => return Err(NoteError::UnknownKeyType),
        };
        let key = if kind == KeyKind::PostQuantum {
            if public.len() != ML_DSA_44 {
                return Err(NoteError::BadPublicKey);
            }
            let long = public.to_owned();
            let stand_in = PublicKey::stand_in(sha256(long.clone()));
            if is_key_name(name) { Self::of_named(name, kind, stand_in, long) } else { return Err(NoteError::BadKeyName) }
        } else {
            let public: &[u8; 32] = public.try_into().map_err(|_| NoteError::BadPublicKey)?;
            Self::new(name, kind, PublicKey::from_bytes(public).ok_or(NoteError::BadPublicKey)?)?
        };
        if key.id == id { Ok(key) } else { Err(NoteError::KeyIdMismatch) }
    }

    /// The same name and public key, but for co-signatures: a log signs its checkpoints with a time in this way.
    pub fn cosigner(&self) -> Self {
        Self::of_named(&self.name, KeyKind::Cosignature, self.public, Vec::new())
    }

    /// The key's name; a log's is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The public key.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The bytes of an ML-DSA key; of others none.
    #[cfg(not(feature = "small"))]
    pub(super) fn long(&self) -> &[u8] {
        &self.long
    }

    /// The short id that stands before each signature.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// `name+id+base64`.
    pub fn encode(&self) -> String {
        let mut text = self.name.clone();
        text.push('+');
        push_hex(&self.id, &mut text);
        text.push('+');
        let mut key = [self.kind.byte()].to_vec();
        key.extend_from_slice(if self.long.is_empty() { self.public.as_bytes() } else { &self.long });
        base64::encode(&key, &mut text);
        text
    }
}

impl fmt::Display for VKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.encode())
    }
}

impl fmt::Debug for VKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.encode())
    }
}

#[cfg(feature = "small")]
use crate::small::sha2::sha256;

#[cfg(not(feature = "small"))]
fn sha256(bytes: Vec<u8>) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}

/// Not empty, no space of any script, no plus sign, no control character.
pub(super) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(parts)
}

/// True for what cannot stand in a key's name. The standard library's tables of spaces are larger.
const fn parts(c: char) -> bool {
    matches!(c, '\0'..=' ' | '+' | '\x7f'..='\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

#[cfg(test)]
mod tests {
    #[test]
    fn spaces_and_controls_are_those_of_unicode() {
        for c in '\0'..=char::MAX {
            assert_eq!(super::parts(c), c == '+' || c.is_whitespace() || c.is_control(), "{c:?}");
        }
    }
}
