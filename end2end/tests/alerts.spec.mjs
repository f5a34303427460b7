// From a comment on an item's page to a program and a mailbox, and back to the comment. A server of its own, which may reach the
// sockets of this test.
import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, withoutAddresses } from '../office.mjs';
import { readDemo, serve } from '../server.mjs';
import { comment, cutOff, expect, itemOf, signInAs, violations } from './fixtures.mjs';
import { signIn } from './marks.mjs';

const ALERTS = '/console/alerts';
const brandOf = (demo, login = 'brand@talanuur.example') => demo.accounts.find((one) => one.login === login);

/** Adds a program's address; gives its secret. */
async function addWebhook(page, url) {
  await page.locator('#f-url').fill(url);
  await page.locator('form[action$=webhooks] button').click();
  return page.locator('.shown-once code').innerText();
}

const said = {
  en: { text: 'My daughter vomited after dinner', subject: '1 letter names illness', arrived: 'Arrived', again: 'Send again' },
  zh: { text: '孩子晚饭后一直呕吐，请看看这一批有没有问题，谢谢你们了', subject: '1条留言提到身体不适', arrived: '已送到', again: '重新发送' },
};

for (const [lang, locale] of [['en', 'en-GB'], ['zh', 'zh-CN']]) {
  test(`${lang}: a comment that names illness reaches a program and a person, who read it in the console`, async ({ browser, watch, demo, baseURL, office, expectedErrors }) => {
    expectedErrors.push(/status of 409/);
    test.setTimeout(120_000);
    const words = said[lang];
    const mark = randomUUID().slice(0, 6);
    const address = `mei-${mark}@brand.example`;
    const open = async (viewport) => watch(await browser.newContext({ locale, viewport, javaScriptEnabled: false, baseURL })).newPage();
    const brand = await open({ width: 1280, height: 900 });
    await signInAs(brand, baseURL, brandOf(demo));
    await withoutAddresses(brand);
    await brand.goto(signIn.inbox);
    await brand.locator(`main a[href="${ALERTS}"]`).click();

    const secret = await test.step('a program and a person are added; the person says yes by the link', async () => {
      const secret = await addWebhook(brand, `${office.hook.url}/${mark}`);
      await brand.goto(ALERTS);
      await expect(brand.locator('main')).not.toContainText(secret);
      await brand.locator('#f-mail').fill(address);
      await brand.locator('form[action$="alerts/mail"] button').click();
      const asked = await office.mail.next((one) => one.to === address);
      const link = /http:\/\/\S+\/alerts\/mail\/\S+/.exec(asked.body)[0];
      const person = await open({ width: 390, height: 844 });
      await person.goto(link);
      await person.locator('button[value=yes]').click();
      await expect(person.locator('button[value=no]')).toBeVisible();
      await expect(person.locator('button[value=yes]')).toHaveCount(0);
      return secret;
    });

    await brand.goto(ALERTS);
    await brand.locator('#k-new').selectOption('illness');
    await brand.locator('#m-new').selectOption('5');
    for (const box of await brand.locator('form:has(#k-new) input[type=checkbox]').all()) await box.setChecked(false);
    for (const own of [`${office.hook.url}/${mark}`, address]) await brand.locator('form:has(#k-new) label', { hasText: own }).locator('input').check();
    await brand.locator('form:has(#k-new) button').click();

    const shopper = await open({ width: 390, height: 844 });
    await comment(shopper, itemOf(demo, 'in-order', 'beef'), { rating: 1, topic: 'freshness', text: `${words.text} (${mark})` });

    const first = await test.step('both are told, and neither of the words', async () => {
      const told = await office.hook.next((one) => one.path === `/${mark}`);
      const { 'webhook-id': id, 'webhook-timestamp': stamp, 'webhook-signature': signature } = told.headers;
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      expect(signature).toBe(`v1,${createHmac('sha256', key).update(`${id}.${stamp}.${told.body}`).digest('base64')}`);
      const mail = await office.mail.next((one) => one.to === address && one.body.includes('/console/comments/'));
      expect(mail.body).toContain(words.subject);
      for (const message of [told.body, mail.body]) expect(message).not.toContain(mark);
      const link = /http:\/\/\S+\/console\/comments\/[0-9a-f]{32}/.exec(mail.body)[0];
      expect(JSON.parse(told.body).data.letters[0].link).toBe(link);
      await brand.goto(link);
      await expect(brand.locator(signIn.shown)).toContainText(`${words.text} (${mark})`);
      return told;
    });

    await test.step('what was sent is in the log, and is sent again under the same id', async () => {
      await brand.goto(ALERTS);
      await brand.locator('.permissions > li', { hasText: `/${mark}` }).locator('a').click();
      await expect(brand.locator('main')).toContainText(words.arrived);
      await expect(brand.locator('main code')).toHaveText(first.headers['webhook-id']);
      // Not within a minute of the last attempt: that is said.
      await brand.locator('main button', { hasText: words.again }).click();
      await expect(brand.locator('main .fault')).toBeVisible();
    });
  });
}

