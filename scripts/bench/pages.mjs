// Measures how soon pages can be used, in Debian's Chromium with its processor slowed down fourfold, over the real program with
// made-up data; prints a table for docs/benchmarks.md. Loopback only; everything ends by itself.
//
//     cargo build --release -p server && node scripts/bench/pages.mjs
//
// `drawn`: the tiles have their numbers and answer to a press. `settled`: every card has what it asked for.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const { chromium } = createRequire(join(root, 'web/package.json'))('playwright-core');
const program = join(root, 'target/release/playhead');
const port = Number(process.env.PORT ?? 18096);
const origin = `http://127.0.0.1:${port}`;
const runs = Number(process.env.RUNS ?? 7);
const events = process.env.EVENTS ?? '800000';
const SLOWER = 4;

const folder = mkdtempSync(join(tmpdir(), 'playhead-pages-'));
const data = join(folder, 'demo');
const server = spawn(program, ['demo', '--data', data, '--events', events, '--at', '2026-11-23T12:00:00Z', '--serve', '--listen', `127.0.0.1:${port}`], {
  stdio: 'ignore',
});
const end = () => {
  server.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
};
process.on('exit', end);
setTimeout(() => process.exit(1), 900_000).unref();

for (let tries = 0; ; tries++) {
  const ready = await fetch(`${origin}/readyz`).then((answer) => answer.ok, () => false);
  if (ready) break;
  if (tries > 600) throw new Error('the server does not start');
  await new Promise((then) => setTimeout(then, 500));
}
const token = /token=([\w-]+)/.exec(execFileSync(program, ['link', '--data', data], { encoding: 'utf8' }))[1];
const welcome = await fetch(`${origin}/api/v1/welcome`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', origin },
  body: JSON.stringify({ token, name: 'bench', password: 'correct horse battery staple' }),
});
const cookie = welcome.headers.getSetCookie()[0].split(';')[0];
const ask = async (path) => (await (await fetch(`${origin}/api/v1/${path}`, { headers: { cookie } })).json()).data.rows;
const [top] = await ask('table?by=entry&measures=plays&sort=-plays&size=1');
const [course] = (await ask('catalog/categories?size=200')).filter((category) => category.kind === 'course');

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** One visit of somebody who comes for the first time: milliseconds to first paint, drawn, settled. */
async function visit(path) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const [name, value] = cookie.split('=');
  await context.addCookies([{ name, value, url: origin }]);
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  await page.addInitScript(() => {
    const at = {};
    globalThis.at = at;
    new MutationObserver(() => {
      const now = performance.now();
      const tiles = document.querySelectorAll('.tiles .value');
      if (!at.drawn && tiles.length && !document.querySelector('.tiles .skeleton')) at.drawn = now;
      if (at.drawn && !document.querySelector('.skeleton, [aria-busy="true"]')) at.settled ??= now;
      else delete at.settled;
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
  await page.goto(origin + path);
  await page.waitForFunction(() => globalThis.at.settled && performance.now() - globalThis.at.settled > 500, null, {
    timeout: 60_000,
  });
  const found = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
    ...globalThis.at,
  }));
  await context.close();
  return found;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
console.log(`processor slowed down ${SLOWER} times, ${events} events, median of ${runs} first visits, ms\n`);
console.log('| page | first paint | drawn | settled |\n|---|---:|---:|---:|');
for (const [name, path] of [
  ['My media', '/'],
  ['Recording', `/recording/${top.keys[0]}`],
  ['Course', `/course/${course.id}`],
]) {
  const visits = [];
  for (let run = 0; run < runs; run++) visits.push(await visit(path));
  const of = (key) => Math.round(median(visits.map((one) => one[key])));
  console.log(`| ${name} | ${of('paint')} | ${of('drawn')} | ${of('settled')} |`);
}
await browser.close();
process.exit(0);
