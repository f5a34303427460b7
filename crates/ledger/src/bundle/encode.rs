//! Writing a bundle.

use super::{Bundle, ENTRY, HEAD, LIST, List, MAGIC, NAME, NOTE, PART};
use crate::bytes::Writer;
use crate::hash::{Hash, dk};
use crate::prelude::*;

impl Bundle {
    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new();
        out.put(MAGIC);
        section(&mut out, NAME, &self.name);
        section(&mut out, NOTE, &self.note);
        let mut head = Writer::new();
        hashes(head.put(&self.head), &self.head_path);
        section(&mut out, HEAD, &head.finish());
        for list in &self.lists {
            section(&mut out, LIST, &encode_list(list));
        }
        for entry in &self.entries {
            let mut bytes = Writer::new();
            bytes.u64(entry.index).s16(&entry.leaf).u8(u8::from(entry.path.is_some()));
            if let Some(path) = &entry.path {
                hashes(&mut bytes, path);
            }
            section(&mut out, ENTRY, &bytes.finish());
        }
        for part in &self.parts {
            let mut bytes = Writer::new();
            bytes.put(&part.commitment.0).put(&part.salt).u32(part.bytes.len() as u32).put(&part.bytes);
            section(&mut out, PART, &bytes.finish());
        }
        seal(out.finish())
    }
}

/// Appends the trailer to everything before it.
pub(super) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let trailer = dk("leafproof bundle v1", &[&bytes]);
    bytes.extend_from_slice(&trailer.0);
    bytes
}

fn encode_list(list: &List) -> Vec<u8> {
    let mut proof = Vec::new();
    list.proof.encode(&mut proof);
    let mut out = Writer::new();
    out.put(list.key.as_bytes()).put(&proof);
    if let Some(content) = &list.content {
        out.u32(content.count).u32(content.from).put(&content.acc_from.0).u32(content.rows.len() as u32);
        for row in &content.rows {
            out.u64(row.index).u8(row.role).u32(row.position);
            hashes(&mut out, &row.path);
        }
    }
    out.finish()
}

fn section(out: &mut Writer, tag: u8, bytes: &[u8]) {
    out.u8(tag).u32(bytes.len() as u32).put(bytes);
}

fn hashes(out: &mut Writer, hashes: &[Hash]) {
    out.count8(hashes.len());
    for hash in hashes {
        out.put(&hash.0);
    }
}
