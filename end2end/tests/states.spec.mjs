// What is not in order says so, each in its own words, and colours nothing else.
import { ownPack } from '../epcis.mjs';
import { changePage, expect, hold, itemOf, settled, test } from './fixtures.mjs';
import { marks, words } from './marks.mjs';

const records = (page) => page.locator(marks.records).first();

/** Could not be checked: no node may close, and none may fail. */
async function unchecked(page, count) {
  await expect(records(page)).toContainText(words.en.cannotCheck);
  await expect(page.locator(marks.ok)).toHaveCount(0);
  await expect(page.locator(marks.failed)).toHaveCount(0);
  await expect(page.locator(marks.node)).toHaveCount(count);
}

test.describe('could not be checked on this phone', () => {
  let count;
  test.beforeEach(async ({ page, item }) => {
    await page.goto(item.path);
    count = await settled(page);
  });

  test('no WebAssembly', async ({ page }) => {
    await page.addInitScript(() => {
      delete window.WebAssembly;
    });
    await page.reload();
    await unchecked(page, count);
    await expect(page.locator(marks.main)).toContainText(words.en.noWebAssembly);
  });

  test('WebAssembly forbidden', async ({ page }) => {
    await page.addInitScript(() => {
      const forbidden = () => Promise.reject(new WebAssembly.CompileError('blocked by policy'));
      WebAssembly.instantiateStreaming = forbidden;
      WebAssembly.instantiate = forbidden;
      WebAssembly.compileStreaming = forbidden;
      WebAssembly.compile = forbidden;
    });
    await page.reload();
    await unchecked(page, count);
  });

  test('streaming fails, as in some chat apps: the other way is taken', async ({ page }) => {
    await page.addInitScript(() => {
      WebAssembly.instantiateStreaming = () => Promise.reject(new TypeError('wrong MIME type'));
    });
    await page.reload();
    await settled(page);
    await expect(page.locator(marks.ok)).toHaveCount(count);
  });

  test('the proof is not to be had', async ({ page, expectedErrors }) => {
    expectedErrors.push(/status of 404/);
    await page.route('**/bundle/**', (route) => route.fulfill({ status: 404, body: 'gone' }));
    await page.reload();
    await unchecked(page, count);
  });

  test('the network ends', async ({ page, expectedErrors }) => {
    expectedErrors.push(/ERR_/);
    await page.route('**/bundle/**', (route) => route.abort());
    await page.reload();
    await unchecked(page, count);
  });

  test('what draws a chart again does not come', async ({ page, demo, expectedErrors }) => {
    expectedErrors.push(/ERR_FAILED/);
    await page.goto(itemOf(demo, 'in-order', 'beef').path);
    const all = await settled(page);
    await page.route('**/draw.*.js', (route) => route.abort());
    await page.reload();
    await unchecked(page, all);
  });

  test('a page with a chart and seldom words, which do not come', async ({ page, demo, expectedErrors }) => {
    expectedErrors.push(/ERR_FAILED/);
    const item = itemOf(demo, 'in-order', 'beef');
    await page.goto(item.path);
    const all = await settled(page);
    await page.route('**/more.*.js', (route) => route.abort());
    await page.reload();
    await unchecked(page, all);
  });

  test('no answer in time', async ({ page }) => {
    await page.clock.install();
    // Neither answered nor refused: the page's own limit ends the wait.
    await page.route('**/bundle/**', () => {});
    await page.reload();
    await expect(page.locator(marks.node)).toHaveCount(count);
    await page.clock.runFor(120_000);
    await unchecked(page, count);
  });

  test('the verifier is not to be had', async ({ page, expectedErrors }) => {
    expectedErrors.push(/status of 404/);
    await page.route(/verifier[^/]*\.wasm/, (route) => route.fulfill({ status: 404, body: 'gone' }));
    await page.reload();
    await unchecked(page, count);
  });
});

