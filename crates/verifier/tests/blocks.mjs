// node blocks.mjs WASM-AS: what stands in for memory.copy and memory.fill (blocks.wat) does what they do, blocks that overlap and those at
// the end of memory included.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';

const END = 65_536;
const folder = mkdtempSync(join(tmpdir(), 'leafproof-blocks-'));
const text = join(folder, 'blocks.wat');
const functions = readFileSync(new URL('../blocks.wat', import.meta.url), 'utf8');
writeFileSync(text, `(module (memory (export "memory") 1) (export "copy" (func $block_copy)) (export "fill" (func $block_fill))\n${functions}\n)`);
execFileSync(process.argv[2], [text, '-o', join(folder, 'blocks.wasm')]);
const { instance } = await WebAssembly.instantiate(readFileSync(join(folder, 'blocks.wasm')));
rmSync(folder, { recursive: true });

const memory = new Uint8Array(instance.exports.memory.buffer);
const start = () => memory.forEach((_, i) => { memory[i] = i * 31 + (i >> 8); });
let tried = 0;
function same(act, wanted, what) {
  start();
  const expected = memory.slice();
  wanted(expected);
  act();
  assert.ok(Buffer.from(memory.buffer).equals(Buffer.from(expected)), what);
  tried += 1;
}
const LENGTHS = [0, 1, 3, 7, 8, 9, 15, 16, 17, 31, 32, 80];
for (const length of LENGTHS) {
  for (let distance = -90; distance <= 90; distance += 1) {
    const [to, from] = [200, 200 + distance];
    same(() => instance.exports.copy(to, from, length), (all) => all.copyWithin(to, from, from + length), `${length} bytes from ${from} to ${to}`);
  }
  for (const value of [0, 1, 255, 256, -1]) {
    same(() => instance.exports.fill(END - length, value, length), (all) => all.fill(value & 255, END - length), `${length} times ${value}`);
  }
  same(() => instance.exports.copy(END - length, 0, length), (all) => all.copyWithin(END - length, 0, length), `${length} bytes to the end`);
  assert.throws(() => instance.exports.copy(END - length + 1, 0, length + 1), WebAssembly.RuntimeError, 'beyond the end');
}
console.log(`${tried} copies and fills: as WebAssembly's own`);
