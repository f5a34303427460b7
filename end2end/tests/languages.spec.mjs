// Chinese and English from the start: by Accept-Language, with a switch, each reader's own dates.
import { expect, itemOf, settled, test } from './fixtures.mjs';
import { marks, words } from './marks.mjs';

test.describe('a Chinese phone', () => {
  test.use({ locale: 'zh-CN' });

  test('gets Chinese, and it verifies', async ({ page, item }) => {
    await page.goto(item.path);
    await expect(page.locator('html')).toHaveAttribute('lang', /^zh/);
    const count = await settled(page);
    await expect(page.locator(marks.ok)).toHaveCount(count);
    await expect(page.locator(marks.records).first()).toContainText(words.zh.verified(count));
    await expect(page.locator(marks.main)).toContainText(words.zh.limit);
    await expect(page.locator('.when [data-p]').first()).toContainText(/\d{4}年\d{1,2}月\d{1,2}日/);
  });

  test('says in Chinese what could not be checked', async ({ page, item }) => {
    await page.addInitScript(() => {
      delete window.WebAssembly;
    });
    await page.goto(item.path);
    await expect(page.locator(marks.records).first()).toContainText(words.zh.cannotCheck);
  });

  test('an unknown code', async ({ page, item, expectedErrors }) => {
    expectedErrors.push(/status of 404/);
    await page.goto(item.path.replace(/\/21\/.*/, '/21/NOSUCHSERIAL77'));
    await expect(page.locator('main')).toContainText(words.zh.unknown);
  });

  for (const special of ['recalled', 'expired', 'corrected', 'scanned-often']) {
    test(`${special}: no English is left over`, async ({ page, demo }) => {
      await page.goto(itemOf(demo, special).path);
      await settled(page);
      // Foreign phrases carry their language; sentences of the page's own do not stay English.
      const foreign = await page.locator(marks.main).evaluate((main) => {
        const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
        const found = [];
        while (walker.nextNode()) {
          const element = walker.currentNode.parentElement;
          if (element.closest('[lang]:not([lang^=zh]), script, style, code, .slip')) continue;
          if (/[A-Za-z]{3,}(\s+[A-Za-z]{2,}){3,}/.test(walker.currentNode.data)) found.push(walker.currentNode.data.trim());
        }
        return found;
      });
      expect(foreign).toEqual([]);
    });
  }
});

test('the switch leads to the other language and back', async ({ page, item }) => {
  await page.goto(item.path);
  await expect(page.locator('html')).toHaveAttribute('lang', /^en/);
  await expect(page.locator('.when [data-p]').first()).toContainText(/\d{1,2} [A-Z][a-z]{2} \d{4}/);
  await page.locator(marks.otherLanguage).first().click();
  await expect(page.locator('html')).toHaveAttribute('lang', /^zh/);
  await settled(page);
  await page.locator(marks.otherLanguage).first().click();
  await expect(page.locator('html')).toHaveAttribute('lang', /^en/);
});
