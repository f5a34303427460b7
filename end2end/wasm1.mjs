// Reads a WebAssembly module and names everything in it that the first version of the standard (1.0, 2019) does not have. Old
// web views know nothing later and refuse the whole module. Written from the standard's binary format, sections 5.3 to 5.5.

/** Opcodes of 1.0 by what follows them. Whatever is not listed is later. */
const NONE = 'none', BLOCK = 'block', INDEX = 'index', TABLE = 'table', CALL_INDIRECT = 'call_indirect', MEMORY = 'memory', ZERO = 'zero';
const OPCODES = new Map([
  ...[0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b].map((op) => [op, NONE]),
  ...[0x02, 0x03, 0x04].map((op) => [op, BLOCK]),
  ...[0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24].map((op) => [op, INDEX]),
  [0x0e, TABLE],
  [0x11, CALL_INDIRECT],
  ...range(0x28, 0x3e).map((op) => [op, MEMORY]),
  [0x3f, ZERO],
  [0x40, ZERO],
  [0x41, 'i32'],
  [0x42, 'i64'],
  [0x43, 'f32'],
  [0x44, 'f64'],
  ...range(0x45, 0xbf).map((op) => [op, NONE]),
]);
const NAMES = new Map([[0xd0, 'ref.null'], [0xd1, 'ref.is_null'], [0xd2, 'ref.func'], [0x1c, 'select t'], [0x12, 'return_call'], [0xfd, 'vector instruction'], [0xfe, 'atomic instruction']]);
const SATURATING = 8, BULK = ['memory.init', 'data.drop', 'memory.copy', 'memory.fill', 'table.init', 'elem.drop', 'table.copy', 'table.grow', 'table.size', 'table.fill'];
const VALUE_TYPES = [0x7f, 0x7e, 0x7d, 0x7c];
const FUNCTION_REFERENCE = 0x70;

/** What a module has beyond 1.0, by name, with how often. An empty object is what old web views need. */
export function beyond1(bytes) {
  const found = {};
  const note = (what) => (found[what] = (found[what] ?? 0) + 1);
  const r = new Reader(bytes);
  if (r.u32le() !== 0x6d736100 || r.u32le() !== 1) throw new Error('no WebAssembly module of version 1');
  const memories = { count: 0 }, tables = { count: 0 };
  while (!r.atEnd()) {
    const id = r.byte();
    const section = r.slice(r.leb());
    if (id > 11) note(id === 12 ? 'data count section' : `section ${id}`);
    else SECTIONS[id]?.(section, note, { memories, tables });
    if (id <= 11 && SECTIONS[id] && !section.atEnd()) throw new Error(`section ${id} was not understood to its end`);
  }
  if (memories.count > 1) note('several memories');
  if (tables.count > 1) note('several tables');
  return found;
}

const SECTIONS = {
  1: (r, note) => r.each(() => {
    if (r.byte() !== 0x60) note('type that is no function');
    r.each(() => valueType(r, note));
    if (r.each(() => valueType(r, note)) > 1) note('several results');
  }),
  2: (r, note, { memories, tables }) => r.each(() => {
    r.skip(r.leb());
    r.skip(r.leb());
    const kind = r.byte();
    if (kind === 0) r.leb();
    else if (kind === 1) { tables.count += 1; table(r, note); }
    else if (kind === 2) { memories.count += 1; limits(r, note); }
    else if (kind === 3) { valueType(r, note); if (r.byte()) note('mutable global, imported'); }
    else throw new Error(`import of kind ${kind}`);
  }),
  3: (r) => r.each(() => r.leb()),
  4: (r, note, { tables }) => { tables.count += r.each(() => table(r, note)); },
  5: (r, note, { memories }) => { memories.count += r.each(() => limits(r, note)); },
  6: (r, note) => r.each(() => { valueType(r, note); r.byte(); expression(r, note); }),
  7: (r) => r.each(() => { r.skip(r.leb()); r.byte(); r.leb(); }),
  8: (r) => r.leb(),
  9: (r, note) => r.each(() => {
    if (r.leb() !== 0) return later('element segment of a later kind');
    expression(r, note);
    r.each(() => r.leb());
  }),
  10: (r, note) => r.each(() => {
    const body = r.slice(r.leb());
    body.each(() => { body.leb(); valueType(body, note); });
    while (!body.atEnd()) instruction(body, note);
  }),
  11: (r, note) => r.each(() => {
    const kind = r.leb();
    if (kind > 1) note('data segment that names a memory');
    if (kind === 1) note('passive data segment');
    if (kind === 2) r.leb();
    if (kind !== 1) expression(r, note);
    r.skip(r.leb());
  }),
};

