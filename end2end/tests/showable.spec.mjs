// Records that the door lets in are shown as they were signed, and page and script agree on it: whatever honest files hold, and whatever a
// member can think of. What cannot be shown is refused before it is signed.
import { randomUUID } from 'node:crypto';
import { epcis, keyOf, MEMBER } from '../epcis.mjs';
import { changePage, cutOff, expect, itemOf, settled, test, violations } from './fixtures.mjs';
import { marks } from './marks.mjs';

const CONTEXT = ['https://ref.gs1.org/standards/epcis/epcis-context.jsonld', { lp: 'https://leafproof.example/epcis/' }];
/** Of the member's own number, which no other test uses. */
const PRODUCT = '/01/09521296000020';
/** A member that governance, not the owner, lets speak of goods. */
const INDEPENDENT = 'jiaji-care.example';
const both = (text) => ({ en: text, zh: text });

/** One record of the pack at `path`. */
function event(path, fields) {
  return { eventID: `urn:uuid:${randomUUID()}`, type: 'ObjectEvent', eventTime: new Date().toISOString(), eventTimeZoneOffset: '+08:00', action: 'OBSERVE', bizStep: 'inspecting',
    epcList: [`https://id.example${path}`], ...fields };
}
/** Records of a member; gives the job. */
async function post(url, demo, events, member = MEMBER) {
  const document = { '@context': CONTEXT, type: 'EPCISDocument', schemaVersion: '2.0', creationDate: new Date().toISOString(), epcisBody: { eventList: events } };
  const answer = await epcis(url, demo, '/capture', { member, document });
  return { status: answer.status, job: await answer.json() };
}
async function taken(url, demo, events, member) {
  const { status, job } = await post(url, demo, events, member);
  expect([status, job.success], JSON.stringify(job)).toEqual([202, true]);
}
/** A pack that begins with a record of these fields. */
async function pack(url, demo, fields = {}) {
  const path = `${PRODUCT}/21/S${randomUUID().replaceAll('-', '').slice(0, 15).toUpperCase()}`;
  await taken(url, demo, [event(path, { action: 'ADD', bizStep: 'commissioning', ...fields })]);
  return path;
}
const declared = (of) => ({ ...of, errorDeclaration: { declarationTime: new Date().toISOString(), reason: 'incorrect_data' } });
/** Two records, each taken back by its author. */
async function twiceCorrected(url, demo, path, member) {
  for (const one of [event(path), event(path)]) for (const said of [one, declared(one)]) await taken(url, demo, [said], member);
}
/** What the staff scanner makes of a code that was typed. */
async function inScanner(page, code, lang = 'en') {
  await page.goto(`/scanner/?lang=${lang}`);
  await expect(page.locator('main[data-loaded]')).toBeAttached();
  await page.locator('.typing').click();
  await page.locator('#code').fill(code);
  await page.locator('form .go').click();
}
/** Every record verified, and the whole page with them. */
async function sound(page, path) {
  await page.goto(path);
  await settled(page);
  await expect(page.locator(marks.failed)).toHaveCount(0);
  await expect(page.locator('[data-line=records] .m')).not.toHaveClass(/failed/);
}

test('two corrections are said as two, in both languages', async ({ page, baseURL, demo }) => {
  const path = await pack(baseURL, demo);
  await twiceCorrected(baseURL, demo, path);
  for (const [lang, words] of [['en', 'Corrected 2 times, last on'], ['zh', '更正过 2 次']]) {
    await sound(page, `${path}?lang=${lang}`);
    await expect(page.locator(marks.product)).toContainText(words);
  }
});

test('what an independent takes back does not change what is said of the product', async ({ page, baseURL, demo }) => {
  const bag = itemOf(demo, 'in-order', 'handbag');
  await page.goto(bag.path);
  await settled(page);
  const before = await page.locator(`${marks.product} .s`).textContent();
  await twiceCorrected(baseURL, demo, bag.path, INDEPENDENT);
  await sound(page, bag.path);
  await expect(page.locator(`${marks.product} .s`)).toHaveText(before);
  await expect(page.locator(`${marks.node} .note`)).toHaveCount(2);
});

test('an alert whose words were erased is in force, and says so', async ({ page, baseURL, demo }) => {
  const path = await pack(baseURL, demo);
  const alert = event(path, { disposition: 'damaged' });
  await taken(baseURL, demo, [alert]);
  const answer = await fetch(`${baseURL}/epcis/v2/events/${alert.eventID}?reason=x`, { method: 'DELETE', headers: { authorization: `Bearer ${keyOf(demo, MEMBER)}` } });
  expect(answer.status, await answer.text()).toBe(200);
  for (const [lang, words] of [['en', /An alert of \d+ \w+ \d+ is in force/], ['zh', /\d+年\d+月\d+日 发出的警示仍然有效/]]) {
    await sound(page, `${path}?lang=${lang}`);
    await expect(page.locator(`${marks.product} .s`)).toHaveText(words);
    await expect(page.locator(marks.recall)).toBeVisible();
  }
  for (const [lang, words] of [['en', /^An alert by .+ of .+ is in force\. Its words were erased\.$/], ['zh', /^.+于 .+ 发出的警示仍然有效，文字已删除。$/]]) {
    await inScanner(page, path, lang);
    await expect(page.locator('.advice .line')).toHaveText(words);
    await expect(page.locator('main')).toHaveAttribute('data-advice', 'off');
  }
});

