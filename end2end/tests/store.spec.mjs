// Store mode: each break is real, fails as the verifier says and nothing else with it, and is changed back by one tap; a tablet needs no
// network once the stage is loaded; nothing of it can be taken for a real failure, nor a real failure for a part of it.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import vm from 'node:vm';
import { blake3 } from '@noble/hashes/blake3.js';
import { reportOf } from '../../crates/verifier/tests/report.mjs';
import { changeOneByte, publicPart, seal } from '../bundle.mjs';
import { capture, inspection, newPack } from '../epcis.mjs';
import { cosigned, ROOT, serve, SITE } from '../server.mjs';
import { changePage, cutOff, expect, itemOf, test, violations } from './fixtures.mjs';
import { marks, words } from './marks.mjs';

const PERSON = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';
const TABLET = { viewport: { width: 1024, height: 768 }, isMobile: false, hasTouch: true, deviceScaleFactor: 1 };
test.use(TABLET);

const knot = '.rail .node';
const scene = (page, k) => page.locator(`[data-scene="${k}"]`);
const told = (page, k) => scene(page, k).locator('.told');
const entriesOf = (page) => page.locator(knot).evaluateAll((all) => all.map((one) => one.dataset.entry));
const broken = (page) => page.locator('main.broken');

async function open(page, path, { k = 1, lang = 'en' } = {}) {
  await page.goto(`/demo${path}?lang=${lang}#${k}`);
  await expect(page.locator('main[data-loaded]')).toBeAttached();
  if (k > 2) await expect(page.locator(`main[data-entered="${k}"]`)).toBeAttached();
  if (k > 2) await whole(page);
}
/** Every ring is closed, nothing is torn, and the page does not say that anything was changed. */
async function whole(page) {
  const count = await page.locator(knot).count();
  await expect(page.locator(`${knot}.ok`)).toHaveCount(count);
  await expect(broken(page)).toHaveCount(0);
  await expect(page.locator('.said')).toBeEmpty();
  return count;
}
/** Only these are torn, and the page says that it shows a changed copy. */
async function onlyTorn(page, entries, state = 'fail') {
  await expect(broken(page)).toHaveCount(1);
  await expect(page.locator('svg.demo')).toBeVisible();
  await expect(page.locator('.said')).toHaveText(/^(DEMO\.|演示。)/);
  await expect(page.locator(`${knot}.${state}`)).toHaveCount(entries.length);
  expect(await page.locator(`${knot}.${state}`).evaluateAll((all) => all.map((one) => one.dataset.entry))).toEqual(entries);
  await expect(page.locator(`${knot}.ok`)).toHaveCount((await page.locator(knot).count()) - entries.length);
}
async function undo(page) {
  await page.locator('.undo').click();
  await whole(page);
  await expect(page.locator('.undo')).toBeHidden();
}
/** Puts another letter in the place of one, as whoever types after a tap on it. */
async function type(page, letter, at) {
  const input = page.locator('.screen input');
  await input.focus();
  await input.evaluate((field, i) => field.setSelectionRange(i, i + 1), at);
  await page.keyboard.insertText(letter);
}

const wasm = () => WebAssembly.compile(readFileSync(join(SITE, readdirSync(SITE).find((name) => /^verifier.*\.wasm$/.test(name)))));
const bytesOf = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer());
const nameOf = (path) => Uint8Array.from([1, ...path.split('/').slice(1).flatMap((part) => [part.length, ...Buffer.from(part)])]);
/** What the verifier says here, in Node, of a file that this test changed itself. */
async function verdict(baseURL, path, bundle) {
  const report = await reportOf(await wasm(), { bundle, policy: await bytesOf(`${baseURL}/policy`), name: nameOf(path), kept: new Uint8Array(0), now: Date.now() });
  const rows = report.split('\n').map((row) => row.split('\t'));
  return { rows, state: rows.find((row) => row[0] === 'state'), failed: rows.filter((row) => row[0] === 'done' && row[2] === 'failed').map((row) => row[1]) };
}

