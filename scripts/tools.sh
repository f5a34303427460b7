#!/usr/bin/env bash
# Installs into target/tools what the build needs and the machine lacks: the wasm32 target, the wasm-bindgen command of exactly
# Cargo.lock's version, and (with Node) the npm packages pinned by end2end/package-lock.json. Run again, it finds all in place
# and says nothing. Needs no root and no git history.
#   scripts/tools.sh          what `make build` and `make run` need
#   scripts/tools.sh test     also a browser for `make test`; as root it installs Debian's
#   scripts/tools.sh bench    the load generator of `make bench`, likewise
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/common.sh

rust_target() {
  local target=wasm32-unknown-unknown
  [ -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ] && return
  has rustup || stop "The Rust target $target is missing and there is no rustup to add it: install Rust from https://rustup.rs, or your system's package of that target."
  say "Rust target $target: installing with rustup"
  rustup target add "$target" || stop "rustup could not add $target: check the network and run the command again."
}

wasm_bindgen() {
  local version
  version=$(awk '$0 == "name = \"wasm-bindgen\"" { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)
  [ -n "$version" ] || stop "Cargo.lock names no version of wasm-bindgen: is this the whole repository?"
  [ "$("$TOOLS/bin/wasm-bindgen" --version 2>/dev/null || true)" = "wasm-bindgen $version" ] && return
  say "wasm-bindgen $version: building it from crates.io, once, in about 3 minutes on two cores"
  # Without --locked: a registry mirror may lack one of the listed versions. Optimising the tool itself would cost more than it saves.
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_TARGET_DIR="$TOOLS/build" \
    cargo install --quiet --root "$TOOLS" --force --version "=$version" wasm-bindgen-cli \
    || stop "cargo could not install wasm-bindgen-cli $version: the lines above say why; run the command again once that is mended."
  rm -rf "$TOOLS/build"
}

npm_packages() {
  if ! has node || ! has npm; then
    say "Node.js (20 or newer, with npm) was not found: building without wasm-opt, so browser files are larger and old web views cannot check."
    return
  fi
  local major stamp="$TOOLS/npm/installed.json"
  major=$(node -p 'process.versions.node.split(".")[0]')
  if [ "$major" -lt 20 ]; then
    say "Node.js $major is too old (20 is needed): building without wasm-opt, so browser files are larger and old web views cannot check."
    return
  fi
  if ! cmp -s end2end/package-lock.json "$stamp"; then
    say "npm packages of end2end/package-lock.json: installing"
    mkdir -p "$TOOLS/npm"
    rm -f "$stamp"
    cp end2end/package.json end2end/package-lock.json "$TOOLS/npm/"
    # npm reads no lock file through a link, and clones may share their tools by one.
    npm ci --prefix "$(cd "$TOOLS/npm" && pwd -P)" --include=dev --ignore-scripts --no-audit --no-fund --loglevel=error \
      || stop "npm could not install the packages of end2end/package-lock.json: the lines above say why."
    cp end2end/package-lock.json "$stamp"
  fi
  # The tests import the packages by name, and node looks for them beside the importing file.
  [ "$(readlink end2end/node_modules 2>/dev/null || true)" = "../$TOOLS/npm/node_modules" ] || {
    rm -rf end2end/node_modules
    ln -s "../$TOOLS/npm/node_modules" end2end/node_modules
  }
}

browser() {
  has node && has npm || stop "The tests need Node.js 20 or newer with npm: install it and run the command again."
  find_chromium && return
  if [ "$(id -u)" = 0 ] && has apt-get; then
    say "Chromium: installing Debian's"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null; } \
      || stop "apt could not install chromium: the lines above say why."
    find_chromium && return
  fi
  stop "The browser tests need Chromium: install your system's package (Debian: apt install chromium) or set CHROMIUM to its path."
}

# The load generator of `make bench`.
load_generator() {
  has wrk && return
  if [ "$(id -u)" = 0 ] && has apt-get; then
    say "wrk: installing Debian's"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y wrk >/dev/null; } && return
  fi
  say "wrk was not found (Debian: apt install wrk): the server's rows cannot be measured."
}

# The example of a member's own signature is in Python, with one package from PyPI.
python_package() {
  local package=cryptography
  if ! has python3; then
    say "Python 3 was not found: docs/presign.py is not compared with the Rust code."
    return
  fi
  python3 -c "import $package" 2>/dev/null && return
  "$TOOLS/python/bin/python" -c "import $package" 2>/dev/null && return
  say "Python package $package: installing into $TOOLS/python"
  { python3 -m venv "$TOOLS/python" && "$TOOLS/python/bin/pip" install --quiet --disable-pip-version-check "$package"; } && return
  if [ "$(id -u)" = 0 ] && has apt-get; then
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "python3-$package" >/dev/null; } && return
  fi
  say "the Python package $package could not be installed: docs/presign.py is not compared with the Rust code."
}

# The EPCIS interface is asked what its own description says, by a tool from PyPI.
interface_tool() {
  local wanted=schemathesis==4.32.5
  has python3 || return 0
  # The tool itself is asked: moved to another folder it names a Python that is not there.
  "$TOOLS/interface/bin/schemathesis" --version 2>/dev/null | grep -qF " ${wanted#*==}" && return
  rm -rf "$TOOLS/interface"
  say "Python package $wanted: installing into $TOOLS/interface"
  { python3 -m venv "$TOOLS/interface" && "$TOOLS/interface/bin/pip" install --quiet --disable-pip-version-check "$wanted"; } && return
  rm -rf "$TOOLS/interface"
  say "$wanted could not be installed: the EPCIS interface is not compared with its description."
}

# Chinese pages are photographed and measured: without a Chinese face every character is the same empty box.
chinese_font() {
  if has fc-list && [ -n "$(fc-list :lang=zh-cn family)" ]; then return; fi
  if [ "$(id -u)" = 0 ] && has apt-get; then
    say "Chinese font: installing Debian's fonts-noto-cjk"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y fontconfig fonts-noto-cjk >/dev/null; } \
      || say "apt could not install fonts-noto-cjk: Chinese text will be empty boxes in screenshots."
  else
    say "No Chinese font was found (Debian: apt install fonts-noto-cjk): Chinese text will be empty boxes in screenshots."
  fi
}

has cargo || stop "Rust was not found: install it from https://rustup.rs and run the command again."
rust_target
wasm_bindgen
npm_packages
if [ "${1:-}" = test ]; then
  browser
  chinese_font
  python_package
  interface_tool
fi
if [ "${1:-}" = bench ]; then load_generator; fi
