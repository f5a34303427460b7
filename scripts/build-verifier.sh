#!/usr/bin/env bash
# scripts/build-verifier.sh OUT.wasm: builds the verifier as WebAssembly 1.0, which old web views take too. rustc's own output
# holds later instructions (memory.copy, memory.fill, sign extension); wasm-opt and crates/verifier/blocks.wat rewrite
# them, at no cost in bytes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/common.sh

OUT=${1:?usage: scripts/build-verifier.sh OUT.wasm}
WASM_TARGET=wasm32-unknown-unknown
# Where the repository and cargo's packages lie must not show in the bytes: everybody's build has one hash.
HERE=$(pwd -P)
PACKAGES=${CARGO_HOME:-$HOME/.cargo}/registry/src
# Blocks copied by a call and not by loads and stores save 2 kB, so few inlined calls 0.3 kB, and no loop or load rewritten for speed
# alone 0.5 kB.
# A hostile bundle shall not take the phone's memory: beyond 256 MiB the verifier stops, and the page says that it could not check.
# The stack lies lowest, and what would grow beyond its 64 KiB stops the verifier too. The deepest calls take 11 kB; with the megabyte that is
# usual, every address of a text would be a byte longer.
LIMIT="-C link-arg=--max-memory=268435456 -C link-arg=-zstack-size=65536"
LLVM="$LIMIT -C llvm-args=-max-store-memcpy=1 -C llvm-args=-max-store-memmove=1 -C llvm-args=-max-store-memset=1 -C llvm-args=-inline-threshold=1 -C llvm-args=-disable-lsr -C llvm-args=-enable-pre=false -C llvm-args=-licm-mssa-optimization-cap=0"
CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--remap-path-prefix=$HERE=. --remap-path-prefix=$PACKAGES=packages $LLVM" \
  cargo build --profile wasm-release --target "$WASM_TARGET" --target-dir "$TARGET/verifier" -p verifier

# What made it: another compiler may give other bytes.
made_with() {
  rustc --version
  if find_wasm_opt; then "$WASM_OPT" --version; fi
}
made_with >"$OUT.made-with"

raw=$TARGET/verifier/$WASM_TARGET/wasm-release/verifier.wasm
if ! find_wasm_opt; then
  say "verifier: no wasm-opt without Node.js, so old web views will not take it"
  cp "$raw" "$OUT"
  exit
fi
# Two things wasm-opt may rely on: no load traps (every index is compared first, and what stops the module is an `unreachable`), and
# nothing lies in the lowest KiB (it is the far end of the stack). The order of passes was found by trying.
SMALL="--ignore-implicit-traps --low-memory-unused --one-caller-inline-max-function-size=10"
RAW_FEATURES="--enable-bulk-memory --enable-sign-ext --enable-nontrapping-float-to-int --enable-mutable-globals --enable-multivalue --enable-reference-types"
# Copies and fills by our own functions: the module's text ends with a line of one parenthesis, which moves behind them. Where its data end
# nobody asks: the linker's two names for it go.
"${WASM_OPT%opt}dis" "$raw" $RAW_FEATURES |
  sed -e 's/(memory\.copy$/(call $block_copy/' -e 's/(memory\.fill$/(call $block_fill/' -e '/(export "__\(data_end\|heap_base\)"/d' -e 's/^)$//' |
  cat - crates/verifier/blocks.wat <(echo ')') >"$OUT.wat"
"${WASM_OPT%opt}as" "$OUT.wat" $RAW_FEATURES -o "$OUT.blocks"
"$WASM_OPT" "$OUT.blocks" -o "$OUT.lowered" -Os --flatten --rereloop -Oz --optimize-instructions $SMALL --reorder-functions --enable-bulk-memory --enable-sign-ext --enable-nontrapping-float-to-int \
  --enable-mutable-globals --signext-lowering --llvm-nontrapping-fptoint-lowering
# Written out once more by a wasm-opt that knows 1.0 alone: it refuses what was left over.
"$WASM_OPT" "$OUT.lowered" -o "$OUT" -Oz --simplify-locals --simplify-locals-nostructure --reorder-functions -Oz --mvp-features --enable-mutable-globals --strip-debug --strip-producers --strip-target-features
rm "$OUT.wat" "$OUT.blocks" "$OUT.lowered"
