// Each scene opens at phone size, and the phone itself finds every record in order.
import { expect, itemOf, settled, test } from './fixtures.mjs';
import { marks, words } from './marks.mjs';

/** budgets.md P7: what may move while the check runs. */
const LAYOUT_SHIFT_MAX = 0.01;

for (const scene of ['beef', 'formula', 'handbag']) {
  test(`${scene}: every node's own check succeeds`, async ({ page, demo }) => {
    await page.goto(itemOf(demo, 'in-order', scene).path);
    const count = await settled(page);
    await expect(page.locator(marks.ok)).toHaveCount(count);
    expect(count).toBeGreaterThanOrEqual(6);
    expect(count).toBeLessThanOrEqual(12);
    await expect(page.locator(marks.records).first()).toContainText(words.en.verified(count));
    await expect(page.locator(marks.main)).toContainText(words.en.limit);
    for (const node of await page.locator(marks.node).all()) {
      await expect(node.locator('.when [data-p]').first()).toBeVisible();
    }
  });
}

test('every item of the demo verifies', async ({ page, demo }) => {
  for (const item of demo.items) {
    await test.step(`${item.scene}, ${item.special}: ${item.path}`, async () => {
      await page.goto(item.path);
      const count = await settled(page);
      await expect(page.locator(marks.ok)).toHaveCount(count);
    });
  }
});

test('the start page links every scene', async ({ page, demo }) => {
  await page.goto('/');
  const linked = await page.locator('a[href^="/01/"]').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  for (const scene of new Set(demo.items.map((item) => item.scene))) {
    expect(demo.items.some((item) => item.scene === scene && linked.includes(item.path)), `${scene} is linked`).toBe(true);
  }
});

test('knots close in the order of the thread, and the end is announced once', async ({ page, item }) => {
  await page.addInitScript(
    ({ node, records }) => {
      window.knots = [];
      window.announced = [];
      document.addEventListener('DOMContentLoaded', () => {
        const nodes = [...document.querySelectorAll(node)];
        new MutationObserver(() => {
          nodes.forEach((element, index) => {
            if (element.classList.contains('ok') && !window.knots.includes(index)) window.knots.push(index);
          });
        }).observe(document.querySelector('main'), { subtree: true, attributeFilter: ['class'] });
        const status = document.querySelector(records);
        new MutationObserver(() => window.announced.push(status.textContent)).observe(status, {
          subtree: true,
          childList: true,
          characterData: true,
        });
      });
    },
    { node: marks.node, records: marks.records },
  );
  await page.goto(item.path);
  const count = await settled(page);
  await expect(page.locator(marks.records).first()).toContainText(words.en.verified(count));
  const { closed, announced } = await page.evaluate(() => ({ closed: window.knots, announced: window.announced }));
  expect(closed).toEqual([...Array(count).keys()]);
  expect(announced.filter((text) => words.en.verified(count).test(text))).toHaveLength(1);
});

test('nothing moves while the check runs', async ({ page, item }) => {
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(item.path);
  await settled(page);
  // Two frames: what the last knot moved has been painted and reported.
  const shift = await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(window.shift))))),
  );
  expect(shift).toBeLessThanOrEqual(LAYOUT_SHIFT_MAX);
});

test('a check line opens to the maths', async ({ page, item }) => {
  await page.goto(item.path);
  await settled(page);
  const first = page.locator(marks.node).first();
  await first.locator(marks.receipt).click();
  const slip = first.locator(marks.slip);
  await expect(slip).toBeVisible();
  // Complete: the record's own hash and every sibling, as 64 hex digits.
  const hex = (await slip.innerText()).replace(/[^0-9a-f]/g, '');
  expect(hex.length).toBeGreaterThanOrEqual(128);
});
