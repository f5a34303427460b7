//! Writing a bundle.

use alloc::collections::BTreeMap;

use super::{Bundle, ENTRY, HEAD, LIMIT, LIST, List, MAGIC, MAX_BUNDLE, MAX_ENTRIES, NAME, NOTE, PART, PREFIX, TABLE};
use crate::bytes::Writer;
use crate::hash::{HASH_LEN, Hash, dk};
use crate::note::MAX_NOTE_BYTES;
use crate::prelude::*;

/// The hashes of all paths, each once, in the order of first use.
#[derive(Default)]
struct Table {
    numbers: BTreeMap<Hash, u16>,
    bytes: Vec<u8>,
}

impl Table {
    /// Past 65,535 hashes numbers are wrong, and the file is refused: it would be larger than a bundle may be, nearly.
    fn number(&mut self, hash: &Hash) -> u16 {
        let next = self.numbers.len() as u16;
        *self.numbers.entry(*hash).or_insert_with(|| {
            self.bytes.extend_from_slice(&hash.0);
            next
        })
    }

    fn path(&mut self, out: &mut Writer, path: &[Hash]) {
        out.count8(path.len());
        for hash in path {
            out.u16(self.number(hash));
        }
    }
}

impl Bundle {
    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        let (mut out, mut table, mut after) = (Writer::new(), Table::default(), Writer::new());
        let mut head = Writer::new();
        table.path(head.put(&self.head), &self.head_path);
        section(&mut after, HEAD, &head.finish());
        for proof in &self.prefixes {
            let mut bytes = Writer::new();
            bytes.u32(proof.position).put(&proof.prefix.bytes());
            table.path(&mut bytes, &proof.path);
            section(&mut after, PREFIX, &bytes.finish());
        }
        for list in &self.lists {
            section(&mut after, LIST, &encode_list(list, &mut table));
        }
        for entry in &self.entries {
            let mut bytes = Writer::new();
            bytes.u64(entry.index).s16(&entry.leaf).u8(u8::from(entry.path.is_some()));
            if let Some(path) = &entry.path {
                table.path(&mut bytes, path);
            }
            section(&mut after, ENTRY, &bytes.finish());
        }
        for part in &self.parts {
            let mut bytes = Writer::new();
            bytes.put(&part.commitment.0).put(&part.salt).u32(part.bytes.len() as u32).put(&part.bytes);
            section(&mut after, PART, &bytes.finish());
        }
        if self.most_entries != MAX_ENTRIES {
            section(&mut after, LIMIT, &(self.most_entries as u16).to_be_bytes());
        }
        out.put(MAGIC);
        section(&mut out, NAME, &self.name);
        section(&mut out, NOTE, &self.note);
        section(&mut out, TABLE, &table.bytes);
        out.put(&after.finish());
        seal(out.finish())
    }

    /// Whether the file may be that large.
    pub(super) fn fits(&self) -> bool {
        let paths = |hashes: usize| hashes * (HASH_LEN + 2);
        let lists = self.lists.iter().map(|list| {
            let rows = list.rows().iter().map(|row| 16 + paths(row.path.len()));
            200 + paths(256) + rows.sum::<usize>()
        });
        let entries = self.entries.iter().map(|entry| 20 + entry.leaf.len() + paths(entry.path.as_ref().map_or(0, Vec::len)));
        let parts = self.parts.iter().map(|part| 64 + part.bytes.len());
        let most: usize = lists.chain(entries).chain(parts).sum();
        // As if no two paths had a hash in common; only where that is too much it is worth writing it to see.
        most + MAX_NOTE_BYTES < MAX_BUNDLE || self.encode().len() <= MAX_BUNDLE
    }
}

/// Appends the trailer to everything before it.
pub(super) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let trailer = dk("leafproof bundle v2", &[&bytes]);
    bytes.extend_from_slice(&trailer.0);
    bytes
}

fn encode_list(list: &List, table: &mut Table) -> Vec<u8> {
    let mut proof = Vec::new();
    list.proof.encode_with(&mut proof, &mut |hash, out| out.extend_from_slice(&table.number(hash).to_be_bytes()));
    let mut out = Writer::new();
    out.put(list.key.as_bytes()).put(&proof);
    if let Some(content) = &list.content {
        out.u32(content.count).u32(content.from).put(&content.acc_from.0).u8(u8::from(content.head.is_none()));
        if let Some((alerts, facts)) = &content.head {
            out.u32(alerts.count).put(&alerts.acc.0).u32(facts.count).put(&facts.acc.0);
        }
        out.u32(content.rows.len() as u32);
        for row in &content.rows {
            out.u64(row.index).u8(row.role).u32(row.position);
            table.path(&mut out, &row.path);
        }
    }
    out.finish()
}

fn section(out: &mut Writer, tag: u8, bytes: &[u8]) {
    out.u8(tag).u32(bytes.len() as u32).put(bytes);
}
