#!/usr/bin/env bash
# Everything `make test` promises. The browser tests run against the very files that `make run` serves.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/common.sh

browser_tests() { (cd end2end && node_modules/.bin/playwright test); }
# Named file by file: Node 20 takes no pattern here.
node_tests() { node --test end2end/unit/*.test.mjs server/demo/check.test.mjs; }
# The verifier as it is served against the native one, report by report; before it, what copies and fills in it.
parity() {
  find_wasm_opt || stop "no wasm-opt: the verifier's copies cannot be tested."
  node crates/verifier/tests/blocks.mjs "${WASM_OPT%opt}as"
  node crates/verifier/tests/parity.mjs "$SITE"/verifier*.wasm
}

# A second implementation of what a member signs, in another language.
presign() {
  local python
  for python in python3 "$TOOLS/python/bin/python"; do
    if has "$python" && "$python" -c "import cryptography" 2>/dev/null; then
      "$python" docs/presign.py docs/presigned.lps
      return
    fi
  done
  [ -z "${CI:-}" ] || stop "no Python with the package cryptography: CI must compare docs/presign.py."
  say "no Python with the package cryptography: docs/presign.py was not run"
}

# The EPCIS interface against its own OpenAPI document.
interface() {
  local tool=$TOOLS/interface/bin/schemathesis
  if [ -x "$tool" ]; then
    node end2end/interface.mjs "$PWD/$tool"
    return
  fi
  [ -z "${CI:-}" ] || stop "no schemathesis: CI must compare the EPCIS interface with its description."
  say "no schemathesis: the EPCIS interface was not compared with its description"
}

find_chromium || stop "Chromium was not found: run scripts/tools.sh test."
step "tests: unit, law, vector, HTTP, doc" cargo test
step "tests: a pre-signed capture, in Python" presign
step "build" make --no-print-directory build
step "tests: wasm, scripts and demo data, in Node" node_tests
step "tests: the verifier's reports are the native ones" parity
step "tests: the verifier built in another folder is the same" scripts/reproduce.sh
step "tests: EPCIS as its description says" interface
step "tests: pages and sizes, in Chromium" browser_tests
