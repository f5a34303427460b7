// Store mode: six scenes on one stage. Each break is made in the real proof or on the real page that stands here, the same verifier is run
// again, and what it says is what is shown: no outcome is written down in this file. Needs page.js (formats, the verifier's loader) and
// bundle.js; the server writes the words before them (`const D={…};`, app::texts::stage_words).
'use strict';
Leafproof.learn(D);
(() => {
  const L = Leafproof;
  const { t, l } = L.words;
  const { fill, many } = L;
  const IDLE_MS = 90000;
  const LOOP = [1, 2, 6];
  const LOOP_MS = 15000;
  const LAST = 6;
  const HOUR_MS = 3600000;

  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const el = (tag, cls, ...inside) => {
    const made = document.createElement(tag);
    if (cls) made.className = cls;
    made.append(...inside);
    return made;
  };
  const hide = (part, hidden = true) => { part.hidden = hidden; };
  const moment = (ms) => L.shown('time', [L.pad(ms)]);

  /** Hands addresses to the worker that keeps them. Without one (no https, an old browser) all is in memory until the page is left. */
  async function keep(addresses, done) {
    if (!navigator.serviceWorker) return;
    await navigator.serviceWorker.register('/demo/worker.js');
    const { active } = await navigator.serviceWorker.ready;
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => { if (data) done(); };
    active.postMessage({ keep: [...new Set(addresses)] }, [channel.port2]);
  }

  /** Where a code leads without asking the server: an address with a number in it, or the serial of something on this shelf. */
  function leads(code) {
    const typed_ = code.trim();
    let path = null;
    try {
      path = L.opened(new URL(typed_).pathname);
    } catch (error) {
      const tile = typed_ && all('.tiles a').find((link) => link.pathname.toUpperCase().endsWith(`/21/${typed_.toUpperCase()}`));
      if (tile) path = tile.pathname.replace(/^\/demo/, '');
    }
    return path && `/demo${path}?lang=${l}`;
  }
  function look(form, code) {
    $('#code', form).value = code;
    const to = leads(code);
    if (to) location.assign(to);
    else form.submit();
  }
  /** The camera and photos, where there is a reader (reader.js). Typing is always there; no picture leaves the tablet. */
  function eyes(form) {
    const { reader } = L;
    const [scan, photo, video, file, seen_] = ['.scan', '.photo', '.seeing', 'input[type=file]', '#seen'].map((one) => $(one, start));
    [scan, photo].forEach((button) => hide(button, !reader.able()));
    const words = scan.textContent;
    let stop = null;
    scan.onclick = () => {
      if (stop) {
        stop();
        return;
      }
      seen_.textContent = '';
      scan.textContent = reader.t.stop;
      stop = reader.camera(video, (code) => look(form, code), (why) => {
        stop = null;
        scan.textContent = words;
        seen_.textContent = why || '';
      });
    };
    photo.onclick = () => file.click();
    file.onchange = async () => {
      const [picture] = file.files;
      file.value = '';
      if (!picture) return;
      if (stop) stop();
      seen_.textContent = reader.t.reading;
      try {
        const code = await reader.photo(picture);
        seen_.textContent = code ? '' : reader.t.nocode;
        if (code) look(form, code);
      } catch (error) {
        seen_.textContent = reader.why(error);
      }
    };
  }

  /** What was shown on this device last, newest first: the goods of this store's own shelf. It stays on the device. */
  const SHELF = 'leafproof.shelf';
  const SHELF_MAX = 6;
  const shelf = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(SHELF) ?? '[]');
      return kept.filter((one) => typeof one.name === 'string' && /^\/(01|8006|8010)\//.test(one.path));
    } catch {
      return [];
    }
  };
  const shelve = (path, name) => {
    try {
      localStorage.setItem(SHELF, JSON.stringify([{ path, name }, ...shelf().filter((one) => one.path !== path)].slice(0, SHELF_MAX)));
    } catch {
      // A device that keeps nothing begins with the tiles.
    }
  };

  const start = $('main.start');
  if (start) {
    const known = new Set(all('.tiles a', start).map((tile) => new URL(tile.href).pathname));
    for (const { path, name } of shelf().filter((one) => !known.has(`/demo${one.path}`))) {
      const tile = document.createElement('li');
      const link = document.createElement('a');
      const [title, note] = [document.createElement('b'), document.createElement('small')];
      link.href = `/demo${path}?lang=${start.dataset.lang}`;
      title.textContent = name;
      note.textContent = path.split('/').pop().slice(-6);
      link.append(title, note);
      tile.append(link);
      $('.shelf ul', start).append(tile);
      hide($('.shelf', start), false);
    }
    const form = $('form', start);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      look(form, $('#code', form).value);
    });
    eyes(form);
    const here = location.pathname + location.search;
    L.reader.files().then((files) => keep([here, ...all('script[src],img').map((part) => part.getAttribute('src')), ...files], () => {
      $('[data-ready]').textContent = t.ready;
      hide($('[data-ready]'), false);
    })).catch(() => {});
    return;
  }

  const main = $('main.stage');
  const subject = main.dataset.stage;
  const demo = 'demo' in main.dataset;
  const knots = all('.node', main);
  const indexOf = (knot) => knot.dataset.entry;
  const number = (index) => knots.findIndex((knot) => indexOf(knot) === index) + 1;
  const titleOf = (index) => $('.t', knots[number(index) - 1]).textContent;
  const cards = new Map(all('.card', main).map((card) => [indexOf(card), card]));
  const scene = (k) => $(`[data-scene="${k}"]`, main);
  const headings = all('[data-scene] h1', main).map((h1) => h1.textContent);

  // ---- The proof, and its check. ----

  class Cannot extends Error {}
  const bytes = async (address, why = 'network') => {
    const answer = await fetch(address).catch(() => { throw new Cannot('network'); });
    if (!answer.ok) throw new Cannot(why);
    return new Uint8Array(await answer.arrayBuffer().catch(() => { throw new Cannot('network'); }));
  };
  const maybe = (address) => bytes(address).catch(() => null);

  /** What was loaded; it is never changed. */
  let real = null;
  /** The same product's number with another last character. What the ledger says of it, the verifier will tell. */
  const madeUp = /\/21\/[^/%]+$/.test(subject) && subject.replace(/.$/, (c) => (c === '7' ? '8' : '7'));

  async function load() {
    if (typeof WebAssembly !== 'object') throw new Cannot('wasm');
    if (!L.site.v) throw new Cannot('verifier');
    const other = main.dataset.other;
    const [file, policy, code, stranger, nobody] = await Promise.all([bytes(`/bundle${subject}`), bytes('/policy'), bytes(L.site.v, 'verifier'),
      other ? maybe(`/bundle${other}`) : null, madeUp ? maybe(`/bundle${madeUp}`) : null]);
    const module = await WebAssembly.compile(code).catch(() => { throw new Cannot('wasm'); });
    real = { file, policy, module, stranger, nobody, rules: new TextDecoder().decode(policy), older: null };
  }

  const turn = () => new Promise((done) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  });

  /** Runs the verifier, a new one each time, over a file. `each` hears of every record as its own check returns. */
  async function verify(file, { now = Date.now(), name = subject, each } = {}) {
    const engine = L.engine((await WebAssembly.instantiate(real.module)).exports);
    const start_ = engine.open(file, real.policy, L.nameBytes(name), now);
    const rows = start_.rows;
    const find = (kind) => rows.find((row) => row[0] === kind) || [];
    if (find('report')[1] !== '2') throw new Cannot('version');
    const entries = new Map();
    let took = 0;
    for (let i = 0; i < start_.count; i += 1) {
      const began = performance.now();
      const e = engine.entry(i);
      const ms = performance.now() - began;
      took += ms;
      entries.set(e.index, e);
      if (each) {
        each(e, ms);
        await turn();
      }
    }
    if (start_.count >= 0) rows.push(...engine.finish());
    const [, state, step, word] = find('state');
    return { engine, rows, find, entries, state, step, word, now, took, refused: start_.count < 0 };
  }

  /** What of the marked words in `root` is not what was signed. */
  function unlike(root, entries) {
    const wrong = [];
    for (const part of all('[data-p],[data-by],[data-h]', root)) {
      const named = part.closest('[data-e],[data-entry]').dataset;
      const e = entries.get(named.e || named.entry);
      const { p, f, by, h } = part.dataset;
      const value = (pointer) => (e && e.ok ? (pointer[0] === '#' ? e.own[pointer] : e.lines.get(pointer)) : undefined);
      const values = p === undefined ? [] : p.split(' ').map(value);
      if (p !== undefined) {
        const signed = values.includes(undefined) ? undefined : L.shown(f, values);
        if (part.textContent !== signed) wrong.push({ shown: part.textContent, signed });
      }
      if (by !== undefined) {
        const signed = e && e.ok ? L.name(e.names, l) : undefined;
        if (part.textContent !== signed) wrong.push({ shown: part.textContent, signed });
      }
      if (h !== undefined && (part.getAttribute('src') || part.getAttribute('href')) !== `/media/${value(h)}`) wrong.push({ shown: h });
    }
    return wrong;
  }

  /** How this record stands after a check: null where all holds. */
  function fault(index, found) {
    const e = found.entries.get(index);
    if (!e) return { step: found.refused ? L.six(found.step) : 2, word: found.refused ? found.word : 'not-checked' };
    if (!e.ok) return { step: L.six(e.step), word: e.word };
    const wrong = [cards.get(index), knots[number(index) - 1]].flatMap((part) => unlike(part, found.entries));
    return wrong.length ? { step: 4, word: '', wrong } : null;
  }

  /** Whether the alerts in force are those that stand over the scenes. */
  const unsaid = (found) => found.rows.filter((row) => row[0] === 'alert' && row[2] === 'red').map((row) => row[1]).sort().join() !== all('.recall[data-e]', main).map((part) => part.dataset.e).sort().join();

  /** What a check comes to for what stands on the stage. */
  function judge(found, gone = new Set()) {
    const faults = new Map();
    const shown = knots.map(indexOf).filter((index) => !gone.has(index));
    for (const index of shown) {
      const bad = fault(index, found);
      if (bad) faults.set(index, bad);
    }
    const missing = [...found.entries.values()].filter((e) => L.happened(e) && !shown.includes(e.index));
    return Object.assign(found, { faults, missing, shown, head: all('.what,.goods,.recall', main).flatMap((part) => unlike(part, found.entries)), unsaid: unsaid(found), holding: shown.length - faults.size });
  }

  // ---- The thread. ----

  function dress(knot, state, ms) {
    knot.classList.remove('ok', 'fail', 'none', 'gone');
    if (state) knot.classList.add(state);
    $('.ms', knot).textContent = ms === undefined ? '' : fill('ms', { ms: ms.toFixed(1) });
    // For whoever does not see the ring.
    const told_ = $('.state', knot) || $('button', knot).appendChild(el('span', 'state'));
    told_.textContent = `, ${t[`knot.${state || 'open'}`]}`;
  }
  function paint(found) {
    knots.forEach((knot) => {
      const index = indexOf(knot);
      const state = !found ? '' : !found.shown.includes(index) ? 'gone' : found.refused || !found.entries.has(index) ? 'none' : found.faults.has(index) ? 'fail' : 'ok';
      dress(knot, state, state === 'ok' && found.times ? found.times.get(index) : undefined);
    });
  }
  const select = (index) => knots.forEach((knot) => {
    knot.classList.toggle('on', indexOf(knot) === index);
    if (indexOf(knot) === index) $('button', knot).setAttribute('aria-current', 'true');
    else $('button', knot).removeAttribute('aria-current');
  });

  // ---- Scenes. ----

  let at = 0;
  /** The real record's own result, once it was checked on this stage. */
  let result = null;
  /** Counts what was asked for: an answer that comes after another question is not shown. */
  let asked = 0;
  let broken = false;
  let idle;
  let looping = null;
  const first = location.hash.slice(1);

  const say = (box, lines, tone = '') => {
    box.className = `told ${tone}`;
    box.replaceChildren(...lines.filter(Boolean).map((line) => el('p', '', line)));
  };
  const sound = (found) => !found.faults.size && !found.missing.length && !found.refused && !found.head.length && !found.unsaid && ['verified', 'not-cosigned', 'stale', 'unissued', 'unowned'].includes(found.state);

  function show(k, focus = true) {
    mend();
    at = k;
    main.dataset.at = k;
    history.replaceState(null, '', looping ? '#loop' : `#${k}`);
    all('a[hreflang]', main).forEach((link) => { link.hash = `#${k}`; });
    all('.scene', main).forEach((part) => hide(part, part.dataset.scene !== `${k}`));
    $('.at', main).textContent = `${k} / ${LAST}`;
    $('.jump', main).open = false;
    all('[data-go]', main).forEach((button) => button.toggleAttribute('aria-current', button.dataset.go === `${k}`));
    $('.back', main).disabled = k === 1;
    $('.next', main).hidden = k === LAST;
    opened(null);
    if (focus) $('h1', scene(k)).focus({ preventScroll: true });
    scrollTo(0, 0);
    if (k === 1) {
      // From the start: nothing is checked.
      result = null;
      paint(null);
    }
    if (k === 2) told();
    else halt(false);
    return k > 2 && !result ? check().then((found) => (found && sound(found) ? enter(k) : undefined)) : enter(k);
  }
  /** What a scene does when the record is known to be in order. */
  function enter(k) {
    if (at !== k) return;
    if (result && !broken) paint(result);
    if (k === 3) pick(knots.length > 1 ? indexOf(knots[Math.floor(knots.length / 2)]) : indexOf(knots[0]));
    if (k === 5) seen().catch(none);
    main.dataset.entered = k;
  }

  const halt = (on) => {
    main.classList.toggle('halted', on);
    $('.next', main).disabled = on;
    all('[data-go]', main).forEach((button) => { button.disabled = on && +button.dataset.go > 2; });
  };

  /** Scene 1: what a record says, for whoever taps its ring. */
  function opened(index) {
    cards.forEach((card, one) => hide(card, one !== index));
    main.classList.toggle('opened', index !== null);
    main.classList.remove('looked');
    if (at === 1) select(index);
  }

  /** Scene 2, and before every break: the record itself, as it was loaded. */
  async function check() {
    asked += 1;
    const mine = asked;
    const button = $('.check', main);
    button.disabled = true;
    paint(null);
    say($('.told', scene(2)), []);
    const times = new Map();
    const so = new Map();
    try {
      const found = await verify(real.file, { each(e, ms) {
        times.set(e.index, ms);
        so.set(e.index, e);
        const knot = knots.find((one) => indexOf(one) === e.index);
        // A ring closes when its own check returned and its words are the signed ones, and not before.
        if (mine === asked && knot && e.ok && !fault(e.index, { entries: so })) dress(knot, 'ok', ms);
      } });
      if (found.state === undefined || found.state === 'unusable') throw new Cannot('file');
      await pictures(found);
      if (mine !== asked) return null;
      result = Object.assign(judge(found), { times });
      paint(result);
      if (at !== 2 && !sound(result)) {
        show(2);
        return null;
      }
      told();
      return result;
    } catch (error) {
      none(error);
      return null;
    } finally {
      button.disabled = false;
    }
  }

  /** Pictures are part of their record: each one's bytes are hashed. One that cannot be had is taken away. */
  const pictures = (found) => Promise.all(all('img[data-h]', main).map(async (img) => {
    const got = await maybe(img.getAttribute('src'));
    if (!got) img.remove();
    else if (`/media/${found.engine.hash(got)}` !== img.getAttribute('src')) img.setAttribute('src', '');
  }));

  /** What the check of the real record came to. A failure here is no demonstration. */
  function told() {
    const box = $('.told', scene(2));
    hide($('.tap', scene(2)), true);
    $('.signer', scene(2)).replaceChildren();
    halt(false);
    if (!result) {
      say(box, []);
      return;
    }
    if (sound(result)) {
      const n = result.shown.length;
      const age = Math.round((result.now - +(result.find('fresh')[2] || 0)) / HOUR_MS);
      say(box, [result.state === 'verified' ? many('all', n, { ms: result.took.toFixed(1) }) : fill(`state.${result.state}`, { n, h: age })], result.state === 'verified' ? '' : 'warn');
      hide($('.tap', scene(2)), false);
      return;
    }
    const [index] = result.faults.keys();
    const bad = result.faults.get(index);
    const why = result.refused ? t[`word.${result.word}`] : bad && (t[`word.${bad.word}`] || fill(`broken.why.${bad.step}`));
    say(box, [result.refused ? t['real.file'] : bad ? fill('real', { i: number(index) }) : result.missing.length ? t['real.missing'] : result.head.length ? t['real.head'] : result.unsaid ? t['real.alert'] : t['real.file'], why], 'fail');
    halt(true);
  }

  /** Who signed a record, and by whose leave. */
  function who(index) {
    const e = result && result.entries.get(index);
    const box = $('.signer', scene(2));
    box.replaceChildren();
    if (!e || !e.ok || result.faults.has(index)) return;
    select(index);
    hide($('.tap', scene(2)), true);
    main.classList.add('looked');
    const size = L.shown('number', [result.find('checkpoint')[2]]);
    box.append(el('h2', '', fill('record', { i: number(index), title: titleOf(index) })), ...[
      `${fill('who', { who: L.name(e.names, l) })}${l === 'zh' ? '，' : ', '}${t[`key.${e.author.own ? 'own' : 'held'}`]}${l === 'zh' ? '。' : '.'}`,
      e.right && leave(e.right), fill('place', { i: e.index, size })].filter(Boolean).map((line) => el('p', '', line)));
  }

  /** By whose leave: the permission is an entry of the ledger, which the verifier checked with the record. */
  function leave({ word, owner, grant }) {
    const known = [...result.entries.values()].find((e) => e.author && e.author.id === owner);
    const since = word === 'granted' ? L.bundle.loggedMs(real.file, grant) : null;
    return fill(`right.${word}`, { owner: known ? L.name(known.names, l) : owner, i: grant, when: since ? L.shown('date', [L.pad(since)]) : '' });
  }

  // ---- Breaks. ----

  /** The first line says what was changed, DEMO stands across the page, and one button changes it back. */
  function begin(line) {
    broken = true;
    main.classList.add('broken');
    $('.said', main).textContent = line;
    hide($('.undo', main), false);
    asked += 1;
    return asked;
  }
  /** All as it was. */
  function mend() {
    asked += 1;
    if (!broken) return;
    broken = false;
    main.classList.remove('broken');
    $('.said', main).textContent = '';
    hide($('.undo', main), true);
    headings.forEach((text, i) => { $('h1', scene(i + 1)).textContent = text; });
    all('[data-scene="3"] .told,[data-scene="4"] .told,[data-scene="5"] .told', main).forEach((box) => say(box, []));
    all('.which', main).forEach((line) => { line.textContent = ''; });
    written.splice(0).reverse().forEach(([part, text]) => { part.textContent = text; });
    gone.clear();
    typed = null;
    // Compared again, for what was written over has to be what was signed once more.
    if (result) paint(judge(result));
  }
  /** What stood where a break wrote something else. */
  const written = [];
  const write = (part, text) => {
    if (!written.some(([one]) => one === part)) written.push([part, part.textContent]);
    part.textContent = text;
  };

  /** The step it fails at, of the six that every receipt has, and the verifier's own word for why. */
  const small = (step, why = '') => el('small', '', [fill('step', { s: step, name: t[`step.${step}`] }), why].filter(Boolean).join(l === 'zh' ? '' : ' '));
  /** The verdict on one broken record, in words: where it fails and what still holds. */
  function verdict(found, index) {
    if (found.refused) return [t.refused, fill('refused.none', { n: knots.length }), small(L.six(found.step), t[`word.${found.word}`])];
    const bad = found.faults.get(index);
    if (!bad) return [t.whole];
    const first = bad.word === 'part-changed' ? t['changed.print'] : bad.wrong ? t['changed.name'] : t[`word.${bad.word}`] || `${fill(`broken.why.${bad.step}`)} (${bad.word})`;
    return [first, `${fill('fails', { i: number(index) })}${l === 'zh' ? '' : ' '}${others(found, 1)}`, small(bad.step)];
  }
  function others(found, apart) {
    const n = found.shown.length - (found.missing.length ? 0 : apart);
    if (!n) return t['others.none'];
    return found.holding === n ? many('others', n) : fill('others.some', { n, k: found.holding });
  }

  // Scene 3: one letter.

  let field = null;
  let typed = null;

  /** What can be changed in a record: its words and values as they stand in the proof, and its author's name as it stands on this page. */
  function fields(index) {
    const e = result.entries.get(index);
    const found = [];
    const put = (label, pointer, after = '') => { if (e.lines.has(pointer) && e.lines.get(pointer)) found.push({ index, label, pointer, after, signed: e.lines.get(pointer) }); };
    const own = (stem) => [`${stem}/${l}`, `${stem}/en`, stem].find((pointer) => e.lines.has(pointer));
    put(t['f.place'], own('/place'));
    for (let i = 0; e.lines.has(own(`/lp:facts/${i}/lp:label`)); i += 1) {
      const label = e.lines.get(own(`/lp:facts/${i}/lp:label`));
      put(label, own(`/lp:facts/${i}/lp:text`));
      const unit = e.lines.get(`/lp:facts/${i}/lp:uom`);
      put(label, `/lp:facts/${i}/lp:value`, unit ? L.shown('quantity', ['0', unit]).slice(1) : '');
    }
    put(t['f.title'], own('/lp:title'));
    found.push({ index, label: t['f.name'], after: '', signed: L.name(e.names, l) });
    return found;
  }

  function pick(index) {
    mend();
    select(index);
    const list = fields(index);
    const box = $('.fields', main);
    box.setAttribute('aria-label', fill('record', { i: number(index), title: titleOf(index) }));
    box.replaceChildren(...list.map((one) => {
      const button = el('button', 'field', one.label);
      button.type = 'button';
      button.onclick = () => { mend(); edit(one); };
      one.button = button;
      return button;
    }));
    edit(list[0]);
  }

  const grouped = (hex) => hex.replace(/.{4}/g, '$& ').trim();
  /** Fingerprint of what was signed: of a record's words the verifier's own line, of a name the name's. */
  const print = (one) => (one.pointer ? (result.entries.get(one.index).rows.find((row) => row[0] === 'part' && row[2] === '1') || [])[3] : result.engine.hash(new TextEncoder().encode(one.signed)));

  function edit(one) {
    field = one;
    all('.field', main).forEach((button) => button.setAttribute('aria-pressed', `${button === one.button}`));
    $('.which', scene(3)).textContent = fill('record', { i: number(one.index), title: titleOf(one.index) });
    $('.signed code', main).textContent = grouped(print(one) || '');
    const input = el('input', '');
    Object.assign(input, { type: 'text', value: one.signed, autocomplete: 'off', spellcheck: false, maxLength: 120 });
    input.setAttribute('autocapitalize', 'off');
    input.setAttribute('aria-label', `${one.label}, ${t.type}`);
    // A tap takes the letter under it, so that the next key replaces it.
    input.addEventListener('click', () => {
      const i = Math.min(input.selectionStart, Math.max(0, input.value.length - 1));
      if (input.selectionStart === input.selectionEnd) input.setSelectionRange(i, i + 1);
    });
    // Half a Chinese character is no letter yet.
    input.addEventListener('input', (event) => { if (event.isComposing) draw(input.value); else change(input.value).catch(none); });
    input.addEventListener('compositionend', () => change(input.value).catch(none));
    $('.screen .v', main).replaceChildren(el('span', 'drawn'), input);
    $('.drawn', main).setAttribute('aria-hidden', 'true');
    draw(one.signed);
  }

  /** Characters that differ: what begins and ends alike stays; between, letter by letter where as many were put as taken. */
  function differing(a, b) {
    let from = 0;
    while (from < Math.min(a.length, b.length) && a[from] === b[from]) from += 1;
    let end = 0;
    while (end < Math.min(a.length, b.length) - from && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
    const same = a.length === b.length;
    return [a, b].map((text) => text.map((c, i) => i >= from && i < text.length - end && !(same && a[i] === b[i])));
  }
  function draw(value) {
    const [signed, shown] = [[...field.signed], [...value]];
    const marks = differing(signed, shown);
    [[$('.signed .v', main), signed, marks[0]], [$('.drawn', main), shown, marks[1]]].forEach(([box, letters, marked]) => {
      box.replaceChildren(...letters.map((c, i) => (marked[i] ? el('u', '', c) : c)), field.after);
      box.normalize();
    });
    // As large as the line takes: a Chinese character is as wide as it is high, a Latin letter about half.
    const width = (letters) => letters.concat(...field.after).reduce((sum, c) => sum + (c > '\u2e7f' ? 1 : 0.58), 0.5);
    const room = $('.signed .v', main).clientWidth || 480;
    $('.rows', main).style.setProperty('--size', `${Math.max(16, Math.min(36, Math.floor(room / Math.max(width(signed), width(shown)))))}px`);
    $('.screen code', main).textContent = value === field.signed ? $('.signed code', main).textContent : '';
    return Math.max(...marks.map((side) => side.filter(Boolean).length));
  }

  async function change(value) {
    if (value === typed || (typed === null && value === field.signed)) return;
    const one = field;
    const input = $('.screen input', main);
    mend();
    const n = draw(value);
    if (value === one.signed) {
      $('.which', scene(3)).textContent = fill('record', { i: number(one.index), title: titleOf(one.index) });
      return;
    }
    typed = value;
    const mine = begin(t[one.pointer ? 'changed.demo' : 'changed.name.demo']);
    const card = cards.get(one.index);
    $('.which', scene(3)).textContent = fill('record', { i: number(one.index), title: titleOf(one.index) });
    let { file } = real;
    if (one.pointer) {
      const forged = L.bundle.changed(real.file, one.index, one.pointer, value);
      file = forged.file;
      $('.screen code', main).textContent = grouped(forged.fingerprint);
      // The page that shows a forged record shows its words.
      [card, knots[number(one.index) - 1]].flatMap((part) => all('[data-p]', part)).filter((part) => part.dataset.p.split(' ')[0] === one.pointer && !part.closest('[data-e]'))
        .forEach((part) => write(part, value + one.after));
    } else {
      $('.screen code', main).textContent = grouped(result.engine.hash(new TextEncoder().encode(value)));
      all('[data-by]', card).forEach((part) => write(part, value));
    }
    $('h1', scene(3)).textContent = n === 1 ? t['changed.heading'] : fill('changed.heading.many', { n });
    const found = judge(await verify(file));
    if (mine !== asked) return;
    paint(found);
    say($('.told', scene(3)), verdict(found, one.index));
    if (document.activeElement !== input && input.isConnected && at === 3) input.focus();
  }

  // Scene 4: a record off the thread.

  const gone = new Set();
  async function pull(index) {
    const still = new Set(gone);
    if (still.has(index)) still.delete(index); else still.add(index);
    mend();
    if (!still.size) return;
    still.forEach((one) => gone.add(one));
    const mine = begin(t['pulled.demo']);
    const found = judge(await verify(real.file), still);
    if (mine !== asked) return;
    paint(found);
    const proven = found.holding + found.missing.filter((e) => e.ok).length;
    $('h1', scene(4)).textContent = fill('pulled.heading', { a: found.shown.length, b: proven });
    const named = found.missing.filter((e) => number(e.index)).map((e) => fill('pulled.which', { i: number(e.index), title: titleOf(e.index) }));
    say($('.told', scene(4)), found.missing.length ? [named.join(' '), t['pulled.why'], others(found, 0)] : [t.whole]);
  }

  // Scene 5: who else looks, and more breaks.

  /** What the headline of each break says. Whether it came so, the verifier tells. */
  const COMES = { lying: 'failed', stranger: 'failed', older: 'failed', bare: 'not-cosigned', old: 'stale', nobody: 'unissued' };

  async function seen() {
    await earlier();
    // The made-up number may be somebody's after all: then it is no example.
    const vacant = real.nobody && await verify(real.nobody, { name: madeUp }).then((found) => ![...found.entries.values()].some((e) => e.through === 'item'), () => false);
    if (at !== 5) return;
    const cosigners = result.rows.filter((row) => row[0] === 'cosigner');
    const k = cosigners.length;
    // Too few others, and the headline is another one.
    if (!demo && result.state === 'not-cosigned') headings[4] = t.alone;
    if (!broken) $('h1', scene(5)).textContent = headings[4];
    $('.seen', main).textContent = fill(k ? (demo ? 'who.demo' : 'who.some') : 'who.none', { k });
    // The name of a key says whose it is.
    const keyOf = (name) => (real.rules.match(new RegExp(`^witness\\s+${L.literal(name)}\\s+([^+\\s]+)\\+`, 'm')) || [])[1] || name;
    $('.cosigners', main).replaceChildren(...cosigners.map(([, name, time]) => el('div', '', el('dt', '', name),
      el('dd', '', `${demo ? '' : `${keyOf(name)}${l === 'zh' ? '，' : ', '}`}${fill('seen', { when: moment(time * 1000) })}`))));
    const target = knots[Math.floor(knots.length / 2)];
    const index = indexOf(target);
    const made = [
      k && ['lying', L.bundle.lying(real.file, cosigners[0][1]), { who: cosigners[0][1] }],
      k && ['bare', L.bundle.bare(real.file, cosigners.map((row) => row[1]))],
      old(),
      real.older && ['older', L.bundle.under(real.file, real.older), { size: L.shown('number', [sizeOf(real.older)]) }],
      real.stranger && ['stranger', L.bundle.stranger(real.file, index, real.stranger), { i: number(index) }],
      vacant && ['nobody', real.nobody, { code: madeUp.split('/').pop() }, { name: madeUp }],
    ].filter((one) => one && one[1]);
    $('.breaks', main).replaceChildren(...made.map(([name, file, values, how]) => {
      const button = el('button', 'break', t[`b.${name}`]);
      button.type = 'button';
      button.dataset.break = name;
      button.onclick = () => attempt(name, file, values, how, index).catch(none);
      return button;
    }));
    hide($('.try', main), !made.length);
  }
  const sizeOf = (note) => note.split('\n')[1];
  /** The day's first checkpoint, where the ledger has grown since: real, co-signed, and too old for the newest records. */
  async function earlier() {
    const asOf = +result.find('as-of')[1] * 1000;
    if (!asOf || real.older !== null) return;
    real.older = '';
    const found = await maybe(`/milestone/${L.pad(asOf).slice(0, 10)}`);
    const note = found && new TextDecoder().decode(found);
    if (note && +sizeOf(note) < +result.find('checkpoint')[2]) real.older = note;
  }
  function old() {
    const limit = +(real.rules.match(/^fresh\s+\d+\s+(\d+)/m) || [0, 86400])[1];
    const h = Math.ceil(limit / 3600) + 2;
    return ['old', real.file, { h }, { ahead: h * HOUR_MS }];
  }
  async function attempt(name, file, values, { ahead = 0, name: other } = {}, index = '') {
    mend();
    const mine = begin(fill(`b.${name}.demo`, values));
    const found = await verify(file, { now: Date.now() + ahead, name: other });
    if (mine !== asked) return;
    judge(found);
    paint(found);
    const age = Math.round((found.now - +(found.find('fresh')[2] || 0)) / HOUR_MS);
    const bad = found.faults.has(index) ? index : found.faults.keys().next().value;
    let words = [fill(`state.${found.state}`, { n: found.shown.length, h: age })];
    if (found.refused || (bad && !other)) words = verdict(found, bad);
    else if (found.state === 'failed') words = [t.refused, small(L.six(found.step), t[`word.${found.word}`])];
    else if (found.state === 'verified') words = [t.whole];
    else if (other) words.push(t[`b.nobody.${found.find('complete')[1] === 'mirrors' ? 'why' : 'operator'}`]);
    // The headline stands for one outcome; another one speaks for itself.
    $('h1', scene(5)).textContent = found.state === COMES[name] ? t[`b.${name}.heading`] : headings[4];
    say($('.told', scene(5)), words);
  }

  // ---- Hands, keys, time. ----

  /** Nothing can be shown: said, and nothing else stands there. */
  function none(error) {
    const why = error instanceof Cannot ? error.message : 'fault';
    mend();
    main.classList.add('off');
    all('.scene', main).forEach((part) => hide(part));
    const box = $('.scene.none', main);
    hide(box, false);
    hide($('.bar', main));
    $('h1', box).textContent = t.none;
    $('.lead', box).textContent = fill('none.why', { why: t[`why.${why}`] || t['why.fault'] });
  }

  knots.forEach((knot) => $('button', knot).addEventListener('click', () => {
    const index = indexOf(knot);
    if (at === 1) opened(knot.classList.contains('on') ? null : index);
    if (at === 2) who(index);
    if (at === 3 && result) pick(index);
    if (at === 4 && result) pull(index).catch(none);
  }));
  $('.check', main).onclick = () => check();
  $('.undo', main).onclick = () => {
    mend();
    if (at === 3) edit(field);
  };
  $('.back', main).onclick = () => show(Math.max(1, at - 1));
  $('.next', main).onclick = () => show(Math.min(LAST, at + 1));
  $('.again', main).onclick = () => show(1);
  all('[data-go]', main).forEach((button) => { button.onclick = () => show(+button.dataset.go); });
  const notes = $('.notes', main);
  const tell = (on) => {
    main.classList.toggle('noted', on);
    notes.setAttribute('aria-pressed', `${on}`);
  };
  notes.onclick = () => tell(!main.classList.contains('noted'));
  all('.print', main).forEach((button) => { button.onclick = () => print_(); });
  const print_ = () => window.print();
  document.addEventListener('keydown', (event) => {
    if (event.target.matches('input') || event.ctrlKey || event.metaKey || event.altKey || main.classList.contains('off')) return;
    const go = { ArrowRight: at + 1, PageDown: at + 1, ArrowLeft: at - 1, PageUp: at - 1 }[event.key] || +event.key;
    if (go >= 1 && go <= LAST && !(main.classList.contains('halted') && go > 2)) show(go);
  });
  /** A film of a record, in its place, once its bytes are those that the record names. */
  main.addEventListener('click', async (event) => {
    const film = event.target.closest('a[data-film]');
    if (!film) return;
    event.preventDefault();
    const got = await maybe(film.getAttribute('href'));
    const engine = L.engine((await WebAssembly.instantiate(real.module)).exports);
    if (!got || `/media/${engine.hash(got)}` !== film.getAttribute('href')) return;
    const video = Object.assign(el('video', 'pic'), { src: URL.createObjectURL(new Blob([got], { type: film.type })), controls: true, muted: true, autoplay: true, loop: true });
    const picture = film.closest('.card').querySelector('.pic');
    if (picture) picture.replaceWith(video); else film.closest('.card').append(video);
    film.closest('.film').remove();
  });

  /** Nobody is there any more: all as it was, from the start. */
  function rest() {
    clearTimeout(idle);
    idle = setTimeout(() => {
      tell(false);
      if (looping || main.classList.contains('off')) return;
      if (first === 'loop') loop(); else show(1, false);
    }, IDLE_MS);
  }
  function loop() {
    let i = 0;
    clearInterval(looping);
    const step = () => {
      show(LOOP[i % LOOP.length], false);
      if (LOOP[i % LOOP.length] === 2) check();
      i += 1;
    };
    looping = setInterval(step, LOOP_MS);
    step();
  }
  for (const kind of ['pointerdown', 'keydown', 'input']) {
    document.addEventListener(kind, () => {
      clearInterval(looping);
      looping = null;
      rest();
    }, { passive: true });
  }

  load().then(() => {
    hide($('.bar', main), false);
    if (first === 'loop') loop();
    else show(+first >= 1 && +first <= LAST ? +first : 1, false);
    rest();
    main.dataset.loaded = '';
    shelve(subject, $('.what', main).textContent.trim());
    const media = all('img[data-h],a[data-film]', main).map((part) => part.getAttribute('src') || part.getAttribute('href'));
    const also = [main.dataset.other, madeUp].filter(Boolean).map((path) => `/bundle${path}`);
    return keep([...main.dataset.keep.split(' '), location.pathname + location.search, ...media, ...also], () => { main.dataset.ready = ''; });
  }).catch((error) => { if (!real) none(error); });
})();
