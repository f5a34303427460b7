// The rows of the server, loaded by wrk beside it on the same machine. Each rate stands beside that of `/healthz`, a bare answer of the
// same process, measured right before.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, epcis, inspection, keyOf, MEMBER, newPack } from '../../end2end/epcis.mjs';
import { readDemo, serve } from '../../end2end/server.mjs';
import { PHONE_AGENT, at, itemWith, median, withDemo } from './demo.mjs';

const CONNECTIONS = 8;
const SECONDS = 6;
/** Events of one document. */
const DOCUMENT = 21;

function wrk(url, { seconds = SECONDS, connections = CONNECTIONS, headers = {}, script } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'leafproof-wrk-'));
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '--timeout', '10s', ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`])];
  if (script) {
    writeFileSync(join(folder, 'load.lua'), script);
    options.push('-s', join(folder, 'load.lua'));
  }
  return new Promise((resolve, reject) => {
    const child = spawn('wrk', [...options, url], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    child.stdout.on('data', (chunk) => { told += chunk; });
    child.on('error', () => reject(new Error('wrk was not found: install it (Debian: apt install wrk)')));
    child.on('close', () => {
      rmSync(folder, { recursive: true, force: true });
      const refused = /Non-2xx or 3xx responses: (\d+)/.exec(told);
      const broken = /Socket errors: (.*)/.exec(told);
      if (broken) reject(new Error(`wrk: ${broken[0]}`));
      else resolve({ rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(told)[1]), p99: /99%\s+(\S+)/.exec(told)?.[1], refused: Number(refused?.[1] ?? 0) });
    });
  });
}

/** A rate of answers that are all in order. */
async function rate(url, options) {
  const { rate: all, refused } = await wrk(url, options);
  if (refused) throw new Error(`${url}: ${refused} answers were no 2xx`);
  return all;
}

const phone = { 'user-agent': PHONE_AGENT, 'accept-language': 'en' };
const small = { ...phone, 'accept-encoding': 'br' };
/** Each request has an address of its own, so that no page is one that was kept. */
const ANEW = (path) => `local n = 0\nrequest = function() n = n + 1 return wrk.format("GET", "${path}?n=" .. n) end`;

/** wrk's script that posts documents of new events, each with ids of its own. */
function documents(url, demo, seed) {
  const document = inspection(newPack());
  document.epcisBody.eventList = Array.from({ length: DOCUMENT }, (_, i) => ({ ...inspection(newPack(), { id: `urn:uuid:@@-${i}` }).epcisBody.eventList[0], epcList: [`https://id.talanuur.example/01/09521296000013/21/B@@N${i}`] }));
  return `wrk.method = "POST"
wrk.headers["authorization"] = "Bearer ${keyOf(demo, MEMBER)}"
wrk.headers["content-type"] = "application/json"
local template = [==[${JSON.stringify(document)}]==]
local n = 0
request = function()
  n = n + 1
  local body = template:gsub("@@", "${seed}" .. n)
  return wrk.format(nil, "/epcis/v2/capture", nil, body)
end`;
}

const bytesIn = (folder) => readdirSync(folder, { withFileTypes: true }).reduce((all, one) => {
  const path = join(folder, one.name);
  return all + (one.isDirectory() ? bytesIn(path) : statSync(path).size);
}, 0);
const entriesOf = async (url) => Number((await (await fetch(`${url}/checkpoint`)).text()).split('\n')[1]);
const resident = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
const pidOf = (data) => Number(execFileSync('pgrep', ['-f', `leafproof serve .*${data}`]).toString().split('\n')[0]);

/** Three loads of documents, by so many clients each; the events a second that were acknowledged. */
async function records({ url, demo }, clients) {
  const before = await entriesOf(url);
  const began = Date.now();
  const { refused } = await wrk(url, { connections: clients, seconds: 10, script: documents(url, demo, `C${clients}X`) });
  const took = (Date.now() - began) / 1000;
  // Each event is one entry; counted in the ledger, so an answer that promised more would show.
  return { rate: ((await entriesOf(url)) - before) / took, refused };
}

