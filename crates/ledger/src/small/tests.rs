use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256, Sha512};
use std::collections::BTreeSet;

use super::blake3::Hasher;
use super::ed25519::{is_point, verify_strict};
use super::sha2::{sha256, sha512};
use crate::prelude::*;

fn by_the_crate(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(public).is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

/// What both say.
fn both(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let ours = verify_strict(public, message, signature);
    assert_eq!(ours, by_the_crate(public, message, signature), "key {public:02x?} signature {signature:02x?} message {message:02x?}");
    ours
}

#[test]
fn blake3_is_the_crates_at_every_length_and_over_many_chunks() {
    let input: Vec<u8> = (0..70_000_u32).map(|i| (i * 31 % 251) as u8).collect();
    let edges = (1..70).flat_map(|chunks| [chunks * 1_024 - 1, chunks * 1_024, chunks * 1_024 + 1]);
    for len in (0..2_200).chain(edges).filter(|len| *len <= input.len()) {
        let bytes = &input[..len];
        let mut plain = Hasher::new();
        plain.update(bytes);
        assert_eq!(plain.finish(), *blake3::hash(bytes).as_bytes(), "{len}");
        assert_eq!(super::blake3::hash(bytes), plain.finish(), "{len}");
        let mut derived = Hasher::new_derive_key("leafproof test v1");
        derived.update(bytes);
        assert_eq!(derived.finish(), blake3::derive_key("leafproof test v1", bytes), "{len}");
    }
}

#[test]
fn sha2_is_the_crates_at_every_length() {
    let input: Vec<u8> = (0..700_u32).map(|i| (i * 31 % 251) as u8).collect();
    for len in 0..input.len() {
        assert_eq!(sha256(input[..len].to_vec())[..], Sha256::digest(&input[..len])[..], "{len}");
        assert_eq!(sha512(input[..len].to_vec())[..], Sha512::digest(&input[..len])[..], "{len}");
    }
}

/// RFC 8032, section 7.1, tests 1 to 3.
#[test]
fn signatures_of_the_standard() {
    let cases = [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];
    for (public, message, signature) in cases {
        let bytes = |hex: &str| (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect::<Vec<u8>>();
        let (public, signature) = (bytes(public).try_into().unwrap(), bytes(signature).try_into().unwrap());
        assert!(both(&public, &bytes(message), &signature));
    }
}

/// Keys and signatures of which one part has a component of small order: some checks accept what others refuse.
#[test]
fn mixed_and_small_orders() {
    let message = b"a record";
    let (a, r) = (Scalar::from(987_654_321_u64) * Scalar::from(u64::MAX), Scalar::from(123_456_789_u64) * Scalar::from(u64::MAX));
    let mut accepted = 0;
    for (a, r) in [(a, r), (Scalar::ZERO, r), (a, Scalar::ZERO), (Scalar::ZERO, Scalar::ZERO)] {
        for (key_torsion, r_torsion) in EIGHT_TORSION.iter().flat_map(|k| EIGHT_TORSION.iter().map(move |r| (k, r))) {
            let public = (EdwardsPoint::mul_base(&a) + key_torsion).compress().to_bytes();
            let point = (EdwardsPoint::mul_base(&r) + r_torsion).compress().to_bytes();
            let k = Scalar::from_hash(Sha512::new().chain_update(point).chain_update(public).chain_update(message));
            let s = (r + k * a).to_bytes();
            let signature: [u8; 64] = [point, s].concat().try_into().unwrap();
            accepted += usize::from(both(&public, message, &signature));
        }
    }
    // Without a component of small order, and where both components happen to cancel out.
    assert!((1..64).contains(&accepted), "{accepted}");
}

/// Encodings of numbers at the edges of the field and of the group's order, as key, as R and as S.
#[test]
fn encodings_at_the_edges() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let (public, message) = (key.verifying_key().to_bytes(), b"a record");
    let right = key.sign(message).to_bytes();
    assert!(both(&public, message, &right));
    let mut edges: BTreeSet<[u8; 32]> = BTreeSet::new();
    // 0 to 40, p - 20 to 2^255 - 1, and both with the sign bit.
    for small in 0..=40 {
        let mut low = [0; 32];
        low[0] = small;
        let mut high = [0xff; 32];
        high[0] = 0xff - small;
        for mut edge in [low, high] {
            for top in [0, 0x80] {
                edge[31] = edge[31] & 0x7f | top;
                edges.insert(edge);
            }
        }
    }
    edges.extend(EIGHT_TORSION.iter().map(|point| point.compress().to_bytes()));
    for edge in &edges {
        assert_eq!(is_point(edge), VerifyingKey::from_bytes(edge).is_ok(), "{edge:02x?}");
        for (r, s) in [(*edge, right[32..].try_into().unwrap()), (right[..32].try_into().unwrap(), *edge), (*edge, [0; 32])] {
            let signature: [u8; 64] = [r, s].concat().try_into().unwrap();
            assert!(!both(&public, message, &signature));
            assert!(!both(edge, message, &signature));
        }
    }
    // S plus the order, as often as it fits into 256 bits: the same number for whoever does not look.
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0x10,
    ];
    let mut signature = right;
    for _ in 0..14 {
        let mut carry = 0;
        for (byte, add) in signature[32..].iter_mut().zip(order) {
            carry += u16::from(*byte) + u16::from(add);
            *byte = carry as u8;
            carry >>= 8;
        }
        assert!(!both(&public, message, &signature));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_signature(seed: [u8; 32], message in prop::collection::vec(any::<u8>(), 0..300), at in 0_usize..64, bit in 0..8_u8) {
        let key = SigningKey::from_bytes(&seed);
        let public = key.verifying_key().to_bytes();
        let mut signature = key.sign(&message).to_bytes();
        prop_assert!(both(&public, &message, &signature));
        signature[at] ^= 1_u8 << bit;
        prop_assert!(!both(&public, &message, &signature));
        signature[at] ^= 1_u8 << bit;
        let mut other = public;
        other[at / 2] ^= 1_u8 << bit;
        prop_assert!(!both(&other, &message, &signature));
        let mut longer = message.clone();
        longer.push(0);
        prop_assert!(!both(&public, &longer, &signature));
    }

    #[test]
    fn any_bytes_are_a_point_or_not(bytes: [u8; 32]) {
        prop_assert_eq!(is_point(&bytes), VerifyingKey::from_bytes(&bytes).is_ok());
    }

    /// Limbs as large as the products of sums can have them, of either sign: what comes out is what comes out for the same numbers below p.
    #[test]
    fn the_largest_limbs(a in prop::array::uniform10(-(1_i64 << 28)..=1 << 28), b in prop::array::uniform10(-(1_i64 << 28)..=1 << 28), edge: bool) {
        use super::field::Fe;
        let extreme = |limbs: [i64; 10]| Fe(if edge { limbs.map(|limb| limb.signum() << 28) } else { limbs });
        let (a, b) = (extreme(a), extreme(b));
        let small = |fe: &Fe| Fe::read(&fe.bytes());
        prop_assert_eq!(a.mul(&b).bytes(), small(&a).mul(&small(&b)).bytes());
        prop_assert_eq!(a.mul(&b).mul(&b).bytes(), a.mul(&b.mul(&b)).bytes());
        prop_assert_eq!(a.mul(&Fe::ONE).bytes(), a.bytes());
        prop_assert_eq!(a.mul(&b).add(&a.mul(&a)).bytes(), a.mul(&small(&b.add(&a))).bytes());
    }

    #[test]
    fn field_laws(a: [u8; 32], b: [u8; 32]) {
        use super::field::Fe;
        let (a, b) = (Fe::read(&a), Fe::read(&b));
        // (a + b)² - (a - b)² = 4ab, with operands that were never carried.
        let (sum, difference) = (a.add(&b), a.sub(&b));
        let left = sum.mul(&sum).sub(&difference.mul(&difference));
        let ab = a.mul(&b);
        let two = ab.add(&ab);
        prop_assert!(left.sub(&two.add(&two)).is_zero());
        prop_assert!(a.is_zero() || a.mul(&a.inverse()).sub(&Fe::ONE).is_zero());
    }
}

proptest! {
    /// The small `Vec` holds what the other one holds, whatever is done to it.
    #[test]
    fn a_list_of_anything(steps in prop::collection::vec((0_u8..5, any::<usize>(), any::<[u16; 5]>()), 0..200)) {
        let mut small = super::heap::Vec::new();
        let mut all = std::vec::Vec::new();
        for (step, at, item) in steps {
            match step {
                0 | 1 => { small.push(item); all.push(item); }
                2 => { let at = at % (all.len() + 1); small.insert(at, item); all.insert(at, item); }
                3 => { let more = [item; 3]; small.extend_from_slice(&more[..at % 4]); all.extend_from_slice(&more[..at % 4]); }
                _ => { let len = all.len() + at % 9; small.resize(len, item); all.resize(len, item); }
            }
            prop_assert_eq!(&*small, &*all);
        }
        prop_assert_eq!(small.clone(), small.iter().copied().collect());
        prop_assert_eq!(small.iter().rev().count(), all.len());
        prop_assert_eq!(small.clone().leak(), &*all);
        prop_assert_eq!(small.into_iter().collect::<std::vec::Vec<_>>(), all);
    }

    #[test]
    fn bytes_are_text_or_not(bytes in prop::collection::vec(any::<u8>(), 0..12), text: std::string::String, at: usize, byte: u8) {
        use super::heap::text_of;
        prop_assert_eq!(text_of(&bytes), str::from_utf8(&bytes).ok());
        prop_assert_eq!(text_of(text.as_bytes()), Some(text.as_str()));
        // One byte of a text in another place's stead.
        let mut changed = text.into_bytes();
        if let Some(len) = changed.len().checked_sub(1) {
            changed[at % (len + 1)] = byte;
        }
        prop_assert_eq!(text_of(&changed), str::from_utf8(&changed).ok());
    }
}

/// All pairs of bytes, each with edges of what may follow.
#[test]
fn every_short_sequence_is_text_or_not() {
    use super::heap::text_of;
    let edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xec, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff];
    for first in 0..=255_u8 {
        for second in 0..=255 {
            assert_eq!(text_of(&[first, second]), str::from_utf8(&[first, second]).ok());
            for third in edges {
                assert_eq!(text_of(&[first, second, third]), str::from_utf8(&[first, second, third]).ok());
                for fourth in edges {
                    let bytes = [first, second, third, fourth];
                    assert_eq!(text_of(&bytes), str::from_utf8(&bytes).ok());
                }
            }
        }
    }
}

#[test]
fn items_that_own_are_moved_and_not_copied() {
    let mut small = super::heap::Vec::new();
    for number in 0..100 {
        small.insert(number / 2, std::boxed::Box::new(number));
    }
    let sum: usize = small.into_iter().map(|number| *number).sum();
    assert_eq!(sum, 4_950);
    let mut text = super::heap::String::from("caf\u{e9}");
    text.push('/');
    text.push_str("\u{8336}");
    assert_eq!(text.as_str(), "caf\u{e9}/\u{8336}");
    assert_eq!(text.clone().into_bytes().len(), 9);
}
