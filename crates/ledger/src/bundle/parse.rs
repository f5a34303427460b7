//! Reading a bundle: every length, order and limit is checked before anything is believed.

use super::{
    Bundle, BundleEntry, BundleError, BundlePart, Content, ENTRY, HEAD, LIST, List, MAGIC,
    MAX_BUNDLE, MAX_ENTRIES, MAX_LISTS, MAX_SUBJECT_PATH, NAME, NOTE, PART, Row,
};
use crate::bytes::{Reader, Truncated};
use crate::hash::{HASH_LEN, Hash, dk};
use crate::map::MapProof;
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
        let len = body
            .len()
            .checked_sub(HASH_LEN)
            .ok_or(BundleError::Truncated)?;
        let (body, trailer) = body.split_at(len);
        if dk("leafproof bundle v1", &[MAGIC, body]).0 != trailer {
            return Err(BundleError::Trailer);
        }
        let mut r = Reader::new(body);
        let name = section(&mut r, NAME)?.rest().to_vec();
        let note = section(&mut r, NOTE)?.rest().to_vec();
        if note.len() > MAX_NOTE_BYTES {
            return Err(BundleError::TooLarge);
        }
        let mut head = section(&mut r, HEAD)?;
        let mut bundle = Self {
            name,
            note,
            head: head.take(HEAD_LEN)?.to_vec(),
            head_path: hashes(&mut head, MAX_PROOF)?,
            lists: Vec::new(),
            entries: Vec::new(),
            parts: Vec::new(),
        };
        end(&head)?;
        while !r.is_empty() {
            bundle.read_section(&mut r)?;
        }
        bundle.check_order()?;
        Ok(bundle)
    }

    fn read_section(&mut self, r: &mut Reader<'_>) -> Result<(), BundleError> {
        let tag = r.u8()?;
        let len = r.u32()?;
        let mut r = Reader::new(r.take(len as usize)?);
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
            LIST => self.lists.push(list(&mut r)?),
            ENTRY => self.entries.push(entry(&mut r)?),
            _ => {
                let (commitment, salt) = (r.hash()?, r.array()?);
                let len = r.u32()?;
                self.parts.push(BundlePart {
                    commitment,
                    salt,
                    bytes: r.take(len as usize)?.to_vec(),
                });
            }
        }
        if self.lists.len() > MAX_LISTS || self.entries.len() > MAX_ENTRIES {
            return Err(BundleError::TooMany);
        }
        end(&r)
    }

    fn check_order(&self) -> Result<(), BundleError> {
        let lists = self.lists.windows(2).all(|pair| pair[0].key < pair[1].key);
        let entries = self
            .entries
            .windows(2)
            .all(|pair| pair[0].index < pair[1].index);
        let parts = self
            .parts
            .windows(2)
            .all(|pair| pair[0].commitment < pair[1].commitment);
        if !(lists && entries && parts) {
            return Err(BundleError::Order);
        }
        let mut listed = vec![false; self.entries.len()];
        for row in self
            .lists
            .iter()
            .flat_map(|list| &list.content)
            .flat_map(|content| &content.rows)
        {
            let found = self.entries.binary_search_by_key(&row.index, |e| e.index);
            listed[found.map_err(|_| BundleError::EntryNotListed)?] = true;
        }
        if listed.contains(&false) {
            Err(BundleError::EntryNotListed)
        } else {
            Ok(())
        }
    }
}

fn list(r: &mut Reader<'_>) -> Result<List, BundleError> {
    let key = r.key()?;
    let (proof, rest) = MapProof::parse(r.rest()).map_err(|_| BundleError::MapProof)?;
    *r = Reader::new(rest);
    if !proof.is_present() {
        return Ok(List {
            key,
            proof,
            content: None,
        });
    }
    let (count, from, acc_from, listed) = (r.u32()?, r.u32()?, r.hash()?, r.u32()?);
    let whole = if listed == 0 {
        from == count
    } else {
        from < count && count - from == listed
    };
    if !whole || count == 0 || (from == 0 && acc_from != Hash::ZERO) {
        return Err(BundleError::ListCounts);
    }
    if listed as usize > MAX_ENTRIES {
        return Err(BundleError::TooMany);
    }
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..listed {
        let row = Row {
            index: r.u64()?,
            role: r.u8()?,
            position: r.u32()?,
            path: hashes(r, MAX_SUBJECT_PATH)?,
        };
        if rows.last().is_some_and(|last| last.index >= row.index) {
            return Err(BundleError::Order);
        }
        rows.push(row);
    }
    Ok(List {
        key,
        proof,
        content: Some(Content {
            count,
            from,
            acc_from,
            rows,
        }),
    })
}

fn entry(r: &mut Reader<'_>) -> Result<BundleEntry, BundleError> {
    let index = r.u64()?;
    let leaf = r.s16()?.to_vec();
    let path = match r.u8()? {
        0 => None,
        1 => Some(hashes(r, MAX_PROOF)?),
        _ => return Err(BundleError::UnknownSection),
    };
    Ok(BundleEntry { index, leaf, path })
}

fn section<'a>(r: &mut Reader<'a>, tag: u8) -> Result<Reader<'a>, BundleError> {
    if r.u8()? != tag {
        return Err(BundleError::SectionOrder);
    }
    let len = r.u32()?;
    Ok(Reader::new(r.take(len as usize)?))
}

fn hashes(r: &mut Reader<'_>, most: usize) -> Result<Vec<Hash>, BundleError> {
    let count = usize::from(r.u8()?);
    if count > most {
        return Err(BundleError::PathTooLong);
    }
    let mut hashes = Vec::new();
    for _ in 0..count {
        hashes.push(r.hash()?);
    }
    Ok(hashes)
}

const fn end(r: &Reader<'_>) -> Result<(), BundleError> {
    if r.is_empty() {
        Ok(())
    } else {
        Err(BundleError::TrailingBytes)
    }
}
