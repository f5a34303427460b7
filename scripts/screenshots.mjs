// Photographs every page in both widths, schemes and languages, with scripts on and off, into target/screenshots, for people to
// look at; and the README's picture from the same running product.
//   make screenshots                       starts a server with a fresh demo
//   URL=http://127.0.0.1:3000 DATA=data    photographs one that runs
//   make screenshots ONLY=recalled         pages whose name holds the word; readme: the README's picture alone
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executablePath, launchArguments } from '../end2end/chromium.mjs';
import { readDemo, ROOT, serve } from '../end2end/server.mjs';
import { changeOneByte } from '../end2end/bundle.mjs';
import { postLetter } from '../end2end/letter.mjs';
import { marks, signIn, words } from '../end2end/tests/marks.mjs';

const { chromium } = createRequire(join(ROOT, 'end2end', 'package.json'))('@playwright/test');

const OUT = join(ROOT, 'target', 'screenshots');
const README_PICTURE = join(ROOT, 'docs', 'item.png');
const WIDTHS = { 390: 844, 1280: 900 };
const LOCALES = { en: 'en-GB', zh: 'zh-CN' };
/** A monitor's visits are no scans: photographing a page must not change what it says of its code. */
const AGENT = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';
/** What the README shows of the item's page: from its top into the thread. */
const README_HEIGHT = 1240;

const plainItem = (demo) => demo.items.find((item) => item.special === 'in-order');

/** What has to be there before it can be photographed: two scans of the plain item, a letter, a receipt without an answer. */
async function prepare(browser, url, demo) {
  const plain = plainItem(demo);
  for (let scan = 0; scan < 2; scan += 1) {
    const phone = await browser.newContext({ baseURL: url, userAgent: AGENT });
    await (await phone.newPage()).goto(plain.path);
    await phone.close();
  }
  const text = 'The pack was cold and the date easy to read. The label came off at one corner, though; it would be good if it held in the freezer.';
  return postLetter(url, plain.path, { rating: 4, topic: 'packaging', text });
}

/** A page whose bundle was changed on its way: one record fails. */
async function oneRecordFails(page, path) {
  const entries = async () => page.locator(marks.node).evaluateAll((nodes) => nodes.map((node) => node.dataset.entry));
  await page.goto(path);
  const all = await entries();
  await page.route('**/bundle/**', async (route) => {
    const body = changeOneByte(await (await route.fetch()).body(), all[Math.floor(all.length / 2)], 'path');
    await route.fulfill({ status: 200, body });
  });
}

/** Store mode with one letter of the real proof changed. */
async function oneLetterChanges(page) {
  const input = page.locator('.screen input');
  await input.fill(`x${(await input.inputValue()).slice(1)}`);
  await page.locator('[data-scene="3"] .told p').first().waitFor();
}

/** The staff scanner with its advice. */
const advised = (page) => page.locator('main:is([data-advice=sell],[data-advice=ask],[data-advice=off])').waitFor();

function pages(demo, receipt) {
  const plain = plainItem(demo);
  return [
    { name: 'start', path: '/' },
    ...demo.items
      .filter((item, index, all) => all.findIndex((other) => other.scene === item.scene && other.special === item.special) === index)
      .map((item) => ({ name: `item-${item.scene}-${item.special}`, path: item.path, checks: true })),
    { name: 'item-receipt', path: plain.path, checks: true, act: (page) => page.locator(marks.node).first().locator(marks.receipt).click() },
    { name: 'item-failed', path: plain.path, checks: true, before: oneRecordFails },
    { name: 'receipt', path: receipt },
    { name: 'comment', path: `/feedback${plain.path}` },
    { name: 'unknown', path: plain.path.replace(/\/21\/.*/, '/21/NOSUCHSERIAL77') },
    { name: 'bad-syntax', path: '/01/06912345678904/21/A' },
    { name: 'stage-start', path: '/demo/' },
    { name: 'stage', path: `/demo${plain.path}`, act: (page) => page.locator('main[data-loaded]').waitFor() },
    { name: 'stage-changed', path: `/demo${plain.path}#3`, act: oneLetterChanges },
    { name: 'scanner', path: '/scanner/' },
    ...['in-order', 'recalled', 'warned'].map((special) => ({ name: `scanner-${special}`, path: `/scanner/#${demo.items.find((item) => item.special === special).path}`, act: advised })),
    { name: 'sign-in', path: signIn.path },
    { name: 'inbox', path: signIn.inbox, account: demo.accounts.find((account) => account.role === 'owner') },
    {
      name: 'letter',
      path: signIn.inbox,
      account: demo.accounts.find((account) => account.role === 'owner'),
      always: (page) => page.locator(signIn.letter).first().click().then(() => page.locator(signIn.shown).waitFor()),
    },
  ];
}

