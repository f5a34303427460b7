// At each size, in light and dark: reachable by everybody, nothing cut off, the first screen says what it must.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, itemOf, settled, signInAs, test } from './fixtures.mjs';
import { marks, signIn } from './marks.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds, one line each. The page's own policy forbids foreign scripts, so it is handed over by the debugger. */
async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
  return found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

async function cutOff(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    for (const special of ['in-order', 'recalled', 'corrected', 'scanned-often', 'expired']) {
      test(`item, ${special}: axe finds nothing, nothing is cut off`, async ({ page, demo }) => {
        await page.goto(itemOf(demo, special).path);
        await settled(page);
        await page.locator('details').evaluateAll((all) => all.forEach((one) => (one.open = true)));
        expect(await violations(page)).toEqual([]);
        expect(await cutOff(page)).toBe(0);
      });
    }

    for (const [name, path] of [['start', () => '/'], ['sign-in', () => signIn.path], ['comment', (item) => `/feedback${item.path}`]]) {
      test(`${name}: axe finds nothing, nothing is cut off`, async ({ page, item }) => {
        await page.goto(path(item));
        expect(await violations(page)).toEqual([]);
        expect(await cutOff(page)).toBe(0);
      });
    }

    test('unknown code: axe finds nothing', async ({ page, item, expectedErrors }) => {
      expectedErrors.push(/status of 404/);
      await page.goto(item.path.replace(/\/21\/.*/, '/21/NOSUCHSERIAL77'));
      expect(await violations(page)).toEqual([]);
      expect(await cutOff(page)).toBe(0);
    });

    test('inbox and letter: axe finds nothing, nothing is cut off', async ({ page, baseURL, demo }) => {
      await signInAs(page, baseURL, demo.accounts.find((account) => account.role === 'brand'));
      expect(await violations(page)).toEqual([]);
      expect(await cutOff(page)).toBe(0);
    });

    test('paper and ink are those of this scheme', async ({ page, item }) => {
      await page.goto(item.path);
      const light = await page.evaluate(() => {
        const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
        return (r + g + b) / 3;
      });
      if (colorScheme === 'dark') expect(light).toBeLessThan(64);
      else expect(light).toBeGreaterThan(230);
    });
  });
}

test('the first screen holds name, brand and the three lines', async ({ page, item }) => {
  await page.goto(item.path);
  await settled(page);
  const height = page.viewportSize().height;
  for (const mark of [marks.headline, marks.records, marks.code, marks.product]) {
    const box = await page.locator(mark).first().boundingBox();
    expect(box, mark).not.toBeNull();
    expect(box.y + box.height, mark).toBeLessThanOrEqual(height);
  }
});

test('a recall fits the first screen with what to do now', async ({ page, demo }) => {
  await page.goto(itemOf(demo, 'recalled').path);
  const call = await page.locator(marks.recall).first().locator('a[href^="tel:"]').boundingBox();
  expect(call.y + call.height).toBeLessThanOrEqual(page.viewportSize().height);
});

test('320 pixels wide, and text at 200 %: without loss', async ({ page, item }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto(item.path);
  await settled(page);
  expect(await cutOff(page)).toBe(0);
  // What a reader's own setting does: every size on the page is relative to it.
  const before = await page.locator(marks.headline).first().evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
  await page.evaluate(() => {
    document.documentElement.style.fontSize = '212.5%';
  });
  const after = await page.locator(marks.headline).first().evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
  expect(after / before).toBeGreaterThan(1.9);
  expect(await cutOff(page)).toBe(0);
});

test('touch targets are 44 pixels high', async ({ page, item }) => {
  await page.goto(item.path);
  const low = await page.locator('summary, button, a.act, input:not([type=hidden]), textarea').evaluateAll((elements) =>
    elements
      .map((element) => ({ element, box: (element.closest('label') ?? element).getBoundingClientRect() }))
      .filter(({ element, box }) => box.height > 0 && box.height < 44 && getComputedStyle(element).visibility !== 'hidden')
      // A visually hidden control inside a label of its own size counts by the label.
      .map(({ element, box }) => `${element.outerHTML.slice(0, 80)} ${box.height}`),
  );
  expect(low).toEqual([]);
});

test('prints as a sheet with its code', async ({ page, item }) => {
  await page.goto(item.path);
  await settled(page);
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator(marks.printedCode)).toBeVisible();
  await expect(page.locator('nav.bar')).toBeHidden();
  expect(await cutOff(page)).toBe(0);
});

test('reduced motion: nothing moves', async ({ page, item }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(item.path);
  await settled(page);
  const moving = await page.evaluate(() =>
    document.getAnimations().filter((animation) => animation.effect.getComputedTiming().duration > 1).map((animation) => animation.animationName ?? String(animation)),
  );
  expect(moving).toEqual([]);
});
