//! Deriving everything anew and comparing: a data directory of a stopped server, or a running log by its tiles.

use std::path::Path;

use base::lock::{DirectoryLock, LOCK_WAIT};
use cosign::client::Client;
use cosign::follow::{Misfit, fetch, fetch_entries, fetch_records, tile_entry};
use ledger::audit::Audit;
use ledger::note::SignedNote;
use ledger::policy::{Opened, Policy};
use ledger::tiles::{TILE_HEIGHT, TILE_LEVELS, TILE_WIDTH, hashes_path};
use ledger::tree::{Nodes as _, TreeSize};

use store::Item;
use store::record::StateRecord;

/// Entries between two lines of progress.
const PROGRESS_EVERY: u64 = 10_000;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Entries, each one's form, order, signature and right to sign checked.
    pub entries: u64,
    /// Signed checkpoints that were compared with the tree.
    pub checkpoints: u64,
    /// Tiles of hashes that were compared.
    pub tiles: u64,
    /// What else a reader should know.
    pub notes: Vec<String>,
}

/// Why a check ended without "all is well".
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FsckError {
    /// Something is wrong.
    #[error("{0}")]
    Wrong(String),
    /// It could not be looked at.
    #[error("{0}")]
    Unusable(String),
}

/// Checks the data directory of a stopped server. `said` gets lines of progress.
pub fn directory(data: &Path, said: &mut dyn FnMut(String)) -> Result<Found, FsckError> {
    let unusable = |what: String| FsckError::Unusable(what);
    let path = data.join("policy");
    let policy = std::fs::read(&path).map_err(|e| unusable(format!("{}: {e}", path.display())))?;
    let policy = Policy::parse(&policy).map_err(|e| FsckError::Wrong(format!("{}: {e}", path.display())))?;
    let _lock = DirectoryLock::acquire(data, LOCK_WAIT).map_err(|e| unusable(e.to_string()))?;
    let mut audit = audit(&policy);
    let mut found = Found::default();
    let recovered = store_local::walk::walk(data, &mut |item| {
        match item {
            Item::Entries { first, entries, root } => {
                if first != audit.size() {
                    return Err(format!("a batch begins at {first}, but {} entries came before", audit.size()));
                }
                for bytes in entries {
                    audit.take(bytes).map_err(|e| e.to_string())?;
                    progress(audit.size(), said);
                }
                if audit.root() != root {
                    return Err("a batch does not give the root it says".to_owned());
                }
            }
            Item::Note(note) => {
                compare(&audit, &opened(&policy, note)?)?;
                found.checkpoints += 1;
            }
            Item::Record { body, .. } => return Ok(StateRecord::decode(body)?.erased()),
        }
        Ok(Vec::new())
    })
    .map_err(|e| FsckError::Wrong(e.to_string()))?;
    if let Some(reason) = recovered.reason {
        found
            .notes
            .push(format!("{} bytes at the journal's end were never acknowledged ({reason}); the next start cuts them off", recovered.cut));
    }
    found.entries = audit.size();
    compare_index(data, &audit, &mut found)?;
    Ok(found)
}

/// The index must not contradict the journal. That it lags behind is no fault: a start replays the rest.
fn compare_index(data: &Path, audit: &Audit, found: &mut Found) -> Result<(), FsckError> {
    let path = data.join("index");
    if !path.exists() {
        found.notes.push("there is no index; the next start makes it".to_owned());
        return Ok(());
    }
    let rebuild = |what: String| FsckError::Wrong(format!("{what}; delete {} and start the server, which makes it anew", path.display()));
    let index = store_local::walk::index(data).map_err(|e| rebuild(e.to_string()))?;
    let mut size = 0;
    for hash in index.keeper().leaf_hashes(0) {
        let hash = hash.map_err(|e| rebuild(e.to_string()))?;
        if audit.tree().node(0, size) != Some(hash) {
            return Err(rebuild(format!("the index has another entry {size} than the journal")));
        }
        size += 1;
    }
    if size < audit.size() {
        found.notes.push(format!("the index knows {size} of {} entries; the next start adds the rest", audit.size()));
        return Ok(());
    }
    // The stored nodes of the map, along each key's way, against what the lists give.
    let stored = index.map().map_err(|e| rebuild(e.to_string()))?.map(|(_, map)| map);
    let mut map = ledger::map::Map::new();
    for head in index.heads() {
        let (key, head) = head.map_err(|e| rebuild(e.to_string()))?;
        map.insert(&key, head.value(&key));
        if let Some(stored) = &stored {
            stored.leaf_in(&index, &key).map_err(|e| rebuild(format!("the way to {key} in the stored map: {e}")))?;
        }
    }
    if map.root() == audit.map().root() { Ok(()) } else { Err(rebuild("the index's lists do not give the map of the entries".to_owned())) }
}

