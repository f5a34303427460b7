// A server with the demo for one row, in a folder of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDemo, serve } from '../../end2end/server.mjs';

export const PHONE_AGENT = 'Mozilla/5.0 (Linux; Android 12; Pixel 5) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36';

/** Runs `use` with a fresh demo. */
export async function withDemo(use) {
  const data = mkdtempSync(join(tmpdir(), 'leafproof-bench-'));
  const server = await serve({ data });
  try {
    return await use({ ...server, demo: readDemo(data) });
  } finally {
    await server.stop('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  }
}

/** The demo's item in order whose page has this many records. */
export async function itemWith(url, demo, records) {
  for (const item of demo.items) {
    const html = await (await fetch(url + item.path, { headers: { 'user-agent': PHONE_AGENT } })).text();
    if ([...html.matchAll(/<li\b[^>]*\bdata-entry=/g)].length === records) return item;
  }
  throw new Error(`the demo has no item with ${records} records`);
}

export const median = (numbers) => numbers.slice().sort((a, b) => a - b)[numbers.length >> 1];
export const at = (share, numbers) => numbers.slice().sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(numbers.length * share))];
