//! Bytes that can be erased.

use ledger::Hash;
use ledger::entry::commitment;

/// Bytes of a part's salt.
pub const SALT_LEN: usize = 16;

/// Bytes that can be erased, with the salt that hides them behind their commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaltedPart {
    salt: [u8; SALT_LEN],
    bytes: Vec<u8>,
    commitment: Hash,
}

impl SaltedPart {
    /// Commits to the bytes. The salt must be random and new for every part.
    pub fn new(salt: [u8; SALT_LEN], bytes: Vec<u8>) -> Self {
        let commitment = commitment(&salt, &bytes);
        Self { salt, bytes, commitment }
    }

    /// The commitment that entries and records name it by.
    pub fn commitment(&self) -> Hash {
        self.commitment
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The salt.
    pub fn salt(&self) -> &[u8; SALT_LEN] {
        &self.salt
    }

    /// Salt and bytes.
    pub fn into_inner(self) -> ([u8; SALT_LEN], Vec<u8>) {
        (self.salt, self.bytes)
    }
}
