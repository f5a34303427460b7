// node scripts/figures.mjs FOLDER: checks the bundles that `cargo run --release -p ledger --example figures -- FOLDER` left there in
// Chromium, with the verifier that the build left in target/site. First check and median of 31, in ms; bytes as sent (brotli 7).
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { executablePath, launchArguments } from '../end2end/chromium.mjs';

const { chromium } = createRequire(new URL('../end2end/package.json', import.meta.url))('@playwright/test');
const folder = process.argv[2];
const site = process.env.SITE ?? 'target/site';
const verifier = readFileSync(join(site, readdirSync(site).find((name) => /^verifier.*\.wasm$/.test(name))));
const wire = (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 7 } }).length;

const browser = await chromium.launch({ executablePath, args: launchArguments });
const page = await browser.newPage();
console.log('bundle        bytes  as sent  first ms  median ms');
for (const name of readdirSync(folder).filter((file) => file.endsWith('.lpb')).sort((a, b) => parseInt(a) - parseInt(b) || a.length - b.length || a.localeCompare(b))) {
  const bundle = readFileSync(join(folder, name));
  const files = [verifier, bundle, readFileSync(join(folder, 'policy'))].map((bytes) => bytes.toString('base64'));
  const { first, median, state } = await page.evaluate(async (texts) => {
    const [wasm, bundle, policy] = texts.map((text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
    const module = await WebAssembly.compile(wasm);
    const times = [];
    let state;
    for (let run = 0; run < 31; run += 1) {
      const x = (await WebAssembly.instantiate(module)).exports;
      const put = (bytes) => { const at = x.alloc(bytes.length); new Uint8Array(x.memory.buffer, at, bytes.length).set(bytes); return [at, bytes.length]; };
      const inputs = [...put(bundle), ...put(policy)];
      const start = performance.now();
      const count = x.open(...inputs, 0, 0, Date.now());
      for (let i = 0; i < count; i += 1) x.entry(i);
      state = x.finish();
      times.push(performance.now() - start);
    }
    return { first: times[0], median: times.slice().sort((a, b) => a - b)[15], state };
  }, files);
  // 3: not yet co-signed, which is all that these are.
  if (state !== 3) throw new Error(`${name}: state ${state}`);
  console.log(`${name.padEnd(12)} ${String(bundle.length).padStart(6)}  ${String(wire(bundle)).padStart(7)}  ${first.toFixed(1).padStart(8)}  ${median.toFixed(1).padStart(9)}`);
}
await browser.close();
