// A comment reaches the brand, and the shopper reads the answer at the receipt's private address.
import { expect, itemOf, settled, test } from './fixtures.mjs';
import { field, marks, signIn, words } from './marks.mjs';

const LETTER = 'The pack was cold and the date easy to read, thank you for that.';
const ANSWER = 'We are glad to hear it and passed it on to the store.';

/** Typed as a person types: the server holds what was written in less than three seconds. */
async function write(page, text) {
  await page.locator(field('text')).pressSequentially(text, { delay: 60 });
}

test('comment, sign-in, answer, receipt', async ({ page, browser, baseURL, demo }) => {
  const item = itemOf(demo, 'in-order', 'beef');
  await page.goto(item.path);
  await settled(page);
  await page.locator(`${field('rating')}[value="4"]`).check({ force: true });
  await choose(page, 'topic', 'packaging');
  await write(page, LETTER);
  await page.locator(marks.send).click();
  await expect(page.locator('main')).toContainText(words.en.thanks);
  const receipt = page.url();
  expect(new URL(receipt).pathname).not.toBe(item.path);

  const desk = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const desktop = await desk.newPage();
  const brand = demo.accounts.find((account) => account.role === 'brand' && account.scene === 'beef');
  await signInAs(desktop, baseURL, brand);
  await desktop.goto(`${baseURL}${signIn.inbox}`);
  await desktop.locator(signIn.letter, { hasText: LETTER.slice(0, 30) }).first().click();
  await expect(desktop.locator('main')).toContainText(LETTER);
  await desktop.locator(signIn.answer).fill(ANSWER);
  await desktop.locator(signIn.send).click();
  await expect(desktop.locator('main')).toContainText(ANSWER);
  await desk.close();

  await page.goto(receipt);
  await expect(page.locator('main')).toContainText(ANSWER);
});

test("another brand sees nothing of it", async ({ browser, baseURL, demo }) => {
  const stranger = demo.accounts.find((account) => account.role === 'brand' && account.scene !== 'beef');
  const desk = await browser.newContext();
  const page = await desk.newPage();
  await signInAs(page, baseURL, stranger);
  await page.goto(`${baseURL}${signIn.inbox}`);
  await expect(page.locator('body')).not.toContainText(LETTER.slice(0, 30));
  await desk.close();
});

test('a wrong password is refused in words', async ({ page, demo, expectedErrors }) => {
  expectedErrors.push(/status of 40[013]/);
  await page.goto(signIn.path);
  await page.locator(signIn.name).fill(demo.accounts[0].login);
  await page.locator(signIn.password).fill('not the password');
  await page.locator(signIn.submit).first().click();
  await expect(page.locator('main')).toContainText(/password/i);
  await expect(page).not.toHaveURL(new RegExp(signIn.inbox));
});

async function signInAs(page, baseURL, account) {
  await page.goto(`${baseURL}${signIn.path}`);
  await page.locator(signIn.name).fill(account.login);
  await page.locator(signIn.password).fill(account.password);
  await page.locator(signIn.submit).first().click();
  await expect(page).toHaveURL(new RegExp(signIn.inbox));
}

/** A topic may be a list or buttons. */
async function choose(page, name, value) {
  const control = page.locator(field(name)).first();
  if ((await control.evaluate((element) => element.tagName)) === 'SELECT') await control.selectOption(value);
  else await page.locator(`${field(name)}[value="${value}"]`).check({ force: true });
}
