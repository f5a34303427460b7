//! A witness or mirror: takes a checkpoint, looks that it continues the one before, keeps it, and signs.

use std::path::Path;
use std::sync::{Mutex, PoisonError, TryLockError};

use base::clock::Clock;
use ledger::note::{Checkpoint, Cosigner, KeyKind, SignedNote, VKey};
use ledger::policy::Policy;
use ledger::tree::{Log, TreeSize, verify_consistency};

use crate::client::Client;
use crate::follow::{FollowError, Follower};
use crate::protocol::AddCheckpoint;
use crate::store::{Store, cosigner};

/// Someone who co-signs.
pub struct Party {
    cosigner: Cosigner,
    /// The logs that it knows, by their keys. A log may have several keys under one name.
    logs: Vec<VKey>,
    mirrors: bool,
    clock: Clock,
    /// One checkpoint at a time: between looking at the newest and keeping the next nobody may come.
    turn: Mutex<Turn>,
}

struct Turn {
    store: Store,
    follower: Option<Follower>,
}

/// Why a checkpoint was not co-signed.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 400: not an `add-checkpoint` request.
    Malformed(String),
    /// 404: another log.
    UnknownLog(String),
    /// 403: not signed by the log's key.
    Signature(String),
    /// 409: this is the size that is known here.
    OtherSize(u64),
    /// 409: this size is known here, with another root.
    OtherRoot(u64),
    /// 422: it does not continue what was signed here, or the log broke its rules.
    Fork(String),
    /// 503: not now.
    Later(String),
}

impl Party {
    /// A witness with this folder, for any logs that keep to C2SP's tlog-checkpoint.
    pub fn witness(folder: &Path, name: &str, logs: Vec<VKey>, clock: Clock) -> Result<Self, String> {
        if logs.is_empty() {
            return Err("no log is named, so there is nothing to witness".to_owned());
        }
        if let Some(key) = logs.iter().find(|key| key.kind() != KeyKind::Note) {
            return Err(format!("{key} is no log's key: its type must be 01"));
        }
        let cosigner = cosigner(folder, name)?;
        Ok(Self { cosigner, logs, mirrors: false, clock, turn: Mutex::new(Turn { store: Store::open(folder)?, follower: None }) })
    }

    /// A mirror with this folder, which reads the log's tiles below `url`.
    pub fn mirror(folder: &Path, name: &str, policy: &Policy, clock: Clock, url: &str, key: Option<&str>) -> Result<Self, String> {
        let cosigner = cosigner(folder, name)?;
        let store = Store::open(folder)?;
        // One folder holds the entries of one log.
        let log = policy.logs()[0].vkey.clone();
        let origin = log.name();
        let governance = policy.governance().public().as_bytes();
        let path = folder.join("entries");
        let signed = store.newest(origin)?;
        let follower = Follower::open(&path, origin, governance, signed.as_ref(), url, Client::new(key)).map_err(|e| e.to_string())?;
        Ok(Self { cosigner, logs: vec![log], mirrors: true, clock, turn: Mutex::new(Turn { store, follower: Some(follower) }) })
    }

    /// Its key, for policies.
    pub fn vkey(&self) -> VKey {
        self.cosigner.vkey()
    }

    /// Looks at a checkpoint. The co-signature line, once it is kept.
    pub fn add(&self, body: &[u8]) -> Result<String, Refusal> {
        let request = AddCheckpoint::parse(body).map_err(|e| Refusal::Malformed(e.to_owned()))?;
        let note = SignedNote::parse(&request.note).map_err(|e| Refusal::Malformed(e.to_string()))?;
        let checkpoint = Checkpoint::parse_any(&note.text).map_err(|e| Refusal::Malformed(e.to_string()))?;
        let keys: Vec<VKey> = self.logs.iter().filter(|key| key.name() == checkpoint.origin).cloned().collect();
        if keys.is_empty() {
            return Err(Refusal::UnknownLog(checkpoint.origin));
        }
        note.verify(&keys).map_err(|e| Refusal::Signature(e.to_string()))?;
        // A mirror may read for long, and whoever waited would have given up; a witness is done at once, and has several logs to serve.
        // What a panic left is on disk, whole or not at all.
        let mut turn = match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::WouldBlock) if self.mirrors => {
                return Err(Refusal::Later("another checkpoint is being looked at".to_owned()));
            }
            Err(TryLockError::WouldBlock) => self.turn.lock().unwrap_or_else(PoisonError::into_inner),
            Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
        };
        let newest = turn.store.newest(&checkpoint.origin).map_err(Refusal::Later)?;
        continues(newest.as_ref(), &request, &checkpoint)?;
        if let Some(follower) = &mut turn.follower {
            Checkpoint::parse(&note.text).map_err(|e| Refusal::Malformed(e.to_string()))?;
            follower.follow(&checkpoint, newest.as_ref(), (self.clock)()).map_err(|e| match e {
                FollowError::Broken(what) => Refusal::Fork(what),
                FollowError::Later(_) | FollowError::Disk { .. } => Refusal::Later(e.to_string()),
            })?;
        }
        turn.store.keep(&checkpoint.origin, &request.note).map_err(Refusal::Later)?;
        let mut line = String::new();
        self.cosigner.cosign(&note.text, (self.clock)() / 1000).encode(&mut line);
        Ok(line)
    }
}

/// Whether a checkpoint continues the newest one that was signed here.
fn continues(newest: Option<&Checkpoint>, request: &AddCheckpoint, new: &Checkpoint) -> Result<(), Refusal> {
    if request.old > new.size {
        return Err(Refusal::Malformed("the old size is larger than the checkpoint".to_owned()));
    }
    let known = newest.map_or(0, |newest| newest.size);
    if request.old != known {
        return Err(Refusal::OtherSize(known));
    }
    let unneeded = || Refusal::Fork("from nothing, or from the same size, the proof is empty".to_owned());
    let Some(newest) = newest.filter(|newest| newest.size > 0) else {
        return if request.proof.is_empty() { Ok(()) } else { Err(unneeded()) };
    };
    if newest.size == new.size {
        return match (request.proof.is_empty(), newest.root == new.root) {
            (false, _) => Err(unneeded()),
            (true, true) => Ok(()),
            (true, false) => Err(Refusal::OtherRoot(known)),
        };
    }
    verify_consistency::<Log>(TreeSize(newest.size), TreeSize(new.size), &newest.root, &new.root, &request.proof)
        .map_err(|_| Refusal::Fork(format!("the proof does not continue size {}", newest.size)))
}

impl Refusal {
    /// The sentence that the log is answered.
    pub fn what(&self) -> String {
        match self {
            Self::Malformed(what) | Self::Signature(what) | Self::Fork(what) | Self::Later(what) => what.clone(),
            Self::UnknownLog(origin) => format!("the log {origin} is not known here"),
            Self::OtherSize(size) | Self::OtherRoot(size) => size.to_string(),
        }
    }
}
