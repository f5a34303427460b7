//! One frame, as bytes.
//!
//! ```text
//! frame  = length u32 | type u8 | previous frame hash 32 | fixed (length bytes) | blob length u32 | frame hash 32 | blob
//! fixed  = durable u64 | parts u16 × (commitment 32 | length u32) | body
//! blob   = parts, each salt 16 | bytes
//! frame hash = dk("leafproof journal v1", all before it in this frame); the first frame's previous hash is zeros
//! commitment = dk("leafproof payload v1", salt | bytes), the same as in a ledger entry
//! ```
//!
//! `durable` is the position up to which the journal was on disk when the frame was written: a reader that finds damage
//! before it knows that acknowledged frames were hit.

use ledger::{Hash, dk, hash::Dk};

use store::{SALT_LEN, SaltedPart};

use super::{Cursor, JournalError, Position};

/// Largest fixed bytes and largest blob of one frame: a full batch of the largest entries, or one submission's attachments; it bounds what
/// a damaged length field can make a reader allocate.
pub const MAX_FRAME_BYTES: usize = 64 << 20;

/// length, type, previous hash.
pub(super) const HEAD: usize = 4 + 1 + 32;
/// blob length, frame hash.
const MIDDLE: usize = 4 + 32;
const PART: usize = 32 + 4;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameType {
    /// A submission: what was accepted, with its parts.
    Intake = 1,
    /// Entries put into the log, with the root after them.
    Batch = 2,
    /// A signed checkpoint with co-signatures.
    Note = 3,
    /// State beside the log: accounts, comments, counts, settings, erasures.
    State = 4,
}

impl FrameType {
    fn parse(byte: u8) -> Option<Self> {
        [Self::Intake, Self::Batch, Self::Note, Self::State].into_iter().find(|t| *t as u8 == byte)
    }
}

/// A frame to be written.
#[derive(Clone, Debug)]
pub struct NewFrame {
    /// What it is.
    pub kind: FrameType,
    /// Its hashed bytes.
    pub body: Vec<u8>,
    /// Its erasable bytes.
    pub parts: Vec<SaltedPart>,
}

/// Where a part stands in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartAt {
    /// Position of its salt.
    pub at: u64,
    /// Bytes, salt included.
    pub length: u32,
}

/// Where a frame stands that was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Position of the frame.
    pub position: Position,
    /// Position of its body.
    pub body_at: u64,
    /// Its parts.
    pub parts: Vec<(Hash, PartAt)>,
}

/// A frame read back.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    /// What it is.
    pub kind: FrameType,
    /// Where it stands.
    pub position: Position,
    /// Where the next one stands, and what that one's previous hash is.
    pub next: Cursor,
    /// Position of its body.
    pub body_at: u64,
    /// Its hashed bytes.
    pub body: &'a [u8],
    /// Its parts: commitment and place.
    pub parts: Vec<(Hash, PartAt)>,
    pub(super) durable: u64,
    /// Parts that do not match their commitment: erased, or damaged.
    pub(super) mismatched: Vec<PartAt>,
}

fn part_len(part: &SaltedPart) -> usize {
    SALT_LEN + part.bytes().len()
}

pub(super) struct Group {
    pub(super) bytes: Vec<u8>,
    pub(super) written: Vec<Written>,
    /// Where the frame after the group stands.
    pub(super) next: Cursor,
}

