// A real Kaltura player plays a real clip in a real browser, and the figures are what a person who watched the screen
// would say. The clip lasts 10.07 s; the player sends its own events, nothing here helps it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, ORDINARY_AGENT } from './lib/browser.mjs';
import { site } from './lib/media.mjs';
import { command, dataFolder, PARTNER, serve, signIn } from './lib/program.mjs';

const ARGS = ['--unsigned-users', 'accept', '--trusted-proxies', '127.0.0.1/32'];
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
let folder, program, api, web, chrome;
const sent = new Map(); // entry -> the requests its player made, for the test of the newer plugin's form
const running = new Map(); // name -> a scenario that takes long and runs beside the others

before(async () => {
  folder = dataFolder();
  program = await serve(folder.data, { args: ARGS });
  api = await signIn(program.origin, folder.data);
  web = await site();
  chrome = await browser();
  for (const [name, scenario] of Object.entries(long)) running.set(name, scenario().catch((error) => error));
});

after(async () => {
  await chrome?.close();
  web?.close();
  await program?.stop();
  folder?.remove();
});

/** Opens a player page for an entry; `agent: null` keeps headless Chromium's own user agent. */
async function open(entry, { kava = {}, rate, agent = ORDINARY_AGENT, ks } = {}) {
  const path = `/courses/7/${entry}.html`;
  const address = web.add(path, { entry, collector: program.origin, rate, ks,
    kava: { userId: 'alice@example.org', playbackContext: '777', customVar1: 'cv1', application: 'LMS', ...kava } });
  const context = await chrome.newContext(agent ? { userAgent: agent } : {});
  const page = await context.newPage();
  const requests = sent.get(entry) ?? [];
  sent.set(entry, requests);
  page.on('request', (request) => request.url().includes('trackEvent') && requests.push(request.url()));
  await page.goto(`${address}?ks=secret#part`);
  await page.waitForFunction(() => window.player?.sources?.id || window.player?.src, null, { timeout: 20_000 });
  return {
    page,
    play: () => page.evaluate(() => { window.player.play(); }),
    pause: () => page.evaluate(() => { window.player.pause(); }),
    seek: (to) => page.evaluate((to) => { window.player.currentTime = to; }, to),
    at: (second) => page.waitForFunction((second) => window.player.currentTime >= second, second, { timeout: 60_000, polling: 50 }),
    ended: () => page.waitForFunction(() => window.player.ended, null, { timeout: 90_000, polling: 50 }),
    close: async () => { await sleep(400); await context.close(); },
  };
}

const span = 'period=7d&today=1';
const MEASURES = 'impressions,plays,viewers,minutes_viewed,clock_minutes,heartbeat_minutes,reached_25,reached_50,reached_75,' +
  'reached_100,covered_25,covered_50,covered_75,covered_100,pauses,resumes,replays,seeks,completion';

/** What the API says of an entry. */
async function figures(entry) {
  const [totals, viewers, heat] = await Promise.all([
    api(`/totals?subject=entry:${entry}&${span}&measures=${MEASURES}`),
    api(`/table?by=viewer&coverage=1&subject=entry:${entry}&${span}&measures=plays,minutes_viewed`),
    api(`/heat?subject=entry:${entry}&${span}`),
  ]);
  const values = Object.fromEntries(Object.entries(totals.data.values).map(([name, { value }]) => [name, value]));
  const seconds = new Set(viewers.data.rows.flatMap((row) => row.coverage).flatMap(([from, to]) =>
    Array.from({ length: to - from }, (_, i) => from + i)));
  return { ...values, watched: values.minutes_viewed * 60, clock: values.clock_minutes * 60, seconds: [...seconds].sort((a, b) => a - b),
    people: viewers.data.rows, heat: heat.data };
}

