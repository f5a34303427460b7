//! The hash functions of the ledger but the log's own, which is `tree::Log`: plain BLAKE3-256 for the map and the subject trees, and
//! derive_key with a context string for everything else, so that no hash made for one purpose can stand for another.

use core::fmt;
use core::str::FromStr;

use crate::bytes::{Bytes, Reader, first_of};
use crate::prelude::*;

#[cfg(feature = "small")]
use crate::small::blake3::Hasher;

/// The crate's hasher, under the names that the small one has.
#[cfg(not(feature = "small"))]
#[derive(Clone, Debug)]
struct Hasher(blake3::Hasher);

#[cfg(not(feature = "small"))]
impl Hasher {
    fn new() -> Self {
        Self(blake3::Hasher::new())
    }

    fn new_derive_key(context: &str) -> Self {
        Self(blake3::Hasher::new_derive_key(context))
    }

    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> [u8; HASH_LEN] {
        *self.0.finalize().as_bytes()
    }
}

/// Bytes in a hash.
pub const HASH_LEN: usize = 32;

/// A 256-bit hash. Written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub Bytes<HASH_LEN>);

impl Hash {
    /// 32 zero bytes: "no hash here" in the formats that say so.
    #[cfg(not(feature = "small"))]
    pub const ZERO: Self = Self([0; HASH_LEN]);
    /// 32 zero bytes: "no hash here" in the formats that say so.
    #[cfg(feature = "small")]
    pub const ZERO: Self = Self(Bytes::ZERO);

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; HASH_LEN] {
        &self.0
    }

    /// A hash from exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        <[u8; HASH_LEN]>::try_from(bytes).ok().map(Into::into)
    }
}

impl AsRef<[u8]> for Hash {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl From<[u8; HASH_LEN]> for Hash {
    fn from(bytes: [u8; HASH_LEN]) -> Self {
        Self(first_of(&bytes))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        push_hex(self.as_bytes(), &mut text);
        f.write_str(&text)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAHash;

impl fmt::Display for NotAHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a hash is written as 64 hexadecimal digits in lower case")
    }
}

impl core::error::Error for NotAHash {}

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        let mut bytes = [0; HASH_LEN];
        unhex(text.as_bytes(), &mut bytes).ok_or(NotAHash)?;
        Ok(bytes.into())
    }
}

/// The key of a subject, the hash of its name; or of a list in the map, see [`crate::entry::Authority::list`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub Hash);

impl Key {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; HASH_LEN] {
        self.0.as_bytes()
    }
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// `H`: BLAKE3-256 of the bytes.
pub fn hash(bytes: &[u8]) -> Hash {
    // The small hasher keeps what it is given: a film is not copied for that.
    #[cfg(feature = "small")]
    return crate::small::blake3::hash(bytes).into();
    #[cfg(not(feature = "small"))]
    hash_parts(&[bytes])
}

/// `H` of the parts, one after the other.
pub fn hash_parts(parts: &[&[u8]]) -> Hash {
    Dk(Hasher::new()).all(parts)
}

/// `dk(context, material)`: BLAKE3 derive_key of the parts, one after the other.
pub fn dk(context: &str, parts: &[&[u8]]) -> Hash {
    Dk::new(context).all(parts)
}

/// `dk` over material that comes in pieces, such as an attachment read from disk.
#[derive(Clone, Debug)]
pub struct Dk(Hasher);

impl Dk {
    /// Begins a hash for this context.
    pub fn new(context: &str) -> Self {
        Self(Hasher::new_derive_key(context))
    }

    /// Takes the next piece.
    pub fn update(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    /// The hash of all pieces so far.
    pub fn finish(&self) -> Hash {
        self.0.finish().into()
    }

    fn all(mut self, parts: &[&[u8]]) -> Hash {
        for part in parts {
            self.0.update(part);
        }
        self.finish()
    }
}

/// Appends the bytes as lower-case hexadecimal.
pub(crate) fn push_hex(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit }));
        }
    }
}

/// Reads lower-case hexadecimal of exactly `2 * out.len()` digits.
pub(crate) fn unhex(text: &[u8], out: &mut [u8]) -> Option<()> {
    fn digit(c: u8) -> Option<u8> {
        match c {
            b'0'..=b'9' => Some(c - b'0'),
            b'a'..=b'f' => Some(c - b'a' + 10),
            _ => None,
        }
    }
    if text.len() != 2 * out.len() {
        return None;
    }
    for (pair, byte) in text.chunks_exact(2).zip(out) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(())
}

impl Reader<'_> {
    /// A hash.
    #[inline(never)]
    pub fn hash(&mut self) -> Hash {
        Hash(self.array())
    }

    /// A map key.
    pub fn key(&mut self) -> Key {
        Key(self.hash())
    }
}
