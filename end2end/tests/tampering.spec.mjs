// What was changed in flight is named: the record, and the fact.
import { capture, inspection, newPack, ownPack } from '../epcis.mjs';
import { changeOneByte } from '../bundle.mjs';
import { changeBundle, changePage, expect, itemOf, settled, test } from './fixtures.mjs';
import { marks, words } from './marks.mjs';

for (const scene of ['beef', 'formula', 'handbag']) {
  for (const what of ['words', 'path']) {
    test(`${scene}: one byte of one record's ${what} changed: exactly that node fails`, async ({ page, demo }) => {
      await page.goto(itemOf(demo, 'in-order', scene).path);
      const count = await settled(page);
      await expect(page.locator(marks.ok)).toHaveCount(count);
      const entries = await page.locator(marks.node).evaluateAll((nodes) => nodes.map((node) => node.dataset.entry));
      const target = Math.floor(count / 2);
      await changeBundle(page, (bundle) => changeOneByte(bundle, entries[target], what));
      await page.reload();
      await settled(page);
      await expect(page.locator(marks.failed)).toHaveCount(1);
      await expect(page.locator(marks.node).nth(target)).toHaveClass(/\bfail\b/);
      await expect(page.locator(marks.ok)).toHaveCount(count - 1);
      await expect(page.locator(marks.records).first()).toContainText(words.en.failed(count - 1, count, target + 1));
      await expect(page.locator(marks.failed).locator(marks.said)).toBeVisible();
    });
  }

  test(`${scene}: one shown word changed: it is named with what was signed`, async ({ page, demo }) => {
    const item = itemOf(demo, 'in-order', scene);
    await page.goto(item.path);
    const count = await settled(page);
    // A fact in words, in the middle of the thread.
    const nodes = page.locator(marks.node);
    const target = Math.floor(count / 2);
    const fact = nodes.nth(target).locator('[data-p]:not([data-f])').first();
    const pointer = await fact.getAttribute('data-p');
    const signed = (await fact.textContent()).trim();
    const entry = await nodes.nth(target).getAttribute('data-entry');
    const forged = `${signed}x`;
    await changePage(page, item.path, (html) => replaceFact(html, entry, pointer, forged));
    await page.reload();
    await settled(page);
    await expect(page.locator(marks.failed)).toHaveCount(1);
    await expect(nodes.nth(target)).toHaveClass(/\bfail\b/);
    const said = nodes.nth(target).locator(marks.said);
    await expect(said).toContainText(forged);
    await expect(said).toContainText(signed);
    await expect(page.locator(marks.records).first()).toContainText(words.en.failed(count - 1, count, target + 1));
    // It may lie far below: the first line opens by itself and leads there.
    await expect(page.locator(`[data-line=records] a[href="#r${target + 1}"]`)).toBeVisible();
    await expect(page.locator(`.bar .go[href="#r${target + 1}"]`)).toBeVisible();
  });
}

for (const how of ['refused', 'never answered']) {
  test(`the words for a failure ${how}: that something failed is said all the same`, async ({ page, demo, baseURL, expectedErrors }) => {
    expectedErrors.push(/ERR_FAILED/);
    // Every page of the demo has something to compare that only those words tell; this one has nothing.
    await page.goto(await ownPack(baseURL, demo, 4));
    const count = await settled(page);
    const entries = await page.locator(marks.node).evaluateAll((nodes) => nodes.map((node) => node.dataset.entry));
    await changeBundle(page, (bundle) => changeOneByte(bundle, entries[2], 'words'));
    await page.route('**/more.*.js', (route) => (how === 'refused' ? route.abort() : undefined));
    await page.reload();
    await expect(page.locator(marks.failed)).toHaveCount(1);
    await expect(page.locator(marks.ok)).toHaveCount(count - 1);
    await expect(page.locator(marks.records).first()).toContainText('Not all of this was verified');
    // A receipt that cannot be made says so, and can be asked for again.
    if (how === 'refused') {
      await page.locator(marks.receipt).first().click();
      await expect(page.locator(marks.slip).first()).toContainText('no connection');
    }
  });
}

