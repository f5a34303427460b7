# Sourced by the other scripts, at the repository's root: where tools stand, and how scripts speak.
# shellcheck shell=bash

# Tools stand in the clone itself, whatever CARGO_TARGET_DIR says, so that every target directory shares them.
TOOLS=target/tools
# What cargo builds.
TARGET=${CARGO_TARGET_DIR:-target}
# The web files that the server serves.
SITE=${SITE:-$TARGET/site}

has() { command -v "$1" >/dev/null 2>&1; }
say() { printf '· %s\n' "$*" >&2; }
stop() {
  printf 'leafproof: %s\n' "$*" >&2
  exit 1
}

# Sets CHROMIUM to a browser that is there, or fails.
find_chromium() {
  local candidate
  for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    [ -n "$candidate" ] && CHROMIUM=$(command -v "$candidate") && export CHROMIUM && return
  done
  return 1
}

# Sets WASM_OPT to the one that npm's binaryen brought, or fails where there is no Node.
find_wasm_opt() {
  WASM_OPT=$TOOLS/npm/node_modules/.bin/wasm-opt
  has node && [ -x "$WASM_OPT" ]
}


# step NAME COMMAND… runs one step of a long work, says how long it took, and adds it to the table that steps_end prints.
STEPS=${STEPS:-$(mktemp)}
export STEPS
step() {
  local name=$1 start=$SECONDS
  shift
  printf '\n=== %s\n' "$name"
  if "$@"; then
    printf '%5d s  %s\n' $((SECONDS - start)) "$name" | tee -a "$STEPS"
  else
    stop "failed: $name ($((SECONDS - start)) s): $*"
  fi
}
steps_end() {
  printf '\n=== time per step\n'
  cat "$STEPS"
  printf '%5d s  together\n' "$SECONDS"
}
