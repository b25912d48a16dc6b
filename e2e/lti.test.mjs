// A launch inside an LMS's frame, with third-party cookies blocked: two sites over TLS, one frames the other. The platform
// here signs what it is asked to; who it may be believed by is the business of the server's tests.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync, rmSync, mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { chromium } from 'playwright-core';
import { command, dataFolder, freePort, serve } from './lib/program.mjs';

const LMS = 'https://lms.test';
const TOOL = 'https://playhead.test';
const CLAIM = 'https://purl.imsglobal.org/spec/lti/claim/';

/** The proof that the platform keeps for the tool, by key: what `lti.put_data` and `lti.get_data` are about. */
const OUTER = (launch, storage) => `<!doctype html><title>LMS</title><script>
const kept = {};
addEventListener('message', ({ data, source, origin }) => {
  if (origin !== '${TOOL}' || !${storage}) return;
  if (data.subject === 'lti.put_data') kept[data.key] = data.value;
  else if (data.subject !== 'lti.get_data') return;
  source.postMessage({ subject: data.subject + '.response', message_id: data.message_id, key: data.key, value: kept[data.key] }, origin);
});
</script><iframe name="tool" width="1000" height="700" src="${launch.replaceAll('&', '&amp;')}"></iframe>`;

function certificate(folder) {
  const key = path.join(folder, 'key.pem');
  const cert = path.join(folder, 'cert.pem');
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=test',
    '-addext', 'subjectAltName=DNS:lms.test,DNS:playhead.test', '-keyout', key, '-out', cert,
  ], { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

async function until(holds) {
  const began = Date.now();
  while (!(await holds())) {
    assert.ok(Date.now() - began < 20_000, `${holds} within 20 s`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

function token(key, nonce) {
  const now = Math.floor(Date.now() / 1000);
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'RS256', kid: 'k1' })}.${part({
    iss: LMS, aud: 'client', sub: 'tom', name: 'Tom', nonce, iat: now, exp: now + 300,
    [`${CLAIM}version`]: '1.3.0',
    [`${CLAIM}message_type`]: 'LtiResourceLinkRequest',
    [`${CLAIM}deployment_id`]: '1',
    [`${CLAIM}target_link_uri`]: `${TOOL}/lti/launch`,
    [`${CLAIM}context`]: { id: 'ctx' },
    [`${CLAIM}resource_link`]: { id: 'ctx' },
    [`${CLAIM}roles`]: ['http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor'],
    [`${CLAIM}custom`]: { canvas_course_id: '177708', zone: 'Europe/Berlin' },
  })}`;
  return `${body}.${sign('sha256', Buffer.from(body), key).toString('base64url')}`;
}

test('a launch works inside the frame of an LMS, with and without its cookie', async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'playhead-lti-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const tls = certificate(folder);
  const jwk = { ...createPublicKey(tls.key).export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' };
  const port = await freePort();

  const lms = (request, response) => {
    const url = new URL(request.url, LMS);
    const html = (text) => response.writeHead(200, { 'content-type': 'text/html' }).end(text);
    if (url.pathname === '/keys') return response.end(JSON.stringify({ keys: [jwk] }));
    if (url.pathname === '/auth') {
      const field = (name, value) => `<input type="hidden" name="${name}" value="${value}">`;
      const id = token(createPrivateKey(tls.key), url.searchParams.get('nonce'));
      return html(`<form method="post" action="${TOOL}/lti/launch">${field('state', url.searchParams.get('state'))}${field('id_token', id)}
        </form><script>document.forms[0].submit()</script>`);
    }
    const storage = url.searchParams.has('storage');
    const asked = new URLSearchParams({
      iss: LMS, client_id: 'client', login_hint: '7', lti_deployment_id: '1', target_link_uri: `${TOOL}/lti/launch`,
      ...(storage && { lti_storage_target: '_parent' }),
    });
    html(OUTER(`${TOOL}/lti/login?${asked}`, storage));
  };
  /** Takes our cookies away, as a browser does that keeps not even partitioned ones. */
  let cookies = true;
  /** Whether an ordinary third-party cookie ever came back: the browser must keep it out, or this test shows nothing. */
  let ordinary = false;
  const front = https.createServer(tls, (request, response) => {
    if (request.headers.host === 'lms.test') return lms(request, response);
    const headers = { ...request.headers };
    ordinary ||= headers.cookie?.includes('ordinary=') ?? false;
    if (!cookies) delete headers.cookie;
    const inner = http.request({ port, host: '127.0.0.1', path: request.url, method: request.method, headers }, (answer) => {
      const set = [...(answer.headers['set-cookie'] ?? []), 'ordinary=1; Secure; SameSite=None; Path=/'];
      response.writeHead(answer.statusCode, { ...answer.headers, 'set-cookie': set });
      answer.pipe(response);
    });
    request.pipe(inner);
  });
  await new Promise((done) => front.listen(0, '127.0.0.1', done));
  t.after(() => front.close());
  const keys = http.createServer((request, response) => lms(request, response));
  await new Promise((done) => keys.listen(0, '127.0.0.1', done));
  t.after(() => keys.close());

  const { data, remove } = dataFolder();
  t.after(remove);
  const catalog = path.join(folder, 'catalog.ndjson');
  writeFileSync(catalog, '{"record":"category","id":"bio","name":"Biology","kind":"course","lms_course":"177708"}\n');
  command('import', 'catalog', '--data', data, catalog);
  command(
    'platform', 'add', '--data', data, '--name', 'LMS', '--issuer', LMS, '--client-id', 'client', '--deployment', '1',
    '--auth-url', `${LMS}/auth`, '--token-url', `${LMS}/token`, '--jwks-url', `http://127.0.0.1:${keys.address().port}/keys`,
  );
  const server = await serve(data, { port, args: ['--public-url', TOOL] });
  t.after(() => server.stop());

  const map = `MAP lms.test:443 127.0.0.1:${front.address().port}, MAP playhead.test:443 127.0.0.1:${front.address().port}`;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-component-update',
      '--disable-background-networking', '--disable-sync', '--test-third-party-cookie-phaseout',
      `--host-resolver-rules=${map}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
    ],
  });
  t.after(() => browser.close());
  const open = async (address) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(address);
    return { context, page, frame: page.frameLocator('iframe') };
  };
  /** The course, without our navigation, at an address of its own. */
  const shown = async ({ page }) => {
    let inner;
    await until(async () => {
      inner = page.frames().find((one) => one.url().startsWith(`${TOOL}/course/bio`));
      return (await inner?.locator('h1').innerText({ timeout: 1000 }).catch(() => '')) === 'Biology';
    });
    assert.equal(await inner.locator('header.bar').count(), 0);
    assert.match(inner.url(), /\/course\/bio\?zone=Europe/);
    return inner;
  };

  await t.test('by the partitioned cookie, and again after a reload', async () => {
    const opened = await open(`${LMS}/`);
    const inner = await shown(opened);
    await inner.evaluate(() => location.reload());
    await new Promise((done) => setTimeout(done, 500));
    await shown(opened);
    assert.equal(ordinary, false, 'the browser keeps third-party cookies out');
    await opened.context.close();
  });

  await t.test('by the storage of the platform, when no cookie comes back; then the token alone carries', async () => {
    cookies = false;
    const opened = await open(`${LMS}/?storage`);
    await shown(opened);
    await opened.context.close();
  });

  await t.test('in a tab, when there is neither', async () => {
    const opened = await open(`${LMS}/`);
    const link = opened.frame.getByRole('link', { name: 'Open in a new tab' });
    await link.waitFor({ timeout: 20_000 });
    cookies = true;
    const [tab] = await Promise.all([opened.context.waitForEvent('page'), link.click()]);
    await tab.getByRole('heading', { level: 1, name: 'Biology' }).waitFor({ timeout: 20_000 });
    await opened.context.close();
  });

  await t.test('no other site may frame the pages', async () => {
    const plain = await fetch(`${server.origin}/`);
    assert.match(plain.headers.get('content-security-policy'), /frame-ancestors 'none'/);
  });
});
