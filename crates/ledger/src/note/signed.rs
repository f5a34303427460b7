//! The note itself: text, an empty line, signature lines.

use crate::prelude::*;

#[cfg(not(feature = "small"))]
use super::Checkpoint;
use super::key::is_key_name;
use super::{KeyKind, MAX_NOTE_BYTES, MAX_SIGNATURES, MlDsaCheck, NoteError, VKey, base64, decimal};
use crate::text::{cut, utf8};

/// What a signature line begins with: em dash and space.
const LINE_START: &str = "— ";

/// Bytes of the time before a co-signature.
const TIME_LEN: usize = 8;

/// A note as it was read: nothing in it may be believed before [`SignedNote::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote {
    /// The signed text, with the line feed at its end.
    pub text: String,
    /// The signatures in the order in which they stand.
    pub signatures: Vec<NoteSignature>,
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub key_id: [u8; 4],
    /// What the key's kind has here: 64 bytes of signature, before them 8 of time in a co-signature.
    pub bytes: Vec<u8>,
}

/// A signature that was checked and is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Which of the given keys it was.
    pub key: usize,
    /// The time in a co-signature, in seconds since 1970.
    pub time_s: Option<u64>,
}

impl SignedNote {
    /// Reads a note. Its form is then right; its signatures are not checked.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge);
        }
        let note = utf8(bytes).ok_or(NoteError::NotText)?;
        if note.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(NoteError::NotText);
        }
        // The last empty line divides. Searched as bytes, which keeps the verifier smaller than a search for a text.
        let end = note.as_bytes().windows(2).rposition(|pair| pair == b"\n\n");
        let (text, lines) = end.and_then(|end| note.split_at_checked(end + 1)).ok_or(NoteError::NoSignatures)?;
        let lines = lines.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let lines = lines.ok_or(NoteError::NoSignatures)?;
        let mut signatures = Vec::new();
        let mut rest = Some(lines);
        while let Some(lines) = rest {
            let line = match cut(lines, b"\n") {
                Some((line, after)) => {
                    rest = Some(after);
                    line
                }
                None => {
                    rest = None;
                    lines
                }
            };
            if signatures.len() == MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(NoteSignature::parse(line)?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The note's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut note = self.text.clone();
        note.push('\n');
        for signature in &self.signatures {
            signature.encode(&mut note);
        }
        note.into_bytes()
    }

    /// Checks the signatures of the given keys, which is where a note becomes believable: the ones that are right, in
    /// the note's order. One that is wrong refuses the note, and so does none at all. The same key may appear twice,
    /// with two times; whoever counts must count names.
    pub fn verify(&self, keys: &[VKey]) -> Result<Vec<Verified>, NoteError> {
        self.verify_by(&keys.iter().collect::<Vec<_>>(), None)
    }

    /// The same, for keys that stand in several places. Without a check of ML-DSA its signatures are those of unknown keys.
    pub(crate) fn verify_by(&self, keys: &[&VKey], ml_dsa: Option<MlDsaCheck>) -> Result<Vec<Verified>, NoteError> {
        let mut verified = Vec::new();
        for signature in &self.signatures {
            let known = |key: &&VKey| key.id() == signature.key_id && key.name() == signature.name;
            if let Some(index) = keys.iter().position(known) {
                if keys[index].kind() == KeyKind::PostQuantum && ml_dsa.is_none() {
                    continue;
                }
                let time_s = signature.verify(keys[index], &self.text, ml_dsa)?;
                verified.push(Verified { key: index, time_s });
            }
        }
        if verified.is_empty() { Err(NoteError::NotSigned) } else { Ok(verified) }
    }
}

