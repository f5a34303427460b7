// Killed in the middle of captures and comments, over HTTP, again and again on the same data: what was acknowledged is there.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, epcis, inspection, newPack } from '../epcis.mjs';
import { postLetter } from '../letter.mjs';
import { png } from '../png.mjs';
import { readDemo, serve } from '../server.mjs';
import { expect, settled, test } from './fixtures.mjs';
import { marks } from './marks.mjs';

/** Requests under way at the same time. */
const WRITERS = 6;
/** After how many acknowledgements the server is killed, one figure for each life of it: from its first write to well under load. */
const KILLED_AFTER = [1, 7, 23, 40];

/** The signed checkpoint as it is served: size and root. */
async function checkpoint(url) {
  const [, size, root] = (await (await fetch(`${url}/checkpoint`)).text()).split('\n');
  return { size: Number(size), root };
}

/** One life of the server: everything at once until `limit` acknowledgements, then SIGKILL. Adds to `kept` what was acknowledged. */
async function live(server, demo, limit, kept) {
  let killed;
  let count = 0;
  const acknowledged = (what) => {
    kept.push(what);
    count += 1;
    if (count >= limit) killed ??= server.stop('SIGKILL');
  };
  const photo = png(240, 160);
  const writer = async (number) => {
    for (let round = 0; !killed; round += 1) {
      const path = newPack();
      const words = `Finding ${kept.length}.${number}.${round}`;
      const document = inspection(path, { words });
      const job = await capture(server.url, demo, document);
      acknowledged({ path, id: document.epcisBody.eventList[0].eventID, words, job: job.captureID });
      const text = `Letter ${number}.${round} about ${path}.`;
      acknowledged({ receipt: await postLetter(server.url, path, { text, photo: (number + round) % 3 ? undefined : photo }), text });
    }
  };
  const watcher = async () => {
    while (!killed) kept.push({ checkpoint: await checkpoint(server.url) });
  };
  const ends = await Promise.allSettled([...Array(WRITERS).keys()].map(writer).concat(watcher()));
  // Requests may break off because the server was killed, and for no other reason.
  const other = ends.filter(({ status, reason }) => status === 'rejected' && !/fetch failed|terminated|other side closed/.test(reason.message));
  expect(other.map(({ reason }) => reason.message)).toEqual([]);
  expect(await killed, 'the server was killed').toBe('SIGKILL');
}

/** Looks for everything that was acknowledged in any life before. */
async function missing(server, demo, kept) {
  const lost = [];
  for (const one of kept) {
    if (one.checkpoint) continue;
    if (one.receipt) {
      const answer = await fetch(server.url + one.receipt);
      const page = await answer.text();
      if (answer.status !== 200 || !page.includes(one.text)) lost.push(one);
      continue;
    }
    const answer = await epcis(server.url, demo, `/events/${one.id}`);
    const found = answer.status === 200 && JSON.stringify(await answer.json());
    const job = await epcis(server.url, demo, `/capture/${one.job}`);
    if (!found || !found.includes(one.words) || !found.includes(one.path) || job.status !== 200) lost.push(one);
  }
  return lost;
}

test('kill -9 in the middle of captures and comments: nothing acknowledged is missing', async ({ browser }) => {
  test.setTimeout(300_000);
  const data = mkdtempSync(join(tmpdir(), 'leafproof-kill-'));
  const kept = [];
  const roots = new Map();
  let server = await serve({ data });
  try {
    const demo = readDemo(data);
    for (const limit of KILLED_AFTER) {
      await test.step(`killed after ${limit} acknowledgements`, async () => {
        await live(server, demo, limit, kept);
        server = await serve({ data });
        expect(await missing(server, demo, kept)).toEqual([]);
        const now = await checkpoint(server.url);
        for (const { checkpoint: seen } of kept.concat({ checkpoint: now }).filter((one) => one.checkpoint)) {
          // A ledger that forgot would sign another root for a size that somebody saw, or a smaller size.
          expect(roots.get(seen.size) ?? seen.root, `root at ${seen.size}`).toBe(seen.root);
          expect(seen.size).toBeLessThanOrEqual(now.size);
          roots.set(seen.size, seen.root);
        }
      });
    }
    await test.step('the last acknowledged record verifies in a browser', async () => {
      const context = await browser.newContext({ baseURL: server.url });
      const page = await context.newPage();
      await page.goto(kept.findLast((one) => one.path).path);
      expect(await settled(page)).toBe(1);
      await expect(page.locator(marks.ok)).toHaveCount(1);
      await context.close();
    });
    // A check that lost nothing because it kept nothing would say the same.
    expect(kept.filter((one) => one.id).length).toBeGreaterThan(30);
    expect(kept.filter((one) => one.receipt).length).toBeGreaterThan(20);
  } finally {
    await server.stop('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  }
});
