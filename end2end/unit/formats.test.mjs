// public/page.js without a browser: its formats against the cases shared with Rust, and the parts that need no page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);
const require = createRequire(import.meta.url);
const page = require('../../public/page.js');
Object.assign(globalThis, { Leafproof: page, M: { t: {}, v: {} } });
require('../../public/more.js');
require('../../public/draw.js');
const read = (path) => readFileSync(new URL(path, root), 'utf8');

const vocabulary = (lang) => {
  const v = Object.create(null);
  for (const file of ['vocabulary', 'seldom']) {
    for (const line of read(`crates/trace/texts/${file}.${lang}.tsv`).split('\n')) {
      const at = line.indexOf('\t');
      if (at > 0) v[line.slice(0, at)] = line.slice(at + 1);
    }
  }
  return v;
};
const words = { en: { l: 'en', v: vocabulary('en') }, zh: { l: 'zh', v: vocabulary('zh') } };

test('the formats of the page are those of the server', () => {
  const cases = read('app/formats.tsv').split('\n').filter(Boolean);
  assert.ok(cases.length >= 80);
  for (const line of cases) {
    const [format, lang, values, expected] = line.split('\t');
    assert.equal(page.shown(format, values.split('\x1f'), words[lang]), expected, line);
  }
});

test('a word that is not among the common ones is asked for', () => {
  const some = { l: 'en', v: { shipping: 'Shipped', 'unit:GRM': 'g' } };
  assert.equal(page.shown('word', ['cbv:BizStep-shipping'], some), 'Shipped');
  assert.equal(page.shown('quantity', ['4', 'GRM'], some), '4\u00a0g');
  assert.equal(some.lacks, undefined);
  assert.equal(page.shown('quantity', ['4', 'GL'], some), '4\u00a0GL');
  assert.equal(some.lacks, true);
});

test('the subject comes from the address that was opened', () => {
  assert.equal(page.opened('/01/06912345678905/21/7K2M9'), '/01/06912345678905/21/7K2M9');
  assert.equal(page.opened('/stem/01/06912345678905/10/L1/21/a%2Fb'), '/01/06912345678905/21/a%2Fb');
  assert.equal(page.opened('/01/06912345678905'), '/01/06912345678905');
  assert.equal(page.opened('/about'), null);
  // Other spellings are the server's to redirect: what a script reads of them, it might read otherwise than the server.
  for (const path of ['/01/%306912345678905', '/01/6912345678905', '/01/06912345678905/21/%41', '/01/06912345678905/21/a%2f', '/01/06912345678905/21/A/21/B',
    '/01/06912345678905/21/%FF', '/01/06912345678905/21', '/%301/06912345678905']) assert.equal(page.opened(path), null, path);
});

test('names are written as the ledger writes them', () => {
  const bytes = Buffer.from(page.nameBytes('/01/09506000134352/21/A%2F1')).toString('hex');
  assert.equal(bytes, '010230310e303935303630303031333433353202323103412f31');
});

test('the chart is drawn as the server draws it', () => {
  assert.deepEqual(page.draw([[0, 1], [50, 3], [100, 2]], 4), { path: 'M0 880L1510 427L3020 653', limit: 200, top: 1, x: 1510, y: 427, named: 347 });
  assert.equal(page.draw([[0, 1], [50, 3.5], [100, 2]], 4).named, 563);
  assert.equal(page.draw([[0, 1], [50, 3.5], [100, 2]], null).named, 120);
});

