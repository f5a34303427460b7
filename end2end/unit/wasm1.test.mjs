// The verifier is WebAssembly 1.0, so that old web views take it; and the reader that says so can tell.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { SITE } from '../server.mjs';
import { beyond1 } from '../wasm1.mjs';


/** Bytes of a module written as text. */
function assemble(text, features = binaryen.Features.All) {
  const module = binaryen.parseText(text);
  module.setFeatures(features);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

const body = (instructions, signature = '') => `(module (memory 1) (func (export "f") ${signature} ${instructions}))`;

test('plain 1.0 code is accepted', () => {
  const bytes = assemble(`(module
    (memory (export "memory") 1)
    (data (i32.const 8) "leafproof")
    (table 1 1 funcref) (elem (i32.const 0) $f)
    (global $g (mut i64) (i64.const -9))
    (func $f (export "f") (param i32) (result i32)
      (block $out (loop $again (br_if $out (i32.eqz (local.get 0)))
        (i64.store offset=8 (i32.const 0) (i64.add (global.get $g) (i64.load (i32.const 8)))) (br $again)))
      (if (result i32) (local.get 0) (then (memory.grow (i32.const 1))) (else (i32.trunc_f64_s (f64.const 1.5))))))`, binaryen.Features.MVP);
  assert.deepEqual(beyond1(bytes), {});
});

for (const [what, text] of [
  ['memory.copy', body('(memory.copy (i32.const 0) (i32.const 8) (i32.const 8))')],
  ['memory.fill', body('(memory.fill (i32.const 0) (i32.const 8) (i32.const 8))')],
  ['sign extension', body('(i32.extend8_s (i32.const 200))', '(result i32)')],
  ['saturating conversion', body('(i32.trunc_sat_f32_s (f32.const 1))', '(result i32)')],
  ['several results', body('(tuple.make 2 (i32.const 1) (i32.const 2))', '(result i32 i32)')],
  ['passive data segment', '(module (memory 1) (data $d "x") (func (export "f") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))'],
]) {
  test(`${what} is found`, () => {
    assert.ok(beyond1(assemble(text))[what] >= 1, JSON.stringify(beyond1(assemble(text))));
  });
}

test('vector instructions and references are refused', () => {
  assert.throws(() => beyond1(assemble(body('(drop (i8x16.splat (i32.const 1)))'))), /vector/);
  assert.throws(() => beyond1(assemble(body('(drop (ref.is_null (ref.null extern)))'))), /ref\.null/);
});

test('a module that ends too soon is refused', () => {
  const bytes = assemble(body('(drop (i32.const 1))'));
  assert.throws(() => beyond1(bytes.subarray(0, bytes.length - 3)));
});

test('the verifier has nothing beyond 1.0', () => {
  const verifiers = readdirSync(SITE).filter((name) => /^verifier.*\.wasm$/.test(name));
  assert.equal(verifiers.length, 1, `target/site holds one verifier: ${verifiers}`);
  const bytes = readFileSync(join(SITE, verifiers[0]));
  assert.deepEqual(beyond1(bytes), {});
  // It asks nothing of the page: no clock, no network, no randomness.
  assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(bytes)), []);
});
