//! Numbers modulo p = 2^255 - 19.

/// Bits in a limb. Ten limbs hold 260 bits, and 2^260 = 32 · 19 modulo p.
const BITS: usize = 26;
const LIMBS: usize = 10;
const MASK: i64 = (1 << BITS) - 1;
const FOLD: i64 = 32 * 19;
/// Bits of the last limb that lie below 2^255.
const LAST: usize = 255 - 9 * BITS;

/// Limbs, least first. They may be negative, and hold up to 28 bits: sums and differences of two products are not carried.
#[derive(Clone, Copy)]
pub(super) struct Fe(pub(super) [i64; LIMBS]);

impl Fe {
    pub(super) const ZERO: Self = Self::small(0);
    pub(super) const ONE: Self = Self::small(1);
    pub(super) const TWO: Self = Self::small(2);

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

    pub(super) fn add(&self, other: &Self) -> Self {
        self.plus(other, 1)
    }

    pub(super) fn sub(&self, other: &Self) -> Self {
        self.plus(other, -1)
    }

    pub(super) fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    pub(super) fn mul(&self, other: &Self) -> Self {
        let mut product = Self::ZERO;
        product.set_product(self, other);
        product
    }

    #[inline(never)]
    fn plus(&self, other: &Self, sign: i64) -> Self {
        let (a, b) = (&self.0, &other.0);
        let mut sum = Self::ZERO;
        for i in 0..LIMBS {
            sum.0[i] = a[i] + sign * b[i];
        }
        sum
    }

    /// Limb by limb of `a`, the highest first: what was added up so far moves up by one limb, and what leaves at the top comes in
    /// again below. Limbs of 28 bits give sums of less than 60 bits. No loop over limbs of the product and no copy: all of them stay
    /// in registers, which is what makes this fast in a browser.
    #[inline(never)]
    pub(super) fn set_product(&mut self, a: &Self, b: &Self) {
        let b = &b.0;
        let mut r = [0; LIMBS];
        let mut i = LIMBS;
        while i > 0 {
            i -= 1;
            let a = a.0[i];
            let (over, last) = (r[9] >> BITS, r[9] & MASK);
            macro_rules! row {
                ($($from:literal $to:literal)*) => { [FOLD * last + a * b[0], r[0] + FOLD * over + a * b[1], $(r[$from] + a * b[$to],)*] };
            }
            r = row!(1 2  2 3  3 4  4 5  5 6  6 7  7 8  8 9);
        }
        let mut carry = 0;
        macro_rules! carried {
            ($($i:literal)*) => { $(
                carry += r[$i];
                r[$i] = carry & MASK;
                carry >>= BITS;
            )* };
        }
        carried!(0 1 2 3 4 5 6 7 8 9);
        carry *= FOLD;
        carried!(0);
        r[1] += carry;
        self.0 = r;
    }

    /// Squared so many times, and multiplied.
    #[inline(never)]
    fn squared(&self, times: usize, factor: &Self) -> Self {
        let mut power = *self;
        let mut i = 0;
        while i < times {
            let last = power;
            power.set_product(&last, &last);
            i += 1;
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