test('what is drawn is what the server draws', () => {
  const cases = read('app/charts.tsv').split('\n').filter(Boolean);
  assert.ok(cases.length >= 120);
  for (const row of cases) {
    const [lines, expected] = row.split('\t').map((part) => JSON.parse(part));
    const pointer = (short) => ({ 1: (at) => `/lp:limit/lp:${at}`, 2: (at, name) => `/sensorElementList/${at}/sensorMetadata/${name}`,
      3: (at, report, name) => `/sensorElementList/${at}/sensorReport/${report}/${name}` }[short.split('/').length](...short.split('/')));
    // In the order of the signed lines, which is that of their bytes.
    const signed = new Map(Object.entries(lines).map(([short, value]) => [pointer(short), value]).sort(([a], [b]) => (a < b ? -1 : 1)));
    const short = (one) => one.value.replace('/sensorElementList/', '').replace('/sensorReport/', '/').replace('/value', one.time.includes('Metadata') ? ' sensor' : '');
    const limited = (unit) => signed.get('/lp:limit/lp:uom') === unit && signed.has('/lp:limit/lp:max');
    const made = page.charts(signed).map((readings) => [limited(readings[0].unit), readings.map(short)]);
    const sorted = (charts) => charts.map((chart) => JSON.stringify(chart)).sort();
    assert.deepEqual(sorted(made), sorted(expected), row);
  }
  for (const row of read('app/drawn.tsv').split('\n').filter(Boolean)) {
    const [points, limit, expected] = row.split('\t').map((part) => JSON.parse(part));
    assert.deepEqual(page.draw(points, limit), expected, row);
  }
  for (const [count, ticks] of [['0', 0], ['1', 1], ['60', 60], ['61', 60], ['999999999', 60], ['1000000000', 0], ['4294967296', 0], ['1e3', 0], ['007', 0], ['', 0], ['9.5', 0], [undefined, 0]]) {
    assert.equal(page.packs(count), ticks, count);
  }
});

test('a report is read line by line, values unescaped', () => {
  const rows = page.parse('entry\t0\t17\tobject\tADD\tordinary\titem\t1\t5\t4\nline\t0\t/a\ts\tx\\ty\\\\z\ndone\t0\tok\n');
  const entry = page.entryOf(rows);
  assert.equal(entry.ok, true);
  assert.equal(entry.index, '17');
  assert.equal(entry.lines.get('/a'), 'x\ty\\z');
});

test('an entry that says nothing is not verified', () => {
  assert.equal(page.entryOf([]).ok, false);
  assert.equal(page.entryOf(page.parse('done\t0\tfailed\tsignature\tbad-signature\n')).ok, false);
});

test('whom the owner did not name sends nobody elsewhere, and only the owner and the law say whom to call', () => {
  const by = (word) => ['/lp:live/lp:href', '/lp:notice/lp:phone', '/lp:title/en'].map((p) => page.may({ right: { word } }, p));
  assert.deepEqual(by('owner'), [true, true, true]);
  assert.deepEqual(by('regulator'), [true, true, true]);
  assert.deepEqual(by('granted'), [true, false, true]);
  assert.deepEqual(by('unowned'), [true, false, true]);
  assert.deepEqual(by('independent'), [false, false, true]);
});

