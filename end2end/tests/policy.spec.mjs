// What the browser lets a page do: nothing from elsewhere, no script that the answer did not name.
import { createHash } from 'node:crypto';

import { changePage, expect, itemOf, settled, test } from './fixtures.mjs';
import { marks, signIn } from './marks.mjs';

const PAGES = [
  ['start', () => '/'],
  ['item', (item) => item.path],
  ['comment', (item) => `/feedback${item.path}`],
  ['sign-in', () => signIn.path],
  ['unknown', (item) => item.path.replace(/\/21\/.*/, '/21/NOSUCHSERIAL77')],
];

const policyOf = (response) =>
  new Map(
    response
      .headers()
      ['content-security-policy'].split(';')
      .map((rule) => rule.trim().split(/\s+/))
      .filter(([name]) => name)
      .map(([name, ...sources]) => [name, sources]),
  );
const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

for (const [name, path] of PAGES) {
  test(`${name}: only this site's scripts and the styles it names, nothing from elsewhere`, async ({ page, item, expectedErrors }) => {
    expectedErrors.push(/status of 404/);
    const first = policyOf(await page.goto(path(item)));
    expect(first.get('default-src')).toEqual(["'none'"]);
    expect(first.get('script-src')).toContain("'wasm-unsafe-eval'");
    expect(first.get('frame-ancestors')).toEqual(["'none'"]);
    expect(first.get('base-uri')).toEqual(["'none'"]);
    for (const [rule, sources] of first) {
      expect(sources.filter((source) => /unsafe-inline|'unsafe-eval'|\*|^https?:/.test(source)), rule).toEqual([]);
    }
    expect(first.get('script-src')).toEqual(["'self'", "'wasm-unsafe-eval'"]);
    const answer = await (await page.request.get(path(item), { failOnStatusCode: false })).text();
    expect(answer).not.toMatch(/<script(?![^>]*\ssrc="\/_\/)/);
    const styles = [...answer.matchAll(/<style>(.*?)<\/style>/gs)].map(([, style]) => style);
    expect(styles).toHaveLength(1);
    expect(first.get('style-src')).toEqual([hashOf(styles[0]), "'self'"]);
  });
}

test('a script put into the page does not run', async ({ page, item, expectedErrors }) => {
  expectedErrors.push(/Content Security Policy/, /status of 404/);
  await changePage(page, item.path, (html) => html.replace('</main>', '<script>window.foreign = 1</script><img src="x" onerror="window.foreign = 2"></main>'));
  await page.goto(item.path);
  await settled(page);
  expect(await page.evaluate(() => window.foreign)).toBeUndefined();
});

test('a film comes from this server, and nothing of it before the tap', async ({ page, demo }) => {
  const item = itemOf(demo, 'in-order', 'beef');
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(item.path);
  await settled(page);
  const film = page.locator('a[data-film]').first();
  const src = await film.getAttribute('href');
  expect(asked).not.toContain(src);
  await film.click();
  await expect(page.locator(`${marks.node} video`)).toBeVisible();
  expect(asked).toContain(src);
});
