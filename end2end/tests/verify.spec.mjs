// The page that checks a saved proof: with the network off, from a folder, with other rules, and on files that are no proofs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BINARY, SITE } from '../server.mjs';
import { cutOff, expect, itemOf, test, violations } from './fixtures.mjs';

const at = {
  state: (of) => `main[data-state=${of}]`,
  sentence: '.state h2',
  more: '.state p',
  rows: '.told li.node',
  file: 'input.proof',
  rules: 'input.rules',
};
const folder = mkdtempSync(join(tmpdir(), 'leafproof-verify-'));
const get = async (url) => Buffer.from(await (await fetch(url)).arrayBuffer());
const proofOf = (baseURL, item) => get(`${baseURL}/bundle${item.path}`);
const choose = (page, name, buffer, field = at.file) => page.locator(field).setInputFiles({ name, mimeType: 'application/octet-stream', buffer });

test('a saved proof, the network cut: every record verified, in both languages', async ({ page, context, baseURL, item }) => {
  const proof = await proofOf(baseURL, item);
  await page.goto('/verify');
  await context.setOffline(true);
  await choose(page, 'ribeye.lpb', proof);
  await expect(page.locator(at.state('all'))).toBeVisible();
  await expect(page.locator(at.sentence)).toHaveText(/^All 12 records verified$/);
  await expect(page.locator(`${at.rows}.ok`)).toHaveCount(12);
  await expect(page.locator('.told')).toContainText(item.path.split('/').pop());
  await expect(page.locator('.told')).toContainText('witness-1, witness-2, mirror-1');
  await expect(page.locator('.told')).toContainText('Slaughter');
  await page.locator(`${at.rows} summary`).first().click();
  await expect(page.locator(`${at.rows} td`).first()).toBeVisible();
  expect(await violations(page)).toEqual([]);
  expect(await cutOff(page)).toBe(0);
  await context.setOffline(false);
  await page.locator('[data-tongue=zh]').click();
  await choose(page, 'ribeye.lpb', proof);
  await expect(page.locator(at.sentence)).toHaveText(/12 条记录全部核验无误/);
});

test('from a folder, brought by somebody else, with rules of their own', async ({ browser, baseURL, item }) => {
  const rules = join(folder, 'policy');
  writeFileSync(rules, await get(`${baseURL}/policy`));
  const out = join(folder, 'verify.html');
  execFileSync(BINARY, ['verify-page', '--policy', rules, '--out', out, '--site', SITE], { stdio: 'pipe' });
  const context = await browser.newContext({ offline: true, locale: 'en-GB' });
  const page = await context.newPage();
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(out).href);
  await choose(page, 'ribeye.lpb', await proofOf(baseURL, item));
  await expect(page.locator(at.state('all'))).toBeVisible();
  expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(out).href]);
  await context.close();
});

test('one byte changed: the record is named, nothing is green over it', async ({ page, baseURL, item }) => {
  const proof = await proofOf(baseURL, item);
  const at_ = proof.indexOf(Buffer.from('Slaughter'));
  expect(at_).toBeGreaterThan(0);
  proof[at_] ^= 1;
  await page.goto('/verify');
  await choose(page, 'ribeye.lpb', proof);
  await expect(page.locator(at.state('fail'))).toBeVisible();
});

test('rules that ask for more: not green, and saying so', async ({ page, baseURL, item }) => {
  const rules = (await get(`${baseURL}/policy`)).toString();
  await page.goto('/verify');
  await choose(page, 'ribeye.lpb', await proofOf(baseURL, item));
  await expect(page.locator(at.state('all'))).toBeVisible();
  // A ledger of another name: its checkpoint is signed by nobody these rules know.
  await choose(page, 'policy', Buffer.from(rules.replace(/^log \S+$/m, 'log example.org/other+1aeb39bf+ASeYEj2OPuAzNTa3NaftvTZV802f5fHl1MQkmn/HPKSa')), at.rules);
  await expect(page.locator(at.state('all'))).toHaveCount(0);
  await expect(page.locator(`${at.state('fail')}, ${at.state('none')}`)).toBeVisible();
  await choose(page, 'policy', Buffer.from('not rules at all\n'), at.rules);
  await expect(page.locator(at.state('none'))).toBeVisible();
  await expect(page.locator(at.more)).toHaveText(/These rules cannot be read/);
  await choose(page, 'policy', Buffer.from(rules), at.rules);
  await expect(page.locator(at.state('all'))).toBeVisible();
});

test('what is no proof: said, never green', async ({ page, baseURL, item }) => {
  const proof = await proofOf(baseURL, item);
  await page.goto('/verify');
  for (const [name, bytes, words] of [
    ['photo.jpg', readFileSync(new URL(import.meta.url)), /It is no proof/],
    ['cut.lpb', proof.subarray(0, proof.length - 40), /cut off/],
    ['empty.lpb', Buffer.alloc(0), /It is no proof/],
    ['large.lpb', Buffer.alloc(4 * 1024 * 1024 + 1), /larger than a proof can be/],
  ]) {
    await choose(page, name, bytes);
    await expect(page.locator(at.more), name).toHaveText(words);
    await expect(page.locator(`${at.state('none')}, ${at.state('fail')}`), name).toBeVisible();
    await expect(page.locator(at.rows), name).toHaveCount(0);
  }
});

test('a recall stands in its own words, an unknown code is proven absent', async ({ page, demo, baseURL, item }) => {
  await page.goto('/verify');
  await choose(page, 'tin.lpb', await proofOf(baseURL, itemOf(demo, 'recalled')));
  await expect(page.locator(at.state('all'))).toBeVisible();
  await expect(page.locator('.told')).toContainText('In force: a recall or an alert');
  await choose(page, 'none.lpb', await get(`${baseURL}/bundle${item.path.replace(/\/21\/.*/, '/21/NOSUCHSERIAL77')}`));
  await expect(page.locator(at.state('gone'))).toBeVisible();
  await expect(page.locator(at.sentence)).toHaveText(/No record of this code: absence verified/);
});

test("the item's page: its proof's address to copy and as a code, where downloads are blocked", async ({ page, context, baseURL, item }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(item.path);
  await page.locator('#carry summary').click();
  const code = page.locator('#carry img');
  await expect(code).toBeVisible();
  await expect.poll(() => code.evaluate((image) => image.naturalWidth)).toBeGreaterThan(50);
  await page.locator('#carry button').click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${baseURL}/bundle${item.path}`);
  await page.locator("#checked-part a[href=\"/verify\"]").click();
  await expect(page.locator(at.sentence)).toHaveText('No file checked yet');
});
