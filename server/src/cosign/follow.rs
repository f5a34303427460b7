//! Following a log by its tiles alone: fetch, see that they give the signed root, check every entry, keep a copy.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use ledger::audit::{Audit, AuditError};
use ledger::entry::{Entry, EntryError, MAX_TILE_ENTRY, RECORD_LEN, leaf_hash, signed_records};
use ledger::note::Checkpoint;
use ledger::tree::{MemoryTree, TreeSize};

use super::client::Client;
use crate::http::tiles::{TILE_WIDTH, entries_path, records_path};

/// Largest answer to a request for entries or records: a full tile of the longest ones.
const TILE_BYTES_MAX: u64 = TILE_WIDTH * (MAX_TILE_ENTRY as u64 + 2);
/// How far a log's newest MAPHEAD may lie ahead of this machine's clock.
const HEAD_AHEAD_MS: u64 = 600_000;

/// Why a log could not be followed to a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// Nothing is wrong with the log as far as is known: ask again.
    #[error("{0}")]
    Later(String),
    /// The log signed a root over entries that break its rules. It will never be co-signed beyond them.
    #[error("the log signed what breaks its own rules: {0}")]
    Broken(String),
    /// The copy cannot be kept.
    #[error("{path}: {source}")]
    Disk {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A log, as far as it was read and checked.
#[derive(Debug)]
pub struct Follower {
    audit: Audit,
    /// The same tree once more, which runs ahead while a root is compared.
    tree: MemoryTree,
    file: File,
    path: PathBuf,
    client: Client,
    url: String,
    broken: Option<Broken>,
}

/// Why nothing is followed any more.
#[derive(Debug)]
enum Broken {
    /// The log broke its rules.
    Log(String),
    /// The copy here is not whole.
    Copy(String),
}

impl Follower {
    /// Takes up the copy in `path`, which is checked from its first entry on.
    pub fn open(path: &Path, origin: &str, governance: &[u8; 32], url: &str, client: Client) -> Result<Self, FollowError> {
        let failed = |source| FollowError::Disk { path: path.to_owned(), source };
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        let mut audit = Audit::new(origin, governance);
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        let mut whole = 0;
        let mut broken = None;
        let mut tree = MemoryTree::new();
        while let Some((entry, next)) = split(&bytes, whole, 1) {
            match audit.take(entry) {
                Ok(leaf) => drop(tree.append(leaf)),
                Err(fault) => {
                    broken = Some(Broken::Log(fault.to_string()));
                    break;
                }
            }
            whole = next;
        }
        // What a crash left half-written was never co-signed, and is fetched again.
        file.set_len(whole as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok(Self { audit, tree, file, path: path.to_owned(), client, url: url.trim_end_matches('/').to_owned(), broken })
    }

    /// How many entries were checked.
    pub fn size(&self) -> u64 {
        self.audit.size()
    }

    /// Reads on to this checkpoint, whose log signature was checked. When this returns without an error, every entry below it is right
    /// and its map is complete.
    pub fn follow(&mut self, checkpoint: &Checkpoint, now_ms: u64) -> Result<(), FollowError> {
        match &self.broken {
            Some(Broken::Log(what)) => return Err(FollowError::Broken(what.clone())),
            // Its own disk says nothing about the log, however often it is asked.
            Some(Broken::Copy(what)) => return Err(FollowError::Later(what.clone())),
            None => {}
        }
        if checkpoint.size < self.audit.size() {
            let root = self.audit.tree().root_at(TreeSize(checkpoint.size));
            return match root {
                Ok(root) if root == checkpoint.root => Err(FollowError::Later("a later checkpoint was checked already".to_owned())),
                _ => Err(FollowError::Broken(format!("two roots for size {}", checkpoint.size))),
            };
        }
        let from = self.audit.size();
        let leaves = fetch_entries(&self.client, &self.url, from, checkpoint.size).map_err(FollowError::Later)?;
        self.tree.extend(leaves.iter().map(|leaf| leaf_hash(leaf)));
        let root = self.tree.root();
        self.tree.truncate(TreeSize(from));
        // Only what gives the signed root is the log's own word; anything else may have been changed on the way.
        if root != checkpoint.root {
            return Err(FollowError::Later("the tiles do not give the signed root".to_owned()));
        }
        let records = fetch_records(&self.client, &self.url, from, checkpoint.size).map_err(FollowError::Later)?;
        let mut entries = Vec::new();
        for ((leaf, records), index) in leaves.into_iter().zip(records).zip(from..) {
            entries.push(tile_entry(leaf, &records).map_err(|misfit| match misfit {
                Misfit::Leaf(e) => self.fault(format!("entry {index}: {e}")),
                Misfit::Records => FollowError::Later(format!("the records of entry {index} are not those that it signed")),
            })?);
        }
        for bytes in &entries {
            let leaf = self.audit.take(bytes).map_err(|fault: AuditError| self.fault(fault.to_string()))?;
            self.tree.append(leaf);
        }
        if !self.audit.ends_in_head() {
            return Err(self.fault(format!("a checkpoint of size {} does not end in a MAPHEAD", checkpoint.size)));
        }
        if self.audit.last_ms() > now_ms.saturating_add(HEAD_AHEAD_MS) {
            return Err(FollowError::Later("the newest MAPHEAD lies more than ten minutes ahead of this clock".to_owned()));
        }
        self.kept(&entries)
    }

    /// Half of it may be written where it fails. A new start cuts that off and reads it again; until then nothing is signed.
    fn kept(&mut self, entries: &[Vec<u8>]) -> Result<(), FollowError> {
        let Err(source) = self.keep(entries) else {
            return Ok(());
        };
        self.broken = Some(Broken::Copy(format!("the copy in {} could not be kept: {source}; start again", self.path.display())));
        Err(FollowError::Disk { path: self.path.clone(), source })
    }

    fn fault(&mut self, what: String) -> FollowError {
        self.broken = Some(Broken::Log(what.clone()));
        FollowError::Broken(what)
    }

    fn keep(&mut self, entries: &[Vec<u8>]) -> io::Result<()> {
        let mut bytes = Vec::new();
        for entry in entries {
            bytes.extend_from_slice(&(entry.len() as u16).to_be_bytes());
            bytes.extend_from_slice(entry);
        }
        self.file.write_all(&bytes)?;
        self.file.sync_all()
    }
}

/// Why a leaf and records are no tile entry together.
#[derive(Debug)]
pub enum Misfit {
    /// The leaf itself breaks the format.
    Leaf(EntryError),
    /// The records are not those whose count and root the leaf signs. That says something about who served them, and nothing about the
    /// log.
    Records,
}

/// A leaf and the records that were served beside it, as one tile entry.
pub fn tile_entry(mut leaf: Vec<u8>, records: &[u8]) -> Result<Vec<u8>, Misfit> {
    let entry = Entry::parse(&leaf).map_err(Misfit::Leaf)?;
    let signed = match entry.event() {
        Some(event) => signed_records(event, records).is_some(),
        None => records.is_empty(),
    };
    if !signed {
        return Err(Misfit::Records);
    }
    leaf.extend_from_slice(records);
    Ok(leaf)
}

/// The leaves from `from` on, up to `size`, as a log's tiles hold them.
pub fn fetch_entries(client: &Client, url: &str, from: u64, size: u64) -> Result<Vec<Vec<u8>>, String> {
    fetch_each(client, url, from, size, entries_path, 1)
}

/// The records of the same entries, those of each in one piece.
pub fn fetch_records(client: &Client, url: &str, from: u64, size: u64) -> Result<Vec<Vec<u8>>, String> {
    fetch_each(client, url, from, size, records_path, RECORD_LEN)
}

/// The pieces `from..size` of tiles in which each has its length, in units of `unit` bytes, before it.
fn fetch_each(
    client: &Client,
    url: &str,
    from: u64,
    size: u64,
    path: impl Fn(u64, u64) -> String,
    unit: usize,
) -> Result<Vec<Vec<u8>>, String> {
    let mut pieces = Vec::new();
    let mut next = from;
    while next < size {
        let tile = next / TILE_WIDTH;
        let width = (size - tile * TILE_WIDTH).min(TILE_WIDTH);
        let path = path(tile, width);
        let body = fetch(client, &format!("{url}{path}"))?;
        let all = parse_pieces(&body, unit).filter(|all| all.len() as u64 == width);
        let all = all.ok_or_else(|| format!("{url}{path} is no tile of {width} entries"))?;
        pieces.extend(all.into_iter().skip((next - tile * TILE_WIDTH) as usize).map(<[u8]>::to_vec));
        next = tile * TILE_WIDTH + width;
    }
    Ok(pieces)
}

/// A file of the log.
pub fn fetch(client: &Client, url: &str) -> Result<Vec<u8>, String> {
    let answer = client.get(url, TILE_BYTES_MAX)?;
    match answer.status {
        200 => Ok(answer.body),
        401 => Err(format!("{url} is for members only: name an API key with --key")),
        status => Err(format!("{url} answered {status}")),
    }
}

/// The pieces of a tile: each with its length in two bytes before it.
fn parse_pieces(bytes: &[u8], unit: usize) -> Option<Vec<&[u8]>> {
    let (mut pieces, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let (piece, next) = split(bytes, at, unit)?;
        pieces.push(piece);
        at = next;
    }
    Some(pieces)
}

/// The piece at this place, and where the next one begins.
fn split(bytes: &[u8], at: usize, unit: usize) -> Option<(&[u8], usize)> {
    let length = unit * usize::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    Some((bytes.get(at + 2..at + 2 + length)?, at + 2 + length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosign::client::Client;

    #[test]
    fn a_copy_that_cannot_be_kept_says_nothing_about_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("entries");
        let mut follower = Follower::open(&path, "ledger.test/1", &[0; 32], "http://127.0.0.1:9", Client::new(None)).unwrap();
        follower.file = File::open(&path).unwrap();
        assert!(matches!(follower.kept(&[vec![1, 2, 3]]), Err(FollowError::Disk { .. })), "it is open for reading alone");
        let checkpoint = Checkpoint { origin: "ledger.test/1".to_owned(), size: 3, root: ledger::Hash::ZERO };
        for _ in 0..2 {
            let again = follower.follow(&checkpoint, 0);
            assert!(matches!(again, Err(FollowError::Later(_))), "503 and not 422, which says that the log forks: {again:?}");
        }
    }
}
