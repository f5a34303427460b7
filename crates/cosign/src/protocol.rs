//! The body of `add-checkpoint` (C2SP tlog-witness): `old <size>`, the consistency proof as base64 lines, an empty line, and the
//! signed checkpoint. The answer to a good one is the co-signature lines.

use ledger::Hash;
use ledger::note::{MAX_NOTE_BYTES, NoteSignature, base64};

/// Most lines of a proof, as tlog-witness says.
const PROOF_LINES_MAX: usize = 63;
/// Longest body: a note, and a proof of 63 hashes.
pub const BODY_BYTES_MAX: usize = MAX_NOTE_BYTES + 4096;
/// The path, below a co-signer's address.
pub const ADD_CHECKPOINT: &str = "/add-checkpoint";
/// The content type of a 409's body, which is the size that the witness knows.
pub const SIZE_TYPE: &str = "text/x.tlog.size";

/// What a log asks a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness co-signed last, by what the log knows; 0 for none.
    pub old: u64,
    /// That the tree of `old` is the beginning of the new one.
    pub proof: Vec<Hash>,
    /// The signed checkpoint.
    pub note: Vec<u8>,
}

impl AddCheckpoint {
    /// The body.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = format!("old {}\n", self.old);
        for hash in &self.proof {
            base64::encode(&hash.0, &mut text);
            text.push('\n');
        }
        text.push('\n');
        let mut body = text.into_bytes();
        body.extend_from_slice(&self.note);
        body
    }

    /// Reads a body; an error says what is wrong.
    pub fn parse(body: &[u8]) -> Result<Self, &'static str> {
        let end = body.windows(2).position(|pair| pair == b"\n\n").ok_or("no empty line ends the proof")?;
        let head = std::str::from_utf8(&body[..end]).map_err(|_| "the proof is not text")?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or("the first line is not: old <size>")?;
        let canonical = !old.is_empty() && (old == "0" || !old.starts_with('0')) && old.bytes().all(|b| b.is_ascii_digit());
        let old = old.parse().ok().filter(|_| canonical).ok_or("the old size is not a decimal number")?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == PROOF_LINES_MAX {
                return Err("the proof has more than 63 hashes");
            }
            let hash = base64::decode(line).and_then(|bytes| Hash::from_slice(&bytes));
            proof.push(hash.ok_or("a line of the proof is not the base64 of 32 bytes")?);
        }
        Ok(Self { old, proof, note: body[end + 2..].to_vec() })
    }
}

/// The co-signature lines of an answer, as they are; whoever counts them verifies them.
pub fn parse_answer(body: &[u8]) -> Option<Vec<NoteSignature>> {
    let text = std::str::from_utf8(body).ok()?.strip_suffix('\n')?;
    text.split('\n').map(|line| NoteSignature::parse(line).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_back() {
        for proof in [vec![], vec![Hash([1; 32]), Hash([2; 32])]] {
            let request = AddCheckpoint { old: 7, proof, note: b"a\n\nb\n".to_vec() };
            assert_eq!(AddCheckpoint::parse(&request.encode()), Ok(request));
        }
    }

    #[test]
    fn bad_bodies_are_refused() {
        let long = format!("old 1\n{}\nnote", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n".repeat(64));
        for bad in ["", "old 1\nnote\n", "old 01\n\nnote", "old \n\nnote", "old -1\n\nnote", "new 1\n\n", "old 1\nAAAA\n\n", &long] {
            assert!(AddCheckpoint::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
