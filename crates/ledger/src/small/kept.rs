//! Bytes of a fixed number under one address: hashes, keys and signatures go through many hands, and a copy of 32 bytes at each was a
//! tenth of the verifier. They stay where they are once they are there, as all else on a page's heap does.

use core::ops::Deref;

use super::heap::ToOwned as _;

/// `N` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kept<const N: usize>(&'static [u8; N]);

impl<const N: usize> Kept<N> {
    /// Zeros.
    pub const ZERO: Self = Self(&[0; N]);
}

/// The first `N` bytes; zeros where there are fewer.
pub(crate) fn first_of<const N: usize>(bytes: &[u8]) -> Kept<N> {
    keep(bytes).first_chunk().map_or(Kept::ZERO, Kept)
}

#[inline(never)]
fn keep(bytes: &[u8]) -> &'static [u8] {
    bytes.to_owned().leak()
}

impl<const N: usize> From<[u8; N]> for Kept<N> {
    fn from(bytes: [u8; N]) -> Self {
        first_of(&bytes)
    }
}

impl<const N: usize> Default for Kept<N> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<const N: usize> Deref for Kept<N> {
    type Target = [u8; N];

    fn deref(&self) -> &[u8; N] {
        self.0
    }
}
