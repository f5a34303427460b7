// At each size, in light and dark: reachable by everybody, nothing cut off, the first screen says what it must.
import { inspection, capture, newPack } from '../epcis.mjs';
import { postLetter } from '../letter.mjs';
import { cutOff, dressed, expect, itemOf, signInAs, test, violations } from './fixtures.mjs';
import { marks, signIn } from './marks.mjs';

/** A letter with a long word in it, about a pack of its own (an item takes a few a day). */
async function letterAbout(baseURL, demo) {
  const path = newPack();
  await capture(baseURL, demo, inspection(path));
  return postLetter(baseURL, path, { text: `The label is loose. Its number is ${'0123456789'.repeat(8)}.`, topic: 'label' });
}

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    for (const special of ['in-order', 'recalled', 'corrected', 'scanned-often', 'expired']) {
      test(`item, ${special}: axe finds nothing, nothing is cut off`, async ({ page, demo }) => {
        await page.goto(itemOf(demo, special).path);
        await dressed(page);
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

    test('bad syntax: axe finds nothing, nothing is cut off', async ({ page, expectedErrors }) => {
      expectedErrors.push(/status of 400/);
      await page.goto('/01/06912345678904/21/A');
      expect(await violations(page)).toEqual([]);
      expect(await cutOff(page)).toBe(0);
    });

    test('receipt, inbox and letter: axe finds nothing, nothing is cut off', async ({ page, baseURL, demo }) => {
      const receipt = await letterAbout(baseURL, demo);
      await page.goto(receipt);
      expect(await violations(page)).toEqual([]);
      expect(await cutOff(page)).toBe(0);
      await signInAs(page, baseURL, demo.accounts.find((account) => account.role === 'owner' && account.scene === 'beef'));
      expect(await violations(page)).toEqual([]);
      expect(await cutOff(page)).toBe(0);
      await page.locator(signIn.letter).first().click();
      await expect(page.locator(signIn.shown)).toBeVisible();
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

test('by keys: the first stop leads past what stands before the records, in the console before the content', async ({ page, item, baseURL, demo }) => {
  const skip = page.locator('.skip');
  const first = async (to) => {
    await expect(skip).not.toBeInViewport();
    await page.keyboard.press('Tab');
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport({ ratio: 1 });
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`${to}$`));
    await page.keyboard.press('Tab');
    expect(await page.evaluate((where) => Boolean(document.activeElement.compareDocumentPosition(document.querySelector(where)) & (2 | 8)), to)).toBe(true);
  };
  await page.goto(item.path);
  await dressed(page);
  await first('#story');
  await signInAs(page, baseURL, demo.accounts.find((account) => account.role === 'owner' && account.scene === 'beef'));
  await first('#main');
});

test('the first screen holds name, brand and the three lines', async ({ page, item }) => {
  await page.goto(item.path);
  await dressed(page);
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

test.describe('zh', () => {
  test.use({ locale: 'zh-CN' });

  for (const special of ['in-order', 'recalled', 'corrected']) {
    test(`item, ${special}: axe finds nothing, nothing is cut off`, async ({ page, demo }) => {
      await page.goto(itemOf(demo, special).path);
      await dressed(page);
      await page.locator('details').evaluateAll((all) => all.forEach((one) => (one.open = true)));
      expect(await violations(page)).toEqual([]);
      expect(await cutOff(page)).toBe(0);
    });
  }

  test('start, receipt, sign-in: axe finds nothing, nothing is cut off', async ({ page, baseURL, demo }) => {
    for (const path of ['/', await letterAbout(baseURL, demo), signIn.path]) {
      await page.goto(path);
      expect(await violations(page), path).toEqual([]);
      expect(await cutOff(page), path).toBe(0);
    }
  });
});

test('320 pixels wide, and text at 200 %: without loss', async ({ page, baseURL, demo, item, expectedErrors }) => {
  expectedErrors.push(/status of 404/);
  await page.setViewportSize({ width: 320, height: 640 });
  const receipt = await letterAbout(baseURL, demo);
  const unknown = item.path.replace(/\/21\/.*/, '/21/NOSUCHSERIAL77');
  const recalled = itemOf(demo, 'recalled').path;
  const narrow = async (path) => {
    const size = () => page.locator(marks.headline).first().evaluate((element) => parseFloat(getComputedStyle(element).fontSize));
    expect(await cutOff(page), path).toBe(0);
    const before = await size();
    // What a reader's own setting does: every size on the page is relative to it.
    await page.evaluate(() => {
      document.documentElement.style.fontSize = `${parseFloat(getComputedStyle(document.documentElement).fontSize) * 2}px`;
    });
    expect((await size()) / before, path).toBeGreaterThan(1.9);
    expect(await cutOff(page), path).toBe(0);
  };
  for (const path of [item.path, recalled, '/', unknown, receipt, signIn.path]) {
    await page.goto(path);
    if (path === item.path || path === recalled) await dressed(page);
    await narrow(path);
  }
  await signInAs(page, baseURL, demo.accounts.find((account) => account.role === 'owner' && account.scene === 'beef'));
  await narrow('inbox');
  await page.locator(signIn.letter).first().click();
  await narrow('letter');
});

test('touch targets are 44 pixels high', async ({ page, item }) => {
  await page.goto(item.path);
  await dressed(page);
  const low = await page.locator('summary, button, a.act, input:not([type=hidden]), textarea').evaluateAll((elements) =>
    elements
      .map((element) => ({ element, box: (element.closest('label') ?? element).getBoundingClientRect() }))
      // The trap for programs is a field that no person meets.
      .filter(({ element }) => !element.closest('.trap'))
      .filter(({ element, box }) => box.height > 0 && box.height < 44 && getComputedStyle(element).visibility !== 'hidden')
      // A visually hidden control inside a label of its own size counts by the label.
      .map(({ element, box }) => `${element.outerHTML.slice(0, 80)} ${box.height}`),
  );
  expect(low).toEqual([]);
});

test('prints twelve records as one sheet with its code, and nothing smaller than 8 pt', async ({ page, item }) => {
  await page.goto(item.path);
  expect(await dressed(page)).toBe(12);
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator(marks.printedCode)).toBeVisible();
  await expect(page.locator('nav.bar')).toBeHidden();
  expect(await cutOff(page)).toBe(0);
  // As wide as the sheet between its margins.
  await page.setViewportSize({ width: 680, height: 1060 });
  expect(await cutOff(page)).toBe(0);
  const small = await page.locator('body *:not(svg *)').evaluateAll((all) => all.filter((el) => [...el.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.trim())
    && el.getClientRects().length && parseFloat(getComputedStyle(el).fontSize) < 8 * 96 / 72 - 0.1).map((el) => el.outerHTML.slice(0, 90)));
  expect(small).toEqual([]);
  const sheets = (await page.pdf({ preferCSSPageSize: true })).toString('latin1').match(/\/Type\s*\/Page\b/g);
  expect(sheets).toHaveLength(1);
});

test('reduced motion: nothing moves', async ({ page, item }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(item.path);
  await dressed(page);
  const moving = await page.evaluate(() =>
    document.getAnimations().filter((animation) => animation.effect.getComputedTiming().duration > 1).map((animation) => animation.animationName ?? String(animation)),
  );
  expect(moving).toEqual([]);
});
