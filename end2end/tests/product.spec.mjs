// The page behind the barcode, which is the same on every pack: whose words it shows, and the way to the pack's own page.
import { changePage, cutOff, expect, test, violations } from './fixtures.mjs';
import { marks, words } from './marks.mjs';

const records = (page) => page.locator(marks.records).first();
const productOf = (item) => item.path.replace(/\/21\/.*/, '');

for (const [lang, said, line, heading] of [
  ['en', /^Signed by .+, verified/, 'No recall of the whole product', 'Find your own pack'],
  ['zh', /签署，已由.*核验/, '整款产品没有召回', '查您手里的这一件'],
]) {
  test(`a product: its owner's words are verified, and a pack's own code is asked for, ${lang}`, async ({ page, item }) => {
    await page.goto(`${productOf(item)}?lang=${lang}`);
    await expect(records(page)).toHaveText(said);
    await expect(page.locator(`${marks.product} .s`)).toHaveText(line);
    await expect(page.locator('#pack h2')).toHaveText(heading);
    await expect(page.locator(`${marks.node}, #offer`)).toHaveCount(0);
    await expect(page.locator('#checked')).not.toContainText(/\b0\b|没有这个编码/);
    expect(await violations(page)).toEqual([]);
    expect(await cutOff(page)).toBe(0);
    // What is printed below the code leads to the pack.
    const serial = item.path.split('/').pop();
    await page.locator(marks.codeForm).locator('[name=code]').fill(serial);
    await page.locator(marks.codeForm).locator('button').click();
    await expect(page).toHaveURL(new RegExp(`/21/${serial}`));
  });
}

test('words of a product that nobody signed are named', async ({ page, item }) => {
  await changePage(page, productOf(item), (html) => html.replace(/(<h1>.*?data-p="[^"]*"[^>]*>)[^<]+/, '$1Wagyu'));
  await page.goto(productOf(item));
  await expect(records(page)).toContainText(words.en.notTheTop);
});