const HOUR = (n) => `2026-11-01T0${n}:00:00Z`;
const cold = (value, more) => ({ type: 'gs1:Temperature', value, uom: 'CEL', ...more });
const damp = (value, more) => ({ type: 'gs1:RelativeHumidity', value, uom: 'P1', ...more });
const own = (value, more) => ({ type: 'https://measures.example/Shake', value, uom: 'CEL', ...more });
const at = (time, ...sensorReport) => ({ sensorMetadata: { time }, sensorReport });
const HONEST = {
  'one kind by several sensors': [[{ sensorReport: [cold(3, { time: HOUR(2) })] }, { sensorReport: [cold(4, { time: HOUR(0) }), cold(7, { time: HOUR(1) })] }], 1],
  'several kinds at one moment each': [[at(HOUR(1), cold(3), damp(80)), at(HOUR(0), cold(5), damp(60))], 2],
  'several readings of one moment': [[at(HOUR(0), cold(3), cold(4), cold(9))], 0],
  'two at one moment and one later': [[at(HOUR(0), cold(3), cold(4)), at(HOUR(1), cold(9))], 1],
  'eleven reports, of which ten is after two': [[{ sensorReport: Array.from({ length: 11 }, (_, i) => cold(i, { time: HOUR(i % 3) })) }], 1],
  'a kind of its own, as a row': [[{ sensorReport: [own(3)] }], 0],
  'a kind of its own, with what it lay between': [[{ sensorReport: [{ type: 'https://measures.example/Shake', minValue: 3, maxValue: 5, meanValue: 4, uom: 'CEL' }] }], 0],
  'a kind of its own, as a chart': [[{ sensorReport: [own(3, { time: HOUR(0) }), own(4, { time: HOUR(1) })] }], 1],
  'two kinds with one last word': [[{ sensorReport: [cold(3, { time: HOUR(0) }), { ...cold(4, { time: HOUR(1) }), type: 'https://measures.example/Temperature' }] }], 0],
  'one kind under its two names': [[{ sensorReport: [cold(3, { time: HOUR(0) }), { ...cold(4, { time: HOUR(1) }), type: 'https://gs1.org/voc/Temperature' }] }], 1],
  'readings and their range': [[{ sensorReport: [cold(3, { time: HOUR(0), minValue: 1, maxValue: 5 }), cold(4, { time: HOUR(1), meanValue: 4 })] }], 1],
  'two units': [[{ sensorReport: [cold(3, { time: HOUR(0) }), { ...cold(40, { time: HOUR(1) }), uom: 'FAH' }] }], 0],
};

test('what sensors measured is shown and verified, however honest files hold it', async ({ page, baseURL, demo }) => {
  test.setTimeout(180_000);
  for (const [what, [sensorElementList, charts]] of Object.entries(HONEST)) {
    await test.step(what, async () => {
      const path = await pack(baseURL, demo, { sensorElementList, 'lp:limit': { 'lp:max': 4, 'lp:uom': 'CEL' } });
      await sound(page, path);
      await expect(page.locator('.chart [data-chart]'), what).toHaveCount(charts);
    });
  }
});

test('a chart is the one that the signed readings draw, with its table', async ({ page, baseURL, demo }) => {
  test.setTimeout(180_000);
  const path = await pack(baseURL, demo, { sensorElementList: [at(HOUR(1), cold(3), damp(80)), at(HOUR(0), cold(5), damp(60)), at(HOUR(2), cold(9))] });
  await sound(page, path);
  const changes = {
    'two readings changed places': (html) => {
      const [one, two] = html.match(/<tr><td>(?:(?!<\/tr>).)*sensorReport\/0\/value(?:(?!<\/tr>).)*<\/tr>/gs);
      return html.replace(one, '\0').replace(two, one).replace('\0', two);
    },
    'another heading over the readings': (html) => html.replace(/<th scope="col"><span data-o="?"?>Temperature</, (found) => found.replace('Temperature', 'Relative humidity')),
    'the highest reading is left to the rows': (html) => {
      const row = html.match(/<tr><td>(?:(?!<\/tr>).)*sensorElementList\/2\/sensorReport\/0\/value(?:(?!<\/tr>).)*<\/tr>/s)[0];
      const value = row.match(/<td>(?:(?!<\/td>).)*\/value.*?<\/td>/s)[0].replace(/<\/?td>/g, '');
      return html.replace(row, '').replace('<figure class="chart">', `<dl class="facts"><div><dt><span data-o="">Temperature</span></dt><dd>${value}</dd></div></dl><figure class="chart">`);
    },
    'the table without its chart': (html) => html.replace(/<figure class="chart">.*?<\/figure>/s, ''),
    'a chart without a line': (html) => html.replace(/<figure class="chart">.*?<\/figure>/s, '<figure class="chart"></figure>'),
    'a moment once more, beside the chart': (html) => html.replace(/<td>(<span data-p="[^"]*sensorMetadata\/time.*?)<\/td>/s, (found, time) => found.replace('</td>', `${time}</td>`)),
  };
  for (const [what, change] of Object.entries(changes)) {
    await test.step(what, async () => {
      await changePage(page, path, change);
      await page.goto(path);
      await settled(page);
      await expect(page.locator(marks.failed), what).toHaveCount(1);
      await page.unrouteAll();
    });
  }
});

