#!/usr/bin/env bash
# Builds the browser's files and lays them out in target/site: the islands bundle, the verifier, everything in public/.
# The steps are those of cargo-leptos, written out: it would compile some 730 crates first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/common.sh

STAGE=$TARGET/web
WASM_TARGET=wasm32-unknown-unknown
WASM_OPT=$TOOLS/npm/node_modules/.bin/wasm-opt
# What wasm-bindgen's own code uses; every browser that passes the verifier's check of itself has them.
FEATURES="--enable-bulk-memory --enable-nontrapping-float-to-int --enable-reference-types --enable-multivalue --enable-mutable-globals --enable-sign-ext"

rm -rf "$STAGE"
mkdir -p "$STAGE/pkg"

say "islands: cargo build"
cargo build --profile wasm-release --target "$WASM_TARGET" -p frontend
say "islands: wasm-bindgen"
"$TOOLS/bin/wasm-bindgen" --target web --no-typescript --out-dir "$STAGE/pkg" --out-name leafproof \
  "$TARGET/$WASM_TARGET/wasm-release/frontend.wasm"
# Both names get their hash when they are laid out, and the page hands the module its address.
mv "$STAGE/pkg/leafproof_bg.wasm" "$STAGE/pkg/leafproof.wasm"
if [ -x "$WASM_OPT" ] && has node; then
  say "islands: wasm-opt"
  # shellcheck disable=SC2086
  "$WASM_OPT" -Oz $FEATURES "$STAGE/pkg/leafproof.wasm" -o "$STAGE/pkg/leafproof.opt"
  mv "$STAGE/pkg/leafproof.opt" "$STAGE/pkg/leafproof.wasm"
else
  say "islands: no wasm-opt without Node.js, so the bundle stays larger"
fi

say "verifier"
scripts/build-verifier.sh "$STAGE/verifier.wasm"

if [ -n "$(ls -A public 2>/dev/null)" ]; then cp -R public/. "$STAGE/"; fi
say "compressing"
"$TARGET/release/leafproof-site" "$STAGE" "$SITE"
