// A record whose words were erased: the page shows its place and why, the phone verifies the rest; without the entry that erases,
// missing words are a failure (tampering.spec and the attack suite).
import { capture, epcis, inspection, MEMBER, newPack } from '../epcis.mjs';
import { expect, settled, test } from './fixtures.mjs';
import { marks } from './marks.mjs';

const SECRET = 'Signed for by Quillfeather';

test('erased words are gone, their place stays and is verified', async ({ page, baseURL, demo }) => {
  const path = newPack();
  const document = inspection(path, { words: SECRET });
  await capture(baseURL, demo, document);
  await page.goto(path);
  await settled(page);
  const node = page.locator(marks.node, { hasText: SECRET });
  await expect(node).toHaveClass(/ok/);
  const number = await node.getAttribute('data-entry');

  const id = document.epcisBody.eventList[0].eventID;
  const key = demo.keys.find((one) => one.member === MEMBER).key;
  const answer = await fetch(`${baseURL}/epcis/v2/events/${id}?reason=A+name%2C+on+her+wish`, { method: 'DELETE', headers: { authorization: `Bearer ${key}` } });
  expect(answer.status, await answer.text()).toBe(200);

  await page.reload();
  await settled(page);
  await expect(page.locator('body')).not.toContainText(SECRET);
  const erased = page.locator(`${marks.node}[data-entry="${number}"]`);
  await expect(erased).toHaveClass(/ok/);
  await expect(erased).toContainText('The words of this record were erased');
  await expect(erased).toContainText('A name, on her wish');
  await expect(page.locator(marks.failed)).toHaveCount(0);
  await erased.locator(marks.receipt).click();
  await expect(erased.locator(marks.slip)).toContainText('RECEIPT');

  const own = await epcis(baseURL, demo, `/events/${id}`);
  expect(await own.text()).not.toContain(SECRET);
});
