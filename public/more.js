// What nobody waits for: the reasons of a result, receipts, what is kept for the next visit, what exactly failed, seldom words and
// states, films and documents in their place, evidence of a fork. page.js fetches this when its check has ended, or earlier where it needs it (`more()`),
// and hands over its own tools. The server writes the words before it (`const M={…};`, app::texts::more_words).
'use strict';
Leafproof.learn(M);

/** Whether a record that was taken back says so, by the entry that did it, and shows of each of its facts what became of it: struck through,
 *  with another record's value beside it or none, or standing as it does there. That record is the first on this page that the correction names, of the
 *  same author, and not taken back itself (trace::page::facts). */
Leafproof.corrected = (root, e, get, by) => {
  const { stem, labelOf, fill } = Leafproof;
  const every = (selector, within = root) => [...within.querySelectorAll(selector)];
  const taken = get(by);
  const lines = taken && taken.ok ? taken.lines : new Map();
  const ids = [...lines].filter(([pointer]) => pointer.startsWith('/errorDeclaration/correctiveEventIDs/')).map(([, id]) => id);
  const now = every('li.node', document).map((li) => get(li.dataset.entry))
    .find((one) => one && one.ok && e.author && one.author && one.author.id === e.author.id && ids.includes(one.lines.get('/eventID')) && !one.marks.some(([mark]) => mark === 'voided'));
  const tags = ['', '/en', '/zh'];
  const same = (pointer) => tags.every((tag) => now.lines.get(stem(pointer) + tag) === e.lines.get(stem(pointer) + tag));
  const first = (el) => (el && el.dataset.p ? stem(el.dataset.p.split(' ')[0]) : '');
  const fine = (dd) => {
    const label = dd.previousElementSibling;
    const told = label.querySelector('[data-p]');
    const at = first(dd.querySelector('[data-p]'));
    const called = now && (told ? same(told.dataset.p) : labelOf(at, now.lines) === label.textContent);
    const [del, ins, more] = dd.children;
    const unit = at.replace(/\w+$/, 'uom');
    if (!del) return false;
    if (!del.matches('del')) return called && !every('ins', dd)[0] && same(unit) && every('[data-p],[data-h]', dd).every((el) => (el.dataset.p || el.dataset.h).split(' ').every(same));
    if (ins) {
      const [value, other] = ins.children;
      return called && !more && ins.matches('ins') && value && !other && value.dataset.e === now.index && first(value) === at && now.lines.has(unit) === value.dataset.p.includes(unit);
    }
    // What the other record has of it stands beside it; another document is only there.
    const [own] = /^\/lp:facts\/\d+\//.exec(at) || [];
    return !(called && own && tags.some((tag) => now.lines.has(at + tag))) || now.lines.has(`${own}lp:file`) || e.lines.has(`${own}lp:file`);
  };
  const [note, twice] = every('.note');
  const when = note && note.querySelector('small>[data-p]');
  const why = note && every('[data-p]', note).find((el) => el !== when);
  const told = !twice && when && note.matches('.body>p') && every('[data-p]', note).every((el) => el.dataset.e === by)
    && note.textContent.trim() === `${fill('node.corrected', { reason: why ? why.textContent : '' })} ${fill('node.corrected.at', { when: when.textContent })}`;
  return Boolean(told) && every('del,ins').every((el) => el.matches('.facts>div>dd>*')) && every('.facts dd').every(fine);
};

/** What is wrong with how a record says who objects to it, what was taken back, whether its alert counts, and which of the two colours an alert has. */
Leafproof.disputes = (root, e, get) => {
  const { words: { t, l }, name, fill, holds, strays } = Leafproof;
  const { wrong, fail, every, held } = holds(root);
  const marked = (word) => e.marks.find(([mark]) => mark === word);
  held('struck', '.struck', '.body>p', marked('disputed') ? t['node.right.struck'] : undefined);
  const loud = e.sort === 'alert' && !marked('disputed');
  if (loud ? root.matches('.alarm') === root.matches('.warned') : root.matches('.alarm,.warned')) fail('notice.kind');
  const by = marked('objected');
  const said = by && get(by[1]);
  const [box] = every('.objection');
  const [reason, when] = ['[data-p^="/lp:reason/"]', 'small [data-p]'].map((selector) => (box ? box.querySelector(selector) : null));
  const why = Boolean(said) && [...said.lines.keys()].some((p) => p.startsWith('/lp:reason/'));
  if (by && !(said && said.ok && when && Boolean(reason) === why)) fail('objection');
  else held('objection', '.objection', `.body>p[data-e="${by && by[1]}"]`, by && `${fill(why ? 'node.objected' : 'node.objected.bare', { who: name(said.names, l), why: why && reason.textContent })} ${when.textContent}`);
  const voided = marked('voided');
  if (voided ? !Leafproof.corrected(root, e, get, voided[1]) : every('.note,del,ins').length) fail(voided ? 'current' : 'uncorrected');
  if (every('.gone').length !== Number(Boolean(marked('erased')))) fail('erased');
  if (strays(every, /^node\.objected|^notice\.warning/)) fail('right');
  return wrong;
};

/** What an element of the form of a page without records is not, as `alien` in page.js has it for all others: it asks for one code, and
 *  asks this site alone. Elements with their attributes, each with its value. */