test('a bundle with one changed byte and its old trailer: nothing is said to be verified', async ({ page, item }) => {
  await changeBundle(page, (bundle) => {
    bundle[bundle.length >> 1] ^= 1;
    return bundle;
  });
  await page.goto(item.path);
  await expect(page.locator(marks.records).first()).toContainText(/failed|not/i);
  await expect(page.locator(marks.ok)).toHaveCount(0);
});

test("another item's bundle: nothing is said to be verified", async ({ page, demo, baseURL, request, item }) => {
  const other = demo.items.find((candidate) => candidate.scene !== item.scene);
  const stranger = await (await request.get(`${baseURL}/bundle${other.path}`)).body();
  await changeBundle(page, () => stranger);
  await page.goto(item.path);
  await expect(page.locator(marks.records).first()).toContainText(/failed|not/i);
  await expect(page.locator(marks.ok)).toHaveCount(0);
});

test('the name at the top changed: it is named, the records stand', async ({ page, item }) => {
  await page.goto(item.path);
  const count = await settled(page);
  const signed = await page.locator(marks.headline).textContent();
  await changePage(page, item.path, (html) => html.replace(new RegExp(`(<h1[^>]*>.*?)${signed}`), '$1Wagyu sirloin'));
  await page.reload();
  await settled(page);
  await expect(page.locator(marks.ok)).toHaveCount(count);
  await expect(page.locator(marks.records).first()).toContainText(words.en.notTheTop);
  await page.locator('[data-line=records] summary').click();
  await expect(page.locator('[data-line=records]')).toContainText('Wagyu sirloin');
  await expect(page.locator('[data-line=records]')).toContainText(signed);
});

