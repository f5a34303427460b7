// A comment reaches the brand, and the shopper reads the answer at the receipt's private address.
import { comment, expect, itemOf, signInAs, test } from './fixtures.mjs';
import { field, marks, signIn, words } from './marks.mjs';

const LETTER = 'The pack was cold and the date easy to read, thank you for that.';
const ANSWER = 'We are glad to hear it and passed it on to the store.';
const account = (demo, role, scene) => demo.accounts.find((one) => one.role === role && one.scene === scene);

test('comment, sign-in, answer, receipt', async ({ page, desk, baseURL, demo }) => {
  const receipt = await comment(page, itemOf(demo, 'in-order', 'beef'), { rating: 4, topic: 'packaging', text: LETTER });
  await expect(page.locator('main')).toContainText(words.en.thanks);

  await desk(async (inbox) => {
    await signInAs(inbox, baseURL, account(demo, 'brand', 'beef'));
    await inbox.locator(signIn.letter, { hasText: LETTER.slice(0, 30) }).first().click();
    await expect(inbox.locator(signIn.shown)).toContainText(LETTER);
    await inbox.locator(signIn.answer).fill(ANSWER);
    await inbox.locator(signIn.send).click();
    await expect(inbox.locator(signIn.shown)).toContainText(ANSWER);
  });

  await page.goto(receipt);
  await expect(page.locator('main')).toContainText(ANSWER);

  await test.step('the store reads the same words; another brand reads nothing', async () => {
    for (const [reader, reads] of [[account(demo, 'store', 'beef'), true], [account(demo, 'brand', 'handbag'), false]]) {
      await desk(async (inbox) => {
        await signInAs(inbox, baseURL, reader);
        await expect(inbox.locator(signIn.letter, { hasText: LETTER.slice(0, 30) })).toHaveCount(reads ? 1 : 0);
      });
    }
  });
});

test('the receipt stands in the ledger', async ({ page, demo }) => {
  const receipt = await comment(page, itemOf(demo, 'corrected', 'beef'), {
    rating: 2,
    topic: 'other',
    text: 'The page says one record was corrected. What was wrong before?',
  });
  await expect
    .poll(async () => {
      await page.goto(receipt);
      return page.locator('[data-entry-index]').textContent();
    })
    .toMatch(/^[\d,]+$/);
});

test('a wrong password is refused in words', async ({ page, demo, expectedErrors }) => {
  expectedErrors.push(/status of 4\d\d/);
  await page.goto(signIn.path);
  await page.locator(signIn.name).fill(demo.accounts[0].login);
  await page.locator(signIn.password).fill('not the password');
  await page.locator(signIn.submit).click();
  await expect(page.locator('main [role=alert]')).toContainText(/password/);
  await expect(page).not.toHaveURL(new RegExp(signIn.inbox));
});

test('what is missing is named, and nothing typed is lost', async ({ page, item, expectedErrors }) => {
  expectedErrors.push(/status of 4\d\d/);
  await page.goto(`/feedback${item.path}`);
  // The browser's own check would stop it first; the server's must hold without it.
  await page.locator(marks.feedback).evaluate((form) => form.setAttribute('novalidate', ''));
  await page.locator(field('text')).pressSequentially('Only words, neither rating nor topic were chosen here.', { delay: 70 });
  await page.locator(marks.send).click();
  await expect(page.locator('.faults[role=alert]')).toBeVisible();
  await expect(page.locator(field('text'))).toHaveValue(/^Only words/);
});
