import { defineConfig } from '@playwright/test';

/**
 * The pages in a real browser against the mock server, which can be in every state; playwright.real.config.ts has them
 * over the real program. CHROMIUM names the browser, PORT_E2E another port.
 */
const port = Number(process.env.PORT_E2E ?? 8191);

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  testIgnore: 'real/**',
  // Two cores: the browser takes one, the server the other.
  workers: 1,
  timeout: 60_000,
  forbidOnly: !!process.env.CI,
  reporter: 'line',
  use: {
    baseURL: `http://127.0.0.1:${port}`,
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
  webServer: {
    command: 'node dev/mock.mjs',
    env: { PORT: String(port) },
    url: `http://127.0.0.1:${port}/icon.svg`,
    reuseExistingServer: false,
  },
});