test("a picture's bytes changed: its record fails", async ({ page, demo }) => {
  for (const item of demo.items.filter((one) => one.special === 'in-order')) {
    await page.goto(item.path);
    const count = await settled(page);
    const picture = page.locator(`${marks.node} img[data-h]`).first();
    if ((await picture.count()) === 0) continue;
    const src = await picture.getAttribute('src');
    const node = await picture.evaluate((img) => img.closest('li').dataset.entry);
    await page.route(`**${src}`, (route) => route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' }));
    await page.reload();
    await expect(page.locator(`li.node.fail[data-entry="${node}"]`)).toBeVisible();
    await expect(page.locator(marks.failed)).toHaveCount(1);
    await expect(page.locator(marks.ok)).toHaveCount(count - 1);
    return;
  }
  throw new Error('no record of the demo has a picture');
});

test('a record left out of the page is missed', async ({ page, item }) => {
  await page.goto(item.path);
  const count = await settled(page);
  await changePage(page, item.path, (html) => removeNode(html, 2));
  await page.reload();
  await expect(page.locator(marks.node)).toHaveCount(count - 1);
  await expect(page.locator(marks.records).first()).toContainText(/missing/i);
});

test('a corrected record shown as current is named, and a current one shown as corrected', async ({ page, demo }) => {
  const { path } = itemOf(demo, 'corrected', 'beef');
  await page.goto(path);
  const count = await settled(page);
  await expect(page.locator(marks.failed)).toHaveCount(0);
  await changePage(page, path, (html) => html.replace(/<p class="note">.*?<\/p>/, '').replace(/<\/del> <ins>.*?<\/ins>/g, '').replace(/<\/?del>/g, '').replace('node corrected', 'node'));
  await page.reload();
  await settled(page);
  await expect(page.locator(marks.failed)).toHaveCount(1);
  await expect(page.locator(marks.said)).toContainText('was corrected later, and this page shows it as current');
  await page.unrouteAll();
  await changePage(page, path, (html) => {
    const { start, end } = nodeAt(html, 0);
    return html.slice(0, start) + html.slice(start, end).replace(/<dd>(.*?)<\/dd>/, '<dd><del>$1</del></dd>') + html.slice(end);
  });
  await page.reload();
  expect(await settled(page)).toBe(count);
  await expect(page.locator(marks.said)).toContainText('Nobody corrected it');
});

test('a correction shows what it changed, and nothing else in its name', async ({ page, demo }) => {
  const { path } = itemOf(demo, 'corrected', 'beef');
  await page.goto(path);
  await settled(page);
  await expect(page.locator(marks.failed)).toHaveCount(0);
  const row = page.locator('li.node dd', { has: page.locator('ins') });
  await expect(row).toHaveText('19\u00a0°C 1.9\u00a0°C');
  // What both records say stands as it is.
  await expect(row.locator('xpath=ancestor::dl').locator('dd', { hasText: '1.5\u00a0°C' }).locator('del')).toHaveCount(0);
  const changed = /<dd><del>(.*?)<\/del> <ins>(.*?)<\/ins><\/dd>/;
  const lies = {
    'the old value stands as current': (html) => html.replace(changed, '<dd>$1</dd>'),
    'the new value alone': (html) => html.replace(changed, '<dd><ins>$2</ins></dd>'),
    'the new value struck through, the old one beside it': (html) => html.replace(changed, '<dd><del>$2</del> <ins>$1</ins></dd>'),
    'a value of another place in its stead': (html) => html.replace(/(<ins><span data-e="\d+" data-p=")[^"]*("[^>]*>)[^<]*/, '$1/lp:facts/2/lp:value /lp:facts/2/lp:uom$21.5\u00a0°C'),
    'a value that no correction names': (html) => html.replace(/<ins><span data-e="\d+"/, `<ins><span data-e="${html.match(/data-entry="(\d+)"/)[1]}"`),
    'twice': (html) => html.replace(changed, '<dd><del>$1</del> <ins>$2</ins> <ins>$2</ins></dd>'),
    'words of nobody': (html) => html.replace('</ins>', ' (checked)</ins>'),
    'the value that stands as current, in a list of another class': (html) => html.replace(/(class="node corrected">[\s\S]*?)<dl class="facts">/, '$1<dl>').replace(changed, '<dd>$1</dd>'),
    'its note without our words': (html) => html.replace(/(<p class="note">)<span data-o="">.*?<\/span>/, '$1'),
    'its note in another place': (html) => {
      const [note] = /<p class="note">.*?<\/p>/s.exec(html);
      return html.replace(note, '').replace(/(class="node corrected">[\s\S]*?<div class="place">)/, `$1${note}`);
    },
    'its note where a result will stand': (html) => html.replace('<p class="note">', '<p class="note res">'),
    'a value of another record beside one that stands': (html) => html.replace(/(class="node corrected">[\s\S]*?1\.5\u00a0°C<\/span>)/, `$1 <ins>${/<ins>(.*?)<\/ins>/.exec(html)[1]}</ins>`),
    'a fact struck that the other record has in the same words': (html) => html.replace(/(class="node corrected">[\s\S]*?<dd>)(<span[^>]*>1\.5\u00a0°C<\/span>)/, '$1<del>$2</del>'),
    'the new value left out': (html) => html.replace(changed, '<dd><del>$1</del></dd>'),
    'the new value without its unit': (html) => html.replace(/(<ins><span data-e="\d+" data-p="\S+) [^"]*" data-f="quantity">([\d.]+)[^<]*/, '$1" data-f="number">$2'),
  };
  for (const [what, lie] of Object.entries(lies)) {
    await page.unrouteAll();
    await changePage(page, path, (html) => {
      const told = lie(html);
      expect(told !== html, what).toBe(true);
      return told;
    });
    await page.reload();
    await settled(page);
    await expect(page.locator(marks.failed), what).toHaveCount(1);
  }
});

test('a fact added to a record is named', async ({ page, item }) => {
  await page.goto(item.path);
  await settled(page);
  await changePage(page, item.path, (html) => {
    const end = nodeAt(html, 1).end;
    return `${html.slice(0, end)}<p>Award-winning quality</p>${html.slice(end)}`;
  });
  await page.reload();
  await settled(page);
  await expect(page.locator(marks.node).nth(1)).toHaveClass(/\bfail\b/);
  await expect(page.locator(marks.failed).locator(marks.said)).toContainText('Award-winning quality');
});

/** Where the n-th node stands in the HTML: its start, and the end of its content. */
function nodeAt(html, n) {
  const starts = [...html.matchAll(/<li\b[^>]*\bclass="?[^">]*\bnode\b[^>]*>/g)];
  const start = starts[n].index;
  const open = /<li\b|<\/li>/g;
  open.lastIndex = start;
  let depth = 0;
  for (let found = open.exec(html); found; found = open.exec(html)) {
    depth += found[0] === '</li>' ? -1 : 1;
    if (depth === 0) return { start, end: found.index };
  }
  throw new Error(`node ${n} is not closed`);
}

function removeNode(html, n) {
  const { start, end } = nodeAt(html, n);
  return html.slice(0, start) + html.slice(end + '</li>'.length);
}

/** Puts other words into the element with this pointer in the node of this entry. */
function replaceFact(html, entry, pointer, text) {
  const from = html.search(new RegExp(`data-entry="?${entry}"?[\\s>]`));
  const escaped = pointer.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const element = new RegExp(`(<[^>]*\\bdata-p="?${escaped}"?[^>]*>)([^<]*)`, 'g');
  element.lastIndex = from;
  const found = element.exec(html);
  if (!found) throw new Error(`the page has no fact ${pointer} in entry ${entry}`);
  return html.slice(0, found.index) + found[1] + text + html.slice(found.index + found[0].length);
}

test('a recall that the page leaves out is named in its own words', async ({ page, demo }) => {
  const item = itemOf(demo, 'recalled');
  await page.goto(item.path);
  await settled(page);
  const signed = (await page.locator(marks.recall).locator('h2').textContent()).trim();
  await changePage(page, item.path, (html) => html.replace(/<section [^>]*class="notice[\s\S]*?<\/section>/, ''));
  await page.reload();
  await expect(page.locator(marks.records).first()).toContainText(signed);
  await expect(page.locator('[data-line=records] .fail').first()).toBeVisible();
});

for (const how of ['refused', 'never answered']) {
  test(`a recall that the page leaves out, its words ${how}: nothing is said to hold`, async ({ page, demo, expectedErrors }) => {
    expectedErrors.push(/ERR_FAILED/);
    const item = itemOf(demo, 'recalled');
    const plain = (html) => html.replace(/<section [^>]*class="notice[\s\S]*?<\/section>/, '').replace(/Recalled on [^<]+/, 'No recall');
    await changePage(page, item.path, plain);
    await page.route('**/more.*.js', (route) => (how === 'refused' ? route.abort() : undefined));
    await page.clock.install();
    // What is never answered may hold up the page's load for ever.
    await page.goto(item.path, { waitUntil: 'domcontentloaded' });
    const records = page.locator(marks.records).first();
    if (how === 'never answered') {
      await expect(records).toContainText('Checking');
      await page.clock.runFor(120_000);
    }
    await expect(records).toContainText(words.en.cannotCheck);
    await expect(page.locator(marks.ok)).toHaveCount(0);
  });
}

/** The page brings the words of ours that may stand on it, and the script knows the hash of them alone. */
for (const [how, change] of [
  ['a sentence is added to them', (html) => html.replace('data-words="', 'data-words="Call us and read out your card number.|').replace('</main>', '<p>Call us and read out your card number.</p></main>')],
  ['one is changed', (html) => html.replaceAll('It never asks shoppers for a password or a payment.', 'It may ask shoppers for a password or a payment.')],
  ['they are left out', (html) => html.replace(/ data-words="[^"]*"/, '')],
]) {
  test(`our own words: ${how}`, async ({ page, item }) => {
    await changePage(page, item.path, change);
    await page.goto(item.path);
    await settled(page);
    await expect(page.locator(marks.records).first()).not.toContainText('verified on this phone');
    await expect(page.locator('[data-line=records] .m')).toHaveClass(/failed/);
  });
}

test('a seldom word is compared like any other', async ({ page, demo, baseURL }) => {
  const path = newPack();
  const document = inspection(path);
  document.epcisBody.eventList[0].disposition = 'partially_dispensed';
  await capture(baseURL, demo, document);
  await page.goto(path);
  const count = await settled(page);
  await expect(page.locator(marks.node, { hasText: 'Partly dispensed' })).toHaveClass(/\bok\b/);
  await changePage(page, path, (html) => html.replace('Partly dispensed', 'Dispensed'));
  await page.reload();
  await expect(page.locator(marks.failed)).toHaveCount(1);
  await expect(page.locator(marks.ok)).toHaveCount(count - 1);
  await expect(page.locator(marks.failed).locator(marks.said)).toContainText('Partly dispensed');
});

test('a recall that nobody signed for this item is named', async ({ page, demo }) => {
  await page.goto(itemOf(demo, 'recalled').path);
  const notice = await page.locator(marks.recall).evaluate((element) => element.outerHTML);
  const item = itemOf(demo, 'in-order', 'formula');
  await changePage(page, item.path, (html) => html.replace('<div class="first">', `${notice}<div class="first">`));
  await page.goto(item.path);
  await expect(page.locator(marks.records).first()).toContainText(/not in force or that nobody signed/);
});

test('a product line that speaks against the records is named', async ({ page, demo }) => {
  const item = itemOf(demo, 'recalled');
  await changePage(page, item.path, (html) => html.replace(/Recalled on [^<]+/, 'No recall'));
  await page.goto(item.path);
  await expect(page.locator(marks.records).first()).toContainText('The product line says "No recall"');
});

test('an alert that hides until the check has ended does not come out', async ({ page, demo }) => {
  await page.goto(itemOf(demo, 'recalled').path);
  const notice = await page.locator(marks.recall).evaluate((element) => element.outerHTML);
  const item = itemOf(demo, 'in-order', 'handbag');
  await changePage(page, item.path, (html) => html.replace('<div class="first">', `<noscript>${notice}</noscript><div class="first">`));
  await page.goto(item.path);
  const count = await settled(page);
  await expect(page.locator(marks.records).first()).toContainText(words.en.verified(count));
  await expect(page.locator('link[rel=stylesheet]')).toHaveCount(1);
  await expect(page.locator(marks.recall)).toHaveCount(0);
});

test('a telephone link that dials another number is named', async ({ page, demo }) => {
  const item = itemOf(demo, 'recalled');
  await changePage(page, item.path, (html) => html.replace(/href="tel:[^"]+"/, 'href="tel:+19005550100"'));
  await page.goto(item.path);
  await expect(page.locator('[data-line=records] .why')).toContainText('+19005550100');
});

for (const forged of [false, true]) {
  test(forged ? 'another film is not played' : 'the film plays in its place once its bytes were compared', async ({ page, item }) => {
    if (forged) {
      await page.route('**/media/**', async (route) => {
        const response = await route.fetch();
        const body = await response.body();
        if (response.headers()['content-type']?.startsWith('video/')) body[100] ^= 1;
        await route.fulfill({ response, body });
      });
    }
    await page.goto(item.path);
    await settled(page);
    await page.locator('a[data-film]').click();
    const film = page.locator('.film');
    await expect(film).toContainText(forged ? 'not the film that was signed' : 'Checked: this is the film that was signed');
    await expect(film.locator('video[src^="blob:"]')).toHaveCount(forged ? 0 : 1);
    await expect(film.locator('a')).toHaveCount(0);
  });
}

for (const forged of [false, true]) {
  test(forged ? 'another document is not shown' : 'a document opens in its place once its bytes were compared, and closes', async ({ page, item }) => {
    await page.goto(item.path);
    await settled(page);
    const link = page.locator(`${marks.node} dd a[data-h]`).first();
    const address = await link.getAttribute('href');
    if (forged) await page.route(`**${address}`, (route) => route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' }));
    await link.click();
    const sheet = page.locator('.doc');
    await expect(sheet).toContainText(forged ? 'not the document that was signed' : 'Checked: this is the document that was signed');
    await expect(sheet.locator('img[src^="blob:"]')).toHaveCount(forged ? 0 : 1);
    await expect(page).toHaveURL(new RegExp(`${item.path}$`));
    if (forged) return;
    await sheet.locator('button').click();
    await expect(sheet).toHaveCount(0);
    await expect(link).toBeFocused();
  });
}

/** Each is a lie about by whose right a record of the handbag stands: a laboratory and a workshop that the brand does not name are there. */
const RIGHTS = {
  'that its author was not named is left out': (html) => html.replace(/<p class="late right">[\s\S]*?<\/p>/, ''),
  'an independent is passed off as a partner': (html) => html.replace('data-right="independent"', 'data-right="granted"'),
  'a partner is passed off as the owner': (html) => html.replace('data-right="granted"', 'data-right="owner"'),
  "an independent's words are not folded": (html) => html.replace('<details class="apart">', '<details class="other">'),
  'an objection that nobody made': (html) => html.replace('<div class="body">', '<div class="body"><p class="objection" data-e="1"></p>'),
  "an independent's words stand unfolded": (html) => html.replace(/<details class="apart">(<summary>.*?<\/summary>)([\s\S]*?)<\/details>/, '<details class="apart">$1</details>$2'),
  "an independent's words are folded twice": (html) => html.replace(/(<details class="apart"><summary>.*?<\/summary>)([\s\S]*?)<\/details>/, '$1<details><summary></summary>$2</details></details>'),
  'a fold says something else': (html) => html.replace(/(<details class="apart"><summary>).*?(<\/summary>)/, '$1<span data-o="">Receipt</span>$2'),
  "a partner's words are folded": (html) => html.replace(/(data-right="granted"[\s\S]*?)(<dl class="facts">[\s\S]*?<\/dl>)/, '$1<details class="apart"><summary><span data-o="">What it says</span></summary>$2</details>'),
  "a regulator's name lent to a partner": (html) => html.replace(/(data-right="granted"[\s\S]*?<div class="place">)/, '$1<p><span data-o="">By a regulator</span></p>'),
  'that its author was not named is out of sight': (html) => html.replace('<p class="late right">', '<p class="late right skip">'),
  'a record in the colour of an alert': (html) => html.replace(' class="node"', ' class="node alarm"'),
  "another author's name beside the record's": (html) => html.replace(/(<li id="r1"[\s\S]*?<div class="place">)([\s\S]*?<li id="r2"[^>]*data-entry="(\d+)"[\s\S]*?)<span data-by="([^"]*)"([^>]*)>(.*?)<\/span>/, '$1<p><span data-e="$3" data-by="$4"$5>$6</span></p>$2<span data-by="$4"$5>$6</span>'),
  'an alert that counts is struck, or one that is none': (html) => html.replace('<div class="body">', '<div class="body"><p class="struck"></p>'),
};
for (const [name, change] of Object.entries(RIGHTS)) {
  test(`by whose right: ${name}`, async ({ page, demo }) => {
    const item = itemOf(demo, 'in-order', 'handbag');
    await changePage(page, item.path, change);
    await page.goto(item.path);
    const count = await settled(page);
    await expect(page.locator(marks.failed)).toHaveCount(1);
    await expect(page.locator(marks.ok)).toHaveCount(count - 1);
    await expect(page.locator(marks.failed).locator(marks.said)).toBeVisible();
  });
}

test('a recall that names no telephone is no fault of the page', async ({ page, demo, baseURL }) => {
  const path = await ownPack(baseURL, demo, 2);
  const document = inspection(path);
  Object.assign(document.epcisBody.eventList[0], { disposition: 'recalled', 'lp:notice': { 'lp:do': { en: 'Bring it back', zh: '请退回' } } });
  await capture(baseURL, demo, document);
  for (const address of [path, `${path}?lang=zh`]) {
    await page.goto(address);
    const count = await settled(page);
    await expect(page.locator(marks.ok)).toHaveCount(count);
    await expect(page.locator('.notice.alert .call')).toHaveCount(0);
    await expect(page.locator('[data-line=records] .m')).not.toHaveClass(/failed/);
  }
});

test('a recall shown as a warning fails', async ({ page, demo }) => {
  const item = itemOf(demo, 'recalled', 'formula');
  await changePage(page, item.path, (html) => html.replace('class="notice alert"', 'class="notice warning"'));
  await page.goto(item.path);
  await settled(page);
  await expect(page.locator(marks.records)).toContainText('shows a warning as an alert, or an alert as a warning');
});
