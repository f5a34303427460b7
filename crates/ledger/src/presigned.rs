//! Entries signed elsewhere, on their way to a ledger: a member's events with the bytes they commit to, or a member's version that
//! the governance key signed.
//!
//! ```text
//! "LPS1" || s8(origin) || count u16 (1..500) || count × entry || trailer 32 = dk("leafproof presigned v1", all before)
//! entry      s16(tile entry) || EVENT only: for each of its parts that it does not erase, in their order: salt 16 || s32(bytes)
//! ```
//!
//! The sequencer sets `logged_ms` anew; here it is the signer's own clock.

use core::fmt;

use crate::bytes::{Reader, Writer};
use crate::entry::{Body, EntryError, TileEntry, commitment, part_kind};
use crate::hash::{Hash, dk};
use crate::prelude::*;

/// What a file begins with.
pub const MAGIC: &[u8; 4] = b"LPS1";
/// Most entries of a file: as many as one capture takes.
pub const MAX_ENTRIES: usize = 500;
/// Bytes of the trailer.
const TRAILER: usize = 32;

/// An entry with the bytes of its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presigned {
    /// The entry and its records.
    pub tile: TileEntry,
    /// Salt and bytes of each part.
    pub parts: Vec<([u8; 16], Vec<u8>)>,
}

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresignedError {
    /// It does not begin with the magic, or its trailer does not fit: it was cut or changed on the way.
    Damaged,
    /// No entry, or more than 500.
    Count,
    /// An entry that breaks the format; which, from 0.
    Entry(usize, EntryError),
    /// A part is not the one its entry commits to; of which entry, from 0.
    Part(usize),
    /// Neither an EVENT nor a MEMBER; which, from 0.
    Kind(usize),
    /// Bytes are left over or missing.
    Length,
}

impl fmt::Display for PresignedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged => f.write_str("the file is no pre-signed capture (LPS1), or was cut or changed on the way: make it again"),
            Self::Count => f.write_str("a pre-signed capture holds 1 to 500 entries"),
            Self::Entry(at, error) => write!(f, "entry {}: {error}", at + 1),
            Self::Part(at) => write!(f, "entry {}: a part is not the one that the record commits to", at + 1),
            Self::Kind(at) => write!(f, "entry {}: only events and members come signed", at + 1),
            Self::Length => f.write_str("the file's lengths do not fit its bytes"),
        }
    }
}

impl core::error::Error for PresignedError {}

/// The file of these entries for the ledger of this origin.
pub fn encode(origin: &str, entries: &[Presigned]) -> Result<Vec<u8>, EntryError> {
    let mut out = Writer::new();
    out.put(MAGIC).s8(origin.as_bytes()).u16(entries.len() as u16);
    for entry in entries {
        out.s16(&entry.tile.encode()?);
        for (salt, bytes) in &entry.parts {
            out.put(salt).u32(bytes.len() as u32).put(bytes);
        }
    }
    let mut bytes = out.finish();
    let trailer = trailer(&bytes);
    bytes.extend_from_slice(&trailer.0);
    Ok(bytes)
}

/// Reads a file: the origin, and entries whose parts are those they commit to. Signatures are not checked here.
pub fn parse(bytes: &[u8]) -> Result<(String, Vec<Presigned>), PresignedError> {
    let (body, end) = bytes.split_at_checked(bytes.len().saturating_sub(TRAILER)).ok_or(PresignedError::Damaged)?;
    if end != trailer(body).0 || !body.starts_with(MAGIC) {
        return Err(PresignedError::Damaged);
    }
    let mut r = Reader::new(&body[MAGIC.len()..]);
    let origin = core::str::from_utf8(r.s8()).map_err(|_| PresignedError::Damaged)?.to_owned();
    let count = usize::from(r.u16());
    if !(1..=MAX_ENTRIES).contains(&count) {
        return Err(PresignedError::Count);
    }
    let mut entries = Vec::new();
    for at in 0..count {
        let tile = TileEntry::parse(r.s16()).map_err(|e| PresignedError::Entry(at, e))?;
        let mut parts = Vec::new();
        match &tile.entry.body {
            Body::Event(event) => {
                for part in event.parts.iter().filter(|part| part.kind & part_kind::ERASED == 0) {
                    let (salt, bytes) = (r.array(), r.s32().to_vec());
                    if commitment(&salt, &bytes) != part.commitment {
                        return Err(PresignedError::Part(at));
                    }
                    parts.push((salt, bytes));
                }
            }
            Body::Member(_) | Body::Grant(_) => {}
            Body::MapHead(_) | Body::Notice(_) => return Err(PresignedError::Kind(at)),
        }
        entries.push(Presigned { tile, parts });
    }
    if r.whole().is_err() || !r.is_empty() {
        return Err(PresignedError::Length);
    }
    Ok((origin, entries))
}

fn trailer(body: &[u8]) -> Hash {
    dk("leafproof presigned v1", &[body])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Draft, TestLedger};

    fn file() -> (Vec<u8>, Vec<Presigned>) {
        let mut ledger = TestLedger::new();
        let member = ledger.member("brand.example", 2, &["9506000"]);
        let event = ledger.event("brand.example", Draft::commission(&["/01/09506000134352/21/1"]));
        let parts = ledger.event_at(event).parts.iter().map(|part| ledger.parts[&part.commitment].clone()).collect();
        let entries = vec![
            Presigned { tile: ledger.tiles[member as usize].clone(), parts: Vec::new() },
            Presigned { tile: ledger.tiles[event as usize].clone(), parts },
        ];
        (encode(&ledger.origin, &entries).unwrap(), entries)
    }

    #[test]
    fn a_file_comes_back() {
        let (bytes, entries) = file();
        assert_eq!(parse(&bytes), Ok((crate::testing::ORIGIN.to_owned(), entries)));
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_refused() {
        let (bytes, _) = file();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(parse(&changed).is_err(), "byte {at}");
            assert!(parse(&bytes[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_good_trailer_makes_no_good_file() {
        let (bytes, entries) = file();
        let again = |body: &[u8]| [body, &trailer(body).0].concat();
        let body = &bytes[..bytes.len() - TRAILER];
        assert_eq!(parse(&again(&[body, &[0]].concat())), Err(PresignedError::Length));
        assert!(parse(&again(&body[..body.len() - 1])).is_err());
        let mut spoiled = entries;
        spoiled[1].parts[0].1.push(b'!');
        assert_eq!(parse(&encode(crate::testing::ORIGIN, &spoiled).unwrap()), Err(PresignedError::Part(1)));
        assert_eq!(parse(&encode(crate::testing::ORIGIN, &[]).unwrap()), Err(PresignedError::Count));
    }
}
