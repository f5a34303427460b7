//! Labels: the bits that all keys below a node share, counted from the most significant.

use super::KEY_BITS;
use crate::bytes::{Bytes, Reader, first_of};
use crate::hash::{Hash, Key, hash_parts};
use crate::prelude::*;

/// A prefix of keys. The bits beyond it are zero, except in [`Label::nowhere`], which is no prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label {
    bits: u16,
    bytes: Bytes<32>,
}

impl Label {
    /// The root's.
    pub(super) const ROOT: Self = Self { bits: 0, bytes: Hash::ZERO.0 };

    /// Of a child that is not there: no key's prefix looks like this.
    pub(super) fn nowhere() -> Self {
        Self { bits: 0, bytes: first_of(&[1; 32]) }
    }

    /// The whole key.
    pub(super) fn of_key(key: &Key) -> Self {
        Self { bits: KEY_BITS, bytes: key.0.0 }
    }

    /// The first `bits` bits of the key; at most 256.
    pub(super) fn prefix(key: &Key, bits: u16) -> Self {
        let mut bytes = *key.as_bytes();
        clear_from(&mut bytes, bits);
        Self { bits: bits.min(KEY_BITS), bytes: first_of(&bytes) }
    }

    /// A label from outside: refused if it is longer than a key or has bits beyond its length.
    pub(super) fn checked(bits: u16, bytes: Bytes<32>) -> Option<Self> {
        let label = Self::prefix(&Key(Hash(bytes)), bits);
        (bits <= KEY_BITS && label.bytes == bytes).then_some(label)
    }

    pub(super) fn bits(&self) -> u16 {
        self.bits
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// How many of the label's bits the key shares from the first on.
    pub(super) fn common_bits(&self, key: &Key) -> u16 {
        let mut common = 0;
        for (ours, theirs) in self.bytes.iter().zip(key.as_bytes()) {
            let differing = (ours ^ theirs).leading_zeros() as u16;
            common += differing;
            if differing < 8 {
                break;
            }
        }
        common.min(self.bits)
    }

    /// Whether the key begins with this label.
    pub(super) fn covers(&self, key: &Key) -> bool {
        self.common_bits(key) == self.bits
    }

    /// `bits u16`, then only the bytes that it has: a node's place.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = self.bits.to_be_bytes()[..].to_owned();
        out.extend_from_slice(&self.bytes[..usize::from(self.bits.div_ceil(8))]);
        out
    }

    /// Reads what [`Label::encode`] writes.
    pub(super) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let bits = r.u16();
        let mut bytes = [0; 32];
        let len = usize::from(bits.div_ceil(8));
        bytes.get_mut(..len)?.copy_from_slice(r.take(len).get(..len)?);
        Self::checked(bits, first_of(&bytes))
    }

    /// `LH(l)`.
    pub(super) fn hash(&self) -> Hash {
        hash_parts(&[&u32::from(self.bits).to_be_bytes(), &self.bytes[..]])
    }
}

/// The key's bit at this place as 0 or 1; beyond the key 0.
pub(super) fn bit(key: &Key, at: u16) -> usize {
    key.as_bytes().get(usize::from(at / 8)).map_or(0, |byte| usize::from(byte >> (7 - at % 8) & 1))
}

fn clear_from(bytes: &mut [u8; 32], bits: u16) {
    for (byte, first) in bytes.iter_mut().zip((0u16..).step_by(8)) {
        let kept = bits.saturating_sub(first).min(8);
        *byte &= !(0xff_u16 >> kept) as u8;
    }
}
