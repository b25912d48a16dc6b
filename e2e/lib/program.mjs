// The program under test: its own data folder, an account, an administrator, and its API.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import os from 'node:os';
import path from 'node:path';

const binary = process.env.E2E_PROGRAM ?? fileURLToPath(new URL('../../target/debug/playhead', import.meta.url));
export const SECRET = '0123456789abcdef0123456789abcdef';
export const PARTNER = 1234;

/** A port nobody listens on now. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Runs a subcommand to its end and returns what it printed. */
export function command(...args) {
  return execFileSync(binary, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** A data folder with one account. */
export function dataFolder() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'playhead-e2e-'));
  const secret = path.join(folder, 'secret');
  writeFileSync(secret, SECRET, { mode: 0o600 });
  const data = path.join(folder, 'data');
  command('account', 'add', '--data', data, '--partner-id', String(PARTNER), '--admin-secret-file', secret, '--name', 'Test');
  return { data, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Starts the server on a data folder and waits until it is ready. */
export async function serve(data, { port, args = [] } = {}) {
  port ??= await freePort();
  const child = spawn(binary, ['serve', '--data', data, '--listen', `127.0.0.1:${port}`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (bytes) => (output += bytes));
  child.stderr.on('data', (bytes) => (output += bytes));
  const origin = `http://127.0.0.1:${port}`;
  const exited = new Promise((done) => child.on('exit', done));
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null) throw new Error(`the program ended:\n${output}`);
    if (await fetch(`${origin}/readyz`).then((r) => r.ok, () => false)) break;
    if (tries > 300) throw new Error(`not ready after 30 s:\n${output}`);
    await new Promise((done) => setTimeout(done, 100));
  }
  return {
    origin, port, output: () => output,
    kill: () => { child.kill('SIGKILL'); return exited; },
    stop: () => { child.kill('SIGTERM'); return exited; },
  };
}

/** Signs in with a fresh one-time link and returns a function that asks the API. */
export async function signIn(origin, data) {
  const token = /token=([\w-]+)/.exec(command('link', '--data', data))[1];
  const answer = await fetch(`${origin}/api/v1/welcome`, {
    method: 'POST', headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ token, name: `admin-${Date.now()}`, password: 'correct horse battery staple' }),
  });
  if (!answer.ok) throw new Error(`welcome: ${answer.status} ${await answer.text()}`);
  const cookie = answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  return async (route) => {
    const response = await fetch(`${origin}/api/v1${route}`, { headers: { cookie } });
    if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
    return response.json();
  };
}