function near(actual, expected, tolerance, what) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, expected ${expected} ± ${tolerance}`);
}
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);

async function playToEnd(entry, options) {
  const player = await open(entry, options);
  await player.play();
  await player.ended();
  await player.close();
}

const long = {
  async slow() {
    // 34 s of the clock: well between two heartbeats, which come every ten.
    await playToEnd('0_slow', { rate: 0.3 });
  },
  async pause() {
    const player = await open('0_pause');
    await player.play();
    await player.at(4);
    await player.pause();
    await sleep(32_500);
    await player.play();
    await player.ended();
    await player.close();
  },
};
async function finished(name) {
  const outcome = await running.get(name);
  if (outcome instanceof Error) throw outcome;
}

test('a ten-second clip, watched to its end, counts ten seconds where heartbeats say none, within a second', async () => {
  const player = await open('0_plain');
  await player.play();
  await player.ended();
  const end = Date.now();
  let now;
  do {
    now = await figures('0_plain');
  } while (now.reached_100 < 1 && Date.now() - end < 5_000);
  near(Date.now() - end, 0, 1_500, 'ms from the last event to the report');
  await player.close();
  now = await figures('0_plain');
  assert.deepEqual([now.impressions, now.plays, now.viewers], [1, 1, 1]);
  assert.deepEqual([now.reached_25, now.reached_50, now.reached_75, now.reached_100], [1, 1, 1, 1]);
  assert.deepEqual([now.covered_25, now.covered_50, now.covered_75, now.covered_100], [1, 1, 1, 1]);
  assert.equal(now.heartbeat_minutes, 0);
  near(now.watched, 10.07, 0.3, 'seconds watched');
  near(now.clock, 10.07, 0.5, 'seconds by the clock');
  assert.deepEqual(now.seconds.slice(0, 10), range(0, 10));
  assert.equal(now.people.length, 1);
  assert.equal(now.people[0].proof, 'claimed');
  assert.deepEqual(now.heat.views.slice(0, 10), Array(10).fill(1));
});

test('the page is known, without its query, and the course context', async () => {
  const pages = await api(`/table?subject=entry:0_plain&by=page&measures=plays&${span}`);
  assert.deepEqual(pages.data.rows.map((row) => row.keys[0]), [`${web.origin}/courses/7/0_plain.html`]);
  const contexts = await api(`/table?subject=entry:0_plain&by=playback_context&measures=plays&${span}`);
  assert.deepEqual(contexts.data.rows.map((row) => row.keys[0]), ['777']);
  const devices = await api(`/table?subject=entry:0_plain&by=device&measures=plays&${span}`);
  assert.deepEqual(devices.data.rows.map((row) => row.keys[0]), ['Computer']);
});

test('a seek to 80 % reports milestones that it does not cover', async () => {
  const player = await open('0_seek');
  await player.play();
  await player.at(2.8);
  await player.seek(8);
  await player.ended();
  await player.close();
  const now = await figures('0_seek');
  assert.deepEqual([now.plays, now.seeks], [1, 1]);
  assert.deepEqual([now.reached_25, now.reached_50, now.reached_75, now.reached_100], [1, 1, 1, 1]);
  assert.deepEqual([now.covered_50, now.covered_75, now.covered_100], [0, 0, 0]);
  near(now.watched, 4.9, 0.6, 'seconds watched');
  assert.ok(now.seconds.includes(0) && now.seconds.includes(1) && now.seconds.includes(8) && now.seconds.includes(9));
  assert.ok(!range(3, 8).some((second) => now.seconds.includes(second)), `covered ${now.seconds}`);
});

test('a replay is watched twice, played once', async () => {
  const player = await open('0_replay');
  await player.play();
  await player.ended();
  await sleep(500);
  await player.play();
  await player.page.waitForFunction(() => !window.player.ended);
  await player.ended();
  await player.close();
  const now = await figures('0_replay');
  assert.deepEqual([now.plays, now.replays, now.reached_100, now.covered_100], [1, 1, 1, 1]);
  near(now.watched, 20.1, 0.6, 'seconds watched');
  assert.deepEqual(now.heat.views.slice(0, 10), Array(10).fill(2));
  assert.deepEqual(now.heat.viewers.slice(0, 10), Array(10).fill(1));
});

test('two tabs at once are two plays by one person', async () => {
  await Promise.all([playToEnd('0_tabs'), playToEnd('0_tabs')]);
  const now = await figures('0_tabs');
  assert.deepEqual([now.plays, now.viewers, now.reached_100], [2, 1, 2]);
  near(now.watched, 20.1, 0.8, 'seconds watched');
  assert.deepEqual(now.heat.views.slice(0, 10), Array(10).fill(2));
  assert.deepEqual(now.heat.viewers.slice(0, 10), Array(10).fill(1));
});

test('at double speed ten seconds of media take five of the clock', async () => {
  await playToEnd('0_fast', { rate: 2 });
  const now = await figures('0_fast');
  assert.deepEqual([now.plays, now.covered_100], [1, 1]);
  near(now.watched, 10.07, 0.3, 'seconds watched');
  near(now.clock, 5.05, 0.7, 'seconds by the clock');
  assert.deepEqual(now.seconds.slice(0, 10), range(0, 10));
});

test('a bot is counted as one and left out', async () => {
  await playToEnd('0_fast', { agent: null });
  assert.equal((await figures('0_fast')).plays, 1, 'the person of the test before');
  const flagged = await api(`/totals?subject=entry:0_fast&${span}&measures=plays&f=is,bot,yes`);
  assert.equal(flagged.data.values.plays.value, 1);
});

test('at a third of the speed every second is seen once, in half a minute', async () => {
  await finished('slow');
  const now = await figures('0_slow');
  assert.deepEqual([now.plays, now.covered_100], [1, 1]);
  near(now.watched, 10.07, 0.3, 'seconds watched');
  near(now.clock, 33.6, 1.5, 'seconds by the clock');
  near(now.heartbeat_minutes * 60, 9.3, 0.4, 'seconds by heartbeats');
  assert.deepEqual(now.heat.views.slice(0, 10), Array(10).fill(1));
});

test('a pause of half a minute restarts the counters, and nothing is lost, doubled or negative', async () => {
  await finished('pause');
  const now = await figures('0_pause');
  assert.deepEqual([now.plays, now.resumes, now.reached_100, now.covered_100], [1, 1, 1, 1]);
  near(now.watched, 10.07, 0.3, 'seconds watched');
  near(now.clock, 10.07, 0.7, 'seconds by the clock');
  assert.deepEqual(now.heat.views.slice(0, 10), Array(10).fill(1));
});

test('the newer plugin splits the same events between URL and body, and counts the same', async () => {
  const inUrl = ['service', 'action', 'eventType', 'partnerId', 'entryId', 'sessionId'];
  const session = `${crypto.randomUUID()}:${crypto.randomUUID()}`;
  for (const url of sent.get('0_plain')) {
    const query = new URL(url).searchParams;
    query.set('entryId', '0_post');
    query.set('sessionId', session);
    const body = Object.fromEntries([...query].filter(([name]) => !inUrl.includes(name)));
    for (const [name, value] of Object.entries(body)) if (value !== '' && !Number.isNaN(Number(value))) body[name] = Number(value);
    body.customVar1 = 'cv1';
    const target = new URL(`${program.origin}/api_v3/index.php`);
    for (const name of inUrl) target.searchParams.set(name, query.get(name));
    const answer = await fetch(target, { method: 'POST', body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'user-agent': ORDINARY_AGENT, origin: web.origin } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    const { time, viewEventsEnabled } = await answer.json();
    assert.ok(viewEventsEnabled === true && Math.abs(time - Date.now() / 1000) < 60);
    await sleep(20);
  }
  const now = await figures('0_post');
  assert.deepEqual([now.impressions, now.plays, now.viewers, now.reached_100], [1, 1, 1, 1]);
});

test('no address and no user agent is on disk or in the log', async () => {
  const query = `service=analytics&action=trackEvent&eventType=1&partnerId=${PARTNER}&entryId=0_far&sessionId=far&eventIndex=1`;
  const far = await fetch(`${program.origin}/api_v3/index.php?${query}`, {
    headers: { 'user-agent': ORDINARY_AGENT, 'x-forwarded-for': '8.8.8.8, 198.51.100.77' },
  });
  assert.equal(far.status, 200);
  const junk = await fetch(`${program.origin}/api_v3/index.php?service=analytics&action=trackEvent&partnerId=99&ks=topsecret`, {
    headers: { 'user-agent': ORDINARY_AGENT, 'x-forwarded-for': '198.51.100.77' },
  });
  assert.equal(junk.status, 200);
  const marks = ['AppleWebKit', 'Windows NT', 'HeadlessChrome/', '198.51.100.77', '8.8.8.8', 'topsecret'];
  for (const mark of marks) assert.ok(!program.output().includes(mark), `${mark} in the log`);
  const { execFileSync } = await import('node:child_process');
  for (const mark of marks) {
    assert.throws(() => execFileSync('grep', ['-rlaF', mark, folder.data], { encoding: 'utf8' }), { status: 1 }, `${mark} on disk`);
  }
});

test('what was collected survives a restart, and the data checks clean', async () => {
  const earlier = await figures('0_replay');
  await program.kill();
  program = await serve(folder.data, { port: program.port, args: ARGS });
  assert.deepEqual(await figures('0_replay'), earlier);
  await program.stop();
  assert.match(command('check', '--data', folder.data), /no damage/i);
  program = await serve(folder.data, { port: program.port, args: ARGS });
  assert.deepEqual(await figures('0_replay'), earlier);
});
