//! Public keys and the check of signatures. Signing is ed25519-dalek's alone.

use crate::bytes::{Bytes, first_of};

/// A public key: 32 bytes that are a point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(Bytes<32>);

impl PublicKey {
    /// `None` where the bytes are no point.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        is_point(bytes).then(|| Self(first_of(bytes)))
    }

    /// What stands for a key of another kind wherever keys are told apart. No signature of this kind is ever checked with it.
    pub(crate) fn stand_in(hash: [u8; 32]) -> Self {
        Self(first_of(&hash))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether this key signed this message.
    pub fn verify_strict(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        verify_strict(&self.0, message, signature)
    }
}

impl From<ed25519_dalek::VerifyingKey> for PublicKey {
    fn from(key: ed25519_dalek::VerifyingKey) -> Self {
        Self(first_of(key.as_bytes()))
    }
}

#[cfg(not(feature = "small"))]
fn is_point(bytes: &[u8; 32]) -> bool {
    ed25519_dalek::VerifyingKey::from_bytes(bytes).is_ok()
}

/// Checks a signature, refusing weak keys and malleable forms. Bytes that are no key signed nothing.
#[cfg(not(feature = "small"))]
pub(crate) fn verify_strict(public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(signature);
    ed25519_dalek::VerifyingKey::from_bytes(public).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

#[cfg(feature = "small")]
use crate::small::ed25519::is_point;
#[cfg(feature = "small")]
pub(crate) use crate::small::ed25519::verify_strict;
