// node parity.mjs VERIFIER.wasm: the module's reports are byte for byte the native ones, for every case of docs/vectors.
import { readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { reportOf } from './report.mjs';
import { cases } from './vectors.mjs';

const module = await WebAssembly.compile(readFileSync(process.argv[2]));
assert.deepEqual(WebAssembly.Module.imports(module), [], 'the module imports nothing');
assert.ok(cases.length >= 60, 'the cases are there');
for (const { name, input, report } of cases) assert.equal(await reportOf(module, input), report, name);
console.log(`${cases.length} cases: every report is the native one`);
