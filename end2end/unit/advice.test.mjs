// public/advice.js: each state of the verifier's report, and what staff are told of it. The reports are written as the verifier writes them
// (crates/ledger/src/verify/report.rs); the browser tests run the same rule on real ones.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
globalThis.W = { l: 'en', t: { 'product.ok': 'No recall, {n} days before use-by', 'product.ok.one': 'one day', 'product.ok.today': 'last day', 'product.ok.nodate': 'No recall' }, k: [], v: {} };
const page = require('../../public/page.js');
globalThis.Leafproof = page;
require('../../public/advice.js');
const { advise, read, SELL_MS } = page.advice;

const HOUR = 3600000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-11-29T12:00:00Z');
const AS_OF = NOW - 60000;
const STRANGER = 'independent';
const CODE = { known: true, often: false };

/** One entry as lines: made, with a date; or whatever is told otherwise. */
const entry = (i, index, { kind = 'object', action = 'ADD', sort = 'movement', through = 'item', role = 1, standing = 'owner', rights = 8, lines = [], marks = [], ok = true, word = 'signature' } = {}) => [
  ['entry', i, index, kind, action, sort, through, role, AS_OF - HOUR, AS_OF - 2 * HOUR],
  ['author', i, 'maker.example', 3, 'own'], ['name', i, 'en', 'Maker'],
  ['standing', i, standing, '-', 'maker.example', 'own', rights],
  ...marks.map((mark) => ['mark', i, ...mark]),
  ...lines.map(([pointer, value]) => ['line', i, pointer, 's', value]),
  ok ? ['done', i, 'ok'] : ['done', i, 'failed', word, 'inclusion'],
];
const made = (date, more = {}) => entry(0, 17, Object.assign({ lines: date ? [['/ilmd/cbvmda:itemExpirationDate', date]] : [] }, more));
const alert = (standing, { disposition = 'recalled', ...more } = {}) => entry(1, 41, Object.assign({ action: 'OBSERVE', sort: 'alert', standing, role: 1, lines: [['/disposition', disposition]] }, more));

/** What `verify` gives: rows of the whole, and entries by their index. */
function report({ version = '2', state = ['verified'], fresh = 'fresh', asOf = AS_OF, level = 'item', nodes, alerts = [], entries = [made('2026-12-20')], cut = [], older = 0, refused = false, drop = '' } = {}) {
  const lines = (rows) => rows.map((row) => row.join('\t')).join('\n');
  const all = entries.map((rows) => page.entryOf(page.parse(lines(rows))));
  const rows = [['report', version], ['subject', '/01/09521234000044/21/7K2M9', 'ab', level], ['checkpoint', 'demo', 9, 'cd'],
    ...(asOf ? [['as-of', asOf / 1000]] : []), ['maphead', 8, AS_OF, 4, 'ef'], ['list', 'ab', 'item', 3, older], ['list', 'aa', 'bulk', 3, 900], ...cut.map(() => ['cut', 'ab', 'input']),
    ...(nodes || all.map((e, i) => ['node', i, e.index, e.through])),
    ['issued', 17], ['headline', 17], ...alerts.map(([index, tone]) => ['alert', index, tone]), ['fresh', fresh, AS_OF], ['counts', 2, 2, 0, 0], ['state', ...state]];
  return { rows: page.parse(lines(rows)).filter((row) => row[0] !== drop), refused, entries: new Map(all.map((e) => [e.index, e])) };
}
const told = (made_, how = {}) => {
  const { advice, why } = advise(report(made_), Object.assign({ now: NOW, code: CODE }, how));
  return `${advice} ${why}`;
};

