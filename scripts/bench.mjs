// Measures what the budgets speak of, each figure beside its baseline of the same run, and writes bench/results.md.
//   node scripts/bench.mjs            every row
//   node scripts/bench.mjs P5 V3      these rows; the others keep the figures that results.md has
// It needs what `make build` leaves, Chromium for the P rows and wrk for the V rows. Nothing of it is a test: a slow machine fails nothing.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../end2end/server.mjs';
import { PHONE } from './bench/phone.mjs';
import { SERVER } from './bench/server.mjs';

/** Budgets that no row here measures, and why. */
const NOT_HERE = {
  P8: ['verification in WASM against the same code natively', '5x', '3x', '`cargo run --release -p ledger --example figures -- FOLDER`, then `node scripts/figures.mjs FOLDER`'],
  P9: ['Lighthouse mobile', '95, 100, 100', '100 each', 'Lighthouse is no package of this project; P5 and P7 measure what its performance is made of'],
  V5: ['V1 with 10,000,000 entries against 10,000', '0.8', '0.95', 'no ledger of that size was made yet'],
  V8: ['feedback acknowledged, p99 at 200 a second', '50 ms', '20 ms', 'one address may write 20 letters an hour: it wants a run through a trusted proxy'],
  V9: ['labels: QR symbols a second against the qrcode crate alone', '0.5', '0.8', 'no benchmark yet'],
};

const RESULTS = join(ROOT, 'bench', 'results.md');
const ALL = { ...PHONE, ...SERVER };
const asked = process.argv.slice(2);
for (const id of asked) {
  if (!ALL[id]) {
    console.error(`${id} is no row of this benchmark. Rows: ${Object.keys(ALL).join(' ')}`);
    process.exit(2);
  }
}

/** The lines of an earlier run, by row. */
const before = new Map();
if (existsSync(RESULTS)) {
  for (const line of readFileSync(RESULTS, 'utf8').split('\n')) {
    const id = /^\| ([PV]\d+) \|/.exec(line)?.[1];
    if (id) before.set(id, [...(before.get(id) ?? []), line]);
  }
}

const cell = (value) => (value === undefined ? '–' : typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: value < 1 ? 3 : value < 100 ? 2 : 0 }) : value);
const today = new Date().toISOString().slice(0, 10);
const made = new Map();
for (const [id, row] of Object.entries(ALL)) {
  if (asked.length && !asked.includes(id)) continue;
  console.error(`· ${id}: ${row.what}`);
  const lines = [];
  try {
    for (const one of await row.run()) {
      const ratio = one.baseline ? one.figure / one.baseline : undefined;
      // A budget is for a ratio where the row says so, else for the figure; some are met from below, some from above.
      const judged = row.ratio ? ratio : one.figure;
      const met = one.must === undefined ? '' : (row.least ? judged >= one.must : judged <= one.must) ? 'yes' : '**no**';
      lines.push(`| ${id} | ${one.what ?? row.what} | ${cell(one.figure)}${one.unit ? ` ${one.unit}` : ''} | ${cell(one.baseline)} | ${cell(ratio)} | ${cell(one.must)} | ${cell(one.aim)} | ${met} | ${today} |`);
      console.error(`    ${one.what ?? row.what}: ${cell(one.figure)} ${one.unit ?? ''}${ratio === undefined ? '' : ` (${cell(ratio)} of ${cell(one.baseline)})`}; must ${cell(one.must)} ${met}`);
    }
    made.set(id, lines);
  } catch (error) {
    console.error(`    not measured: ${error.message}`);
    process.exitCode = 1;
  }
}

const rows = Object.keys(ALL).flatMap((id) => made.get(id) ?? before.get(id) ?? []);
const [cpu] = cpus();
mkdirSync(join(ROOT, 'bench'), { recursive: true });
writeFileSync(RESULTS, `# What was measured

Written by \`make bench\` (\`make bench ROWS='P5 V3'\` for single rows); each line has the day it was measured. A figure is judged beside the
baseline of the same run. The load generator and the browser run on the same machine as the server.

Machine: ${cpu.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}.

| row | measure | figure | baseline | ratio | must | aim | met | day |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}

## Not measured here
| row | measure | must | aim | why |
|---|---|---|---|---|
${Object.entries(NOT_HERE).map(([id, [what, must, aim, why]]) => `| ${id} | ${what} | ${must} | ${aim} | ${why} |`).join('\n')}
`);
console.error(`· written: ${RESULTS}`);
