// The staff scanner: a code in, one line of advice out, from the proof checked in this browser alone. What is not proven sells nothing, and
// takes nothing off the shelf; without a network it tells of what it saw today, and how old that is; nothing of it is a scan.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changeOneByte, seal } from '../bundle.mjs';
import { executablePath, launchArguments } from '../chromium.mjs';
import { capture, inspection, newPack, ownPack } from '../epcis.mjs';
import { cosigned, serve } from '../server.mjs';
import { changeBundle, cutOff, expect, itemOf, settled, signInAs, test, violations } from './fixtures.mjs';
import { marks, words } from './marks.mjs';

const PERSON = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';
const HOUR = 3600000;
const SAYS = {
  en: { sell: 'Sell', ask: 'Ask a colleague', off: 'Take off the shelf' },
  zh: { sell: '可以卖', ask: '先问同事', off: '请下架' },
};
const heading = (page) => page.locator('.advice h1');
const line = (page) => page.locator('.advice .line');
const told = (page) => page.locator('.told');

async function open(page, lang = 'en') {
  await page.goto(`/scanner/?lang=${lang}`);
  await expect(page.locator('main[data-loaded]')).toBeAttached();
}
async function ask(page, code) {
  await page.locator('.typing').click();
  await page.locator('#code').fill(code);
  await page.locator('form .go').click();
}
async function says(page, kind, text, lang = 'en') {
  await expect(heading(page)).toHaveText(SAYS[lang][kind]);
  await expect(page.locator('main')).toHaveAttribute('data-advice', kind);
  await expect(line(page)).toHaveText(text);
}
/** A time zone where it is eight now: what a device saw is forgotten at its midnight, so hours that a test adds must fit into its day. */
function inTheMorning() {
  // In these names the sign is the other way round: Etc/GMT+3 is three hours behind.
  const behind = new Date().getUTCHours() - 8;
  const zone = behind > 12 ? behind - 24 : behind;
  return `Etc/GMT${zone < 0 ? '' : '+'}${zone}`;
}
/** A photo of a code, as the project draws it for a pack. */
async function picture(baseURL, path, kind = 'png') {
  return { name: 'pack.png', mimeType: 'image/png', buffer: Buffer.from(await (await fetch(`${baseURL}/qr/${kind}${path}`)).arrayBuffer()) };
}

for (const lang of ['en', 'zh']) {
  const cases = {
    en: [['in-order', 'beef', 'sell', /^No recall, \d[\d,]* days before use-by\. All \d+ records verified on this device\.$/], ['in-order', 'handbag', 'sell', /^No recall\. No date is on record: read the one on the pack\. All \d+/],
      ['corrected', 'beef', 'sell', /^No recall, .*All \d+/], ['recalled', 'formula', 'off', /^Recalled by Glenarra.* on \d+ \w{3} \d{4}\.$/],
      ['expired', 'formula', 'off', /^Past its use-by date since \d+ \w{3} \d{4}\.$/], ['warned', 'formula', 'ask', /^Damaged: Yuehe.* warns of it, \d+ \w{3} \d{4}\. Neither the owner of the number nor a regulator says so\.$/],
      ['scanned-often', 'handbag', 'ask', /^This code was scanned \d+ times since .*copies of it\.$/]],
    zh: [['in-order', 'beef', 'sell', /^无召回，距保质期截止 [\d,]+ 天。\d+ 条记录已由本机全部核验。$/], ['recalled', 'formula', 'off', /^格兰纳拉.*已于 \d{4}年\d+月\d+日 召回。$/],
      ['expired', 'formula', 'off', /^已于 \d{4}年\d+月\d+日 过保质期。$/], ['warned', 'formula', 'ask', /^[^：]+：悦禾.*提醒。编码持有方和监管机构均未这样说。$/], ['scanned-often', 'handbag', 'ask', /^.*以来，此码已被扫描 \d+ 次/]],
  }[lang];
  for (const [special, scene, kind, text] of cases) {
    test(`${lang}: ${scene}, ${special}: ${kind}, with its line`, async ({ page, demo }) => {
      const { path } = itemOf(demo, special, scene);
      await open(page, lang);
      await ask(page, path.split('/').pop());
      await says(page, kind, text, lang);
      await expect(told(page)).toContainText(path.slice(-6));
      // The ledger was co-signed when something was last written, which may be some minutes ago.
      await expect(told(page)).toContainText(lang === 'en' ? /As of \d\d:\d\d, (just now|\d+ minutes? ago)\./ : /截至 \d\d:\d\d，(刚刚|\d+ 分钟前)。/);
      if (special === 'warned') await expect(told(page)).toContainText(lang === 'en' ? 'A dent at the seam of the lid' : '罐盖卷边处有凹痕');
      if (special === 'warned') await expect(told(page)).toContainText(lang === 'en' ? 'The owner of the number objects to this.' : '编码持有方对此有异议。');
      if (kind === 'off') await expect(told(page).locator('.from')).toHaveText(lang === 'en' ? /^Record \d+ of the ledger, signed by / : /^账本第 \d+ 条记录，由/);
      expect(await violations(page)).toEqual([]);
      expect(await cutOff(page)).toBe(0);
    });
  }
}

