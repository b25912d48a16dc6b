// Signing in with a certified identity provider (npm oidc-provider), through its own pages: strict where a mock is not.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { dataFolder, freePort, PARTNER, serve } from '../lib/program.mjs';

const SECRET = 'a secret: of ours & theirs+more';
const PEOPLE = {
  ann: { name: 'Ann Archer', groups: ['staff', 'ir'] },
  zed: { name: 'Zed Zebra', groups: ['students'] },
};

/** Starts the provider for one client. `more` goes over its settings. */
async function startProvider(port, client, more = {}) {
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'playhead', grant_types: ['authorization_code'], response_types: ['code'], ...client }],
    claims: { openid: ['sub'], profile: ['name'], groups: ['groups'] },
    cookies: { keys: ['of this test'] },
    findAccount: (_, sub) => PEOPLE[sub] && { accountId: sub, claims: () => ({ sub, ...PEOPLE[sub] }) },
    pkce: { required: () => true },
    ...more,
  });
  const failures = [];
  for (const event of ['grant.error', 'authorization.error', 'server_error', 'userinfo.error']) {
    provider.on(event, (_, error) => failures.push(`${event}: ${error.error ?? error.message} ${error.error_detail ?? ''}`));
  }
  const server = createServer(provider.callback());
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return { issuer, failures, stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) };
}

/** A browser: cookies by origin and name; forms are filled in by hand. */
class Browser {
  jar = new Map();

  async go(address, form) {
    const { origin } = new URL(address);
    const mine = [...this.jar].filter(([key]) => key.startsWith(`${origin} `)).map(([key, value]) => `${key.split(' ')[1]}=${value}`);
    const answer = await fetch(address, {
      redirect: 'manual', headers: { cookie: mine.join('; ') }, ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value) this.jar.set(`${origin} ${name}`, value);
      else this.jar.delete(`${origin} ${name}`);
    }
    const to = answer.headers.get('location');
    return { status: answer.status, to: to && new URL(to, address).href, text: await answer.text() };
  }

  cookies(origin) {
    return [...this.jar].filter(([key]) => key.startsWith(`${origin} `)).map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
  }

  /** Follows the way from our link through the provider's pages until it leads back to us; `deny` says no at the last. */
  async toTheWayBack(origin, sub, { deny = false } = {}) {
    let at = (await this.go(`${origin}/auth/oidc/login?return=/recording/1_a`)).to;
    for (let steps = 0; steps < 20; steps++) {
      if (at.startsWith(`${origin}/`)) return at;
      const page = await this.go(at);
      if (page.to) {
        at = page.to;
        continue;
      }
      assert.equal(page.status, 200, page.text);
      const action = /<form[^>]*action="([^"]+)"/.exec(page.text)[1].replaceAll('&amp;', '&');
      const prompt = /name="prompt" value="(\w+)"/.exec(page.text)[1];
      if (deny) at = new URL(/href="([^"]*\/abort)"/.exec(page.text)[1], at).href;
      else at = (await this.go(new URL(action, at).href, prompt === 'login' ? { prompt, login: sub, password: 'any' } : { prompt })).to;
    }
    throw new Error(`the provider leads nowhere: ${at}`);
  }
}