/** What a record shows, without a browser: elements by the selector that finds them. */
const el = (text, more = {}) => ({
  textContent: text,
  dataset: {},
  // Places are the browser tests' affair; which entry, and which word, are held here.
  matches(selector) { return [...selector.matchAll(/data-(\w+)="?(\w+)/g)].every(([, key, value]) => this.dataset[key] === value); },
  closest: () => null,
  querySelector: () => null,
  getBoundingClientRect: () => ({ left: 0, right: 100, width: 100, height: 20, bottom: 20 }),
  ...more,
});
const record = (parts, right) => ({ dataset: { right }, querySelectorAll: (selector) => parts[selector] || [], matches: (selector) => Boolean(parts[selector]) });
const said = (parts, e, get = () => undefined) => {
  const first = (parts['.made'] || [])[0] || null;
  Object.assign(globalThis, { scrollY: 0, document: { documentElement: { clientWidth: 390 }, querySelector: () => first } });
  const all = first ? { '.late:not(.right)': [el(page.words.t['node.made.amounts'])], ...parts } : parts;
  const entry = { right: { word: 'granted' }, names: { en: 'Suohe' }, made: [], marks: [], owned: true, ...e };
  const root = record(all, entry.right.word);
  const found = [...page.rights(root, entry), ...page.disputes(root, entry, get)].map((w) => w.kind);
  delete globalThis.document;
  return [...new Set(found)];
};

test('a record says by whose right it stands, and nothing else', () => {
  for (const file of ['shopper']) {
    for (const line of read(`app/texts/${file}.en.tsv`).split('\n')) {
      const [key, text] = line.split('\t');
      if (/^node\.(right|made|objected|apart)|^notice\./.test(key)) page.words.t[key] = text;
    }
  }
  const word = (key) => page.words.t[`node.right.${key}`];
  assert.deepEqual(said({}, {}), []);
  assert.deepEqual(said({ '.right': [el(word('regulator'))] }, {}), ['right'], 'a partner dressed as a regulator');
  const lab = { right: { word: 'independent' } };
  const fold = { '.apart': [el('')], '.apart>summary': [el(page.words.t['node.apart'])] };
  const shown = { '.right': [el(word('independent'))], ...fold };
  assert.deepEqual(said(shown, lab), []);
  assert.deepEqual(said({ ...shown, '.right': [el(word('regulator'))] }, lab), ['right']);
  assert.deepEqual(said({ '.right': shown['.right'] }, lab), ['right'], 'not folded');
  assert.deepEqual(said(fold, lab), ['right'], 'not said');
  assert.deepEqual(said(fold, {}), ['right'], "a partner's record folded away");
  assert.deepEqual(said({ ...shown, '.body [data-p],.body [data-h],.body svg': [el('Sound')] }, lab), ['right'], 'beside the fold');
  assert.deepEqual(said({ '[data-o]': [el(word('regulator'))] }, {}), ['right'], 'in another place');
  const before = { right: { word: 'unowned' } };
  assert.deepEqual(said({ '.right': [el(word('unowned'))] }, before), []);
  assert.deepEqual(said({ '.right': [el(word('unowned'))] }, { ...before, owned: false }), ['right'], 'no owner has joined');
  assert.deepEqual(said({ '.right': [el(word('nobody'))] }, { ...before, owned: false }), []);
});

test('inputs, objections and struck alerts are shown as they are', () => {
  const made = (key) => [el(page.words.t[`node.made.${key}`].replace('{who}', 'Suohe'), { dataset: { made: key } })];
  assert.deepEqual(said({}, { made: ['named', 'said'] }), ['made'], 'the weakest must be said');
  assert.deepEqual(said({ '.made': made('said') }, { made: ['named', 'said'] }), []);
  assert.deepEqual(said({ '.made': made('named') }, { made: ['named', 'said'] }), ['made']);
  assert.deepEqual(said({}, { made: ['named'] }), []);
  assert.deepEqual(said({ '.made': made('named') }, {}), ['made'], 'no input at all');
  const struck = { '.struck': [el(page.words.t['node.right.struck'])] };
  const disputed = { marks: [['disputed', '-']] };
  assert.deepEqual([said(struck, disputed), said({}, disputed), said(struck, {})], [[], ['struck'], ['struck']]);
  const get = () => ({ ok: true, names: { en: 'Talanuur' }, lines: new Map([['/lp:reason/en', 'Not so']]) });
  const objection = (index, reason) => ({ '.objection': [el(`Talanuur, the owner of this number, objects: ${reason} 9 Nov 2026`, {
    dataset: { e: index }, querySelector: (s) => el(s.startsWith('[data-p') ? reason : '9 Nov 2026') })] });
  const objected = { marks: [['objected', '26']] };
  assert.deepEqual(said(objection('26', 'Not so'), objected, get), []);
  assert.deepEqual(said({}, objected, get), ['objection'], 'hidden');
  assert.deepEqual(said(objection('27', 'Not so'), objected, get), ['objection'], "another's");
  assert.deepEqual(said(objection('26', 'Not so'), {}, get), ['objection'], 'nobody objected');
});

test('an alert has one colour of the two, anything else none', () => {
  const loud = { sort: 'alert' };
  const struck = { '.struck': [el(page.words.t['node.right.struck'])] };
  const disputed = { ...loud, marks: [['disputed', '-']] };
  assert.deepEqual([said({ '.alarm': [1] }, loud), said({ '.warned': [1] }, loud), said(struck, disputed)], [[], [], []]);
  for (const found of [said({}, loud), said({ '.alarm': [1], '.warned': [1] }, loud), said({ '.alarm,.warned': [1] }, {}), said({ ...struck, '.alarm,.warned': [1] }, disputed)]) {
    assert.deepEqual(found, ['notice.kind']);
  }
});

test('what is not in order is never among the states that the page shows as verified', () => {
  const source = read('public/page.js');
  assert.match(source, /found\.state\[1\] !== 'verified'/, 'the one state that closes the first line in green');
  assert.match(source, /find\('report'\)\[1\] !== '2'/);
});
