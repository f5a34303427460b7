// The staff scanner: a code in, one line of advice out. The proof is loaded as the item's page loads it, the same verifier runs in this browser,
// and advice.js decides from what it says. Proofs of what was seen today stay on this device, so that it answers without a network, and says how
// old that is. Needs page.js, reader.js and advice.js; the server writes the words before them (`const C={…};`, app::texts::scanner_words).
'use strict';
Leafproof.learn(C);
(() => {
  const L = Leafproof;
  const { t, l } = L.words;
  const { fill, many } = L;
  const { reader } = L;
  /** The list of the day, and the proofs of what stands in it. */
  const LIST = 'leafproof-scanner';
  const PROOFS = 'leafproof-scanner-proofs-1';
  /** Items kept: what one counter sees in a day, and at most some 4 MB. The oldest goes first. */
  const KEPT_MAX = 100;
  /** Texts that symbols of one item gave: its QR code, the till's code, what was typed. */
  const CODES_MAX = 4;
  /** A network that takes longer is none. */
  const NETWORK_MS = 8000;
  const TICK_MS = 20000;
  const MINUTE_MS = 60000;
  /** As many last characters as people compare with a pack. */
  const LAST = 6;

  const $ = (selector, root = document) => root.querySelector(selector);
  const main = $('main.scanner');
  const el = (tag, cls, ...inside) => {
    const made = document.createElement(tag);
    if (cls) made.className = cls;
    made.append(...inside);
    return made;
  };
  const two = (n) => `${n}`.padStart(2, '0');
  const clock = (ms) => `${two(new Date(ms).getHours())}:${two(new Date(ms).getMinutes())}`;
  const dayOf = (ms) => `${new Date(ms).getFullYear()}-${two(new Date(ms).getMonth() + 1)}-${two(new Date(ms).getDate())}`;

  // ---- What this device keeps: the day's list in localStorage, the proofs in a cache. Neither leaves it. ----

  /** In memory alone where a browser keeps nothing. */
  let day = { day: dayOf(Date.now()), items: [] };
  const proofs = () => (window.caches ? caches.open(PROOFS).catch(() => null) : Promise.resolve(null));
  const drop = async (path) => { const cache = await proofs(); if (cache) await cache.delete(`/bundle${path}`); };
  function write() {
    try {
      localStorage.setItem(LIST, JSON.stringify(day));
    } catch (error) { /* Nothing may be kept here. */ }
  }
  /** What is kept is of today; of another day nothing stays. */
  async function fresh() {
    const today = dayOf(Date.now());
    let read = null;
    try {
      read = JSON.parse(localStorage.getItem(LIST));
    } catch (error) { /* Not ours, or nothing. */ }
    if (read && read.day === today && Array.isArray(read.items)) {
      // Whoever wrote it.
      day = { day: today, items: read.items.filter((one) => one && typeof one.path === 'string' && Array.isArray(one.codes) && one.name) };
      return;
    }
    // Nothing was kept yet, or cannot be: what is in memory is of today.
    if (!read && day.day === today && day.items.length) return;
    await clear();
  }
  async function clear() {
    day = { day: dayOf(Date.now()), items: [] };
    write();
    if (window.caches) await caches.delete(PROOFS).catch(() => {});
    list();
  }
  const seen = (path) => day.items.find((item) => item.path === path);
  async function remember(item, proof) {
    await fresh();
    day.items = [item, ...day.items.filter((one) => one.path !== item.path)];
    const old = day.items.splice(KEPT_MAX);
    write();
    await Promise.all(old.map((one) => drop(one.path)));
    const cache = proof && await proofs();
    if (cache) await cache.put(`/bundle${item.path}`, new Response(proof)).catch(() => {});
  }

  // ---- Getting what the check needs. ----

  /** Why there is no proof to check; the message is the name of a line. */
  class Cannot extends Error {}
  class Offline extends Error {}
  async function asked(address) {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), NETWORK_MS);
    try {
      const answer = await fetch(address, { signal: limit.signal });
      return { ok: answer.ok, bytes: new Uint8Array(await answer.arrayBuffer()) };
    } catch (error) {
      throw new Offline();
    } finally {
      clearTimeout(timer);
    }
  }
  async function bytes(address) {
    const answer = await asked(address);
    if (!answer.ok) throw new Cannot('server');
    return answer.bytes;
  }
  const json = async (address) => {
    const answer = await asked(address);
    try {
      return JSON.parse(new TextDecoder().decode(answer.bytes));
    } catch (error) {
      throw new Cannot('server');
    }
  };
  let module = null;
  let policy = null;
  async function verifier() {
    if (typeof WebAssembly !== 'object' || !L.site.v) throw new Cannot('wasm');
    if (!module) module = await WebAssembly.compile(await bytes(L.site.v)).catch((error) => { throw error instanceof Offline ? error : new Cannot('wasm'); });
    return L.engine((await WebAssembly.instantiate(module)).exports);
  }
  /** The rules as they are now; those of this visit where there is no network. */
  async function rules() {
    policy = await bytes('/policy').catch((error) => { if (!policy) throw error; return policy; });
    return policy;
  }

  /** The proof from the network, or what this device kept of it today. */
  async function load(path) {
    try {
      const [proof, code] = await Promise.all([bytes(`/bundle${path}`), json(`/scanner/code${path}`).catch(() => null)]);
      return { proof, code, at: Date.now(), now: true };
    } catch (error) {
      if (!(error instanceof Offline)) throw error;
      const [item, cache] = [seen(path), await proofs()];
      const found = item && item.kept && cache && await cache.match(`/bundle${path}`);
      if (!found) throw new Cannot('offline');
      return { proof: new Uint8Array(await found.arrayBuffer()), code: item.code, at: item.kept, now: false };
    }
  }

  // ---- One item. ----

  let turn = 0;
  let current = null;

  const lastOf = (path) => [...decodeURIComponent(path.split('/').pop())].slice(-LAST).join('');
  const namesOf = (e) => {
    const names = {};
    for (const [pointer, value] of e && e.ok ? e.lines : []) if (pointer.startsWith('/name/')) names[pointer.slice(6)] = value;
    return names;
  };

  async function look(path, { code = '', elsewhere } = {}) {
    turn += 1;
    const mine = turn;
    await fresh();
    const before = seen(path) || { codes: [] };
    // Where the code on the pack led stays said, until the same pack's code is read again.
    const host = elsewhere === undefined ? before.elsewhere || '' : elsewhere;
    checking(lastOf(path));
    const item = { path, name: before.name || {}, codes: [...new Set([code, ...before.codes])].filter(Boolean).slice(0, CODES_MAX), elsewhere: host };
    try {
      const [got, by, engine] = await Promise.all([load(path), rules(), verifier()]);
      const report = L.advice.verify(engine, { proof: got.proof, policy: by, path, now: Date.now() });
      if (mine !== turn) return;
      current = { path, report, from: { kept: got.at, code: got.code, elsewhere: host }, now: got.now };
      const said = L.advice.advise(report, Object.assign({ now: Date.now() }, current.from));
      // What does not hold is not kept: without a network it would be as good as what was seen before it.
      const keeps = said.k.whole || said.advice === 'off';
      Object.assign(item, { advice: said.advice, at: Date.now(), kept: keeps ? got.at : 0, code: got.code });
      if (said.k.headline) item.name = namesOf(said.k.headline);
      if (got.now && !keeps) await drop(path);
      await remember(item, got.now && keeps ? got.proof : null);
      if (mine !== turn) return;
      show(said, item.name);
    } catch (error) {
      if (mine !== turn) return;
      current = null;
      const why = error instanceof Offline ? 'offline' : error instanceof Cannot ? error.message : 'fault';
      // Seen before, and there is no telling now: what was kept of it stays, unless it is the check itself that broke.
      if (why === 'fault') await drop(path);
      await remember(Object.assign(item, { advice: 'ask', at: Date.now(), kept: (why !== 'fault' && before.kept) || 0, code: before.code || null }), null);
      plain('ask', fill(`line.${why}`), path);
    }
    list();
  }

  /** The address in an element string as readers give it, (01)…(21)…; null where it names no item and no lot. */
  function bracketed(code) {
    const all = {};
    code.replace(/\((\d{2,4})\)([^(]*)/g, (whole, ai, value) => { all[ai] = value.trim(); });
    const key = ['21', '235', '10'].find((ai) => all[ai]);
    const plain_ = key && encodeURIComponent(all[key]).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
    return key && /^\d{14}$/.test(all['01']) ? L.opened(`/01/${all['01']}/${key}/${plain_}`) : null;
  }

  /** A text from a symbol or a hand: to an item, to a choice, or to why it leads nowhere. */
  async function lead(text, { read = false } = {}) {
    const code = text.trim();
    if (!code) return;
    turn += 1;
    const mine = turn;
    await fresh();
    checking(code.length > 40 ? `${code.slice(0, 40)}…` : code);
    let address = null;
    try {
      address = new URL(code);
    } catch (error) { /* A number, not an address. */ }
    const host = address && /^https?:$/.test(address.protocol) ? address.host : '';
    const more = { code, elsewhere: read ? (host && host !== location.host && host !== L.site.h ? host : '') : undefined };
    const path = (host && L.opened(address.pathname)) || bracketed(code) || (day.items.find((item) => item.codes.includes(code)) || {}).path;
    if (path) {
      look(path, more);
      return;
    }
    try {
      const { choices, why } = await json(`/scanner/find?lang=${l}&code=${encodeURIComponent(code)}`);
      if (mine !== turn) return;
      const goods = (choices || []).filter((one) => L.opened(one.path) === one.path);
      if (goods.length === 1 && !why) look(goods[0].path, more);
      else if (goods.length) choose(goods, more, why);
      else plain('ask', why || t[choices && choices.length ? 'line.other' : 'line.server']);
    } catch (error) {
      if (mine !== turn) return;
      const typed = code.toUpperCase();
      const ending = day.items.filter((item) => item.path.includes('/21/') && typed.length >= LAST && decodeURIComponent(item.path).toUpperCase().endsWith(typed));
      if (error instanceof Offline && ending.length === 1) look(ending[0].path, more);
      else plain('ask', t[error instanceof Offline ? 'line.offline' : 'line.server']);
    }
  }

  // ---- What stands on the screen. ----

  const advice = $('.advice', main);
  const put = (kind, heading, ...lines) => {
    main.dataset.advice = kind;
    $('h1', main).textContent = heading;
    $('.line', main).replaceChildren(...lines);
    $('.told', main).replaceChildren();
    $('.choices', main).replaceChildren();
  };
  const idle = () => put('', t.heading, t.lead);
  function checking(what) {
    current = null;
    advice.setAttribute('aria-busy', 'true');
    put('run', t.checking, what);
  }
  function settled() {
    advice.removeAttribute('aria-busy');
    $('.both', main).scrollTop = 0;
  }
  function plain(kind, line, path = '') {
    put(kind, t[`advice.${kind}`], line);
    if (path) $('.told', main).append(el('p', 'item', thePack(path)), way(path));
    settled();
  }
  const way = (path) => {
    const link = el('a', 'tap', t.page);
    link.href = `${path}?lang=${l}`;
    return link;
  };

  const signed = (e, stem) => e.lines.get(`${stem}/${l}`) || e.lines.get(`${stem}/en`) || (([...e.lines].find(([pointer]) => pointer.startsWith(`${stem}/`)) || [])[1]);
  /** The day of a record where it happened. */
  function dayAt(e) {
    const offset = L.offsetMinutes(e.lines.get('/eventTimeZoneOffset') || '') || 0;
    const at = new Date((L.instant(e.lines.get('/eventTime') || e.own['#at']) || 0) + offset * MINUTE_MS);
    return L.shown('date', [at.toISOString().slice(0, 10)]);
  }
  function ageOf(ms) {
    const minutes = Math.max(0, Math.floor((Date.now() - ms) / MINUTE_MS));
    if (minutes < 2) return t['age.now'];
    return minutes < 120 ? many('age.minutes', minutes) : many('age.hours', Math.floor(minutes / 60));
  }
  /** The line of an advice, in words. */
  function lineOf({ why, e, values, k, known }) {
    const v = Object.assign({}, values, { k: k.records, when: clock(known), age: ageOf(known) });
    if (e && e.ok) Object.assign(v, { who: L.name(e.names, l), on: dayAt(e), what: L.shown('word', [e.lines.get('/disposition') || '']) });
    if (v.date) v.date = L.shown('date', [v.date]);
    if (v.day) v.day = L.shown('date', [v.day]);
    if (v.word) v.why = t[`word.${v.word}`] || v.word;
    // Its words were erased: that it was given, and by whom, is signed all the same.
    const bare = /^(alert|warning)$/.test(why) && !(e && e.ok && e.lines.get('/disposition'));
    return [fill(bare ? `line.${why}.bare` : `line.${why}`, v)];
  }
  const ageLine = (known) => `${fill('known', { when: clock(known), age: ageOf(known) })}${current.now ? '' : ` ${t.kept}`}`;
  /** What no check reaches: that the pack in the hand is the one in the records. */
  const thePack = (path) => el('span', 'pack', t.pack, ' ', el('b', '', `…${lastOf(path)}`));
  function show(said, names) {
    const { e, why } = said;
    put(said.advice, t[`advice.${said.advice}`], ...lineOf(said));
    const told = $('.told', main);
    const { path } = current;
    const name = names[l] || names.en || names[Object.keys(names)[0]];
    // The author's own words: what to do and why, or where it wrote none, the first that it found.
    const words = ['recalled', 'alert', 'warning'].includes(why) && e && e.ok ? ['/lp:notice/lp:do', '/lp:notice/lp:why', '/lp:facts/0/lp:text'].map((stem) => signed(e, stem)).filter(Boolean).slice(0, 2) : [];
    words.forEach((text) => told.append(el('p', 'quote', text)));
    if (words.length && e.marks.some(([mark]) => mark === 'objected')) told.append(el('p', '', t.objected));
    told.append(el('p', 'item', name || '', thePack(path)));
    if (e && e.ok) told.append(el('p', 'quiet from', fill('from', { i: e.index, who: L.name(e.names, l), on: dayAt(e) })));
    told.append(el('p', 'quiet age', ageLine(said.known)), way(path));
    history.replaceState(null, '', `#${path}`);
    main.querySelectorAll('a[hreflang]').forEach((link) => { link.hash = path; });
    settled();
  }
  /** Packs that fit, with whose numbers they have: a name is whatever the owner calls its goods. Where there are more, `why` says how to ask. */
  function choose(choices, more, why) {
    put('choose', t.choose, ...(why ? [why] : []));
    $('.choices', main).replaceChildren(...choices.map(({ path, name, owner }) => {
      const button = el('button', '', name || path, el('small', '', owner || ''), el('small', '', `…${lastOf(path)}`));
      button.type = 'button';
      button.onclick = () => look(path, more);
      return el('li', '', button);
    }));
    settled();
  }

  function list() {
    const rows = day.items.map((item) => {
      const button = el('button', '', el('b', '', t[`advice.${item.advice}`] || item.advice),
        el('span', '', `${item.name[l] || item.name.en || Object.values(item.name)[0] || ''} …${lastOf(item.path)}`), el('small', '', clock(item.at)));
      button.type = 'button';
      button.dataset.advice = item.advice;
      button.onclick = () => look(item.path);
      return el('li', '', button);
    });
    $('.seen ol', main).replaceChildren(...rows);
    $('.seen .none', main).hidden = rows.length > 0;
    $('.clear', main).hidden = !rows.length;
    $('.clear', main).textContent = t.clear;
  }

  // ---- Hands. ----

  const form = $('form.type', main);
  const video = $('.seeing', main);
  const [scan, photo, type] = ['.scan', '.photo', '.typing'].map((one) => $(one, main));
  let stop = null;
  const putOut = () => { if (stop) stop(); };
  scan.onclick = () => {
    if (stop) {
      putOut();
      return;
    }
    form.hidden = true;
    scan.textContent = reader.t.stop;
    // What was said of the pack before is gone before the next one is in the picture.
    turn += 1;
    current = null;
    put('run', t.look);
    stop = reader.camera(video, (text) => lead(text, { read: true }), (why) => {
      stop = null;
      scan.textContent = t.scan;
      if (why) put('note', reader.t.nocamera, why);
      else idle();
    });
  };
  const file = $('input[type=file]', main);
  file.onchange = async () => {
    const [picture] = file.files;
    file.value = '';
    if (!picture) return;
    putOut();
    turn += 1;
    const mine = turn;
    checking(reader.t.reading);
    try {
      const text = await reader.photo(picture);
      if (mine !== turn) return;
      if (text) lead(text, { read: true });
      else put('note', reader.t.nocode, reader.t['nocode.do']);
    } catch (error) {
      if (mine === turn) put('note', reader.t.nocode, reader.why(error));
    }
    settled();
  };
  photo.onclick = () => file.click();
  type.onclick = () => {
    putOut();
    form.hidden = !form.hidden;
    if (!form.hidden) $('#code', form).focus();
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    form.hidden = true;
    lead($('#code', form).value);
    $('#code', form).value = '';
  });
  const wipe = $('.clear', main);
  let sure = 0;
  wipe.onclick = () => {
    if (Date.now() - sure < 4000) {
      sure = 0;
      current = null;
      turn += 1;
      history.replaceState(null, '', location.pathname + location.search);
      idle();
      clear();
    } else {
      sure = Date.now();
      wipe.textContent = fill('clear.sure', { n: day.items.length });
    }
  };
  addEventListener('online', () => { if (current && !current.now) look(current.path); });

  /** What stands here grows old: the advice is given anew from the same report, and what was yesterday's goes. */
  setInterval(async () => {
    const before = day.day;
    await fresh();
    if (day.day !== before) {
      current = null;
      idle();
      list();
    }
    if (!current || advice.hasAttribute('aria-busy')) return;
    const said = L.advice.advise(current.report, Object.assign({ now: Date.now() }, current.from));
    if (said.advice !== main.dataset.advice) show(said, (seen(current.path) || { name: {} }).name);
    else $('.age', main).textContent = ageLine(said.known);
  }, TICK_MS);

  /** Hands addresses to the worker that keeps them. Without one (no https, an old browser) the page needs a network. */
  async function keep() {
    if (!navigator.serviceWorker) return;
    await navigator.serviceWorker.register('/scanner/worker.js');
    const { active } = await navigator.serviceWorker.ready;
    const channel = new MessageChannel();
    channel.port1.onmessage = ({ data }) => {
      if (!data) return;
      main.dataset.ready = '';
      $('.ready', main).hidden = false;
    };
    active.postMessage({ keep: [...main.dataset.keep.split(' '), ...await reader.files()] }, [channel.port2]);
  }

  (async () => {
    form.hidden = true;
    $('.bar', main).hidden = false;
    scan.hidden = !reader.able();
    photo.hidden = !reader.able();
    await fresh();
    list();
    const path = location.hash.length > 1 && L.opened(location.hash.slice(1));
    if (path) look(path);
    main.dataset.loaded = '';
    keep().catch(() => {});
  })();
})();