test('strips of packs are drawn up to the number that the door lets in', async ({ page, baseURL, demo }) => {
  const packs = (count) => ({ 'lp:packs': { 'lp:count': count, 'lp:label': both('packs') } });
  for (const count of [1, 61, 999999999]) {
    await sound(page, await pack(baseURL, demo, packs(count)));
    await expect(page.locator('.ticks path')).toHaveAttribute('d', new RegExp(`^(M\\d+ 0v160){${Math.min(60, count)}}$`));
  }
  for (const count of [1000000000, 4294967296]) {
    const { job } = await post(baseURL, demo, [event(`${PRODUCT}/21/NEVER`, packs(count))]);
    expect(JSON.stringify(job), `${count}`).toContain('whole number of at most 9 digits');
  }
});

test('what the door calls seen has a width, and what has none is refused', async ({ page, baseURL, demo }) => {
  const marksAlone = ['\u0300', '\u0345', '\u05b0', '\u064b', '\u0670', '\u0947', '\u0e31', '\u0eb1', '\u0f39', '\u1ab0', '\u20d0', '\u302a', '\u3099', '\ufe20', '\ufb1e', '\u{1d165}', '\u3164', '\u115f', '\u2800'];
  const fact = (text, label = 'Seam') => ({ 'lp:facts': [{ 'lp:label': both(label), 'lp:text': text }] });
  for (const [what, fields] of [...marksAlone.flatMap((mark) => [[mark, fact(mark)], [mark, fact('Sound', mark)]]), ['\u0345 \u0345', fact('\u0345 \u0345')], ['\u0345', { 'lp:title': both('\u0345') }]]) {
    const { status, job } = await post(baseURL, demo, [event(`${PRODUCT}/21/NEVER`, fields)]);
    expect([status >= 400 || job.success === false, `U+${what.codePointAt(0).toString(16)}`]).toEqual([true, `U+${what.codePointAt(0).toString(16)}`]);
  }
  const seen = ['"', "'", '…', '·', 'e\u0301', 'กำ', 'ཀཱ', '🐄', '가', 'ⵣ', '1', '牛'];
  const path = await pack(baseURL, demo, { 'lp:facts': seen.map((text, i) => ({ 'lp:label': both(`Mark ${i}`), 'lp:text': text })) });
  await sound(page, path);
});

test('packs of one serial are offered, whose was first before all, and how to ask for one alone', async ({ page, baseURL, demo }) => {
  const first = await pack(baseURL, demo);
  const serial = first.split('/').pop();
  const gtin = (number) => {
    const digits = `0952129601${number}`.padEnd(13, '0');
    const sum = [...digits].reduce((all, digit, i) => all + digit * (i % 2 ? 1 : 3), 0);
    return digits + ((10 - (sum % 10)) % 10);
  };
  for (let number = 100; number < 108; number += 1) await taken(baseURL, demo, [event(`/01/${gtin(number)}/21/${serial}`, { action: 'ADD', bizStep: 'commissioning' })]);
  for (const [lang, words] of [['en', 'type the number below its bar code first'], ['zh', '请先输入条形码下方的数字']]) {
    for (const width of [320, 390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`/find?lang=${lang}&code=${serial}`);
      await expect(page.locator('ul.acts a')).toHaveCount(6);
      await expect(page.locator('ul.acts a').first()).toHaveAttribute('href', new RegExp(`^${first}`));
      await expect(page.locator('main')).toContainText(words);
      expect(await cutOff(page)).toBe(0);
      expect(await violations(page)).toEqual([]);
    }
    await inScanner(page, serial, lang);
    await expect(page.locator('.choices button')).toHaveCount(6);
    await expect(page.locator('.advice .line')).toContainText(words);
    expect(await cutOff(page)).toBe(0);
  }
  const packs = page.locator('.choices button');
  await packs.first().click();
  await expect(page.locator('main')).toHaveAttribute('data-advice', /sell|ask/);
});