test('a server that is killed between two attempts goes on with the same message', async ({ browser, demo, office }) => {
  test.setTimeout(180_000);
  const data = mkdtempSync(join(tmpdir(), 'leafproof-killed-'));
  const path = `/${randomUUID()}`;
  office.hook.answers.set(path, 503);
  const options = ['--demo', '--allow-local-webhooks'];
  try {
    const first = await serve({ data, options });
    const page = await browser.newPage({ javaScriptEnabled: false });
    await signInAs(page, first.url, readDemo(data).accounts.find((one) => one.login === brandOf(demo).login));
    await page.goto(`${first.url}${ALERTS}`);
    await addWebhook(page, `${office.hook.url}${path}`);
    await page.locator('form[action$=test] button').click();
    const tried = await office.hook.next((one) => one.path === path);
    await first.stop('SIGKILL');
    office.hook.answers.delete(path);
    const second = await serve({ data, options });
    const arrived = await office.hook.next((one) => one.path === path && one !== tried && one.headers['webhook-timestamp'] >= tried.headers['webhook-timestamp'], 60_000);
    expect(arrived.headers['webhook-id']).toBe(tried.headers['webhook-id']);
    expect(arrived.body).toBe(tried.body.replaceAll(first.url, second.url));
    await second.stop();
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('alerts, a secret, the log, what a person reads: axe finds nothing, nothing is cut off', async ({ page, demo, baseURL, office }) => {
      test.setTimeout(120_000);
      const mark = `${randomUUID()}${'-a-long-address'.repeat(8)}`;
      await signInAs(page, baseURL, brandOf(demo, 'letters@talanuur.example'));
      const looked = async (what) => {
        for (const width of [320, 390, 768, 1280, 1920]) {
          await page.setViewportSize({ width, height: 800 });
          expect(await cutOff(page), `${what} at ${width}`).toBe(0);
        }
        expect(await violations(page), what).toEqual([]);
      };
      await page.goto(ALERTS);
      await addWebhook(page, `${office.hook.url}/${mark}`);
      await looked('secret');
      await page.goto(ALERTS);
      const person = `p-${randomUUID().slice(0, 8)}@brand.example`;
      await page.locator('#f-mail').fill(person);
      await page.locator('form[action$="alerts/mail"] button').click();
      await page.locator('form:has(#k-new) button').click();
      await page.locator('details.kept summary').first().click();
      await looked('alerts');
      const row = page.locator('.permissions > li', { hasText: mark });
      await row.locator('form[action$=test] button').click();
      await office.hook.next((one) => one.path === `/${mark}`);
      await expect(async () => {
        await page.reload();
        await expect(page.locator('main ol')).toContainText('HTTP 204', { timeout: 1 });
      }).toPass();
      await looked('log');
      const asked = await office.mail.next((one) => one.to === person);
      await page.goto(/http:\/\/\S+\/alerts\/mail\/\S+/.exec(asked.body)[0]);
      await looked('question');
      await page.locator('button[value=no]').click();
      await looked('refusal');
    });
  });
}