test('its word on the product is the item page’s own, for every item of the demo', async ({ page, demo }) => {
  for (const { path } of demo.items) {
    await page.goto(path);
    await settled(page);
    const product = (await page.locator(`${marks.product} .s`).first().textContent()).trim();
    await open(page);
    await ask(page, path.split('/').pop());
    await expect(page.locator('main')).toHaveAttribute('data-advice', /^(sell|ask|off)$/);
    const kind = await page.locator('main').getAttribute('data-advice');
    // What the page calls recalled or past its date comes off, and nothing else does; what it calls in order is never off.
    expect(kind === 'off', `${path}: ${product}`).toBe(/^(Recalled|Past)/.test(product));
    if (/^No recall, /.test(product) && kind === 'sell') await expect(line(page)).toContainText(product);
  }
});

test('a photo: the code of a pack, one without a code, one that is no picture', async ({ page, item, demo, baseURL }) => {
  await open(page);
  const reader = page.waitForRequest(/\/_\/reader\/reader\.[0-9a-f]+\.wasm$/);
  await page.locator('input[type=file]').setInputFiles(await picture(baseURL, item.path));
  await reader;
  await says(page, 'sell', /^No recall/);
  await expect(told(page)).toContainText(item.path.slice(-6));
  const recalled = itemOf(demo, 'recalled');
  await page.locator('input[type=file]').setInputFiles(await picture(baseURL, recalled.path));
  await says(page, 'off', /^Recalled/);
  const blank = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [300, 200];
    canvas.getContext('2d').fillRect(0, 0, 300, 200);
    return (await new Promise((done) => { canvas.toBlob((blob) => blob.arrayBuffer().then((bytes) => done([...new Uint8Array(bytes)]))); }));
  });
  await page.locator('input[type=file]').setInputFiles({ name: 'dark.png', mimeType: 'image/png', buffer: Buffer.from(blank) });
  await expect(heading(page)).toHaveText('No code found in this photo');
  await page.locator('input[type=file]').setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await expect(line(page)).toHaveText('This picture cannot be opened. Take another, or type the number.');
  await expect(page.locator('main')).toHaveAttribute('data-advice', 'note');
});

test('the reader is not loaded before somebody wants it', async ({ page, item }) => {
  await page.addInitScript(() => { delete Navigator.prototype.serviceWorker; });
  const loaded = [];
  page.on('request', (request) => { if (/reader\.[0-9a-f]{10}\./.test(request.url())) loaded.push(request.url()); });
  await open(page);
  await ask(page, item.path.split('/').pop());
  await says(page, 'sell', /./);
  expect(loaded.filter((url) => /\/reader\/reader\./.test(url))).toEqual([]);
});

test('a camera before a pack: the kept reader finds its code; the camera goes out', async ({ item, baseURL, playwright }) => {
  // A film of one picture, as Chromium takes it for a camera: the code on white, 4:2:0.
  const folder = mkdtempSync(join(tmpdir(), 'leafproof-camera-'));
  const film = join(folder, 'pack.y4m');
  const browser = await playwright.chromium.launch({ executablePath, args: launchArguments });
  const { width, height, luma } = await grey(browser, baseURL, item.path);
  writeFileSync(film, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`),
    ...Array.from({ length: 3 }, () => Buffer.concat([Buffer.from('FRAME\n'), Buffer.from(luma), Buffer.alloc(width * height / 2, 128)]))]));
  await browser.close();
  const eye = await playwright.chromium.launch({ executablePath, args: [...launchArguments, '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${film}`] });
  const page = await eye.newPage({ baseURL, locale: 'en-GB', viewport: { width: 390, height: 844 } });
  await open(page);
  // What was said of another pack is gone while the camera looks.
  await ask(page, 'C9TW3PJ6VY4GKH');
  await says(page, 'off', /./);
  await page.evaluate(() => {
    window.stood = [];
    new MutationObserver(() => { if (!document.querySelector('.seeing').hidden) window.stood.push(document.querySelector('main').dataset.advice); }).observe(document.querySelector('.seeing'), { attributes: true });
  });
  await page.locator('.scan').click();
  await says(page, 'sell', /^No recall/);
  expect(await page.evaluate(() => window.stood)).toContain('run');
  expect(await page.evaluate(() => window.stood)).not.toContain('off');
  await expect(told(page)).toContainText(item.path.slice(-6));
  await expect(page.locator('.seeing')).toBeHidden();
  expect(await page.locator('.seeing').evaluate((video) => video.srcObject)).toBeNull();
  await expect(page.locator('.scan')).toHaveText('Scan');
  // The same for store mode's first page.
  await page.goto('/demo/?lang=en');
  await page.locator('.scan').click();
  await expect(page).toHaveURL(new RegExp(`/demo${item.path}`));
  await eye.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A pack's code in the middle of a white frame, as bytes of light. */
