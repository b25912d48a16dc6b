// The players under test, fetched from the package registry at test time and never committed (AGPL test tools).
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const cache = fileURLToPath(new URL('../../.cache/players/', import.meta.url));
const wanted = {
  player: '@playkit-js/kaltura-player-js@3.17.95',
  kava: '@playkit-js/playkit-js-kava@0.15.1',
  client: 'kaltura-client@21.20.0', // for its ten-second clip
};

function unpack(spec) {
  const folder = path.join(cache, spec.replace(/^@/, '').replace(/[/@]/g, '-'));
  if (existsSync(path.join(folder, 'package.json'))) return folder;
  mkdirSync(folder, { recursive: true });
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder, spec], { stdio: ['ignore', 'ignore', 'inherit'] });
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['xzf', path.join(folder, archive), '-C', folder, '--strip-components=1']);
  return folder;
}

/** Paths of the files that the player page needs. */
export function packages() {
  const at = Object.fromEntries(Object.entries(wanted).map(([name, spec]) => [name, unpack(spec)]));
  return {
    player: path.join(at.player, 'dist/kaltura-ovp-player.js'),
    kava: path.join(at.kava, 'dist/playkit-kava.js'),
    clip: path.join(at.client, 'test/DemoVideo.mp4'),
  };
}
