// Signing in with SAML: the provider is npm samlp (Auth0's); good responses, and the hostile set. The program is one that was
// built with the feature saml (scripts/test.sh does, in FULL=1).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import samlp from 'samlp';
import { dataFolder, freePort, PARTNER, serve, signIn } from '../lib/program.mjs';

const ISSUER = 'https://idp.example.edu/saml';
const SSO = 'https://idp.example.edu/sso';
const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
const scratch = mkdtempSync(path.join(os.tmpdir(), 'playhead-saml-'));

/** A key and its certificate. */
function pair(name) {
  const [key, cert] = ['key', 'pem'].map((kind) => path.join(scratch, `${name}.${kind}`));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
const [theirs, others] = [pair('theirs'), pair('others')];

const metadata = (cert) => `<?xml version="1.0"?>
<EntityDescriptor entityID="${ISSUER}" xmlns="urn:oasis:names:tc:SAML:2.0:metadata">
  <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${
  cert.replace(/-----[A-Z ]+-----|\s/g, '')}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
    <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${SSO}"/>
  </IDPSSODescriptor>
</EntityDescriptor>`;

const cookies = (answer) => answer.headers.getSetCookie().map((line) => line.split(';')[0]).filter((pair) => !pair.endsWith('='));
const parseRequest = promisify((query, done) => samlp.parseRequest({ method: 'GET', query }, { }, done));
const respond = promisify(samlp.getSamlResponse);

const ann = { id: 'ann', displayName: 'Ann Archer', name: {}, emails: [{ value: 'ann@example.edu' }], groups: ['staff', 'ir'] };
const zed = { id: 'zed', displayName: 'Zed Zebra', name: {}, emails: [{ value: 'zed@example.edu' }], groups: ['students'] };

let program, folder, origin, idpFile;

before(async () => {
  folder = dataFolder();
  idpFile = path.join(scratch, 'idp.xml');
  writeFileSync(idpFile, metadata(theirs.cert));
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  program = await serve(folder.data, {
    port, args: ['--public-url', origin, '--saml-idp-metadata', idpFile, '--saml-name-attribute', `${CLAIMS}/name`,
      '--saml-roles', 'http://schemas.passportjs.com/groups=ir:analyst:none'],
  });
});

after(async () => {
  await program.stop();
  folder.remove();
  rmSync(scratch, { recursive: true });
});

/** From our link to the provider: what it was asked. */
async function begin() {
  const begun = await fetch(`${origin}/auth/saml/login?return=/recording/1_a`, { redirect: 'manual' });
  assert.equal(begun.status, 303, program.output());
  const to = new URL(begun.headers.get('location'));
  assert.equal(to.origin + to.pathname, SSO);
  const request = await parseRequest(Object.fromEntries(to.searchParams));
  assert.equal(request.issuer, `${origin}/auth/saml/metadata`);
  return { request, relay: to.searchParams.get('RelayState'), cookie: cookies(begun).join('; ') };
}

/** The provider's response to a request; `more` goes over what it makes it of. */
function response({ request }, user, more = {}) {
  const acs = `${origin}/auth/saml/acs`;
  return respond({
    issuer: ISSUER, ...theirs, signatureAlgorithm: 'rsa-sha256', digestAlgorithm: 'sha256', audience: request.issuer,
    recipient: acs, destination: acs, inResponseTo: request.id, lifetimeInSeconds: 300, ...more,
  }, user);
}

/** What the browser posts, and where it is sent then. */
async function post(begun, xml, { cookie = begun.cookie, relay = begun.relay } = {}) {
  const body = new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: relay });
  const ended = await fetch(`${origin}/auth/saml/acs`, { method: 'POST', body, redirect: 'manual', headers: { cookie, origin: 'https://idp.example.edu', 'sec-fetch-site': 'cross-site' } });
  assert.equal(ended.status, 303, await ended.text());
  return { to: ended.headers.get('location'), cookie: cookies(ended).join('; ') };
}

async function me(cookie) {
  return (await fetch(`${origin}/api/v1/me`, { headers: { cookie } }).then((r) => r.json())).data;
}

