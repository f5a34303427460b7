#!/usr/bin/env bash
# Format, clippy and documentation, with every warning an error: natively, and for the two crates that run in a browser.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/common.sh

docs() { RUSTDOCFLAGS="-D warnings" cargo doc --no-deps; }

step "format" cargo fmt --all --check
step "clippy, native" cargo clippy --all-targets -- -D warnings
# One by one, as they are built: together their features would be unified.
step "clippy, wasm: verifier" cargo clippy --target wasm32-unknown-unknown -p verifier -- -D warnings
step "clippy, wasm: frontend" cargo clippy --target wasm32-unknown-unknown -p frontend -- -D warnings
step "documentation" docs
