// node parity.mjs VERIFIER.wasm FIXTURES: the module's reports are byte for byte the native ones (see ledger's example `fixture`).
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";

const [wasm, dir] = process.argv.slice(2);
const module = await WebAssembly.compile(readFileSync(wasm));
assert.deepEqual(WebAssembly.Module.imports(module), [], "the module imports nothing");
const read = (name) => readFileSync(join(dir, name));
const now = Number(read("now"));
const cases = readdirSync(dir).filter((name) => name.endsWith(".bundle"));
assert.ok(cases.length >= 3, "fixtures are there");

for (const name of cases) {
  const v = (await WebAssembly.instantiate(module)).exports;
  const put = (bytes) => {
    const at = v.alloc(bytes.length);
    new Uint8Array(v.memory.buffer, at, bytes.length).set(bytes);
    return [at, bytes.length];
  };
  const text = () => Buffer.from(new Uint8Array(v.memory.buffer, v.report(), v.report_len())).toString();
  const nodes = v.open(...put(read(name)), ...put(read("policy")), ...put(read("name")), now);
  let report = text();
  if (nodes >= 0) {
    v.remember(0, 0);
    report += text();
  }
  for (let i = 0; i < nodes; i++) {
    v.entry(i);
    report += text();
  }
  if (nodes >= 0) {
    v.finish();
    report += text();
  }
  assert.equal(report, read(name.replace(".bundle", ".report")).toString(), name);
  console.log(`${name}: ${report.trimEnd().split("\n").pop()}`);
}
