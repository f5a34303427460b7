//! SHA-512 and SHA-256 (FIPS 180-4).

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::field::Fe;
use crate::prelude::*;

/// The first 64 bits of the fractional parts of the cube roots of the first eighty primes, once they are asked for. SHA-256 takes the
/// upper halves of the first 64. To compute them takes less time than one signature; to send them, more bytes than to say how.
static K: [AtomicU64; 80] = [const { AtomicU64::new(0) }; 80];

#[inline(never)]
fn make_constants() {
    let mut prime = 1;
    for k in &K {
        prime += 1;
        while (2..prime).any(|divisor| prime % divisor == 0) {
            prime += 1;
        }
        k.store(cube_root(prime), Relaxed);
    }
}

/// The fractional part of the cube root of a number below 512, bit by bit from that of 4. The upper ones are decided with the 53 bits
/// of a float; the lower ones with a cube that is whole, in numbers modulo 2^255 - 19, for it has 201 bits and does not reach that.
fn cube_root(number: u32) -> u64 {
    let mut root = Fe::ZERO;
    for bit in (0..67).rev() {
        let mut next = root;
        next.0[bit / 26] |= 1 << (bit % 26);
        // The number's 2^192 times, in the limb that begins at 2^182. What is below is less there already, for no prime is a cube.
        if next.mul(&next).mul(&next).0[7] < i64::from(number) << 10 {
            root = next;
        }
    }
    (root.0[0] | root.0[1] << 26 | root.0[2] << 52) as u64
}

/// The same of the square roots of the first eight primes.
const H: [u64; 8] = [
    0x6a09e667f3bcc908,
    0xbb67ae8584caa73b,
    0x3c6ef372fe94f82b,
    0xa54ff53a5f1d36f1,
    0x510e527fade682d1,
    0x9b05688c2b3e6c1f,
    0x1f83d9abfb41bd6b,
    0x5be0cd19137e2179,
];

/// By how much words are turned, or in the third place of the first two rows shifted, to mix them: SHA-256, then SHA-512.
const TURNS: [[[u8; 3]; 4]; 2] =
    [[[7, 18, 3], [17, 19, 10], [2, 13, 22], [6, 11, 25]], [[1, 8, 7], [19, 61, 6], [28, 34, 39], [14, 18, 41]]];

/// SHA-512 of the bytes.
pub(crate) fn sha512(bytes: Vec<u8>) -> [u8; 64] {
    let mut hash = [0; 64];
    sha2(bytes, true, &mut hash);
    hash
}

/// SHA-256 of the bytes.
pub(crate) fn sha256(bytes: Vec<u8>) -> [u8; 32] {
    let mut hash = [0; 32];
    sha2(bytes, false, &mut hash);
    hash
}

/// Both functions are one, with words of different width. Words of 32 bits lie in words of 64, whose upper half is zeros between steps.
#[inline(never)]
fn sha2(bytes: Vec<u8>, wide: bool, hash: &mut [u8]) {
    let (word, rounds, dropped) = if wide { (8, 80, 0) } else { (4, 64, 32) };
    let mask = u64::MAX >> dropped;
    // Written twice side by side, a word of 32 bits is turned like one of 64.
    let turn = |x: u64, by: u8| (x | x << dropped).rotate_right(by.into());
    let [small0, small1, big0, big1] = TURNS[usize::from(wide)];
    let small = |x: u64, by: [u8; 3]| turn(x, by[0]) ^ turn(x, by[1]) ^ x >> by[2];
    let big = |x: u64, by: [u8; 3]| turn(x, by[0]) ^ turn(x, by[1]) ^ turn(x, by[2]);

    if K[79].load(Relaxed) == 0 {
        make_constants();
    }
    let bits = bytes.len() as u64 * 8;
    let mut bytes = bytes;
    bytes.push(0x80);
    while bytes.len() % (16 * word) != 14 * word {
        bytes.push(0);
    }
    // The length takes two words, of which the last eight bytes are enough.
    bytes.resize(bytes.len() + 2 * word - 8, 0);
    bytes.extend_from_slice(&bits.to_be_bytes());
    let mut state = H.map(|h| h >> dropped);
    for block in bytes.chunks_exact(16 * word) {
        let mut w = [0_u64; 80];
        let mut s = state;
        for t in 0..rounds {
            w[t] = if t < 16 {
                block[t * word..][..word].iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
            } else {
                let sum = small(w[t - 15], small0).wrapping_add(small(w[t - 2], small1));
                sum.wrapping_add(w[t - 16]).wrapping_add(w[t - 7]) & mask
            };
            let (a, e) = (s[0], s[4]);
            let majority = a & s[1] ^ a & s[2] ^ s[1] & s[2];
            let choice = e & s[5] ^ !e & s[6];
            let t1 = s[7].wrapping_add(big(e, big1)).wrapping_add(choice).wrapping_add(K[t].load(Relaxed) >> dropped).wrapping_add(w[t]);
            s.rotate_right(1);
            s[0] = t1.wrapping_add(big(a, big0)).wrapping_add(majority) & mask;
            s[4] = s[4].wrapping_add(t1) & mask;
        }
        for (state, word) in state.iter_mut().zip(s) {
            *state = state.wrapping_add(word) & mask;
        }
    }
    for (out, value) in hash.chunks_exact_mut(word).zip(state) {
        out.copy_from_slice(&value.to_be_bytes()[8 - word..]);
    }
}
