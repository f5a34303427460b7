// Scripts off: all facts, no claim that anything was checked, and the form.
import { comment, expect, itemOf, test } from './fixtures.mjs';
import { marks, words } from './marks.mjs';

test.use({ javaScriptEnabled: false });

test('the facts are there, and say that this phone did not check them', async ({ page, item }) => {
  await page.goto(item.path);
  await expect(page.locator(marks.records).first()).toContainText(words.en.scriptsOff);
  const nodes = page.locator(marks.node);
  expect(await nodes.count()).toBeGreaterThanOrEqual(6);
  for (const node of await nodes.all()) {
    await expect(node.locator('.when [data-p]').first()).toBeVisible();
    await expect(node.locator(marks.heading).first()).toBeVisible();
    await expect(node).toHaveClass(/^(?!.*\b(ok|fail)\b)/);
  }
  await expect(page.locator(marks.headline)).toBeVisible();
  await expect(page.locator(marks.main)).not.toContainText(/\d verified/);
});

test('the form works', async ({ page, demo }) => {
  const text = 'The clasp closes well, and the report was easy to read here.';
  await comment(page, itemOf(demo, 'in-order', 'handbag'), { rating: 5, topic: 'label', text });
  await expect(page.locator('main')).toContainText(words.en.thanks);
  await expect(page.locator('main')).toContainText(text);
});
