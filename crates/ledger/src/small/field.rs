//! Numbers modulo p = 2^255 - 19.

/// Bits in a limb. Ten limbs hold 260 bits, and 2^260 = 32 · 19 modulo p.
const BITS: usize = 26;
const LIMBS: usize = 10;
const FOLD: i64 = 32 * 19;
/// Bits of the last limb that lie below 2^255.
const LAST: usize = 255 - 9 * BITS;

/// Limbs, least first. They may be negative, and hold up to 28 bits: sums and differences of two products are not carried.
#[derive(Clone, Copy)]
pub(super) struct Fe(pub(super) [i64; LIMBS]);

impl Fe {
    pub(super) const ZERO: Self = Self::small(0);
    pub(super) const ONE: Self = Self::small(1);

    const fn small(number: i64) -> Self {
        let mut limbs = [0; LIMBS];
        limbs[0] = number;
        Self(limbs)
    }

    /// 255 bits, least first; the last bit is left out.
    pub(super) const fn read(bytes: &[u8; 32]) -> Self {
        let mut limbs = [0; LIMBS];
        let mut bit = 0;
        while bit < 255 {
            limbs[bit / BITS] |= (bytes[bit / 8] as i64 >> (bit % 8) & 1) << (bit % BITS);
            bit += 1;
        }
        Self(limbs)
    }

    /// The one number below p that it is, as bytes.
    #[inline(never)]
    pub(super) fn bytes(&self) -> [u8; 32] {
        let mut x = *self;
        // Three times bring it below 2^255; then 19 are added, so that what is p or more goes over, and taken away again.
        for add in [0, 0, 0, 19, -19] {
            x.0[0] += add;
            for i in 0..LIMBS - 1 {
                let carry = x.0[i] >> BITS;
                x.0[i] -= carry << BITS;
                x.0[i + 1] += carry;
            }
            let over = x.0[LIMBS - 1] >> LAST;
            x.0[LIMBS - 1] -= over << LAST;
            x.0[0] += 19 * over;
        }
        let mut bytes = [0; 32];
        for bit in 0..255 {
            bytes[bit / 8] |= ((x.0[bit / BITS] >> (bit % BITS) & 1) as u8) << (bit % 8);
        }
        bytes
    }

    pub(super) fn is_zero(&self) -> bool {
        self.bytes() == [0; 32]
    }

    /// The last bit of the one number below p.
    pub(super) fn is_odd(&self) -> bool {
        self.bytes()[0] & 1 == 1
    }

    #[inline(never)]
    fn plus(&self, other: &Self, sign: i64) -> Self {
        let mut sum = *self;
        for (limb, other) in sum.0.iter_mut().zip(other.0) {
            *limb += sign * other;
        }
        sum
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        self.plus(other, 1)
    }

    pub(super) fn sub(&self, other: &Self) -> Self {
        self.plus(other, -1)
    }

    pub(super) fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    /// Limbs of 28 bits give sums of 60 bits; carried before they are folded, nothing goes over.
    #[inline(never)]
    pub(super) fn mul(&self, other: &Self) -> Self {
        let mut wide = [0; 2 * LIMBS];
        // Row by row, the lowest column leaving after each: what is added up stays in registers.
        let mut columns = [0; LIMBS];
        for (i, a) in self.0.iter().enumerate() {
            macro_rules! row {
                ($($j:literal)*) => { [$(columns[$j] + a * other.0[$j],)* 0] };
            }
            let [first, rest @ ..] = row!(0 1 2 3 4 5 6 7 8 9);
            wide[i] = first;
            columns = rest;
        }
        wide[LIMBS..].copy_from_slice(&columns);
        for i in 0..2 * LIMBS - 1 {
            let carry = wide[i] >> BITS;
            wide[i] -= carry << BITS;
            wide[i + 1] += carry;
        }
        let mut product = Self::ZERO;
        let mut carry = 0;
        for i in 0..LIMBS {
            let limb = wide[i] + FOLD * wide[i + LIMBS] + carry;
            carry = limb >> BITS;
            product.0[i] = limb - (carry << BITS);
        }
        product.0[0] += FOLD * carry;
        product
    }

    /// Squared so many times, and multiplied.
    #[inline(never)]
    fn squared(&self, times: usize, factor: &Self) -> Self {
        let mut power = *self;
        for _ in 0..times {
            power = power.mul(&power);
        }
        power.mul(factor)
    }

    /// To the power of 2^250 - 1: from one bit, doubled or doubled and one more, along the digits of 250.
    fn power_250(&self) -> Self {
        let mut power = *self;
        let mut bits = 1;
        for odd in [true, true, true, true, false, true, false] {
            power = power.squared(bits, &power);
            bits *= 2;
            if odd {
                power = power.squared(1, self);
                bits += 1;
            }
        }
        power
    }

    /// To the power of p - 2 = 32 · (2^250 - 1) + 11, which is 1/x.
    pub(super) fn inverse(&self) -> Self {
        let eleven = self.squared(1, self).mul(&self.squared(3, &Self::ONE));
        self.power_250().squared(5, &eleven)
    }

    /// To the power of (p - 5) / 8 = 4 · (2^250 - 1) + 1, for square roots.
    pub(super) fn root_power(&self) -> Self {
        self.power_250().squared(2, self)
    }
}
