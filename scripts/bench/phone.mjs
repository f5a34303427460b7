// The rows of a shopper's phone: bytes as they cross the wire, and times in Chromium on a slow network with a slow processor.
import { readdirSync, statSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { executablePath, launchArguments } from '../../end2end/chromium.mjs';
import { ownPack } from '../../end2end/epcis.mjs';
import { SITE, cosigned } from '../../end2end/server.mjs';
import { PHONE_AGENT, itemWith, median, withDemo } from './demo.mjs';

const { chromium } = createRequire(new URL('../../end2end/package.json', import.meta.url))('@playwright/test');

/** Slow 4G and a processor a quarter as fast. */
const NETWORK = { offline: false, latency: 562.5, downloadThroughput: 180_000, uploadThroughput: 84_000 };
const SLOWER = 4;
/** Visits, each of a browser that has nothing of this site; medians are told. */
const VISITS = 9;
/** A visit that ends without "verified" by then is an error. */
const LIMIT_MS = 30_000;

/** An answer as a phone gets it: its bytes on the wire, and its text. */
function sent(url, path, language = 'en') {
  const headers = { accept: 'text/html,*/*', 'accept-encoding': 'br', 'accept-language': language, 'user-agent': PHONE_AGENT };
  return new Promise((resolve, reject) => {
    get(url + path, { headers }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        if (answer.statusCode !== 200) {
          reject(new Error(`${path}: ${answer.statusCode}`));
          return;
        }
        const bytes = Buffer.concat(chunks);
        resolve({ bytes: bytes.length, text: answer.headers['content-encoding'] === 'br' ? brotliDecompressSync(bytes).toString() : '' });
      });
    }).on('error', reject);
  });
}

/** What every visit to a page loads until "verified": the page, then the others. One after another, and the least of some answers: a server
 *  with other work makes an answer quickly rather than small. */
async function weights(url, path, language) {
  const { text } = await sent(url, path, language);
  const parts = [path, `/bundle${path}`, /href="(\/_\/verifier[^"]*)"/.exec(text)[1], /src="(\/_\/page[^"]*)"/.exec(text)[1]];
  const bytes = [];
  for (const part of parts) {
    let least = Infinity;
    for (let asked = 0; asked < 8; asked += 1) {
      least = Math.min(least, (await sent(url, part, language)).bytes);
      await new Promise((next) => setTimeout(next, 500));
    }
    bytes.push(least);
  }
  return bytes;
}

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
const brotliOf = (folder, name) => statSync(join(folder, name)).size;

/** Listens, in the page, for what is measured. */
function listen() {
  const seen = { shift: 0, tasks: [] };
  window.seen = seen;
  const watch = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
  watch('paint', (one) => { if (one.name === 'first-contentful-paint') seen.fcp = one.startTime; });
  watch('largest-contentful-paint', (one) => { seen.lcp = one.startTime; });
  watch('layout-shift', (one) => { if (!one.hadRecentInput) seen.shift += one.value; });
  watch('longtask', (one) => seen.tasks.push([one.startTime, one.duration]));
  document.addEventListener('DOMContentLoaded', () => {
    const line = document.querySelector('[data-line=records] .s');
    if (!line) return;
    new MutationObserver(() => {
      if (!seen.verified && document.querySelector('[data-line=records] .m .f') && /verified/.test(line.textContent)) seen.verified = performance.now();
    }).observe(document.querySelector('[data-line=records]'), { childList: true, subtree: true, characterData: true });
  });
}

/** What was seen once `until` is among it. Asked by the protocol alone: what Playwright puts into a page to ask with takes a processor a
 *  quarter as fast 60 ms, and that would be measured as the page's own. */
async function seenOnce(session, until) {
  for (const started = Date.now(); Date.now() - started < LIMIT_MS; await new Promise((next) => setTimeout(next, 50))) {
    const { result } = await session.send('Runtime.evaluate', { expression: 'JSON.stringify(window.seen)' });
    const seen = JSON.parse(result.value);
    if (seen[until]) return seen;
  }
  throw new Error(`no "${until}" within ${LIMIT_MS} ms`);
}

async function visits(url, path, until) {
  const browser = await chromium.launch({ executablePath, args: launchArguments });
  try {
    const all = [];
    for (let visit = 0; visit < VISITS; visit += 1) {
      const context = await browser.newContext({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, userAgent: PHONE_AGENT, locale: 'en-GB' });
      const page = await context.newPage();
      const session = await context.newCDPSession(page);
      await session.send('Network.enable');
      await session.send('Network.emulateNetworkConditions', NETWORK);
      await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
      await page.addInitScript(listen);
      await page.goto(url + path, { waitUntil: 'load', timeout: LIMIT_MS });
      all.push(await seenOnce(session, until));
      await context.close();
    }
    // Blocking time: of each task that ends after the first paint, what it takes beyond 50 ms.
    const blocking = (one) => sum(one.tasks.filter(([from]) => from >= one.fcp).map(([, took]) => Math.max(0, took - 50)));
    const of = (value) => median(all.map(value));
    return { fcp: of((one) => one.fcp), lcp: of((one) => one.lcp), verified: of((one) => one.verified ?? 0), shift: of((one) => one.shift), blocking: of(blocking) };
  } finally {
    await browser.close();
  }
}

const verified = (url, path) => visits(url, path, 'verified');

