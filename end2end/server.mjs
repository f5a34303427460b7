// The server under test: one process per run, on a free port, with the demo in a folder of its own that goes when it ends.
// LEAFPROOF_URL with LEAFPROOF_DATA names a server that runs already, for quick rounds while writing a test.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const TARGET = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');
/** The web files that the build laid out. */
export const SITE = resolve(ROOT, process.env.SITE ?? join(TARGET, 'site'));
export const BINARY = process.env.LEAFPROOF_BINARY ?? join(TARGET, 'release', 'leafproof');
/** How long a fresh demo may take to load before the run gives up. */
const START_MS = 120_000;

/** Waits until so many parties co-signed the newest checkpoint; above them stand two lines of the log itself. */
export async function cosigned(url, parties) {
  const limit = Date.now() + START_MS;
  for (;;) {
    const note = await (await fetch(`${url}/checkpoint`)).text();
    if (note.split('\n').filter((line) => line.startsWith('\u2014 ')).length >= parties + 2) return;
    if (Date.now() > limit) throw new Error(`not co-signed by ${parties} parties:\n${note}`);
    await new Promise((next) => setTimeout(next, 100));
  }
}

/** Starts `leafproof serve`; resolves once it answers, with a demo once its three parties co-signed. */
export async function serve({ data, options = ['--demo'], environment = {} }) {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: run make build first.`);
  const child = spawn(BINARY, ['serve', ...options, '--data', data, '--listen', '127.0.0.1:0'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const printed = [];
  let address;
  const lines = (stream, heard) => createInterface({ input: stream }).on('line', (line) => printed.push(line) && heard?.(line));
  const exited = new Promise((resolveExit) => child.once('exit', (code, signal) => resolveExit(signal ?? code)));
  lines(child.stderr);
  const url = await new Promise((answers, gaveUp) => {
    const fail = (why) => {
      child.kill('SIGKILL');
      gaveUp(new Error(`leafproof serve ${why}\n${printed.join('\n')}`));
    };
    const limit = setTimeout(() => fail(`did not answer within ${START_MS / 1000} s`), START_MS);
    lines(child.stdout, (line) => {
      address ??= /^listening (http:\/\/\S+)$/.exec(line)?.[1];
      if (!address) return;
      clearTimeout(limit);
      answers(address.replace(/\/$/, ''));
    });
    exited.then((how) => {
      clearTimeout(limit);
      fail(`ended with ${how}`);
    });
  });
  if (options.includes('--demo')) await cosigned(url, 3);
  return {
    url,
    data,
    printed,
    /** Ends one of the demo's co-signers, as a crash would. */
    kill(name) {
      const plain = printed.map((line) => line.replace(/\u001b\[[0-9;]*m/g, ''));
      const pid = plain.map((line) => line.includes(`name="${name}"`) && /pid=(\d+)/.exec(line)?.[1]).find(Boolean);
      process.kill(Number(pid), 'SIGKILL');
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

/** The demo: its items and accounts from the repository, passwords and API keys from the data folder (ARCHITECTURE.md, S8). */
export function readDemo(data = process.env.LEAFPROOF_DATA) {
  const secrets = { account: new Map(), key: new Map(), inner: new Map() };
  for (const line of readFileSync(join(data, 'demo.tsv'), 'utf8').split('\n').filter(Boolean)) {
    const [kind, whose, secret] = line.split('\t');
    if (!secrets[kind] || !secret) throw new Error(`demo.tsv has a line that is neither account, key nor inner code: ${line}`);
    secrets[kind].set(whose, secret);
  }
  const demo = { items: [], accounts: [], keys: [...secrets.key].map(([member, key]) => ({ member, key })), inner: [...secrets.inner].map(([path, address]) => ({ path, address })) };
  const folder = join(ROOT, 'server', 'demo');
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name, 'scene.json');
    if (!existsSync(file)) continue;
    const { scene, items, accounts } = JSON.parse(readFileSync(file, 'utf8'));
    for (const { path, special } of items) demo.items.push({ scene, special, path });
    for (const { login, role, member } of Object.values(accounts)) {
      const password = secrets.account.get(login);
      if (!password) throw new Error(`demo.tsv has no password of ${login}`);
      demo.accounts.push({ scene, role, login, member, password });
    }
  }
  return demo;
}

/** Playwright's global set-up; what it returns is the tear-down. */
export default async function setUp() {
  if (process.env.LEAFPROOF_URL) return undefined;
  const data = mkdtempSync(join(tmpdir(), 'leafproof-end2end-'));
  const server = await serve({ data });
  process.env.LEAFPROOF_URL = server.url;
  process.env.LEAFPROOF_DATA = data;
  return async () => {
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  };
}
