import { defineConfig } from '@playwright/test';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import shared from './playwright.config';

/**
 * The pages over the real program, with made-up data that end at a fixed moment, whatever day it is. E2E_PROGRAM is the
 * program. Everybody signs in by the header of a trusted proxy: see e2e/real/cast.ts.
 */
export const MOMENT = '2026-11-23T12:00:00Z';
const port = Number(process.env.WALK_PORT ?? 8192);

// Workers read this file too, and share the folder.
process.env.WALK_PROGRAM = process.env.E2E_PROGRAM ?? join(import.meta.dirname, '../target/debug/playhead');
if (!process.env.WALK_DATA) {
  process.env.WALK_DATA = join(import.meta.dirname, 'test-results/walk');
  rmSync(process.env.WALK_DATA, { recursive: true, force: true });
}

export default defineConfig({
  ...shared,
  testDir: 'e2e/real',
  outputDir: 'test-results/walks',
  testMatch: '*.spec.ts',
  testIgnore: [],
  // On a busy machine the pages wait for their many answers.
  timeout: 180_000,
  expect: { timeout: 15_000 },
  use: { ...shared.use, actionTimeout: 15_000, baseURL: `http://127.0.0.1:${port}` },
  webServer: {
    command: `${process.env.WALK_PROGRAM} demo --data ${process.env.WALK_DATA} --events 60000 --at ${MOMENT} --serve --listen 127.0.0.1:${port}`,
    env: { PLAYHEAD_PROXY_USER_HEADER: 'x-remote-user' },
    url: `http://127.0.0.1:${port}/readyz`,
    reuseExistingServer: false,
    timeout: 180_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
  },
});
