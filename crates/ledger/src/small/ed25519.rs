//! The check of an Ed25519 signature (RFC 8032), as strict as `verify_strict` of ed25519-dalek: no key and no R of small order, no S
//! of the group's order or more, R in its one encoding, and no cofactor.

use super::field::Fe;
use super::sha2::sha512;
use crate::prelude::*;

/// 2d of the curve -x² + y² = 1 + dx²y².
const D2: Fe = Fe::read(&[
    0x59, 0xf1, 0xb2, 0x26, 0x94, 0x9b, 0xd6, 0xeb, 0x56, 0xb1, 0x83, 0x82, 0x9a, 0x14, 0xe0, 0x00, 0x30, 0xd1, 0xf3, 0xee, 0xf2, 0x80,
    0x8e, 0x19, 0xe7, 0xfc, 0xdf, 0x56, 0xdc, 0xd9, 0x06, 0x24,
]);
/// The order of the base point, words of 32 bits, least first.
const ORDER: [u32; 8] = [0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0, 0, 0x10000000];

/// A point in extended coordinates: x = X/Z, y = Y/Z, T = XY/Z.
#[derive(Clone, Copy)]
struct Point {
    x: Fe,
    y: Fe,
    z: Fe,
    t: Fe,
}

impl Point {
    const IDENTITY: Self = Self { x: Fe::ZERO, y: Fe::ONE, z: Fe::ONE, t: Fe::ZERO };

    fn of(x: Fe, y: Fe) -> Self {
        Self { x, y, z: Fe::ONE, t: x.mul(&y) }
    }

    /// The point that is encoded, with the other sign where `negated`.
    #[inline(never)]
    fn read(bytes: &[u8; 32], negated: bool) -> Option<Self> {
        let y = Fe::read(bytes);
        let yy = y.mul(&y);
        // x² = (y² - 1) / (dy² + 1), above and below the line doubled.
        let (u, v) = (yy.add(&yy).sub(&Fe::TWO), yy.mul(&D2).add(&Fe::TWO));
        let v3 = v.mul(&v).mul(&v);
        let mut x = u.mul(&v3).mul(&u.mul(&v3).mul(&v3).mul(&v).root_power());
        let vxx = v.mul(&x).mul(&x);
        if !vxx.sub(&u).is_zero() {
            if !vxx.add(&u).is_zero() {
                return None;
            }
            // Times a square root of -1, which is 2 to the power of (p - 1) / 4.
            let root = Fe::TWO.root_power();
            x = x.mul(&root.mul(&root).mul(&Fe::TWO));
        }
        let wanted = (bytes[31] >> 7 == 1) != negated;
        if x.is_odd() != wanted {
            x = x.neg();
        }
        Some(Self::of(x, y))
    }

    /// Adds a point, or itself. Complete: right for any two points.
    #[inline(never)]
    fn add(&mut self, other: Option<&Self>) {
        let p = &*self;
        let q = other.unwrap_or(p);
        let a = p.y.sub(&p.x).mul(&q.y.sub(&q.x));
        let b = p.y.add(&p.x).mul(&q.y.add(&q.x));
        let c = p.t.mul(&q.t).mul(&D2);
        let d = p.z.add(&p.z).mul(&q.z);
        let (e, f, g, h) = (b.sub(&a), d.sub(&c), d.add(&c), b.add(&a));
        self.x.set_product(&e, &f);
        self.y.set_product(&g, &h);
        self.z.set_product(&f, &g);
        self.t.set_product(&e, &h);
    }

    /// Whether eight times the point is the identity. Eight times any point has an odd order, so x = 0 says it.
    #[inline(never)]
    fn is_small(&self) -> bool {
        let mut point = *self;
        for _ in 0..3 {
            point.add(None);
        }
        point.x.is_zero()
    }

    fn bytes(&self) -> [u8; 32] {
        let z = self.z.inverse();
        let mut bytes = self.y.mul(&z).bytes();
        bytes[31] |= u8::from(self.x.mul(&z).is_odd()) << 7;
        bytes
    }
}

/// What a number of any length is modulo the order: bit by bit, from the most significant.
#[inline(never)]
fn reduce(bytes: &[u8]) -> [u32; 8] {
    let mut rest = [0; 8];
    for bit in (0..bytes.len() * 8).rev() {
        let mut carry = u32::from(bytes[bit / 8] >> (bit % 8) & 1);
        let mut less = rest;
        let mut borrow = 0;
        for i in 0..8 {
            let word = rest[i] << 1 | carry;
            carry = rest[i] >> 31;
            rest[i] = word;
            let difference = i64::from(word) - i64::from(ORDER[i]) + borrow;
            less[i] = difference as u32;
            borrow = difference >> 32;
        }
        if borrow == 0 {
            rest = less;
        }
    }
    rest
}

/// Whether these bytes are a point of the curve.
pub(crate) fn is_point(public: &[u8; 32]) -> bool {
    Point::read(public, false).is_some()
}

/// Whether this key signed this message.
pub(crate) fn verify_strict(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let (r, s) = signature.split_at(32);
    // The base point: y is 4/5, x is even.
    let mut base = [0x66; 32];
    base[0] = 0x58;
    let Some((base, minus_a)) = Point::read(&base, false).zip(Point::read(public, true)) else {
        return false;
    };
    let scalar = reduce(s);
    let mut canonical = true;
    for (i, byte) in s.iter().enumerate() {
        canonical &= scalar[i / 4] >> (i % 4 * 8) & 255 == u32::from(*byte);
    }
    let mut hashed = r.to_owned();
    hashed.extend_from_slice(public);
    hashed.extend_from_slice(message);
    let k = reduce(&sha512(hashed));
    // s · B - k · A, two bits of both at a time.
    let mut table = [Point::IDENTITY; 16];
    for i in 1..16 {
        let (from, more) = if i % 4 > 0 { (i - 1, &base) } else { (i - 4, &minus_a) };
        table[i] = table[from];
        table[i].add(Some(more));
    }
    let mut sum = Point::IDENTITY;
    for bit in (0..256).step_by(2).rev() {
        sum.add(None);
        sum.add(None);
        let two = |number: &[u32; 8]| (number[bit / 32] >> (bit % 32) & 3) as usize;
        sum.add(Some(&table[two(&scalar) + 4 * two(&k)]));
    }
    // What equals R was decoded already: it is that point.
    canonical && sum.bytes() == r && !sum.is_small() && !minus_a.is_small()
}