/** A server that a test may stop, and a tablet that knows nothing yet; `end` leaves nothing of them. */
async function alone(browser) {
  const data = mkdtempSync(join(tmpdir(), 'leafproof-stage-'));
  const server = await serve({ data });
  const context = await browser.newContext({ ...TABLET, baseURL: server.url, locale: 'en-GB' });
  const end = async () => {
    await context.close();
    rmSync(data, { recursive: true, force: true });
  };
  return { server, page: await context.newPage(), end };
}

test('begins with what this device showed before, and says without a network what it has not', async ({ browser }) => {
  test.setTimeout(120_000);
  const { server, page, end } = await alone(browser);
  await page.goto('/demo/');
  const tiles = await page.locator('.tiles a').evaluateAll((links) => links.map((link) => link.pathname));
  const home = await (await page.request.get('/')).text();
  const own = [...home.matchAll(/href="(\/01\/[^"?]+)"/g)].map((found) => found[1]).find((path) => !tiles.includes(`/demo${path}`));
  await expect(page.locator('.shelf')).toBeHidden();
  await page.goto(`/demo${own}`);
  await expect(page.locator('main[data-ready]')).toBeAttached();
  await page.goto('/demo/');
  await expect(page.locator('.shelf a')).toHaveCount(1);
  await expect(page.locator('[data-ready]')).toBeVisible();
  await server.stop();
  await page.reload();
  await page.locator('.shelf a').click();
  await expect(page.locator('main[data-loaded]')).toBeAttached();
  for (const path of [`${tiles[1]}?lang=en`, '/demo/find?code=NEVER1']) {
    await page.goto(path);
    await expect(page.locator('p[lang="en"]')).toContainText('Not available now');
    await expect(page.locator('p[lang="zh"]')).toContainText('暂时打不开');
  }
  await end();
});

test('the whole script, with no network once it is loaded', async ({ browser }) => {
  test.setTimeout(180_000);
  const { server, page, end } = await alone(browser);
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.goto('/demo');
  await expect(page).toHaveURL(`${server.url}/demo/`);
  await expect(page.locator('.tiles a')).toHaveCount(6);
  await expect(page.locator('[data-ready]')).toBeVisible();
  await page.locator('.tiles a').first().click();
  await expect(page.locator('main[data-ready]')).toBeAttached();
  await server.stop();
  await expect(fetch(server.url)).rejects.toThrow();
  // Not from memory alone: from what the worker kept.
  await page.reload();
  await expect(page.locator('main[data-loaded]')).toBeAttached();
  const count = await page.locator(knot).count();

  await expect(scene(page, 1).locator('h1')).toContainText('parties wrote this down.');
  await expect(page.locator(`${knot}.ok`)).toHaveCount(0);
  await page.locator(`${knot} button`).first().click();
  const card = page.locator('.card:visible');
  await expect(card).toHaveCount(1);
  await expect(card.locator('[data-by]')).not.toBeEmpty();
  expect(await card.locator('img').evaluate((img) => img.decode().then(() => img.naturalWidth))).toBeGreaterThan(0);

  await page.locator('.next').click();
  await page.locator('.check').click();
  await expect(told(page, 2)).toContainText(new RegExp(`All ${count} verified on this tablet, in [\\d.]+ ms`));
  await whole(page);
  await page.locator(`${knot} button`).last().click();
  await expect(scene(page, 2).locator('.signer')).toContainText('Signed by');

  await page.locator('.next').click();
  await type(page, 'q', 0);
  await expect(told(page, 3)).toContainText('The fingerprint no longer fits.');
  await expect(page.locator(`${knot}.fail`)).toHaveCount(1);
  await expect(page.locator(`${knot}.ok`)).toHaveCount(count - 1);
  await undo(page);

  await page.locator('.next').click();
  await page.locator(`${knot} button`).nth(2).click();
  await expect(scene(page, 4).locator('h1')).toHaveText(`${count - 1} shown, ${count} proven.`);
  await undo(page);

  await page.locator('.next').click();
  await expect(scene(page, 5).locator('h1')).toContainText('one operator');
  await page.locator('[data-break=lying]').click();
  await expect(told(page, 5)).toContainText('refused as a whole');
  await undo(page);

  await page.locator('.next').click();
  await expect(scene(page, 6).locator('.last')).toContainText(/^\s*\S{6}\s*$/);
  expect(await scene(page, 6).locator('.qr').evaluate((img) => img.decode().then(() => img.naturalWidth))).toBeGreaterThan(0);
  await page.locator('.jump summary').click();
  await page.locator('[data-go="2"]').click();
  await expect(scene(page, 2)).toBeVisible();
  // The other language, and another customer.
  await page.locator('a[hreflang]').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await expect(page.locator('main[data-loaded]')).toBeAttached();
  await page.locator('a.out').click();
  await expect(page.locator('.tiles a')).toHaveCount(6);
  // What was never loaded is not made up.
  await page.goto(`${server.url}/demo/`);
  expect(faults).toEqual([]);
  await end();
});

