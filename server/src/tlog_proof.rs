//! A record's proof in C2SP's tlog-proof format, which tools that know nothing of us verify: that this very leaf stands in a log whose
//! checkpoint others have co-signed. What the record means, and that none is missing beside it, only a bundle proves.

use ledger::bundle::{Bundle, BundleError};
use ledger::entry::leaf_hash;
use ledger::name::Name;
use ledger::note::{Checkpoint, SignedNote, base64};
use ledger::tree::{LeafIndex, Log, TreeSize, verify_inclusion};

/// First line of a proof.
const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// What a file of this kind is named.
pub const EXTENSION: &str = "tlog-proof";

/// Why there is no such proof.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// The file is no bundle.
    #[error("this is no saved proof: {0}")]
    Bundle(#[from] BundleError),
    /// Nothing in it is proven by itself.
    #[error("the ledger has no record of this very code")]
    NoRecord,
    /// It proves other records.
    #[error("this saved proof does not prove entry {wanted}; it proves {}", listed(.has))]
    NotHere {
        /// What was asked for.
        wanted: u64,
        /// The indices of what there is.
        has: Vec<u64>,
    },
    /// The path does not lead to the signed root, or there is none.
    #[error("this saved proof is damaged: entry {0} is not in the signed ledger; `leafproof verify` says more")]
    Damaged(u64),
}

fn listed(indices: &[u64]) -> String {
    let texts: Vec<String> = indices.iter().map(u64::to_string).collect();
    texts.join(", ")
}

/// The proof of one record of a bundle: of this index, else of the newest in its subject's own list. Nobody's signature is checked, but
/// the path is: a proof that proves nothing is not written.
pub fn of_bundle(file: &[u8], wanted: Option<u64>) -> Result<(u64, String), TlogProofError> {
    let bundle = Bundle::parse(file)?;
    let proven = || bundle.entries.iter().filter(|entry| entry.path.is_some()).map(|entry| entry.index);
    let index = match wanted {
        Some(index) => index,
        None => newest_of_subject(&bundle).ok_or(TlogProofError::NoRecord)?,
    };
    let entry = bundle.entry(index).and_then(|entry| Some((&entry.leaf, entry.path.as_ref()?)));
    let (leaf, path) = entry.ok_or_else(|| TlogProofError::NotHere { wanted: index, has: proven().collect() })?;
    let checkpoint = SignedNote::parse(&bundle.note).and_then(|note| Checkpoint::parse(&note.text));
    let checkpoint = checkpoint.map_err(|_| TlogProofError::Damaged(index))?;
    verify_inclusion::<Log>(LeafIndex(index), TreeSize(checkpoint.size), &leaf_hash(leaf), path, &checkpoint.root)
        .map_err(|_| TlogProofError::Damaged(index))?;
    let mut text = format!("{HEADER}\nextra ");
    base64::encode(leaf, &mut text);
    text += &format!("\nindex {index}\n");
    for hash in path {
        base64::encode(&hash.0, &mut text);
        text.push('\n');
    }
    text.push('\n');
    // A note is text, as its parser saw.
    text += &String::from_utf8_lossy(&bundle.note);
    Ok((index, text))
}

fn newest_of_subject(bundle: &Bundle) -> Option<u64> {
    let key = Name::parse(&bundle.name).ok()?.key();
    let proven = |index: &u64| bundle.entry(*index).is_some_and(|entry| entry.path.is_some());
    // Its lists stand side by side, under keys that begin alike.
    let own = bundle.lists.iter().filter(|list| list.key.as_bytes()[..16] == key.as_bytes()[..16]);
    own.flat_map(|list| list.rows()).map(|row| row.index).filter(proven).max()
}
