//! Signing notes and co-signing checkpoints. The verifier never links this.

use crate::prelude::*;
use ed25519_dalek::{Signer, SigningKey};

use super::signed::cosigned_message;
use super::{KeyKind, NoteError, NoteSignature, VKey};

/// Signs a note's text (type 0x01), as a log does its checkpoints.
#[derive(Clone)]
pub struct NoteSigner {
    key: SigningKey,
    vkey: VKey,
}

/// Co-signs a checkpoint with the time at which it was seen (type 0x04), as witnesses, mirrors and the log itself do.
#[derive(Clone)]
pub struct Cosigner {
    key: SigningKey,
    vkey: VKey,
}

impl NoteSigner {
    /// A signer from its key's name and Ed25519 seed.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let key = SigningKey::from_bytes(seed);
        let vkey = VKey::new(name, KeyKind::Note, key.verifying_key())?;
        Ok(Self { key, vkey })
    }

    /// The public side.
    pub fn vkey(&self) -> VKey {
        self.vkey.clone()
    }

    /// The same key and name as a co-signer: so a signed time exists before there are witnesses.
    pub fn cosigner(&self) -> Cosigner {
        Cosigner { key: self.key.clone(), vkey: self.vkey.cosigner() }
    }

    /// Signs a text that ends with a line feed.
    pub fn sign(&self, text: &str) -> NoteSignature {
        let signature = self.key.sign(text.as_bytes());
        line(&self.vkey, signature.to_bytes().to_vec())
    }
}

impl Cosigner {
    /// A co-signer from its key's name and Ed25519 seed. A party with several roles needs a key for each.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let key = SigningKey::from_bytes(seed);
        let vkey = VKey::new(name, KeyKind::Cosignature, key.verifying_key())?;
        Ok(Self { key, vkey })
    }

    /// The public side.
    pub fn vkey(&self) -> VKey {
        self.vkey.clone()
    }

    /// Co-signs a checkpoint's text at this time, in seconds since 1970.
    pub fn cosign(&self, checkpoint_text: &str, time_s: u64) -> NoteSignature {
        // A reader refuses larger times, and none is before the year 292 billion.
        let time_s = time_s.min(i64::MAX as u64);
        let signature = self.key.sign(cosigned_message(time_s, checkpoint_text).as_bytes());
        let mut bytes = time_s.to_be_bytes().to_vec();
        bytes.extend_from_slice(&signature.to_bytes());
        line(&self.vkey, bytes)
    }
}

fn line(vkey: &VKey, bytes: Vec<u8>) -> NoteSignature {
    NoteSignature { name: vkey.name().to_owned(), key_id: vkey.id(), bytes }
}
