// A web site with one page that plays the clip in a real Kaltura player, on an origin of its own as players have it.
import { createServer } from 'node:http';
import { createReadStream, statSync } from 'node:fs';
import { packages } from './packages.mjs';

function page(options) {
  const { entry, collector, kava, rate } = options;
  const config = {
    targetId: 'player',
    provider: {
      partnerId: 1234, uiConfId: 55, ...(options.ks ? { ks: options.ks } : {}),
      env: { serviceUrl: collector, cdnUrl: collector, analyticsServiceUrl: collector },
    },
    plugins: { kava: { serviceUrl: `${collector.replace(/^http:/, '')}/api_v3/index.php`, ...kava } },
    playback: { autoplay: false, muted: true },
  };
  const media = (origin) => ({
    sources: {
      id: entry, type: 'Vod', duration: 10,
      progressive: [{ id: `${entry}_1`, mimetype: 'video/mp4', url: `${origin}/clip.mp4`, bandwidth: 300000 }],
    },
    session: { partnerId: 1234, uiConfId: 55, ...(options.ks ? { ks: options.ks } : {}) }, plugins: {},
  });
  return (origin) => `<!doctype html><meta charset="utf-8"><title>Clip</title>
<div id="player" style="width:640px;height:360px"></div>
<script src="/player.js"></script><script src="/kava.js"></script>
<script>
  window.player = KalturaPlayer.setup(${JSON.stringify(config)});
  player.setMedia(${JSON.stringify(media(origin))});
  ${rate ? `player.addEventListener('firstplaying', () => { player.playbackRate = ${rate}; });` : ''}
</script>`;
}

function send(response, file, type, range) {
  const size = statSync(file).size;
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  const from = match ? Number(match[1]) : 0;
  const to = match && match[2] ? Math.min(Number(match[2]), size - 1) : size - 1;
  response.writeHead(match ? 206 : 200, {
    'content-type': type, 'accept-ranges': 'bytes', 'content-length': to - from + 1,
    ...(match ? { 'content-range': `bytes ${from}-${to}/${size}` } : {}),
  });
  createReadStream(file, { start: from, end: to }).pipe(response);
}

/** Starts the site; `add(path, options)` puts a player page there and returns its address. */
export async function site() {
  const files = packages();
  const pages = new Map();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://x');
    const origin = `http://${request.headers.host}`;
    if (pages.has(pathname)) {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(pages.get(pathname)(origin));
    } else if (pathname === '/player.js') send(response, files.player, 'text/javascript; charset=utf-8');
    else if (pathname === '/kava.js') send(response, files.kava, 'text/javascript; charset=utf-8');
    else if (pathname === '/clip.mp4') send(response, files.clip, 'video/mp4', request.headers.range);
    else response.writeHead(404).end();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    add(path, options) {
      pages.set(path, page(options));
      return origin + path;
    },
    close: () => { server.closeAllConnections(); server.close(); },
  };
}
