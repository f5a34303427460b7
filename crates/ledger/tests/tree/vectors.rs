//! The public vectors of transparency-dev/merkle, where they are present: 98 + 98 cases, on the very hash and code that ship. A bare clone
//! does not have them; the same rules are tested by `refusals`, and CI fails without them.

use std::fs;
use std::path::{Path, PathBuf};

use ledger::Hash;
use ledger::tree::{LeafIndex, Log, TreeHasher, TreeSize, verify_consistency, verify_inclusion};
use serde_json::Value;

const CASES_OF_A_KIND: usize = 98;

#[test]
fn inclusion() {
    run("inclusion", |case| {
        let proof = hashes(&case["proof"])?;
        let (index, size) = (case["leafIdx"].as_u64()?, case["treeSize"].as_u64()?);
        let (leaf, root) = (hash(&case["leafHash"])?, root(&case["root"])?);
        verify_inclusion::<Log>(LeafIndex(index), TreeSize(size), &leaf, &proof, &root).ok()
    });
}

#[test]
fn consistency() {
    run("consistency", |case| {
        let proof = hashes(&case["proof"])?;
        let (old, new) = (TreeSize(case["size1"].as_u64()?), TreeSize(case["size2"].as_u64()?));
        verify_consistency::<Log>(old, new, &root(&case["root1"])?, &root(&case["root2"])?, &proof).ok()
    });
}

/// Runs every case of a kind. `accept` gives `None` where the case is refused, be it for its form.
fn run(kind: &str, accept: impl Fn(&Value) -> Option<()>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/merkle").join(kind);
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let mut files = Vec::new();
    collect(&folder, &mut files);
    assert_eq!(files.len(), CASES_OF_A_KIND, "cases in {}", folder.display());
    let mut accepted = 0;
    for file in files {
        let case: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let refused = accept(&case).is_none();
        accepted += usize::from(!refused);
        assert_eq!(refused, case["wantErr"].as_bool().unwrap(), "{}", file.display());
    }
    assert!(accepted > 0, "a reader that understands no case would refuse them all");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

fn hashes(value: &Value) -> Option<Vec<Hash>> {
    match value {
        Value::Null => Some(Vec::new()),
        _ => value.as_array()?.iter().map(hash).collect(),
    }
}

/// The hash in the JSON; a garbage component of another length is none.
fn hash(value: &Value) -> Option<Hash> {
    Hash::from_slice(&base64(value.as_str()?))
}

/// The root in the JSON. Some cases have a phrase in its place, which only its equality with another one matters for.
fn root(value: &Value) -> Option<Hash> {
    let bytes = base64(value.as_str()?);
    Some(Hash::from_slice(&bytes).unwrap_or_else(|| Log::hash(&[&bytes])))
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |c| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".iter().position(|d| *d == c);
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_usize, 0);
    for c in text.bytes().filter(|c| *c != b'=') {
        bits = bits << 6 | digit(c).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}
