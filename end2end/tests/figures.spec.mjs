// Figures and frozen codes as people see them, and what a phone says of its check: nothing, unless the operator has it counted.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDemo, serve } from '../server.mjs';
import { test as base, changeBundle, cutOff, expect, itemOf, settled, signInAs, violations } from './fixtures.mjs';
import { marks, words as said } from './marks.mjs';

/** A demo of its own that counts how checks end. */
const test = base.extend({
  counting: [async ({}, use) => {
    const data = mkdtempSync(join(tmpdir(), 'leafproof-figures-'));
    const server = await serve({ data, options: ['--demo', '--count-checks', 'on'] });
    await use({ url: server.url, demo: readDemo(data) });
    await server.stop('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  }, { scope: 'worker', timeout: 180_000 }],
  baseURL: async ({ counting }, use) => use(counting.url),
  demo: [async ({ counting }, use) => use(counting.demo), { scope: 'worker' }],
});

const account = (demo, login) => demo.accounts.find((one) => one.login === login);
const WIDTHS = [320, 390, 768, 1024, 1280, 1920];
const words = {
  en: { title: 'Figures', few: 'fewer than 5', codes: 'Codes of single packs', frozen: 'Reported stolen by the brand', stolen: 'Stolen', unsigned: 'It is not signed', lot: 'By lot' },
  zh: { title: '数据', few: '不到 5', codes: '单件商品的码', frozen: '称此件被盗', stolen: '被盗', unsigned: '没有签名', lot: '按批次' },
};

/** What the page says of its checks while `work` goes on. */
function heard(page) {
  const all = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET') all.push({ path: new URL(request.url()).pathname, body: request.postData(), headers: request.headers() });
  });
  return all;
}

for (const [lang, locale] of [['en', 'en-GB'], ['zh', 'zh-CN']]) {
  test(`${lang}: figures and frozen codes, with scripts off, at every width, light and dark`, async ({ browser, watch, baseURL, demo, expectedErrors }) => {
    test.setTimeout(120_000);
    expectedErrors.push(/status of 422/);
    const t = words[lang];
    const context = watch(await browser.newContext({ locale, javaScriptEnabled: false, baseURL }));
    const page = await context.newPage();
    const item = itemOf(demo, 'in-order', 'beef');
    const brand = demo.accounts.find((one) => one.scene === 'beef' && ['owner', 'brand'].includes(one.role));
    await signInAs(page, baseURL, brand);
    await page.locator('.rail a[href="/console/figures"]').click();
    await expect(page.locator('h1')).toHaveText(t.title);
    await expect(page.locator('.bars path').first()).toHaveAttribute('d', /^M/);
    await expect(page.locator('main')).toContainText(t.lot);
    await page.locator('.views a[href*="days=7"]').click();
    await expect(page.locator('.views a[aria-current]')).toHaveAttribute('href', /days=7$/);
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('a[href^="/console/figures.csv"]').click()]);
    expect(file.suggestedFilename()).toBe('figures.csv');
    await page.goto('/console/figures?from=2026-11-02&to=2026-11-01');
    await expect(page.locator('.fault')).toBeVisible();
    await page.goto('/console/figures?days=90');

    const looked = async () => {
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          expect(await cutOff(page), `${page.url()} at ${width}`).toBe(0);
        }
      }
      // What looks for violations is a script itself.
      const withScripts = watch(await browser.newContext({ locale, baseURL, storageState: await context.storageState(), viewport: { width: 390, height: 844 } }));
      const scripted = await withScripts.newPage();
      for (const colorScheme of ['light', 'dark']) {
        await scripted.emulateMedia({ colorScheme });
        await scripted.goto(page.url());
        await scripted.locator('details summary').evaluateAll((all) => all.forEach((one) => { one.parentNode.open = true; }));
        expect(await violations(scripted), `${page.url()} ${colorScheme}`).toEqual([]);
      }
      await withScripts.close();
    };
    await page.locator('details.numbers summary').click();
    await looked();

    await page.locator('main a[href="/console/codes"]').click();
    await expect(page.locator('h1')).toHaveText(t.codes);
    await page.locator('#f-code').fill(`${baseURL}${item.path}`);
    await page.locator('#f-reason').selectOption({ label: t.stolen });
    await page.locator('form:has(#f-code) button').click();
    await expect(page.locator('.permissions')).toContainText(item.path);
    await looked();

    // The shopper's phone checks the records as before, and reads what nobody signed beside the code's history.
    const phone = watch(await browser.newContext({ locale, viewport: { width: 390, height: 844 }, baseURL }));
    const theirs = await phone.newPage();
    await theirs.goto(item.path);
    const count = await settled(theirs);
    await expect(theirs.locator(marks.records).first()).toContainText(said[lang].verified(count));
    await expect(theirs.locator(marks.code)).toContainText(t.frozen);
    await expect(theirs.locator('[data-line=code] .why')).toContainText(t.unsigned);
    await phone.close();

    await page.locator('form[action="/console/codes/release"] button').click();
    await expect(page.locator('.permissions')).toHaveCount(0);
    await context.close();
  });
}

test('a phone says how its check ended, once, and nothing that tells it or its pack from another', async ({ page, demo }) => {
  const item = itemOf(demo, 'in-order', 'beef');
  const all = heard(page);
  await page.goto(item.path);
  await settled(page);
  await expect.poll(() => all.length).toBe(1);
  const [{ path, body, headers }] = all;
  expect(path).toMatch(/^\/checked\/01\/\d{14}\/10\/[^/]+$/);
  expect([body, headers.referer || '', headers.cookie || '']).toEqual(['verified', '', '']);
  expect(JSON.stringify(all)).not.toContain(item.path.split('/').pop());
  await page.locator('.rec summary').first().click();
  await expect(page.locator('.rec .slip').first()).toContainText('how its check ended');
  // Loaded anew it was counted before.
  await page.reload();
  await settled(page);
  await expect(page.locator('.voice .why').first()).toContainText('No serial, no identifier');
  expect(all).toHaveLength(1);
});

test('what fails is said to have failed', async ({ page, demo }) => {
  const item = itemOf(demo, 'in-order', 'beef');
  const all = heard(page);
  await changeBundle(page, (bytes) => { bytes[bytes.length - 40] ^= 1; return bytes; });
  await page.goto(item.path);
  await expect.poll(() => all.length).toBe(1);
  expect(all[0].body).toBe('failed');
});

test('a browser that asks for privacy says nothing', async ({ page, demo }) => {
  const item = itemOf(demo, 'in-order', 'beef');
  const all = heard(page);
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true }));
  await page.goto(item.path);
  await settled(page);
  await page.locator('.rec summary').first().click();
  await expect(page.locator('.rec .slip').first()).toContainText('Nothing was sent');
  expect(all).toEqual([]);
});

base('where the operator does not have it counted, nothing is said', async ({ page, item }) => {
  const all = heard(page);
  await page.goto(item.path);
  await settled(page);
  await page.locator('.rec summary').first().click();
  await expect(page.locator('.rec .slip').first()).toContainText('Nothing was sent');
  expect(all).toEqual([]);
});
