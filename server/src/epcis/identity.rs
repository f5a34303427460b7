//! Which record an eventID stands for.
//!
//! An event that came without an eventID is called by its hash id (CBV 2.0, 8.9). In the ledger it stands under a keyed form of that:
//! the hash id can be computed from a guess of what the event says, and nobody but its author shall be able to test one.

use ledger::entry::Kind;
use ledger::name::Name;
use ledger::{Hash, Key};

use engine::{Engine, View, ViewError};

/// Kinds of entries that one eventID can stand for.
const KINDS: [Kind; 6] = [Kind::Object, Kind::Aggregation, Kind::Transformation, Kind::Transaction, Kind::Association, Kind::MasterData];

/// The entries of what an author recorded under an identity, in all pieces in which it was taken: one that never was leaves a gap.
pub fn entries(view: &View, author: &Key, id: &Hash) -> Result<Vec<u64>, ViewError> {
    let all = view.entries_of(author, id)?.into_iter();
    Ok(all.filter(|(kind, _)| KINDS.iter().any(|known| *known as u8 == *kind)).map(|(_, index)| index).collect())
}

/// The identity of a member's event without an eventID: the same event twice is one.
pub fn unnamed(engine: &Engine, member: &str, hash_id: &str) -> Hash {
    let material = [member.as_bytes(), &[0], hash_id.as_bytes()].concat();
    let keyed = blake3::keyed_hash(&engine.secret("event id"), &material);
    ledger::entry::event_id(&keyed.as_bytes()[..16])
}

/// The identity that a member means by an eventID: of a record that came with it, else of one that came without any and has it as
/// its hash id. What is new stands under the id as given.
pub fn named(engine: &Engine, view: &View, member: &str, id: &str) -> Result<Hash, ViewError> {
    let given = ledger::entry::event_id(id.as_bytes());
    if trace::epcis::is_hash_id(id) {
        let (author, unnamed) = (Name::member_key(member), unnamed(engine, member, id));
        if entries(view, &author, &given)?.is_empty() && !entries(view, &author, &unnamed)?.is_empty() {
            return Ok(unnamed);
        }
    }
    Ok(given)
}