test('unknown code', async ({ page, item, expectedErrors }) => {
  expectedErrors.push(/status of 404/);
  const path = item.path.replace(/\/21\/.*/, '/21/NOSUCHSERIAL77');
  const response = await page.goto(path);
  expect(response.status()).toBe(404);
  await expect(page.locator('main')).toContainText(words.en.unknown);
  await expect(page.locator(marks.records)).toContainText(/Absence verified .*, as of \d/);
  // With a clock far ahead the ledger is stale, and its absence no more than that.
  await page.clock.setFixedTime(new Date(Date.now() + 40 * 86400_000));
  await page.reload();
  await expect(page.locator(marks.records)).toContainText(/None, in a ledger \d+ h old/);
  await expect(page.locator(marks.ok)).toHaveCount(0);
});

test('unknown code: its page is compared as a whole, and kept to compare with, like any other', async ({ page, item, expectedErrors }) => {
  expectedErrors.push(/status of 404/);
  const path = item.path.replace(/\/21\/.*/, '/21/NOSUCHSERIAL77');
  let go;
  const held = new Promise((done) => { go = done; });
  await page.route('**/more.*.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.clock.install();
  await page.goto(path);
  // Longer than a failure waits for its words: there is none.
  await page.clock.runFor(5_000);
  await expect(page.locator(marks.records)).toContainText('Absence not checked');
  await expect(page.locator('.fail, .failed')).toHaveCount(0);
  go();
  await expect(page.locator(marks.records)).toContainText(/Absence verified/);
  // What differs is not kept: so nothing differed.
  await expect.poll(() => page.evaluate(() => Object.values(localStorage).some((text) => JSON.parse(text).note))).toBe(true);
  for (const [from, to, said] of [
    ['action="/find"', 'action="https://id.elsewhere.example/find"', 'action="https://id.elsewhere.example/find"'],
    ['name="code"', 'name="password"', 'name="password"'],
    ['<button class="go">', '<input type="password" name="pin"><button class="go">', 'type="password"'],
    ['<button class="go">', '<button class="go" formaction="https://id.elsewhere.example/">', 'formaction='],
    ['No record of this code</h1>', 'No record of this code</h1><p>Call us</p>', 'Call us'],
  ]) {
    await page.unrouteAll();
    await changePage(page, path, (html) => html.replace(from, to));
    await page.reload();
    await expect(page.locator(marks.records)).toContainText(said);
  }
});

test('bad syntax says what is wrong, and offers to type the code', async ({ page, expectedErrors }) => {
  expectedErrors.push(/status of 400/);
  const response = await page.goto('/01/06912345678904/21/A');
  expect(response.status()).toBe(400);
  await expect(page.locator('main')).toContainText(words.en.badSyntax);
  await expect(page.locator('main')).toContainText('has a wrong last digit: it should be 2');
  await expect(page.locator(marks.codeForm)).toBeVisible();
});

test('expired', async ({ page, demo }) => {
  await page.goto(itemOf(demo, 'expired').path);
  const count = await settled(page);
  await expect(page.locator(marks.main)).toContainText(words.en.expired);
  // The records are in order all the same.
  await expect(page.locator(marks.ok)).toHaveCount(count);
});

test('recalled: stands above everything, with what to do and a telephone link', async ({ page, demo }) => {
  await page.goto(itemOf(demo, 'recalled').path);
  const count = await settled(page);
  const notice = page.locator(marks.recall).first();
  await expect(notice).toBeVisible();
  await expect(notice.locator('a[href^="tel:"]')).toBeVisible();
  const [noticeTop, nameTop] = await Promise.all(
    [notice, page.locator(marks.main).locator(marks.headline)].map(async (element) => (await element.first().boundingBox()).y),
  );
  expect(noticeTop).toBeLessThan(nameTop);
  await expect(page.locator(marks.product)).toContainText(words.en.recalled);
  await expect(page.locator(marks.ok)).toHaveCount(count);
});

test('corrected: the old value is struck through and both are provable', async ({ page, demo }) => {
  await page.goto(itemOf(demo, 'corrected').path);
  const count = await settled(page);
  await expect(page.locator(marks.product)).toContainText(words.en.corrected);
  await expect(page.locator(marks.superseded).first()).toBeVisible();
  await expect(page.locator(marks.ok)).toHaveCount(count);
});

test('seen often', async ({ page, demo }) => {
  await page.goto(itemOf(demo, 'scanned-often').path);
  const count = await settled(page);
  await expect(page.locator(marks.code)).toContainText(words.en.often);
  await expect(page.locator(marks.ok)).toHaveCount(count);
});

test('a batch code has no code history and says so', async ({ page, item }) => {
  await page.goto(item.path);
  await page.locator('a[href*="/10/"]').first().click();
  await settled(page);
  await expect(page.locator(marks.code)).toContainText(words.en.shared);
});

test('a history longer than a proof may be: what is not loaded is said, and nothing is called complete', async ({ page, demo, baseURL }) => {
  // A pack that nobody issued fails however long its history is, so this one is its author's own. What issued it is loaded beside the
  // newest 256.
  await page.goto(await ownPack(baseURL, demo, 300));
  await settled(page);
  await expect(page.locator(marks.records)).toContainText(/257 verified.*Not all is loaded/);
  await expect(page.locator('main')).toContainText('43 older records were left out');
  await expect(page.locator('main')).not.toContainText(/none left out|No record of this item was left out/);
});

test('turned while it loads: what stands beside what was looked at before is still in sight', async ({ page, demo }) => {
  const item = itemOf(demo, 'in-order');
  const go = await hold(page, '**/bundle/**');
  await page.goto(item.path, { waitUntil: 'commit' });
  await expect(records(page)).toContainText('Checking');
  // What is folded was unfolded, looked at, and folded again by then.
  await page.waitForFunction(() => document.querySelectorAll('.rest').length > 0 && [...document.querySelectorAll('.rest')].every((part) => !part.open));
  await page.evaluate(() => new Promise((painted) => requestAnimationFrame(() => setTimeout(painted, 0))));
  await page.setViewportSize({ width: 844, height: 390 });
  go();
  const count = await settled(page);
  await expect(page.locator(marks.ok)).toHaveCount(count);
  await expect(records(page)).toContainText(words.en.verified(count));
});

/** Turns of the check in which more.js comes: a few before, in and after the comparison of the records that need its words. */
const TURNS = [5, 25, 60, 110, 180, 270, 380];
test('words that come between two steps of a comparison are not missed', async ({ page, demo }) => {
  const { path } = itemOf(demo, 'recalled');
  await page.goto(path);
  const count = await settled(page);
  await page.addInitScript(() => {
    // Every step has a turn of its own, and the turn that the address names waits for more.js.
    const now = performance.now.bind(performance);
    let asked = 0;
    performance.now = () => now() + 30 * (asked += 1);
    const Channel = MessageChannel;
    const at = +(new URLSearchParams(location.search).get('turn') || 0);
    let [turns, still, before] = [0, 0, 0];
    // Where the check itself waits for more.js by then, it takes no turn any more.
    const watch = () => { still = turns && turns === before ? still + 1 : 0; before = turns; window.waits = window.waits || still > 20; requestAnimationFrame(watch); };
    requestAnimationFrame(watch);
    window.MessageChannel = function channel() {
      const made = new Channel();
      turns += 1;
      if (turns === at) {
        const post = made.port2.postMessage.bind(made.port2);
        made.port2.postMessage = (message) => {
          window.waits = true;
          const wait = () => { if (typeof Leafproof !== 'undefined' && Leafproof.more) post(message); else setTimeout(wait, 5); };
          wait();
        };
      }
      return made;
    };
  });
  for (const turn of TURNS) {
    const go = await hold(page, '**/_/more.*');
    await page.goto(`${path}?turn=${turn}`, { waitUntil: 'commit' });
    await page.waitForFunction(() => window.waits);
    go();
    await settled(page);
    await expect(page.locator(marks.failed), `turn ${turn}`).toHaveCount(0);
    await expect(page.locator(marks.ok), `turn ${turn}`).toHaveCount(count);
    await page.unroute('**/_/more.*');
  }
});
