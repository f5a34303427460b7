//! Records signed on the member's own side: the key stays there, the server gets the finished event.

use std::path::Path;

use base::secret::{SecretError, seed_or_new};
use ed25519_dalek::SigningKey;
use ledger::Key;
use ledger::entry::{Part, commitment};
use ledger::name::Name;

use engine::{Engine, NewEvent, SignedEvent, Submission};

/// The key of a demo member that keeps its own, in `DATA/demo-members/<id>`; made where there is none.
pub fn member_side_key(data: &Path, id: &str) -> Result<SigningKey, SecretError> {
    let folder = data.join("demo-members");
    std::fs::create_dir_all(&folder).map_err(|source| SecretError::Io { path: folder.clone(), source })?;
    Ok(SigningKey::from_bytes(&seed_or_new(&folder.join(id))?))
}

/// Signs as `member`, who asks the ledger for the next number.
pub fn signer<'a>(engine: &'a Engine, member: &'a str, key: &'a SigningKey) -> impl Fn(&NewEvent) -> Submission + Sync + 'a {
    move |event| {
        let view = engine.view();
        let member_key = Name::member_key(member);
        let seq = view.newest_seq(&member_key).unwrap_or(0) + 1;
        Submission::Signed(Box::new(sign(event, view.origin(), member_key, seq, key)))
    }
}

/// Signs an event for this ledger, under the member's next number: fresh salts, commitments, signature.
pub fn sign(event: &NewEvent, origin: &str, member: Key, seq: u64, key: &SigningKey) -> SignedEvent {
    let parts: Vec<_> = event.parts.iter().map(|(kind, bytes)| (*kind, base::random::bytes(), bytes.clone())).collect();
    let named = parts.iter().map(|(kind, salt, bytes)| Part { kind: *kind, commitment: commitment(salt, bytes) }).collect();
    let (event, records) = event.draft(member, seq, named).sign(origin, key);
    SignedEvent { event, records, parts }
}