/// The bytes of several frames, one after the other.
pub(super) fn encode_group(frames: &[NewFrame], from: Cursor, durable: u64) -> Result<Group, JournalError> {
    let position = from.position.0;
    let mut group = Group { bytes: Vec::new(), written: Vec::with_capacity(frames.len()), next: from };
    for frame in frames {
        let fixed = 8 + 2 + frame.parts.len() * PART + frame.body.len();
        let blob: usize = frame.parts.iter().map(part_len).sum();
        let largest = fixed.max(blob);
        if largest > MAX_FRAME_BYTES {
            return Err(JournalError::TooLarge { bytes: largest, limit: MAX_FRAME_BYTES });
        }
        let Ok(parts) = u16::try_from(frame.parts.len()) else {
            return Err(JournalError::TooLarge { bytes: frame.parts.len(), limit: usize::from(u16::MAX) });
        };
        let bytes = &mut group.bytes;
        let start = bytes.len();
        let at = position + start as u64;
        bytes.extend_from_slice(&(fixed as u32).to_be_bytes());
        bytes.push(frame.kind as u8);
        bytes.extend_from_slice(&group.next.previous.0);
        bytes.extend_from_slice(&durable.to_be_bytes());
        bytes.extend_from_slice(&parts.to_be_bytes());
        let mut part_at = at + (HEAD + fixed + MIDDLE) as u64;
        let mut places = Vec::with_capacity(frame.parts.len());
        for part in &frame.parts {
            bytes.extend_from_slice(&part.commitment().0);
            bytes.extend_from_slice(&(part_len(part) as u32).to_be_bytes());
            places.push((part.commitment(), PartAt { at: part_at, length: part_len(part) as u32 }));
            part_at += part_len(part) as u64;
        }
        let body_at = position + bytes.len() as u64;
        bytes.extend_from_slice(&frame.body);
        bytes.extend_from_slice(&(blob as u32).to_be_bytes());
        let hash = frame_hash(&bytes[start..]);
        bytes.extend_from_slice(&hash.0);
        for part in &frame.parts {
            bytes.extend_from_slice(part.salt());
            bytes.extend_from_slice(part.bytes());
        }
        group.next = Cursor { position: Position(position + bytes.len() as u64), previous: hash, frame: Position(at) };
        group.written.push(Written { position: Position(at), body_at, parts: places });
    }
    Ok(group)
}

/// Reads the frame at the beginning of `bytes`, which stands at `position` of the journal. Whether it follows the right frame is for the
/// caller to check, with the previous hash that is handed back.
pub(super) fn decode(bytes: &[u8], position: u64) -> Result<(Frame<'_>, Hash), &'static str> {
    const SHORT: &str = "a frame without its end";
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(SHORT)?;
    let fixed_length = u32::from_be_bytes(*length) as usize;
    if fixed_length > MAX_FRAME_BYTES {
        return Err("a frame length beyond the limit");
    }
    let (kind, rest) = rest.split_first().ok_or(SHORT)?;
    let kind = FrameType::parse(*kind).ok_or("a frame of unknown type")?;
    let (previous, rest) = rest.split_first_chunk::<32>().ok_or(SHORT)?;
    let (fixed, rest) = rest.split_at_checked(fixed_length).ok_or(SHORT)?;
    let (blob_length, rest) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
    let blob_length = u32::from_be_bytes(*blob_length) as usize;
    let (hash, blob) = rest.split_first_chunk::<32>().ok_or(SHORT)?;
    if frame_hash(&bytes[..HEAD + fixed_length + 4]) != Hash(*hash) {
        return Err("a frame whose hash does not match");
    }
    if blob_length > MAX_FRAME_BYTES {
        return Err("a blob length beyond the limit");
    }
    let blob = blob.get(..blob_length).ok_or(SHORT)?;

    const FORM: &str = "a frame whose fixed bytes break the format";
    let (durable, rest) = fixed.split_first_chunk::<8>().ok_or(FORM)?;
    let (count, rest) = rest.split_first_chunk::<2>().ok_or(FORM)?;
    let count = usize::from(u16::from_be_bytes(*count));
    let (table, body) = rest.split_at_checked(count * PART).ok_or(FORM)?;
    let blob_at = position + (HEAD + fixed_length + MIDDLE) as u64;
    let mut offset = 0;
    let mut parts = Vec::with_capacity(count);
    let mut mismatched = Vec::new();
    for row in table.chunks_exact(PART) {
        let (commitment, length) = row.split_at(32);
        let commitment = Hash::from_slice(commitment).ok_or(FORM)?;
        let length = u32::from_be_bytes(length.try_into().map_err(|_| FORM)?);
        let bytes = blob.get(offset..).and_then(|b| b.get(..length as usize)).ok_or(FORM)?;
        let place = PartAt { at: blob_at + offset as u64, length };
        if dk("leafproof payload v1", &[bytes]) != commitment {
            mismatched.push(place);
        }
        parts.push((commitment, place));
        offset += length as usize;
    }
    if offset != blob_length {
        return Err(FORM);
    }
    let end = position + (HEAD + fixed_length + MIDDLE + blob_length) as u64;
    let frame = Frame {
        kind,
        position: Position(position),
        next: Cursor { position: Position(end), previous: Hash(*hash), frame: Position(position) },
        body_at: position + (HEAD + fixed_length - body.len()) as u64,
        body,
        parts,
        durable: u64::from_be_bytes(*durable),
        mismatched,
    };
    Ok((frame, Hash(*previous)))
}

fn frame_hash(bytes: &[u8]) -> Hash {
    Dk::new("leafproof journal v1").update(bytes).finish()
}