/** Our server, and the provider that knows it. */
async function world(work, more) {
  const folder = dataFolder();
  const [ours, theirs] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${ours}`;
  const client = { client_secret: SECRET, redirect_uris: [`${origin}/auth/oidc/callback`], token_endpoint_auth_method: 'client_secret_basic' };
  let idp = await startProvider(theirs, client, more);
  const secret = path.join(path.dirname(folder.data), 'client-secret');
  writeFileSync(secret, SECRET, { mode: 0o600 });
  const program = await serve(folder.data, {
    port: ours,
    args: ['--public-url', origin, '--oidc-issuer', idp.issuer, '--oidc-client-id', 'playhead', '--oidc-client-secret-file', secret,
      '--oidc-scopes', 'openid,profile,groups', '--oidc-roles', 'groups=ir:analyst:none'],
  });
  const again = async (change) => { await idp.stop(); idp = await startProvider(theirs, { ...client, ...change.client }, { ...more, ...change.more }); };
  try {
    await work({ origin, program, secret, idp: () => idp, again });
    assert.ok(!program.output().includes('a secret') && !program.output().includes('theirs'), 'the log holds no secret');
  } finally {
    await program.stop();
    await idp.stop();
    folder.remove();
  }
}

async function signIn({ origin, program, idp }, sub, everything) {
  const browser = new Browser();
  const back = await browser.toTheWayBack(origin, sub);
  assert.match(back, /[?&]iss=/, 'the provider says who it is');
  const ended = await browser.go(back);
  assert.equal(ended.to, `${origin}/recording/1_a`, `${program.output()}\n${idp().failures}`);
  const me = await fetch(`${origin}/api/v1/me`, { headers: { cookie: browser.cookies(origin) } }).then((r) => r.json());
  assert.deepEqual([me.data.name, me.data.way, me.data.operator], [PEOPLE[sub].name, 'oidc', false]);
  const [account] = me.data.accounts;
  assert.deepEqual([account.id, account.everything, account.administrator], [PARTNER, everything, false]);
  assert.deepEqual(idp().failures, []);
  return { browser, back };
}

for (const [what, conformIdTokenClaims] of [['only from the user info', true], ['also in the token', false]]) {
  test(`names and groups ${what} make people and roles`, () => world(async (all) => {
    await signIn(all, 'ann', true);
    await signIn(all, 'zed', false);
  }, { conformIdTokenClaims }));
}

test('tokens signed with an elliptic curve are believed, and new keys are fetched when the provider has new ones', () => world(async (all) => {
  await signIn(all, 'ann', true);
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(privateKey)), kid: 'new', use: 'sig', alg: 'ES256' }] };
  await all.again({ client: { id_token_signed_response_alg: 'ES256' }, more: { jwks } });
  // Unknown keys are asked for once a minute at most, so that nobody can make us ask.
  const began = Date.now();
  for (;;) {
    const browser = new Browser();
    const { to } = await browser.go(await browser.toTheWayBack(all.origin, 'ann'));
    if (to === `${all.origin}/recording/1_a`) break;
    assert.equal(to, `${all.origin}/login?failed=provider`);
    assert.ok(Date.now() - began < 90_000, 'the new keys are not fetched');
    await new Promise((done) => setTimeout(done, 5_000));
  }
  await signIn(all, 'ann', true);
}));

test('a code works once, a refusal ends on our page, and a wrong secret of ours gets nobody in', () => world(async (all) => {
  const { origin, program, idp } = all;
  const { browser, back } = await signIn(all, 'ann', true);
  assert.equal((await browser.go(back)).to, `${origin}/login?failed=late`, 'the way back works once');
  // Somebody else's browser brings a code that is good, in a sign-in of its own.
  const [victim, thief] = [new Browser(), new Browser()];
  const good = await victim.toTheWayBack(origin, 'ann');
  assert.equal((await thief.go(good)).to, `${origin}/login?failed=late`, 'not in another browser');
  const mine = new URL(await thief.toTheWayBack(origin, 'zed'));
  mine.searchParams.set('code', new URL(good).searchParams.get('code'));
  assert.equal((await thief.go(mine.href)).to, `${origin}/login?failed=provider`, 'not with the proof of another sign-in');
  assert.match(idp().failures.join(), /grant.error: invalid_grant .*code_verifier|PKCE/i);

  assert.equal((await new Browser().go(await new Browser().toTheWayBack(origin, 'zed'))).to, `${origin}/login?failed=late`);
  const refusing = new Browser();
  const refused = await refusing.toTheWayBack(origin, 'ann', { deny: true });
  assert.match(refused, /error=access_denied/);
  assert.equal((await refusing.go(refused)).to, `${origin}/login?failed=refused`);

  await all.again({ client: { client_secret: 'another' } });
  const late = new Browser();
  assert.equal((await late.go(await late.toTheWayBack(origin, 'ann'))).to, `${origin}/login?failed=provider`, program.output());
  assert.match(idp().failures.join(), /grant.error: invalid_client/);
}));

test('a public client signs in without a secret', async () => {
  const folder = dataFolder();
  const [ours, theirs] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${ours}`;
  const idp = await startProvider(theirs, { redirect_uris: [`${origin}/auth/oidc/callback`], token_endpoint_auth_method: 'none' });
  const program = await serve(folder.data, {
    port: ours, args: ['--public-url', origin, '--oidc-issuer', idp.issuer, '--oidc-client-id', 'playhead'],
  });
  try {
    await signIn({ origin, program, idp: () => idp }, 'zed', false);
  } finally {
    await program.stop();
    await idp.stop();
    folder.remove();
  }
});