function later(what) {
  throw new Error(`beyond 1.0: ${what}`);
}

function valueType(r, note) {
  const type = r.byte();
  if (!VALUE_TYPES.includes(type)) note(`value type 0x${type.toString(16)}`);
}

function limits(r, note) {
  const flags = r.byte();
  if (flags > 1) note('shared or 64-bit memory');
  r.leb();
  if (flags & 1) r.leb();
}

function table(r, note) {
  if (r.byte() !== FUNCTION_REFERENCE) note('table of other than functions');
  limits(r, note);
}

function expression(r, note) {
  while (instruction(r, note) !== 0x0b);
}

function instruction(r, note) {
  const op = r.byte();
  const kind = OPCODES.get(op);
  if (kind === BLOCK) {
    const type = r.signed();
    if (type >= 0n) note('block with several values');
    else if (type !== -64n && !VALUE_TYPES.includes(Number(type + 128n))) note('block of a later type');
  } else if (kind === INDEX) r.leb();
  else if (kind === TABLE) { r.each(() => r.leb()); r.leb(); }
  else if (kind === CALL_INDIRECT) { r.leb(); if (r.leb() !== 0) note('call through another table'); }
  else if (kind === MEMORY) { r.leb(); r.leb(); }
  else if (kind === ZERO) { if (r.byte() !== 0) note('another memory'); }
  else if (kind === 'i32' || kind === 'i64') r.signed();
  else if (kind === 'f32') r.skip(4);
  else if (kind === 'f64') r.skip(8);
  else if (kind !== NONE) laterInstruction(op, r, note);
  return op;
}

/** The ones compilers like to emit are counted, so that a report is complete; of the others the first ends the reading. */
function laterInstruction(op, r, note) {
  if (op >= 0xc0 && op <= 0xc4) return note('sign extension');
  if (op === 0xfc) {
    const sub = r.leb();
    if (sub < SATURATING) return note('saturating conversion');
    const operands = { 8: 2, 9: 1, 10: 2, 11: 1, 12: 2, 13: 1, 14: 2 }[sub] ?? 1;
    for (let i = 0; i < operands; i += 1) r.leb();
    return note(BULK[sub - SATURATING] ?? `0xfc ${sub}`);
  }
  return later(NAMES.get(op) ?? `opcode 0x${op.toString(16)}`);
}

function range(from, to) {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }
  atEnd() {
    return this.at >= this.bytes.length;
  }
  byte() {
    if (this.atEnd()) throw new Error('the module ends too soon');
    return this.bytes[this.at++];
  }
  u32le() {
    return this.byte() + this.byte() * 2 ** 8 + this.byte() * 2 ** 16 + this.byte() * 2 ** 24;
  }
  leb() {
    return Number(BigInt.asUintN(32, this.#leb().value));
  }
  signed() {
    const { value, bits } = this.#leb();
    return BigInt.asIntN(bits, value);
  }
  #leb() {
    let value = 0n, bits = 0, byte;
    do {
      byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(bits);
      bits += 7;
    } while (byte & 0x80);
    return { value, bits };
  }
  skip(length) {
    this.slice(length);
  }
  slice(length) {
    if (this.at + length > this.bytes.length) throw new Error('the module ends too soon');
    this.at += length;
    return new Reader(this.bytes.subarray(this.at - length, this.at));
  }
  each(read) {
    const count = this.leb();
    for (let i = 0; i < count; i += 1) read(i);
    return count;
  }
}