/// Checks a running log by its files alone. Without a policy of your own the server's is taken, which then proves less.
pub fn url(url: &str, policy: Option<Policy>, key: Option<&str>, said: &mut dyn FnMut(String)) -> Result<Found, FsckError> {
    let url = url.trim_end_matches('/');
    let client = Client::new(key);
    let get = |path: &str| fetch(&client, &format!("{url}{path}")).map_err(FsckError::Unusable);
    let mut found = Found::default();
    let policy = match policy {
        Some(policy) => policy,
        None => {
            found.notes.push("the policy came from the server itself; with --policy you bring your own".to_owned());
            Policy::parse(&get("/policy")?).map_err(|e| FsckError::Wrong(format!("{url}/policy: {e}")))?
        }
    };
    let opened = opened(&policy, &get("/checkpoint")?).map_err(FsckError::Wrong)?;
    let size = opened.checkpoint.size;
    let mut audit = audit(&policy);
    while audit.size() < size {
        let next = (audit.size() + TILE_WIDTH).min(size);
        let leaves = fetch_entries(&client, url, audit.size(), next).map_err(FsckError::Unusable)?;
        let records = fetch_records(&client, url, audit.size(), next).map_err(FsckError::Unusable)?;
        for (leaf, records) in leaves.into_iter().zip(records) {
            let index = audit.size();
            let bytes = tile_entry(leaf, &records).map_err(|misfit| {
                FsckError::Wrong(match misfit {
                    Misfit::Leaf(e) => format!("entry {index}: {e}"),
                    Misfit::Records => format!("the records served for entry {index} are not those that it signed"),
                })
            })?;
            audit.take(&bytes).map_err(|e| FsckError::Wrong(e.to_string()))?;
            progress(audit.size(), said);
        }
    }
    compare(&audit, &opened).map_err(FsckError::Wrong)?;
    (found.entries, found.checkpoints) = (audit.size(), 1);
    if size > 0 && !audit.ends_in_head() {
        return Err(FsckError::Wrong("the checkpoint does not end in a MAPHEAD".to_owned()));
    }
    for level in 0..TILE_LEVELS {
        let nodes = size >> (u32::from(level) * u32::from(TILE_HEIGHT));
        for tile in 0..nodes.div_ceil(TILE_WIDTH) {
            let path = hashes_path(level, tile, (nodes - tile * TILE_WIDTH).min(TILE_WIDTH));
            let own = (tile * TILE_WIDTH..nodes.min((tile + 1) * TILE_WIDTH)).filter_map(|i| audit.tree().node(level * TILE_HEIGHT, i));
            if get(&path)? != own.flat_map(|hash| hash.0).collect::<Vec<u8>>() {
                return Err(FsckError::Wrong(format!("{path} does not hold the hashes of its entries")));
            }
            found.tiles += 1;
        }
    }
    if !opened.standing.quorum() {
        found.notes.push("the newest checkpoint is not co-signed as the policy asks".to_owned());
    }
    Ok(found)
}

fn audit(policy: &Policy) -> Audit {
    Audit::new(policy.logs()[0].vkey.name(), policy.governance().public().as_bytes())
}

fn opened(policy: &Policy, note: &[u8]) -> Result<Opened, String> {
    let note = SignedNote::parse(note).map_err(|e| format!("a checkpoint: {e}"))?;
    policy.open(&note).map_err(|e| format!("a checkpoint: {e}"))
}

fn compare(audit: &Audit, opened: &Opened) -> Result<(), String> {
    let (size, root) = (opened.checkpoint.size, opened.checkpoint.root);
    match audit.tree().root_at(TreeSize(size)) {
        Ok(own) if own == root => Ok(()),
        _ => Err(format!("the signed root for size {size} is not that of the entries")),
    }
}

fn progress(size: u64, said: &mut dyn FnMut(String)) {
    if size.is_multiple_of(PROGRESS_EVERY) {
        said(format!("{size} entries checked"));
    }
}
