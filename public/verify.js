// Checks a saved proof with the network off: the file and the rules go into the verifier that this page carries, the report
// becomes words. `Leafproof` (page.js) stands before it, `WS` holds both languages' words. Nothing here asks anybody anything.
(() => {
  const L = Leafproof;
  const { t, l } = L.words;
  /** `ledger::bundle::MAX_BUNDLE` and `ledger::policy::MAX_POLICY`. */
  const FILE_MAX = 4 * 1024 * 1024;
  const main = [...document.querySelectorAll('main')].find((m) => m.dataset.lang === l);
  document.querySelectorAll('main').forEach((m) => { if (m !== main) m.remove(); });
  document.documentElement.lang = main.lang;
  document.title = main.dataset.title;
  const $ = (selector) => main.querySelector(selector);
  const el = (tag, cls, ...inside) => {
    const made = document.createElement(tag);
    if (cls) made.className = cls;
    made.append(...inside);
    return made;
  };
  const fill = (key, values = {}) => (t[key] || key).replace(/\{(\w+)\}/g, (all, k) => (k in values ? values[k] : all));
  const moment = (ms) => L.shown('time', [L.pad(ms)]);
  const MARKS = {
    none: '<path class="dot" d="M10 1v5m0 12v5"/><circle class="dot" cx="10" cy="12" r="5.2"/>',
    run: '<path class="t" d="M10 1v5m0 12v5"/><circle class="r" cx="10" cy="12" r="5.2"/>',
    all: '<path d="M10 1v22"/><circle class="f" cx="10" cy="12" r="6"/>',
    alone: '<path d="M10 1v5m0 12v5"/><circle cx="10" cy="12" r="5.2"/><path class="f" d="M10 6.8a5.2 5.2 0 0 0 0 10.4z"/>',
    stale: '<path d="M10 1v11"/><circle class="f" cx="10" cy="12" r="6"/><path class="dot" d="M10 19v5"/>',
    fail: '<path d="M10 0v4m0 16v4M4.6 9.4a5.6 5.6 0 0 1 10.8 0M4.6 14.6a5.6 5.6 0 0 0 10.8 0"/>',
    gone: '<path class="dot" d="M10 2v20"/>',
  };
  function say(mark, tone, words, more = '') {
    const box = $('.state');
    box.className = `state ${tone}`;
    box.querySelector('.m').innerHTML = MARKS[mark];
    box.querySelector('h2').textContent = words;
    box.querySelector('p').textContent = more;
    main.dataset.state = mark;
  }

  const base64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const code = document.getElementById('verifier').textContent;
  let rules = new TextEncoder().encode(document.getElementById('policy').textContent);
  let last = null;

  /** What stops a check before there is a report. Never green. */
  class Cannot extends Error {}

  /** A fresh verifier for each file: its memory is given back with it. */
  async function verifier() {
    if (!code) throw new Cannot('none');
    if (typeof WebAssembly !== 'object') throw new Cannot('wasm');
    const made = await WebAssembly.instantiate(base64(code)).catch(() => { throw new Cannot('wasm'); });
    return L.engine(made.instance.exports);
  }

  let turn = 0;
  async function check(file) {
    turn += 1;
    const mine = turn;
    last = file;
    $('.told').replaceChildren();
    say('run', '', fill('verify.s.run', { name: file.name }));
    if (file.size > FILE_MAX) throw new Cannot('large');
    const bytes = new Uint8Array(await new Response(file).arrayBuffer().catch(() => { throw new Cannot('read'); }));
    const engine = await verifier();
    // Another file or other rules came meanwhile: what is shown is theirs.
    if (mine !== turn) return;
    const start = engine.open(bytes, rules, new Uint8Array(0), Date.now());
    const rows = start.rows;
    const entries = [];
    for (let i = 0; i < start.count; i += 1) entries.push(engine.entry(i));
    if (start.count >= 0) rows.push(...engine.finish());
    told(rows, entries, engine.hash(rules));
  }

  function told(rows, entries, hash) {
    const find = (kind) => rows.find((r) => r[0] === kind) || [];
    const of = (kind) => rows.filter((r) => r[0] === kind);
    const [, state, step, word, failedAt] = find('state');
    const why = (s) => ({ s, name: t[`step.${s}`], why: t[`broken.why.${s}`] });
    if (state === 'unusable' || state === undefined || find('report')[1] !== '2') {
      say('none', 'warn', t['verify.s.unusable'], t[step === 'policy' || word === 'policy' ? 'verify.why.rules' : 'verify.why.form']);
      return;
    }
    const place = new Map(of('node').map((r) => [+r[1], r[3]]));
    const kinds = ['object', 'aggregation', 'transformation', 'transaction', 'association'];
    const records = entries.filter((e) => kinds.includes(e.kind)).sort((a, b) => time(a) - time(b) || a.index - b.index);
    const good = entries.filter((e) => e.ok).length;
    const n = records.length;
    const k = records.filter((e) => e.ok).length;
    const seen = of('cosigner').map((r) => r[1]);
    const asOf = +(find('fresh')[2] || 0) || +(find('log-time')[1] || 0) * 1000;
    const size = L.shown('number', [find('checkpoint')[2] || '0']);
    const mirrors = find('complete')[1] === 'mirrors';
    const level = find('subject')[3];
    const absent = !of('cut').length && !of('node').some((r) => r[3] === 'item' || r[3] === level);
    if (state === 'failed') {
      const s = L.six(step);
      say('fail', 'fail', n ? fill('verify.s.failed', { k, n }) : t['verify.s.failed.file'], step === 'file' ? t['verify.why.file'] : t[`word.${word}`] || `${fill('verify.why.step', why(s))} (${word})`);
    } else if (state === 'stale') say('stale', 'warn', fill('verify.s.stale', { n, when: moment(asOf) }));
    else if (absent) say('gone', '', t[mirrors ? 'verify.s.absent' : 'verify.s.absent.alone']);
    else if (state === 'unissued' || state === 'unowned') {
      say('stale', 'warn', fill(`verify.s.${state}`, { n }), t[`owner.${state === 'unissued' ? 'unissued' : find('number')[2] === '-' ? 'nobody' : 'before'}`]);
    } else if (state === 'not-cosigned') say('alone', '', fill(seen.length ? 'verify.s.few' : 'verify.s.alone', { n }));
    else if (state === 'verified' && good === entries.length) say('all', '', L.many('verify.s.verified', n));
    else say('fail', 'fail', t['verify.s.failed.file']);

    const facts = el('dl', 'facts');
    const fact = (key, ...value) => facts.append(el('div', '', el('dt', '', t[key]), el('dd', '', ...value)));
    fact('verify.f.item', el('b', '', printed(find('subject')[1] || '–')), ` ${t['verify.f.compare']}`);
    if (find('checkpoint')[1]) fact('verify.f.ledger', `${find('checkpoint')[1]} #${size}`);
    if (asOf) fact('verify.f.asof', moment(asOf));
    fact('verify.f.seen', seen.length ? seen.join(', ') : t['verify.f.seen.none']);
    if (state !== 'failed') fact('verify.f.complete', t[mirrors ? 'verify.f.complete.mirrors' : 'verify.f.complete.operator'],
      of('cut').length || of('list').some((r) => r[2] !== 'bulk' && +r[4] > 0) ? ` ${t['verify.f.cut']}` : '');
    if (find('checkpoint')[3]) fact('verify.f.root', el('code', '', find('checkpoint')[3]));
    fact('verify.f.rules', el('code', '', hash));

    const list = el('ol', 'rows');
    const alerts = new Map(of('alert').map((r) => [r[1], r[2] === 'red']));
    for (const e of records) list.append(row(e, place, alerts));
    const rest = entries.filter((e) => !kinds.includes(e.kind));
    for (const e of rest.filter((e) => !e.ok)) list.append(row(e, place, alerts));
    const save = el('button', '', t['verify.report']);
    save.type = 'button';
    save.onclick = () => saveReport(rows, entries);
    const box = $('.told');
    box.replaceChildren(facts);
    if (entries.length) {
      box.append(el('h2', 'head', t['verify.records']), list,
        el('p', 'fine', fill('verify.others', { n: rest.filter((e) => e.ok).length })));
    }
    box.append(el('div', 'acts', save));
    if (failedAt !== undefined) box.dataset.failed = failedAt;
  }

  /** A Digital Link path as labels print it: (01) 09521234000044 (21) 7K2M9QX4TD3HWZ. */
  const printed = (path) => path.split('/').slice(1).map((part, i) => (i % 2 ? decodeURIComponent(part) : `(${part})`)).join(' ') || path;
  const time = (e) => L.instant(e.lines.get('/eventTime') || '') || e.logged || 0;
  /** The reader's language, else English, else any. */
  function worded(e, stem) {
    for (const p of [`${stem}/${l}`, `${stem}/en`]) if (e.lines.has(p)) return e.lines.get(p);
    for (const [p, v] of e.lines) if (p.startsWith(`${stem}/`)) return v;
    return undefined;
  }

  function row(e, place, alerts) {
    const item = el('li', `node ${e.ok ? 'ok' : 'fail'}`);
    const [at, zone] = [e.lines.get('/eventTime'), e.lines.get('/eventTimeZoneOffset')];
    const knot = el('i', 'k');
    knot.setAttribute('aria-hidden', 'true');
    item.append(knot);
    if (at) item.append(el('p', 'when', L.shown('time', zone ? [at, zone] : [at])));
    const step = e.lines.get('/bizStep') || e.lines.get('/type') || e.kind || '';
    item.append(el('h3', '', worded(e, '/lp:title') || L.shown('word', [step])));
    const where = el('div', 'place');
    const spot = worded(e, '/place');
    if (spot) where.append(el('p', '', spot));
    if (e.author) where.append(el('p', '', `${L.name(e.names, l) || e.author.id} · ${t[e.author.own ? 'verify.r.own' : 'verify.r.held']}`));
    if (e.right && e.right.word !== 'owner') {
      const text = fill(`slip.right.${e.right.word}`, { owner: e.right.owner, i: e.right.grant });
      where.append(el('p', 'late', e.right.word === 'granted' && e.right.held ? fill('slip.right.held', { text }) : text));
    }
    item.append(where);
    const note = (words, cls = 'note') => item.append(el('p', cls, words));
    if (alerts.has(e.index)) {
      const red = alerts.get(e.index);
      const told = ['do', 'why', 'get'].concat(red && L.may(e, '/lp:notice/lp:phone') ? ['phone'] : []).map((k) => e.lines.get(`/lp:notice/lp:${k}`) || worded(e, `/lp:notice/lp:${k}`)).filter(Boolean);
      item.append(el('div', 'said', el('p', '', el('b', '', t[red ? 'verify.r.alert' : 'verify.r.warning'])), ...told.map((w) => el('p', '', w))));
    }
    for (const [mark] of e.marks) {
      if (mark === 'voided') { item.classList.add('voided'); note(t['verify.r.voided']); }
      if (mark === 'erased') note(t['verify.r.erased']);
      if (mark === 'objected') note(t['verify.r.objected']);
      if (mark === 'disputed') note(t['verify.r.struck']);
    }
    const s = L.six(e.step);
    const [,,,, problem, where_] = e.rows.find((r) => r[0] === 'check' && r[3] === 'failed') || [];
    const result = e.ok ? t['verify.r.ok'] : fill('verify.r.fail', { s, name: t[`step.${s}`], why: `${t[`broken.why.${s}`]} (${where_ || problem || ''})` });
    const table = el('table', '');
    for (const [p, v] of e.lines) {
      const head = el('th', '', p);
      head.scope = 'row';
      table.append(el('tr', '', head, el('td', '', v)));
    }
    const more = el('details', 'rec', el('summary', '', el('span', 'res', `${result}`), el('span', 'open', fill('verify.r.entry', { i: e.index }))));
    more.append(el('p', 'fine', t['verify.r.lines']), table);
    item.append(more);
    return item;
  }

  function saveReport(rows, entries) {
    const lines = rows.concat(entries.flatMap((e) => [['entry', e.index, e.kind, e.ok ? 'ok' : `failed ${e.step}`],
      ...[...e.lines].map(([p, v]) => ['line', e.index, p, v])]));
    const link = el('a');
    link.href = URL.createObjectURL(new Blob([`${lines.map((r) => r.join('\t')).join('\n')}\n`], { type: 'text/plain' }));
    link.download = 'leafproof-report.txt';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  const go = (file) => check(file).catch((error) => {
    if (file !== last) return;
    const why = error instanceof Cannot ? error.message : 'fault';
    $('.told').replaceChildren();
    say('none', 'warn', t['verify.s.unusable'], t[why === 'none' ? 'verify.none' : `verify.why.${why}`]);
  });
  const proof = $('input.proof');
  proof.addEventListener('change', () => { if (proof.files[0]) go(proof.files[0]); });
  const other = $('input.rules');
  other.addEventListener('change', async () => {
    if (!other.files[0] || other.files[0].size > FILE_MAX) return;
    rules = new Uint8Array(await new Response(other.files[0]).arrayBuffer());
    $('.policy').textContent = new TextDecoder().decode(rules);
    if (last) go(last);
  });
  document.addEventListener('dragover', (event) => { event.preventDefault(); document.documentElement.classList.add('dropping'); });
  document.addEventListener('dragleave', () => document.documentElement.classList.remove('dropping'));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    document.documentElement.classList.remove('dropping');
    if (event.dataTransfer.files[0]) go(event.dataTransfer.files[0]);
  });
  document.querySelectorAll('[data-tongue]').forEach((link) => link.addEventListener('click', () => {
    location.hash = link.dataset.tongue;
    location.reload();
  }));
  document.querySelectorAll('[data-tongue]').forEach((link) => { link.hidden = link.dataset.tongue === l; });
  $('.policy').textContent = document.getElementById('policy').textContent;
  say('none', '', t['verify.s.wait']);
  main.querySelectorAll('.needs').forEach((part) => { part.hidden = false; });
})();
