// The page behind the barcode, which is the same on every pack: whose words it shows, and the way to the pack's own page.
import { changePage, cutOff, expect, settled, test, violations } from './fixtures.mjs';
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

/** A pallet of the demo, by what is packed on it. */
const PALLET = '/00/395220120001188077';

for (const [lang, kind] of [['en', 'Pallet or parcel'], ['zh', '托盘或包裹']]) {
  test(`a pallet: its records are verified on a page of its own, ${lang}`, async ({ page }) => {
    await page.goto(`${PALLET}?lang=${lang}`);
    const count = await settled(page);
    await expect(page.locator('h1')).toHaveText(kind);
    await expect(records(page)).toHaveText(count === 1 ? { en: /^The record is verified/, zh: /核验/ }[lang] : words[lang].verified(count));
    await expect(page.locator(`${marks.failed}, ${marks.write}`)).toHaveCount(0);
    expect(await violations(page)).toEqual([]);
    expect(await cutOff(page)).toBe(0);
  });
}

test('a pallet that nobody recorded is proven absent', async ({ page, expectedErrors }) => {
  expectedErrors.push(/status of 404/);
  await page.goto('/00/395220120001188992');
  await expect(records(page)).toContainText(/Absence verified/);
});

test('words of a pallet that nobody signed are named', async ({ page }) => {
  await changePage(page, PALLET, (html) => html.replace('Pallet or parcel</h1>', 'Empty pallet</h1>'));
  await page.goto(PALLET);
  await expect(records(page)).toContainText(words.en.notTheTop);
});