async function grey(browser, baseURL, path) {
  const page = await browser.newPage();
  const png = Buffer.from(await (await fetch(`${baseURL}/qr/png${path}`)).arrayBuffer()).toString('base64');
  const made = await page.evaluate(async (data) => {
    const img = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 480];
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, 640, 480);
    pen.drawImage(img, 140, 60, 360, 360);
    const { data: pixels } = pen.getImageData(0, 0, 640, 480);
    return { width: 640, height: 480, luma: Array.from({ length: 640 * 480 }, (_, i) => pixels[4 * i]) };
  }, png);
  await page.close();
  return made;
}

test('a camera that is refused, missing, in use, or not to be had over http is said, and typing is there', async ({ page }) => {
  for (const [name, text] of [['NotAllowedError', /may not use the camera/], ['NotFoundError', /has no camera/], ['NotReadableError', /in use elsewhere/]]) {
    await open(page);
    await page.evaluate((error) => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', error); }; }, name);
    await page.locator('.scan').click();
    await expect(heading(page)).toHaveText('No camera now');
    await expect(line(page)).toHaveText(text);
    await expect(page.locator('.scan')).toHaveText('Scan');
  }
  await page.evaluate(() => { Object.defineProperty(window, 'isSecureContext', { value: false }); });
  await page.locator('.scan').click();
  await expect(line(page)).toHaveText(/only over https/);
  await expect(page.locator('.typing')).toBeVisible();
});

test('a browser that reads by itself needs no other reader', async ({ page, item, baseURL }) => {
  await page.addInitScript((code) => {
    window.BarcodeDetector = class {
      static async getSupportedFormats() { return ['qr_code', 'data_matrix', 'ean_13', 'ean_8', 'upc_a', 'code_128']; }
      async detect() { return [{ rawValue: '9521234000044' }, { rawValue: code }]; }
    };
    navigator.mediaDevices.getUserMedia = async () => {
      const canvas = document.createElement('canvas');
      canvas.getContext('2d').fillRect(0, 0, 9, 9);
      return canvas.captureStream();
    };
  }, `${baseURL}${item.path}`);
  const loaded = [];
  page.on('request', (request) => { if (/\/reader\/reader\./.test(request.url())) loaded.push(request.url()); });
  await open(page);
  await page.locator('.scan').click();
  await says(page, 'sell', /^No recall/);
  expect(loaded).toEqual([]);
});

test.describe('without a worker', () => {
  test.use({ serviceWorkers: 'block' });

  test('a proof that was changed never sells, and takes nothing off the shelf', async ({ page, item, demo, baseURL }) => {
    const real = Buffer.from(await (await fetch(`${baseURL}/bundle${item.path}`)).arrayBuffer());
    await page.goto(item.path);
    const entries = await page.locator(marks.node).evaluateAll((nodes) => nodes.map((node) => node.dataset.entry));
    const changes = {
      words: (bytes) => changeOneByte(bytes, entries[1], 'words'),
      path: (bytes) => changeOneByte(bytes, entries[2], 'path'),
      short: (bytes) => bytes.subarray(0, bytes.length - 40),
      empty: () => Buffer.alloc(0),
      noise: (bytes) => Buffer.from(bytes.map((byte) => byte ^ 0x5a)),
      sealed: (bytes) => { const copy = Uint8Array.from(bytes); copy[copy.length >> 1] ^= 1; return Buffer.from(seal(copy)); },
      flipped: (bytes) => { const copy = Buffer.from(bytes); copy[copy.length >> 2] ^= 1; return copy; },
    };
    let change;
    await changeBundle(page, (bytes) => change(bytes));
    for (const name of Object.keys(changes)) {
      change = changes[name];
      expect(change(real).equals(real), name).toBe(false);
      await open(page);
      await ask(page, item.path.split('/').pop());
      await expect(heading(page), name).toHaveText('Ask a colleague');
      await expect(line(page), name).toHaveText(/^(The check failed\. |The proof was refused\. |The proof cannot be read\.)/);
    }
    // Another item's proof in its place, one that is recalled: nothing of that is this one's.
    const recalled = Buffer.from(await (await fetch(`${baseURL}/bundle${itemOf(demo, 'recalled').path}`)).arrayBuffer());
    change = () => recalled;
    await open(page);
    await ask(page, item.path.split('/').pop());
    await says(page, 'ask', /^The proof was refused\. The proof is about another item than the one you opened\.$/);
    // And the real one again.
    change = (bytes) => bytes;
    await open(page);
    await ask(page, item.path.split('/').pop());
    await says(page, 'sell', /^No recall/);
  });

  test('what cannot be loaded or checked is a question', async ({ page, item, expectedErrors }) => {
    expectedErrors.push(/status of 500/, /ERR_FAILED/);
    const serial = item.path.split('/').pop();
    await page.route('**/bundle/**', (route) => route.fulfill({ status: 500, body: 'no' }));
    await open(page);
    await ask(page, serial);
    await says(page, 'ask', 'The server did not answer as it should. Please try again.');
    await page.unroute('**/bundle/**');
    await page.route('**/scanner/code/**', (route) => route.fulfill({ status: 500, body: '<html>' }));
    await open(page);
    await ask(page, serial);
    await says(page, 'ask', /how often this code was scanned could not be learned\.$/);
    await page.unroute('**/scanner/code/**');
    await page.route('**/verifier.*.wasm', (route) => route.fulfill({ status: 200, contentType: 'application/wasm', body: 'no' }));
    await open(page);
    await ask(page, serial);
    await says(page, 'ask', 'This browser cannot check a proof.');
    await page.unroute('**/verifier.*.wasm');
    await page.route('**/policy', (route) => route.fulfill({ status: 200, body: 'log nobody\n' }));
    await open(page);
    await ask(page, serial);
    await says(page, 'ask', /^The proof cannot be read\.$/);
    await page.unroute('**/policy');
    await page.route('**/bundle/**', (route) => route.abort());
    await open(page);
    await ask(page, serial);
    // Seen today, but its proof was never one that held.
    await says(page, 'ask', 'No network, and this device has not seen it today.');
  });

  test('a clock that is hours ahead, or behind', async ({ page, item }) => {
    await page.clock.install({ time: Date.now() + 5 * HOUR });
    await open(page);
    await ask(page, item.path.split('/').pop());
    await says(page, 'ask', /^It was in order 5 hours ago\. It may have been recalled since/);
    await page.clock.setSystemTime(Date.now() - 2 * HOUR);
    await ask(page, item.path.split('/').pop());
    await says(page, 'ask', /^This device's clock is behind the ledger's\./);
  });
});

test('codes that lead to nothing, to the product, to another site', async ({ page, item, baseURL }) => {
  await open(page);
  await ask(page, '/01/09521234000044/21/NOSUCHSERIAL77');
  await says(page, 'ask', 'There is no record of this code in this ledger.');
  await ask(page, '09521234000045');
  await says(page, 'ask', /wrong last digit/);
  await ask(page, '09521234000044');
  await says(page, 'ask', /^This code stands for the product, not for this pack\./);
  await ask(page, '<b>NOSUCHTHING</b>');
  await says(page, 'ask', /^No pack with this serial number/);
  // The same item, on a pack whose code leads shoppers elsewhere.
  await page.addInitScript((text) => {
    window.BarcodeDetector = class {
      static async getSupportedFormats() { return ['qr_code', 'data_matrix', 'ean_13', 'ean_8', 'upc_a', 'code_128']; }
      async detect() { return [{ rawValue: text }]; }
    };
  }, `https://evil.example${item.path}`);
  await open(page);
  await page.locator('input[type=file]').setInputFiles(await picture(baseURL, item.path));
  await says(page, 'ask', 'The code on this pack leads to evil.example, not to this site.');
  // It stays said when somebody looks from the list.
  await page.locator('.seen li button').first().click();
  await says(page, 'ask', /evil\.example/);
});

test('with the server stopped: what was seen today is checked again and its age said; what was not, is asked of a colleague', async ({ browser }) => {
  test.setTimeout(240_000);
  const data = mkdtempSync(join(tmpdir(), 'leafproof-scanner-'));
  const server = await serve({ data });
  await cosigned(server.url, 3);
  const context = await browser.newContext({ baseURL: server.url, locale: 'en-GB', timezoneId: inTheMorning(), viewport: { width: 390, height: 844 }, hasTouch: true });
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  const [fine, recalled, other] = ['7K2M9QX4TD3HWZ', 'C9TW3PJ6VY4GKH', 'M4R8WQ2HTX9KDC'];
  await open(page);
  await expect(page.locator('main[data-ready]')).toBeAttached();
  for (const [serial, kind] of [[fine, 'sell'], [recalled, 'off']]) {
    await ask(page, serial);
    await says(page, kind, /./);
  }
  await expect(page.locator('.seen li')).toHaveCount(2);
  const photo = await picture(server.url, `/01/09521234000044/21/${fine}`);
  await server.stop();
  await expect(fetch(server.url)).rejects.toThrow();
  // Not from memory alone: from what the worker kept; the reader too.
  await page.goto('/scanner/?lang=zh');
  await expect(page.locator('main[data-loaded]')).toBeAttached();
  await page.locator('input[type=file]').setInputFiles(photo);
  await says(page, 'sell', /^无召回/, 'zh');
  await expect(told(page)).toContainText('没有网络：依据本机所存。');
  await page.goto('/scanner/?lang=en');
  await expect(page.locator('.seen li')).toHaveCount(2);
  await ask(page, recalled);
  await says(page, 'off', /^Recalled/);
  await expect(told(page)).toContainText(/As of \d\d:\d\d, .*No network: from what this device kept\./);
  await ask(page, other);
  await says(page, 'ask', 'No network, and this device has not seen it today.');
  // A proof that was changed where it lies is no better than one that was changed on its way.
  await page.evaluate(async (path) => {
    const cache = await caches.open('leafproof-scanner-proofs-1');
    const bytes = new Uint8Array(await (await cache.match(path)).arrayBuffer());
    bytes[bytes.length >> 2] ^= 1;
    await cache.put(path, new Response(bytes));
  }, `/bundle/01/09522012000218/21/${recalled}`);
  await ask(page, recalled);
  await says(page, 'ask', /refused|cannot be read/);
  // Three hours later it still sells, and says so; at five it asks.
  const later = await context.newPage();
  await later.clock.install({ time: Date.now() + 3 * HOUR });
  await open(later);
  await ask(later, fine);
  await says(later, 'sell', /^No recall/);
  await expect(told(later)).toContainText(/As of \d\d:\d\d, 3 hours ago\. No network/);
  await later.clock.setSystemTime(Date.now() + 5 * HOUR);
  await later.reload();
  await ask(later, fine);
  await says(later, 'ask', /^It was in order 5 hours ago\. It may have been recalled since: look again with a network\.$/);
  await later.close();
  expect(faults).toEqual([]);
  await context.close();
  rmSync(data, { recursive: true, force: true });
});

test('the list: what was seen today, opened again, cleared by two taps, gone the next day', async ({ page, demo }) => {
  await open(page);
  await expect(page.locator('.seen .none')).toBeVisible();
  for (const special of ['recalled', 'in-order']) {
    await ask(page, itemOf(demo, special, special === 'recalled' ? 'formula' : 'beef').path.split('/').pop());
    await says(page, special === 'recalled' ? 'off' : 'sell', /./);
  }
  const rows = page.locator('.seen li button');
  await expect(rows).toHaveText([/^Sell.*…[0-9A-Z]{6}\d\d:\d\d$/, /^Take off the shelf.*…[0-9A-Z]{6}\d\d:\d\d$/]);
  await rows.nth(1).click();
  await says(page, 'off', /^Recalled/);
  await page.reload();
  await says(page, 'off', /^Recalled/);
  // Nothing is kept but items, advice and times.
  const kept = await page.evaluate(() => JSON.parse(localStorage.getItem('leafproof-scanner')));
  expect(Object.keys(kept).sort()).toEqual(['day', 'items']);
  expect(Object.keys(kept.items[0]).sort()).toEqual(['advice', 'at', 'code', 'codes', 'elsewhere', 'kept', 'name', 'path']);
  await page.locator('.clear').click();
  await expect(page.locator('.clear')).toHaveText('Clear all 2? Tap again');
  await page.locator('.clear').click();
  await expect(rows).toHaveCount(0);
  await expect.poll(() => page.evaluate(() => caches.has('leafproof-scanner-proofs-1'))).toBe(false);
  await ask(page, itemOf(demo, 'recalled').path.split('/').pop());
  await says(page, 'off', /./);
  await page.evaluate(() => {
    const list = JSON.parse(localStorage.getItem('leafproof-scanner'));
    localStorage.setItem('leafproof-scanner', JSON.stringify({ ...list, day: '2026-01-01' }));
  });
  await page.goto('/scanner/?lang=en');
  await expect(page.locator('.seen .none')).toBeVisible();
  await expect(rows).toHaveCount(0);
  await expect.poll(() => page.evaluate(() => caches.has('leafproof-scanner-proofs-1'))).toBe(false);
});

test.describe('a person', () => {
  test.use({ userAgent: PERSON });

  test('what staff looked at is no scan, nor is the page they open from there', async ({ page, demo, baseURL }) => {
    const path = await ownPack(baseURL, demo, 2);
    await cosigned(baseURL, 3);
    for (const lang of ['en', 'zh', 'en']) {
      await open(page, lang);
      await ask(page, path.split('/').pop());
      await says(page, 'sell', /./, lang);
    }
    await page.locator('.told a').click();
    await expect(page.locator(marks.code)).toContainText('Not scanned');
    expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
    await page.goto('about:blank');
    await page.goto(path);
    await expect(page.locator(marks.code)).toContainText(words.en.firstScan);
  });

  test('its worker reaches no further than its page', async ({ page, baseURL }) => {
    await open(page);
    await expect(page.locator('main[data-ready]')).toBeAttached();
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).scope)).toBe(`${baseURL}/scanner/`);
  });
});

