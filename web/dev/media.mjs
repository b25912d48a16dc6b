// The part of the mock server that is recordings' players: which recording has which, and a media file for those that are
// played as files. The file is silence of the right length, made as it is asked for, on other names of this machine, so
// that it is another site's: `localhost` leads on to `cdn.localhost`, which the policy knows, or to `other.localhost`,
// which it does not. What stands for YouTube's frame is in e2e/player.spec.ts.

/** Bytes a second: one channel, 8 bit. */
const RATE = 8000;
const HEAD = 44;
const SILENCE = 0x80;
export const port = Number(process.env.PORT ?? 8090);
const FILES = `http://localhost:${port}/mock/media`;

/** What the pages' policy lets in. */
export const POLICY = `frame-src https://player.example.edu https://www.youtube-nocookie.com; media-src http://localhost:${port} http://cdn.localhost:${port}`;

export function player(id) {
  const file = { kind: 'media', address: `${FILES}/${id}`, captions: null };
  switch (id) {
    case '1_qrf2hrm':
      return {
        kind: 'frame',
        address: `https://player.example.edu/?entry=${id}&start={start}`,
        captions: null,
      };
    case '1_2izr9':
      return {
        kind: 'youtube',
        address: 'https://www.youtube-nocookie.com/embed/aqz-KE?start={start}&autoplay=1&rel=0&enablejsapi=1',
        captions: null,
      };
    case '1_10000':
      return file;
    case '1_163z1':
      return { ...file, captions: `${FILES}/${id}.vtt` };
    case '1_1c7y2':
      return file;
    default:
      return null;
  }
}

/** WAVE: a head that says what follows, then one byte a sample. */
function wav(from, to, seconds) {
  const bytes = seconds * RATE;
  const head = Buffer.alloc(HEAD);
  head.write('RIFF', 0);
  head.writeUInt32LE(HEAD - 8 + bytes, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes, 40);
  const sound = Buffer.alloc(to + 1 - Math.max(from, HEAD), SILENCE);
  return from < HEAD ? Buffer.concat([head.subarray(from), sound]) : sound;
}

/** Answers for `/mock/media/ID`, `/mock/media/ID.vtt` and, where that leads, `/mock/file/ID`. */
export function media(request, response, pathname, entries) {
  const [, , kind, name] = pathname.split('/');
  const cors = { 'access-control-allow-origin': '*' };
  if (name.endsWith('.vtt')) {
    response.writeHead(200, { ...cors, 'content-type': 'text/vtt' });
    return response.end('WEBVTT\n\n00:00.000 --> 59:00.000\nWhat is said here.\n');
  }
  if (kind === 'media') {
    const host = name === '1_1c7y2' ? 'other.localhost' : 'cdn.localhost';
    response.writeHead(302, { ...cors, location: `http://${host}:${port}/mock/file/${name}` });
    return response.end();
  }
  const seconds = Math.round((entries.get(name)?.duration_ms ?? 0) / 1000);
  const whole = HEAD + seconds * RATE;
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const last = to === '' ? whole - 1 : Math.min(Number(to), whole - 1);
  response.writeHead(206, {
    ...cors,
    'content-type': 'audio/wav',
    'accept-ranges': 'bytes',
    'content-range': `bytes ${from}-${last}/${whole}`,
    'content-length': last + 1 - Number(from),
  });
  response.end(wav(Number(from), last, seconds));
}
