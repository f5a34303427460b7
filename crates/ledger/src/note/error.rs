//! Why a note, a key or a checkpoint is refused.

reasons! {
    /// Why a note, a key or a checkpoint is refused.
    NoteError {
        TooLarge "the note is larger than 64 KiB",
        NotText "the note is not UTF-8 text without control characters",
        NoSignatures "the note has no empty line followed by signature lines, each ended by a line feed",
        TooManySignatures "the note has more than 16 signatures",
        BadSignatureLine "a signature line is not: em dash, space, key name, space, base64 of key id and signature",
        BadCheckpoint "the checkpoint is not three lines: origin, size without leading zeros, base64 of a 32-byte root",
        BadKey "a verifier key is written name+id+base64, the id as 8 hexadecimal digits",
        KeyIdMismatch "the id in the verifier key does not belong to its name and key",
        UnknownKeyType "the key type is neither 0x01 (note) nor 0x04 or 0x06 (co-signature)",
        BadPublicKey "the verifier key does not hold a public key of its type",
        BadKeyName "a key name is not empty and has no space, plus sign or control character",
        BadSignature "the signature of a known key is wrong",
        NotSigned "no known key signed the note",
    }
}