/** A page as somebody would write it by hand: the same words and pictures, no marks, no script, a few lines of style. */
function byHand(html) {
  const main = /<main\b[\s\S]*<\/main>/.exec(html)[0];
  const plain = main.replace(/<svg[\s\S]*?<\/svg>/g, '').replace(/ (data-[a-z]+|class|id|role|aria-[a-z]+)="[^"]*"/g, '').replace(/<(\/?)span>/g, '');
  const style = 'body{margin:0 auto;max-width:40em;padding:0 24px;font:1rem/1.5 sans-serif}img{max-width:100%;height:auto}dl{display:grid;grid-template-columns:6em 1fr}ol{list-style:none;padding:0}';
  return `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>By hand</title><style>${style}</style>${plain}</html>`;
}

/** Serves that page, its pictures from the server under test. */
async function beside(url, path, use) {
  const html = byHand((await sent(url, path)).text);
  const page = brotliCompressSync(Buffer.from(html));
  const server = createServer(async (request, response) => {
    if (request.url === '/') {
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'br' }).end(page);
      return;
    }
    const got = await fetch(url + request.url);
    response.writeHead(got.status, { 'content-type': got.headers.get('content-type') ?? 'text/plain' }).end(Buffer.from(await got.arrayBuffer()));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    return await use(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Pages of 8 and 12 records of the demo, and one of 32 that is captured now. */
async function pages({ url, demo }) {
  const long = await ownPack(url, demo, 32);
  await cosigned(url, 3);
  return [[8, (await itemWith(url, demo, 8)).path], [12, (await itemWith(url, demo, 12)).path], [32, long]];
}

export const PHONE = {
  P1: {
    what: 'bytes until all facts are readable, scripts off',
    run: () => withDemo(async ({ url, demo }) => [{ figure: (await weights(url, (await itemWith(url, demo, 8)).path, 'en'))[0], unit: 'bytes', must: 14_000, aim: 10_000 }]),
  },
  P2: {
    what: 'bytes until "verified"',
    run: () => withDemo(async ({ url, demo }) => {
      const { path } = await itemWith(url, demo, 8);
      const rows = [];
      for (const language of ['en', 'zh']) rows.push({ what: `bytes until "verified", 8 records, ${language}`, figure: sum(await weights(url, path, language)), unit: 'bytes', must: 60_000, aim: 54_000 });
      return rows;
    }),
  },
  P3: {
    what: 'the verifier, brotli',
    run: async () => [{ figure: brotliOf(SITE, readdirSync(SITE).find((name) => /^verifier.*\.wasm\.br$/.test(name))), unit: 'bytes', must: 30_000, aim: 27_000 }],
  },
  P4: {
    what: 'the islands, loaded on intent, brotli',
    run: async () => [{ figure: sum(readdirSync(join(SITE, 'pkg')).filter((name) => name.endsWith('.br')).map((name) => brotliOf(join(SITE, 'pkg'), name))), unit: 'bytes', must: 115_000, aim: 90_000 }],
  },
  P5: {
    what: 'slow 4G, 4x CPU, median of 9 first visits',
    run: () => withDemo(async (server) => {
      const rows = [];
      for (const [records, path] of await pages(server)) {
        const { fcp, lcp, verified: done } = await verified(server.url, path);
        for (const [what, ms, must, aim] of [['first paint', fcp, 1.2, 0.9], ['largest paint', lcp, 1.4, 1.0], ['verified', done, 2.2, 1.5]]) {
          rows.push({ what: `slow 4G, 4x CPU, ${records} records: ${what}`, figure: ms / 1000, unit: 's', must, aim });
        }
      }
      return rows;
    }),
  },
  P6: {
    what: 'the same beside a page by hand',
    ratio: true,
    run: () => withDemo(async ({ url, demo }) => {
      const { path } = await itemWith(url, demo, 12);
      const ours = await verified(url, path);
      const hand = await beside(url, path, (other) => visits(other, '/', 'lcp'));
      return [{ what: 'largest paint, 12 records, beside a page by hand', figure: ours.lcp / 1000, baseline: hand.lcp / 1000, unit: 's', must: 1.3, aim: 1.1 },
        { what: 'verified, 12 records, beside that page\'s largest paint', figure: ours.verified / 1000, baseline: hand.lcp / 1000, unit: 's', must: 2.2, aim: 1.6 }];
    }),
  },
  P7: {
    what: 'layout shift and blocking time, 4x CPU',
    run: () => withDemo(async (server) => {
      const rows = [];
      for (const [records, path] of await pages(server)) {
        const { shift, blocking } = await verified(server.url, path);
        rows.push({ what: `layout shift, ${records} records`, figure: shift, must: 0.01, aim: 0 }, { what: `blocking time, ${records} records`, figure: blocking, unit: 'ms', must: 50, aim: 20 });
      }
      return rows;
    }),
  },
  P10: {
    what: 'the first screen\'s picture',
    run: () => withDemo(async ({ url, demo }) => {
      const { path } = await itemWith(url, demo, 12);
      const { text } = await sent(url, path);
      const picture = await sent(url, /<figure[^>]*><img src="([^"]*)"/.exec(text)[1]);
      return [{ figure: picture.bytes, unit: 'bytes', must: 25_000, aim: 12_000 }];
    }),
  },
};
