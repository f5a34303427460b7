// What this phone keeps of a ledger: the next visit is compared with it, and a fork or a rollback is shown as what it is.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, inspection, newPack } from '../epcis.mjs';
import { cosigned, readDemo, serve } from '../server.mjs';
import { expect, settled, test } from './fixtures.mjs';
import { marks } from './marks.mjs';

const why = '[data-line=records] .why';
/** What the site of this page has kept. */
const keptOf = (page) => page.evaluate(() => ({ ...localStorage }));
const put = (page, all) => page.addInitScript((entries) => Object.entries(entries).forEach(([k, v]) => localStorage.setItem(k, v)), all);
const today = () => new Date().toISOString().slice(0, 10);

/** Waits until this visit has kept all it keeps: the newest checkpoint and the day's. */
async function keeps(page) {
  await expect.poll(async () => Object.values(await keptOf(page)).some((text) => JSON.parse(text).milestone)).toBe(true);
}

test('first visit; then the ledger has grown, and the next visit sees that it continues', async ({ page, context, demo, baseURL, item }) => {
  const asked = [];
  context.on('request', (request) => {
    if (/\/(milestone|consistency)\//.test(request.url())) asked.push(request);
  });
  await page.goto(item.path);
  await settled(page);
  await expect(page.locator(why)).toContainText('First visit. From now on this phone compares.');
  await keeps(page);
  const before = (await (await fetch(`${baseURL}/checkpoint`)).text()).split('\n')[1];
  await capture(baseURL, demo, inspection(newPack()));
  await page.reload();
  await settled(page);
  await expect(page.locator(why)).toContainText('The ledger continues what this phone saw on');
  expect(Number((await (await fetch(`${baseURL}/checkpoint`)).text()).split('\n')[1])).toBeGreaterThan(Number(before));
  // The same address for everybody, and no word of who asks.
  expect(asked.length).toBeGreaterThan(1);
  for (const request of asked) {
    expect(new URL(request.url()).pathname).toMatch(/^\/(milestone\/\d{4}-\d\d-\d\d|consistency\/\d{4}-\d\d-\d\d\/\d+)$/);
    const headers = await request.allHeaders();
    expect(headers.cookie).toBeUndefined();
    // Absent or empty: nothing is told of where the reader is.
    expect(headers.referer ?? '').toBe('');
  }
  const milestone = await fetch(`${baseURL}/milestone/${today()}`);
  expect(milestone.headers.get('cache-control')).toContain('immutable');
});

test('a fork and a rollback: named, with both checkpoints to save', async ({ browser }) => {
  test.setTimeout(180_000);
  const first = mkdtempSync(join(tmpdir(), 'leafproof-fork-'));
  const second = mkdtempSync(join(tmpdir(), 'leafproof-fork-'));
  const open = async (server, path, kept = {}) => {
    const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
    await put(page, kept);
    await page.goto(server.url + path);
    await settled(page);
    return page;
  };
  let server = await serve({ data: first });
  const demo = readDemo(first);
  const item = demo.items.find((one) => one.scene === 'beef' && one.special === 'in-order').path;
  await server.stop();
  cpSync(first, second, { recursive: true });

  // One branch: what the phone sees.
  server = await serve({ data: first });
  await capture(server.url, demo, inspection(newPack()));
  await cosigned(server.url, 3);
  const page = await open(server, item);
  await keeps(page);
  const kept = await keptOf(page);
  await server.stop();

  // The other one, begun from the copy with the same keys, and brought to the same length.
  server = await serve({ data: second });
  let forked = await open(server, item, kept);
  await expect(forked.locator(marks.records)).toContainText('This ledger is older than the one this phone saw on');
  await forked.context().close();
  await capture(server.url, demo, inspection(newPack()));
  await cosigned(server.url, 3);
  forked = await open(server, item, kept);
  await expect(forked.locator(marks.records)).toContainText('This ledger was shown to this phone with other content before');
  await expect(forked.locator(why)).toContainText('Both checkpoints are signed');
  const saved = [];
  for (const name of ['seen before', 'shown now']) {
    const [download] = await Promise.all([forked.waitForEvent('download'), forked.getByRole('link', { name: `Save the checkpoint ${name}` }).click()]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    saved.push(Buffer.concat(chunks).toString());
  }
  const [a, b] = saved.map((note) => note.split('\n'));
  expect([a[0], a[1]]).toEqual([b[0], b[1]]);
  expect(a[2]).not.toBe(b[2]);
  // What was seen first stays: a fork never takes its place.
  expect(Object.values(await keptOf(forked)).some((text) => text.includes(JSON.stringify(saved[0]).slice(1, -1)))).toBe(true);
  // Also where the code itself has no record.
  await forked.goto(server.url + item.replace(/\/21\/.*/, '/21/NOSUCHSERIAL77'));
  await expect(forked.locator(marks.records)).toContainText('This ledger was shown to this phone with other content before');
  await server.stop();
  for (const data of [first, second]) rmSync(data, { recursive: true, force: true });
});

test('no answer to compare with: said, and no failure', async ({ page, demo, baseURL, item, expectedErrors }) => {
  expectedErrors.push(/ERR_FAILED/);
  await page.goto(item.path);
  await keeps(page);
  await capture(baseURL, demo, inspection(newPack()));
  await page.route('**/consistency/**', (route) => route.abort());
  await page.reload();
  await settled(page);
  await expect(page.locator(marks.records)).toContainText('All 12 verified');
  await expect(page.locator(why)).toContainText(/Could not be compared with what this phone saw on .*: the site gave no answer|The ledger continues/);
});

test('an answer that is no proof is no answer: what this phone keeps stays, and is not called unreadable', async ({ page, demo, baseURL, item }) => {
  await page.goto(item.path);
  await keeps(page);
  const milestone = () => page.evaluate(() => Object.values(localStorage).map((text) => JSON.parse(text).milestone).find(Boolean));
  const kept = await milestone();
  expect(kept).toContain('\n');
  await capture(baseURL, demo, inspection(newPack()));
  await page.route('**/consistency/**', (route) => route.fulfill({ body: 'five!' }));
  await page.reload();
  await settled(page);
  await expect(page.locator(why)).not.toContainText('cannot be read');
  // As if the day had changed: the milestone that could not be compared is not replaced by the new day's.
  await page.evaluate(() => {
    const key = Object.keys(localStorage).find((name) => JSON.parse(localStorage.getItem(name)).milestone);
    localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), day: '2000-01-01' }));
  });
  await page.reload();
  await settled(page);
  expect(await milestone()).toBe(kept);
});

