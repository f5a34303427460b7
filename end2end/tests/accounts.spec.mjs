// A colleague is invited, comes in, sets a second factor up, signs in with it and ends a session; a store's tablet answers with a code.
// All of it without a script, on a desk and on a phone.
import { randomUUID } from 'node:crypto';
import { digits } from '../totp.mjs';
import { cutOff, expect, signInAs, test, violations } from './fixtures.mjs';
import { signIn } from './marks.mjs';

const account = (demo, login) => demo.accounts.find((one) => one.login === login);
const OWNER = 'brand@vellane.example';
const TABLET = 'tablet.wutong@pinglu-market.example';
const PASSWORD = 'seven wet herons';
const WIDTHS = [320, 360, 390, 640, 768, 1024, 1280, 1920];

const words = {
  en: { answers: 'Answers letters', invited: 'invites you', here: 'This one', setUp: 'Set it up', alone: 'You are signed in here alone', joined: 'has an account now', tablet: 'Shared tablet' },
  zh: { answers: '客服', invited: '邀请您加入', here: '本机', setUp: '开始设置', alone: '您只在这里登录', joined: '账号已建立', tablet: '共用平板' },
};

for (const [lang, locale] of [['en', 'en-GB'], ['zh', 'zh-CN']]) {
  test(`${lang}: a colleague is invited, has a second factor, and ends a session, with scripts off`, async ({ browser, watch, baseURL, demo, expectedErrors }) => {
    test.setTimeout(120_000);
    expectedErrors.push(/status of (404|422)/);
    const said = words[lang];
    const name = `mei-${randomUUID().slice(0, 6)}`;
    const login = `${name}@vellane.example`;
    const open = async (viewport) => (await watch(await browser.newContext({ locale, viewport, javaScriptEnabled: false, baseURL }))).newPage();
    const owner = await open({ width: 1280, height: 900 });
    const mei = await open({ width: 390, height: 844 });
    const other = await open({ width: 1024, height: 768 });

    const link = await test.step('the owner makes a link, which is shown once', async () => {
      await signInAs(owner, baseURL, account(demo, OWNER));
      await owner.locator('.rail a[href="/console/account"]').click();
      await owner.locator('a[href="/console/team"]').click();
      await owner.locator('#f-name').fill(name);
      await owner.locator('#f-role').selectOption({ label: said.answers });
      await owner.locator('form:has(#f-name) button').click();
      const address = await owner.locator('#made code').textContent();
      await owner.goto('/console/team');
      await expect(owner.locator('main')).not.toContainText(address);
      await expect(owner.locator('.permissions')).toContainText(login);
      return new URL(address).pathname;
    });

    await test.step('whoever opens it chooses a password, and is in', async () => {
      await mei.goto(link);
      await expect(mei.locator('main')).toContainText(said.invited);
      await mei.locator('#f-new').fill('short');
      await mei.locator('#f-again').fill('short');
      await mei.locator('main button').click();
      await expect(mei.locator('.fault')).toContainText('12');
      await mei.locator('#f-new').fill(PASSWORD);
      await mei.locator('#f-again').fill(PASSWORD);
      await mei.locator('main button').click();
      await expect(mei).toHaveURL(new RegExp(signIn.inbox));
      expect((await other.goto(link)).status()).toBe(404);
    });

    const secret = await test.step('a second factor is set up from what stands on the page', async () => {
      await mei.goto('/console/account');
      await mei.getByRole('link', { name: said.setUp }).click();
      await expect(mei.locator('svg.symbol')).toBeVisible();
      const shown = (await mei.locator('code.typed').textContent()).replaceAll(' ', '');
      await mei.locator('#f-code').fill(digits(shown));
      await mei.locator('#f-password').fill(PASSWORD);
      await mei.locator('main form button').click();
      await expect(mei.locator('.codes li')).toHaveCount(10);
      return shown;
    });

    await test.step('somewhere else the password alone opens nothing, and the code does', async () => {
      await other.goto('/signin');
      await other.locator(signIn.name).fill(login);
      await other.locator(signIn.password).fill(PASSWORD);
      await other.locator(signIn.submit).click();
      await other.locator('#f-code').fill('000000');
      await other.locator('main button').click();
      await expect(other.locator('.fault')).toBeVisible();
      // The code of the step after: the one of now was used to switch it on.
      await other.locator('#f-code').fill(digits(secret, Date.now() + 30_000));
      await other.locator('main button').click();
      await expect(other).toHaveURL(new RegExp(signIn.inbox));
    });

    await test.step('it sees where it is signed in, and ends the other one', async () => {
      await mei.goto('/console/account');
      await expect(mei.locator('#sessions ~ .permissions > li').first()).toContainText(said.here);
      await expect(mei.locator('.permissions > li')).toHaveCount(2);
      await mei.locator('.permissions > li').nth(1).locator('button').click();
      await expect(mei.locator('main')).toContainText(said.alone);
      await other.goto('/console/comments');
      await expect(other).toHaveURL(/\/signin/);
    });

    await test.step('the owner reads of it, and ends the account', async () => {
      await owner.goto('/console/trail');
      await expect(owner.locator('.trail')).toContainText(`${login} ${said.joined}`);
      await owner.goto('/console/team');
      const row = owner.locator('.kept', { hasText: login });
      await row.locator('summary').click();
      await row.locator('form[action$="/end"] button').click();
      await mei.goto('/console/comments');
      await expect(mei).toHaveURL(/\/signin/);
    });
  });
}