/** A response that must get nobody in, with a piece of the reason that the log must give. */
async function refused(what, make, reason = /not believed/, user = zed) {
  const begun = await begin();
  const logged = program.output().length;
  const { to, cookie } = await post(begun, await make(begun, user));
  assert.deepEqual([to, cookie], ['/login?failed=provider', ''], what);
  assert.match(program.output().slice(logged), reason, what);
}

test('people sign in, and attributes make roles', async () => {
  const ways = await fetch(`${origin}/api/v1/login`).then((r) => r.json());
  assert.deepEqual(ways.data, { oidc: false, saml: true, password: true });
  const told = await fetch(`${origin}/auth/saml/metadata`).then((r) => r.text());
  for (const part of [`entityID="${origin}/auth/saml/metadata"`, `Location="${origin}/auth/saml/acs"`, 'WantAssertionsSigned="true"']) {
    assert.ok(told.includes(part), `${part} in ${told}`);
  }
  for (const [user, everything] of [[ann, true], [zed, false]]) {
    const begun = await begin();
    const xml = await response(begun, user);
    const { to, cookie } = await post(begun, xml);
    assert.equal(to, '/recording/1_a', program.output());
    const mine = await me(cookie);
    assert.deepEqual([mine.name, mine.way, mine.operator], [user.displayName, 'saml', false]);
    assert.deepEqual([mine.accounts[0].id, mine.accounts[0].everything, mine.accounts[0].administrator], [PARTNER, everything, false]);
    assert.equal((await post(begun, xml)).to, '/login?failed=late', 'a response works once');
  }
  const both = await begin();
  assert.equal((await post(both, await response(both, ann, { signResponse: true }))).to, '/recording/1_a', 'the response may be signed too');
});

test('only in the browser that began, for the request that it answers, and each assertion once', async () => {
  const [one, two] = [await begin(), await begin()];
  const xml = await response(one, ann);
  assert.equal((await post(one, xml, { cookie: '' })).to, '/login?failed=late');
  assert.equal((await post(one, xml, { cookie: two.cookie })).to, '/login?failed=late');
  assert.equal((await post(one, xml, { relay: '' })).to, '/login?failed=late');
  assert.equal((await post(two, xml)).to, '/login?failed=provider', 'the answer to another request');
  assert.equal((await post(one, xml)).to, '/recording/1_a', 'none of that used it up');
  await refused('nobody asked', (begun) => response(begun, ann, { inResponseTo: undefined }));
});

