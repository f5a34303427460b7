// What every test gets: the demo's items, a page that is watched, and a bundle or page that can be changed in flight.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test as base, expect } from '@playwright/test';
import { readDemo } from '../server.mjs';
import { field, marks, signIn } from './marks.mjs';

export { expect };

export const test = base.extend({
  baseURL: async ({}, use) => use(process.env.LEAFPROOF_URL),

  demo: [async ({}, use) => use(readDemo()), { scope: 'worker' }],

  /** What a test may expect in the console and says so, e.g. a failing request it made fail. */
  expectedErrors: async ({}, use) => use([]),

  /** Every test ends by asserting that the console showed no error and that no request left the origin. */
  watch: async ({ baseURL, expectedErrors }, use) => {
    const seen = [];
    const left = [];
    await use((context) => {
      context.on('page', (page) => {
        page.on('console', (message) => {
          if (message.type() === 'error') seen.push(`${message.text()} (${message.location().url})`);
        });
        page.on('pageerror', (error) => seen.push(String(error)));
      });
      context.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(`${baseURL}/`) && !/^(data|blob|about):/.test(url)) left.push(url);
      });
      return context;
    });
    expect(seen.filter((text) => !expectedErrors.some((pattern) => pattern.test(text)))).toEqual([]);
    expect(left).toEqual([]);
  },

  context: async ({ context, watch }, use) => use(watch(context)),

  /** A desk of its own, watched as well: `desk(async (page) => …)`. */
  desk: async ({ browser, watch }, use) => {
    await use(async (work) => {
      const context = watch(await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' }));
      await work(await context.newPage());
      await context.close();
    });
  },

  item: async ({ demo }, use) => use(demo.items.find((item) => item.scene === 'beef' && item.special === 'in-order')),
});

/** The demo's item that is special in this way, or a failure that says it is missing. */
export function itemOf(demo, special, scene) {
  const found = demo.items.find((item) => item.special === special && (!scene || item.scene === scene));
  if (!found) throw new Error(`the demo has no item that is ${special}${scene ? ` in scene ${scene}` : ''}`);
  return found;
}

/** Waits until every node's own check has returned, and gives how many there are. */
export async function settled(page) {
  const all = page.locator(marks.node);
  await expect(all.first()).toBeVisible();
  const count = await all.count();
  await expect(page.locator(`${marks.ok}, ${marks.failed}`)).toHaveCount(count);
  return count;
}

/** The same, and until what comes after the check, the style of form and paper, is in place. */
export async function dressed(page) {
  const count = await settled(page);
  await page.waitForFunction(() => !document.querySelector('noscript') && [...document.querySelectorAll('link[rel=stylesheet]')].every((link) => link.sheet));
  return count;
}

/** Hands the page's bundle to `change` on its way to the browser. */
export async function changeBundle(page, change) {
  await page.route('**/bundle/**', async (route) => {
    const response = await route.fetch();
    const body = change(await response.body());
    const headers = response.headers();
    // The body is plain here, whatever came over the wire.
    delete headers['content-encoding'];
    delete headers['content-length'];
    await route.fulfill({ status: response.status(), headers, body });
  });
}

/** Hands the page's HTML to `change` on its way to the browser. */
export async function changePage(page, path, change) {
  await page.route(
    (url) => url.pathname === path,
    async (route) => {
      const response = await route.fetch();
      const before = await response.text();
      const after = change(before);
      expect(after !== before, 'the page in flight was changed').toBe(true);
      const headers = response.headers();
      delete headers['content-encoding'];
      delete headers['content-length'];
      await route.fulfill({ status: response.status(), headers, body: after });
    },
  );
}

/** Writes a comment as a person does, from the item's page to the receipt; gives the receipt's private address. */
export async function comment(page, item, { rating, topic, text }) {
  await page.goto(item.path);
  await page.locator(marks.write).first().click();
  await page.locator(`${field('rating')}[value="${rating}"]`).check();
  await page.locator(`${field('topic')}[value="${topic}"]`).check();
  // Key by key: what takes less than three seconds comes back with a question.
  await page.locator(field('text')).pressSequentially(text, { delay: 70 });
  await page.locator(marks.send).click();
  await expect(page).toHaveURL(/\/receipt\//);
  return page.url();
}

export async function signInAs(page, baseURL, account) {
  await page.goto(`${baseURL}${signIn.path}`);
  await page.locator(signIn.name).fill(account.login);
  await page.locator(signIn.password).fill(account.password);
  await page.locator(signIn.submit).click();
  await expect(page).toHaveURL(new RegExp(signIn.inbox));
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds, one line each. The page's own policy forbids foreign scripts, so it is handed over by the debugger. */
export async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
  return found.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

/** Pixels by which the page is wider than its window; a failing test's output names what stands out. */
export async function cutOff(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    const over = root.scrollWidth - root.clientWidth;
    if (over) {
      const wide = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > root.clientWidth);
      console.error(`${over} px too wide: ${wide.map((element) => element.outerHTML.slice(0, 90)).join(' | ')}`);
    }
    return over;
  });
}

/** At an open letter: notes something for colleagues, and gives the letter to one of them. */
export async function noteAndGive(desk, note, mark, colleague) {
  await desk.locator('.noting summary').click();
  await desk.locator('#f-note').fill(`${note} (${mark})`);
  await desk.locator('.noting button').click();
  await expect(desk.locator('article.note')).toContainText(note);
  await desk.locator('#f-to').selectOption(colleague);
  await desk.locator('form:has(#f-to) button').click();
}

/** Holds back what is asked for by such an address, until the function that this returns is called. */
export async function hold(page, addresses) {
  let go;
  const held = new Promise((done) => { go = done; });
  await page.route(addresses, async (route) => {
    await held;
    await route.continue();
  });
  return go;
}
