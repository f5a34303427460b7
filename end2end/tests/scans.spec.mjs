// Code history: a page opened as a document by a browser, once. What else asks for the address is no scan.
import { capture, inspection, newPack } from '../epcis.mjs';
import { expect, settled, test } from './fixtures.mjs';
import { marks, words } from './marks.mjs';

const PERSON = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';

/** A pack that came in through the standard interface a moment ago: nobody can have scanned it. */
async function pack(baseURL, demo) {
  const path = newPack();
  await capture(baseURL, demo, inspection(path));
  return path;
}

const code = (page) => page.locator(marks.code);

test.describe('a person with a phone', () => {
  test.use({ userAgent: PERSON });

  test('first scan, then seen before: twice, three times', async ({ page, baseURL, demo, browser, watch }) => {
    const path = await pack(baseURL, demo);
    await page.goto(path);
    await expect(code(page)).toContainText(words.en.firstScan);
    expect(await settled(page)).toBe(1);
    await expect(page.locator(marks.ok)).toHaveCount(1);
    // Another person's phone.
    for (const said of [words.en.seenTwice, words.en.seen]) {
      const other = watch(await browser.newContext({ baseURL, userAgent: PERSON, locale: 'en-GB' }));
      const theirs = await other.newPage();
      await theirs.goto(path);
      await expect(code(theirs)).toContainText(said);
      await other.close();
    }
  });

  test('a reload, the other language and the way back are the same visit', async ({ page, baseURL, demo }) => {
    const path = await pack(baseURL, demo);
    await page.goto(path);
    await expect(code(page)).toContainText(words.en.firstScan);
    await page.reload();
    await expect(code(page)).toContainText(words.en.seenOnce);
    await page.locator(marks.otherLanguage).first().click();
    await expect(page.locator('html')).toHaveAttribute('lang', /^zh/);
    await page.locator(marks.otherLanguage).first().click();
    await expect(page.locator('html')).toHaveAttribute('lang', /^en/);
    await expect(code(page)).toContainText(words.en.seenOnce);
  });

  test('what a chat app fetches before anybody opens it is no scan', async ({ page, baseURL, demo }) => {
    const path = await pack(baseURL, demo);
    const asks = [
      { method: 'HEAD', 'user-agent': PERSON },
      { 'user-agent': PERSON, 'sec-purpose': 'prefetch' },
      { 'user-agent': 'WhatsApp/2.23.20.0 A' },
      { 'user-agent': 'facebookexternalhit/1.1' },
      { 'user-agent': PERSON, accept: 'application/linkset+json' },
    ];
    for (const { method = 'GET', ...headers } of asks) {
      const answer = await fetch(baseURL + path, { method, headers: { accept: 'text/html', ...headers } });
      expect(answer.status).toBe(200);
    }
    await page.goto(path);
    await expect(code(page)).toContainText(words.en.firstScan);
  });

  test('the line says that this site counts, that it proves nothing, and that the demo is made up', async ({ page, demo }) => {
    const seen = demo.items.find((item) => item.scene === 'formula' && item.special === 'in-order');
    await page.goto(seen.path);
    await expect(code(page)).toContainText(words.en.seen);
    await code(page).locator('summary').click();
    await expect(code(page)).toContainText(words.en.countsItself);
    await expect(code(page)).toContainText(words.en.madeUp);
  });
});
