// The attack suite of docs/vectors in a real browser: the served verifier's reports are the native ones, byte for byte; the page
// that checks files says for each attack what is wrong, and is green for none.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportOf } from '../../crates/verifier/tests/report.mjs';
import { cases } from '../../crates/verifier/tests/vectors.mjs';
import { SITE } from '../server.mjs';
import { expect, test } from './fixtures.mjs';

const base64 = (bytes) => Buffer.from(bytes).toString('base64');
/** The sentence of each word that tells what is wrong with a whole proof; a record's own failure is told by its step and word. */
const sentences = new Map(
  readFileSync(new URL('../../app/texts/shopper.en.tsv', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('more.word.'))
    .map((line) => line.slice('more.word.'.length).split('\t')),
);
const verifier = () => readFileSync(join(SITE, readdirSync(SITE).find((name) => /^verifier.*\.wasm$/.test(name))));

test('each report is the native one', async ({ page }) => {
  await page.goto('/verify');
  await page.evaluate(`window.reportOf = ${reportOf}`);
  const wrong = await page.evaluate(
    async ({ wasm, all }) => {
      const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const module = await WebAssembly.compile(bytes(wasm));
      const found = [];
      for (const { name, input, report } of all) {
        const made = await window.reportOf(module, Object.fromEntries(Object.entries(input).map(([key, value]) => [key, key === 'now' ? value : bytes(value)])));
        if (made !== report) found.push(`${name}\n${made}`);
      }
      return found;
    },
    {
      wasm: base64(verifier()),
      all: cases.map(({ name, input, report }) => ({
        name,
        report,
        input: Object.fromEntries(Object.entries(input).map(([key, value]) => [key, key === 'now' ? value : base64(value)])),
      })),
    },
  );
  expect(wrong).toEqual([]);
});

test('every single-bit flip of a bundle is refused', async ({ page }) => {
  await page.goto('/verify');
  const small = [...cases].filter((one) => one.name.startsWith('good')).sort((a, b) => a.input.bundle.length - b.input.bundle.length)[0];
  const accepted = await page.evaluate(
    async ({ wasm, bundle, policy, name, now }) => {
      const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const module = await WebAssembly.compile(bytes(wasm));
      const file = bytes(bundle);
      const through = [];
      for (let from = 0; from < file.length; from += 256) {
        const v = (await WebAssembly.instantiate(module)).exports;
        const put = (part) => {
          const at = v.alloc(part.length);
          new Uint8Array(v.memory.buffer, at, part.length).set(part);
          return [at, part.length];
        };
        const [at, rules, subject] = [put(file), put(bytes(policy)), put(bytes(name))];
        for (let byte = from; byte < Math.min(from + 256, file.length); byte += 1) {
          for (let bit = 1; bit < 256; bit *= 2) {
            new Uint8Array(v.memory.buffer)[at[0] + byte] ^= bit;
            if (v.open(...at, ...rules, ...subject, now) >= 0) through.push([byte, bit]);
            new Uint8Array(v.memory.buffer)[at[0] + byte] ^= bit;
          }
        }
        if (v.open(...at, ...rules, ...subject, now) < 0) through.push('the good one was refused');
      }
      return through;
    },
    { wasm: base64(verifier()), bundle: base64(small.input.bundle), policy: base64(small.input.policy), name: base64(small.input.name), now: small.input.now },
  );
  expect(accepted).toEqual([]);
});

test('in words, and green for none', async ({ page }) => {
  test.setTimeout(120_000);
  await page.clock.setFixedTime(new Date(cases[0].input.now));
  await page.goto('/verify');
  const choose = (field, name, bytes) => page.locator(field).setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });
  const state = () => page.locator('main').getAttribute('data-state');
  // Which item was opened, and what a phone remembers, only the item's page knows.
  for (const { name, input, state: ends, step, word } of cases.filter((one) => !['subject', 'memory'].includes(one.step) && one.name !== 'good-not-compared')) {
    await page.clock.setFixedTime(new Date(input.now));
    await choose('input.rules', 'policy', input.policy);
    await choose('input.proof', name, input.bundle);
    await expect(page.locator('.state h2'), name).not.toHaveText(/^Checking|^No file/);
    const [sentence, more] = await Promise.all([page.locator('.state h2').innerText(), page.locator('.state p').innerText()]);
    const shown = await state();
    if (ends === 'verified') expect(shown, name).toBe('all');
    else if (ends === 'not-cosigned') expect(['alone', 'gone'], name).toContain(shown);
    else if (ends === 'stale') expect(shown, name).toBe('stale');
    // All that is there holds, and it is not in order: amber, and what to do. Where nothing is there, absence is all that is said.
    else if (['unissued', 'unowned'].includes(ends)) expect((await page.locator('ol.rows > li').count()) ? ['stale'] : ['stale', 'gone'], name).toContain(shown);
    else {
      expect(['fail', 'none'], name).toContain(shown);
      expect(sentence, name).toMatch(/failed|could not be checked/);
      if (step === 'file') expect(more, name).toMatch(/not whole|no proof/);
      else if (sentences.has(word)) expect(more, name).toBe(sentences.get(word));
      else expect(more, name).toContain(`(${word})`);
    }
  }
});
