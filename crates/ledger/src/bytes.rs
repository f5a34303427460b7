//! Reading and writing of our binary formats: big-endian integers, counted byte strings, nothing left over.

use crate::prelude::*;

/// Bytes of a fixed number: a hash, a key, a signature.
#[cfg(not(feature = "small"))]
pub type Bytes<const N: usize> = [u8; N];
#[cfg(feature = "small")]
pub use crate::small::kept::Kept as Bytes;

/// The first `N` bytes; zeros where there are fewer.
#[cfg(not(feature = "small"))]
pub(crate) fn first_of<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}
#[cfg(feature = "small")]
pub(crate) use crate::small::kept::first_of;

/// The bytes end before the format does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncated;

/// Takes a format apart from the front. Past the end it gives zeros and remembers that: whoever reads must ask [`Reader::whole`]
/// before believing anything. One question at the end, rather than one for each field, is what keeps the verifier small.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    short: bool,
}

impl<'a> Reader<'a> {
    /// Reads these bytes.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, short: false }
    }

    /// Fails if anything was read that was not there.
    pub const fn whole(&self) -> Result<(), Truncated> {
        if self.short { Err(Truncated) } else { Ok(()) }
    }

    /// The next `len` bytes; none where there are fewer.
    #[inline(never)]
    pub fn take(&mut self, len: usize) -> &'a [u8] {
        let (head, rest) = match self.rest.split_at_checked(len) {
            Some(split) => split,
            None => {
                self.short = true;
                (&[][..], &[][..])
            }
        };
        self.rest = rest;
        head
    }

    #[inline(never)]
    fn number(&mut self, len: usize) -> u64 {
        let mut number = 0;
        for byte in self.take(len) {
            number = number << 8 | u64::from(*byte);
        }
        number
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Bytes<N> {
        first_of(self.take(N))
    }

    /// A count of one byte. Counts are of the machine's own width: what is counted with narrower ones is cut to their width at each step.
    pub fn count8(&mut self) -> usize {
        self.number(1) as usize
    }

    /// A count of two bytes.
    pub fn count16(&mut self) -> usize {
        self.number(2) as usize
    }

    /// One byte.
    pub fn u8(&mut self) -> u8 {
        self.number(1) as u8
    }

    /// Two bytes.
    pub fn u16(&mut self) -> u16 {
        self.number(2) as u16
    }

    /// Four bytes.
    pub fn u32(&mut self) -> u32 {
        self.number(4) as u32
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> u64 {
        self.number(8)
    }
    /// `s8`: a length of one byte, then the bytes.
    pub fn s8(&mut self) -> &'a [u8] {
        let len = self.count8();
        self.take(len)
    }

    /// `s16`: a length of two bytes, then the bytes.
    pub fn s16(&mut self) -> &'a [u8] {
        let len = self.count16();
        self.take(len)
    }

    /// A length of four bytes, then the bytes.
    pub fn s32(&mut self) -> &'a [u8] {
        let len = self.u32();
        self.take(len as usize)
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// True at the end.
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes are left.
    pub const fn len(&self) -> usize {
        self.rest.len()
    }
}

/// Builds a format from the front.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Bytes as they are.
    pub fn put(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.put(&[value])
    }

    /// Two bytes.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.put(&value.to_be_bytes())
    }

    /// Four bytes.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.put(&value.to_be_bytes())
    }

    /// Eight bytes.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.put(&value.to_be_bytes())
    }

    /// A count of one byte. The caller's form rules keep counts below 256; a larger one is written as 255 and refused on reading.
    pub fn count8(&mut self, count: usize) -> &mut Self {
        self.u8(u8::try_from(count).unwrap_or(u8::MAX))
    }

    /// `s8`. The caller's form rules keep the length below 256; more is cut off, and refused on reading.
    pub fn s8(&mut self, bytes: &[u8]) -> &mut Self {
        let bytes = &bytes[..bytes.len().min(usize::from(u8::MAX))];
        self.count8(bytes.len()).put(bytes)
    }

    /// `s16`. The caller's form rules keep the length below 65,536; more is cut off, and refused on reading.
    pub fn s16(&mut self, bytes: &[u8]) -> &mut Self {
        let bytes = &bytes[..bytes.len().min(usize::from(u16::MAX))];
        self.u16(bytes.len() as u16).put(bytes)
    }

    /// What was written.
    pub fn finish(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.bytes)
    }
}
