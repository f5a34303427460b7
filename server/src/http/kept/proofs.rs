//! Proofs of goods that were built once. A proof is as good as a new one while what would be built anew is the same to the byte: the newest
//! co-signed version is the one that it is from and none of its lists grew since, or both versions are those that it was built from.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use engine::{Engine, Proof, ViewError};
use ledger::{Hash, Key};

use super::generations::Generations;
use super::{Lists, PROOFS_KEPT_BYTES};
use crate::http::compress::{self, Quality};

/// All that are kept, by the key of their subject's name.
pub struct KeptProofs(Generations<Key, Kept>);

impl Default for KeptProofs {
    fn default() -> Self {
        Self(Generations::new(PROOFS_KEPT_BYTES))
    }
}

/// A proof.
pub struct Kept {
    bundle: Bytes,
    tag: String,
    lists: Lists,
    /// The notes of the version that it is from, and of those that were the newest and the newest co-signed one.
    from: Hash,
    newest: Hash,
    cosigned: Option<Hash>,
    small: Mutex<Option<(Bytes, Quality)>>,
}

impl KeptProofs {
    /// A proof that is as good as a new one.
    pub fn get(&self, name: &Key, engine: &Engine) -> Option<Arc<Kept>> {
        let kept = self.0.get(name)?;
        let newest = engine.view();
        let cosigned = engine.cosigned().map(|view| ledger::hash(view.note()));
        let same = cosigned == Some(kept.from) && kept.lists.are_still(&newest);
        (same || kept.cosigned == cosigned && kept.newest == ledger::hash(newest.note())).then_some(kept)
    }

    /// Keeps a proof.
    pub fn put(&self, name: Key, proof: Proof) -> Result<Arc<Kept>, ViewError> {
        let lists = Lists::of(&proof.newest, proof.lists.iter().copied())?;
        let note = |view: &engine::View| ledger::hash(view.note());
        // Its compressed form is not much smaller: most of it is hashes.
        let weight = proof.bundle.len() * 2 + lists.weight();
        let kept = Arc::new(Kept {
            tag: ledger::hash(&proof.bundle).to_string()[..32].to_owned(),
            lists,
            from: note(&proof.from),
            newest: note(&proof.newest),
            cosigned: proof.cosigned.as_deref().map(note),
            small: Mutex::default(),
            bundle: proof.bundle.into(),
        });
        self.0.put(name, Arc::clone(&kept), weight);
        Ok(kept)
    }
}

impl Kept {
    /// Its bytes.
    pub fn bundle(&self) -> Bytes {
        self.bundle.clone()
    }

    /// What other bytes have not.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// As brotli, if it need not be compressed for that; and whether it pays to make it smaller.
    pub fn ready(&self) -> Option<(Bytes, bool)> {
        let small = self.small.lock().unwrap_or_else(PoisonError::into_inner);
        small.as_ref().map(|(bytes, quality)| (bytes.clone(), *quality != Quality::Smallest))
    }

    /// The same, made now, which takes its time.
    pub fn compressed(&self, quality: Quality) -> Bytes {
        let bytes = Bytes::from(compress::brotli(&self.bundle, quality));
        *self.small.lock().unwrap_or_else(PoisonError::into_inner) = Some((bytes.clone(), quality));
        bytes
    }

    /// Makes it as small as can be, for the next who asks, where that was not done.
    pub fn make_smallest(&self) {
        if self.ready().is_none_or(|(_, smaller)| smaller) {
            self.compressed(Quality::Smallest);
        }
    }
}
