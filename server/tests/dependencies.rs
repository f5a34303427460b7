//! The rules of the house. Dependencies point one way: `ledger <- trace <- app <- server`, `ledger <- verifier`, `app <- frontend`;
//! `store <- engine <- server`, and only `server` names a keeper; `base` knows none of us, `cosign` no engine, `labels` no ledger. What
//! is proven knows nothing of what is shown, and the module that every phone loads carries nothing it does not need. Clock, randomness,
//! storage and HTTP are each asked in one place.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const WASM: &[&str] = &["--target", "wasm32-unknown-unknown"];
const WORKSPACE: [&str; 13] =
    ["base", "ledger", "trace", "store", "store-local", "engine", "cosign", "labels", "app", "server", "site", "verifier", "frontend"];

/// Names of all packages that `package` is built from, itself included, as `cargo tree` sees them.
fn tree(package: &str, options: &[&str]) -> BTreeSet<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--package", package, "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(options)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("cargo runs: it started this test");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree -p {package}: {error}");
    let names: BTreeSet<String> = String::from_utf8(output.stdout)
        .expect("cargo prints UTF-8")
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    assert!(names.contains(package), "the tree of {package} was not understood: {names:?}");
    names
}

/// The other crates of this workspace that `package` is built from.
fn ours(package: &str, options: &[&str]) -> Vec<&'static str> {
    let names = tree(package, options);
    WORKSPACE.into_iter().filter(|name| *name != package && names.contains(*name)).collect()
}

fn assert_free_of(package: &str, options: &[&str], forbidden: &[&str]) {
    let names = tree(package, options);
    let found: Vec<_> = forbidden.iter().filter(|name| names.contains(**name)).collect();
    assert!(found.is_empty(), "{package} must not depend on {found:?}");
}

#[test]
fn every_crate_knows_only_those_below_it() {
    assert_eq!(ours("base", &[]), [""; 0]);
    assert_eq!(ours("ledger", &[]), [""; 0]);
    assert_eq!(ours("labels", &[]), ["base"]);
    assert_eq!(ours("cosign", &[]), ["base", "ledger"]);
    assert_eq!(ours("trace", &[]), ["ledger"]);
    assert_eq!(ours("app", &["--features", "app/ssr"]), ["ledger", "trace"]);
    assert_eq!(ours("store", &[]), ["ledger", "trace"]);
    assert_eq!(ours("store-local", &[]), ["base", "ledger", "trace", "store"]);
    assert_eq!(ours("engine", &[]), ["base", "ledger", "trace", "store"]);
    assert_eq!(ours("server", &[]), ["base", "ledger", "trace", "store", "store-local", "engine", "cosign", "labels", "app"]);
    assert_eq!(ours("site", &[]), [""; 0]);
    assert_eq!(ours("verifier", WASM), ["ledger"]);
    assert_eq!(ours("frontend", WASM), ["app"]);
}

#[test]
fn the_ledger_has_no_framework_storage_or_serialisation() {
    let forbidden = ["serde", "serde_json", "tokio", "axum", "sled", "leptos", "wasm-bindgen", "jiff", "getrandom"];
    assert_free_of("ledger", &[], &forbidden);
}

#[test]
fn the_verifier_is_small() {
    let forbidden = ["wasm-bindgen", "js-sys", "web-sys", "leptos", "serde", "serde_json", "serde_core", "getrandom", "trace", "app"];
    assert_free_of("verifier", WASM, &forbidden);
}

#[test]
fn meaning_knows_no_transport_and_pages_know_no_storage() {
    assert_free_of("trace", &[], &["tokio", "axum", "hyper", "sled", "leptos"]);
    assert_free_of("store", &[], &["tokio", "axum", "hyper", "sled", "leptos"]);
    assert_free_of("engine", &[], &["axum", "hyper", "sled", "leptos"]);
    assert_free_of("labels", &[], &["tokio", "axum", "hyper", "sled", "leptos"]);
    assert_free_of("cosign", &[], &["tokio", "axum", "hyper", "sled", "leptos", "serde"]);
    assert_free_of("app", &["--features", "app/ssr"], &["axum", "hyper", "sled"]);
}

#[test]
fn the_browser_bundle_carries_no_server_code() {
    assert_free_of("frontend", WASM, &["axum", "hyper", "sled", "image", "qrcode", "ledger", "trace", "jiff"]);
}

/// The Rust files below a folder of the repository whose code, comments and tests inside the file aside, has one of these words.
fn files_with(folder: &str, words: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("server lies in the repository");
    let (mut folders, mut found) = (vec![root.join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && path.file_stem().is_some_and(|stem| stem != "tests") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                let mut lines = code.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
                if lines.any(|line| words.iter().any(|word| line.contains(word))) {
                    found.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
                }
            }
        }
    }
    found.sort();
    found
}

const SOURCES: [&str; 3] = ["app/src", "server/src", "crates"];

fn anywhere(words: &[&str]) -> Vec<String> {
    SOURCES.iter().flat_map(|folder| files_with(folder, words)).collect()
}

#[test]
fn time_of_day_and_random_bytes_are_asked_for_in_one_place() {
    assert_eq!(anywhere(&["SystemTime::now", "Timestamp::now", "Zoned::now", "UNIX_EPOCH"]), ["crates/base/src/clock.rs"]);
    assert_eq!(anywhere(&["getrandom", "OsRng", "thread_rng"]), ["crates/base/src/random.rs"]);
}

/// Another keeper than sled is to be a matter of these files alone.
#[test]
fn sled_is_named_where_rows_are_kept() {
    assert_eq!(anywhere(&["sled::"]), ["crates/store-local/src/keeper.rs", "crates/store-local/src/scratch.rs"]);
}