test('a pack that nobody issued is asked about', async ({ page, demo, baseURL }) => {
  const path = newPack();
  await capture(baseURL, demo, inspection(path));
  await cosigned(baseURL, 3);
  await open(page);
  await ask(page, path.split('/').pop());
  await says(page, 'ask', /issued/);
});

test('without scripts it says so, and a number opens the item’s page', async ({ browser, item, baseURL }) => {
  const context = await browser.newContext({ baseURL, javaScriptEnabled: false, locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto('/scanner/');
  await expect(page.locator('noscript p')).toBeVisible();
  await expect(page.locator('.bar')).toBeHidden();
  await page.locator('#code').fill(item.path.split('/').pop());
  await page.locator('form .go').click();
  await expect(page).toHaveURL(new RegExp(item.path));
  await context.close();
});

test('it is linked from where staff are: the rail, store mode', async ({ page, demo, baseURL }) => {
  await signInAs(page, baseURL, demo.accounts.find((account) => account.role === 'store'));
  await page.locator('nav.rail a[href="/scanner/"]').click();
  await expect(page.locator('main.scanner')).toBeVisible();
  await page.goto('/demo/?lang=zh');
  await page.locator('a[href^="/scanner/"]').click();
  await expect(page).toHaveURL(/\/scanner\/\?lang=zh/);
  await page.locator('a[href^="/demo/"]').click();
  await expect(page).toHaveURL(/\/demo\/\?lang=zh/);
});

for (const [width, height] of [[360, 560], [390, 844], [768, 1024], [1024, 768], [1280, 900]]) {
  test(`${width} px: nothing is cut off, what the thumb needs is on the screen, and axe finds nothing`, async ({ page, demo }) => {
    await page.setViewportSize({ width, height });
    for (const lang of ['en', 'zh']) {
      await open(page, lang);
      expect(await cutOff(page)).toBe(0);
      expect(await violations(page)).toEqual([]);
      await ask(page, itemOf(demo, 'recalled').path.split('/').pop());
      await says(page, 'off', /./, lang);
      for (const one of ['.scan', '.photo', '.typing']) {
        const box = await page.locator(one).boundingBox();
        expect(box.y + box.height, one).toBeLessThanOrEqual(height);
        expect(Math.min(box.width, box.height), one).toBeGreaterThanOrEqual(44);
      }
      await expect(heading(page)).toBeInViewport({ ratio: 1 });
      await expect(line(page)).toBeInViewport({ ratio: 1 });
      expect(await cutOff(page)).toBe(0);
      for (const scheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme: scheme });
        expect(await violations(page), scheme).toEqual([]);
      }
    }
  });
}
