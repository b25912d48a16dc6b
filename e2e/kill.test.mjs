// kill -9 in a loop while events pour in: whatever was acknowledged is counted, once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import http from 'node:http';
import { dataFolder, freePort, PARTNER, serve, signIn } from './lib/program.mjs';

const ROUNDS = Number(process.env.KILL_ROUNDS ?? 6);
const SENDERS = 8;
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** One impression, and whether the server promised that it is safe. */
function send(agent, port, session) {
  const query = `service=analytics&action=trackEvent&eventType=1&partnerId=${PARTNER}&entryId=0_kill&sessionId=${session}&eventIndex=1&position=0`;
  return new Promise((done) => {
    const request = http.get({ agent, port, host: '127.0.0.1', path: `/api_v3/index.php?${query}`, headers: { 'user-agent': AGENT } }, (answer) => {
      let body = '';
      answer.on('data', (bytes) => (body += bytes));
      answer.on('end', () => done(answer.statusCode === 200 && body.includes('viewEventsEnabled')));
      answer.on('error', () => done(false));
    });
    request.on('error', () => done(false));
  });
}

test('acknowledged events survive kill -9, once', async () => {
  const folder = dataFolder();
  const port = await freePort();
  let acknowledged = 0;
  let attempted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const program = await serve(folder.data, { port });
    const agent = new http.Agent({ keepAlive: true });
    let running = true;
    const senders = Array.from({ length: SENDERS }, async (_, sender) => {
      for (let n = 0; running && n < 5_000; n++) {
        attempted++;
        if (await send(agent, port, `r${round}-s${sender}-n${n}`)) acknowledged++;
      }
    });
    await new Promise((done) => setTimeout(done, 700 + 137 * round));
    running = false;
    await Promise.all([program.kill(), ...senders]);
    agent.destroy();
  }
  const program = await serve(folder.data, { port });
  try {
    const api = await signIn(program.origin, folder.data);
    const { data } = await api('/totals?subject=entry:0_kill&period=7d&today=1&measures=impressions,sessions');
    const counted = data.values.impressions.value;
    assert.ok(acknowledged > 100, `only ${acknowledged} acknowledged: the test shows nothing`);
    assert.ok(counted >= acknowledged, `${acknowledged} acknowledged, ${counted} counted: lost`);
    assert.ok(counted <= attempted, `${attempted} sent, ${counted} counted: doubled`);
    assert.equal(data.values.sessions.value, counted, 'each session sent one event');
  } finally {
    await program.stop();
    folder.remove();
  }
});
