// A letter becomes a conversation: answered, replied to, noted on, given to somebody, put off, closed. All of it without a script.
import { randomUUID } from 'node:crypto';
import { png } from '../png.mjs';
import { comment, cutOff, expect, itemOf, noteAndGive, signInAs, test, violations } from './fixtures.mjs';
import { signIn } from './marks.mjs';

const account = (demo, login) => demo.accounts.find((one) => one.login === login);
const BRAND = 'brand@talanuur.example';
const COLLEAGUE = 'letters@talanuur.example';
const STORE = 'wutong-road@pinglu-market.example';

const said = {
  en: { letter: 'The corner of the pack was open when I bought it', ready: 'Seal was loose', reply: 'The lower left corner, look', insert: 'Thank you for telling us', note: 'Line two again' },
  zh: { letter: '周二晚上在店里买的时候，包装左下的一角就是开着的，回家以后才看到，还能不能吃，请告诉我一声', ready: '包装封口不严', reply: '是左下角，请看照片里的这个位置', insert: '谢谢您告诉我们', note: '又是二号线' },
};

for (const [lang, locale] of [['en', 'en-GB'], ['zh', 'zh-CN']]) {
  test(`${lang}: a letter is answered, replied to and closed, with scripts off`, async ({ browser, watch, baseURL, demo, expectedErrors }) => {
    test.setTimeout(120_000);
    expectedErrors.push(/status of 422/);
    const words = said[lang];
    const mark = randomUUID().slice(0, 6);
    const LETTER = `${words.letter} (${mark})`;
    const open = async (viewport) => {
      const context = watch(await browser.newContext({ locale, viewport, javaScriptEnabled: false, baseURL }));
      return context.newPage();
    };
    const shopper = await open({ width: 390, height: 844 });
    const brand = await open({ width: 1280, height: 900 });
    const receipt = await comment(shopper, itemOf(demo, 'in-order', 'beef'), { rating: 2, topic: 'packaging', text: LETTER });
    await expect(shopper.locator('#reply')).toHaveCount(0);

    await test.step('the brand puts a ready answer behind its own words, and sends both', async () => {
      await signInAs(brand, baseURL, account(demo, BRAND));
      await brand.locator(signIn.letter, { hasText: LETTER }).click();
      await brand.locator(signIn.answer).fill(`(${mark})`);
      await brand.locator('#f-ready').selectOption({ label: words.ready });
      await brand.locator('button[name=insert]').click();
      await expect(brand.locator(signIn.answer)).toHaveValue(new RegExp(`^\\(${mark}\\)\\s+${words.insert}`));
      await expect(brand.locator(signIn.answer)).not.toHaveValue(/[{}]/);
      await brand.locator(signIn.send).click();
      await expect(brand.locator('.answer')).toContainText(words.insert);
    });

    await test.step('the shopper replies on the receipt, with a photo', async () => {
      await shopper.goto(receipt);
      await expect(shopper.locator('.answer')).toContainText(words.insert);
      await shopper.locator('#f-text').pressSequentially(`${words.reply} (${mark})`, { delay: 150 });
      await shopper.locator('#f-photo').setInputFiles({ name: 'corner.png', mimeType: 'image/png', buffer: png(300, 200) });
      await shopper.locator('#reply button[type=submit]').click();
      await expect(shopper.locator('article.reply')).toContainText(words.reply);
    });

    await test.step('it is unread at the brand, which notes on it and gives it to a colleague', async () => {
      await brand.goto(`${signIn.inbox}?view=unread`);
      await brand.locator(signIn.letter, { hasText: `${words.reply} (${mark})` }).click();
      await expect(brand.locator('article.reply img')).toHaveCount(1);
      await noteAndGive(brand, words.note, mark, COLLEAGUE);
      await expect(brand.locator(signIn.shown)).toContainText(COLLEAGUE);
    });

    await test.step('the store reads the reply, not the note; its answer is seen before another one leaves', async () => {
      const opened = brand.url();
      const store = await open({ width: 1024, height: 768 });
      await signInAs(store, baseURL, account(demo, STORE));
      await store.locator(signIn.letter, { hasText: mark }).click();
      await expect(store.locator('article.reply')).toContainText(words.reply);
      await expect(store.locator('article.note')).toHaveCount(0);
      await expect(store.locator(signIn.shown)).not.toContainText(COLLEAGUE);
      await store.locator(signIn.answer).fill(`Wutong (${mark})`);
      await store.locator(signIn.send).click();
      await brand.locator(signIn.answer).fill(`Talanuur (${mark})`);
      await brand.locator(signIn.send).click();
      await expect(brand.locator('.news')).toContainText(`Wutong (${mark})`);
      await expect(brand.locator(signIn.answer)).toHaveValue(`Talanuur (${mark})`);
      await brand.locator(signIn.send).click();
      expect(new URL(brand.url()).pathname).toBe(new URL(opened).pathname);
      await expect(brand.locator('.answer').last()).toContainText(`Talanuur (${mark})`);
    });

    await test.step('the colleague has it among its own, puts it off, and closes it ticked', async () => {
      const colleague = await open({ width: 390, height: 844 });
      await signInAs(colleague, baseURL, account(demo, COLLEAGUE));
      await colleague.goto(`${signIn.inbox}?view=mine`);
      await colleague.locator(signIn.letter, { hasText: mark }).click();
      const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
      await colleague.locator('#f-until').fill(day);
      await colleague.locator('form:has(#f-until) button').click();
      await colleague.goto(`${signIn.inbox}?view=mine&state=waiting`);
      await colleague.locator('li.row', { hasText: mark }).locator('input').check();
      await colleague.locator('button[value=close]').click();
      await expect(colleague.locator('main')).toContainText('1');
      await colleague.locator('main form button').click();
      await expect(colleague.locator('li.row', { hasText: mark })).toHaveCount(0);
      await colleague.goto(`${signIn.inbox}?state=closed`);
      await expect(colleague.locator('li.row', { hasText: mark })).toHaveCount(1);
    });

    await test.step('what is erased is gone for all', async () => {
      await shopper.goto(receipt);
      await expect(shopper.locator('.answer')).toHaveCount(3);
      await expect(shopper.locator('main')).not.toContainText(words.note);
      await shopper.locator('summary', { hasText: lang === 'zh' ? '删除' : 'Erase' }).click();
      await shopper.locator('form[action$="/erase"] button').click();
      await expect(shopper.locator('main')).not.toContainText(words.reply);
      await brand.reload();
      await expect(brand.locator(signIn.shown)).not.toContainText(words.reply);
      await expect(brand.locator(signIn.shown)).not.toContainText(words.note);
      await expect(brand.locator('article img')).toHaveCount(0);
    });
  });
}