const withAlert = (standing, tone, more) => ({ entries: [made('2026-12-20'), alert(standing, more)], alerts: [[41, tone]] });
const TABLE = [
  // What can be sold.
  ['in order, with a date', {}, 'sell dated'],
  ['in order, no date on record', { entries: [made('')] }, 'sell nodate'],
  ['its last day', { entries: [made('2026-11-29')] }, 'sell dated'],
  ['a lot, in order', { level: 'batch', entries: [made('2026-12-20', { through: 'batch' })] }, 'sell dated'],
  ['an hour since others saw the ledger', { fresh: 'old', asOf: NOW - 2 * HOUR }, 'sell dated'],
  ['a correction', { entries: [made('2026-12-20'), entry(1, 18, { marks: [['voided', 19]] })] }, 'sell dated'],
  ['bulk lists are a number by design', { older: 0 }, 'sell dated'],
  // What comes off the shelf.
  ['recalled by the owner', withAlert('owner', 'red'), 'off recalled'],
  ['recalled by a regulator', withAlert('regulator', 'red'), 'off recalled'],
  ['stolen, says the owner', withAlert('owner', 'red', { disposition: 'stolen' }), 'off alert'],
  ['past its date, by the owner', { entries: [made('2026-11-28')] }, 'off expired'],
  ['past its date, by whom the owner lets', { entries: [made('2026-11-28', { standing: 'granted' })] }, 'off expired'],
  ['recalled, and the ledger is stale', { ...withAlert('owner', 'red'), state: ['stale'], fresh: 'stale' }, 'off recalled'],
  ['recalled, and another record fails', { ...withAlert('owner', 'red'), state: ['failed', 'parts', 'part-changed', 17], entries: [made('', { ok: false }), alert('owner')] }, 'off recalled'],
  ['recalled, in a ledger that nobody else has seen', { ...withAlert('owner', 'red'), state: ['not-cosigned'], fresh: 'operator', asOf: 0 }, 'off recalled'],
  ['a product, recalled as a whole', { ...withAlert('owner', 'red', { through: 'product' }), level: 'product' }, 'off recalled'],
  // No word of a stranger, and nothing unproven, takes it off.
  ['a warning', withAlert(STRANGER, 'warning'), 'ask warning'],
  ['a warning by whom the owner lets', withAlert('granted', 'warning'), 'ask warning'],
  ['a stranger’s alert that some report calls red', withAlert(STRANGER, 'red'), 'ask warning'],
  ['an alert from before the number was owned', withAlert('unowned', 'red'), 'ask warning'],
  ['a recall by a stolen key', withAlert('owner', 'red', { marks: [['disputed', '-']] }), 'ask warning'],
  ['a recall that was ended', withAlert('owner', 'red', { marks: [['ended', 44]] }), 'ask warning'],
  ['a recall whose record fails', { ...withAlert('owner', 'red', { ok: false }), state: ['failed', 'signature', 'signature', 41] }, 'ask failed'],
  ['a recall whose record is not there', { alerts: [[99, 'red']] }, 'ask failed'],
  ['a red line about a record that is no alert', { entries: [made('2026-12-20'), entry(1, 41)], alerts: [[41, 'red']] }, 'ask warning'],
  ['a date by a stranger', { entries: [made(''), entry(1, 18, { standing: STRANGER, lines: [['/ilmd/cbvmda:itemExpirationDate', '2026-01-01']] })] }, 'sell nodate'],
  ['a date by whom the owner lets do other things', { entries: [made(''), entry(1, 18, { standing: 'granted', rights: 1, lines: [['/ilmd/cbvmda:itemExpirationDate', '2026-01-01']] })] }, 'sell nodate'],
  ['past a date from before the number was owned', { entries: [made('2026-01-01', { standing: 'unowned' })] }, 'ask date'],
  ['past its date, while a record fails', { state: ['failed', 'signature', 'signature', 18], entries: [made('2026-01-01'), entry(1, 18, { ok: false })] }, 'ask failed'],
  ['past its date, and the limits left something out', { entries: [made('2026-01-01')], cut: [1] }, 'ask date'],
  ['a day that there is not', { entries: [made('2027-02-30')] }, 'ask date'],
  ['a date in another form', { entries: [made('2027/01/01')] }, 'ask date'],
  ['a date that is none', { entries: [made('20 December')] }, 'ask date'],
  // Each state of the report that is not in order.
  ['not seen by others', { state: ['not-cosigned'], fresh: 'operator', asOf: 0 }, 'ask alone'],
  ['seen by too few', { state: ['not-cosigned'], asOf: 0 }, 'ask alone'],
  ['stale', { state: ['stale'], fresh: 'stale', asOf: NOW - 30 * HOUR }, 'ask stale'],
  ['failed', { state: ['failed', 'parts', 'part-changed', 17], entries: [made('2026-12-20', { ok: false })] }, 'ask failed'],
  ['failed as a whole', { state: ['failed', 'issued', 'never-issued', '-'] }, 'ask failed'],
  ['refused', { refused: true, entries: [], state: ['failed', 'inclusion', 'map-proof', '-'] }, 'ask refused'],
  ['unusable', { refused: true, entries: [], state: ['unusable', 'file', 'file', '-'] }, 'ask unreadable'],
  ['never issued', { state: ['unissued'] }, 'ask unissued'],
  ['nobody’s number', { state: ['unowned'] }, 'ask unowned'],
  ['a state that nobody knows', { state: ['splendid'] }, 'ask unreadable'],
  ['a report of another version', { version: '3' }, 'ask unreadable'],
  ['verified, says the whole; failed, says an entry', { entries: [made('2026-12-20'), entry(1, 18, { ok: false })] }, 'ask failed'],
  ['no record of the code, proven', { nodes: [['node', 0, 17, 'batch']] }, 'ask unknown'],
  ['nothing happened to it', { entries: [entry(0, 17, { kind: 'master-data' })] }, 'ask bare'],
  ['a product’s number', { level: 'product', entries: [made('', { through: 'product' })] }, 'ask product'],
  ['what goods travel in', { level: 'other' }, 'ask other'],
  ['older rows left out', { older: 3 }, 'ask part'],
  ['what lies further back left out', { cut: [1] }, 'ask part'],
  ['the ledger ahead of this clock', { fresh: 'clock' }, 'ask clock'],
  ['a freshness that nobody knows', { fresh: 'new' }, 'ask clock'],
];
for (const [name, made_, expected] of TABLE) test(`advice: ${name}`, () => assert.equal(told(made_), expected));