test('private browsing, full storage, what cannot be read: each in its own words', async ({ browser, baseURL, item }) => {
  for (const [script, words] of [
    [() => Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } }), 'keeps nothing here (private browsing'],
    [() => { localStorage.setItem('other', '{}'); Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }; }, "This browser's storage is full"],
    [() => { Storage.prototype.setItem = () => { throw new DOMException('private', 'QuotaExceededError'); }; }, 'keeps nothing here (private browsing'],
    [() => { const get = Storage.prototype.getItem; Storage.prototype.getItem = function (key) { return get.call(this, key) || '{"note":"not a note","at":1}'; }; }, 'cannot be read. It was put aside'],
  ]) {
    const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
    await page.addInitScript(script);
    await page.goto(baseURL + item.path);
    await settled(page);
    await expect(page.locator(why)).toContainText(words);
    await expect(page.locator(marks.records)).toContainText('All 12 verified');
    await page.context().close();
  }
});

test("a phone's wrong clock is named", async ({ page, item }) => {
  await page.clock.setFixedTime(new Date(Date.now() - 3 * 3600_000));
  await page.goto(item.path);
  await settled(page);
  await expect(page.locator(why)).toContainText("This phone's clock is behind");
  await page.clock.setFixedTime(new Date(Date.now() + 2 * 86400_000));
  await page.reload();
  await settled(page);
  await expect(page.locator(why)).toContainText("this phone's clock is ahead");
});

test('changed rules are said, with both hashes', async ({ page, item }) => {
  await page.goto(item.path);
  await keeps(page);
  await page.evaluate(() => {
    localStorage.setItem('leafproof rules', JSON.stringify({ rules: 'ab'.repeat(32), at: Date.now() }));
  });
  await page.reload();
  await settled(page);
  await expect(page.locator('#rules')).toContainText('These rules changed since');
  await expect(page.locator('#rules')).toContainText('ab'.repeat(32));
  await page.reload();
  await settled(page);
  await expect(page.locator('#rules')).not.toContainText('These rules changed');
});
