//! Following a log by its tiles alone: fetch, see that they give the signed root, check every entry, keep a copy.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use ledger::audit::{Audit, AuditError};
use ledger::entry::{Entry, EntryError, MAX_TILE_ENTRY, RECORD_LEN, leaf_hash, signed_records};
use ledger::note::Checkpoint;
use ledger::tiles::{TILE_WIDTH, entries_path, records_path};
use ledger::tree::{MemoryTree, TreeSize};

use crate::client::Client;

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
    /// Whether the file holds what was read, and no more. A failing disk or a panic leaves this false, and the copy is taken up anew.
    kept: bool,
    path: PathBuf,
    /// The log before its first entry.
    fresh: Audit,
    client: Client,
    url: String,
    /// How the log broke its rules: nothing is followed any more.
    broken: Option<String>,
}

impl Follower {
    /// Takes up the copy in `path` as far as `signed`, the checkpoint that was co-signed last. It is checked from its first entry on.
    pub fn open(
        path: &Path,
        origin: &str,
        governance: &[u8; 32],
        signed: Option<&Checkpoint>,
        url: &str,
        client: Client,
    ) -> Result<Self, FollowError> {
        let fresh = Audit::new(origin, governance);
        let (file, audit, tree) = take_up(path, fresh.clone(), signed)?;
        Ok(Self {
            audit,
            tree,
            file,
            kept: true,
            path: path.to_owned(),
            fresh,
            client,
            url: url.trim_end_matches('/').to_owned(),
            broken: None,
        })
    }

    /// How many entries were checked.
    pub fn size(&self) -> u64 {
        self.audit.size()
    }

    /// Reads on to this checkpoint, whose log signature was checked and which continues `signed`, the one co-signed last. When this
    /// returns without an error, every entry below it is right and its map is complete.
    pub fn follow(&mut self, checkpoint: &Checkpoint, signed: Option<&Checkpoint>, now_ms: u64) -> Result<(), FollowError> {
        if let Some(what) = &self.broken {
            return Err(FollowError::Broken(what.clone()));
        }
        if !self.kept {
            (self.file, self.audit, self.tree) = take_up(&self.path, self.fresh.clone(), signed)?;
            self.kept = true;
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
        // Asked before anything moves: the clock may be the one that is wrong. Of a last entry without form the audit says more.
        let last_ms = leaves.last().and_then(|leaf| Entry::parse(leaf).ok()).map_or(self.audit.last_ms(), |last| last.logged_ms);
        if last_ms > now_ms.saturating_add(HEAD_AHEAD_MS) {
            return Err(FollowError::Later("the newest MAPHEAD lies more than ten minutes ahead of this clock".to_owned()));
        }
        let records = fetch_records(&self.client, &self.url, from, checkpoint.size).map_err(FollowError::Later)?;
        let mut entries = Vec::new();
        for ((leaf, records), index) in leaves.into_iter().zip(records).zip(from..) {
            entries.push(tile_entry(leaf, &records).map_err(|misfit| match misfit {
                Misfit::Leaf(e) => self.fault(format!("entry {index}: {e}")),
                Misfit::Records => FollowError::Later(format!("the records of entry {index} are not those that it signed")),
            })?);
        }
        self.kept = false;
        for bytes in &entries {
            let leaf = self.audit.take(bytes).map_err(|fault: AuditError| self.fault(fault.to_string()))?;
            self.tree.append(leaf);
        }
        if !self.audit.ends_in_head() {
            return Err(self.fault(format!("a checkpoint of size {} does not end in a MAPHEAD", checkpoint.size)));
        }
        self.keep(&entries).map_err(|source| FollowError::Disk { path: self.path.clone(), source })?;
        self.kept = true;
        Ok(())
    }

    fn fault(&mut self, what: String) -> FollowError {
        self.broken = Some(what.clone());
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

/// Opens the copy in `path` and checks it from its first entry on. It counts as far as it gives the root of `signed`, the checkpoint that
/// was co-signed last: what lies behind that a crash left, and is cut off. A copy that does not give that root was spoilt here, which says
/// nothing about the log: it is emptied, and all is read again.
fn take_up(path: &Path, fresh: Audit, signed: Option<&Checkpoint>) -> Result<(File, Audit, MemoryTree), FollowError> {
    let failed = |source| FollowError::Disk { path: path.to_owned(), source };
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed)?;
    let signed = signed.filter(|signed| signed.size > 0);
    let (mut audit, mut whole) = (fresh.clone(), 0);
    while audit.size() < signed.map_or(0, |signed| signed.size) {
        let Some((entry, next)) = split(&bytes, whole, 1) else { break };
        if audit.take(entry).is_err() {
            break;
        }
        whole = next;
    }
    if signed.is_some_and(|signed| (audit.size(), audit.root()) != (signed.size, signed.root)) {
        tracing::warn!(path = %path.display(), "the copy is not what was co-signed; it is read again from the log's first entry");
        (audit, whole) = (fresh, 0);
    }
    file.set_len(whole as u64).map_err(failed)?;
    let tree = audit.tree().clone();
    Ok((file, audit, tree))
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
    use std::collections::BTreeMap;

    use axum::Router;
    use axum::http::{StatusCode, Uri};
    use ledger::entry::Record;
    use ledger::note::SignedNote;
    use ledger::testing::{Draft, ORIGIN, TestLedger};

    use super::*;

    /// What a log answers to somebody who reads its one tile.
    async fn serve(log: &TestLedger) -> String {
        let framed = |piece: Vec<u8>, unit: usize| [&((piece.len() / unit) as u16).to_be_bytes()[..], &piece].concat();
        let entries = log.tiles.iter().flat_map(|tile| framed(tile.entry.encode(), 1)).collect::<Vec<u8>>();
        let records = log.tiles.iter().flat_map(|tile| framed(tile.records.iter().flat_map(Record::bytes).collect(), RECORD_LEN)).collect();
        let size = log.tiles.len() as u64;
        let files = BTreeMap::from([(entries_path(0, size), entries), (records_path(0, size), records)]);
        let router = Router::new().fallback(move |uri: Uri| {
            let file = files.get(uri.path()).cloned().ok_or(StatusCode::NOT_FOUND);
            async move { file }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    /// A full disk says nothing about the log, and nothing is signed that is not kept: the same is read once more.
    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn what_could_not_be_kept_is_read_again() {
        let mut log = TestLedger::new();
        log.member("brand.example", 2, &["9506000"]);
        log.event("brand.example", Draft::commission(&["/01/09506000134352/21/1"]));
        log.head();
        let checkpoint = Checkpoint::parse(&SignedNote::parse(&log.note(&[])).unwrap().text).unwrap();
        let (governance, url) = (TestLedger::governance().verifying_key().to_bytes(), serve(&log).await);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("entries");
        let open = |signed| Follower::open(&path, ORIGIN, &governance, signed, &url, Client::new(None)).unwrap();
        let mut follower = open(None);
        follower.file = File::open(&path).unwrap();
        let refused = follower.follow(&checkpoint, None, log.now_ms);
        assert!(matches!(refused, Err(FollowError::Disk { .. })), "it is open for reading alone: {refused:?}");
        follower.follow(&checkpoint, None, log.now_ms).unwrap();
        drop(follower);
        assert_eq!(open(Some(&checkpoint)).size(), checkpoint.size);
    }
}
