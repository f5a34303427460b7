//! The bundle: one file that proves one subject's history, the same bytes on the page, on the command line and to take away.
//!
//! `"LPB2" || sections || trailer`, a section being `tag u8 || length u32 || bytes`. There is one encoding of a bundle:
//! order, counts and forms are fixed, and a reader refuses all else.

#[cfg(not(feature = "small"))]
mod build;
#[cfg(not(feature = "small"))]
mod encode;
mod parse;

use crate::prelude::*;

use crate::bytes::Bytes;
use crate::entry::Accumulator;
use crate::hash::{Hash, Key};
use crate::map::MapProof;
use crate::prefix::PrefixProof;

#[cfg(not(feature = "small"))]
pub use build::{BuildError, Gathered, ListRows, Salted, Source, build, gather};

/// First bytes of a bundle.
pub const MAGIC: &[u8; 4] = b"LPB2";
/// Largest bundle: a phone on a slow line must still load it, and a verifier must hold it in memory.
pub const MAX_BUNDLE: usize = 4 * 1024 * 1024;
/// Most lists, members' and grants' included.
pub const MAX_LISTS: usize = 256;
/// Most entries of a history.
pub const MAX_ENTRIES: usize = 1_024;
/// The same of a file that says so: its records are so long that with more of them it would be larger than a file may be. With the fewest
/// no member's records can make it so.
pub const FEWER_ENTRIES: [usize; 3] = [512, 256, 128];
/// Most entries of a file: those of the history, and all versions of members and grants. How many these are nobody knows who is shown a
/// list without its rows, so they cannot count where a list is left out; a file has no room for more.
pub const MAX_FILE_ENTRIES: usize = 10 * MAX_ENTRIES;
/// Most proven prefixes: two for each number.
pub const MAX_PREFIX_PROOFS: usize = 64;
/// Longer lists may be shortened to their newest rows, at least this many.
pub const WHOLE_LIST: usize = 256;
/// Most hashes from a record to its subject root: 1,900 subjects make eleven levels.
pub const MAX_SUBJECT_PATH: usize = 11;

const NAME: u8 = 1;
const NOTE: u8 = 2;
const TABLE: u8 = 3;
const HEAD: u8 = 4;
const PREFIX: u8 = 5;
const LIST: u8 = 6;
const ENTRY: u8 = 7;
const PART: u8 = 8;
const LIMIT: u8 = 9;

/// A bundle taken apart. Only its form is known to be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// Bytes of the subject's name.
    pub name: Vec<u8>,
    /// The signed checkpoint.
    pub note: Vec<u8>,
    /// The MAPHEAD's leaf.
    pub head: Vec<u8>,
    /// Its path to the root.
    pub head_path: Vec<Hash>,
    /// Proven GS1 prefixes, ascending by position.
    pub prefixes: Vec<PrefixProof>,
    /// Lists, ascending by key.
    pub lists: Vec<List>,
    /// Entries, ascending by index.
    pub entries: Vec<BundleEntry>,
    /// Parts, ascending by commitment.
    pub parts: Vec<BundlePart>,
    /// Most entries of the history in this file: [`MAX_ENTRIES`], or one of [`FEWER_ENTRIES`].
    pub most_entries: usize,
}

/// What the map says about a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List {
    /// The key.
    pub key: Key,
    /// The proof.
    pub proof: MapProof,
    /// The list, where the key is present.
    pub content: Option<Content>,
}

impl List {
    /// The rows that are there.
    pub fn rows(&self) -> &[Row] {
        match &self.content {
            Some(content) => &content.rows,
            None => &[],
        }
    }
}

/// A list, or its newest rows and before them its alerts and facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// How many entries the list has.
    pub count: u32,
    /// From which place on all of them are there.
    pub from: u32,
    /// The running hash over those before.
    pub acc_from: Hash,
    /// The rows, ascending by index: alerts and facts among those before, then the others. Beside a head all alerts, or none.
    pub rows: Vec<Row>,
    /// Where facts and others are not shown: the chains of alerts and of facts.
    pub head: Option<(Accumulator, Accumulator)>,
}

impl Content {
    /// How many of the rows stand before `from`.
    pub fn early(&self) -> usize {
        self.rows.len().saturating_sub((self.count - self.from) as usize)
    }
}

/// One entry of a list, with its proof that it names the list's owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Index of the entry.
    pub index: u64,
    /// Role of the owner; 0 for MEMBER and NOTICE.
    pub role: u8,
    /// Place of the owner's record among the subjects.
    pub position: u32,
    /// From the record to the subject root.
    pub path: Vec<Hash>,
}

/// A leaf of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleEntry {
    /// Its index.
    pub index: u64,
    /// Its bytes.
    pub leaf: Vec<u8>,
    /// Its path to the root; none where it is a claim.
    pub path: Option<Vec<Hash>>,
}

/// Bytes that an entry commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundlePart {
    /// The commitment.
    pub commitment: Hash,
    /// Its salt.
    pub salt: Bytes<16>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

reasons! {
    /// Why bytes are no bundle.
    BundleError {
        Trailer "the file was damaged: its last 32 bytes are not the hash of the rest",
        Truncated "the file ends too early",
        TrailingBytes "bytes are left over in the file",
        UnknownSection "the file has a section of an unknown kind",
        SectionOrder "a section of the file is missing, twice there, or not in its place",
        Limit "the file has a limit of entries that is none",
        TooMany "the file has more than 256 lists, 10,240 entries or 64 prefixes, or a list has more than 1,024 rows",
        Table "the file's table of hashes is not in the order of first use, or has one that nothing uses",
        Prefix "a prefix in the file is not well-formed",
        PathTooLong "a path in the file is too long",
        MapProof "a map proof in the file is not well-formed",
        ListCounts "the counts of a list in the file do not fit",
        Order "lists, entries or parts of the file are not in order",
        EntryNotListed "lists and entries of the file do not fit each other",
    } kept: {
        TooLarge "the file is larger than 4 MiB",
        Magic "this is not a Leafproof bundle",
    }
}

impl BundlePart {
    /// True if salt and bytes give the commitment it stands under.
    pub fn fits(&self) -> bool {
        crate::entry::commitment(&self.salt, &self.bytes) == self.commitment
    }
}

impl Bundle {
    /// The place among the entries of the one with this index.
    pub fn place(&self, index: u64) -> Option<usize> {
        self.entries.binary_search_by_key(&index, |entry| entry.index).ok()
    }

    /// The entry of this index.
    pub fn entry(&self, index: u64) -> Option<&BundleEntry> {
        self.entries.get(self.place(index)?)
    }

    /// The list of this key.
    pub fn list(&self, key: &Key) -> Option<&List> {
        self.lists.iter().find(|list| list.key == *key)
    }

    /// The part of this commitment.
    pub fn part(&self, commitment: &Hash) -> Option<&BundlePart> {
        self.parts.iter().find(|part| part.commitment == *commitment)
    }
}
