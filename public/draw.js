// Charts of measured values and strips of packs, drawn again from what was signed and compared. page.js fetches this before it compares a
// page that has one; it needs no words.
'use strict';

/** A chart as crate app draws it (app/src/item/chart.rs), from verified values: line, height of the limit, the highest, its place and where it is named. */
Leafproof.draw = (points, limit) => {
  const [t0, t1] = [points[0][0], points[points.length - 1][0]];
  const all = points.map((p) => p[1]).concat(limit === null ? [] : [limit]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const span = high > low ? high - low : 1;
  const y = (v) => Math.round(880 - ((v - low) / span) * 680);
  const x = (t) => Math.round(((t - t0) / (t1 - t0)) * 3020);
  const top = points.reduce((best, p, i) => (p[1] > points[best][1] ? i : best), 0);
  const [peak, line] = [y(points[top][1]), limit === null ? null : y(limit)];
  return { path: points.map(([t, v], i) => `${i ? 'L' : 'M'}${x(t)} ${y(v)}`).join(''), limit: line, top, x: x(points[top][0]), y: peak,
    named: line !== null && peak > line + 40 && peak < line + 220 ? peak + 250 : peak - 80 };
};

/**
 * The readings that make charts (trace::page::facts): of one kind, in one unit, at two times at least, in the order of their times. Each is
 * the pointer of its time, that of its value, and the time; a report without a time of its own has that of its sensor.
 */
Leafproof.charts = (lines) => {
  const { bare, instant } = Leafproof;
  const kinds = new Map();
  const number = (pointer) => pointer.match(/\d+/g).map(Number);
  const values = [...lines.keys()].filter((pointer) => /^\/sensorElementList\/\d+\/sensorReport\/\d+\/value$/.test(pointer))
    .sort((a, b) => number(a)[0] - number(b)[0] || number(a)[1] - number(b)[1]);
  values.forEach((value, order) => {
    const report = value.slice(0, -5);
    const time = [`${report}time`, report.replace(/sensorReport.+/, 'sensorMetadata/time')].find((pointer) => lines.has(pointer));
    if (!time) return;
    const kind = bare(lines.get(`${report}type`) || '');
    const text = lines.get(value);
    // Shown as it was signed, it would be no number, and nothing that a line can be drawn of.
    const at = /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? instant(lines.get(time)) : null;
    kinds.set(kind, (kinds.get(kind) || []).concat({ time, value, at: at === null || at < 0 ? NaN : at, order, unit: lines.get(`${report}uom`), type: `${report}type` }));
  });
  return [...kinds.values()].map((readings) => readings.sort((a, b) => a.at - b.at || a.order - b.order))
    .filter((readings) => readings.every(({ at, unit }) => at >= 0 && unit === readings[0].unit) && readings[0].at < readings[readings.length - 1].at);
};

/** True where a chart is the one that the verified lines draw: line, limit, ring, what stands at them, and the table below. */
Leafproof.chart = (figure, e) => {
  const line = figure.querySelector('svg>[data-chart]');
  const made = line && e && e.ok && Leafproof.charts(e.lines).find((readings) => readings.some(({ value }) => value === line.dataset.chart));
  if (!made) return false;
  const value = (pointer) => e.lines.get(pointer);
  const named = (root) => [...root.querySelectorAll('[data-p]')].map((one) => one.dataset.p.split(' ')[0]).join();
  const svg = line.parentNode;
  const table = figure.nextElementSibling;
  if (!table || !table.matches('details.table')) return false;
  const rows = [...table.querySelectorAll('tbody tr')].map((row) => [...row.children].map(named).join());
  const [, kind] = table.querySelectorAll('th');
  // Each reading in a row of its own, in the order of the line, under what was measured; nothing else.
  if (rows.join(' ') !== made.map((one) => `${one.time},${one.value}`).join(' ') || !kind || kind.textContent !== Leafproof.shown('word', [value(made[0].type) || ''])
    || named(table) !== [named(kind)].filter(Boolean).concat(rows).join()) return false;
  const limit = value('/lp:limit/lp:uom') === made[0].unit && value('/lp:limit/lp:max') !== undefined ? +value('/lp:limit/lp:max') : null;
  const { path, limit: height, top, x, y, named: over } = Leafproof.draw(made.map((one) => [one.at, +value(one.value)]), limit);
  const told = (el) => named(el) || (el.dataset.p || '').split(' ')[0];
  const has = [...svg.children].map((el) => [el.localName, ...['d', 'cx', 'cy', 'r', 'x', 'y'].map((key) => el.getAttribute(key)).filter(Boolean), el.localName === 'text' ? told(el) : ''].join(' ').trim());
  const ends = figure.querySelector('.ends');
  return Boolean(ends) && named(ends) === [made[0], made[made.length - 1]].map(({ time }) => time).join() && line.dataset.chart === made[top].value && has.join() === [
    ...(limit === null ? [] : [`path M0 ${height}H3020`, `text 3020 ${height - 50} /lp:limit/lp:max`]), 'path M0 950H3020', `path ${path}`,
    `circle ${x} ${y} 36`, `text ${x} ${over} ${made[top].value}`].join();
};

/** How many ticks a strip has: one for each pack, sixty at most; none where what was signed is no number of packs (trace::page::Packs::ticks). */
Leafproof.packs = (count) => (/^(0|[1-9]\d{0,8})$/.test(count) ? Math.min(60, count) : 0);

/** True where the strip has its ticks. */
Leafproof.ticks = (svg, { lines }) => {
  const count = Leafproof.packs(lines.get('/lp:packs/lp:count'));
  const step = Math.floor(3020 / Math.max(1, count));
  return svg.children.length === 1 && Leafproof.drawn(svg) === Array.from({ length: count }, (_, i) => `M${10 + i * step} 0v160`).join('');
};