async function photograph(browser, url, { name, path, checks, before, act, always, account }, look) {
  const { width, scheme, language, scripts } = look;
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width, height: WIDTHS[width] },
    colorScheme: scheme,
    locale: LOCALES[language],
    timezoneId: 'Asia/Shanghai',
    userAgent: `${AGENT} (monitor)`,
    javaScriptEnabled: scripts,
    deviceScaleFactor: width < 500 ? 2 : 1,
    isMobile: width < 500,
  });
  try {
    const page = await context.newPage();
    if (account) {
      await page.goto(signIn.path);
      await page.locator(signIn.name).fill(account.login);
      await page.locator(signIn.password).fill(account.password);
      await page.locator(signIn.submit).click();
      await page.waitForURL(`**${signIn.inbox}`);
    }
    if (before && scripts) await before(page, path);
    await page.goto(path);
    if (checks && scripts) {
      const open = page.locator(`${marks.node}:not(.ok):not(.fail)`);
      await open.first().waitFor({ state: 'detached', timeout: 15_000 });
      await page.waitForFunction(() => !document.querySelector('noscript') && [...document.querySelectorAll('link[rel=stylesheet]')].every((link) => link.sheet));
    }
    if (act && scripts) await act(page);
    if (always) await always(page);
    // As tall as the page: what sticks to the bottom of the screen stands at the end and not in the middle.
    await page.setViewportSize({ width, height: await page.evaluate(() => document.documentElement.scrollHeight) });
    const file = join(OUT, `${name}-${width}-${scheme}-${language}${scripts ? '' : '-noscript'}.png`);
    await page.screenshot({ path: file, fullPage: true, animations: 'disabled' });
  } finally {
    await context.close();
  }
}

async function readmePicture(browser, url, demo) {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 390, height: README_HEIGHT },
    deviceScaleFactor: 2,
    isMobile: true,
    locale: 'en-GB',
    timezoneId: 'Asia/Shanghai',
    userAgent: `${AGENT} (monitor)`,
  });
  const page = await context.newPage();
  await page.goto(plainItem(demo).path);
  // Only a page whose every record was verified may stand in the README.
  const nodes = await page.locator(marks.node).count();
  await page.waitForFunction(([ok, n]) => document.querySelectorAll(ok).length === n, [marks.ok, nodes]);
  await page.locator(marks.records, { hasText: words.en.verified(nodes) }).first().waitFor();
  mkdirSync(join(ROOT, 'docs'), { recursive: true });
  await page.screenshot({ path: README_PICTURE, animations: 'disabled' });
  await context.close();
}

async function main() {
  const only = process.env.ONLY;
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const running = process.env.URL && { url: process.env.URL.replace(/\/$/, ''), data: process.env.DATA ?? 'data' };
  const server = running ?? (await serve({ data: mkdtempSync(join(tmpdir(), 'leafproof-screenshots-')) }));
  const browser = await chromium.launch({ executablePath, args: launchArguments });
  const missed = [];
  let done = 0;
  try {
    const demo = readDemo(server.data);
    const receipt = await prepare(browser, server.url, demo);
    if (!only || only === 'readme') await readmePicture(browser, server.url, demo);
    for (const subject of pages(demo, receipt).filter(({ name }) => !only || name.includes(only))) {
      for (const width of Object.keys(WIDTHS).map(Number)) {
        for (const scheme of ['light', 'dark']) {
          for (const language of Object.keys(LOCALES)) {
            for (const scripts of [true, false]) {
              try {
                await photograph(browser, server.url, subject, { width, scheme, language, scripts });
                done += 1;
              } catch (error) {
                missed.push(`${subject.name} ${width} ${scheme} ${language} ${scripts ? '' : 'noscript'}: ${error.message.split('\n')[0]}`);
              }
            }
          }
        }
      }
      console.error(`· ${subject.name}`);
    }
  } finally {
    await browser.close();
    if (!running) {
      await server.stop();
      rmSync(server.data, { recursive: true, force: true });
    }
  }
  console.log(`${done} pictures in target/screenshots`);
  if (missed.length) {
    console.log(`not photographed:\n${missed.join('\n')}`);
    process.exitCode = 1;
  }
}

await main();
