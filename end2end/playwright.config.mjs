// Real Chromium of the machine, one server for the whole run (server.mjs). Phones see every test; the other two sizes see those
// that are about layout.
import { defineConfig } from '@playwright/test';
import { executablePath, launchArguments } from './chromium.mjs';

const layout = /(layout|look)\.spec\.mjs/;

export default defineConfig({
  testDir: 'tests',
  testMatch: '*.spec.mjs',
  globalSetup: './server.mjs',
  outputDir: '../target/end2end',
  // The machine has two cores and the server wants one.
  workers: 1,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list', { printSteps: false }]],
  use: {
    locale: 'en-GB',
    timezoneId: 'Asia/Shanghai',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath, args: launchArguments },
  },
  projects: [
    { name: 'phone', use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 } },
    { name: 'small', testMatch: layout, use: { viewport: { width: 360, height: 560 }, hasTouch: true, isMobile: true } },
    { name: 'desktop', testMatch: layout, use: { viewport: { width: 1280, height: 900 } } },
  ],
});
