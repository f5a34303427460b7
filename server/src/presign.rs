//! Records signed on the member's own side: the key stays there, the server gets the finished event.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use ed25519_dalek::SigningKey;
use ledger::entry::{Part, commitment};
use ledger::name::Name;
use ledger::{Hash, Key};

use crate::engine::{Engine, NewEvent, SignedEvent, Submission};

/// The key of a demo member that keeps its own, in `DATA/demo-members/<id>`; made where there is none.
pub fn member_side_key(data: &Path, id: &str) -> std::io::Result<SigningKey> {
    let folder = data.join("demo-members");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(id);
    if let Ok(text) = std::fs::read_to_string(&path)
        && let Ok(seed) = text.trim().parse::<Hash>()
    {
        return Ok(SigningKey::from_bytes(&seed.0));
    }
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed).map_err(|e| std::io::Error::other(e.to_string()))?;
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path)?;
    file.write_all(Hash(seed).to_string().as_bytes())?;
    file.sync_all()?;
    Ok(SigningKey::from_bytes(&seed))
}

/// Signs as `member`, who asks the ledger for the next number.
pub fn signer<'a>(engine: &'a Engine, member: &'a str, key: &'a SigningKey) -> impl Fn(&NewEvent) -> Submission + Sync + 'a {
    move |event| {
        let view = engine.view();
        let member_key = Name::member_key(member);
        let seq = view.newest_seq(&member_key).unwrap_or(0) + 1;
        let signed = sign(event, view.origin(), member_key, seq, key).expect("the system's random source answers");
        Submission::Signed(Box::new(signed))
    }
}

/// Signs an event for this ledger, under the member's next number: fresh salts, commitments, signature.
pub fn sign(event: &NewEvent, origin: &str, member: Key, seq: u64, key: &SigningKey) -> Result<SignedEvent, getrandom::Error> {
    let mut parts = Vec::new();
    for (kind, bytes) in &event.parts {
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt)?;
        parts.push((*kind, salt, bytes.clone()));
    }
    let named = parts.iter().map(|(kind, salt, bytes)| Part { kind: *kind, commitment: commitment(salt, bytes) }).collect();
    let (event, records) = event.draft(member, seq, named).sign(origin, key);
    Ok(SignedEvent { event, records, parts })
}
