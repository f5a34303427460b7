// The parties that co-sign, as real processes: what the page says with all of them, without one, and without a quorum.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, inspection } from '../epcis.mjs';
import { cosigned, readDemo, serve } from '../server.mjs';
import { expect, itemOf, settled, test } from './fixtures.mjs';
import { marks, words } from './marks.mjs';

const main = (page) => page.locator(marks.main);

test('stopping co-signers leaves the page honest and the server working', async ({ browser }) => {
  test.setTimeout(120_000);
  const page = await browser.newPage();
  const data = mkdtempSync(join(tmpdir(), 'leafproof-cosign-'));
  const server = await serve({ data });
  try {
    const demo = readDemo(data);
    const { path } = itemOf(demo, 'in-order', 'beef');
    const open = async () => {
      await page.goto(server.url + path);
      await settled(page);
    };
    await open();
    await expect(page.locator(marks.records).first()).toContainText(words.en.verified('\\d+'));
    await expect(main(page)).not.toContainText(words.en.notCosigned);
    for (const name of ['witness-1', 'witness-2', 'mirror-1']) await expect(main(page)).toContainText(name);

    // Without one of three the quorum stands; the record that comes now is signed by two.
    server.kill('witness-2');
    await capture(server.url, demo, inspection(path));
    await cosigned(server.url, 2);
    await open();
    await expect(page.locator(marks.records).first()).toContainText(words.en.verified('\\d+'));
    await expect(main(page)).not.toContainText('witness-2');

    // Without two there is none, and nobody waits: records are taken, and the page says who did not sign.
    server.kill('witness-1');
    await capture(server.url, demo, inspection(path));
    await open();
    await expect(main(page)).toContainText(words.en.notCosigned);

    // Another item's history did not grow since the quorum signed: its proof is the signed one still.
    await page.goto(server.url + itemOf(demo, 'in-order', 'handbag').path);
    await settled(page);
    await expect(main(page)).not.toContainText(words.en.notCosigned);
  } finally {
    await page.close();
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  }
});
