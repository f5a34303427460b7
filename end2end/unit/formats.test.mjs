// public/page.js without a browser: its formats against the cases shared with Rust, and the parts that need no page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url);
const require = createRequire(import.meta.url);
const page = require('../../public/page.js');
Object.assign(globalThis, { Leafproof: page, M: { t: {}, o: [], v: {} } });
require('../../public/more.js');
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
  assert.deepEqual(page.draw([[0, 1], [50, 3], [100, 2]], 4), { path: 'M0 880L1510 427L3020 653', limit: 200, top: 1, x: 1510, y: 427 });
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