test("a store's tablet answers with a code, which the brand reads too", async ({ desk, baseURL, demo }) => {
  const mark = randomUUID().slice(0, 6);
  // One of the demo's own letters: a new one would count against what a code takes in a day.
  let letter;
  await desk(async (tablet) => {
    await signInAs(tablet, baseURL, account(demo, TABLET));
    await expect(tablet.locator('.tablet')).toContainText(words.en.tablet);
    await expect(tablet.locator('.soon')).toBeHidden();
    await tablet.locator(signIn.letter).last().click();
    letter = new URL(tablet.url()).pathname;
    await tablet.locator(signIn.answer).fill(`Come by (${mark})`);
    await tablet.locator('#f-code').fill('ml7');
    await tablet.locator(signIn.send).click();
    await expect(tablet.locator('.answer', { hasText: mark })).toContainText('ML7');
    await expect(tablet.locator('.steps')).toHaveCount(0);
  });
  await desk(async (brand) => {
    await signInAs(brand, baseURL, account(demo, 'brand@talanuur.example'));
    await brand.goto(`${baseURL}${letter}`);
    await expect(brand.locator('.answer', { hasText: mark })).toContainText('ML7');
  });
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('accounts, links, second factor, trail, tablet: axe finds nothing, nothing is cut off', async ({ page, browser, watch, baseURL, demo, expectedErrors }) => {
      test.setTimeout(180_000);
      expectedErrors.push(/status of 403/);
      const looked = async (on, where) => {
        await on.locator('details').evaluateAll((all) => all.forEach((one) => (one.open = true)));
        expect(await violations(on), where).toEqual([]);
        for (const width of WIDTHS) {
          await on.setViewportSize({ width, height: 844 });
          expect(await cutOff(on), `${where} at ${width}`).toBe(0);
        }
      };
      await signInAs(page, baseURL, account(demo, OWNER));
      await page.goto(`${baseURL}/console/team`);
      await page.locator('#f-name').fill(`long.name-of.somebody-${randomUUID().slice(0, 6)}`);
      await page.locator('form:has(#f-name) button').click();
      const address = await page.locator('#made code').textContent();
      await looked(page, 'team');
      for (const path of ['/console/account', '/console/account/factor', '/console/keys', '/console/trail', new URL(address).pathname]) {
        await page.goto(`${baseURL}${path}`);
        await looked(page, path);
      }
      const context = watch(await browser.newContext({ locale: 'en-GB', colorScheme, baseURL }));
      const tablet = await context.newPage();
      await signInAs(tablet, baseURL, account(demo, TABLET));
      await tablet.locator(signIn.letter).first().click();
      await looked(tablet, 'tablet');
      await tablet.goto('/console/team');
      await looked(tablet, 'denied');
      await context.close();
    });
  });
}
