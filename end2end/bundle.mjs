// Reads and seals bundles (docs/SPECIFICATION.md, "The bundle"), so that tests can change one in flight. Written from the
// specification alone, with another implementation of BLAKE3 than the product's.
import { blake3 } from '@noble/hashes/blake3.js';

const TAG = { name: 1, note: 2, table: 3, head: 4, prefix: 5, list: 6, entry: 7, part: 8 };
const TRAILER_BYTES = 32;
const EVENT = 1;

const derived = (context, bytes) => blake3(bytes, { context: new TextEncoder().encode(context) });

/** Cuts a bundle into its sections; each is a view of the same bytes, so changing one changes the bundle. */
export function sections(bundle) {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  if (new TextDecoder().decode(bundle.subarray(0, 4)) !== 'LPB2') throw new Error('no bundle: the magic is missing');
  const found = [];
  let at = 4;
  while (at < bundle.length - TRAILER_BYTES) {
    const length = view.getUint32(at + 1);
    found.push({ tag: bundle[at], bytes: bundle.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  if (at !== bundle.length - TRAILER_BYTES) throw new Error('no bundle: the sections do not end at the trailer');
  return found;
}

/** Writes the trailer anew: an attacker can, for it holds no secret. */
export function seal(bundle) {
  bundle.set(derived('leafproof bundle v2', bundle.subarray(0, -TRAILER_BYTES)), bundle.length - TRAILER_BYTES);
  return bundle;
}

/** The ENTRY of a ledger index: its leaf and the numbers of its path's hashes in the table, two bytes each. */
export function entry(bundle, index) {
  for (const { tag, bytes } of sections(bundle)) {
    if (tag !== TAG.entry) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getBigUint64(0) !== BigInt(index)) continue;
    const length = view.getUint16(8);
    return { leaf: bytes.subarray(10, 10 + length), path: bytes.subarray(10 + length + 2) };
  }
  throw new Error(`the bundle has no entry ${index}`);
}

/** Commitments of an EVENT leaf's parts of one kind. */
export function commitments(leaf, kind) {
  if (leaf[0] !== EVENT) throw new Error('no event');
  // member key 32 | seq 8 | event_ms 8 | kind, action, class 3 | event_id 32 | chunk 2 | chunks 2 | target 32
  let at = 10 + 32 + 8 + 8 + 3 + 32 + 2 + 2 + 32;
  at += 1 + leaf[at] * 34;
  const found = [];
  for (let left = leaf[at], p = at + 1; left > 0; left -= 1, p += 33) {
    if (leaf[p] === kind) found.push(leaf.subarray(p + 1, p + 33));
  }
  return found;
}

/** The public part of an entry: its bytes, a view. */
export function publicPart(bundle, index) {
  const [commitment] = commitments(entry(bundle, index).leaf, 1);
  for (const { tag, bytes } of sections(bundle)) {
    if (tag === TAG.part && Buffer.compare(bytes.subarray(0, 32), commitment) === 0) return bytes.subarray(52);
  }
  throw new Error(`the bundle has no public part of entry ${index}`);
}

/** Changes one byte of one record, and seals the bundle again: of its signed words, or of its path to the root. */
export function changeOneByte(bundle, index, what) {
  const copy = Uint8Array.from(bundle);
  if (what === 'words') {
    const words = publicPart(copy, index);
    // The last letter of the first line's value: the form stays right, so that nothing but the hash can tell.
    words[words.indexOf(0x0a) - 1] ^= 1;
  } else if (what === 'path') {
    // Another hash of the table in the place of the last: that one stands in other records' paths too, so its first use stays in order.
    const { path } = entry(copy, index);
    const view = new DataView(path.buffer, path.byteOffset, path.byteLength);
    view.setUint16(path.length - 2, view.getUint16(path.length - 2) === 0 ? 1 : 0);
  } else {
    throw new Error(`change what? ${what}`);
  }
  return Buffer.from(seal(copy));
}
