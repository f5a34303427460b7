// The shopper's page checks itself: it hands the bundle to the verifier, closes each knot when its own check returns, and
// compares every shown fact with the line that was signed. ES2017, no framework. The server writes the reader's words before it
// (`const W={…};`, app::texts::script_words). Nothing here is ever green by default: only `ok()` closes a knot.
// What nobody waits for stands in more.js: reasons and receipts, what is kept for the next visit, what exactly failed, seldom words and
// states. This script fetches it when the check has ended, or earlier where a word or a state asks for it.
'use strict';
const Leafproof = (() => {
  const words = typeof W === 'undefined' ? { l: 'en', t: {}, v: {} } : W;
  /** What the server wrote of this site: its name, the addresses of what the check loads, its styles. The page is not asked for them. */
  const site = typeof S === 'undefined' ? {} : S;
  const NBSP = '\u00a0';
  const MINUS = '\u2212';
  const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

  // ---- Formats (ARCHITECTURE.md, S3): the same eight as trace::format, held equal by app/formats.tsv. ----

  const FULL = /^(urn:epcglobal:cbv:|cbv:|gs1:|https?:\/\/(ref|ns)\.gs1\.org\/cbv\/|https:\/\/(ref\.)?gs1\.org\/voc\/)/;
  const bare = (term) => (FULL.test(term) ? term.split(/[:/-]/).pop() : term);
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

  /** Midnight of a day that there is, or null. */
  function realDay(y, m, d) {
    const at = new Date(0);
    at.setUTCFullYear(y, m - 1, d);
    return at.getUTCMonth() === m - 1 && at.getUTCDate() === d ? at : null;
  }

  /** Milliseconds since 1970 of an RFC 3339 time, or null. */
  function instant(text) {
    const m = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/.exec(text);
    if (!m) return null;
    const [h, mi, s] = [+m[4], +m[5], +m[6]];
    const at = realDay(+m[1], +m[2], +m[3]);
    const offset = /[Zz]/.test(m[8]) ? 0 : offsetMinutes(m[8]);
    if (!at || h > 23 || mi > 59 || s > 59 || offset === null) return null;
    return at.setUTCHours(h, mi, s, m[7] ? Math.floor(+`0.${m[7]}` * 1000) : 0) - offset * 60000;
  }

  const dayOfYear = (m, d, w) => (w.l === 'zh' ? `${m}月${d}日` : `${d} ${MONTHS[m - 1]}`);
  const day = (y, m, d, w) => (w.l === 'zh' ? `${y}年` : '') + dayOfYear(m, d, w) + (w.l === 'zh' ? '' : ` ${y}`);

  /** What a signed time says of its own clock: what its shorter forms leave out. Null where it has not a time's form. */
  function clock([time, zone]) {
    const at = instant(time);
    const minutes = zone === undefined ? (/[Zz]$/.test(time) ? 0 : offsetMinutes(time.slice(-6))) : offsetMinutes(zone);
    if (at === null || minutes === null) return null;
    const local = new Date(at + minutes * 60000);
    const [h, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
    return { local, year: local.getUTCFullYear(), zone: `UTC${minutes ? (minutes < 0 ? MINUS : '+') + h : ''}${rest ? `:${two(rest)}` : ''}` };
  }
  function timeText(format, values, w) {
    const c = clock(values);
    if (!c) return null;
    const [month, date] = [c.local.getUTCMonth() + 1, c.local.getUTCDate()];
    const text = format === 'moment' ? dayOfYear(month, date, w) : day(c.year, month, date, w);
    return `${text}${w.l === 'zh' ? '' : ','} ${two(c.local.getUTCHours())}:${two(c.local.getUTCMinutes())}${format === 'time' ? ` ${c.zone}` : ''}`;
  }

  function dateText(text, w) {
    const m = /^(\d{4})-(\d\d)-(\d\d)/.exec(text);
    if (!m || !(text.length === 10 || instant(text) !== null)) return null;
    const [y, mo, d] = [+m[1], +m[2], +m[3]];
    return realDay(y, mo, d) && day(y, mo, d, w);
  }

  function numberText(text) {
    const m = /^(-?)(0|[1-9][0-9]*)(\.[0-9]+)?$/.exec(text);
    return m ? (m[1] ? MINUS : '') + m[2].replace(/\B(?=(?:\d{3})+$)/g, ',') + (m[3] || '') : null;
  }

  const TIMES = /^(time|local|moment)$/;
  /** The shown text of signed values; a value that does not have its format's form is shown as it was signed. */
  function shown(format, values, w = words) {
    let text = null;
    const one = values.length === 1;
    if (format === 'word' && one) text = word(values[0], w);
    if (TIMES.test(format) && values.length < 3 && values.length) text = timeText(format, values, w);
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
        Object.assign(e, { index: f[0], kind: f[1], action: f[2], sort: f[3], through: f[4], role: +f[5], logged: +f[6] });
        // What an entry holds beside its lines: all that is left of an erased one.
        e.own = { '#at': pad(+f[7]), '#kind': `${f[1][0].toUpperCase()}${f[1].slice(1)}Event` };
      }
      if (kind === 'author') e.author = { id: f[0], at: f[1], own: f[2] === 'own' };
      if (kind === 'name') e.names[f[0]] = f[1];
      if (kind === 'mark') e.marks.push(f);
      if (kind === 'standing') e.right = { word: f[0], grant: f[1], owner: f[2], held: f[3] === 'held', rights: +f[4] };
      if (kind === 'line' && !e.lines.has(f[0])) e.lines.set(f[0], f[2]);
      if (kind === 'done') [e.ok, e.step, e.word] = [f[0] === 'ok', f[1], f[2]];
    }
    return e;
  }

  /** The verifier's steps as the six a reader sees; all others (subject, inclusion, checkpoint) are the second. */
  const SIX = { form: 1, author: 1, signature: 1, standing: 1, maphead: 3, lists: 3, relations: 3,
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
  /** Whoever the owner of the number did not name sends nobody elsewhere, and only the owner and the law say whom to call. */
  const may = (e, pointer) => (e.right.word === 'independent' ? !/^\/lp:(live\/|notice\/lp:phone$)/.test(pointer)
    : pointer !== '/lp:notice/lp:phone' || ['owner', 'regulator'].includes(e.right.word));
  const stem = (pointer) => pointer.replace(/\/[a-z]{2}(-[A-Za-z]+)?$/, '');
  const name = (names, l) => names[l] || names.en || names[Object.keys(names).sort()[0]];

  /** Our words that may stand inside a record or a notice; those that may stand elsewhere. */
  const ours = new Set();
  const chrome = [];
  /** Takes words in: the script's own (those of a record or a notice may stand there), those that may stand elsewhere, the vocabulary. */
  function learn({ t, k, v }) {
    Object.assign(words.t, t);
    Object.assign(words.v, v);
    pieces(/^(node|notice)\./, t).forEach((text) => ours.add(text));
    for (const text of k || []) chrome.push(pattern(text));
  }
  /** Our words that may stand outside of records come with the page, where most of them stand anyway: taken only as they were written. */
  const vouch = (said, hash) => hash(new TextEncoder().encode(said)).startsWith(words.k) && learn({ k: said.split('|') });
  /** The words of texts, cut at their values. */
  const pieces = (keys, t = words.t) => Object.keys(t).filter((key) => keys.test(key)).flatMap((key) => t[key].split(/\{\w+\}/)).map((piece) => piece.trim()).filter(Boolean);
  /** Those of them that are more than a word or a mark, which is everybody's. */
  const phrases = (keys) => pieces(keys).filter((piece) => piece.length > 2);
  /** A text of ours with its values. */
  const fill = (key, values = {}) => (words.t[key] || key).replace(/\{(\w+)\}/g, (all, slot) => (slot in values ? values[slot] : all));
  const DAY = words.l === 'zh' ? '\\d{4}年\\d{1,2}月\\d{1,2}日' : '\\d{1,2} [A-Z][a-z]{2} \\d{4}';
  const literal = (text) => text.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&');
  /** A text of ours with what may stand in its places: numbers, dates, this site's name. */
  function pattern(text) {
    const places = { day: DAY, host: literal(site.h || ''), what: '.+' };
    return new RegExp(`^${literal(text).replace(/\\\{(\w+)\\\}/g, (_, key) => places[key] || '[\\d,]+')}$`);
  }
  const like = (key, text) => pattern(words.t[key]).test(text);
  learn({ t: words.t });

  // ---- Where signed words may stand, and what else a page is made of. ----

  /** What may be folded away in a record: what its author says third and later, what makes a batch, and amounts. Never a state, a date, a
   *  document, a measured value, nor anything of an alert. */
  const LESS = /^\/lp:facts\/([2-9]|\d\d+)\/|^\/ilmd\/cbvmda:(?!\w+Date$)|uantityList\//;
  /** Places in a record and over it, with the pointers of what may stand there; the first that an element stands in counts. */
  /** A row of facts: a label, then its value. */
  const rowIn = (within) => `${within} .facts>div>dt:first-child,${within} .facts>div>dt+dd:last-child`;
  const IN_RECORD = [['.objection small', /^\/eventTime$|^#at$/], ['.objection', /^\/lp:reason\//], ['.note', /^\/errorDeclaration\/|^#at$/], ['.at', /^\/eventTime$|^#at$/], ['h3', /^\/lp:title|^\/bizStep$|^\/type$|^#kind$/],
    ['.place', /^\/place(\/|$)/], ['.gone', /^\/lp:reason/], ['.rest', LESS], ['.film', /^\/lp:(video|live)\//], ['.ticks', /^\/lp:packs\//], ['.body img', /^\/lp:pictures\//],
    ['.chart,.chart+.table', /^\/(sensorE|lp:limit)/], [rowIn('.body'), /^\/(?!eventTime$|place\/|lp:(title|pictures|video|live|packs)|errorDeclaration)/]];
  const DATE = /^(\/ilmd)?\/cbvmda:\w+Date$/;
  const OUTSIDE = [['.who', /^\/brand\//], ['.plate', /^\/picture\//], ['h1', /^\/name\//], ['.name .from', /^\/origin\//], ['.until', DATE],
    ['.name', /^\/description\//], ['.story .from', /^\/story2\//], ['.story h2', /^\/story\//], ['.expired', /^\/phone$|^(\/ilmd)?\/cbvmda:\w+Date$/],
    ['.warning h2', /$^/], ['.warning>p:not(.by)', /^\/lp:notice\/lp:(do|why|get)\//], ['.notice h2', /^\/lp:notice\/lp:do\//], ['.notice .call', /^\/lp:notice\/lp:phone$/], ['.notice .by', /^\/eventTime$|^#at$/],
    ['.notice', /^\/lp:notice\/lp:(why|get)\//], ['#offer', /^\/offer\//], ['#tell', /^\/(brand|company|place)\//],
    ['footer', /^\/(company|address|place)\/|^\/phone$/], ['.bar', /^\/phone$|^\/lp:notice\/lp:phone$/]];
  /** The words of the product itself: all of one entry, the master data in force. */
  const OF_PRODUCT = /^\/(name|brand|origin|description|story2?|picture|company|address|offer)\/|^\/phone$/;
  /** Those of them that no page may leave out. */
  const TOP = /^\/(name|brand|origin|description|story2?|company|address)\/|^\/phone$/;

  const TAGS = ' a aside b body button circle code dd del details div dl dt figcaption figure footer h1 h2 h3 header i img ins li main nav noscript ol p path section small span summary svg table tbody td text th thead tr tspan ul ';
  const ATTRIBUTES = /^(data-[a-z]+|aria-(hidden|label)|alt|class|c[xy]|d|download|fetchpriority|height|hidden|href|hreflang|id|lang|loading|open|r|rel|role|scope|src|type|viewBox|width|x|y)$/;
  /** What an element of ours is not: another kind of element, with another attribute, with what the script alone says. A page without
   *  records asks for a code: its form is seldom, so what may be in it stands in more.js. */
  function alien(el, asks) {
    if (asks && api.asks && el.closest('#type')) return api.asks(el);
    if (!TAGS.includes(` ${el.localName} `)) return `<${el.localName}>`;
    // What only the script says; and signed words or ours where it will write: they would be gone once they were compared.
    if (el.matches('.said,.sig,.unproven,.cut-mark,.wrong') || (el.matches('[data-p],[data-by],[data-h],[data-o]') && el.closest('.res,.slip,#checked,#limit,#printed,#rules,#elsewhere,[data-line=records]'))) return `<${el.className}>`;
    for (const { name: key, value } of el.attributes) {
      const fine = ATTRIBUTES.test(key) && (key !== 'hidden' || el.matches('.needs')) && (key !== 'aria-hidden' || el.matches('svg,.k,.paper'))
        && (key !== 'aria-label' || chrome.some((one) => one.test(value)));
      if (!fine) return `${key}="${value}"`;
    }
    return '';
  }
  /** Roots that the parser hung behind an element hide what stands in it, and no script sees them: what asks for a slot of no name does. */
  function veiled() {
    if (!('shadowRootMode' in HTMLTemplateElement.prototype)) return [];
    const hosts = [...document.querySelectorAll('body,aside,div,footer,h1,h2,h3,header,main,nav,p,section,span')];
    const probes = hosts.map((host) => Object.assign(document.createElement('i'), { slot: 'none' }));
    hosts.forEach((host, i) => host.append(probes[i]));
    const found = hosts.filter((host, i) => !getComputedStyle(probes[i]).display && (host.parentNode.localName === 'html' || getComputedStyle(host).display));
    probes.forEach((probe) => probe.remove());
    return found;
  }
  /** Drawn, with a size, and inside the page; looked at once, for after each change to the page a look has the browser lay it out anew. */
  function visible(el) {
    if (!sight.has(el)) {
      const { left, right, width, height, bottom } = el.getBoundingClientRect();
      sight.set(el, width > 0 && height > 0 && left > -2 && right < document.documentElement.clientWidth + 2 && bottom + scrollY > 0);
    }
    return sight.get(el);
  }
  const sight = new Map();
  /** On a short screen the picture makes room for an alert. */
  const mayHide = (el) => el.closest('.plate') && document.querySelector('.notice.alert');
  const standsIn = (places, el, pointer) => { const place = places.find(([where]) => el.closest(where)); return place && place[1].test(pointer); };

  /** The label of a fact that its author gave none: what the vocabulary calls the field. */
  function labelOf(pointer, lines) {
    const m = /^(\/sensorElementList\/\d+\/sensorReport\/\d+)\/(\w+)$/.exec(pointer);
    if (m) {
      const kind = bare(lines.get(`${m[1]}/type`) || '');
      return words.v[`${m[2]}:${kind}`] || word(kind, words);
    }
    const list = /^\/(input|output|child)?q?uantityList\//i.exec(pointer);
    return word(list ? ((list[1] || 'child') === 'child' ? 'quantity' : list[1])
      : pointer.startsWith('/certificationInfo') ? (pointer.includes('gs1:') ? pointer.split('gs1:').pop() : 'certificationInfo')
        : pointer.replace(/^\/ilmd\/cbvmda:|^\//, ''), words);
  }

  /** What is wrong with the marked elements in `root`; `get(index)` gives a verified entry or undefined. `page` tells of the whole page:
   *  the subject that was opened, the entry of its master data in force, what the script itself writes. Stops wherever the browser may have
   *  a turn: a page is too much for one. */
  function* compare(root, get, isNode, page) {
    const wrong = [];
    const entryAt = (el) => { const at = el.closest('[data-e],[data-entry]'); return at && (at.dataset.e || at.dataset.entry); };
    const own = isNode ? entryAt(root) : undefined;
    const mine = isNode && get(own);
    /** The entry that says what the owner has against this record. */
    const objected = mine && (mine.marks.find(([mark]) => mark === 'objected') || [])[1];
    /** What the page shows of `own`, or of the product. */
    const seen = new Set();
    const inRoot = [...root.querySelectorAll('*')].filter((el) => isNode || !el.closest('li.node'));
    const all = inRoot.filter((el) => el.matches('[data-p],[data-by],[data-h],[data-k],[data-alt],.chart'));
    if (root.matches('[data-p]')) all.unshift(root);
    let count = 0;
    let by;
    const note = (el, a, b, kind = b === undefined ? 'extra' : 'changed') => wrong.push({ el, a, b, by, kind });
    const fits = (el, a, b) => { if (a !== b) note(el, a, b); };
    for (const el of all) {
      const d = el.dataset;
      const index = entryAt(el);
      const e = get(index);
      const author = e && e.author;
      by = author ? name(e.names, words.l) : undefined;
      const text = el.textContent;
      const value = (p) => (e && e.ok ? (p[0] === '#' ? e.own[p] : e.lines.get(p)) : undefined);
      /** The chart names its ends and its highest again. */
      const again = el.closest('.chart');
      const see = (p) => {
        if (!again && (index === own || (!isNode && index === page.head))) seen.add(stem(p));
        return value(p);
      };
      count += 1;
      if ('p' in d) {
        const [first, also] = d.p.split(' ');
        const place = isNode ? (el.closest('.objection') ? index === objected : index === own || el.closest('.note,.gone,ins')) && standsIn(IN_RECORD, el, first)
          : standsIn(OUTSIDE, el, first) && (index === page.head || !OF_PRODUCT.test(first)) && (!DATE.test(first) || page.until.slice(0, 2).join() === [index, first].join())
            && (!el.closest('.bar') || first === '/phone' || document.querySelector(`.notice.alert[data-e="${index}"]`));
        const pair = also === undefined ? first !== '/eventTime' || !value('/eventTimeZoneOffset')
          : also === '/eventTimeZoneOffset' ? /time$/i.test(first) : also === first.replace(/[^/]+$/, also.split('/').pop()) && /uom$/i.test(also);
        // Readings of one moment share their time, those of one kind its name.
        const twice = isNode && !again && index === own && seen.has(stem(first)) && !/\d.type$|data.time$/.test(first);
        const values = d.p.split(' ').map(see);
        if (e && e.ok && !may(e, d.p)) note(el, text);
        fits(el, text, values.includes(undefined) ? undefined : shown(d.f, values));
        const spared = !/^(local|moment)$/.test(d.f) || (index === own && spare(d.f, values, root, el.closest('.at'), get));
        if (!place || !pair || twice || !spared) note(el, text, undefined, 'place');
        // A drawing names what its table says; the table may be closed, and nothing else stands in it (draw.js).
        const table = el.closest('.chart+.table');
        if (!again && !table && !visible(el) && !mayHide(el)) note(el, text, undefined, 'hidden');
        if (!table && el.closest(isNode ? 'details:not(.apart):not(.rest)' : 'details')) note(el, text, undefined, 'hidden');
        const row = el.closest('.facts>div');
        if (row && el.closest('dd')) {
          const label = row.firstElementChild;
          const told = label.querySelector('[data-p]');
          const fine = told ? stem(told.dataset.p) === first.replace(/^(\/lp:facts\/\d+)\/.*/, '$1/lp:label').replace(/\w*alue$/, 'type') : e && e.ok && label.textContent === labelOf(first, e.lines);
          if (!fine || !visible(label)) {
            words.lacks = true;
            note(el, `${label.textContent}: ${text}`, undefined, 'place');
          }
        }
        const call = el.closest('a[href^="tel:"]');
        if (call) fits(call, call.getAttribute('href'), `tel:${text.replace(/[^\d+]/g, '')}`);
      }
      if ('by' in d) {
        fits(el, text, author && author.id === d.by ? by : undefined);
        // Whose name it is: the record's author's, the objecting owner's, that of whoever signed the notice.
        const whose = isNode ? el.closest('.objection') ? objected : el.closest('.place,.made') && own : (el.closest('.notice') || root).dataset.e;
        if (index !== whose) note(el, text, undefined, 'place');
        if (!visible(el)) note(el, text, undefined, 'hidden');
      }
      if ('h' in d) {
        const signed = !e || !e.ok || may(e, d.h) ? see(d.h) : undefined;
        const at = el.getAttribute('src') || el.getAttribute('href');
        const picture = el.localName === 'img';
        fits(el, at, signed && at !== signed ? `/media/${signed}` : signed);
        if (picture && el.currentSrc && el.currentSrc !== new URL(at, location.origin).href) note(el, el.currentSrc, at);
        if (!standsIn(isNode ? IN_RECORD : OUTSIDE, el, d.h) || (isNode ? index !== own : index !== page.head)) note(el, at, undefined, 'place');
        if (!visible(el) && !mayHide(el)) note(el, at, undefined, 'hidden');
      }
      if ('alt' in d) fits(el, el.getAttribute('alt'), see(d.alt));
      if ('k' in d) {
        const [type, bytes] = [value(`${d.k}Type`), value(`${d.k}Bytes`)];
        const kind = (type || '').split('/').pop().split('+')[0].toUpperCase();
        fits(el, text, bytes ? `${kind}, ${Math.ceil(+bytes / 1000)} kB` : kind);
      }
      if (el.matches('.chart') && !(api.chart && api.chart(el, e) && visible(el))) note(el, words.t.chart);
      yield;
    }
    const ofOurs = (svg) => (isNode ? (svg.closest('.chart') && svg.querySelector('[data-chart]')) || svg.matches('.ticks svg') : svg.matches('.voice svg.m'));
    for (const el of inRoot) {
      const told = alien(el, page.asks);
      if (told) note(el, told);
      if (el.localName === 'svg' && !ofOurs(el)) note(el, '<svg>');
      // Not in any ring, mark or strip: a drawing is a chart's, and is made again with it.
      if (/^(path|circle|text|tspan)$/.test(el.localName) && !el.closest('svg')) note(el, `<${el.localName}>`);
      if (el.matches('.ticks svg') && mine && mine.ok && !(api.ticks && api.ticks(el, mine))) note(el, words.t.chart);
      yield;
    }
    extras(root, note, isNode, page);
    yield;
    // A page without records shows nothing of the product but where its own page is.
    const lines = isNode ? mine && mine.ok && mine.lines : !page.lone && page.head && get(page.head) && get(page.head).lines;
    if (isNode && lines) {
      wrong.push(...rights(root, mine));
      fold(root, mine, note);
      // An alert, an objection, a correction and an erasure are seldom: their words stand in more.js.
      if (api.disputes) wrong.push(...api.disputes(root, mine, get));
      else if (mine.sort === 'alert' || mine.marks.some(([mark]) => /^(obj|disp|era|voi)/.test(mark)) || root.querySelector('.objection,.struck,.gone,.note,del,ins') || root.matches('.alarm,.warned')) words.lacks = true;
      // A fact of this record that stands over the thread (the use-by date) is shown, and compared there.
      if (page.until[0] === own) document.querySelectorAll(`.until [data-e="${own}"]`).forEach((el) => seen.add(stem(el.dataset.p)));
      if (!root.matches('main>ol.thread>li') || document.querySelectorAll(`li[data-entry="${own}"]`).length > 1 || !happened(mine)) note(root, root.querySelector('h3').textContent, undefined, 'twice');
      if (!root.querySelector('.place [data-by]') && mine.author) wrong.push({ el: root, b: name(mine.names, words.l), kind: 'missing' });
    }
    for (const [pointer, value] of lines || []) {
      const at = stem(pointer);
      if ((isNode ? must(pointer, value, lines) && may(mine, pointer) : TOP.test(pointer)) && !seen.has(at)) {
        seen.add(at);
        wrong.push({ el: root, b: isNode ? value : [`${at}/${words.l}`, `${at}/en`, pointer].map((p) => lines.get(p)).find(Boolean), kind: 'missing', by: isNode ? by : name(get(page.head).names, words.l) });
      }
    }
    // A date may stand in a record that is in no thread.
    if (!isNode && !page.lone && page.until.length && !document.querySelector('.until [data-p]')) wrong.push({ el: root, b: shown('date', [page.until[2]]), kind: 'missing' });
    if (!isNode) {
      zoned(note, get);
      frame(note, page);
    }
    return { wrong, count };
  }
  /** For what a record says in our words: what is wrong, and how it is found. `held` adds to it where what `selector` finds is not exactly this
   *  text, once, in its place and in sight; without a text, where there is any. */
  function holds(root) {
    const wrong = [];
    const fail = (kind) => wrong.push({ el: root, kind });
    const every = (selector) => [...root.querySelectorAll(selector)];
    const held = (kind, selector, place, text) => {
      const found = every(selector);
      if (text === undefined ? found.length : found.length !== 1 || !found[0].matches(place) || !visible(found[0]) || found[0].textContent.trim() !== text) fail(kind);
    };
    return { wrong, fail, every, held };
  }

  /** What is wrong with how a record says by whose right it stands and of what it was made: each of these stands where the report has it
   *  and nowhere else, in exactly our words. */
  function rights(root, e) {
    const { t, l } = words;
    const { wrong, fail, every, held } = holds(root);
    const { word: right } = e.right;
    if (root.dataset.right !== right) fail('right');
    const said = t[`node.right.${right === 'unowned' && !e.owned ? 'nobody' : right}`];
    // Of owners and of whom they let nothing is said. Of others it is, and where those words are seldom they come with more.js.
    if (!said && !/^(owner|granted)$/.test(right)) words.lacks = true;
    held('right', '.right', '.place>p.late', said);
    // Only whom the owner did not name is folded away, and always and wholly.
    const apart = right === 'independent';
    if (every('.apart').length !== +apart) fail('right');
    held('right', '.apart>summary', '.body>details>summary:first-child', apart ? t['node.apart'] : undefined);
    if (apart && !every('.body [data-p],.body [data-h],.body svg').every((el) => el.closest('.apart,.note,.gone,.objection'))) fail('right');
    const weakest = ['said', 'named', 'confirmed'].find((one) => e.made.includes(one));
    const made = every('.made');
    // Of one's own goods it is said nowhere, and where all are named it need not be.
    if (made.length || weakest === 'said') held('made', '.made', `.body>p[data-made=${weakest}]`, weakest ? fill(`node.made.${weakest}`, { who: name(e.names, l) }) : undefined);
    held('made', '.late:not(.right)', '.made+p', made[0] && document.querySelector('.made') === made[0] ? t['node.made.amounts'] : undefined);
    // None of these words stands elsewhere in a record.
    if (strays(every, /^node\.(right|made|apart)/)) fail('right');
    return wrong;
  }
  /** Words of ours outside of their place. */
  function strays(every, keys) {
    const placed = phrases(keys);
    return every('[data-o]').some((el) => placed.includes(el.textContent.trim()) && !el.closest('.right,.struck,.made,.late,.objection,.apart>summary'));
  }

  /** What is wrong with the fold of a record. */
  function fold(root, e, note) {
    const every = (selector) => [...root.querySelectorAll(selector)];
    const [rest] = every('.rest');
    if (!rest) return;
    const fine = every('.rest').length === 1 && rest.matches('.body+.end>.rest') && rest.children.length === 2 && rest.firstElementChild.matches('summary')
      && rest.firstElementChild.textContent.trim() === words.t['node.rest'] && every('.rest>.facts>div')[0] && every('.body>.facts>div')[0] && !every('.rest [data-h]')[0]
      && every('.rest [data-p]').every((el) => LESS.test(el.dataset.p) && el.closest(rowIn('.rest'))) && e.sort !== 'alert' && e.right.word !== 'independent';
    if (!fine) note(rest, rest.textContent.trim(), undefined, 'hidden');
  }
  /** Whether a time may leave out what stands elsewhere: of a record's own time the year, where the record before has the same one (that it
   *  leaves out its offset is `zoned`'s affair); of another time in it both, where they are those of the record. */
  function spare(format, values, root, head, get) {
    const own = root.querySelector('.at [data-p]');
    const yearOf = (li) => { const e = get(li.dataset.entry); return e && e.ok ? clockOf(e) : null; };
    const [mine, that] = [own && yearOf(root), clock(values)];
    if (!mine || !that) return true;
    if (!head) return that.zone === mine.zone && that.year === mine.year;
    const before = root.previousElementSibling;
    // What failed its check says nothing, and nothing is green beside it.
    return format === 'local' || Boolean(before && (!yearOf(before) || yearOf(before).year === mine.year));
  }
  const clockOf = (e) => clock([e.lines.get('/eventTime') || e.own['#at'], e.lines.get('/eventTime') && e.lines.get('/eventTimeZoneOffset')]);
  /** Records that leave out their offset have one, and it stands over the thread. */
  function zoned(note, get) {
    const said = [...document.querySelectorAll('.zone')];
    if (!said[0] && !document.querySelector('.at [data-f=local],.at [data-f=moment]')) return;
    const zones = [...document.querySelectorAll('li.node')].map((li) => get(li.dataset.entry)).filter((e) => e && e.ok).map((e) => (clockOf(e) || {}).zone);
    const one = said.length === 1 && said[0].matches('.story>p.zone') && visible(said[0]);
    if (!(one && zones.every((zone) => zone === zones[0]) && said[0].textContent.trim() === fill('story.zone', { zone: zones[0] }))) {
      note(said[0] || document.body, said[0] ? said[0].textContent : 'UTC', undefined, 'place');
    }
  }

  /** A record of what happened to things: it stands in the thread. An alert's end is about the alert. */
  const happened = (e) => ['object', 'aggregation', 'transformation', 'transaction', 'association'].includes(e.kind) && e.sort !== 'withdrawn';

  /** Words and pictures that nobody signed and that are not ours. What the script itself writes when the check ends is its own affair. */
  function extras(root, note, isNode, page) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, null);
    for (let at = walk.nextNode(); at; at = walk.nextNode()) {
      const text = at.nodeValue.trim();
      const el = at.parentNode;
      if (!text || el.localName === 'noscript' || (!isNode && el.closest('li.node')) || page.written.some((one) => one && one.contains(el))) continue;
      const marked = el.closest('[data-p],[data-by],[data-k],[data-o]');
      if (marked && root.contains(marked) && (!marked.matches('[data-o]') || ours.has(text) || (marked.closest('dt,th,.notice,.note,.gone') && Object.values(words.v).includes(text)))) continue;
      if (!marked && (isNode ? el.closest('.rec') && page.receipt(el, text) : page.own(el, text) || (!el.closest('.notice') && (el.closest('#tell') ? text.split(site.h) : [text]).every((part) => !part.trim() || chrome.some((one) => one.test(part.trim())))))) continue;
      words.lacks = true;
      note(el, text);
    }
    for (const el of root.querySelectorAll('img,a')) {
      if (el.dataset.h !== undefined || (!isNode && el.closest('li.node'))) continue;
      const to = el.getAttribute('href') || el.getAttribute('src') || '';
      if (el.localName === 'img' || !((to.startsWith('tel:') && el.querySelector('[data-p]')) || page.leads(el, to))) note(el, to);
    }
  }

  /** The strokes of a drawing, as they are written. */
  const drawn = (svg) => (svg ? [...svg.querySelectorAll('*')].map((el) => el.getAttribute('d')).join('') : '');
  const tally = (from, to) => Array.from({ length: Math.max(0, to - from) }, (_, i) => `M${3 + (from + i) * 5} 5v14`).join('');

  /** What every page has once and in its place, and what stands in its head. */
  function frame(note, { hash, lone, forged }) {
    const one = (selector) => document.querySelectorAll(selector).length === 1;
    const { body } = document;
    for (const part of ['h1', '.voices>[data-line=records]', '.voices>[data-line=code]', '.voices>[data-line=product]'].concat(lone ? [] : ['main>.hand', '#limit', '.first', 'main>ol.thread'])) {
      const el = document.querySelector(part);
      if (!one(part.split('>').pop()) || !el || (part !== '#limit' && el.childElementCount && !visible(el))) note(el || body, part);
    }
    for (const el of document.querySelectorAll('main .notice')) {
      if (!el.matches('main>section:not(.first~section)') || !visible(el)) note(el, el.textContent, undefined, 'hidden');
    }
    for (const key of ['records', 'code', 'product']) {
      const label = document.querySelector(`[data-line=${key}] .l`);
      if (!label || label.textContent !== words.t[`voice.${key}`]) note(label || body, label && label.textContent);
    }
    const code = document.querySelector('[data-line=code] .s');
    if (code && !lone) {
      const text = code.textContent.trim();
      const key = Object.keys(words.t).find((one_) => /^code\./.test(one_) && like(one_, text));
      const counts = { 'code.first': 1, 'code.seen.once': 1, 'code.seen.twice': 2, 'code.seen': Math.min(4, +(/\d+/.exec(text) || [0])[0]), 'code.often': 5 };
      const n = counts[key] || 0;
      if (!key || drawn(code.parentNode.querySelector('svg')) !== tally(Math.min(n, 4), 4) + tally(0, Math.min(n, 4)) + (n > 4 ? 'M0 17L20 8' : '')) {
        words.lacks = true;
        note(code, text);
      }
    }
    if (forged) note(body, words.t['voice.records']);
    veiled().forEach((el) => note(el, el.textContent, undefined, 'hidden'));
    // One style, of ours to the last letter; the file that comes after the check; no other way to draw or to lead away.
    let text = [...document.querySelectorAll('style')].map((el) => (el.matches('head>style:not([media])') ? el.textContent : '?')).join('');
    const styles = [...document.styleSheets].filter((sheet) => sheet.ownerNode.localName !== 'style');
    for (const [length, hashed] of site.s) if (hash(new TextEncoder().encode(text.slice(0, length))).startsWith(hashed)) text = text.slice(length);
    if (text || styles.some((sheet) => sheet.href !== location.origin + site.l)) note(body, text.slice(0, 80), undefined, 'style');
    for (const meta of document.querySelectorAll('meta')) {
      if (meta.httpEquiv || (meta.name === 'viewport' && meta.content !== 'width=device-width,initial-scale=1,viewport-fit=cover')) note(body, meta.httpEquiv || meta.content, undefined, 'style');
    }
    for (const [el, allowed] of [[document.documentElement, ['lang']], [body, []]]) {
      for (const { name: key } of el.attributes) if (!allowed.includes(key)) note(el, key, undefined, 'style');
    }
  }

  const DAY_MS = 86400000;
  /** What the product line may say where all is in order, on the days of these moments. */
  function inOrder(until, days) {
    const { t } = words;
    if (until === undefined) return [t['product.ok.nodate']];
    const said = [];
    for (const ms of days) {
      const n = (Date.parse(until.slice(0, 10)) - Math.floor(ms / DAY_MS) * DAY_MS) / DAY_MS;
      if (n >= 0) said.push(n ? many('product.ok', n, { n: numberText(`${n}`) }) : t['product.ok.today']);
    }
    return said;
  }
  /** The date on the pack and its record (trace::page::status): by who owns the number, else by whom the owner lets (the right `dates`, 8), where
   *  nobody owns it by anybody; there of the newest standing record that made or began the item or its batch, or of its master data. */
  function dated(get, place) {
    let [best, weight] = [[], 0];
    for (const index of [...place.keys()].sort((a, b) => a - b)) {
      const e = get(index);
      const rank = e.ok && (e.right.word === 'granted' ? e.right.rights & 8 : e.right.word !== 'unowned' || !e.owned) ? 1 + ['unowned', 'granted', 'owner'].indexOf(e.right.word) : 0;
      const master = e.kind === 'master-data';
      const made = master || (e.kind === 'object' ? e.action === 'ADD' && e.role & 1 : e.kind === 'transformation' && e.role & 16);
      if (!rank || rank < weight || !made || !['item', 'batch'].includes(e.through) || e.marks.some((m) => m[0] === 'voided')) continue;
      const at = ['itemExpirationDate', 'bestBeforeDate', 'sellByDate'].map((field) => `${master ? '' : '/ilmd'}/cbvmda:${field}`).find((pointer) => e.lines.has(pointer));
      if (at) [best, weight] = [[e.index, at, e.lines.get(at)], rank];
    }
    return best;
  }
  /** The text of a number of things in the form that the number wants, by Unicode's rules for our languages (app::texts::plural). */
  const many = (key, n, values) => {
    const form = `${key}.${n === 1 && words.l === 'en' ? 'one' : 'other'}`;
    return fill(words.t[form] ? form : key, Object.assign({ n }, values));
  };

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

  /** The subject that was opened, from the address alone: the page's own claim is never asked. Null where it is no name as the server
   *  writes it, for another spelling could be read otherwise here than there. */
  function opened(pathname) {
    const m = /(\/(?:01\/\d{14}|00\/\d{18}|800[34]\/[^/]+))((?:\/\d+\/[^/]+)*)$/.exec(pathname);
    if (!m || /%(?![0-9A-F]{2})|%(3\d|[46][1-9A-F]|[57][0-9A]|2[DE]|5F|7E)/.test(pathname)) return null;
    const parts = m[2].split('/').slice(1);
    const keys = parts.filter((_, i) => i % 2 === 0);
    const at = ['21', '235', '10'].map((key) => keys.indexOf(key)).find((i) => i >= 0);
    if (keys.some((key, i) => keys.indexOf(key) !== i)) return null;
    try {
      // RFC 3986 leaves letters, digits and -._~ as they are; encodeURIComponent five more.
      const plain = (text) => encodeURIComponent(decodeURIComponent(text)).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
      return m[1] + (at === undefined ? '' : `/${keys[at]}/${plain(parts[at * 2 + 1])}`);
    } catch (error) {
      return null;
    }
  }

  const api = { dated, shown, may, parse, entryOf, compare, inOrder, six, engine, nameBytes, opened, instant, offsetMinutes, bare, stem, literal, words, learn, vouch, name, pad, many, site, drawn, visible, happened, fill, phrases, holds, strays, rights, labelOf };
  return api;
})();

// ---- The page: states in, words and shapes out. ----

function check(main) {
  /** A check that takes longer says so; a slow phone on a slow network stays well below. */
  const LIMIT_MS = 30000;
  /** By how much the clocks of server and phone may differ around midnight. */
  const CLOCKS_MS = 600000;
  /** The product line's mark where all is in order. */
  const SQUARE = 'M4 6h12v12H4z';
  /** How long the check works before it lets the browser paint. */
  const SLICE_MS = 20;
  /** How long a knot that holds may wait for others, to be drawn with them. */
  const PAINT_MS = 100;
  /** How long a failure may wait for its words before it is said without them. */
  const TELL_MS = 1500;

  const L = Leafproof;
  const { t, l } = L.words;
  const $ = (selector, root = main) => root.querySelector(selector);
  const all = (selector, root = main) => [...root.querySelectorAll(selector)];
  const { site, fill, many } = L;
  const items = all('li.node');
  // Another line of that name was put there by somebody else: it goes, and the page that had it is not ours.
  const lines = all('[data-line=records]');
  const line = lines.find((one) => $('.m', one) && $('.s', one));
  lines.forEach((one) => { if (one !== line) one.remove(); });
  const sentence = $('.s', line);
  if (!line) {
    main.prepend(Object.assign(document.createElement('p'), { className: 'notice', textContent: t['failed.some'] }));
    return;
  }
  const subject = L.opened(location.pathname);
  // What only a check may say is not there before one.
  items.forEach((item) => item.classList.remove('ok', 'fail'));
  const absent = main.dataset.absent !== undefined;
  let over = false;
  /** The bytes of each picture. */
  let shots;

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
  const put = (node, text) => node.replaceChildren(...say(text));

  /** All that was checked holds. Of these only the first is ever green. */
  const SOUND = ['verified', 'not-cosigned', 'stale', 'unissued', 'unowned'];
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
    if (tone === 'fail') line.open = true;
    // Nothing is offered beside bad news.
    const offer = $('#offer');
    if (offer && tone === 'fail') offer.remove();
  }
  /** What the server wrote of the check before there was one. */
  const forget = () => all('[data-line=records] .why,#checked').forEach((part) => part.replaceChildren());
  /** The check has ended, one way or the other. Now comes what nobody should wait for: receipts and paper get their style. */
  function ended() {
    // What the page holds for readers without scripts never comes out: no words come in after they could be compared.
    all('noscript').forEach((part) => part.remove());
    if (site.l && !document.querySelector(`link[href="${site.l}"]`)) document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: site.l }));
    const button = $('#again');
    if (!button) return;
    button.parentNode.hidden = false;
    button.onclick = () => afresh().catch(() => {
      button.textContent = t.offline;
    });
  }
  /** Loads the page anew, where there is a network: a browser's own error page would take this one's place. */
  async function afresh() {
    await bytes(`/bundle${subject}`, 'network', { cache: 'no-store' });
    location.reload();
  }
  // Back from where a browser kept it: what was true then is checked again now, and nothing of the old result stands meanwhile.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    over = true;
    items.forEach((item) => {
      item.classList.remove('ok');
      put($('.res', item), fill('notchecked', { n: number(item) }));
    });
    records('run', many('checking', items.length));
    afresh().catch(() => cannot('network', true));
  });
  const script = (address) => new Promise((done, fail) => {
    document.head.append(Object.assign(document.createElement('script'), { src: address, onload: done, onerror: () => fail(new Cannot('network')) }));
  });

  function cannot(why, again) {
    if (over && !again) return;
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
    fetched = fetched || script(site.m).then(() => L.more(page), (error) => { fetched = null; throw error; });
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
  /** A turn for the browser to paint, with no time added, where work went on for so long that a finger would feel it. */
  let since = 0;
  const breathe = () => performance.now() - since > SLICE_MS && new Promise((done) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(since = performance.now());
    channel.port2.postMessage(0);
  });

  async function run() {
    if (!subject) throw new Cannot('address');
    const loads = Promise.all([bytes(`/bundle${subject}`, 'network'), verifier(site.v)]);
    await breathe();
    // Asked for now, they come while the records are checked.
    shots = all('img[data-h]').map((img) => bytes(img.getAttribute('src'), 'network').catch(() => null));
    await breathe();
    // What an independent says is folded, and what matters less. Whether it could be seen is asked of it unfolded; then it is unfolded by the
    // reader's hand alone.
    for (const open of [true, false]) {
      all('.apart,.rest').forEach((part) => { part.open = open; });
      if (open) all('[data-p],[data-by],[data-h],dt,p').forEach(L.visible);
    }
    const [bundle, exports] = await loads;
    if (over) return;
    const policy = new TextEncoder().encode(site.r);
    const engine = L.engine(exports);
    whole.hash = engine.hash;
    L.vouch(main.dataset.words, engine.hash);
    await breathe();
    const now = Date.now();
    const start = engine.open(bundle, policy, L.nameBytes(subject), now);
    await breathe();
    const find = (kind) => start.rows.find((r) => r[0] === kind) || [];
    // A verifier of another time says other things, or the same in other words.
    if (find('report')[1] !== '2') throw new Cannot('version');
    if (start.count < 0) {
      const state = find('state');
      if (state[1] !== 'failed') throw new Cannot('file');
      return tell({ state, wrong: true });
    }
    const ledger = { now, size: find('checkpoint')[2],
      // What the limits left out: older rows of a list (bulk lists are a number by design), and what lies further back than is followed.
      older: start.rows.filter((r) => r[0] === 'list' && r[2] !== 'bulk').reduce((sum, r) => sum + +r[4], 0),
      cut: find('cut')[0], asOf: +find('as-of')[1] * 1000 || 0, time: +find('maphead')[2] };
    const place = new Map(start.rows.filter((r) => r[0] === 'node').map((r) => [r[2], +r[1]]));
    const entries = new Map();
    const get = (index) => {
      if (!place.has(index)) return undefined;
      if (!entries.has(index)) {
        entries.set(index, Object.assign(engine.entry(place.get(index)), {
          made: start.rows.filter((r) => r[0] === 'input' && r[1] === index).map((r) => r[3]), owned: find('number')[2] !== '-' }));
      }
      return entries.get(index);
    };
    // What this phone kept of this ledger is compared by more.js, asked for while the records are checked. Who comes for the first
    // time has nothing to compare; undefined where this browser keeps nothing.
    const key = `leafproof ${(site.r.match(/^log[ \t]+(\S+)/m) || [])[1]}`;
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
    const good = [];
    let painted = performance.now();
    for (const item of items) {
      await breathe();
      if (over) return;
      const began = performance.now();
      const e = get(item.dataset.entry);
      const took = performance.now() - began;
      const facts = e && e.ok ? await compare(item, get, true) : { wrong: [], count: 0 };
      if (over) return;
      if (!e || !e.ok) fail(item, e ? L.six(e.step) : 2, e);
      else if (facts.wrong.length) fail(item, 4, e, facts.wrong);
      else good.push(item);
      // Knots close a few at a time: drawing the page anew takes a slow phone as long as a record.
      if (performance.now() - painted > PAINT_MS) {
        good.splice(0).forEach(ok);
        painted = performance.now();
      }
      slips.push({ item, e, facts, took });
    }
    for (const [index] of place) {
      await breathe();
      get(index);
    }
    if (over) return;
    good.forEach(ok);
    whole.head = (engine.finish().find((r) => r[0] === 'headline') || [])[1];
    whole.until = L.dated(get, place);
    for (const index of place.keys()) for (const [pointer, value] of get(index).lines) if (pointer === '@batch') whole.lots.push(decodeURIComponent(value.split('/').pop()));
    await breathe();
    const outside = await compare(document.body, get, false);
    await pictures(engine, get, fail, outside);
    const found = { engine, policy, start: start.rows, ledger, bad, slips, outside, place, get, memory: { word: 'uncompared' } };
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

  const parts = (subject || '').split('/').slice(1);
  const [gtin, code] = [parts[1], parts[3] && decodeURIComponent(parts[3])];
  const literal = (text) => L.literal(text || '');
  /** What the comparison must know of the whole page. */
  const whole = { subject, forged: lines.length > 1, until: [], lone: absent, asks: !items[0],
    // The script itself says these when the check has ended.
    written: [sentence, line && $('.why', line), $('#checked'), $('#limit'), document.querySelector('#rules'), $('#printed')],
    lots: [(/\/10\/([^/]+)/.exec(location.pathname) || [])[1], parts[2] === '10' ? code : ''].filter(Boolean).map(decodeURIComponent),
    /** The foot of a record before its check. */
    receipt(el, text) {
      const item = el.closest('li');
      return all('.rec', item).length === 1 && text === (el.matches('.res') ? fill('notchecked', { n: number(item) }) : el.matches('.open') ? t['node.receipt'] : el.matches('.slip p') && t['node.receipt.off']);
    },
    /** Words that come from the address, or from what this site is. */
    own(el, text) {
      // Made again, and compared with it.
      const told = el.closest('.voices>.voice .l,.voices>.voice .s');
      if (told) return told === $(told.matches('.l') ? '.l' : '.s', told.closest('.voice'));
      if (el.closest('.code')) {
        const comma = l === 'zh' ? '，' : ', ';
        const serial = parts[2] === '21' || parts[2] === '235' ? literal(`${comma}${t['foot.serial']} ${code}`) : '';
        const lots = whole.lots.map((lot) => literal(`${comma}${t['foot.lot']} ${lot}`)).join('|');
        return new RegExp(`^${gtin}${serial}(${lots})?$`).test(el.closest('.code').textContent.trim());
      }
      if (el.matches('.hand b')) return text === (code && code.length > 6 && parts[2] !== '10' ? `…${[...code].slice(-6).join('')}` : code) || whole.lots.includes(text);
      if (el.matches('h1 code,.from code')) return text === subject;
      // Compared with the records when all of them are there.
      if (el.matches('.zone')) return true;
      if (el.matches('.who')) return text === site.h;
      if (el.matches('.paper p')) return text === site.u + location.pathname || text === site.u + location.pathname + location.search.replace(/([?&])lang=\w*&?/, '$1').replace(/[?&]$/, '');
      return el.matches('.tap[hreflang]') && (text === '中文' || text === 'English');
    },
    /** Where a link of ours may lead. */
    leads(el, to) {
      return /^#\w+$/.test(to) || ['/', '/verify', `/bundle${subject}`, `/proof${subject}`, `/feedback${subject}`, `/01/${gtin}`].includes(to)
        || whole.lots.some((lot) => to === `/01/${gtin}/10/${encodeURIComponent(lot)}`) || (el.matches('.tap[hreflang]') && to.split('?')[0] === location.pathname);
    } };
  /** Compares, where there are drawings with what draws them again, and where a seldom word stood in the way once more with all words. */
  async function compare(root, get, isNode) {
    if (!L.draw && $('.chart,.ticks')) await script(site.c);
    for (;;) {
      // With all words from its first step on, or once more: they may come between two steps.
      const had = L.more;
      const steps = L.compare(root, get, isNode, whole);
      let step = steps.next();
      for (; !step.done; step = steps.next()) await breathe();
      if (!L.words.lacks || had) return step.value;
      await more();
    }
  }

  /** Each picture's bytes are hashed and compared. One that cannot be had is no failure: it is not there to be believed. */
  function pictures(engine, get, fail, outside) {
    return Promise.all(all('img[data-h]').map(async (img, i) => {
      const at = img.closest('[data-e],[data-entry]').dataset;
      const e = get(at.e || at.entry);
      const signed = e && e.ok ? e.lines.get(img.dataset.h) : undefined;
      const got = await shots[i];
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
    const missing = [...place.keys()].filter((i) => L.happened(get(i)) && !shownHere.includes(i));
    const product = $('[data-line=product] .s');
    const [, , until] = whole.until;
    const { now } = ledger;
    // The page was made a moment ago, by the clock of the server; a phone's may be wrong, and the ledger's is signed.
    const days = [now - CLOCKS_MS, now, now + CLOCKS_MS, ledger.time, ledger.asOf].filter(Boolean);
    Object.assign(found, { rows, state, missing, product: product && product.textContent.trim(), until, days, today: ledger.asOf || ledger.time,
      corrected: items.some((item) => (get(item.dataset.entry) || { marks: [] }).marks.some((m) => m[0] === 'voided')),
      wrong: bad.length + missing.length + outside.wrong.length > 0 || !SOUND.includes(state[1]) });
  }

  function finish(found) {
    const { rows, ledger } = found;
    const find = (kind) => rows.find((r) => r[0] === kind) || [];
    if (found.wrong || found.state[1] !== 'verified' || !items[0] || absent || ledger.older || ledger.cut || find('fresh')[1] === 'clock' || find('alert')[0] || $('.notice')
      || found.corrected || !L.inOrder(found.until, found.days).includes(found.product) || L.drawn($('[data-line=product] svg')) !== SQUARE) return tell(found);
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

  const page = { SOUND, main, subject, items, absent, line, MARKS, $, all, say, fill, many, put, records, ended, number, bytes, cannot };
  if (items.length) records('run', many('checking', items.length));
  setTimeout(() => cannot('time'), LIMIT_MS);
  run().catch((error) => cannot(error instanceof Cannot ? error.message : 'fault'));
}

if (typeof document !== 'undefined') {
  const begin = () => {
    // By what is said of the check, not by what it takes from the page: a page that left that out would not be checked.
    const part = document.querySelector('[data-line=records]');
    if (part) check(part.closest('main'));
  };
  // What comes after the check is not checked: there has to be nothing more to come.
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', begin);
  else begin();
}
if (typeof module !== 'undefined') module.exports = Leafproof;