test('what is not signed by the provider, for us, now, is refused', async () => {
  await refused('unsigned', (begun, user) => response(begun, user, { signAssertion: false }));
  await refused('only the response is signed', (begun, user) => response(begun, user, { signAssertion: false, signResponse: true }));
  await refused('another key', (begun, user) => response(begun, user, others));
  await refused('another key under their certificate', (begun, user) => response(begun, user, { key: others.key }));
  await refused('SHA-1', (begun, user) => response(begun, user, { signatureAlgorithm: 'rsa-sha1', digestAlgorithm: 'sha1' }));
  await refused('another issuer', (begun, user) => response(begun, user, { issuer: 'https://evil.example' }));
  await refused('another audience', (begun, user) => response(begun, user, { audience: 'https://another.example' }));
  await refused('another recipient', (begun, user) => response(begun, user, { recipient: 'https://another.example/acs' }));
  await refused('another destination', (begun, user) => response(begun, user, { destination: 'https://another.example/acs' }));
  await refused('expired', (begun, user) => response(begun, user, { lifetimeInSeconds: -120 }));
  await refused('a refusal of theirs', (begun, user) => response(begun, user, { samlStatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Responder' }));
  await refused('changed afterwards', async (begun, user) => (await response(begun, user)).replaceAll('zed', 'ann'));
  await refused('a role added afterwards', async (begun, user) => (await response(begun, user)).replaceAll('students', 'ir'));
  await refused('no XML', () => 'nonsense');
  await refused('a document type', async (begun, user) => `<!DOCTYPE x [<!ENTITY a "ann">]>${await response(begun, user)}`);
  await refused('entities without end', async (begun, user) =>
    `<!DOCTYPE x [<!ENTITY a "ann"><!ENTITY b "&a;&a;&a;&a;">]>${(await response(begun, user)).replace('>zed<', '>&b;<')}`);
});

test('a forged assertion beside, round or within the signed one is refused', async () => {
  const parts = async (begun, user) => {
    const xml = await response(begun, user);
    const signed = /<(\w+:)?Assertion [\s\S]*<\/(\w+:)?Assertion>/.exec(xml)[0];
    const signature = /<Signature [\s\S]*<\/Signature>/.exec(signed)[0];
    const forged = signed.replace(signature, '').replaceAll('zed', 'ann').replaceAll('students', 'ir');
    const renamed = forged.replace(/ ID="[^"]+"/, ' ID="_forged"');
    return { xml, signed, signature, forged, renamed };
  };
  const wraps = {
    'before it': ({ signed, renamed }) => renamed + signed,
    'after it': ({ signed, renamed }) => signed + renamed,
    'before it, by its name': ({ signed, forged }) => forged + signed,
    'after it, by its name': ({ signed, forged }) => signed + forged,
    'round it': ({ signed, renamed }) => renamed.replace(/<\/([\w:]*)Assertion>$/, `<Advice>${signed}</Advice></$1Assertion>`),
    'with its signature, it within': ({ signed, signature, renamed }) =>
      renamed.replace(/(<\/[\w:]*Issuer>)/, `$1${signature.replace('</Signature>', `<Object>${signed.replace(signature, '')}</Object></Signature>`)}`),
    'with its signature, it beside': ({ signed, signature, renamed }) =>
      renamed.replace(/(<\/[\w:]*Issuer>)/, `$1${signature}`) + signed.replace(signature, ''),
    'in place, it among extensions': ({ signed, renamed }) =>
      `<samlp:Extensions xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">${signed}</samlp:Extensions>${renamed}`,
  };
  for (const [what, wrap] of Object.entries(wraps)) {
    await refused(what, async (begun, user) => {
      const all = await parts(begun, user);
      const xml = all.xml.replace(all.signed, () => wrap(all));
      assert.notEqual(xml, all.xml);
      return xml;
    });
  }
});

test('a comment in a name cuts nothing off', async () => {
  // Somebody whose id begins with that of another cuts it with a comment, which the signature does not cover.
  const begun = await begin();
  const xml = await response(begun, { ...zed, id: 'ann.evil' });
  const cut = xml.replaceAll('>ann.evil<', '>ann<!-- -->.evil<');
  assert.notEqual(cut, xml);
  const { to } = await post(begun, cut);
  if (to === '/login?failed=provider') return;
  assert.equal(to, '/recording/1_a');
  // Who that was, by the access log.
  const ask = await signIn(origin, folder.data);
  const { data } = await ask('/access-log?action=sign_in');
  const who = data.rows.filter((row) => row.way === 'saml').map((row) => row.who);
  assert.equal(who[0], `person:${PARTNER}:ann.evil`, 'the whole id, not what stands before the comment');
});

test('new metadata hold at once, and the log holds no response', async () => {
  writeFileSync(idpFile, metadata(others.cert));
  await refused('the old certificate', (begun, user) => response(begun, user));
  const begun = await begin();
  const xml = await response(begun, ann, others);
  assert.equal((await post(begun, xml)).to, '/recording/1_a', program.output());
  writeFileSync(idpFile, 'nonsense');
  const answer = await fetch(`${origin}/auth/saml/login`, { redirect: 'manual' });
  assert.equal(answer.headers.get('location'), '/login?failed=provider');
  writeFileSync(idpFile, metadata(theirs.cert));
  for (const secret of [begun.relay, Buffer.from(xml).toString('base64').slice(200, 260), /<SignatureValue>([^<]{20})/.exec(xml)[1]]) {
    assert.ok(!program.output().includes(secret), secret);
  }
});
