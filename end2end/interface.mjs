// The EPCIS interface asked what its own description says can be asked, and much that it says cannot (schemathesis, from PyPI): no
// answer may be a fault of the server, undescribed, of another form than described, or given without a key.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MEMBER, keyOf } from './epcis.mjs';
import { readDemo, serve } from './server.mjs';

const CHECKS =
  'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method,ignored_auth';
/** Requests of each operation beyond the edges of each parameter; with the seed they are the same in every run. */
const EXAMPLES = 15;

const [tool] = process.argv.slice(2);
const data = mkdtempSync(join(tmpdir(), 'leafproof-interface-'));
const server = await serve({ data });
try {
  const key = keyOf(readDemo(data), MEMBER);
  const options = ['--checks', CHECKS, '--phases', 'examples,coverage,fuzzing', '--max-examples', EXAMPLES, '--seed', 1, '--no-color'];
  const asked = [`${server.url}/epcis/v2/openapi.json`, '-H', `Authorization: Bearer ${key}`, ...options].map(String);
  const { status } = spawnSync(tool, ['run', ...asked], { cwd: data, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  await server.stop();
  rmSync(data, { recursive: true, force: true });
}
