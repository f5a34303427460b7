// The code inside a pack as its buyer meets it: opened by phones, previews and apps it stays unused; one tap uses it, and the pack's page, the
// staff's scanner and the brand's desk say so.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDemo, serve } from '../server.mjs';
import { test as base, cutOff, expect, itemOf, settled, signInAs, violations } from './fixtures.mjs';
import { marks, words as said } from './marks.mjs';

/** A demo of its own: a code is used once. */
const test = base.extend({
  own: [async ({}, use) => {
    const data = mkdtempSync(join(tmpdir(), 'leafproof-inner-'));
    const server = await serve({ data, options: ['--demo'] });
    await use({ url: server.url, demo: readDemo(data) });
    await server.stop('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  }, { scope: 'worker', timeout: 180_000 }],
  baseURL: async ({ own }, use) => use(own.url),
  demo: [async ({ own }, use) => use(own.demo), { scope: 'worker' }],
});

const words = {
  en: { fresh: 'The code inside the pack', now: 'Nobody used this code before you', spent: 'This code was used before', wrong: 'There is no such code', line: 'The code inside was used on', store: 'ask the store', ask: 'Ask a colleague', used: '1 code, 1 used', made: '2 codes. Each goes' },
  zh: { fresh: '包装内的码', now: '在您之前没有人用过此码', spent: '此码已经用过', wrong: '没有这样的包装内码', line: '包装内的码已于', store: '请询问门店', ask: '询问同事', used: '1 个码，已用 1 个', made: '共 2 个' },
};
const WIDTHS = [320, 390, 768, 1280, 1920];

for (const [lang, locale] of [['en', 'en-GB'], ['zh', 'zh-CN']]) {
  test(`${lang}: a code inside a pack is used by a tap, once, and the pack's page says so`, async ({ browser, watch, baseURL, demo, expectedErrors }) => {
    test.setTimeout(120_000);
    expectedErrors.push(/status of 404/);
    const t = words[lang];
    const brand = demo.accounts.find((one) => one.scene === 'formula' && one.role === 'owner' && one.member === 'glenarra.example');
    // A pack of its own for each language: the brand makes its code.
    const desk = watch(await browser.newContext({ locale, javaScriptEnabled: false, baseURL }));
    const office = await desk.newPage();
    await signInAs(office, baseURL, brand);
    await office.goto('/console/codes');
    const item = itemOf(demo, lang === 'en' ? 'in-order' : 'warned', 'formula').path;
    await office.locator('#f-items').fill(`${baseURL}${item}`);
    await office.locator('#f-label').fill(`LOT-${lang}`);
    const [file] = await Promise.all([office.waitForEvent('download'), office.locator('form:has(#f-items) button').click()]);
    const text = await (await file.createReadStream()).toArray().then((parts) => Buffer.concat(parts).toString('utf8'));
    const [, address] = new RegExp(`"${baseURL}(/inner/[a-z2-7]{26}${item})"`).exec(text);
    await office.locator('#f-items').fill(`${item}\n${item}X`);
    await office.locator('#f-label').fill('sheet');
    await office.locator('#f-as').selectOption('sheet');
    await office.locator('form:has(#f-items) button').click();
    await expect(office.locator('main')).toContainText(t.made);
    await expect(office.locator('.sheet svg')).toHaveCount(2);

    const phone = watch(await browser.newContext({ locale, javaScriptEnabled: false, viewport: { width: 390, height: 844 }, baseURL }));
    const page = await phone.newPage();
    const looked = async () => {
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 844 });
        expect(await cutOff(page), `${page.url()} at ${width}`).toBe(0);
      }
    };
    const scripted = watch(await browser.newContext({ locale, viewport: { width: 390, height: 844 }, baseURL }));
    const whole = await scripted.newPage();
    const clean = async (path) => {
      for (const colorScheme of ['light', 'dark']) {
        await whole.emulateMedia({ colorScheme });
        await whole.goto(path);
        expect(await violations(whole), `${path} ${colorScheme}`).toEqual([]);
      }
    };
    for (let opened = 0; opened < 3; opened += 1) await page.goto(address);
    await expect(page.locator('h1')).toHaveText(t.fresh);
    await looked();
    await clean(address);
    const outside = async () => {
      await whole.goto(item);
      const count = await settled(whole);
      await expect(whole.locator(marks.records).first()).toContainText(said[lang].verified(count));
      return whole.locator(marks.code);
    };
    await expect(await outside()).not.toContainText(t.line);
    await page.locator('button.go').click();
    await expect(page.locator('h1')).toHaveText(t.now);
    await looked();
    await page.goto(address);
    await expect(page.locator('h1')).toHaveText(t.spent);
    await expect(page.locator('main form')).toHaveCount(0);
    await looked();
    await clean(address);
    const wrong = address.replace(/inner\/[a-z2-7]{4}/, 'inner/aaaa');
    await page.goto(wrong);
    await expect(page.locator('h1')).toContainText(t.wrong);
    await clean(wrong);

    // The phone checks the records as before; staff are told to ask.
    const line = await outside();
    await expect(line).toContainText(t.line);
    await expect(whole.locator('[data-line=code] .why')).toContainText(t.store);
    if (lang === 'en') {
      await whole.goto(`/scanner/#${item}`);
      await expect(whole.locator('main')).toContainText(t.ask);
      await expect(whole.locator('main')).toContainText('The code inside this pack was used on');
    }
    await office.goto('/console/codes');
    await expect(office.locator('main')).toContainText(t.used);
    for (const width of WIDTHS) {
      await office.setViewportSize({ width, height: 844 });
      expect(await cutOff(office), `codes at ${width}`).toBe(0);
    }
    await Promise.all([desk, phone, scripted].map((context) => context.close()));
  });
}

test('the demo has a pack whose inner code was used, and one whose is not', async ({ page, demo }) => {
  const [fresh, used] = ['in-order', 'expired'].map((special) => demo.inner.find((one) => one.path === itemOf(demo, special, 'formula').path));
  await page.goto(used.path);
  await settled(page);
  await expect(page.locator(marks.code)).toContainText(words.en.line);
  await page.goto(used.address);
  await expect(page.locator('h1')).toHaveText(words.en.spent);
  expect(fresh.address).toMatch(/^\/inner\/[a-z2-7]{26}\/01\//);
});
