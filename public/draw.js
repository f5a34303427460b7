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

/** True where a chart is the one that the verified values of its table draw: line, limit, ring, and what stands at them. */
Leafproof.chart = (line, value) => {
  const svg = line.parentNode;
  const table = line.closest('figure').nextElementSibling;
  const isTime = (cell) => /^(time|local|moment)$/.test(cell.dataset.f);
  const list = line.dataset.chart.replace(/\/\d+\/value$/, '');
  const rows = table && table.matches('details.table') ? [...table.querySelectorAll('td [data-p]')].filter((c) => c.dataset.p.startsWith(list)) : [];
  const times = rows.filter(isTime).map((c) => c.dataset.p.split(' ')[0]);
  const values = rows.filter((c) => !isTime(c)).map((c) => c.dataset.p.split(' ')[0]);
  const at = times.map((p) => Leafproof.instant(value(p) || ''));
  if (times.length !== values.length || times.length < 2 || times.some((p, i) => values[i] !== p.replace(/time$/, 'value') || (i && at[i] < at[i - 1]))) return false;
  const limit = value('/lp:limit/lp:uom') === value(values[0].replace(/value$/, 'uom')) && value('/lp:limit/lp:max') !== undefined ? +value('/lp:limit/lp:max') : null;
  const made = Leafproof.draw(at.map((t, i) => [t, +value(values[i])]), limit);
  const told = (el) => [...el.querySelectorAll('[data-p]')].map((one) => one.dataset.p.split(' ')[0]).join() || (el.dataset.p || '').split(' ')[0];
  const has = [...svg.children].map((el) => [el.localName, ...['d', 'cx', 'cy', 'r', 'x', 'y'].map((key) => el.getAttribute(key)).filter(Boolean), el.localName === 'text' ? told(el) : ''].join(' ').trim());
  const ends = [...line.closest('figure').querySelectorAll('.ends [data-p]')].map((one) => one.dataset.p.split(' ')[0]);
  return ends.join() === [times[0], times[times.length - 1]].join() && line.dataset.chart === values[made.top] && has.join() === [
    ...(limit === null ? [] : [`path M0 ${made.limit}H3020`, `text 3020 ${made.limit - 50} /lp:limit/lp:max`]), 'path M0 950H3020', `path ${made.path}`,
    `circle ${made.x} ${made.y} 36`, `text ${made.x} ${made.named} ${values[made.top]}`].join();
};

/** True where the strip has a tick for each pack, sixty at most. */
Leafproof.ticks = (svg, value) => {
  const count = Math.min(60, +value('/lp:packs/lp:count') || 0);
  const step = Math.floor(3020 / Math.max(1, count));
  return svg.children.length === 1 && Leafproof.drawn(svg) === Array.from({ length: count }, (_, i) => `M${10 + i * step} 0v160`).join('');
};