test('advice: what nobody signed can lead to a colleague, and nowhere else', () => {
  assert.equal(told({}, { code: null }), 'ask history');
  assert.equal(told({}, { code: { known: false } }), 'ask history');
  assert.equal(told({}, { code: { known: true } }), 'ask often', 'no word on how often');
  assert.equal(told({}, { code: { known: true, often: true, count: 214 } }), 'ask often');
  assert.equal(told({}, { elsewhere: 'evil.example' }), 'ask elsewhere');
  const frozen = (why) => ({ code: { known: true, often: false, frozen: why, first: '2026-11-01' } });
  assert.deepEqual(['stolen', 'copied', 'withdrawn', 'of a later version'].map((why) => told({}, frozen(why))), ['ask frozen.stolen', 'ask frozen.copied', 'ask frozen', 'ask frozen']);
  const inner = { code: { known: true, often: false, inner: '2026-11-01' } };
  assert.equal(told({}, inner), 'ask inner');
  assert.equal(told({}, { code: { ...inner.code, ...frozen('copied').code } }), 'ask frozen.copied', 'and before what a shopper did');
  assert.equal(told({}, { elsewhere: 'evil.example', ...frozen('stolen') }), 'ask frozen.stolen', 'the word of the owner goes first');
  for (const how of [frozen('stolen'), inner, { code: null }, { code: { known: true, often: true } }, { elsewhere: 'evil.example' }]) assert.equal(told(withAlert('owner', 'red'), how), 'off recalled');
});

test('advice: a kept proof may be sold by for half a shift, and takes off the shelf as long as it is kept', () => {
  const at = (age, more) => told({ fresh: 'old', ...more }, { now: AS_OF + age, kept: AS_OF });
  assert.equal(at(SELL_MS), 'sell dated');
  assert.equal(at(SELL_MS + 1), 'ask old');
  assert.equal(told({}, { now: NaN }).startsWith('ask'), true, 'no clock');
  // Loaded now from a ledger that others saw long ago is as old as that.
  assert.equal(told({ fresh: 'old', asOf: NOW - SELL_MS - 1000 }), 'ask old');
  assert.equal(at(9 * HOUR, withAlert('owner', 'red')), 'off recalled');
  assert.equal(told({ entries: [made('2026-11-29')] }, { now: NOW + DAY, kept: NOW }), 'off expired');
  assert.equal(advise(report(), { now: NOW, kept: NOW - HOUR, code: CODE }).known, NOW - HOUR);
});