impl NoteSignature {
    /// Reads a line without its line feed.
    pub fn parse(line: &str) -> Result<Self, NoteError> {
        let line = line.strip_prefix(LINE_START).ok_or(NoteError::BadSignatureLine)?;
        let (name, bytes) = cut(line, b" ").ok_or(NoteError::BadSignatureLine)?;
        let bytes = base64::decode(bytes).ok_or(NoteError::BadSignatureLine)?;
        match bytes.split_first_chunk() {
            Some((key_id, bytes)) if is_key_name(name) && !bytes.is_empty() => {
                Ok(Self { name: name.to_owned(), key_id: *key_id, bytes: bytes.to_owned() })
            }
            _ => Err(NoteError::BadSignatureLine),
        }
    }

    /// Appends the line, with its line feed.
    pub fn encode(&self, out: &mut String) {
        out.push_str(LINE_START);
        out.push_str(&self.name);
        out.push(' ');
        let mut bytes = self.key_id[..].to_owned();
        bytes.extend_from_slice(&self.bytes);
        base64::encode(&bytes, out);
        out.push('\n');
    }

    /// The time in the signature, if it is right and has one.
    fn verify(&self, key: &VKey, text: &str, ml_dsa: Option<MlDsaCheck>) -> Result<Option<u64>, NoteError> {
        #[cfg(not(feature = "small"))]
        if let (KeyKind::PostQuantum, Some(check)) = (key.kind(), ml_dsa) {
            return self.verify_ml_dsa(key, text, check);
        }
        #[cfg(feature = "small")]
        let _ = ml_dsa;
        let (time_s, signature, message) = match key.kind() {
            KeyKind::PostQuantum => return Err(NoteError::BadSignature),
            KeyKind::Note => (None, self.bytes.as_slice(), None),
            KeyKind::Cosignature => {
                let (time, signature) = self.bytes.split_first_chunk::<TIME_LEN>().ok_or(NoteError::BadSignature)?;
                let time_s = u64::from_be_bytes(*time);
                if time_s > i64::MAX as u64 {
                    return Err(NoteError::BadSignature);
                }
                (Some(time_s), signature, Some(cosigned_message(time_s, text)))
            }
        };
        let message = message.as_deref().unwrap_or(text);
        match signature.try_into() {
            Ok(signature) if key.public().verify_strict(message.as_bytes(), signature) => Ok(time_s),
            _ => Err(NoteError::BadSignature),
        }
    }
}

#[cfg(not(feature = "small"))]
impl NoteSignature {
    fn verify_ml_dsa(&self, key: &VKey, text: &str, check: MlDsaCheck) -> Result<Option<u64>, NoteError> {
        let (time, signature) = self.bytes.split_first_chunk::<TIME_LEN>().ok_or(NoteError::BadSignature)?;
        let time_s = u64::from_be_bytes(*time);
        let message = subtree_message(key.name(), time_s, text).filter(|_| time_s <= i64::MAX as u64);
        match message {
            Some(message) if check(key.long(), &message, signature) => Ok(Some(time_s)),
            _ => Err(NoteError::BadSignature),
        }
    }
}

/// What a co-signer signs with ML-DSA: its name, the time, and what the checkpoint says of the whole tree.
#[cfg(not(feature = "small"))]
pub fn subtree_message(name: &str, time_s: u64, text: &str) -> Option<Vec<u8>> {
    let checkpoint = Checkpoint::parse_any(text).ok()?;
    let mut message = b"subtree/v1\n\0".to_vec();
    message.push(u8::try_from(name.len()).ok()?);
    message.extend_from_slice(name.as_bytes());
    message.extend_from_slice(&time_s.to_be_bytes());
    message.push(u8::try_from(checkpoint.origin.len()).ok()?);
    message.extend_from_slice(checkpoint.origin.as_bytes());
    // From the first leaf on.
    message.extend_from_slice(&0_u64.to_be_bytes());
    message.extend_from_slice(&checkpoint.size.to_be_bytes());
    message.extend_from_slice(&checkpoint.root.0);
    Some(message)
}

/// What a co-signer signs: the time, and the whole text of the checkpoint.
pub(super) fn cosigned_message(time_s: u64, text: &str) -> String {
    let mut message = String::from("cosignature/v1\ntime ");
    decimal::push(time_s, &mut message);
    message.push('\n');
    message.push_str(text);
    message
}
