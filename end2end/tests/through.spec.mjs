// One letter through everything: from the item's page to a program and a mailbox, over two colleagues who see each other, with an answer
// for everybody and the store's, the shopper's reply, and off the product's page again.
import { randomUUID } from 'node:crypto';
import { test, withoutAddresses } from '../office.mjs';
import { expect, itemOf, noteAndGive, signInAs, violations } from './fixtures.mjs';
import { field, marks, signIn } from './marks.mjs';

const login = (demo, name) => demo.accounts.find((one) => one.login === name);
const BRAND = 'brand@talanuur.example';
const COLLEAGUE = 'letters@talanuur.example';
const STORE = 'wutong-road@pinglu-market.example';
const LETTERS = '/letters/01/09521234000044';

const said = {
  en: {
    letter: 'Tender, and the date was easy to find', note: 'Ask the packer', all: 'Thank you, we told the packers.', store: 'Come by, we keep one for you.', reply: 'I will come on Friday',
    reading: 'is reading this letter', writing: 'is writing on this letter', news: 'more was said', off: 'Take it off', gone: 'taken off by', shown: 'stand here',
  },
  zh: {
    letter: '肉很嫩，日期也很容易找到，就是盒子有点难打开，下次能不能改进一下', note: '问一下包装车间', all: '谢谢您，我们已转告包装车间。', store: '欢迎再来，给您留了一份。', reply: '我周五下班以后过来取，谢谢你们',
    reading: '正在看这条留言', writing: '正在写这条留言的答复', news: '又有新的内容', off: '撤下', gone: '由留言者撤下', shown: '显示在这里',
  },
};

