//! Why a note, a key or a checkpoint is refused.

use core::fmt;

/// Why a note, a key or a checkpoint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// More than 16 KiB.
    TooLarge,
    /// Not UTF-8, or a control character other than the line feed.
    NotText,
    /// No empty line between text and signatures, or no line feed at the end.
    NoSignatures,
    /// More than 16 signatures.
    TooManySignatures,
    /// A signature line is not `— name base64`.
    BadSignatureLine,
    /// The text is not a checkpoint of three lines: origin, size, root.
    BadCheckpoint,
    /// A verifier key is not `name+id+base64`.
    BadKey,
    /// The id in a verifier key is not the one of its name and key.
    KeyIdMismatch,
    /// The key's type is neither 0x01 nor 0x04.
    UnknownKeyType,
    /// The 32 bytes of the key are not an Ed25519 key.
    BadPublicKey,
    /// A key name is empty or has a space, a plus sign or a control character.
    BadKeyName,
    /// A known key's signature is not right: the note was changed, or was never signed by that key.
    BadSignature,
    /// No known key signed.
    NotSigned,
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the note is larger than 16 KiB",
            Self::NotText => "the note is not UTF-8 text without control characters",
            Self::NoSignatures => "the note has no empty line followed by signature lines, each ended by a line feed",
            Self::TooManySignatures => "the note has more than 16 signatures",
            Self::BadSignatureLine => "a signature line is not: em dash, space, key name, space, base64 of key id and signature",
            Self::BadCheckpoint => "the checkpoint is not three lines: origin, size without leading zeros, base64 of a 32-byte root",
            Self::BadKey => "a verifier key is written name+id+base64, the id as 8 hexadecimal digits",
            Self::KeyIdMismatch => "the id in the verifier key does not belong to its name and key",
            Self::UnknownKeyType => "the key type is neither 0x01 (note) nor 0x04 (co-signature)",
            Self::BadPublicKey => "the verifier key does not hold an Ed25519 public key",
            Self::BadKeyName => "a key name is not empty and has no space, plus sign or control character",
            Self::BadSignature => "the signature of a known key is wrong",
            Self::NotSigned => "no known key signed the note",
        })
    }
}

impl core::error::Error for NoteError {}
