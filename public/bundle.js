// Takes a proof apart and puts it together again (docs/SPECIFICATION.md, "The bundle"), so that store mode can change one thing in it. What
// comes of the change is for the verifier alone to say: nothing here knows what a right proof is. Needs page.js before it, and no words.
'use strict';
Leafproof.bundle = (() => {
  const TAG = { note: 2, entry: 7, part: 8 };
  const TRAILER_BYTES = 32;
  /** Kind of the part that everybody may read. */
  const PUBLIC = 1;
  const EVENT = 1;

  // ---- BLAKE3: the trailer is made with it, and the fingerprint of a record's words. ----

  const IV = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
  const ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
  const COLUMNS = [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15], [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];
  const [START, END, PARENT, ROOT, CONTEXT, MATERIAL] = [1, 2, 4, 8, 32, 64];
  const [BLOCK, CHUNK, ROUNDS] = [64, 1024, 7];
  const turn = (word, by) => (word >>> by) | (word << (32 - by));

  function compress(chain, block, counter, length, flags) {
    const v = Uint32Array.from([...chain, ...IV.slice(0, 4), counter, 0, length, flags]);
    let m = block;
    for (let round = 0; round < ROUNDS; round += 1) {
      COLUMNS.forEach(([a, b, c, d], i) => {
        v[a] += v[b] + m[2 * i];
        v[d] = turn(v[d] ^ v[a], 16);
        v[c] += v[d];
        v[b] = turn(v[b] ^ v[c], 12);
        v[a] += v[b] + m[2 * i + 1];
        v[d] = turn(v[d] ^ v[a], 8);
        v[c] += v[d];
        v[b] = turn(v[b] ^ v[c], 7);
      });
      m = ORDER.map((i) => m[i]);
    }
    return v.slice(0, 8).map((word, i) => word ^ v[i + 8]);
  }
  function words(bytes) {
    const block = new Uint8Array(BLOCK);
    block.set(bytes);
    const view = new DataView(block.buffer);
    return Array.from({ length: BLOCK / 4 }, (_, i) => view.getUint32(4 * i, true));
  }
  function chunk(bytes, counter, key, flags) {
    const last = Math.max(0, Math.ceil(bytes.length / BLOCK) - 1);
    let chain = key;
    for (let i = 0; i <= last; i += 1) {
      const block = bytes.subarray(i * BLOCK, (i + 1) * BLOCK);
      const ends = (i ? 0 : START) | (i === last ? END | (flags & ROOT) : 0);
      chain = compress(chain, words(block), counter, block.length, (flags & ~ROOT) | ends);
    }
    return chain;
  }
  /** The tree over chunks: the left side is the largest power of two of them that leaves some to the right. */
  function tree(bytes, counter, key, flags) {
    if (bytes.length <= CHUNK) return chunk(bytes, counter, key, flags);
    let left = CHUNK;
    while (left * 2 < bytes.length) left *= 2;
    const both = [tree(bytes.subarray(0, left), counter, key, flags & ~ROOT), tree(bytes.subarray(left), counter + left / CHUNK, key, flags & ~ROOT)];
    return compress(key, [...both[0], ...both[1]], 0, BLOCK, flags | PARENT);
  }
  function bytesOf(chain) {
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    chain.forEach((word, i) => view.setUint32(4 * i, word, true));
    return out;
  }
  /** BLAKE3's derive_key. */
  const derived = (context, bytes) => bytesOf(tree(bytes, 0, tree(new TextEncoder().encode(context), 0, IV, CONTEXT | ROOT), MATERIAL | ROOT));

  // ---- Sections. ----

  const joined = (parts) => {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => { out.set(part, at); return at + part.length; }, 0);
    return out;
  };
  const u32 = (number) => Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
  const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

  /** Its sections, each with a copy of its bytes. */
  function parse(file) {
    const view = viewOf(file);
    const found = [];
    let at = 4;
    while (at < file.length - TRAILER_BYTES) {
      const length = view.getUint32(at + 1);
      found.push({ tag: file[at], bytes: file.slice(at + 5, at + 5 + length) });
      at += 5 + length;
    }
    return { magic: file.slice(0, 4), sections: found };
  }

  /** The file of these sections, with a trailer that fits: it holds no secret, so anybody who changes a proof can write it. */
  function encode({ magic, sections }) {
    const body = joined([magic, ...sections.flatMap(({ tag, bytes }) => [Uint8Array.of(tag), u32(bytes.length), bytes])]);
    return joined([body, derived('leafproof bundle v2', body)]);
  }

  // ---- One thing changed at a time. Each takes a file and gives another; neither is ever written anywhere. ----

  const indexOf = ({ bytes }) => viewOf(bytes).getUint32(0) * 2 ** 32 + viewOf(bytes).getUint32(4);
  const entryOf = (made, index) => made.sections.find((section) => section.tag === TAG.entry && indexOf(section) === +index);
  const leafOf = ({ bytes }) => bytes.subarray(10, 10 + viewOf(bytes).getUint16(8));

  /** The commitment to an event's public words; null where the leaf is no event's. */
  function commitment(leaf) {
    if (leaf[0] !== EVENT) return null;
    // Type, version, time 10 | author's key 32 | seq 8 | time 8 | kind, action, class 3 | event id 32 | chunk 2 | chunks 2 | target 32, then references.
    let at = 10 + 32 + 8 + 8 + 3 + 32 + 2 + 2 + 32;
    at += 1 + leaf[at] * 34;
    for (let left = leaf[at], p = at + 1; left > 0; left -= 1, p += 33) if (leaf[p] === PUBLIC) return leaf.subarray(p + 1, p + 33);
    return null;
  }
  function partOf(made, index) {
    const section = entryOf(made, index);
    const wanted = section && commitment(leafOf(section));
    return wanted && made.sections.find(({ tag, bytes }) => tag === TAG.part && same(bytes.subarray(0, 32), wanted));
  }
  const hex = (bytes) => [...bytes].map((byte) => (byte + 256).toString(16).slice(1)).join('');
  /** What an author signs of a record's words: their fingerprint, with a random number that keeps them from being guessed. */
  const fingerprint = (part) => hex(derived('leafproof payload v1', joined([part.bytes.subarray(32, 48), part.bytes.subarray(52)])));

  /** The record's words with another value at one pointer; the fingerprint of what stands there now. Null where there is no such line. */
  function changed(file, index, pointer, value) {
    const made = parse(file);
    const part = partOf(made, index);
    if (!part) return null;
    const lines = new TextDecoder().decode(part.bytes.subarray(52)).split('\n');
    const at = lines.findIndex((line) => line.startsWith(`${pointer}\t`));
    if (at < 0) return null;
    const escaped = value.replace(/[\\\t\n\r]/g, (c) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }[c]));
    // The value stands behind the pointer, a TAB and the one letter of its type.
    lines[at] = lines[at].slice(0, pointer.length + 2) + escaped;
    const bytes = new TextEncoder().encode(lines.join('\n'));
    part.bytes = joined([part.bytes.subarray(0, 48), u32(bytes.length), bytes]);
    return { file: encode(made), fingerprint: fingerprint(part) };
  }

  /** Another item's newest record in the place of one, with its words. Null where that proof has none. */
  function stranger(file, index, other) {
    const [made, theirs] = [parse(file), parse(other)];
    const section = entryOf(made, index);
    const theirOwn = theirs.sections.filter((one) => one.tag === TAG.entry && partOf(theirs, indexOf(one))).pop();
    if (!section || !theirOwn) return null;
    const [leaf, part, own] = [leafOf(theirOwn), partOf(theirs, indexOf(theirOwn)), partOf(made, index)];
    section.bytes = joined([section.bytes.subarray(0, 8), Uint8Array.of(leaf.length >> 8, leaf.length & 255), leaf, section.bytes.subarray(10 + leafOf(section).length)]);
    made.sections = made.sections.filter((one) => one !== own);
    // Parts stand in the order of their fingerprints.
    const name = (one) => hex(one.bytes.subarray(0, 32));
    const at = made.sections.findIndex((one) => one.tag > TAG.part || (one.tag === TAG.part && name(one) > name(part)));
    made.sections.splice(at < 0 ? made.sections.length : at, 0, part);
    return encode(made);
  }

  const note = (made) => made.sections.find(({ tag }) => tag === TAG.note);
  /** The proof with other lines in its signed note. */
  function noted(file, change) {
    const made = parse(file);
    const lines = change(new TextDecoder().decode(note(made).bytes).split('\n'));
    note(made).bytes = new TextEncoder().encode(lines.join('\n'));
    return encode(made);
  }
  const isBy = (line, name) => line.startsWith('\u2014 ') && line.split(' ')[1].endsWith(name);

  /** One bit of a co-signature changed: nobody signed this. */
  const lying = (file, name) => noted(file, (lines) => lines.map((line) => {
    if (!isBy(line, name)) return line;
    const [dash, who, signature] = line.split(' ');
    const bytes = Uint8Array.from(atob(signature), (c) => c.charCodeAt(0));
    bytes[bytes.length - 1] ^= 1;
    return [dash, who, btoa(String.fromCharCode(...bytes))].join(' ');
  }));
  /** No co-signature of these. */
  const bare = (file, names) => noted(file, (lines) => lines.filter((line) => !names.some((name) => isBy(line, name))));
  /** Another checkpoint over the same records. */
  const under = (file, checkpoint) => noted(file, () => checkpoint.split('\n'));

  /** When an entry was logged, milliseconds since 1970: to be asked only of one that the verifier found in order. */
  function loggedMs(file, index) {
    const section = entryOf(parse(file), index);
    return section ? viewOf(leafOf(section)).getUint32(2) * 2 ** 32 + viewOf(leafOf(section)).getUint32(6) : null;
  }

  return { changed, loggedMs, stranger, lying, bare, under, derived };
})();
