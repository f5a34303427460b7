//! Reading a bundle: every length, order and limit is checked before anything is believed.

use super::{
    Bundle, BundleEntry, BundleError, BundlePart, Content, ENTRY, FEWER_ENTRIES, HEAD, LIMIT, LIST, List, MAGIC, MAX_BUNDLE, MAX_ENTRIES,
    MAX_FILE_ENTRIES, MAX_LISTS, MAX_PREFIX_PROOFS, MAX_SUBJECT_PATH, NAME, NOTE, PART, PREFIX, Row, TABLE,
};
use crate::bytes::{Reader, Truncated};
use crate::entry::Accumulator;
use crate::hash::{HASH_LEN, Hash, dk};
use crate::map::{MapError, MapProof};
use crate::note::MAX_NOTE_BYTES;
use crate::prefix::{Prefix, PrefixProof};
use crate::prelude::*;
use crate::tree::MAX_PROOF;

/// Bytes of a MAPHEAD leaf.
const HEAD_LEN: usize = 94;

impl From<Truncated> for BundleError {
    fn from(_: Truncated) -> Self {
        Self::Truncated
    }
}

/// The table of hashes, of which paths name each by its number, the first time in ascending order.
struct Table<'a> {
    bytes: &'a [u8],
    used: usize,
    wrong: bool,
}