test('the demo has letters of all kinds from its first start', async ({ desk, baseURL, demo }) => {
  for (const scene of ['beef', 'formula', 'handbag']) {
    await desk(async (inbox) => {
      await signInAs(inbox, baseURL, demo.accounts.find((one) => one.role === 'owner' && one.scene === scene));
      expect(await inbox.locator(signIn.letter).count(), scene).toBeGreaterThanOrEqual(2);
    });
  }
  await desk(async (inbox) => {
    await signInAs(inbox, baseURL, account(demo, BRAND));
    for (const state of ['waiting', 'closed', 'held']) {
      await inbox.goto(`${baseURL}${signIn.inbox}?state=${state}`);
      expect(await inbox.locator(signIn.letter).count(), state).toBeGreaterThanOrEqual(1);
    }
  });
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('a conversation, the letter, ready answers, ticked letters: axe finds nothing, nothing is cut off', async ({ page, baseURL, demo }) => {
      test.setTimeout(120_000);
      const mark = randomUUID().slice(0, 6);
      const receipt = await comment(page, itemOf(demo, 'in-order', 'beef'), { rating: 2, topic: 'packaging', text: `To be looked at (${mark}) ${'0123456789'.repeat(6)}` });
      await signInAs(page, baseURL, account(demo, BRAND));
      await page.locator(signIn.letter, { hasText: mark }).click();
      const letter = new URL(page.url()).pathname;
      await page.locator(signIn.answer).fill(`Which corner was it? ${'0123456789'.repeat(8)}`);
      await page.locator(signIn.send).click();
      await page.locator('.noting summary').click();
      await page.locator('#f-note').fill(`A note ${'0123456789'.repeat(8)}`);
      await page.locator('.noting button').click();
      await page.goto(receipt);
      await page.locator('#f-text').pressSequentially('The lower left one, as on the photo.', { delay: 100 });
      await page.locator('#reply button[type=submit]').click();
      await expect(page.locator('article.reply')).toHaveCount(1);
      const looked = async (where) => {
        await page.locator('details').evaluateAll((all) => all.forEach((one) => (one.open = true)));
        expect(await violations(page), where).toEqual([]);
        for (const width of [320, 360, 390, 640, 768, 1024, 1280, 1920]) {
          await page.setViewportSize({ width, height: 844 });
          expect(await cutOff(page), `${where} at ${width}`).toBe(0);
        }
      };
      const everybody = `${baseURL}/letters/01/09521234000044`;
      for (const path of [receipt, everybody, `${baseURL}${letter}`, `${baseURL}${signIn.inbox}?sort=waiting&words=a`, `${baseURL}/console/answers`]) {
        await page.goto(path);
        await looked(path);
      }
      await page.goto(`${baseURL}${signIn.inbox}`);
      await page.locator('li.row input').first().check();
      await page.locator('button[value=assign]').click();
      await expect(page.locator('main form.answering')).toBeVisible();
      await looked('ticked');
    });
  });
}
