import { defineConfig } from '@playwright/test';

/**
 * The pages in a real browser: against the mock server, or against the real program when PLAYHEAD_URL says where it
 * listens and PLAYHEAD_LINK is its one-time administrator link. CHROMIUM names the browser, PORT_E2E the mock's port.
 */
const port = Number(process.env.PORT_E2E ?? 8191);
const real = process.env.PLAYHEAD_URL;

export default defineConfig({
  testDir: 'e2e',
  testMatch: real ? 'real.spec.ts' : /(?<!real)\.spec\.ts$/,
  // Two cores: the browser takes one, the server the other.
  workers: 1,
  timeout: 60_000,
  forbidOnly: !!process.env.CI,
  reporter: 'line',
  use: {
    baseURL: real ?? `http://127.0.0.1:${port}`,
    timezoneId: 'America/Chicago',
    locale: 'en-US',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: real
    ? undefined
    : {
        command: 'node dev/mock.mjs',
        env: { PORT: String(port) },
        url: `http://127.0.0.1:${port}/icon.svg`,
        reuseExistingServer: false,
      },
});
