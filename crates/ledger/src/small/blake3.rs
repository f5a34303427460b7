//! BLAKE3, plain and as derive_key.

use crate::prelude::*;

const IV: [u32; 8] = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
const BLOCK: usize = 64;
const CHUNK: usize = 1_024;
const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const PARENT: u32 = 4;
const ROOT: u32 = 8;
const DERIVE_KEY_CONTEXT: u32 = 32;
const DERIVE_KEY_MATERIAL: u32 = 64;
/// Which words the eight mixings of a round take: columns, then diagonals.
const MIXED: [[u8; 4]; 8] =
    [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];
/// The order of the message's words in the next round.
const NEXT: [u8; 16] = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

/// A hash under way. The input is kept, for it is short and in memory already.
#[derive(Clone, Debug)]
pub(crate) struct Hasher {
    key: [u32; 8],
    flags: u32,
    input: Vec<u8>,
}

impl Hasher {
    pub(crate) fn new() -> Self {
        Self { key: IV, flags: 0, input: Vec::new() }
    }

    pub(crate) fn new_derive_key(context: &str) -> Self {
        Self { key: subtree(&IV, context.as_bytes(), 0, DERIVE_KEY_CONTEXT, ROOT), flags: DERIVE_KEY_MATERIAL, input: Vec::new() }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.input.extend_from_slice(bytes);
    }

    pub(crate) fn finish(&self) -> [u8; 32] {
        whole(&self.key, &self.input, self.flags)
    }
}

/// The plain hash of bytes that are there as a whole.
pub(crate) fn hash(bytes: &[u8]) -> [u8; 32] {
    whole(&IV, bytes, 0)
}

#[inline(never)]
fn whole(key: &[u32; 8], bytes: &[u8], flags: u32) -> [u8; 32] {
    let mut hash = [0; 32];
    let words = subtree(key, bytes, 0, flags, ROOT);
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = (words[at / 4] >> (at % 4 * 8)) as u8;
    }
    hash
}

/// The chaining value of these bytes, `counter` chunks from the beginning; `root` is [`ROOT`] where they are the whole.
fn subtree(key: &[u32; 8], bytes: &[u8], counter: u64, flags: u32, root: u32) -> [u32; 8] {
    if bytes.len() > CHUNK {
        let chunks = bytes.len().div_ceil(CHUNK).next_power_of_two() / 2;
        let (left, right) = bytes.split_at(chunks * CHUNK);
        let mut block = [0; 16];
        block[..8].copy_from_slice(&subtree(key, left, counter, flags, 0));
        block[8..].copy_from_slice(&subtree(key, right, counter + chunks as u64, flags, 0));
        return compress(key, block, 0, BLOCK, flags | PARENT | root);
    }
    let mut value = *key;
    let mut rest = bytes;
    let mut flags = flags | CHUNK_START;
    loop {
        let len = rest.len().min(BLOCK);
        let (bytes, after) = rest.split_at(len);
        let mut block = [0; 16];
        for (at, byte) in bytes.iter().enumerate() {
            block[at / 4] |= u32::from(*byte) << (at % 4 * 8);
        }
        if after.is_empty() {
            return compress(&value, block, counter, len, flags | CHUNK_END | root);
        }
        value = compress(&value, block, counter, len, flags);
        flags &= !CHUNK_START;
        rest = after;
    }
}

#[inline(never)]
fn compress(value: &[u32; 8], block: [u32; 16], counter: u64, len: usize, flags: u32) -> [u32; 8] {
    let mut block = block;
    let mut v = [0_u32; 16];
    v[..8].copy_from_slice(value);
    v[8..12].copy_from_slice(&IV[..4]);
    v[12..].copy_from_slice(&[counter as u32, (counter >> 32) as u32, len as u32, flags]);
    for _ in 0..7 {
        for (words, mixed) in block.chunks_exact(2).zip(&MIXED) {
            let [a, b, c, d] = mixed.map(|at| usize::from(at & 15));
            for (word, (first, second)) in words.iter().zip([(16, 12), (8, 7)]) {
                v[a] = v[a].wrapping_add(v[b]).wrapping_add(*word);
                v[d] = (v[d] ^ v[a]).rotate_right(first);
                v[c] = v[c].wrapping_add(v[d]);
                v[b] = (v[b] ^ v[c]).rotate_right(second);
            }
        }
        block = NEXT.map(|at| block[usize::from(at & 15)]);
    }
    let mut out = [0; 8];
    for (at, out) in out.iter_mut().enumerate() {
        *out = v[at] ^ v[at + 8];
    }
    out
}
