// What a store does with one item: sell it, ask a colleague, or take it off the shelf; and the line that says so. It is decided from the
// verifier's report and from verified lines alone. What else comes in (how often the code was scanned, where it leads, how old the proof
// is) is nobody's signed word: it can turn "sell" into "ask", and nothing else. Needs page.js before it; no page, no network, no clock.
'use strict';
Leafproof.advice = (() => {
  const L = Leafproof;
  const MINUTE_MS = 60000;
  /** By how much the clocks of ledger and device may differ around midnight; page.js has the same. */
  const CLOCKS_MS = 10 * MINUTE_MS;
  /** How old what is known may be for "sell". A recall reaches stores within the day, and whoever stands at the shelf meets a network, or a
   *  colleague who does, within half a shift: so a half shift is what nobody need ask for. Older, the item may have been recalled since, and a
   *  question costs a minute. Well below the hours after which the ledger's own rules call it stale. */
  const SELL_MS = 4 * 60 * MINUTE_MS;
  /** All that was checked holds (page.js). Only the first can be sold. */
  const SOUND = ['verified', 'not-cosigned', 'stale', 'unissued', 'unowned'];

  /** Runs the verifier over a proof: every line of its report, and each entry once. */
  function verify(engine, { proof, policy, path, now }) {
    const start = engine.open(proof, policy, L.nameBytes(path), now);
    const entries = new Map();
    for (let i = 0; i < start.count; i += 1) {
      const e = engine.entry(i);
      entries.set(e.index, e);
    }
    return { rows: start.count < 0 ? start.rows : start.rows.concat(engine.finish()), refused: start.count < 0, entries };
  }

  /** What of a report bears on the advice. */
  function read({ rows, refused, entries }) {
    const find = (kind) => rows.find((row) => row[0] === kind) || [];
    const of = (kind) => rows.filter((row) => row[0] === kind);
    const [, state, step, word, entry] = find('state');
    const level = find('subject')[3];
    const nodes = of('node');
    const whole = !refused && SOUND.includes(state);
    return {
      version: find('report')[1], state, step, word, entry, refused, level, entries, whole,
      // Of the code itself, not of its batch or its product.
      absent: !nodes.some((row) => row[3] === 'item' || row[3] === level),
      // What the limits left out: older rows (bulk lists are a number by design), and what lies further back than is followed.
      part: of('cut').length > 0 || of('list').some((row) => row[2] !== 'bulk' && !(+row[4] === 0)),
      alerts: of('alert').map(([, index, tone]) => ({ tone, index, e: entries.get(index) })),
      until: refused ? [] : L.dated((index) => entries.get(index), entries),
      fresh: find('fresh')[1], asOf: +find('as-of')[1] * 1000 || 0,
      records: [...entries.values()].filter(L.happened).length,
      failed: [...entries.values()].filter((e) => !e.ok).length,
      headline: entries.get(find('headline')[1]),
    };
  }

  /** An alert in force whose author may take goods off every shelf: the owner of the number, or a regulator. The verifier said so (`red`); that
   *  the entry's own lines say the same is asked once more, for here a stranger's word would do most harm. */
  const recalls = ({ tone, e }) => tone === 'red' && e && e.ok && e.sort === 'alert' && ['owner', 'regulator'].includes((e.right || {}).word)
    && !e.marks.some(([mark]) => mark === 'disputed' || mark === 'ended');

  /** The date on the pack: whether it is past, is not, or cannot be said. By the days of the page's product line (`Leafproof.inOrder`). */
  function dated(k, now) {
    const [index, , value] = k.until;
    if (value === undefined) return { word: 'none' };
    const days = [now - CLOCKS_MS, now, now + CLOCKS_MS];
    const left = L.inOrder(value, days).length;
    // A day that there is, written as dates are: only then it has another form. And a clock that gives a time.
    const known = L.shown('date', [value]) !== value && Number.isFinite(now);
    const at = { index, value, e: k.entries.get(index) };
    if (known && left === days.length) return Object.assign(at, { word: 'in', said: L.inOrder(value, [now])[0] });
    // Before anybody owned the number anybody could write a date for it.
    const may = known && left === 0 && k.whole && !k.part && ['owner', 'granted'].includes((at.e.right || {}).word);
    return Object.assign(at, { word: may ? 'past' : 'unclear' });
  }

  /** The advice: `sell`, `ask` or `off`; why, by the name of its text; and the record whose line that is, where it is one's.
   *  `now` is the device's clock; `kept` the time at which the proof was loaded, where it was not now; `code` what the server says of the code's
   *  history; `elsewhere` the host that the code on the pack leads to, where it is not this site. */
  function advise(report, { now, kept = now, code = null, elsewhere = '' }) {
    const k = read(report);
    const known = Math.min(k.asOf || kept, kept);
    const told = (advice, why, more) => Object.assign({ advice, why, known, k, values: {} }, more);
    const ask = (why, more) => told('ask', why, more);
    if (k.version !== '2' || ![...SOUND, 'failed'].includes(k.state)) return ask('unreadable');
    if (k.refused) return ask('refused', { values: { word: k.word, step: k.step } });

    // A recall stands by itself: its signature, its place in the ledger and the right of its author were checked, whatever else fails, and
    // however long ago: waiting makes nothing fit to eat.
    const alarms = k.alerts.filter(recalls);
    const recall = alarms.find(({ e }) => L.bare(e.lines.get('/disposition') || '') === 'recalled') || alarms[0];
    if (recall) return told('off', L.bare(recall.e.lines.get('/disposition') || '') === 'recalled' ? 'recalled' : 'alert', { e: recall.e });
    const date = dated(k, now);
    if (date.word === 'past') return told('off', 'expired', { e: date.e, values: { date: date.value } });

    if (!k.whole || k.failed) return ask('failed', { values: { word: k.word, step: k.step, n: k.failed } });
    if (!['fresh', 'old', 'stale', 'operator'].includes(k.fresh)) return ask('clock');
    if (k.level === 'product') return ask('product');
    if (!['item', 'batch'].includes(k.level)) return ask('other');
    if (k.absent) return ask('unknown');
    if (!k.records) return ask('bare');
    if (k.state === 'unissued' || k.state === 'unowned') return ask(k.state);
    const [warning] = k.alerts;
    if (warning) return ask(warning.e && warning.e.ok ? 'warning' : 'failed', { e: warning.e });
    if (date.word === 'unclear') return ask('date', { e: date.e, values: { date: date.value } });
    if (k.state === 'stale' || k.fresh === 'stale') return ask('stale');
    if (k.state !== 'verified' || k.fresh === 'operator' || !k.asOf) return ask('alone');
    if (k.part) return ask('part');
    // Said by this site for the owner of the number, and signed by nobody.
    if (code && code.frozen) return ask(['stolen', 'copied'].includes(code.frozen) ? `frozen.${code.frozen}` : 'frozen', { values: { day: code.first } });
    if (code && code.inner) return ask('inner', { values: { day: code.inner } });
    if (elsewhere) return ask('elsewhere', { values: { host: elsewhere } });
    if (!(now - known <= SELL_MS)) return ask('old');
    if (!code || code.known !== true) return ask('history');
    if (code.often !== false) return ask('often', { values: { n: code.count, day: code.first } });
    return told('sell', date.word === 'none' ? 'nodate' : 'dated', { e: date.e, values: { said: date.said } });
  }

  return { SELL_MS, verify, read, advise };
})();
