// A page's HTML changed on its way, the scripts untouched: whoever holds the HTML alone gets no green page out of it.
import { createServer } from 'node:http';
import { changePage, expect, itemOf, settled, test } from './fixtures.mjs';
import { marks, words } from './marks.mjs';

const records = (page) => page.locator(marks.records).first();
/** Puts something before or after what the page has. */
const after = (what, more) => (html) => html.replace(what, (found) => found + more);
const swap = (what, other) => (html) => html.replace(what, other);
const style = (rules) => (html) => html.replace('</style>', `${rules}</style>`);
/** The n-th record of the page, changed. */
const inRecord = (n, change) => (html) => {
  const parts = html.split(/(?=<li id="r\d)/);
  parts[n] = change(parts[n]);
  return parts.join('');
};
/** The first record of the page that has a fold, changed. */
const inFold = (change) => (html) => {
  const parts = html.split(/(?=<li id="r\d)/);
  const n = parts.findIndex((part) => part.includes('class="rest"'));
  parts[n] = change(parts[n]);
  return parts.join('');
};
/** A server before the one under test that keeps the end of this page back until it is told: whoever holds a page on its way can. */
async function late(baseURL, path, change, more) {
  let release;
  const told = new Promise((done) => { release = done; });
  const server = createServer(async (request, response) => {
    const got = await fetch(baseURL + request.url, { headers: { accept: request.headers.accept ?? '*/*', 'accept-language': 'en' } });
    const headers = Object.fromEntries([...got.headers].filter(([name]) => !/^content-(encoding|length)|^transfer|^link/.test(name)));
    const body = Buffer.from(await got.arrayBuffer());
    response.writeHead(got.status, headers);
    if (request.url !== path) return response.end(body);
    const html = change(body.toString());
    const end = html.lastIndexOf('</body>');
    response.write(html.slice(0, end));
    await told;
    return response.end(more + html.slice(end));
  });
  await new Promise((ready) => { server.listen(0, '127.0.0.1', ready); });
  const close = () => { server.closeAllConnections(); return new Promise((done) => { server.close(done); }); };
  return { address: `http://127.0.0.1:${server.address().port}`, held: { release, close } };
}
const PICTURE = 'data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22/%3E';

const attacks = {
  // Words that nobody signed.
  'a headline without marks': swap(/<h1>.*?<\/h1>/, '<h1>Wagyu sirloin</h1>'),
  'an origin without marks': swap(/<p class="from">.*?<\/p>/, '<p class="from">From Kobe, Japan</p>'),
  'a hotline without marks': swap(/<a href="tel:[^"]*" class="tap">.*?<\/a>/, '<a href="tel:+19005550100" class="tap">+1 900 555 0100</a>'),
  'a sentence beside the name': after('</h1>', '<p>Award-winning quality</p>'),
  'a sentence under the thread': after('</ol>', '<p>Certified organic</p>'),
  'a sentence where comments are asked for': after(/<section id="tell"[^>]*>/, '<p>Send your card number too</p>'),
  'a sentence at the foot': after(/<footer[^>]*>/, '<p>Winner of the gold medal</p>'),
  'a sentence for paper alone': after(/<aside[^>]*>/, '<p>Certified</p>'),
  'words in the receipt': inRecord(2, after(/<details class="rec">/, '<p>Certified organic</p>')),
  'words where a check speaks': inRecord(2, after(/<div class="body">/, '<div class="said"><p>Certified organic</p></div>')),
  'words of the brand that lead elsewhere': after('</h1>', '<a href="https://example.org/">Learn more</a>'),
  'a label for the blind alone': swap(/<section aria-label="[^"]*"/, '<section aria-label="Certified organic"'),
  'a title for the mouse alone': swap('<h1>', '<h1 title="Certified organic">'),
  'words in a drawing': after('</h1>', '<svg viewBox="0 0 99 20"><text y="15">Certified</text></svg>'),
  'a form of somebody else': after(/<section id="tell"[^>]*>/, '<form action="/feedback/01/09521234000044/21/OTHER"><input name="contact"></form>'),
  'a page in a page': after('</h1>', '<iframe srcdoc="&lt;p&gt;Certified"></iframe>'),
  'our own words in another place': inRecord(2, after(/<dl class="facts">/, '<div><dt><span data-o="">Best before</span></dt><dd><span data-o="">Recalled</span></dd></div>')),
  'a word of ours that no record has': inRecord(2, after(/<div class="place">/, '<p><small data-o="">own key</small></p>')),
  // Signed words in another place.
  "another record's fact": inRecord(2, (part) => part.replace(/<dd>/, '<dd><span data-e="9" data-p="/name/en">Grassland beef ribeye</span>')),
  'two facts changed places': inRecord(1, (part) => {
    const [one, two] = [...part.matchAll(/<dd>(.*?)<\/dd>/g)].map((found) => found[0]);
    return part.replace(one, '<dd>#</dd>').replace(two, one).replace('<dd>#</dd>', two);
  }),
  'a fact twice': inRecord(1, (part) => part.replace(/(<dl class="facts"><div>.*?<\/div>)(.*)$/s, (_, first, rest) => first + first.replace('<dl class="facts">', '') + rest)),
  'a record twice': (html) => {
    const parts = html.split(/(?=<li id="r\d)/);
    return [...parts.slice(0, 3), parts[2], ...parts.slice(3)].join('');
  },
  'the title of a record as the name': (html) => {
    const [, entry, title] = /<li id="r1"[^>]* data-entry="(\d+)"[\s\S]*?<h3>(.*?)<\/h3>/.exec(html);
    return html.replace(/<h1>.*?<\/h1>/, `<h1>${title.replace('<span', `<span data-e="${entry}"`)}</h1>`);
  },
  'a time without its offset': inRecord(1, (part) => part.replace('/eventTime /eventTimeZoneOffset', '/eventTime')),
  // Signed words hidden.
  'a fact in closed details': inRecord(2, (part) => part.replace('<dl class="facts">', '<details class="table"><summary></summary><dl class="facts">').replace('</dl>', '</dl></details>')),
  'a fact that is hidden': inRecord(2, swap('<dl class="facts">', '<dl class="facts" hidden>')),
  'a fact off the screen': inRecord(2, swap('<dl class="facts">', '<dl class="facts skip">')),
  'a name of no size': swap('<h1>', '<h1 class="paper">'),
  'a style that hides': style('.facts{display:none}'),
  'a style that speaks': style('h1::after{content:" Wagyu"}'),
  'another style sheet': after('</style>', '<style>h1{font-size:0}</style>'),
  'an attribute that turns text around': swap('<h1>', '<h1 dir="rtl">'),
  'a root behind an element': (html) => html.replace(/<h1>(.*?)<\/h1>/, '<h1><template shadowrootmode="closed">Wagyu <slot></slot></template>$1</h1>'),
  'a window of another size': swap('width=device-width', 'width=4000'),
  // Rows that are none, so that no label is held to its value.
  'labels swapped in a list of another class': inRecord(12, (part) => {
    const [one, two] = [...part.matchAll(/<dt>.*?<\/dt>/g)].map((found) => found[0]);
    return part.replace('<dl class="facts">', '<dl>').replace(one, '<dt></dt>').replace(two, one).replace('<dt></dt>', two);
  }),
  'a fact without a label': inRecord(2, (part) => part.replace(/<dl class="facts"><div><dt>.*?<\/dt><dd>(.*?)<\/dd><\/div>/s, '<p class="ticks">$1</p><dl class="facts">')),
  'a label of ours in no sight': swap('<dt><span data-o="">', '<dt class="paper"><span data-o="">'),
  'a drawing in no sight': (html) => html.replace(/<figure class="chart"[\s\S]*?<\/figure><details class="table">[\s\S]*?<\/details>/, (found) => `<div class="paper">${found}</div>`),
  // Where the script will write.
  'a fact where a result will stand': inRecord(2, (part) => part.replace(/<dd>/, '<dd class="res">')),
  'a whole record where a result will stand': inRecord(2, (part) => part.replace('class="body"', 'class="body res"')),
  'the name where the check will speak': (html) => html.replace(/ id="checked"/, '').replace('<h1>', '<h1 id="checked">'),
  'the description where the time will stand': (html) => html.replace(/ id="printed"/, '').replace(/<p>(<span data-e="\d+" data-p="\/description)/, '<p id="printed">$1'),
  "a record's facts where the way elsewhere will stand": (html) => html.replace(/ id="elsewhere"/, '').replace('<dl class="facts">', '<dl id="elsewhere" class="facts">'),
  'a picture under what only the script says': after('</h1>', `<table class="said" width="340" height="60" background="${PICTURE}"></table>`),
  // Pictures.
  'a picture by srcset': swap(/(<figure class="plate"><img)/, `$1 srcset="${PICTURE} 1x"`),
  'a picture by its source': (html) => html.replace(/<figure class="plate">(<img[^>]*>)/, `<figure class="plate"><picture><source srcset="${PICTURE}">$1</picture>`),
  'a picture more': after('</h1>', `<img src="${PICTURE}" alt="">`),
  // The three lines.
  'another number of days': swap(/No recall, \d+ days/, 'No recall, 97 days'),
  'a date that nobody counts from': swap(/No recall, \d+ days before use-by/, 'No recall'),
  'another mark of the product': swap('M4 6h12v12H4z', 'M4.7 6.7h10.6v10.6H4.7zM2 20L18 4'),
  'a code line of somebody else': swap(/(data-line="code".*?<span class="s">).*?<\/span>/s, '$1Scanned by the maker, genuine</span>'),
  'a second line of records': after(/<div role="group"[^>]*>/, '<div class="voice" data-line="records"><div class="row"><span class="l">Records</span><span class="s">All 12 verified on this phone</span></div></div>'),
  'knots closed before the check': (html) => html.replace('</ol>', '</ol><div class="node ok"><i class="k" aria-hidden="true"></i><p>Certified</p></div>'),
  'the honest end left out': swap(/<section class="hand">[\s\S]*?<\/section>/, ''),
  "another's address to write to": swap(/href="\/feedback[^"]*"/, 'href="/feedback/01/09521234000044/21/OTHER"'),
  // Times without what stands elsewhere, and folds.
  'an offset that nobody has': swap(/(class="zone">[^<]*)UTC\+8/, '$1UTC+9'),
  'no offset at all': swap(/<p class="zone">.*?<\/p>/, ''),
  'a year left out where it changes': inRecord(1, (part) => part.replace(/data-f="local">(\d+ \w+) \d{4}/, 'data-f="moment">$1')),
  'a fact folded that matters': inFold((part) => {
    const [row] = /<div><dt>.*?<\/dd><\/div>/s.exec(part);
    return part.replace(row, '').replace(/(class="rest">.*?<dl class="facts">)/s, `$1${row}`);
  }),
  'a fold that says something else': inFold((part) => part.replace(/(class="rest"><summary><span data-o="">).*?</, '$1Receipt<')),
  'a fold in a fold': inFold((part) => part.replace(/<details class="rest">[\s\S]*?<\/details>/, (found) => `<details><summary></summary>${found}</details>`)),
  'a folded fact that no tap unfolds': inFold((part) => part.replace(/(class="rest">.*?<dl class="facts)"/s, '$1 skip"')),
  'all facts of a record folded': inRecord(3, (part) => part.replace(/<dl class="facts">.*?<\/dl>/s, '').replace(/<\/details><\/div><\/li>/, (end) => {
    const [facts] = /<dl class="facts">.*?<\/dl>/s.exec(part);
    return `</details><details class="rest"><summary><span data-o="">More</span></summary>${facts}</details></div></li>`;
  })),
};

for (const [what, change] of Object.entries(attacks)) {
  test(`changed on its way, ${what}: not green`, async ({ page, demo, expectedErrors }) => {
    expectedErrors.push(/Refused|Content Security Policy|blocked/i);
    const item = itemOf(demo, 'in-order', 'beef');
    await changePage(page, item.path, change);
    await page.goto(item.path);
    await settled(page);
    await expect(records(page)).toHaveClass(/\bfail\b/);
    await expect(page.locator('[data-line=records] .why')).not.toBeEmpty();
  });
}

for (const [what, change] of Object.entries({
  hidden: swap('class="notice alert"', 'class="notice alert" hidden'),
  'in closed details': (html) => html.replace(/<section data-e="\d+" class="notice alert"[\s\S]*?<\/section>/, (found) => `<details class="voice"><summary></summary>${found}</details>`),
  'off the screen': swap('class="notice alert"', 'class="notice alert skip"'),
  'under the thread': (html) => {
    const [found] = /<section data-e="\d+" class="notice alert"[\s\S]*?<\/section>/.exec(html);
    return html.replace(found, '').replace('</ol>', `</ol>${found}`);
  },
  'its words hidden': swap(/(class="notice alert">)<h2>/, '$1<h2 class="b">'),
  'where the check will speak': (html) => html.replace(/ id="checked"/, '').replace('class="notice alert"', 'class="notice alert" id="checked"'),
  'its words where the check will speak': (html) => html.replace(/ id="limit"/, '').replace(/(class="notice alert"><h2>.*?<\/h2><p)>/s, '$1 id="limit">'),
  'its words where the time will stand': (html) => html.replace(/ id="printed"/, '').replace(/(class="notice alert"><h2>.*?<\/h2><p)>/s, '$1 id="printed">'),
})) {
  test(`a recall notice ${what}: named`, async ({ page, demo }) => {
    const item = itemOf(demo, 'recalled');
    await changePage(page, item.path, change);
    await page.goto(item.path);
    await settled(page);
    await expect(records(page)).toHaveClass(/\bfail\b/);
  });
}

test('closed knots in the HTML open again where nothing can be checked', async ({ page, demo, expectedErrors }) => {
  expectedErrors.push(/ERR_FAILED/);
  const item = itemOf(demo, 'in-order', 'handbag');
  await changePage(page, item.path, (html) => html.replace(/(<li id="r\d+"[^>]* class="node)"/g, '$1 ok"'));
  await page.route('**/bundle/**', (route) => route.abort());
  await page.goto(item.path);
  await expect(records(page)).toContainText(words.en.cannotCheck);
  await expect(page.locator(marks.ok)).toHaveCount(0);
});

test("the page's own claim of verifier and scripts is not followed", async ({ page, demo }) => {
  const item = itemOf(demo, 'in-order', 'handbag');
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await changePage(page, item.path, (html) => html.replace('<main ', '<main data-verifier="/media/evil" data-more="/media/evil" data-islands="/media/evil" '));
  await page.goto(item.path);
  await settled(page);
  expect(asked.filter((path) => path === '/media/evil')).toEqual([]);
});

for (const how of ['another', 'unreadable']) {
  test(`an address that is ${how} than the page: could not be checked, or failed, never green`, async ({ page, demo, baseURL }) => {
    const [item, other] = [itemOf(demo, 'in-order', 'handbag'), itemOf(demo, 'in-order', 'beef')];
    const html = await (await fetch(baseURL + other.path, { headers: { 'accept-language': 'en' } })).text();
    const path = how === 'another' ? item.path : item.path.replace('/01/0', '/01/%30');
    await page.route((url) => url.pathname === path, (route) => route.fulfill({ contentType: 'text/html', body: html }));
    await page.goto(path);
    await expect(records(page)).toContainText(how === 'another' ? /failed/i : words.en.cannotCheck);
    await expect(page.locator(marks.ok)).toHaveCount(0);
  });
}

test('the page of another moment, come back: checked again, and the recall of meanwhile is said', async ({ page, demo }) => {
  const item = itemOf(demo, 'recalled');
  await page.goto(item.path);
  await settled(page);
  const before = page.waitForRequest((request) => request.isNavigationRequest());
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await before;
  await settled(page);
  await expect(page.locator(marks.recall)).toBeVisible();
});

test('come back without a network: nothing of the old result stands', async ({ page, context, item, expectedErrors }) => {
  expectedErrors.push(/ERR_INTERNET_DISCONNECTED/);
  await page.goto(item.path);
  await settled(page);
  await context.setOffline(true);
  await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await expect(records(page)).toContainText(words.en.cannotCheck);
  await expect(page.locator(marks.ok)).toHaveCount(0);
});

test('what comes after the check would have ended is checked too', async ({ browser, demo, baseURL }) => {
  // Not watched: all its requests go to the server in between.
  const page = await (await browser.newContext()).newPage();
  const item = itemOf(demo, 'in-order', 'beef');
  const { held, address } = await late(baseURL, item.path, (html) => html.replace(/(<script src="[^"]*page[^"]*") defer/, '$1 async'), '<section class="story"><h2>Certified organic</h2></section>');
  await page.goto(address + item.path, { waitUntil: 'commit' });
  // The script is there, the check could run, and it waits for the rest of the page.
  await page.waitForFunction(() => typeof Leafproof === 'object' && performance.getEntriesByType('resource').some((one) => /verifier/.test(one.name) && one.responseEnd));
  await page.evaluate(() => new Promise((done) => { requestIdleCallback(done); }));
  await expect(page.locator('li.node.ok')).toHaveCount(0);
  held.release();
  await settled(page);
  await expect(records(page)).toHaveClass(/\bfail\b/);
  await page.context().close();
  await held.close();
});

test('a page that the browser translates while it is checked is neither green nor red', async ({ page, demo }) => {
  const item = itemOf(demo, 'in-order', 'beef');
  await page.addInitScript(() => {
    document.addEventListener('DOMContentLoaded', () => {
      const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walk.nextNode()) if (walk.currentNode.nodeValue.trim()) texts.push(walk.currentNode);
      for (const text of texts) {
        const font = document.createElement('font');
        text.replaceWith(font);
        font.append(Object.assign(document.createElement('font'), { textContent: `über ${text.nodeValue}` }));
      }
    });
  });
  await page.goto(item.path);
  await expect(records(page)).toContainText('translated');
  await expect(page.locator('li.node.ok, li.node.fail')).toHaveCount(0);
  await expect(records(page)).not.toHaveClass(/\bfail\b/);
});

test('a product without records: words where an offset would stand', async ({ page, demo }) => {
  const path = itemOf(demo, 'in-order', 'beef').path.split('/21/')[0];
  await page.goto(path);
  await expect(page.locator('li.node')).toHaveCount(0);
  await expect(records(page)).not.toHaveClass(/\bfail\b/);
  await expect(page.locator('[data-line=records] .s')).not.toContainText('Checking');
  await changePage(page, path, after('</h1>', '<p class="zone">Award-winning quality</p>'));
  await page.reload();
  await expect(records(page)).toHaveClass(/\bfail\b/);
});