Leafproof.asks = (el) => {
  const parts = [['form', 'class=type', 'id=type', 'action=/find', 'method=get', 'role=search'], ['input[name=lang]', 'name=lang', 'type=hidden', `value=${Leafproof.words.l}`],
    ['input', 'id=code', 'name=code', 'type=text', 'value=', 'required=', 'autocomplete=off', 'autocapitalize=characters', 'spellcheck=false', 'maxlength=400', 'aria-describedby=code-hint'],
    ['label', 'for=code'], ['p', 'class=hint', 'id=code-hint'], ['button', 'class=go']];
  const part = parts.find(([kind]) => el.matches(kind));
  const odd = part && [...el.attributes].find(({ name, value }) => !part.includes(`${name}=${value}`, 1));
  return !part ? `<${el.localName}>` : odd ? `${odd.name}="${odd.value}"` : '';
};

Leafproof.more = ({ SOUND, subject, items, absent, line, MARKS, $, all, say, fill, many, put, records, ended, number, bytes, cannot: end }) => {
  const sound = (state) => SOUND.includes(state[1]);
  const L = Leafproof;
  const { t, l } = L.words;
  MARKS.alone = '<path d="M10 1v5m0 12v5"/><circle cx="10" cy="12" r="5.2"/><path class="f" d="M10 6.8a5.2 5.2 0 0 0 0 10.4z"/>';
  MARKS.stale = '<path d="M10 1v11"/><circle class="f" cx="10" cy="12" r="6"/><path class="dot" d="M10 19v5"/>';
  MARKS.gone = '<path class="dot" d="M10 2v20"/>';

  /** Whether this site counts how checks end, and this browser does not say that it wants no such thing. */
  const counts = M.n === 1 && navigator.globalPrivacyControl !== true && navigator.doNotTrack !== '1';
  let counted = false;
  /** Says to this site how the check ended: product, lot and one word, once, and nothing that tells one phone or one pack from another.
   *  The page's own address holds a serial, so it is left out as well. A page that is loaded anew or gone back to was counted before. */
  function count(outcome, found) {
    const [navigation] = performance.getEntriesByType('navigation');
    const product = /^\/01\/\d+/.exec(subject || '');
    if (!counts || counted || !product || (navigation && navigation.type !== 'navigate')) return;
    counted = true;
    let lot = (/^\/01\/\d+\/10\/([^/]+)/.exec(subject) || [])[1];
    for (const index of found && found.place ? found.place.keys() : []) {
      const e = found.get(index);
      const batch = e && e.ok && e.lines.get('@batch');
      if (batch) lot = batch.split('/').pop();
    }
    fetch(`/checked${product[0]}${lot ? `/10/${lot}` : ''}`, { method: 'POST', body: outcome, keepalive: true, referrerPolicy: 'no-referrer' }).catch(() => {});
  }

  const icon = document.querySelector('[rel=icon]');
  if (icon) {
    icon.href = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="#8a867c"><path d="M7.5 0h1v16h-1z"/><circle cx="8" cy="8" r="5"/></svg>')}`;
  }

  const el = (tag, cls, text) => {
    const made = document.createElement(tag);
    if (cls) made.className = cls;
    if (text !== undefined) made.append(...say(text));
    return made;
  };
  const grouped = (n) => L.shown('number', [`${n}`]);
  const moment = (ms) => L.shown('time', [L.pad(ms)]);
  const stepName = (s) => t[`step.${s}`];
  function reasons(rows) {
    const list = $('.why', line);
    if (!list) return;
    list.replaceChildren(...rows.map(([label, text, tone]) => {
      const row_ = el('div');
      row_.append(el('dt', '', label), el('dd', '', ''));
      row_.lastChild.append(el('span', tone || '', text));
      return row_;
    }));
  }
  function checked(text) {
    const part = $('#checked');
    if (!part) return;
    put(part, text);
    put($('#limit'), t.limit);
  }
  /** The code to scan again, on paper alone. */
  function paper() {
    const place = $('.paper');
    if (place && subject && !$('.qr', place)) place.prepend(Object.assign(new Image(), { className: 'qr', src: `/qr/svg${subject}`, alt: '' }));
  }
  /** In the place of the way to the checking page: the proof's address, to copy and as a code, for apps that block downloads; then that page. */
  function carry() {
    paper();
    const link = $('#elsewhere');
    if (!link || !subject || $('#carry')) return;
    const address = `${location.origin}/bundle${subject}`;
    const box = el('details', 'table');
    box.id = 'carry';
    const code = Object.assign(new Image(180, 180), { loading: 'lazy', src: `/qr/bundle${subject}`, alt: t['carry.code'] });
    const where = el('p');
    where.append(el('code', '', address));
    const list = el('ul', 'acts');
    const act = (what) => { const row_ = el('li'); row_.append(what); list.append(row_); };
    box.append(el('summary', '', t.carry), el('p', '', t['carry.text']), where, code, list);
    if (navigator.clipboard) {
      const copy = el('button', '', t['carry.copy']);
      copy.type = 'button';
      copy.onclick = () => navigator.clipboard.writeText(address).then(() => put(copy, t.copied), () => {});
      act(copy);
    }
    act(Object.assign(el('a', '', t['carry.saved']), { href: '/verify' }));
    link.replaceWith(box);
  }

  const CUT = '<path d="M16 0v29m0 28v29M9.6 37.5a6.8 6.8 0 0 1 12.8 0M9.6 48.5a6.8 6.8 0 0 0 12.8 0"/>';
  function broken(item, told) {
    const cut = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    cut.setAttribute('class', 'cut-mark');
    cut.setAttribute('viewBox', '0 0 32 86');
    // Its style may still be on the way.
    cut.setAttribute('width', '32');
    cut.setAttribute('fill', 'none');
    cut.setAttribute('aria-hidden', 'true');
    cut.innerHTML = CUT;
    const said = el('div', 'said');
    const first = el('p');
    first.append(el('b', '', t.broken), ' ', told.join(' '));
    said.append(first, el('p', 'rely', ''), el('p', '', t['broken.staff']));
    item.prepend(cut);
    const body = $('.body', item);
    item.insertBefore(said, body);
    item.insertBefore(el('p', 'unproven', t.notproven), body);
  }

  function mark(wrong) {
    for (const w of wrong) {
      if (w.kind === 'missing' || !w.el || w.el.matches('li,.node')) continue;
      w.el.classList.add('wrong');
      if (w.b !== undefined && w.el.closest('svg') === null) w.el.after(' ', el('span', 'sig', fill('signed', { b: w.b })));
    }
  }
  /** The label of the fact that is wrong, where it has one. */
  const labelOf = (w) => { const row = w.el.closest('.facts > div'); return row && w.el.closest('dd') ? $('dt', row).textContent : ''; };
  function told(wrong, who) {
    return wrong.slice(0, 5).map((w) => (w.kind === 'missing' ? fill('broken.missing', { who, b: w.b })
      : w.kind === 'picture' ? t['broken.picture']
        : t[w.kind] ? fill(w.kind, w)
        : w.kind === 'extra' ? fill('broken.extra', { a: w.a }) : fill(labelOf(w) ? 'broken.labelled' : 'broken.shown', { label: labelOf(w), a: w.a, who: w.by || who, b: w.b })));
  }

  /** By whose right a record stands, in words. */
  function rightOf({ right }) {
    if (right.word !== 'granted') return t[`slip.right.${right.word}`];
    const owner = owners.get(right.owner) || right.owner;
    const text = fill('slip.right.granted', { owner, i: grouped(right.grant) });
    return right.held ? fill('slip.right.held', { text }) : text;
  }
  /** Names of those whose verified records are here, by their ids. */
  const owners = new Map();

  /** One line of an entry's report. */
  const row = (e, kind) => (e.rows.find((r) => r[0] === kind) || []).slice(2);
  // The receipt of one record: complete, and made only when somebody opens it.
  function slip({ item, e, facts, took }, { ledger, memory }) {
    const total = items.length;
    const box = $('.slip', item);
    const rows = [];
    const put2 = (a, b) => { const r = el('div'); r.append(el('span', '', a), el('span', '', b === undefined ? '' : `${b}`)); rows.push(r); };
    const hex = (h) => { const p = el('pre', '', (h || '').replace(/(.{32})(?=.)/g, '$1\n')); rows.push(p); };
    const rule = () => rows.push(el('hr'));
    const [key, signature] = row(e, 'signed').slice(1);
    const [leaf] = row(e, 'leaf');
    const path = row(e, 'path');
    const failedAt = item.matches('.fail') ? item.dataset.step : 0;
    let fit = 0;
    const head = (n, result) => {
      const text = result || (+failedAt === n ? t.not : t.fits);
      if (text === t.fits) fit += 1;
      rule();
      const r = el('div');
      r.append(el('b', '', `${n} ${stepName(n)}`), el('b', '', text));
      rows.push(r);
    };
    const top = el('div');
    top.append(el('b', '', 'LEAFPROOF'), el('b', '', t['slip.receipt']));
    rows.push(top);
    put2(fill('slip.record', { i: number(item), n: total }), fill('slip.checked', { time: new Date(ledger.now).toTimeString().slice(0, 8) }));
    rule();
    put2(t['slip.item'], subject);
    head(1);
    if (e.author) {
      put2(t['slip.by'], L.name(e.names, l));
      put2(t['slip.right'], rightOf(e));
      put2(t['slip.key'], `Ed25519, ${e.author.own ? t['slip.own'] : t['slip.kept']}`);
    }
    hex(key);
    put2(t['slip.signature']);
    hex(signature);
    put2(t['slip.through'], t[`through.${e.through}`] || t['through.item']);
    put2(t['slip.recorded'], moment(e.logged));
    const [, voided] = e.marks.find(([mark]) => mark === 'voided') || [];
    if (voided) put2(t['slip.voided'], fill('slip.of', { i: grouped(voided), n: grouped(ledger.size) }));
    const now = $('ins [data-e]', item);
    if (now) put2(t['slip.now'], fill('slip.no', { i: number($(`li[data-entry="${now.dataset.e}"]`, document)) }));
    head(2);
    put2(t['slip.entry'], fill('slip.of', { i: grouped(e.index), n: grouped(ledger.size) }));
    put2(t['slip.leaf']);
    hex(leaf);
    put2(fill('slip.path', { n: path.length }));
    path.forEach(hex);
    put2(t['slip.rootsigned'], +failedAt === 2 ? t.not : t['slip.equal']);
    hex(ledger.root);
    head(3);
    put2(t['slip.records'], total);
    put2(t['slip.this'], fill('slip.no', { i: number(item) }));
    head(4);
    put2(t['slip.values'], facts.count);
    put2(t['slip.equalbytes'], facts.count - facts.wrong.length);
    head(5, ledger.cosigners.length ? undefined : t.notyet);
    if (!ledger.cosigners.length) put2(t['slip.nobody']);
    ledger.cosigners.forEach((c) => put2(c[0], moment(+c[1] * 1000)));
    head(6, memory.word === 'ok' ? undefined : memory.word === 'first' ? t.first : t.uncompared);
    rule();
    rows.push(el('b', '', fill('slip.fit', { k: fit, m: memory.word === 'first' ? 5 : 6 })), el('p', '', fill(counts ? 'slip.took.counted' : 'slip.took', { ms: took.toFixed(1) })));
    box.replaceChildren(...rows);
    const copy = el('button', '', t.copy);
    copy.type = 'button';
    copy.onclick = () => navigator.clipboard.writeText(box.innerText).then(() => put(copy, t.copied), () => {});
    if (navigator.clipboard) {
      const acts = el('div', 'acts');
      acts.append(copy);
      box.append(acts);
    }
  }

  /** Two signed checkpoints that cannot both be true: whoever holds them can prove it to anybody. */
  function evidence({ engine, memory }) {
    const list = $('#checked-part .acts');
    if (!list) return;
    const against = memory.list.find((one) => ['fork', 'older'].includes(remembered(engine, [one])));
    for (const [key, note] of [['seen', against[0]], ['shown', noteOf(engine)]]) {
      const link = el('a', '', t[`evidence.${key}`]);
      link.href = URL.createObjectURL(new Blob([note], { type: 'text/plain' }));
      link.download = `checkpoint-${key}.txt`;
      const item = el('li');
      item.append(link);
      list.append(item);
    }
  }

  /** A recorded film plays, a drawn or photographed document opens in its place, on tap, once its bytes are the signed ones; without
   *  scripts it is a link, and so is what a page cannot show. */
  function tapped({ item, e }, engine) {
    for (const link of e.ok ? all('a[data-h]', item) : []) {
      if (!e.lines.get(link.dataset.h) || !/^(image|video)\//.test(typeOf(link, e))) continue;
      link.onclick = (event) => {
        event.preventDefault();
        open(link, e, engine);
      };
    }
  }
  const typeOf = (link, e) => e.lines.get(`${link.dataset.h}Type`) || '';
  /** The receipt of one record: made when somebody opens it. */
  function receipt(one, found) {
    const box = $('.rec', one.item);
    box.ontoggle = () => {
      if (!box.open) return;
      box.ontoggle = null;
      slip(one, found);
    };
    box.ontoggle();
  }

  const places = new WeakMap();
  async function open(link, e, engine) {
    const signed = e.lines.get(link.dataset.h);
    const before = places.get(link);
    if (before && before.isConnected) return;
    const film = link.matches('[data-film]');
    const place = el(film ? 'small' : 'figure', film ? 'line' : 'doc');
    const note = film ? place : el('small', 'line');
    places.set(link, place);
    note.setAttribute('role', 'status');
    if (film) link.parentNode.append(place);
    else {
      link.closest('dl').after(place);
      place.append(note);
    }
    const say_ = (how) => put(note, t[`${film ? 'film' : 'file'}.${how}`]);
    say_('wait');
    let got = null;
    let fits = false;
    try {
      got = await bytes(`/media/${signed}`, 'network');
      fits = engine.hash(got) === signed;
    } catch (error) {
      // It did not come, or is too large to be hashed here: it is not shown.
      got = null;
    }
    say_(fits ? 'ok' : got ? 'bad' : 'none');
    note.classList.toggle('sig', !fits);
    // Nothing came: the link stays, for another try.
    if (!got) {
      link.addEventListener('pointerdown', () => place.remove(), { once: true });
      return;
    }
    const src = URL.createObjectURL(new Blob([got], { type: typeOf(link, e) }));
    if (!film) {
      if (fits) document_(link, place, src);
      return;
    }
    const label = el('span');
    label.append(...link.childNodes);
    link.replaceWith(label);
    if (fits) label.before(Object.assign(document.createElement('video'), { controls: true, playsInline: true, autoplay: true, src }));
  }
  /** As wide as it can be read; a narrow screen scrolls it. */
  function document_(link, place, src) {
    const sheet = el('div', 'sheet');
    sheet.tabIndex = 0;
    sheet.append(Object.assign(new Image(), { src, alt: link.textContent }));
    const close = el('button', '', t.close);
    close.type = 'button';
    close.onclick = () => {
      place.remove();
      URL.revokeObjectURL(src);
      link.focus();
    };
    place.prepend(close, sheet);
  }

  /** The whole proof does not hold: no record of it is to be believed. */
  function whole(state, found) {
    count('failed', found);
    records('fail', t['failed.file'], 'fail');
    const of = ['file', 'subject', 'policy'].includes(state[2]) ? t['word.proof'] : stepName(L.six(state[2]));
    reasons([[of, t[`word.${state[3]}`] || t.not, 'fail']]);
    items.forEach((item) => put($('.res', item), fill('rec.cannot', { n: number(item) })));
    paper();
    checked(t['failed.file']);
    ended();
  }

  const NOTICE = /^\/lp:notice\/lp:(do|why|get|phone)(\/|$)/;

  const WARNS = L.phrases(/^notice\.warning/);
  const ORDERS = L.phrases(/^notice\.(do|signed|call)$/);
  /** Our words that an alert, or a warning, does not have. */
  const OTHERS = { red: WARNS, warning: ORDERS.filter((piece) => !WARNS.includes(piece)) };
  /** Alerts in force against the notices over the page: one left out, one that nobody signed, words left out. */
  function notices(boxes, alerts, get) {
    const wrong = boxes.filter((box) => !alerts.some(([index]) => index === box.dataset.e)).map((box) => ({ el: box, kind: 'notice.extra' }));
    for (const [index, tone] of alerts) {
      const e = get(index);
      if (!e || !e.ok) continue;
      // A warning has its author in its heading, an alert its instruction; neither comes in the other's shape.
      const shape = boxes.filter((b) => b.dataset.e === index);
      const red = tone === 'red';
      for (const el of shape) {
        const signed = el.querySelector(red ? '.by [data-by]' : 'h2 [data-by]');
        const heading = el.querySelector('h2');
        const own = red || (heading && heading.textContent.trim() === fill('notice.warning', { who: L.name(e.names, l) })
          && [...el.querySelectorAll('.by>[data-o]')].some((one) => one.textContent.trim() === t['notice.warning.not'] && L.visible(one)));
        if (!el.matches(red ? '.alert:not(.warning)' : '.warning:not(.alert)') || !signed || !own || (!red && el.querySelector('[href^="tel:"]'))
          || [...el.querySelectorAll('[data-o]')].some((one) => OTHERS[tone].includes(one.textContent.trim()))) wrong.push({ el, kind: 'notice.kind' });
      }
      const record = items.find((item) => item.dataset.entry === index);
      if (record && !record.matches(red ? '.alarm' : '.warned')) wrong.push({ el: record, kind: 'notice.kind' });
      const box = boxes.find((b) => b.dataset.e === index);
      const there = new Set(box ? [...box.querySelectorAll('[data-p]')].map((one) => L.stem(one.dataset.p)) : []);
      const left = new Map();
      for (const pointer of e.lines.keys()) {
        const at = L.stem(pointer);
        if (NOTICE.test(pointer) && !there.has(at) && L.may(e, pointer) && (red || at !== '/lp:notice/lp:phone')) {
          left.set(at, [`${at}/${l}`, `${at}/en`, pointer].map((p) => e.lines.get(p)).find((v) => v !== undefined));
        }
      }
      if (box && !left.size) continue;
      const said = ['do', 'why', 'get', 'phone'].map((k) => left.get(`/lp:notice/lp:${k}`)).filter(Boolean)
        .map((text) => (/[.。]$/.test(text) ? text : `${text}${l === 'zh' ? '。' : '.'}`));
      if (!said.length) said.push(L.shown('word', [e.lines.get('/disposition') || '']));
      wrong.push({ kind: red ? 'notice.missing' : 'warning.missing', who: L.name(e.names, l), b: said.join(' '), first: said[0] });
    }
    return wrong;
  }

  /** The product line's marks: a square whose shape is the state. */
  const SQUARES = { ok: 'M4 6h12v12H4z', expired: 'M4.7 6.7h10.6v10.6H4.7zM4 12h12v6H4z', recalled: 'M4.7 6.7h10.6v10.6H4.7zM2 20L18 4',
    corrected: 'M4.7 6.7h10.6v10.6H4.7zM1 12h18', none: 'M4.7 6.7h10.6v10.6H4.7z' };
  /** The day of an event where it happened. */
  function localDay(e) {
    const offset = L.offsetMinutes(e.lines.get('/eventTimeZoneOffset') || '') || 0;
    const at = new Date((L.instant(e.lines.get('/eventTime') || e.own['#at']) || 0) + offset * 60000);
    return L.shown('date', [at.toISOString().slice(0, 10)]);
  }
  /** The product line may not say other than the verified alerts, corrections and date do: made again from them, and compared. */
  function productFits({ product, until, days, get, ofAll, ledger }, alerts) {
    const told = alerts.filter(([, tone]) => tone === 'red').map(([index]) => get(index)).filter((e) => e && e.ok).map((e) => {
      const term = e.lines.get('/disposition') || '';
      const recall = L.bare(term) === 'recalled';
      return [recall, fill(recall ? 'product.recalled' : term ? 'product.alert' : 'product.alert.bare', { day: localDay(e), what: L.shown('word', [term]) })];
    });
    const mark = L.drawn($('[data-line=product] svg'));
    const recalls = told.filter(([recall]) => recall);
    if (told.length) return mark === SQUARES.recalled && (recalls.length ? recalls : told).some(([, sentence]) => sentence === product);
    const over = until && days.some((ms) => Date.parse(until.slice(0, 10)) < Math.floor(ms / 86400000) * 86400000);
    if (over && mark === SQUARES.expired && product === fill('product.expired', { day: L.shown('date', [until]) })) return true;
    // Among what the limits left out may be an alert.
    if (ledger.cut) return mark === SQUARES.none && product === t['product.part'];
    const order = L.inOrder(until, days);
    // No day of those that may be meant is before the date.
    if (!order.length) return false;
    if (!items.length) return mark === SQUARES.none && product === t[ofAll ? 'product.whole' : 'product.unknown'];
    // What somebody takes back that the owner did not name says nothing of the owner's goods.
    const voids = items.map((item) => get(item.dataset.entry)).map((e) => e && /^(owner|granted)$/.test(e.right.word) && e.marks.find((m) => m[0] === 'voided'))
      .map((m) => m && get(m[1])).filter((e) => e && e.ok)
      .sort((a, b) => L.instant(a.own['#at']) - L.instant(b.own['#at']));
    if (!voids.length) return mark === SQUARES.ok && order.includes(product);
    return mark === SQUARES.corrected && product === fill(voids.length > 1 ? 'product.corrected.many' : 'product.corrected', { n: voids.length, day: localDay(voids[voids.length - 1]) });
  }

  /** Where this phone keeps this site's rules: whatever log they name. */
  const RULES = 'leafproof rules';
  /** The rules came from this site, so they are named by their hash, and a change of them is said with both. */
  function named({ engine, policy, ledger }) {
    const place = $('#rules', document);
    if (!place) return;
    const hash = engine.hash(policy);
    const [before, after] = t.policy.split('{hash}');
    place.replaceChildren(before, el('code', '', hash), after);
    const old = kept(RULES);
    if (old && old.rules && old.rules !== hash) {
      place.closest('details').open = true;
      place.append(' ', el('b', 'warn', fill('rules.changed', { when: moment(old.at) })), ' ', el('code', '', old.rules));
    }
    keep(RULES, { rules: hash, at: ledger.now });
  }

  // ---- What this phone keeps of a ledger, in this site's own storage: nothing of it is ever sent. ----

  /** What was kept; null where this browser keeps nothing. */
  function kept(key) {
    try {
      return read(localStorage.getItem(key));
    } catch (error) {
      return null;
    }
  }
  /** As it was written; what somebody else's hand made of it says nothing. */
  function read(text) {
    try {
      return JSON.parse(text || '{}') || {};
    } catch (error) {
      return {};
    }
  }
  /** Keeps it: "kept", or why not: "full" where others took the room, "closed" where nothing may be kept. */
  function keep(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
      return 'kept';
    } catch (error) {
      return error.name === 'QuotaExceededError' && kept(key) !== null && localStorage.length ? 'full' : 'closed';
    }
  }

  /** Compares with what was kept: pairs of a note and its consistency proof. "first", "ok", "uncompared", or what is wrong. */
  function remembered(engine, pairs) {
    const out = [];
    for (const [note, proof] of pairs) {
      const text = new TextEncoder().encode(note);
      out.push(text.length >> 8, text.length & 255, ...text, proof.length / 32, ...proof);
    }
    engine.exports.remember(...engine.put(new Uint8Array(out)));
    const [[, , word, why]] = L.parse(engine.report());
    return word === 'failed' ? why : word;
  }
  /** The signed note of what is shown now. */
  function noteOf(engine) {
    engine.exports.note();
    return engine.report();
  }

  /** How long the comparison with an earlier visit may keep the result waiting. */
  const COMPARE_MS = 5000;
  /** Files that are the same for everybody are asked for without saying who asks, or from which page. */
  const ALIKE = { credentials: 'omit', referrerPolicy: 'no-referrer' };
  /** What this phone kept of this ledger, with the proof from then to now where the site gives one. */
  async function earlier(text, size) {
    const old = read(text);
    const proof = old.milestone && await Promise.race([
      bytes(`/consistency/${old.day}/${size}`, 'network', ALIKE).catch(() => null), new Promise((done) => { setTimeout(done, COMPARE_MS, null); })]);
    // What is no list of hashes is no answer: the site's fault is not this phone's memory.
    return { old, proof: proof && proof.length % 32 === 0 && proof.length < 8192 ? proof : null };
  }

  /** Compares it with what is shown now. The verifier's own result follows the last of these calls. */
  function compared(engine, { old, proof }) {
    const list = old.note ? [[old.note, []]] : [];
    if (old.milestone) list.push([old.milestone, proof || []]);
    const memory = { old, list, word: remembered(engine, list) };
    if (memory.word === 'memory') unreadable(engine, memory);
    return memory;
  }

  /** Kept by somebody else's hand, or damaged: such a note says nothing, and is put aside. The others stand. */
  function unreadable(engine, memory) {
    const { old, list } = memory;
    memory.list = list.filter(([note]) => remembered(engine, [[note, []]]) !== 'memory');
    const stands = (note) => memory.list.some((one) => one[0] === note);
    memory.old = Object.assign({}, old, stands(old.note) ? {} : { note: '' }, stands(old.milestone) ? {} : { milestone: '', day: '' });
    memory.word = remembered(engine, memory.list);
    memory.damaged = true;
  }

  /** Keeps the newer checkpoint: only what a quorum saw, or the operator alone where nobody else is asked. */
  function remember({ engine, memory, ledger }) {
    const { key, old, word } = memory;
    // What was not compared, for something else had failed, is not kept either.
    if (!key || memory.next || word === 'fork' || word === 'older') return;
    if (memory.damaged) memory.word = 'unreadable';
    if (old === null) {
      memory.word = 'closed';
      return;
    }
    memory.next = Object.assign({}, old, { at: ledger.now });
    if (ledger.asOf || !ledger.parties) memory.next.note = noteOf(engine);
    const result = keep(key, memory.next);
    if (result !== 'kept') memory.word = result;
    else if (word === 'first' && !memory.next.note) memory.word = 'later';
    milestone(engine, memory, ledger).catch(() => {});
  }

  /** Once a day, after all else: the day's checkpoint, the same for everybody, for the next visit to be compared with. */
  async function milestone(engine, { key, list, next }, ledger) {
    const day = L.pad(ledger.asOf || ledger.time).slice(0, 10);
    // A milestone that was not compared is not replaced: a site that gives no proof shall not be rid of it.
    const last = next.milestone && list.slice(-1);
    if (!next.note || next.day >= day || (last && !['ok', 'memory'].includes(remembered(engine, last)))) return;
    const note = new TextDecoder().decode(await bytes(`/milestone/${day}`, 'network', ALIKE));
    const proof = await bytes(`/consistency/${day}/${ledger.size}`, 'network', ALIKE);
    if (remembered(engine, [[note, proof]]) === 'ok') keep(key, Object.assign(next, { day, milestone: note }));
  }

  /** Why a check could not be made, and what to do. */
  function cannot(why) {
    count($('.node.fail') ? 'failed' : 'undecided');
    if (!$('.node.fail')) records('none', fill('cannot', { why: t[`why.${why}`] }));
    reasons([[stepName(2), t['cannot.do']]]);
    carry();
  }

  /** What the result rests on, record by record and as a whole. Where the state is a seldom one, `also` says what else. */
  function explain(found, also = {}) {
    const { ledger, memory, state, get, when } = attach(found);
    // Verified, though perhaps not seen by others yet; what is stale, or that nobody answers for, is not.
    count(['verified', 'not-cosigned'].includes(state[1]) && found.fresh[1] !== 'stale' ? 'verified' : 'undecided', found);
    const n = items.length;
    const own = items.filter((item) => { const e = get(item.dataset.entry); return e && e.author && e.author.own; }).length;
    const size = grouped(ledger.size);
    const by = also.by || (!ledger.asOf ? 'none' : L.site.d ? 'demo' : 'some');
    const seen = ledger.cosigners.map((c) => c[0]);
    const seenBy = { k: seen.length, m: ledger.parties, names: seen.join(', ') };
    const complete = ledger.mirrors ? 'all' : 'own';
    const each = (steps) => (n ? steps : []);
    reasons([
      ...each([[stepName(1), fill('why.1', { own, kept: n - own })], [stepName(2), fill('why.2', { n, size })]]),
      [stepName(3), also.complete || t[`why.3.${complete}`]], ...each([[stepName(4), t['why.4']]]),
      [stepName(5), fill(`why.5.${by}`, seenBy)],
      [stepName(6), fill(`why.6.${memory.word}`, { when: moment((memory.old || {}).at || ledger.now) })], [t['why.not.label'], t['why.not']]].concat(also.more || [], counts ? [[t['counted.label'], t.counted]] : []));
    checked(many(n ? 'checked.ok' : also.who ? 'checked.said' : 'checked.none', n, { who: also.who, size, when, own, kept: n - own, complete: t[`complete.${also.complete ? 'part' : complete}`], seen: fill(`seen.${by}`, seenBy) }));
    const printed = document.getElementById('printed');
    if (printed) printed.textContent = when;
  }

  /** What is there whatever the result: receipts, films, the rules' hash, and what the next visit is compared with. */
  function attach(found) {
    const { start, ledger } = found;
    const find = (kind) => start.find((r) => r[0] === kind) || [];
    Object.assign(ledger, { root: find('checkpoint')[3], mirrors: find('complete')[1] === 'mirrors', parties: (L.site.r.match(/^witness[ \t]/gm) || []).length,
      cosigners: start.filter((r) => r[0] === 'cosigner').map((r) => r.slice(1)) });
    const fresh = found.rows.find((r) => r[0] === 'fresh') || [];
    Object.assign(found, { fresh, when: moment(+fresh[2] || ledger.time) });
    remember(found);
    named(found);
    for (const index of found.place.keys()) {
      const { author, names, ok } = found.get(index);
      if (ok && author) owners.set(author.id, L.name(names, l));
    }
    carry();
    for (const one of found.slips.filter(({ e }) => e)) {
      tapped(one, found.engine);
      receipt(one, found);
    }
    return found;
  }

  /** Every state but the plain ones, and whatever is wrong. */
  function finish(found) {
    // Asked for twice where this script was long in coming.
    if (found.told) return undefined;
    found.told = true;
    if (!found.rows) return whole(found.state, found);
    const { rows, start, ledger, bad, missing, outside, get, state, fresh, when } = attach(found);
    const n = items.length;
    const stale = fresh[1] === 'stale';
    const h = Math.floor((ledger.now - +fresh[2]) / 3600000);
    const clock = stale ? [[t.clock, t['clock.stale'], 'warn']]
      : fresh[1] === 'clock' ? [[t.clock, fill('clock.behind', { when: moment(+fresh[2]) }), 'warn']] : [];
    // What belongs to the product or the batch is there for an unknown code too; the code's own records are not.
    const level = (start.find((r) => r[0] === 'subject') || [])[3];
    const ofItself = start.some((r) => r[0] === 'node' && (r[3] === 'item' || r[3] === level));
    const holds = sound(state);
    if (absent && !ofItself && holds && !outside.wrong.length) {
      ended();
      count('undecided', found);
      if (ledger.cut) records('stale', t['product.part'], 'warn');
      else if (stale) records('stale', fill('absent.stale', { h }), 'warn');
      else records('gone', fill(ledger.mirrors ? 'absent' : 'absent.alone', { when }));
      return reasons(clock);
    }
    const alerts = rows.filter((r) => r[0] === 'alert').map((r) => r.slice(1));
    const part = ledger.older || ledger.cut;
    // No alert of a product was left out: then none recalls all of it.
    found.ofAll = level === 'product' && !part;
    const news = notices(all('.notice:not(.expired)'), alerts, get);
    if (!productFits(found, alerts)) news.push({ el: $('[data-line=product] .s'), a: found.product, kind: 'product.wrong' });
    outside.wrong.unshift(...news);
    if (bad.length || missing.length || outside.wrong.length || !holds) return failed(found, news);
    const told = (text) => (part ? fill('part', { text }) : text);
    const few = !ledger.asOf && ledger.cosigners.length > 0;
    const nobody = ['unissued', 'unowned'].includes(state[1]);
    const owned = (start.find((r) => r[0] === 'number') || [])[2] !== '-';
    const also = { more: clock, by: few && 'few' };
    if (nobody) also.more = [[t.owner, t[`owner.${state[1] === 'unissued' ? 'unissued' : owned ? 'before' : 'nobody'}`], 'warn']].concat(clock);
    const alone = state[1] === 'not-cosigned';
    const says = [alone ? 'alone' : 'all', many(alone ? 'alone' : 'all', n)];
    // Of a product nothing need have happened: whose words these are is what there is to say.
    const words = !n && get((rows.find((r) => r[0] === 'headline') || [])[1]);
    if (words && words.ok && words.author && !nobody) {
      also.who = L.name(words.names, l);
      says.splice(0, 2, stale ? 'stale' : says[0], fill(`said${stale ? '.stale' : alone ? '.alone' : ''}`, { who: also.who, h }), stale && 'warn');
    } else if (!n) says.splice(0, 2, 'none', t.norecords);
    else if (nobody) says.splice(0, 3, 'stale', told(many(state[1], n)), 'warn');
    else if (stale) says.splice(0, 3, 'stale', told(fill('stale', { n, h })), 'warn');
    else if (few) says[1] = told(many('few', n));
    else if (part) says[1] = told(many(alone ? 'alone' : 'shown', n));
    if (part) also.complete = ledger.older ? fill('why.3.older', { k: grouped(ledger.older) }) : t['why.3.cut'];
    ended();
    records(...says);
    return explain(found, also);
  }

  /** A browser that translated the page while it was checked: every word is another then, and no record is to blame. */
  const translated = () => document.querySelector('main font,.translated-ltr,.translated-rtl');

  /** What is wrong, worst first: a record or an alert left out, a record that fails, words of the page, the ledger's memory. */
  function failed(found, news) {
    const { engine, state, bad, missing, outside, memory, when } = found;
    if (translated() && sound(state) && !missing.length && bad.every(({ e, wrong }) => e && e.ok && wrong)) {
      for (const { item } of bad) item.classList.remove('fail');
      return end('translated', true);
    }
    count('failed', found);
    ended();
    const good = items.length - bad.length;
    const n = items.length;
    for (const { item, step, e, wrong } of bad) {
      const why = e ? t[`broken.why.${step}`] : t.not;
      const exact = e && t[`word.${e.word}`];
      broken(item, wrong ? told(wrong, L.name(e.names, l)) : [fill('broken.step', { s: step, name: stepName(step), why })].concat(exact || []));
      if (wrong) mark(wrong);
    }
    all('.said .rely').forEach((p) => put(p, good > 0 && good === n - 1 && !missing.length
      ? fill('broken.rely', { n: good }) : t['broken.rely.none']));
    mark(outside.wrong);
    const dropped = news.find((w) => /^(notice|warning)\.missing$/.test(w.kind));
    if (bad.length && !dropped) {
      const ids = bad.map((b) => number(b.item)).join(', ');
      const { item, step } = bad[0];
      records('fail', fill(bad.length > 1 ? 'failed.many' : 'failed', { k: good, n, i: ids }), 'fail');
      reasons([[stepName(step), step === 4 ? fill('fails.as', { i: ids }) : $('.said p', item).textContent, 'fail']]);
      const way = el('a', '', fill('goto', { i: number(item) }));
      way.href = `#${item.id}`;
      const row_ = el('div');
      row_.append(el('dt'), el('dd'));
      row_.lastChild.append(way);
      $('.why', line).append(row_);
      const reach = $('.bar .go', document);
      if (reach && !reach.matches('[href^="tel:"]')) {
        reach.setAttribute('href', `#${item.id}`);
        put(reach, way.textContent);
      }
      checked(fill('checked.failed', { k: good, n, i: ids, s: step, name: stepName(step), when }));
    } else if (missing.length && !dropped) {
      const text = fill('missing', { a: n, b: n + missing.length });
      records('fail', text, 'fail');
      reasons([[stepName(3), text, 'fail']]);
      checked(text);
    } else if (outside.wrong.length) {
      const first = outside.wrong[0];
      records('fail', t[first.kind] ? fill(first.kind, Object.assign({}, first, { b: first.first })) : absent ? told([first], subject)[0] : t['failed.head'], 'fail');
      reasons([[stepName(4), told(outside.wrong, subject).join(' '), 'fail']]);
      checked(t['failed.head']);
    } else if (state[2] === 'memory') {
      const saw = fill(`memory.${state[3]}`, { when: moment((memory.old || {}).at || Date.now()) });
      records('fail', saw, 'fail');
      reasons([[stepName(6), t['memory.evidence'], 'fail']]);
      checked(`${saw}. ${t['memory.evidence']}`);
      evidence({ engine, memory });
    } else whole(state, found);
  }

  return { finish, explain, cannot, earlier, compared };
};
