// The cases of docs/vectors: each bundle with what it is checked with, and the native report.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const folder = join(root, 'docs', 'vectors');
const { nameBytes } = createRequire(import.meta.url)(join(root, 'public', 'page.js'));
const read = (name) => new Uint8Array(readFileSync(join(folder, name)));

export const cases = readFileSync(join(folder, 'cases.tsv'), 'utf8')
  .split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => {
    const [name, policy, subject, now, kept, state, step, word] = line.split('\t');
    return {
      name,
      subject,
      state,
      step,
      word,
      input: { bundle: read(`${name}.lpb`), policy: read(policy), name: nameBytes(subject), kept: kept === '-' ? new Uint8Array(0) : read(kept), now: Number(now) },
      report: readFileSync(join(folder, `${name}.report`), 'utf8'),
    };
  });
