#!/usr/bin/env bash
# Builds the browser's files and lays them out in target/site: the islands bundle, the verifier, everything in public/.
# The steps are those of cargo-leptos, written out: it would compile some 730 crates first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/common.sh

STAGE=$TARGET/web
WASM_TARGET=wasm32-unknown-unknown
RAW=$TARGET/$WASM_TARGET/wasm-release/frontend.wasm
# What wasm-bindgen's code uses.
FEATURES=(--enable-bulk-memory --enable-nontrapping-float-to-int --enable-reference-types --enable-multivalue
  --enable-mutable-globals --enable-sign-ext)

islands() {
  say "islands: wasm-bindgen"
  mkdir -p "$STAGE/pkg"
  "$TOOLS/bin/wasm-bindgen" --target web --no-typescript --out-dir "$STAGE/pkg" --out-name leafproof "$RAW"
  # Both names get their hash when they are laid out, and the page hands the module its address.
  mv "$STAGE/pkg/leafproof_bg.wasm" "$STAGE/pkg/leafproof.wasm"
  if find_wasm_opt; then
    say "islands: wasm-opt"
    "$WASM_OPT" -Oz "${FEATURES[@]}" "$STAGE/pkg/leafproof.wasm" -o "$STAGE/opt.wasm"
    mv "$STAGE/opt.wasm" "$STAGE/pkg/leafproof.wasm"
  else
    say "islands: no wasm-opt without Node.js, so the bundle stays larger"
  fi
}

# The item page's scripts, made small: the server writes the words before them at its start. Without Node it takes its own copies.
page_scripts() {
  local terser=$TOOLS/npm/node_modules/.bin/terser name
  if ! has node || [ ! -x "$terser" ]; then
    say "scripts: not made small without Node.js"
    return
  fi
  mkdir -p "$STAGE/scripts"
  for name in page more draw bundle stage reader advice scanner inbox; do
    "$terser" "public/$name.js" --ecma 2017 --compress ecma=2017,passes=5,unsafe_arrows=true,lhs_constants=false --mangle --output "$STAGE/scripts/$name.js"
  done
}

# What reads the code on a pack for staff, where their browser does not: zxing-wasm's reader as npm has it, byte for byte, so that its
# hashes can be compared. MIT; the WebAssembly in it is ZXing-C++, Apache 2.0.
reader() {
  local package=$TOOLS/npm/node_modules/zxing-wasm
  if ! has node || [ ! -d "$package" ]; then
    say "reader of codes: left out without Node.js"
    return
  fi
  mkdir -p "$STAGE/reader"
  cp "$package/dist/iife/reader/index.js" "$STAGE/reader/reader.js"
  cp "$package/dist/reader/zxing_reader.wasm" "$STAGE/reader/reader.wasm"
  { printf 'zxing-wasm %s, https://github.com/Sec-ant/zxing-wasm\n\n' "$(node -p "require('./$package/package.json').version")"
    cat "$package/LICENSE"
    printf '\nThe WebAssembly module is made from ZXing-C++, https://github.com/zxing-cpp/zxing-cpp, under the Apache License 2.0:\nhttps://www.apache.org/licenses/LICENSE-2.0\n'
  } >"$STAGE/reader/licence.txt"
}

# The scripts in public/ are not copied: the server holds them and adds words and addresses at its start.
public_files() {
  if [ -d public ]; then
    (cd public && find . -type f ! -name '*.js' -print0) | while IFS= read -r -d '' file; do
      mkdir -p "$STAGE/$(dirname "$file")"
      cp "public/$file" "$STAGE/$file"
    done
  fi
}

# What the result depends on. Unchanged, all that follows would make the same files once more.
inputs() {
  if find_wasm_opt; then echo wasm-opt; fi
  cksum "$RAW" "$TARGET/verifier.wasm" "$TARGET/verifier.wasm.made-with" "$TARGET/release/leafproof-site" "$TOOLS/bin/wasm-bindgen" Cargo.lock end2end/package-lock.json scripts/*.sh
  if [ -d public ]; then find public -type f -exec cksum {} + | sort; fi
}

say "islands: cargo build"
cargo build --profile wasm-release --target "$WASM_TARGET" -p frontend
say "verifier: cargo build, wasm-opt"
scripts/build-verifier.sh "$TARGET/verifier.wasm"

if [ -d "$SITE" ] && [ "$(inputs)" = "$(cat "$STAGE.inputs" 2>/dev/null)" ]; then
  cat "$STAGE.sizes"
  exit
fi
rm -rf "$STAGE" "$STAGE.inputs"
mkdir -p "$STAGE"
islands
cp "$TARGET/verifier.wasm" "$STAGE/"
cp "$TARGET/verifier.wasm.made-with" "$STAGE/made-with.txt"
page_scripts
reader
public_files
say "naming and compressing"
"$TARGET/release/leafproof-site" "$STAGE" "$SITE" >"$STAGE.sizes"
cat "$STAGE.sizes"
inputs >"$STAGE.inputs"
