// Signing in with an identity provider that others wrote (PyPI oidc-provider-mock), from the link to the report.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dataFolder, freePort, PARTNER, serve } from './lib/program.mjs';

const provider = fileURLToPath(new URL('../.cache/python/bin/oidc-provider-mock', import.meta.url));

/** Starts the provider with people and what it claims of them. */
async function startProvider(people) {
  const port = await freePort();
  const claims = people.flatMap((person) => ['--user-claims', JSON.stringify(person)]);
  const child = spawn(provider, ['--port', String(port), '--require-nonce', 'true', ...claims], { stdio: 'ignore' });
  const issuer = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    if (await fetch(`${issuer}/.well-known/openid-configuration`).then((r) => r.ok, () => false)) break;
    if (tries > 300 || child.exitCode !== null) throw new Error('the provider does not answer');
    await new Promise((done) => setTimeout(done, 100));
  }
  return { issuer, stop: () => child.kill('SIGKILL') };
}

const cookies = (answer) => answer.headers.getSetCookie().map((line) => line.split(';')[0]).filter((pair) => !pair.endsWith('='));

/** What a browser does: to the provider, its form, and back. */
async function signIn(origin, sub) {
  const begun = await fetch(`${origin}/auth/oidc/login?return=/recording/1_a`, { redirect: 'manual' });
  assert.equal(begun.status, 303);
  const form = new URLSearchParams({ sub });
  const asked = await fetch(begun.headers.get('location'), { method: 'POST', body: form, redirect: 'manual' });
  assert.equal(asked.status, 302, await asked.text());
  const back = asked.headers.get('location');
  assert.ok(back.startsWith(`${origin}/auth/oidc/callback?`), back);
  const ended = await fetch(back, { headers: { cookie: cookies(begun).join('; ') }, redirect: 'manual' });
  assert.equal(ended.status, 303);
  return { to: ended.headers.get('location'), cookie: cookies(ended).join('; '), back };
}

test('people sign in with the identity provider, and its groups make roles', async () => {
  const idp = await startProvider([
    { sub: 'ann', name: 'Ann Archer', groups: ['staff', 'ir'] },
    { sub: 'zed', name: 'Zed Zebra', groups: ['students'] },
  ]);
  const folder = dataFolder();
  const secret = path.join(path.dirname(folder.data), 'client-secret');
  writeFileSync(secret, 'a secret: of ours', { mode: 0o600 });
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const program = await serve(folder.data, {
    port,
    args: ['--public-url', origin, '--oidc-issuer', idp.issuer, '--oidc-client-id', 'playhead', '--oidc-client-secret-file', secret, '--oidc-roles', 'groups=ir:analyst:none'],
  });
  try {
    for (const [sub, name, everything] of [['ann', 'Ann Archer', true], ['zed', 'Zed Zebra', false]]) {
      const { to, cookie, back } = await signIn(origin, sub);
      assert.equal(to, '/recording/1_a', program.output());
      const me = await fetch(`${origin}/api/v1/me`, { headers: { cookie } }).then((r) => r.json());
      assert.deepEqual([me.data.name, me.data.way, me.data.operator], [name, 'oidc', false]);
      const [account] = me.data.accounts;
      assert.deepEqual([account.id, account.everything, account.administrator], [PARTNER, everything, false]);
      const again = await fetch(back, { headers: { cookie }, redirect: 'manual' });
      assert.equal(again.headers.get('location'), '/login?failed=late', 'the way back works once');
    }
    assert.ok(!program.output().includes('a secret'), 'the log holds no secret');
    assert.match(program.output(), /sign-in with the identity provider failed.*no sign-in is under way/);
  } finally {
    await program.stop();
    idp.stop();
    folder.remove();
  }
});
