#!/usr/bin/env bash
# scripts/reproduce.sh: builds the verifier a second time, from a copy of the sources in another folder, and compares it with the
# one in target/site, byte for byte: what a stranger who checks the published hash does (SECURITY.md).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/common.sh

first=$(ls "$SITE"/verifier*.wasm)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
tar -cf - --exclude=./target --exclude=./data --exclude=./.git --exclude=node_modules . | tar -xf - -C "$copy"
mkdir -p "$copy/target"
ln -s "$(cd "$TOOLS" && pwd -P)" "$copy/target/tools"
(cd "$copy" && env -u CARGO_TARGET_DIR scripts/build-verifier.sh "$copy/verifier.wasm")
cmp "$first" "$copy/verifier.wasm" || stop "the verifier built in $copy differs from $first: its hash would depend on where it is built"
say "the verifier is the same from another folder: $(basename "$first")"
