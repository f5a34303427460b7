// The shopper's page checks itself: it hands the bundle to the verifier, closes each knot when its own check returns, and
// compares every shown fact with the line that was signed. ES2017, no framework. The server writes the reader's words before it
// (`const W={…};`, app::texts::script_words). Nothing here is ever green by default: only `ok()` closes a knot.
// What nobody waits for stands in more.js: reasons and receipts, what is kept for the next visit, what exactly failed, seldom words and
// states. This script fetches it when the check has ended, or earlier where a word or a state asks for it.
'use strict';
const Leafproof = (() => {
  const words = typeof W === 'undefined' ? { l: 'en', t: {}, o: [], v: {} } : W;
  const NBSP = '\u00a0';
  const MINUS = '\u2212';
  const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

  // ---- Formats (ARCHITECTURE.md, S3): the same six as trace::format, held equal by app/formats.tsv. ----

  const FULL = ['urn:epcglobal:cbv:', 'https://ref.gs1.org/cbv/', 'http://ref.gs1.org/cbv/', 'https://ns.gs1.org/cbv/',
    'http://ns.gs1.org/cbv/', 'https://gs1.org/voc/', 'https://ref.gs1.org/voc/', 'cbv:', 'gs1:'];
  const bare = (term) => (FULL.some((start) => term.startsWith(start)) ? term.split(/[:/-]/).pop() : term);
  /** A word of the vocabulary. One that is not among the common words may stand in more.js: then that is fetched first. */
  const look = (key, w) => {
    const found = Object.prototype.hasOwnProperty.call(w.v, key) ? w.v[key] : undefined;
    if (found === undefined) w.lacks = true;
    return found;
  };
  const word = (term, w) => { const found = look(bare(term), w); return found === undefined ? term : found; };
  const two = (n) => (n < 10 ? `0${n}` : `${n}`);

  function offsetMinutes(text) {
    const m = /^([+-])(\d\d):(\d\d)$/.exec(text);
    if (!m) return null;
    const [hours, minutes] = [+m[2], +m[3]];
    if (minutes > 59 || hours > 14 || (hours === 14 && minutes)) return null;
    return (m[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
  }

  function realDay(y, m, d) {
    const at = new Date(0);
    at.setUTCFullYear(y, m - 1, d);
    return at.getUTCFullYear() === y && at.getUTCMonth() === m - 1 && at.getUTCDate() === d;
  }

  /** Milliseconds since 1970 of an RFC 3339 time, or null. */
  function instant(text) {
    const m = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
    if (!m) return null;
    const [y, mo, d, h, mi] = [+m[1], +m[2], +m[3], +m[4], +m[5]];
    const s = +m[6];
    if (mo < 1 || mo > 12 || !realDay(y, mo, d) || h > 23 || mi > 59 || s > 59) return null;
    const offset = /[Zz]/.test(m[8]) ? 0 : offsetMinutes(m[8]);
    if (offset === null) return null;
    const at = new Date(0);
    at.setUTCFullYear(y, mo - 1, d);
    at.setUTCHours(h, mi, s, m[7] ? Math.floor(+`0.${m[7]}` * 1000) : 0);
    return at.getTime() - offset * 60000;
  }

  const day = (y, m, d, w) => (w.l === 'zh' ? `${y}年${m}月${d}日` : `${d} ${MONTHS[m - 1]} ${y}`);

  function timeText(time, zone, w) {
    const at = instant(time);
    if (at === null) return null;
    const minutes = zone === undefined ? (/[Zz]$/.test(time) ? 0 : offsetMinutes(time.slice(-6))) : offsetMinutes(zone);
    if (minutes === null) return null;
    const local = new Date(at + minutes * 60000);
    const [h, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
    const sign = minutes < 0 ? MINUS : '+';
    const utc = !h && !rest ? 'UTC' : rest ? `UTC${sign}${h}:${two(rest)}` : `UTC${sign}${h}`;
    const date = day(local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate(), w);
    return `${date}${w.l === 'zh' ? '' : ','} ${two(local.getUTCHours())}:${two(local.getUTCMinutes())} ${utc}`;
  }

  function dateText(text, w) {
    const m = /^(\d{4})-(\d\d)-(\d\d)/.exec(text);
    if (!m || !(text.length === 10 || instant(text) !== null)) return null;
    const [y, mo, d] = [+m[1], +m[2], +m[3]];
    return mo >= 1 && mo <= 12 && realDay(y, mo, d) ? day(y, mo, d, w) : null;
  }

  function numberText(text) {
    const m = /^(-?)(0|[1-9][0-9]*)(\.[0-9]+)?$/.exec(text);
    return m ? (m[1] ? MINUS : '') + m[2].replace(/\B(?=(?:\d{3})+$)/g, ',') + (m[3] || '') : null;
  }

  /** The shown text of signed values; a value that does not have its format's form is shown as it was signed. */
  function shown(format, values, w = words) {
    let text = null;
    const one = values.length === 1;
    if (format === 'word' && one) text = word(values[0], w);
    if (format === 'time' && values.length < 3 && values.length) text = timeText(values[0], values[1], w);
    if (format === 'date' && one) text = dateText(values[0], w);
    if (format === 'number' && one) text = numberText(values[0]);
    if (format === 'quantity' && values.length === 2) {
      const number = numberText(values[0]);
      const unit = look(`unit:${values[1]}`, w);
      if (number !== null) text = number + NBSP + (unit === undefined ? values[1] : unit);
    }
    return text === null ? values.join(' ') : text;
  }

  // ---- The verifier's report (ARCHITECTURE.md, S5): lines of TAB separated fields. ----

  const unescape = (text) => text.replace(/\\(.)/g, (_, c) => ({ t: '\t', n: '\n', r: '\r' }[c] || c));

  /** Every line, as its fields. */
  const parse = (report) => report.split('\n').filter(Boolean).map((line) => line.split('\t').map(unescape));

  const pad = (ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

  /** What one entry's lines say. */
  function entryOf(rows) {
    const e = { rows, lines: new Map(), names: {}, marks: [], ok: false };
    for (const [kind, , ...f] of rows) {
      if (kind === 'entry') {
        Object.assign(e, { index: f[0], kind: f[1], logged: +f[6] });
        // What an entry holds beside its lines: all that is left of an erased one.
        e.own = { '#at': pad(+f[7]), '#kind': `${f[1][0].toUpperCase()}${f[1].slice(1)}Event` };
      }
      if (kind === 'author') e.author = { id: f[0], at: f[1], own: f[2] === 'own' };
      if (kind === 'name') e.names[f[0]] = f[1];
      if (kind === 'mark') e.marks.push(f);
      if (kind === 'line' && !e.lines.has(f[0])) e.lines.set(f[0], f[2]);
      if (kind === 'done') { e.ok = f[0] === 'ok'; e.step = f[1]; }
    }
    return e;
  }

  /** The verifier's steps as the six a reader sees. */
  const SIX = { form: 1, author: 1, signature: 1, subject: 2, inclusion: 2, checkpoint: 2, maphead: 3, lists: 3, relations: 3,
    issued: 3, corrections: 3, names: 3, parts: 4, cosignatures: 5, memory: 6 };
  const six = (step) => SIX[step] || 2;

  // ---- Comparing what is shown with what was signed (ARCHITECTURE.md, S4). ----

  /** Pointers whose values a page has to show; the language at their end is left out. */
  const SHOWN = [/^\/eventTime$/, /^\/place\//, /^\/lp:title\//,
    /^\/lp:(facts|pictures|video|live|packs)\/(.+\/)?(lp:(text|value|uom|date|time|count|href|file)|[a-z]{2}(-[A-Za-z]+)?)$/,
    /^\/sensorElementList\/\d+\/sensorReport\/\d+\/(value|minValue|maxValue|meanValue)$/];
  const QUIET = ['active', 'container_closed', 'encoded', 'in_progress', 'in_transit'];

  /** The must-show rule; crates/trace/src/page/shown.rs says it in words. */
  function must(pointer, value, lines) {
    if (pointer === '/disposition') return !QUIET.includes(bare(value));
    if (pointer === '/bizStep' || pointer === '/type') {
      return ![...lines.keys()].some((p) => p.startsWith('/lp:title/')) && (pointer === '/bizStep' || !lines.has('/bizStep'));
    }
    if (pointer.startsWith('/ilmd/cbvmda:')) return look(pointer.slice(13), words) !== undefined;
    return SHOWN.some((p) => p.test(pointer));
  }
  const stem = (pointer) => pointer.replace(/\/[a-z]{2}(-[A-Za-z]+)?$/, '');
  const name = (names, l) => names[l] || names.en || names[Object.keys(names).sort()[0]];

  /** Our words that may stand inside a record. */
  const ours = new Set();
  /** Takes words in: the script's own, those that may stand inside a record, the vocabulary. */
  function learn({ t, o, v }) {
    Object.assign(words.t, t);
    Object.assign(words.v, v);
    for (const text of o.concat(Object.values(v))) ours.add(text);
  }
  learn(words);

  /** What is wrong with the marked elements in `root`; `get(index)` gives a verified entry or undefined. */
  function compare(root, get, isNode) {
    const wrong = [];
    const entryAt = (el) => { const at = el.closest('[data-e],[data-entry]'); return at && (at.dataset.e || at.dataset.entry); };
    const own = isNode ? entryAt(root) : undefined;
    /** What the page shows of `own`. */
    const seen = new Set();
    const all = [...root.querySelectorAll('[data-p],[data-by],[data-custody],[data-h],[data-k],[data-alt],[data-logged],[data-chart]')];
    if (root.matches('[data-p]')) all.unshift(root);
    let count = 0;
    let by;
    const note = (el, a, b) => wrong.push({ el, a, b, by, kind: b === undefined ? 'extra' : 'changed' });
    const fits = (el, a, b) => { if (a !== b) note(el, a, b); };
    for (const el of all) {
      const d = el.dataset;
      const index = entryAt(el);
      if (!isNode && el.closest('li.node')) continue;
      const e = get(index);
      const author = e && e.author;
      by = author ? name(e.names, words.l) : undefined;
      const text = el.textContent;
      const value = (p) => (e && e.ok ? (p[0] === '#' ? e.own[p] : e.lines.get(p)) : undefined);
      const see = (p) => {
        if (index === own) seen.add(stem(p));
        return value(p);
      };
      count += 1;
      if ('p' in d) {
        const values = d.p.split(' ').map(see);
        fits(el, text, values.includes(undefined) ? undefined : shown(d.f, values));
        const call = el.closest('a[href^="tel:"]');
        if (call) fits(call, call.getAttribute('href'), `tel:${text.replace(/[^\d+]/g, '')}`);
      }
      if ('by' in d) fits(el, text, author && author.id === d.by ? by : undefined);
      if ('custody' in d && !(author && author.own === (d.custody === 'own'))) note(el, text);
      if ('h' in d) {
        const signed = see(d.h);
        const at = el.getAttribute('src') || el.getAttribute('href');
        fits(el, at, signed && at !== signed ? `/media/${signed}` : signed);
      }
      if ('alt' in d) fits(el, el.getAttribute('alt'), see(d.alt));
      if ('k' in d) {
        const [type, bytes] = [value(`${d.k}Type`), value(`${d.k}Bytes`)];
        const kind = (type || '').split('/').pop().split('+')[0].toUpperCase();
        fits(el, text, bytes ? `${kind}, ${Math.ceil(+bytes / 1000)} kB` : kind);
      }
      if ('logged' in d) fits(el, text, e ? shown('time', [pad(e.logged)]) : undefined);
      if ('chart' in d) {
        if (!api.chart) words.lacks = true;
        else if (!api.chart(el, root, value)) note(el, words.t.chart);
      }
    }
    for (const part of isNode ? [root] : root.querySelectorAll('.notice')) extras(part, note);
    const e = isNode && get(own);
    if (e && e.ok) {
      // A record that was taken back says so and is struck through; no other one is.
      const voided = e.marks.find((one) => one[0] === 'voided');
      const told = voided && root.querySelector(`.note [data-e="${voided[1]}"]`) && !root.querySelector('.facts:not(del .facts)');
      if (voided ? !told : root.querySelector('.note,del')) wrong.push({ el: root, kind: voided ? 'current' : 'uncorrected' });
      // A fact of this record that stands over the thread (the use-by date) is shown, and compared there.
      for (const el of document.querySelectorAll(`[data-e="${own}"][data-p]`)) el.dataset.p.split(' ').forEach((p) => seen.add(stem(p)));
      for (const [pointer, value] of e.lines) {
        const at = stem(pointer);
        if (must(pointer, value, e.lines) && !seen.has(at)) {
          seen.add(at);
          wrong.push({ el: root, b: value, kind: 'missing' });
        }
      }
    }
    return { wrong, count };
  }

  /** Words and pictures inside a record that nobody signed and that are not ours. */
  function extras(root, note) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, null);
    for (let at = walk.nextNode(); at; at = walk.nextNode()) {
      const text = at.nodeValue.trim();
      if (!text) continue;
      const el = at.parentNode.closest('[data-p],[data-by],[data-o],[data-k],[data-logged],.rec');
      if (!el || !root.contains(el)) note(at.parentNode, text);
      else if (el.matches('[data-o]') && !ours.has(text)) {
        words.lacks = true;
        note(el, text);
      }
    }
    for (const el of root.querySelectorAll('img,video,iframe,object,embed,a[href]')) {
      const to = el.getAttribute('href') || '';
      const call = to.startsWith('tel:') && el.querySelector('[data-p]');
      if (el.dataset.h === undefined && !call && !to.startsWith('#')) note(el, el.getAttribute('src') || el.getAttribute('href'));
    }
  }

  /** True for what the product line says where all is in order. */
  const inOrder = (text) => ['ok', 'ok.one', 'ok.today', 'ok.nodate'].some((key) => like(`product.${key}`, text));
  const like = (key, text) => new RegExp(`^${words.t[key].replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '.+')}$`).test(text);
  /** A signed date that is over everywhere on earth. */
  const over = (date, now) => date !== undefined && Date.parse(date.slice(0, 10)) < now - 2 * 86400000;

  // ---- The verifier (crates/verifier): addresses and lengths in, a report out. ----

  function engine(exports) {
    const x = exports;
    const put = (bytes) => {
      const at = x.alloc(bytes.length);
      new Uint8Array(x.memory.buffer, at, bytes.length).set(bytes);
      return [at, bytes.length];
    };
    const report = () => new TextDecoder().decode(new Uint8Array(x.memory.buffer, x.report(), x.report_len()));
    return {
      open(bundle, policy, subject, nowMs) {
        const args = [bundle, policy, subject].map(put);
        const count = x.open(...args[0], ...args[1], ...args[2], nowMs);
        return { count, rows: parse(report()) };
      },
      /** For what more.js asks of it: bytes in, the report as text. */
      put,
      report,
      exports,
      entry(i) { x.entry(i); return entryOf(parse(report())); },
      finish() { x.finish(); return parse(report()); },
      hash(bytes) {
        const [at, length] = put(bytes);
        const from = x.blake3(at, length);
        const hex = [...new Uint8Array(x.memory.buffer, from, 32)].map((b) => (b + 256).toString(16).slice(1)).join('');
        x.free(at, length);
        return hex;
      },
    };
  }

  /** The subject's name as bytes, from a Digital Link path: kind 1, then AI and value with their lengths. */
  function nameBytes(path) {
    const out = [1];
    for (const part of path.split('/').slice(1)) {
      const bytes = new TextEncoder().encode(decodeURIComponent(part));
      out.push(bytes.length, ...bytes);
    }
    return new Uint8Array(out);
  }

  /** The subject that was opened, from the address itself: the page's own claim is not asked. */
  function opened(pathname) {
    const parts = pathname.split('/').filter(Boolean);
    for (let at = parts.length - 2; at >= 0; at -= 1) {
      const rest = parts.slice(at);
      if (rest[0] !== '01' || rest.length % 2 || !/^\d{8}$|^\d{12,14}$/.test(rest[1])) continue;
      const ais = {};
      for (let i = 2; i < rest.length; i += 2) ais[rest[i]] = decodeURIComponent(rest[i + 1]);
      const ai = ['21', '235', '10'].find((k) => ais[k] !== undefined);
      // RFC 3986 leaves letters, digits and -._~ as they are; encodeURIComponent five more.
      const plain = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
      return `/01/${rest[1].padStart(14, '0')}${ai ? `/${ai}/${plain(ais[ai])}` : ''}`;
    }
    return null;
  }

  const api = { shown, parse, entryOf, compare, inOrder, like, over, six, engine, nameBytes, opened, instant, offsetMinutes, bare, stem, words, learn, name, pad };
  return api;
})();

// ---- The page: states in, words and shapes out. ----

function check(main) {
  /** A check that takes longer says so; a slow phone on a slow network stays well below. */
  const LIMIT_MS = 30000;
  /** How long a failure may wait for its words before it is said without them. */
  const TELL_MS = 1500;

  const L = Leafproof;
  const { t, l } = L.words;
  const $ = (selector, root = main) => root.querySelector(selector);
  const all = (selector, root = main) => [...root.querySelectorAll(selector)];
  const items = all('li.node');
  const line = $('[data-line=records]');
  const sentence = $('.s', line);
  const absent = main.dataset.absent !== undefined;
  let over = false;

  /** "{here}" becomes "on this phone" or, on wide screens, "in this browser". */
  function say(text) {
    return text.split('{here}').flatMap((piece, i) => {
      if (!i) return [piece];
      if (t['here.p'] === t['here.b']) return [t['here.p'], piece];
      const [p, b] = [document.createElement('span'), document.createElement('span')];
      [p.className, b.className, p.textContent, b.textContent] = ['p', 'b', t['here.p'], t['here.b']];
      return [p, b, piece];
    });
  }
  const fill = (key, values = {}) => (t[key] || key).replace(/\{(\w+)\}/g, (all_, k) => (k in values ? values[k] : all_));
  const put = (node, text) => node.replaceChildren(...say(text));
  const many = (key, n) => fill(n === 1 && t[`${key}.one`] ? `${key}.one` : key, { n });

  const KINDS = ['object', 'aggregation', 'transformation', 'transaction', 'association'];
  // Fixed drawings; nothing from outside is ever put into them.
  const MARKS = {
    run: '<path class="t" d="M10 1v5m0 12v5"/><circle class="r" cx="10" cy="12" r="5.2"/>',
    all: '<path d="M10 1v22"/><circle class="f" cx="10" cy="12" r="6"/>',
    fail: '<path d="M10 0v4m0 16v4M4.6 9.4a5.6 5.6 0 0 1 10.8 0M4.6 14.6a5.6 5.6 0 0 0 10.8 0"/>',
    none: '<path class="dot" d="M10 1v5m0 12v5"/><circle class="dot" cx="10" cy="12" r="5.2"/>',
  };
  function records(state, text, tone) {
    const mark = $('.m', line);
    mark.innerHTML = MARKS[state];
    mark.classList.toggle('warn', tone === 'warn');
    mark.classList.toggle('failed', tone === 'fail');
    line.classList.toggle('running', state === 'run');
    put(sentence, text);
    sentence.className = `s ${tone || ''}`;
    // Nothing is offered beside bad news.
    const offer = $('#offer');
    if (offer && tone === 'fail') offer.remove();
  }
  /** What the server wrote of the check before there was one. */
  const forget = () => all('[data-line=records] .why,#checked').forEach((part) => part.replaceChildren());
  /** The check has ended, one way or the other. Now comes what nobody should wait for: form, paper and receipts get their style. */
  function ended() {
    all('noscript').forEach((part) => {
      // A style or a picture: no words come in after they could be compared.
      if (/^<(link|img) [^<>]*>$/.test(part.textContent)) part.outerHTML = part.textContent;
    });
    if (main.dataset.islands) {
      load(main.dataset.islands);
      delete main.dataset.islands;
    }
    const button = $('#again');
    if (!button) return;
    button.parentNode.hidden = false;
    button.onclick = () => location.reload();
  }
  function load(address) {
    const script = document.createElement('script');
    script.src = address;
    document.head.append(script);
    return script;
  }

  function cannot(why) {
    if (over) return;
    over = true;
    // What has failed by then has failed.
    if ($('.node.fail')) records('fail', t['failed.some'], 'fail');
    else records('none', fill('cannot', { why: t[`why.${why}`] || t['why.fault'] }));
    items.forEach((item) => {
      if (item.matches('.fail')) return;
      item.classList.remove('ok');
      put($('.res', item), fill('rec.cannot', { n: number(item) }));
    });
    ended();
    more().then((m) => m.cannot(why)).catch(() => {});
  }
  const number = (item) => item.id.slice(1);

  /** The only way a knot closes. */
  function ok(item) {
    item.classList.add('ok');
    put($('.res', item), fill('rec.ok', { n: number(item) }));
  }

  // ---- What stands in more.js: fetched once. ----

  let fetched = null;
  const more = () => {
    fetched = fetched || new Promise((done, fail) => {
      const script = load(main.dataset.more);
      script.onload = () => done(L.more(page));
      script.onerror = () => { fetched = null; fail(new Cannot('network')); };
    });
    return fetched;
  };

  // ---- Getting what the check needs. ----

  class Cannot extends Error {}
  const bytes = async (address, why, how) => {
    const answer = await fetch(address, how).catch(() => { throw new Cannot('network'); });
    if (!answer.ok) throw new Cannot(why);
    return new Uint8Array(await answer.arrayBuffer().catch(() => { throw new Cannot('network'); }));
  };
  async function verifier(address) {
    if (typeof WebAssembly !== 'object') throw new Cannot('wasm');
    if (!address) throw new Cannot('verifier');
    if (WebAssembly.instantiateStreaming) {
      // Some chat apps' browsers refuse to stream, or send a wrong media type: then the bytes are fetched whole.
      const streamed = await WebAssembly.instantiateStreaming(fetch(address)).catch(() => null);
      if (streamed) return streamed.instance.exports;
    }
    const module = await bytes(address, 'verifier');
    const made = await WebAssembly.instantiate(module).catch(() => { throw new Cannot('csp'); });
    return made.instance.exports;
  }
  /** A turn for the browser to paint, with no time added. */
  const turn = () => new Promise((done) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  });

  async function run() {
    const [bundle, policy, exports] = await Promise.all([
      bytes(main.dataset.bundle, 'network'), bytes('/policy', 'network'), verifier(main.dataset.verifier)]);
    if (over) return;
    const subject = L.opened(location.pathname) || main.dataset.item;
    const engine = L.engine(exports);
    const now = Date.now();
    const start = engine.open(bundle, policy, L.nameBytes(subject), now);
    const find = (kind) => start.rows.find((r) => r[0] === kind) || [];
    if (start.count < 0) {
      const state = find('state');
      if (state[1] !== 'failed') throw new Cannot('file');
      return tell({ state, wrong: true });
    }
    const rules = new TextDecoder().decode(policy);
    const ledger = { now, size: find('checkpoint')[2],
      // What the limits left out: older rows of a list (bulk lists are a number by design), and what lies further back than is followed.
      older: start.rows.filter((r) => r[0] === 'list' && r[2] !== 'bulk').reduce((sum, r) => sum + +r[4], 0),
      cut: find('cut')[0], asOf: +find('as-of')[1] * 1000 || 0, time: +find('maphead')[2] };
    const place = new Map(start.rows.filter((r) => r[0] === 'node').map((r) => [r[2], +r[1]]));
    const entries = new Map();
    const get = (index) => {
      if (!place.has(index)) return undefined;
      if (!entries.has(index)) entries.set(index, engine.entry(place.get(index)));
      return entries.get(index);
    };
    // What this phone kept of this ledger is compared by more.js, asked for while the records are checked. Who comes for the first
    // time has nothing to compare; undefined where this browser keeps nothing.
    const key = `leafproof ${(rules.match(/^log[ \t]+(\S+)/m) || [])[1]}`;
    let kept;
    try {
      kept = localStorage.getItem(key);
    } catch (error) { /* Nothing may be kept here. */ }
    const before = kept && more().then((m) => m.earlier(kept, ledger.size));
    if (before) before.catch(() => {});
    const bad = [];
    const slips = [];
    const fail = (item, step, e, wrong) => {
      if (bad.some((b) => b.item === item)) return;
      bad.push({ item, step, e, wrong });
      item.dataset.step = step;
      item.classList.remove('ok');
      item.classList.add('fail');
      put($('.res', item), fill('rec.fail', { n: number(item), s: step }));
    };
    for (const item of items) {
      const began = performance.now();
      const e = get(item.dataset.entry);
      const took = performance.now() - began;
      const facts = e && e.ok ? await compare(item, get, true) : { wrong: [], count: 0 };
      if (!e || !e.ok) fail(item, e ? L.six(e.step) : 2, e);
      else if (facts.wrong.length) fail(item, 4, e, facts.wrong);
      else ok(item);
      slips.push({ item, e, facts, took });
      await turn();
      if (over) return;
    }
    for (const [index] of place) get(index);
    const outside = await compare(document.body, get, false);
    await pictures(engine, get, fail, outside);
    const found = { engine, policy, rules, start: start.rows, ledger, bad, slips, outside, place, get, memory: { word: 'uncompared' } };
    judge(engine.finish(), found);
    // What failed has failed, whatever was seen before.
    if (!found.wrong) {
      found.memory = Object.assign({ key, old: kept === undefined ? null : {}, list: [], word: 'first' }, before && (await more()).compared(engine, await before));
      if (over) return;
      if (before) judge(engine.finish(), found);
    }
    await finish(found);
    over = true;
  }

  /** Compares, and where a seldom word stood in the way, once more with all words. */
  async function compare(root, get, isNode) {
    const first = L.compare(root, get, isNode);
    if (!L.words.lacks || L.more) return first;
    await more();
    return L.compare(root, get, isNode);
  }

  /** Each picture's bytes are hashed and compared. One that cannot be had is no failure: it is not there to be believed. */
  function pictures(engine, get, fail, outside) {
    return Promise.all(all('img[data-h]').map(async (img) => {
      const at = img.closest('[data-e],[data-entry]').dataset;
      const e = get(at.e || at.entry);
      const signed = e && e.ok ? e.lines.get(img.dataset.h) : undefined;
      const got = await bytes(img.getAttribute('src'), 'network').catch(() => null);
      img.dataset.seen = !got ? 'none' : signed && engine.hash(got) === signed ? 'ok' : 'bad';
      if (img.dataset.seen !== 'bad') return;
      const item = img.closest('li.node');
      if (item) fail(item, 4, e, [{ kind: 'picture' }]);
      else outside.wrong.push({ el: img, kind: 'picture' });
    }));
  }

  /** A seldom state, or something is wrong. Which, in words, is told by more.js; that something is wrong is said without it too. */
  function tell(found) {
    const told = more().then((m) => { if (found.wrong || !over) m.finish(found); });
    if (!found.wrong) return told;
    over = true;
    const plain = new Promise((done, fail) => { setTimeout(fail, TELL_MS); });
    return Promise.race([told, plain]).catch(() => {
      records('fail', t['failed.some'], 'fail');
      forget();
      ended();
      unexplained(found);
    });
  }

  /** What the verifier's last lines and the page's own comparison come to. */
  function judge(rows, found) {
    const { ledger, bad, outside, place, get } = found;
    const state = rows.find((r) => r[0] === 'state') || [];
    const shownHere = items.map((item) => item.dataset.entry);
    const missing = [...place.keys()].filter((i) => KINDS.includes(get(i).kind) && !shownHere.includes(i));
    const product = $('[data-line=product] .s');
    const dated = $('.name [data-f=date]');
    const until = dated && (get(dated.dataset.e) || { lines: new Map() }).lines.get(dated.dataset.p);
    Object.assign(found, { rows, state, missing, product: product && product.textContent.trim(), until: until || undefined, today: ledger.asOf || ledger.time,
      wrong: bad.length + missing.length + outside.wrong.length > 0 || !['verified', 'not-cosigned', 'stale'].includes(state[1]) });
  }

  function finish(found) {
    const { rows, ledger } = found;
    const find = (kind) => rows.find((r) => r[0] === kind) || [];
    if (found.wrong || found.state[1] !== 'verified' || !items[0] || absent || ledger.older || ledger.cut || find('fresh')[1] === 'clock' || find('alert')[0] || $('.notice')
      || (found.product && (!L.inOrder(found.product) || L.over(found.until, found.today)))) return tell(found);
    records('all', many('all', items.length));
    forget();
    ended();
    more().then((m) => m.explain(found)).catch(() => unexplained(found));
    return undefined;
  }

  /** The result stands, its reasons did not come: said where they would be, and asked for again when somebody opens a receipt. */
  function unexplained(found) {
    all('.rec').forEach((rec) => {
      put($('.slip', rec), t['why.network']);
      rec.ontoggle = () => more().then((m) => (found.wrong ? m.finish(found) : m.explain(found)), () => {});
    });
  }

  const page = { main, items, absent, line, MARKS, $, all, say, fill, many, put, records, ended, number, bytes };
  if (items.length) records('run', many('checking', items.length));
  setTimeout(() => cannot('time'), LIMIT_MS);
  run().catch((error) => cannot(error instanceof Cannot ? error.message : 'fault'));
}

if (typeof document !== 'undefined') {
  const main = document.querySelector('main[data-bundle]');
  if (main) check(main);
}
if (typeof module !== 'undefined') module.exports = Leafproof;