test.describe('without a worker', () => {
  // What is changed on its way to the page must come from the network.
  test.use({ serviceWorkers: 'block' });

  for (const [lang, letter, says] of [['en', 'q', (i) => new RegExp(`The fingerprint no longer fits\\..*Record ${i} fails\\. The other \\d+ hold\\..*Step 4 of 6, As shown\\.`, 's')],
    ['zh', '和', (i) => new RegExp(`指纹对不上了。.*第 ${i} 条不通过，其余 \\d+ 条不受影响。.*第 4 步（共 6 步）：一致。`, 's')]]) {
    test(`${lang}: one letter, in each record in turn, fails where the verifier says, and with the fingerprints that it says`, async ({ page, item, baseURL }) => {
      await open(page, item.path, { k: 3, lang });
      const entries = await entriesOf(page);
      const bundle = await bytesOf(`${baseURL}/bundle${item.path}`);
      for (const [i, entry] of entries.entries()) {
        await page.locator(`${knot} button`).nth(i).click();
        const input = page.locator('.screen input');
        const signed = await input.inputValue();
        const pointer = lang === 'zh' ? '/place/zh' : '/place/en';
        await type(page, letter, 0);
        await expect(told(page, 3)).toHaveText(says(i + 1));
        await onlyTorn(page, [entry]);
        await expect(page.locator('.signed u')).toHaveText([...signed][0]);
        await expect(page.locator('.drawn u')).toHaveText(letter);
        // The same, done by other code, and asked of the verifier outside the browser.
        const shown = (await page.locator('.screen code').textContent()).replaceAll(' ', '');
        const lines = Buffer.from(publicPart(bundle, entry)).toString();
        expect(lines).toContain(`${pointer}\ts${signed}`);
        const { rows, failed } = await verdict(baseURL, item.path, bundle);
        expect(failed).toEqual([]);
        const part = rows.find((row) => row[0] === 'part' && row[1] === rows.find((one) => one[0] === 'entry' && one[2] === entry)[1] && row[2] === '1');
        expect((await page.locator('.signed code').textContent()).replaceAll(' ', '')).toBe(part[3]);
        const forged = Buffer.concat([Buffer.from(part[4], 'hex'), Buffer.from(lines.replace(`${pointer}\ts${signed}`, `${pointer}\ts${letter}${[...signed].slice(1).join('')}`))]);
        expect(shown).toBe(Buffer.from(blake3(forged, { context: new TextEncoder().encode('leafproof payload v1') })).toString('hex'));
        await undo(page);
        await expect(input).toHaveValue(signed);
      }
    });
  }

  test('a letter: the step and the word are the verifier’s own for the same change made elsewhere', async ({ page, item, baseURL }) => {
    const bundle = Uint8Array.from(await bytesOf(`${baseURL}/bundle${item.path}`));
    await open(page, item.path, { k: 3 });
    const entries = await entriesOf(page);
    const entry = entries[4];
    const part = publicPart(bundle, entry);
    const at = Buffer.from(part).indexOf('/place/en\ts') + '/place/en\ts'.length;
    part[at] = 'q'.charCodeAt(0);
    const { state, failed } = await verdict(baseURL, item.path, seal(bundle));
    expect([state[1], state[2], state[4], failed.length]).toEqual(['failed', 'parts', entry, 1]);
    await page.locator(`${knot} button`).nth(4).click();
    await type(page, 'q', 0);
    await onlyTorn(page, [entry]);
    await expect(told(page, 3)).toHaveText(/The fingerprint no longer fits\..*Record 5 fails\..*Step 4 of 6/s);
  });

  test('a value, a title, a name: each fails alone; more letters are counted; the same letter again is no change', async ({ page, item }) => {
    await open(page, item.path, { k: 3 });
    const entries = await entriesOf(page);
    await page.locator(`${knot} button`).nth(3).click();
    const names = await page.locator('.field').allTextContents();
    expect(names).toContain('Place');
    const all = () => page.locator('.card, .rail .t').evaluateAll((parts) => parts.map((part) => part.textContent));
    const signedWords = await all();
    for (const [i] of names.entries()) {
      await page.locator('.field').nth(i).click();
      await type(page, '7', 0);
      await onlyTorn(page, [entries[3]]);
      await expect(told(page, 3)).toHaveText(/Record 4 fails\..*Step 4 of 6/s);
      expect(await all()).not.toEqual(signedWords);
      await undo(page);
      expect(await all()).toEqual(signedWords);
    }
    const input = page.locator('.screen input');
    const signed = await input.inputValue();
    await input.fill(`${signed}xyz`);
    await expect(scene(page, 3).locator('h1')).toHaveText('3 letters changed.');
    await onlyTorn(page, [entries[3]]);
    await input.fill(signed);
    await whole(page);
    // Half a Chinese character is no letter yet.
    await input.evaluate((field) => {
      field.value += 'h';
      field.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true }));
    });
    await whole(page);
    await input.evaluate((field) => field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true })));
    await onlyTorn(page, [entries[3]]);
    // Whoever goes on leaves nothing broken behind.
    await page.locator('.next').click();
    await whole(page);
  });

  for (const which of ['beef', 'formula', 'handbag']) {
    test(`${which}: a record pulled off is missed and named; a second one too; all come back`, async ({ page, demo }) => {
      await open(page, itemOf(demo, 'in-order', which).path, { k: 4 });
      const [entries, count] = [await entriesOf(page), await page.locator(knot).count()];
      await page.locator(`${knot} button`).nth(1).click();
      await expect(scene(page, 4).locator('h1')).toHaveText(`${count - 1} shown, ${count} proven.`);
      await expect(told(page, 4)).toContainText('Missing: record 2,');
      await onlyTorn(page, [entries[1]], 'gone');
      await page.locator(`${knot} button`).nth(3).click();
      await expect(scene(page, 4).locator('h1')).toHaveText(`${count - 2} shown, ${count} proven.`);
      await onlyTorn(page, [entries[1], entries[3]], 'gone');
      await page.locator(`${knot} button`).nth(1).click();
      await onlyTorn(page, [entries[3]], 'gone');
      await undo(page);
      await expect(scene(page, 4).locator('h1')).toHaveText('Leave one out.');
    });
  }

  test('who co-signs, and the other breaks: each is refused or named by its own state', async ({ page, item }) => {
    await open(page, item.path, { k: 5 });
    const count = await page.locator(knot).count();
    await expect(scene(page, 5).locator('h1')).toContainText('one operator');
    await expect(scene(page, 5).locator('.cosigners dd')).toHaveCount(3);
    await expect(scene(page, 5).locator('.cosigners')).toContainText('co-signed');
    const cases = {
      lying: [/refused as a whole\..*None of the \d+ records.*Step 2 of 6, In the ledger\. .*not signed as the rules demand/s, 'none'],
      bare: [/^All \d+ hold, but too few others have seen this ledger\.$/, 'ok'],
      old: [/^All \d+ hold, but this ledger is \d+ h old\.$/, 'ok'],
      stranger: [/refused as a whole\..*None of the \d+ records.*Step 3 of 6, Complete/s, 'none'],
      nobody: [/^Neither the owner of this number nor anybody it named issued this code\..*holds no record of this pack/s, 'none'],
    };
    for (const [name, [says, state]] of Object.entries(cases)) {
      await page.locator(`[data-break=${name}]`).click();
      await expect(told(page, 5)).toHaveText(says);
      await expect(broken(page)).toHaveCount(1);
      await expect(page.locator('.said')).toHaveText(/^DEMO\./);
      await expect(page.locator(`${knot}.${state}`)).toHaveCount(count);
      await undo(page);
      await expect(scene(page, 5).locator('h1')).toContainText('one operator');
      await expect(scene(page, 5).locator('.cosigners')).toBeVisible();
    }
  });

  test('an older ledger is offered where there is one, and has no room for the newest records', async ({ page, item, demo, baseURL }) => {
    await capture(baseURL, demo, inspection(newPack()));
    await cosigned(baseURL, 3);
    await open(page, item.path, { k: 5 });
    await page.locator('[data-break=older]').click();
    await expect(told(page, 5)).toHaveText(/refused as a whole.*Step \d of 6/s);
    await expect(page.locator(`${knot}.ok`)).toHaveCount(0);
    await undo(page);
  });

  test('a failure of the real record stays where it is: no DEMO, no further scene', async ({ page, item, baseURL }) => {
    await open(page, item.path, { k: 2 });
    const entries = await entriesOf(page);
    // This item's proof alone: the stage loads those of others too.
    await page.route(`**/bundle${item.path}`, async (route) => route.fulfill({ body: changeOneByte(await (await route.fetch()).body(), entries[5], 'path') }));
    for (const k of [2, 5]) {
      await page.goto('about:blank');
      await page.goto(`${baseURL}/demo${item.path}?lang=en#${k}`);
      await expect(page.locator('main[data-loaded]')).toBeAttached();
      // Whoever jumps ahead is led back: every break needs a record that holds.
      if (k === 2) await page.locator('.check').click();
      await expect(told(page, 2)).toContainText("Record 6 failed. Call the store's manager.");
      await expect(scene(page, 2)).toBeVisible();
      await expect(page.locator(`${knot}.fail`)).toHaveCount(1);
      await expect(page.locator('.next')).toBeHidden();
      await expect(broken(page)).toHaveCount(0);
      await expect(page.locator('svg.demo')).toBeHidden();
      await page.keyboard.press('4');
      await expect(scene(page, 2)).toBeVisible();
    }
  });

  test('a word of the page that was changed on its way is such a failure too, and so is a record left out', async ({ page, item }) => {
    const at = `/demo${item.path}`;
    await changePage(page, at, (html) => html.replaceAll('Beihe Cold Line', 'Beine Cold Line'));
    await page.goto(`${at}?lang=en#2`);
    await page.locator('.check').click();
    await expect(told(page, 2)).toContainText(/Record \d+ failed\. Call the store's manager\./);
    await page.unrouteAll();
    await changePage(page, at, (html) => html.replace(/<li[^>]* class="node">.*?<\/li>/s, ''));
    await page.goto('about:blank');
    await page.goto(`${at}?lang=en#2`);
    await page.locator('.check').click();
    await expect(told(page, 2)).toContainText("A record is missing. Call the store's manager.");
  });

  test('what is recalled or past its date says so over every scene; a page that leaves the recall out has failed', async ({ page, demo }) => {
    for (const special of ['recalled', 'expired']) {
      await open(page, itemOf(demo, special).path, { k: 4 });
      await expect(page.locator('.recall')).toContainText('take it off the shelf');
      await page.keyboard.press('6');
      await expect(page.locator('.recall')).toBeVisible();
    }
    const at = `/demo${itemOf(demo, 'recalled').path}`;
    await changePage(page, at, (html) => html.replace(/<p[^>]* class="recall">.*?<\/p>/s, ''));
    await page.goto('about:blank');
    await page.goto(`${at}?lang=en#2`);
    await page.locator('.check').click();
    await expect(told(page, 2)).toContainText('this page leaves it out');
    await expect(page.locator('.next')).toBeHidden();
  });

  for (const [why, spoil, says] of [
    ['the proof', (page) => page.route('**/bundle/**', (route) => route.fulfill({ status: 404, body: 'gone' })), 'no connection'],
    ['the verifier', (page) => page.route(/verifier[^/]*\.wasm/, (route) => route.fulfill({ status: 404, body: 'gone' })), 'the verifier is missing'],
    ['WebAssembly', (page) => page.addInitScript(() => { delete window.WebAssembly; }), 'no WebAssembly'],
  ]) {
    test(`without ${why}: not available now, and nothing in its place`, async ({ page, item, expectedErrors }) => {
      expectedErrors.push(/status of 404/);
      await spoil(page);
      await page.goto(`/demo${item.path}?lang=en#3`);
      await expect(page.locator('.scene:visible h1')).toHaveText('Not available now');
      await expect(page.locator('.scene:visible .lead')).toContainText(says);
      await expect(page.locator(`${knot}.ok`)).toHaveCount(0);
      await expect(page.locator('.bar')).toBeHidden();
    });
  }

  test('a file that is no proof is not shown either', async ({ page, item }) => {
    await page.route('**/bundle/**', (route) => route.fulfill({ status: 200, body: 'not a proof' }));
    await page.goto(`/demo${item.path}?lang=en#2`);
    await page.locator('.check').click();
    await expect(page.locator('main')).toContainText(/The proof failed\. Call the store's manager\.|Not available now/);
    await expect(page.locator(`${knot}.ok`)).toHaveCount(0);
  });

  test('after 90 idle seconds all is as at the start; the loop shows 1, 2, 6, and a touch ends it', async ({ page, item }) => {
    await page.clock.install();
    await open(page, item.path, { k: 3 });
    await type(page, 'q', 0);
    await expect(broken(page)).toHaveCount(1);
    await page.locator('.notes').click();
    await page.clock.runFor(89_000);
    await expect(scene(page, 3)).toBeVisible();
    await page.clock.runFor(2_000);
    await expect(scene(page, 1)).toBeVisible();
    await expect(broken(page)).toHaveCount(0);
    await expect(page.locator('.note:visible')).toHaveCount(0);
    await expect(page.locator(`${knot}.ok`)).toHaveCount(0);
    await page.goto('about:blank');
    await page.goto(`/demo${item.path}?lang=en#loop`);
    await expect(scene(page, 1)).toBeVisible();
    await page.clock.runFor(15_000);
    await expect(scene(page, 2)).toBeVisible();
    await expect(told(page, 2)).toContainText('verified on this tablet');
    await page.clock.runFor(15_000);
    await expect(scene(page, 6)).toBeVisible();
    await page.locator('.what').click();
    await page.clock.runFor(30_000);
    await expect(scene(page, 6)).toBeVisible();
  });

  for (const lang of ['en', 'zh']) {
    test(`${lang}: axe finds nothing on any scene, whole or broken, and nothing is cut off`, async ({ page, item }) => {
      test.setTimeout(120_000);
      await page.goto(`/demo/?lang=${lang}`);
      expect(await violations(page)).toEqual([]);
      await open(page, item.path, { lang });
      const fine = async () => {
        expect(await violations(page)).toEqual([]);
        for (const [width, height] of [[390, 844], [768, 1024], [1280, 800], [1024, 768]]) {
          await page.setViewportSize({ width, height });
          expect(await cutOff(page), `${width}`).toBe(0);
        }
      };
      await page.locator(`${knot} button`).first().click();
      await fine();
      await page.keyboard.press('2');
      await page.locator('.check').click();
      await whole(page);
      await page.locator(`${knot} button`).nth(8).click();
      await fine();
      await page.keyboard.press('3');
      await fine();
      await type(page, lang === 'zh' ? '和' : 'q', 1);
      await expect(told(page, 3)).not.toBeEmpty();
      await fine();
      await page.locator('.notes').click();
      await page.locator('.next').click();
      await page.locator(`${knot} button`).nth(5).click();
      await expect(told(page, 4)).not.toBeEmpty();
      await fine();
      await page.locator('.next').click();
      await expect(page.locator('.break').first()).toBeVisible();
      await fine();
      await page.locator('[data-break=stranger]').click();
      await expect(told(page, 5)).not.toBeEmpty();
      await fine();
      await page.locator('.next').click();
      await page.locator('.jump summary').click();
      await fine();
      if (lang === 'zh') {
        const foreign = await page.locator('main').evaluate((main) => [...main.querySelectorAll('*')].flatMap((one) => [...one.childNodes]).filter((node) => node.nodeType === 3 && !node.parentElement.closest('[lang]:not([lang^=zh]),script,style,code,svg')
          && /[A-Za-z]{3,}(\s+[A-Za-z]{2,}){3,}/.test(node.data)).map((node) => node.data));
        expect(foreign).toEqual([]);
      }
    });
  }

  test('buttons are 60 px high, and the printed sheet is one page with the notes and no result', async ({ page, item }) => {
    await open(page, item.path, { k: 2 });
    for (const button of ['.back', '.next', '.check']) expect((await page.locator(button).boundingBox()).height).toBeGreaterThanOrEqual(60);
    await page.locator('.check').click();
    await whole(page);
    await page.emulateMedia({ media: 'print' });
    await expect(page.locator('.note:visible')).toHaveCount(6);
    await expect(page.locator('.told:visible, .rail:visible, .bar:visible')).toHaveCount(0);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
  });
});

