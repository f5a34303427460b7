// Scripts off: all facts, no claim that anything was checked, and the form.
import { expect, itemOf, test } from './fixtures.mjs';
import { field, marks, words } from './marks.mjs';

test.use({ javaScriptEnabled: false });

test('the facts are there, and say that this phone did not check them', async ({ page, item }) => {
  await page.goto(item.path);
  await expect(page.locator(marks.records).first()).toContainText(words.en.scriptsOff);
  const nodes = page.locator(marks.node);
  expect(await nodes.count()).toBeGreaterThanOrEqual(6);
  for (const node of await nodes.all()) {
    await expect(node.locator('time[datetime]').first()).toBeVisible();
    await expect(node.locator(marks.heading).first()).toBeVisible();
    await expect(node).toHaveClass(/^(?!.*\b(ok|fail)\b)/);
  }
  await expect(page.locator(marks.headline)).toBeVisible();
  await expect(page.locator(marks.main)).not.toContainText(/\d verified/);
});

test('the form works', async ({ page, demo }) => {
  const item = itemOf(demo, 'in-order', 'handbag');
  await page.goto(item.path);
  await page.locator(field('text')).pressSequentially('The clasp closes well, and the report was easy to read here.', { delay: 60 });
  await page.locator(marks.send).click();
  await expect(page.locator('main')).toContainText(words.en.thanks);
  const receipt = page.url();
  await page.goto(receipt);
  await expect(page.locator('main')).toContainText('The clasp closes well');
});

test('an empty comment is refused in words, and nothing typed is lost', async ({ page, item, expectedErrors }) => {
  expectedErrors.push(/status of 4\d\d/);
  await page.goto(item.path);
  // The browser's own check would stop it first.
  await page.request.post(`/feedback${item.path}`, { form: { text: '', rating: '4' }, maxRedirects: 0 }).then(async (response) => {
    expect([400, 422]).toContain(response.status());
    expect(await response.text()).toContain('<form');
  });
});