test('advice: around midnight the date is not settled', () => {
  const midnight = Date.parse('2026-11-30T00:00:00Z');
  const at = (now) => told({ entries: [made('2026-11-29')], asOf: now - 60000 }, { now });
  assert.deepEqual([-11, -5, 5, 11].map((minutes) => at(midnight + minutes * 60000)), ['sell dated', 'ask date', 'ask date', 'off expired']);
});

test('advice: with any line of a report gone, nothing is sold that bears on it', () => {
  for (const drop of ['report', 'subject', 'as-of', 'node', 'fresh', 'state']) assert.equal(told({ drop }).startsWith('ask'), true, drop);
  const whole = made('2026-12-20');
  for (const kind of ['entry', 'standing', 'done']) {
    let said;
    try { said = told({ entries: [whole.filter((row) => row[0] !== kind)] }); } catch (error) { said = 'thrown, so the page says that the check stopped'; }
    assert.equal(/^sell dated/.test(said), false, kind);
  }
});

test('advice: of all combinations one kind alone is sold', () => {
  const good = { state: 'verified', fresh: 'fresh', level: 'item', alert: '', cut: [], older: 0, date: '2026-12-20', code: CODE, elsewhere: '', age: 0, ok: true };
  const ways = { state: ['verified', 'not-cosigned', 'stale', 'failed', 'unusable', 'unissued', 'unowned', ''], fresh: ['old', 'stale', 'clock'], level: ['item', 'batch', 'product'],
    alert: ['', 'warning', 'red', 'red by a stranger'], cut: [[], [1]], date: ['', '2026-12-20', '2026-11-01'], code: [CODE, null, { known: true, often: true }, { known: true, often: false, frozen: 'copied' }, { known: true, often: false, inner: '2026-11-01' }], elsewhere: ['', 'evil.example'], age: [0, 5 * HOUR], ok: [true, false] };
  let [count, sold, off] = [0, 0, 0];
  const go = (keys, one) => {
    if (keys.length) {
      for (const value of ways[keys[0]]) go(keys.slice(1), { ...one, [keys[0]]: value });
      return;
    }
    const stranger = one.alert === 'red by a stranger';
    const entries = [made(one.date, { ok: one.ok, through: one.level === 'batch' ? 'batch' : 'item' }), ...(one.alert ? [alert(one.alert === 'red' ? 'owner' : STRANGER)] : [])];
    const said = advise(report({ state: [one.state], fresh: one.fresh, level: one.level, cut: one.cut, entries, alerts: one.alert ? [[41, stranger ? 'red' : one.alert]] : [], asOf: AS_OF }),
      { now: NOW, kept: NOW - one.age, code: one.code, elsewhere: one.elsewhere }).advice;
    count += 1;
    const recall = one.alert === 'red' && !['unusable', ''].includes(one.state);
    const past = one.date === '2026-11-01' && one.ok && !one.cut.length && ['verified', 'not-cosigned', 'stale', 'unissued', 'unowned'].includes(one.state);
    const fine = one.state === 'verified' && ['fresh', 'old'].includes(one.fresh) && ['item', 'batch'].includes(one.level) && !one.alert && !one.cut.length && one.date !== '2026-11-01'
      && one.code === CODE && !one.elsewhere && !one.age && one.ok;
    const expected = recall || past ? 'off' : fine ? 'sell' : 'ask';
    if (said !== expected) assert.fail(`${said}, not ${expected}: ${JSON.stringify(one)}`);
    sold += said === 'sell';
    off += said === 'off';
  };
  go(Object.keys(ways), good);
  assert.ok(count > 20000 && sold > 0 && off > 0, `${count} ${sold} ${off}`);
});

test('advice: what it reads is what the report says', () => {
  const k = read(report({ ...withAlert('owner', 'red'), cut: [1] }));
  assert.deepEqual([k.state, k.level, k.part, k.absent, k.asOf, k.records, k.failed, k.until], ['verified', 'item', true, false, AS_OF, 2, 0, ['17', '/ilmd/cbvmda:itemExpirationDate', '2026-12-20']]);
});
