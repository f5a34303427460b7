// Real Chromium of the machine, one server for the whole run (server.mjs). Phones see every test; the other two sizes see those
// that are about layout.
import { defineConfig } from '@playwright/test';
import { executablePath, launchArguments } from './chromium.mjs';

const layout = /look\.spec\.mjs/;
/** Names itself a monitor, so that opening a page here is no scan: hundreds would make every code of the demo a suspicious one. */
const monitor = (browser) => `${browser} (monitor)`;
const PHONE = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';
const DESK = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

export default defineConfig({
  testDir: 'tests',
  testMatch: '*.spec.mjs',
  globalSetup: './server.mjs',
  outputDir: '../target/end2end',
  // The machine has two cores and the server wants one.
  workers: 1,
  // On a crowded CI machine a page may run into a limit once; such a test is listed as flaky and is a fault to mend. At home none is forgiven.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list', { printSteps: false }]],
  use: {
    locale: 'en-GB',
    timezoneId: 'Asia/Shanghai',
    // To record every test costs a third of the run; at home: --trace on.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath, args: launchArguments },
  },
  projects: [
    { name: 'phone', use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2, userAgent: monitor(PHONE) } },
    { name: 'small', testMatch: layout, grepInvert: /dark|zh/, use: { viewport: { width: 360, height: 560 }, hasTouch: true, isMobile: true, userAgent: monitor(PHONE) } },
    { name: 'desktop', testMatch: layout, grepInvert: /zh/, use: { viewport: { width: 1280, height: 900 }, userAgent: monitor(DESK) } },
  ],
});