for (const [lang, locale] of [['en', 'en-GB'], ['zh', 'zh-CN']]) {
  test(`${lang}: a letter goes through everything`, async ({ browser, watch, demo, baseURL, office, expectedErrors }) => {
    expectedErrors.push(/status of 422/);
    test.setTimeout(120_000);
    const words = said[lang];
    const mark = randomUUID().slice(0, 6);
    const LETTER = `${words.letter} (${mark})`;
    const address = `mei-${mark}@brand.example`;
    const open = async (viewport = { width: 1280, height: 900 }) => watch(await browser.newContext({ locale, viewport, baseURL })).newPage();
    const [brand, shopper] = [await open(), await open({ width: 390, height: 844 })];
    await signInAs(brand, baseURL, login(demo, BRAND));
    await withoutAddresses(brand);

    await test.step('a program and a person are to be told of each letter', async () => {
      await brand.goto('/console/alerts');
      await brand.locator('#f-url').fill(`${office.hook.url}/${mark}`);
      await brand.locator('form[action$=webhooks] button').click();
      await brand.goto('/console/alerts');
      await brand.locator('#f-mail').fill(address);
      await brand.locator('form[action$="alerts/mail"] button').click();
      const asked = await office.mail.next((one) => one.to === address);
      await shopper.goto(/http:\/\/\S+\/alerts\/mail\/\S+/.exec(asked.body)[0]);
      await shopper.locator('button[value=yes]').click();
      await brand.goto('/console/alerts');
      await brand.locator('#k-new').selectOption('letter');
      await brand.locator('#m-new').selectOption('5');
      for (const box of await brand.locator('form:has(#k-new) input[type=checkbox]').all()) await box.setChecked(false);
      for (const own of [`${office.hook.url}/${mark}`, address]) await brand.locator('form:has(#k-new) label', { hasText: own }).locator('input').check();
      await brand.locator('form:has(#k-new) button').click();
    });

    const receipt = await test.step('the shopper writes, and lets everybody read it', async () => {
      await shopper.goto(itemOf(demo, 'corrected', 'beef').path);
      await shopper.locator(marks.write).first().click();
      await shopper.locator(`${field('rating')}[value="4"]`).check();
      await shopper.locator(`${field('topic')}[value="taste"]`).check();
      await expect(shopper.locator('#f-public')).not.toBeChecked();
      await shopper.locator('#f-public').check();
      await shopper.locator(field('text')).pressSequentially(LETTER, { delay: 80 });
      await shopper.locator(marks.send).click();
      await expect(shopper).toHaveURL(/\/receipt\//);
      return shopper.url();
    });

    const link = await test.step('both are told, and neither of the words', async () => {
      const told = await office.hook.next((one) => one.path === `/${mark}`);
      const mail = await office.mail.next((one) => one.to === address && one.body.includes('/console/comments/'));
      for (const message of [told.body, mail.body]) expect(message).not.toContain(mark);
      const link = /http:\/\/\S+\/console\/comments\/[0-9a-f]{32}/.exec(mail.body)[0];
      expect(JSON.parse(told.body).data.letters[0].link).toBe(link);
      return link;
    });

    const colleague = await open();
    await test.step('two colleagues: one notes and gives it to the other, and they see each other', async () => {
      await brand.goto(link);
      await expect(brand.locator(signIn.shown)).toContainText(LETTER);
      await noteAndGive(brand, words.note, mark, COLLEAGUE);
      await signInAs(colleague, baseURL, login(demo, COLLEAGUE));
      await colleague.goto(`${signIn.inbox}?view=mine`);
      // By keys alone: to the first letter, into it, to the answer.
      await colleague.keyboard.press('j');
      await expect(colleague.locator(signIn.letter, { hasText: mark })).toBeFocused();
      await colleague.keyboard.press('Enter');
      await expect(colleague).toHaveURL(/comments\/[0-9a-f]{32}/);
      await expect(colleague.locator('#presence')).toHaveText(new RegExp(`${BRAND}.*${words.reading}`));
      await colleague.keyboard.press('r');
      await expect(colleague.locator(signIn.answer)).toBeFocused();
      // While somebody types, keys are letters.
      await colleague.keyboard.type('jk?er');
      await expect(colleague.locator(signIn.answer)).toHaveValue('jk?er');
      await expect(brand.locator('#presence')).toHaveText(new RegExp(`${COLLEAGUE}.*${words.writing}`));
      await brand.locator('h1').click();
      await brand.keyboard.press('?');
      await expect(brand.locator('#keys')).toBeVisible();
      expect(await violations(brand)).toEqual([]);
      await brand.keyboard.press('Escape');
    });

    await test.step('the store answers meanwhile: that is said before the colleague sends, and nothing typed is lost', async () => {
      const store = await open({ width: 1024, height: 768 });
      await signInAs(store, baseURL, login(demo, STORE));
      await store.locator(signIn.letter, { hasText: mark }).click();
      await expect(store.locator('#presence')).toHaveText('');
      await expect(store.locator('article.note')).toHaveCount(0);
      await store.locator(signIn.answer).fill(`${words.store} (${mark})`);
      await store.locator(signIn.send).click();
      await expect(colleague.locator('#news')).toContainText(words.news);
      await colleague.locator(signIn.answer).fill(`${words.all} (${mark})`);
      await colleague.locator('input[name=public]').check();
      await colleague.locator(signIn.send).click();
      await expect(colleague.locator('.news')).toContainText(words.store);
      await expect(colleague.locator(signIn.answer)).toHaveValue(`${words.all} (${mark})`);
      await expect(colleague.locator('input[name=public]')).toBeChecked();
      await colleague.locator(signIn.send).click();
      await expect(colleague.locator('.answer').last()).toContainText(words.all);
    });

    await test.step('the shopper replies on the receipt', async () => {
      await shopper.goto(receipt);
      await expect(shopper.locator('.answer')).toHaveCount(2);
      await shopper.locator('#f-text').pressSequentially(`${words.reply} (${mark})`, { delay: 120 });
      await shopper.locator('#reply button[type=submit]').click();
      await expect(shopper.locator('article.reply')).toContainText(words.reply);
    });

    await test.step('everybody reads the letter and the answer for everybody, and nothing else; its writer takes it off', async () => {
      await shopper.goto(LETTERS);
      const letter = shopper.locator('article', { hasText: LETTER });
      await expect(letter).toContainText(`${words.all} (${mark})`);
      await expect(shopper.locator('main')).toContainText(words.shown);
      for (const own of [words.store, words.reply, words.note]) await expect(shopper.locator('main')).not.toContainText(`${own} (${mark})`);
      expect(await violations(shopper)).toEqual([]);
      await shopper.goto(receipt);
      await shopper.locator('#public button', { hasText: words.off }).click();
      await expect(shopper.locator('#public form')).toHaveCount(0);
      await shopper.goto(LETTERS);
      await expect(shopper.locator('main')).not.toContainText(mark);
      await expect(shopper.locator('main')).toContainText(words.gone);
    });
  });
}
