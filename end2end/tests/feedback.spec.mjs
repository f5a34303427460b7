// A comment reaches the brand, and the shopper reads the answer at the receipt's private address.
import { randomUUID } from 'node:crypto';
import { png } from '../png.mjs';
import { comment, cutOff, expect, itemOf, settled, signInAs, test } from './fixtures.mjs';
import { field, marks, signIn, words } from './marks.mjs';

const account = (demo, role, scene) => demo.accounts.find((one) => one.role === role && one.scene === scene);
/** Words that nobody wrote before: a server that runs already has letters of earlier runs. */
const unique = (words) => `${words} (${randomUUID().slice(0, 8)})`;

for (const scene of ['beef', 'formula', 'handbag']) {
  test(`${scene}: comment, sign-in, answer, receipt`, async ({ page, desk, baseURL, demo }) => {
    const LETTER = unique('The pack was cold and the date easy to read.');
    const ANSWER = unique('We are glad to hear it and passed it on to the store.');
    const receipt = await comment(page, itemOf(demo, 'in-order', scene), { rating: 4, topic: 'packaging', text: LETTER });
    await expect(page.locator('main')).toContainText(words.en.thanks);
    await expect(page.locator('main')).toContainText(LETTER);
    await expect(page.locator('main')).not.toContainText(ANSWER);

    await desk(async (inbox) => {
      await signInAs(inbox, baseURL, account(demo, 'owner', scene));
      await inbox.locator(signIn.letter, { hasText: LETTER }).click();
      await expect(inbox.locator(signIn.shown)).toContainText(LETTER);
      await inbox.locator(signIn.answer).fill(ANSWER);
      await inbox.locator(signIn.send).click();
      await expect(inbox.locator(signIn.shown)).toContainText(ANSWER);
    });

    await page.goto(receipt);
    await expect(page.locator('main')).toContainText(ANSWER);

    await test.step('the store reads the same words; another brand reads nothing', async () => {
      const other = scene === 'handbag' ? 'beef' : 'handbag';
      for (const [reader, reads] of [[account(demo, 'store', scene), true], [account(demo, 'owner', other), false]]) {
        await desk(async (inbox) => {
          await signInAs(inbox, baseURL, reader);
          await expect(inbox.locator(signIn.letter, { hasText: LETTER })).toHaveCount(reads ? 1 : 0);
        });
      }
    });
  });
}

test('the form is a tap from the page of the item, and is improved once it is touched', async ({ page, demo, desk, baseURL }) => {
  const item = itemOf(demo, 'corrected', 'beef');
  const draft = 'A picture of the pack.';
  const text = unique(`${draft} The corner at the lower left is open, look`);
  await page.goto(item.path);
  await settled(page);
  await page.locator(marks.write).first().click();
  await expect(page.locator(marks.feedback)).toBeVisible();
  await expect(page.locator(marks.ready)).toHaveCount(0);
  await page.locator(field('text')).focus();
  await expect(page.locator(marks.ready)).toHaveCount(1);
  await page.locator(field('text')).pressSequentially(draft);
  await expect(page.locator(marks.counter)).toContainText(new RegExp(`^${draft.length}\\b.*1,?000`));

  await test.step('a draft survives a reload', async () => {
    await page.reload();
    await page.locator(field('text')).focus();
    await expect(page.locator(marks.ready)).toHaveCount(1);
    await expect(page.locator(field('text'))).toHaveValue(draft);
    await page.locator(field('text')).press('End');
    await page.locator(field('text')).pressSequentially(text.slice(draft.length), { delay: 90 });
    await expect(page.locator(field('text'))).toHaveValue(text);
  });

  await test.step('a photo is made small before it is sent', async () => {
    const photo = png(2600, 1500);
    await page.locator(field('photo')).setInputFiles({ name: 'IMG_0001.png', mimeType: 'image/png', buffer: photo });
    await expect(page.locator(marks.shrunk)).toContainText(/1 photo/);
    const sent = await page.locator(field('photo')).evaluate(async (input) => {
      const bitmap = await createImageBitmap(input.files[0]);
      return { files: input.files.length, type: input.files[0].type, name: input.files[0].name, size: input.files[0].size, width: bitmap.width, height: bitmap.height };
    });
    expect(sent).toMatchObject({ files: 1, type: 'image/jpeg', width: 2000, height: 1154 });
    expect(sent.name).not.toContain('IMG_0001');
  });

  await page.locator(`${field('rating')}[value="2"]`).check();
  await page.locator(`${field('topic')}[value="label"]`).check();
  await page.locator(marks.send).click();
  await expect(page).toHaveURL(/\/receipt\//);
  await desk(async (inbox) => {
    await signInAs(inbox, baseURL, account(demo, 'owner', 'beef'));
    await inbox.locator(signIn.letter, { hasText: text }).click();
    const shown = inbox.locator(`${signIn.shown} img[src*="/photos/"]`).first();
    await expect.poll(() => shown.evaluate((img) => img.naturalWidth)).toBeGreaterThan(100);
    const sides = await shown.evaluate((img) => Math.max(img.naturalWidth, img.naturalHeight));
    expect(sides).toBeLessThanOrEqual(2000);
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

test('the inbox and the permissions are read from 320 to 1,920 pixels', async ({ page, desk, baseURL, demo }) => {
  const LETTER = unique('The label is smudged at one corner, and I cannot read the date on it.');
  await comment(page, itemOf(demo, 'in-order', 'beef'), { rating: 2, topic: 'label', text: LETTER });
  await desk(async (inbox) => {
    await signInAs(inbox, baseURL, account(demo, 'owner', 'beef'));
    const letter = await inbox.locator(signIn.letter, { hasText: LETTER }).getAttribute('href');
    for (const width of [320, 390, 759, 760, 820, 961, 1023, 1024, 1100, 1150, 1280, 1335, 1440, 1920]) {
      await inbox.setViewportSize({ width, height: 800 });
      for (const path of [signIn.inbox, letter, '/console/partners', '/console/objections']) {
        await inbox.goto(baseURL + path);
        expect(await cutOff(inbox), `${path} at ${width}`).toBe(0);
        const rows = inbox.locator(signIn.letter, { hasText: LETTER });
        const beside = path !== letter || width >= 1024;
        if (path.startsWith(signIn.inbox) && beside) expect((await rows.boundingBox()).width, `${path} at ${width}`).toBeGreaterThan(200);
        if (path === letter) expect((await inbox.locator(signIn.answer).boundingBox()).width, `the answer at ${width}`).toBeGreaterThan(200);
      }
    }
  });
});
