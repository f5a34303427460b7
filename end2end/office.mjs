// A server of its own for tests of what leaves it: it may reach the web and mail sinks of this run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDemo, serve } from './server.mjs';
import { mailSink, webSink } from './sinks.mjs';
import { test as base, expect } from './tests/fixtures.mjs';

/** Takes away what tests before this one have added: a member has ten addresses, and no form for more. `page` is signed in. */
export async function withoutAddresses(page) {
  await page.goto('/console/alerts');
  const remove = page.locator('form[action*="/addresses/"][action$=remove] button');
  for (let left = await remove.count(); left > 0; left -= 1) {
    await remove.first().click();
    await expect(remove).toHaveCount(left - 1);
  }
}

export const test = base.extend({
  office: [
    async ({}, use) => {
      const [hook, mail, data] = [await webSink(), await mailSink(), mkdtempSync(join(tmpdir(), 'leafproof-office-'))];
      const smtp = ['--smtp-host', '127.0.0.1', '--smtp-port', String(mail.port), '--smtp-tls', 'none', '--smtp-from', 'alerts@leaf.example'];
      const server = await serve({ data, options: ['--demo', '--allow-local-webhooks', ...smtp] });
      await use({ hook, mail, url: server.url, data });
      await server.stop();
      hook.close();
      mail.close();
      rmSync(data, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: async ({ office }, use) => use(office.url),
  demo: [async ({ office }, use) => use(readDemo(office.data)), { scope: 'worker' }],
});
