//! Co-signatures as they come in, for each of the newest checkpoints.

use std::collections::BTreeMap;

use ledger::note::{KeyKind, NoteSignature, SignedNote};
use ledger::policy::Policy;

use crate::view::View;

base::limits! {
    /// Sizes for which co-signatures are gathered at the same time; each keeps a version of the map.
    COSIGN_SIZES: usize = 4, "checkpoints";
}

/// The co-signatures of the newest checkpoints.
pub(crate) struct Gathered {
    policy: Policy,
    /// By size. A size has one root, so it names the checkpoint.
    of: BTreeMap<u64, Vec<NoteSignature>>,
}

impl Gathered {
    /// With those of the note that was found at start.
    pub(crate) fn new(policy: Policy, note: Option<&[u8]>) -> Self {
        let mut gathered = Self { policy, of: BTreeMap::new() };
        let opened = note.and_then(|note| SignedNote::parse(note).ok());
        if let Some((note, opened)) = opened.and_then(|note| gathered.policy.open(&note).ok().map(|opened| (note, opened))) {
            let known = |signature: &NoteSignature| gathered.is_cosigner(signature);
            let signatures = note.signatures.into_iter().filter(known).collect();
            gathered.of.insert(opened.checkpoint.size, signatures);
        }
        gathered
    }

    /// A version with the co-signatures of its checkpoint.
    pub(crate) fn onto(&self, mut view: View) -> View {
        let Some(signatures) = self.of.get(&view.size()).filter(|signatures| !signatures.is_empty()) else {
            return view;
        };
        let Ok(mut note) = SignedNote::parse(&view.note) else {
            return view;
        };
        note.signatures.retain(|signature| !self.is_cosigner(signature));
        note.signatures.extend_from_slice(signatures);
        view.note = note.encode();
        view
    }

    /// Takes a co-signature of this version's checkpoint, and gives the version with it; `None` where it is wrong, or its size is
    /// older than all that are gathered for.
    pub(crate) fn add(&mut self, view: &View, signature: NoteSignature) -> Option<View> {
        if !self.is_cosigner(&signature) {
            return None;
        }
        let size = view.size();
        let before = self.of.get(&size).cloned();
        let signatures = self.of.entry(size).or_default();
        signatures.retain(|other| (&other.name, other.key_id) != (&signature.name, signature.key_id));
        signatures.push(signature);
        let with = self.onto(view.clone());
        let right = SignedNote::parse(&with.note).ok().and_then(|note| self.policy.open(&note).ok());
        if right.is_none() {
            match before {
                Some(before) => self.of.insert(size, before),
                None => self.of.remove(&size),
            };
            return None;
        }
        while self.of.len() > COSIGN_SIZES {
            self.of.pop_first();
        }
        self.of.contains_key(&size).then_some(with)
    }

    /// Whether the co-signatures in this version's note reach the quorum.
    pub(crate) fn reached(&self, view: &View) -> bool {
        let opened = SignedNote::parse(&view.note).ok().and_then(|note| self.policy.open(&note).ok());
        opened.is_some_and(|opened| opened.standing.quorum())
    }

    /// The UTC day since which the quorum vouches for this version, or the log alone where the policy asks for nobody else; `None`
    /// where the quorum is not reached.
    pub(crate) fn milestone_day(&self, view: &View) -> Option<u32> {
        let opened = SignedNote::parse(&view.note).ok().and_then(|note| self.policy.open(&note).ok())?;
        let alone = self.policy.witnesses().is_empty();
        let seconds = opened.standing.as_of_s.or(alone.then_some(view.signed_ms / 1000))?;
        u32::try_from(seconds / 86_400).ok()
    }

    /// Of a witness whose key a phone can check: what it would carry for nothing stands in no note.
    fn is_cosigner(&self, signature: &NoteSignature) -> bool {
        let by = |witness: &ledger::policy::Witness| {
            let key = &witness.vkey;
            key.kind() == KeyKind::Cosignature && key.name() == signature.name && key.id() == signature.key_id
        };
        self.policy.witnesses().iter().any(by)
    }
}
