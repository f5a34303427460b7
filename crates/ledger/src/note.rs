//! Signed notes, checkpoints and co-signatures in the text formats of C2SP: signed-note, tlog-checkpoint and
//! tlog-cosignature/v1, with Ed25519 alone.
//!
//! Checked with `verify_strict`. A note that a known key should have signed, but whose signature fails, is refused
//! whole; signatures of unknown keys are ignored.
//!
//! ```
//! use ledger::note::{Checkpoint, NoteSigner, SignedNote};
//!
//! let log = NoteSigner::new("ledger.example/demo", &[7; 32])?;
//! let checkpoint = Checkpoint { origin: "ledger.example/demo".into(), size: 3, root: ledger::hash(b"a root") };
//! let text = checkpoint.encode();
//! let note = SignedNote { signatures: vec![log.sign(&text), log.cosigner().cosign(&text, 1_700_000_000)], text };
//!
//! let read = SignedNote::parse(&note.encode())?;
//! let keys = [log.vkey(), log.cosigner().vkey()];
//! assert_eq!(read.verify(&keys)?.len(), 2);
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

pub mod base64;
mod checkpoint;
pub(crate) mod decimal;
mod error;
mod key;
#[cfg(not(feature = "small"))]
mod sign;
mod signed;

pub use checkpoint::Checkpoint;
pub use error::NoteError;
pub use key::{KeyKind, VKey};
#[cfg(not(feature = "small"))]
pub use sign::{Cosigner, NoteSigner};
#[cfg(not(feature = "small"))]
pub use signed::subtree_message;
pub use signed::{NoteSignature, SignedNote, Verified};

/// Checks a signature of ML-DSA-44 with an empty context: public key, message, signature. Whoever can brings this along.
pub type MlDsaCheck = fn(&[u8], &[u8], &[u8]) -> bool;

/// Most signatures in a note: the number that C2SP asks every reader to take.
pub const MAX_SIGNATURES: usize = 16;

/// Largest note: sixteen co-signatures of ML-DSA, whose lines have 3.3 kB each, fit with long names, and a bundle writes its length in
/// two bytes.
pub const MAX_NOTE_BYTES: usize = 65_535;