export const SERVER = {
  V1: {
    what: 'page rendered anew, requests a second',
    ratio: true,
    least: true,
    run: () => withDemo(async ({ url, demo }) => {
      const { path } = await itemWith(url, demo, 12);
      const bare = await rate(`${url}/healthz`);
      return [{ figure: await rate(url + path, { headers: phone, script: ANEW(path) }), baseline: bare, must: 0.12, aim: 0.25 }];
    }),
  },
  V2: {
    what: 'the same page again',
    ratio: true,
    least: true,
    run: () => withDemo(async ({ url, demo }) => {
      const { path } = await itemWith(url, demo, 12);
      const rows = [];
      for (const [what, address, headers] of [['page again', path, phone], ['page again, brotli', path, small], ['proof', `/bundle${path}`, {}], ['proof, brotli', `/bundle${path}`, small]]) {
        const bare = await rate(`${url}/healthz`);
        await rate(url + address, { headers, seconds: 2 });
        rows.push({ what: `${what}, requests a second`, figure: await rate(url + address, { headers }), baseline: bare, must: 0.5, aim: 0.8 });
      }
      return rows;
    }),
  },
  V3: {
    what: `events a second over HTTP, documents of ${DOCUMENT}`,
    least: true,
    run: () => withDemo(async (server) => {
      const rows = [];
      for (const clients of [1, 16, 64]) {
        const { rate: events, refused } = await records(server, clients);
        rows.push({ what: `events a second over HTTP, documents of ${DOCUMENT}, ${clients} clients${refused ? `, ${refused} shed` : ''}`, figure: events, must: 3000, aim: 10_000 });
      }
      return rows;
    }),
  },
  V4: {
    what: 'accepted to provable, beside 1,500 events a second',
    run: () => withDemo(async ({ url, demo }) => {
      // Half of what V3 must bear, paced: a document every 14 ms.
      const script = documents(url, demo, 'PACED');
      const template = /\[==\[([\s\S]*)\]==\]/.exec(script)[1];
      let sent = 0;
      let open = 0;
      let broken = 0;
      const pace = setInterval(() => {
        if (open >= 64) return;
        sent += 1;
        open += 1;
        epcis(url, demo, '/capture', { document: JSON.parse(template.replaceAll('@@', `P${sent}`)) }).then((answer) => answer.arrayBuffer()).catch(() => { broken += 1; }).finally(() => { open -= 1; });
      }, (DOCUMENT / 1500) * 1000);
      const waits = [];
      try {
        for (let i = 0; i < 100; i += 1) {
          const path = newPack().replace('/01/09521234000044', '/01/09521296000013');
          await capture(url, demo, inspection(path));
          const accepted = performance.now();
          // The page names its records; an unknown code has none.
          while (!/data-entry=/.test(await (await fetch(url + path, { headers: phone })).text()));
          waits.push(performance.now() - accepted);
        }
      } finally {
        clearInterval(pace);
      }
      // A load that broke off is none.
      if (broken) throw new Error(`${broken} of ${sent} documents of the load got no answer`);
      return [{ what: 'accepted to provable, median', figure: median(waits), unit: 'ms', must: 250, aim: 100 }, { what: 'accepted to provable, p99', figure: at(0.99, waits), unit: 'ms', must: 1000, aim: 400 }];
    }),
  },
  V6: {
    what: 'resident memory',
    run: () => withDemo(async ({ url, demo, data }) => {
      const pid = pidOf(data);
      const idle = resident(pid);
      const { path } = await itemWith(url, demo, 12);
      await rate(url + path, { headers: small, seconds: 10 });
      const warm = resident(pid);
      const views = 1_000_000;
      const begun = await rate(url + path, { headers: small, seconds: 2 });
      await rate(url + path, { headers: small, seconds: Math.ceil(views / begun) });
      return [{ what: 'resident, idle, with the demo', figure: idle / 2 ** 20, unit: 'MiB', must: 64, aim: 40 }, { what: 'resident, growth over 1,000,000 page views', figure: Math.max(0, resident(pid) - warm) / 2 ** 20, unit: 'MiB', must: 10, aim: 0 }];
    }),
  },
  V7: {
    what: 'bytes on disk for an event beyond its document',
    run: () => withDemo(async (server) => {
      const { url, demo, data } = server;
      const before = [bytesIn(data), await entriesOf(url)];
      await records(server, 16);
      await new Promise((next) => setTimeout(next, 2000));
      const events = (await entriesOf(url)) - before[1];
      // What a member sent of it: a document's bytes, by event.
      const payload = /\[==\[([\s\S]*)\]==\]/.exec(documents(url, demo, 'X'))[1].length / DOCUMENT;
      return [{ what: `bytes on disk for an event beyond the ${Math.round(payload)} of its document, at ${events.toLocaleString('en')} events`, figure: (bytesIn(data) - before[0]) / events - payload, unit: 'bytes', must: 700, aim: 400 }];
    }),
  },
  V10: {
    what: 'restart after kill -9 until it serves',
    run: async () => {
      const data = mkdtempSync(join(tmpdir(), 'leafproof-bench-'));
      let server = await serve({ data });
      try {
        await records({ url: server.url, demo: readDemo(data) }, 64);
        await records({ url: server.url, demo: readDemo(data) }, 16);
        const entries = await entriesOf(server.url);
        await server.stop('SIGKILL');
        const began = performance.now();
        server = await serve({ data, options: [] });
        while (!(await fetch(`${server.url}/healthz`).catch(() => ({ ok: false }))).ok);
        return [{ what: `restart after kill -9 with ${entries.toLocaleString('en')} entries (the budget: 1,000,000)`, figure: (performance.now() - began) / 1000, unit: 's', must: 5, aim: 1 }];
      } finally {
        await server.stop('SIGKILL');
        rmSync(data, { recursive: true, force: true });
      }
    },
  },
};