impl Table<'_> {
    #[inline(never)]
    fn read(&mut self, r: &mut Reader<'_>) -> Hash {
        let number = r.count16();
        let at = number * HASH_LEN;
        match self.bytes.get(at..at + HASH_LEN).and_then(Hash::from_slice) {
            Some(hash) if number <= self.used => {
                self.used += usize::from(number == self.used);
                hash
            }
            _ => {
                self.wrong = true;
                Hash::ZERO
            }
        }
    }

    fn check(&self) -> Result<(), BundleError> {
        if self.wrong { Err(BundleError::Table) } else { Ok(()) }
    }

    fn path(&mut self, r: &mut Reader<'_>, most: usize, out: &mut Vec<Hash>) -> Result<(), BundleError> {
        let count = r.count8();
        if count > most {
            return Err(BundleError::PathTooLong);
        }
        for _ in 0..count {
            let hash = self.read(r);
            out.push(hash);
        }
        r.whole()?;
        self.check()
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
        if dk("leafproof bundle v2", &[MAGIC, body]).as_bytes() != trailer {
            return Err(BundleError::Trailer);
        }
        let mut r = Reader::new(body);
        let mut bundle = Self {
            name: section(&mut r, NAME)?.to_owned(),
            note: section(&mut r, NOTE)?.to_owned(),
            head: Vec::new(),
            head_path: Vec::new(),
            prefixes: Vec::new(),
            lists: Vec::new(),
            entries: Vec::new(),
            parts: Vec::new(),
            most_entries: MAX_ENTRIES,
        };
        if bundle.note.len() > MAX_NOTE_BYTES {
            return Err(BundleError::TooLarge);
        }
        let mut table = Table { bytes: section(&mut r, TABLE)?, used: 0, wrong: false };
        let mut head = Reader::new(section(&mut r, HEAD)?);
        bundle.head = head.take(HEAD_LEN).to_owned();
        table.path(&mut head, MAX_PROOF, &mut bundle.head_path)?;
        end(&head)?;
        while !r.is_empty() {
            let (tag, bytes) = (r.u8(), r.s32());
            r.whole()?;
            bundle.read_section(tag, &mut Reader::new(bytes), &mut table)?;
        }
        if table.used * HASH_LEN != table.bytes.len() {
            return Err(BundleError::Table);
        }
        bundle.check_order()?;
        Ok(bundle)
    }

    fn read_section(&mut self, tag: u8, r: &mut Reader<'_>, table: &mut Table<'_>) -> Result<(), BundleError> {
        // The limit is the last section.
        let in_order = self.most_entries == MAX_ENTRIES
            && match tag {
                PREFIX => self.lists.is_empty() && self.entries.is_empty() && self.parts.is_empty(),
                LIST => self.entries.is_empty() && self.parts.is_empty(),
                ENTRY => self.parts.is_empty(),
                PART | LIMIT => true,
                NAME | NOTE | TABLE | HEAD => false,
                _ => return Err(BundleError::UnknownSection),
            };
        if !in_order {
            return Err(BundleError::SectionOrder);
        }
        match tag {
            PREFIX => self.read_prefix(r, table)?,
            LIST => self.read_list(r, table)?,
            ENTRY => self.read_entry(r, table)?,
            LIMIT => {
                self.most_entries = r.count16();
                if !FEWER_ENTRIES.contains(&self.most_entries) {
                    return Err(BundleError::Limit);
                }
            }
            _ => self.parts.push(BundlePart { commitment: r.hash(), salt: r.array(), bytes: r.s32().to_owned() }),
        }
        if self.lists.len() > MAX_LISTS || self.entries.len() > MAX_FILE_ENTRIES || self.prefixes.len() > MAX_PREFIX_PROOFS {
            return Err(BundleError::TooMany);
        }
        end(r)
    }

    fn read_prefix(&mut self, r: &mut Reader<'_>, table: &mut Table<'_>) -> Result<(), BundleError> {
        let position = r.u32();
        let prefix = Prefix::read(r);
        r.whole()?;
        let mut proof = PrefixProof { position, prefix: prefix.ok_or(BundleError::Prefix)?, path: Vec::new() };
        table.path(r, MAX_PROOF, &mut proof.path)?;
        self.prefixes.push(proof);
        Ok(())
    }

    fn read_list(&mut self, r: &mut Reader<'_>, table: &mut Table<'_>) -> Result<(), BundleError> {
        let key = r.key();
        let proof = match MapProof::read_with(r, &mut |r| table.read(r)) {
            Ok(proof) => proof,
            Err(MapError::Truncated) => return Err(BundleError::Truncated),
            Err(_) => return Err(BundleError::MapProof),
        };
        table.check()?;
        if !proof.is_present() {
            self.lists.push(List { key, proof, content: None });
            return Ok(());
        }
        let mut content = Content { count: r.u32(), from: r.u32(), acc_from: r.hash(), rows: Vec::new(), head: None };
        let form = r.u8();
        r.whole()?;
        if content.count == 0 || content.from > content.count || content.from == 0 && content.acc_from != Hash::ZERO {
            return Err(BundleError::ListCounts);
        }
        if form == 0 {
            let mut chain = || Accumulator { count: r.u32(), acc: r.hash() };
            content.head = Some((chain(), chain()));
        }
        let listed = r.u32();
        r.whole()?;
        let newest = content.count - content.from;
        let fits = match &content.head {
            // All alerts, or none.
            Some((alerts, _)) => newest == 0 && (listed == 0 || listed == alerts.count),
            None => form == 1 && listed >= newest && listed - newest <= content.from,
        };
        if !fits {
            return Err(BundleError::ListCounts);
        }
        if listed as usize > MAX_ENTRIES {
            return Err(BundleError::TooMany);
        }
        for _ in 0..listed {
            let mut row = Row { index: r.u64(), role: r.u8(), position: r.u32(), path: Vec::new() };
            table.path(r, MAX_SUBJECT_PATH, &mut row.path)?;
            if content.rows.last().is_some_and(|last| last.index >= row.index) {
                return Err(BundleError::Order);
            }
            content.rows.push(row);
        }
        self.lists.push(List { key, proof, content: Some(content) });
        Ok(())
    }

    fn read_entry(&mut self, r: &mut Reader<'_>, table: &mut Table<'_>) -> Result<(), BundleError> {
        let mut entry = BundleEntry { index: r.u64(), leaf: r.s16().to_owned(), path: None };
        match r.u8() {
            0 => {}
            1 => table.path(r, MAX_PROOF, entry.path.get_or_insert_default())?,
            _ => return Err(BundleError::UnknownSection),
        }
        self.entries.push(entry);
        Ok(())
    }

    fn check_order(&self) -> Result<(), BundleError> {
        let lists = self.lists.windows(2).all(|pair| pair[0].key < pair[1].key);
        let entries = self.entries.windows(2).all(|pair| pair[0].index < pair[1].index);
        let parts = self.parts.windows(2).all(|pair| pair[0].commitment < pair[1].commitment);
        let sorted = |pair: &[PrefixProof]| pair[0].position < pair[1].position && *pair[0].prefix.digits < *pair[1].prefix.digits;
        if !(lists && entries && parts && self.prefixes.windows(2).all(sorted)) {
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

fn section<'a>(r: &mut Reader<'a>, tag: u8) -> Result<&'a [u8], BundleError> {
    if r.u8() != tag {
        r.whole()?;
        return Err(BundleError::SectionOrder);
    }
    let bytes = r.s32();
    r.whole()?;
    Ok(bytes)
}

fn end(r: &Reader<'_>) -> Result<(), BundleError> {
    r.whole()?;
    if r.is_empty() { Ok(()) } else { Err(BundleError::TrailingBytes) }
}