test.describe('a person with a tablet', () => {
  test.use({ userAgent: PERSON });

  test('what was shown on a stage is no scan, and its worker leaves the shopper’s page alone', async ({ page, demo, baseURL }) => {
    const path = newPack();
    await capture(baseURL, demo, inspection(path));
    for (const lang of ['en', 'zh']) {
      await open(page, path, { lang });
      await expect(page.locator('main[data-ready]')).toBeAttached();
      await page.reload();
      await expect(page.locator('main[data-loaded]')).toBeAttached();
    }
    expect(await page.evaluate(() => navigator.serviceWorker.controller.scriptURL)).toBe(`${baseURL}/demo/worker.js`);
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).scope)).toBe(`${baseURL}/demo/`);
    await page.goto('about:blank');
    await page.goto(path);
    await expect(page.locator(marks.code)).toContainText(words.en.firstScan);
    expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
  });

  test('a code before the camera opens its stage, as a photo does; without a camera that is said', async ({ page, item, baseURL }) => {
    await page.addInitScript((code) => {
      window.BarcodeDetector = class {
        static async getSupportedFormats() { return ['qr_code', 'data_matrix', 'ean_13', 'ean_8', 'upc_a', 'code_128']; }
        async detect() { return [{ rawValue: code }]; }
      };
      navigator.mediaDevices.getUserMedia = async () => {
        const canvas = document.createElement('canvas');
        canvas.getContext('2d').fillRect(0, 0, 9, 9);
        return canvas.captureStream();
      };
    }, `${baseURL}${item.path}`);
    await page.goto('/demo/?lang=en');
    await page.locator('.scan').click();
    await expect(page).toHaveURL(`${baseURL}/demo${item.path}?lang=en#1`);
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };
    });
    await page.goto('/demo/?lang=en');
    await page.locator('.scan').click();
    await expect(page.locator('#seen')).toHaveText(/may not use the camera\. .* type the number\.$/);
    await page.locator('input[type=file]').setInputFiles({ name: 'pack.png', mimeType: 'image/png', buffer: Buffer.from(await (await fetch(`${baseURL}/qr/png${item.path}`)).arrayBuffer()) });
    await expect(page).toHaveURL(`${baseURL}/demo${item.path}?lang=en#1`);
  });

  test('a number typed at the start leads to its stage; one that leads nowhere says why', async ({ page, item, expectedErrors }) => {
    expectedErrors.push(/status of 40[04]/);
    await page.goto('/demo/?lang=en');
    await page.locator('#code').fill(item.path.split('/').pop());
    await page.locator('form .main').click();
    await expect(page).toHaveURL(new RegExp(`/demo${item.path}`));
    await page.goto('/demo/?lang=en');
    await page.locator('#code').fill('09521234000045');
    await page.locator('form .main').click();
    await expect(page.locator('#why')).toContainText('wrong last digit');
  });
});

test('its BLAKE3 is BLAKE3', () => {
  const read = (name) => readFileSync(join(ROOT, 'public', name), 'utf8');
  const sandbox = { TextEncoder, TextDecoder, Uint8Array, Uint32Array, DataView };
  vm.runInNewContext(`${read('page.js')}\n${read('bundle.js')}\nthis.derived = Leafproof.bundle.derived;`, sandbox);
  for (const length of [0, 1, 63, 64, 65, 1023, 1024, 1025, 2048, 2049, 3072, 4097, 8192, 31744, 42_000]) {
    const bytes = Uint8Array.from({ length }, (_, i) => i % 251);
    const mine = Buffer.from(sandbox.derived('leafproof bundle v2', bytes)).toString('hex');
    expect(mine, `${length}`).toBe(Buffer.from(blake3(bytes, { context: new TextEncoder().encode('leafproof bundle v2') })).toString('hex'));
  }
});
