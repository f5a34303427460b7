// Which browser, and how it is started. Playwright's own download is never used.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function find() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here: the next one.
      }
    }
  }
  throw new Error('Chromium was not found: install it (Debian: apt install chromium) or set CHROMIUM to its path.');
}

export const executablePath = find();

export const launchArguments = [
  // Chromium refuses its sandbox to root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  // Nothing but the tests' own requests: these would look up hosts of the browser's maker.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
  // Where there is no graphics card its stand-in costs more than drawing without one: half of a test's time.
  '--disable-gpu',
];
