# The project's commands; README.md tells what each is for. They need Rust and Node.js, no root, no git history.
# make run takes LISTEN (127.0.0.1; 0.0.0.0 lets a phone in), PORT (3000), DATA (data), PUBLIC_URL (the address in every code and link).

LISTEN ?= 127.0.0.1
PORT ?= 3000
DATA ?= data
PUBLIC_URL ?=
CARGO_TARGET_DIR ?= target
export CARGO_TARGET_DIR

.PHONY: run build test unit browser sizes screenshots bench lint tools tools-test clean

# Builds what changed, loads the demo where DATA is new, and serves until Ctrl-C.
run: build
	@exec $(CARGO_TARGET_DIR)/release/leafproof serve --demo --data '$(DATA)' --listen '$(LISTEN):$(PORT)' $(if $(PUBLIC_URL),--public-url '$(PUBLIC_URL)')

# The server, then the browser's files.
build: tools
	@echo "· server: cargo build" >&2
	@cargo build --release --bins
	@scripts/build-web.sh

# Everything: unit, law, vector, HTTP and doc tests, then wasm, then sizes and pages in a real browser.
test: tools-test
	@scripts/test.sh

# cargo test alone.
unit:
	@cargo test

# The browser tests alone, against what `make build` left: make browser ARGS='-g comment'
browser: tools-test
	@cd end2end && node_modules/.bin/playwright test $(ARGS)

sizes: tools-test
	@cd end2end && node_modules/.bin/playwright test --project=phone sizes

# Every page in both widths, schemes, languages, with and without scripts, into target/screenshots; and the README's picture.
screenshots: tools-test
	@node scripts/screenshots.mjs

# The figures of the budgets, each beside its baseline, into bench/results.md: make bench ROWS='P5 V3'
bench: build tools-test
	@scripts/tools.sh bench
	@node scripts/bench.mjs $(ROWS)

# Format, clippy and documentation, as CI demands them.
lint: tools
	@scripts/lint.sh

tools:
	@scripts/tools.sh

tools-test:
	@scripts/tools.sh test

# Leaves the tools and the data alone.
clean:
	rm -rf $(CARGO_TARGET_DIR)/debug $(CARGO_TARGET_DIR)/release $(CARGO_TARGET_DIR)/wasm32-unknown-unknown $(CARGO_TARGET_DIR)/web target/site target/screenshots
