//! Reading a bundle: every length, order and limit is checked before anything is believed.

use super::{
    Bundle, BundleEntry, BundleError, BundlePart, Content, ENTRY, HEAD, LIST, List, MAGIC, MAX_BUNDLE, MAX_ENTRIES, MAX_LISTS,
    MAX_SUBJECT_PATH, NAME, NOTE, PART, Row,
};
use crate::bytes::{Reader, Truncated};
use crate::hash::{HASH_LEN, Hash, dk};
use crate::map::{MapError, MapProof};
use crate::note::MAX_NOTE_BYTES;
use crate::prelude::*;
use crate::tree::MAX_PROOF;

/// Bytes of a MAPHEAD leaf.
const HEAD_LEN: usize = 58;

impl From<Truncated> for BundleError {
    fn from(_: Truncated) -> Self {
        Self::Truncated
    }
}

impl Bundle {
    /// Takes a file apart.
    pub fn parse(file: &[u8]) -> Result<Self, BundleError> {
        if file.len() > MAX_BUNDLE {
            return Err(BundleError::TooLarge);
        }
        let body = file.strip_prefix(MAGIC).ok_or(BundleError::Magic)?;
        let len = body.len().checked_sub(HASH_LEN).ok_or(BundleError::Truncated)?;
        let (body, trailer) = body.split_at(len);
        if dk("leafproof bundle v1", &[MAGIC, body]).0 != trailer {
            return Err(BundleError::Trailer);
        }
        let mut r = Reader::new(body);
        let mut bundle = Self {
            name: section(&mut r, NAME)?.to_owned(),
            note: section(&mut r, NOTE)?.to_owned(),
            head: Vec::new(),
            head_path: Vec::new(),
            lists: Vec::new(),
            entries: Vec::new(),
            parts: Vec::new(),
        };
        if bundle.note.len() > MAX_NOTE_BYTES {
            return Err(BundleError::TooLarge);
        }
        let mut head = Reader::new(section(&mut r, HEAD)?);
        bundle.head = head.take(HEAD_LEN).to_owned();
        hashes(&mut head, MAX_PROOF, &mut bundle.head_path)?;
        end(&head)?;
        while !r.is_empty() {
            let (tag, bytes) = (r.u8(), r.s32());
            r.whole()?;
            bundle.read_section(tag, &mut Reader::new(bytes))?;
        }
        bundle.check_order()?;
        Ok(bundle)
    }

    fn read_section(&mut self, tag: u8, r: &mut Reader<'_>) -> Result<(), BundleError> {
        let in_order = match tag {
            LIST => self.entries.is_empty() && self.parts.is_empty(),
            ENTRY => self.parts.is_empty(),
            PART => true,
            NAME | NOTE | HEAD => false,
            _ => return Err(BundleError::UnknownSection),
        };
        if !in_order {
            return Err(BundleError::SectionOrder);
        }
        match tag {
            LIST => self.lists.push(list(r)?),
            ENTRY => self.entries.push(entry(r)?),
            _ => self.parts.push(BundlePart { commitment: r.hash(), salt: r.array(), bytes: r.s32().to_owned() }),
        }
        if self.lists.len() > MAX_LISTS || self.entries.len() > MAX_ENTRIES {
            return Err(BundleError::TooMany);
        }
        end(r)
    }

    fn check_order(&self) -> Result<(), BundleError> {
        let lists = self.lists.windows(2).all(|pair| pair[0].key < pair[1].key);
        let entries = self.entries.windows(2).all(|pair| pair[0].index < pair[1].index);
        let parts = self.parts.windows(2).all(|pair| pair[0].commitment < pair[1].commitment);
        if !(lists && entries && parts) {
            return Err(BundleError::Order);
        }
        let mut listed = Vec::new();
        listed.resize(self.entries.len(), false);
        for list in &self.lists {
            for row in list.rows() {
                match self.place(row.index) {
                    Some(at) => listed[at] = true,
                    None => return Err(BundleError::EntryNotListed),
                }
            }
        }
        if listed.contains(&false) { Err(BundleError::EntryNotListed) } else { Ok(()) }
    }
}

fn list(r: &mut Reader<'_>) -> Result<List, BundleError> {
    let key = r.key();
    let proof = match MapProof::read(r) {
        Ok(proof) => proof,
        Err(MapError::Truncated) => return Err(BundleError::Truncated),
        Err(_) => return Err(BundleError::MapProof),
    };
    let mut list = List { key, proof, content: None };
    if !list.proof.is_present() {
        return Ok(list);
    }
    let (count, from, acc_from, listed) = (r.u32(), r.u32(), r.hash(), r.u32());
    r.whole()?;
    let whole = if listed == 0 { from == count } else { from < count && count - from == listed };
    if !whole || count == 0 || (from == 0 && acc_from != Hash::ZERO) {
        return Err(BundleError::ListCounts);
    }
    if listed as usize > MAX_ENTRIES {
        return Err(BundleError::TooMany);
    }
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..listed {
        let mut row = Row { index: r.u64(), role: r.u8(), position: r.u32(), path: Vec::new() };
        hashes(r, MAX_SUBJECT_PATH, &mut row.path)?;
        if rows.last().is_some_and(|last| last.index >= row.index) {
            return Err(BundleError::Order);
        }
        rows.push(row);
    }
    list.content = Some(Content { count, from, acc_from, rows });
    Ok(list)
}

fn entry(r: &mut Reader<'_>) -> Result<BundleEntry, BundleError> {
    let mut entry = BundleEntry { index: r.u64(), leaf: r.s16().to_owned(), path: None };
    match r.u8() {
        0 => {}
        1 => hashes(r, MAX_PROOF, entry.path.get_or_insert_default())?,
        _ => return Err(BundleError::UnknownSection),
    }
    Ok(entry)
}

fn section<'a>(r: &mut Reader<'a>, tag: u8) -> Result<&'a [u8], BundleError> {
    if r.u8() != tag {
        r.whole()?;
        return Err(BundleError::SectionOrder);
    }
    let bytes = r.s32();
    r.whole()?;
    Ok(bytes)
}

fn hashes(r: &mut Reader<'_>, most: usize, out: &mut Vec<Hash>) -> Result<(), BundleError> {
    let count = usize::from(r.u8());
    if count > most {
        return Err(BundleError::PathTooLong);
    }
    for _ in 0..count {
        out.push(r.hash());
    }
    r.whole()?;
    Ok(())
}

fn end(r: &Reader<'_>) -> Result<(), BundleError> {
    r.whole()?;
    if r.is_empty() { Ok(()) } else { Err(BundleError::TrailingBytes) }
}
