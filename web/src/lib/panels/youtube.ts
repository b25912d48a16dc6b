/**
 * YouTube's player in a frame, by the messages that its own script sends (https://www.youtube.com/iframe_api), so that no
 * script of others runs here. It is not documented as an interface: what does not come leaves the line out, no more.
 *
 * We say "listening" until it answers, because it hears nothing before it is ready; from then on it tells its position
 * unasked. It answers only to the origin that its address names.
 */

/** How often and how many times we say so, ms. */
const EVERY = 500;
const TIMES = 40;

/** The address of the frame that begins at a second and talks to a page of this origin. */
export function framed(template: string, start: number, origin: string): string {
  return `${template.replace('{start}', String(Math.floor(start)))}&origin=${encodeURIComponent(origin)}`;
}

/** The second that a message tells, or null. */
function told(data: unknown): number | null {
  if (typeof data !== 'string') return null;
  try {
    const second = JSON.parse(data)?.info?.currentTime;
    return Number.isFinite(second) && second >= 0 ? second : null;
  } catch {
    return null;
  }
}

/** Follows a frame that is loading, and lets it be sought until `end`. */
export function follow(
  frame: HTMLIFrameElement,
  tell: (second: number) => void,
): { seek: (second: number) => void; end: () => void } {
  const site = new URL(frame.src).origin;
  const send = (message: object) =>
    frame.contentWindow?.postMessage(JSON.stringify({ ...message, id: 1, channel: 'widget' }), site);
  const order = (func: string, ...args: unknown[]) => send({ event: 'command', func, args });
  let heard = false;
  let wanted: number | null = null;
  let timer: ReturnType<typeof setInterval> | undefined;

  function seek(second: number): void {
    wanted = second;
    if (!heard) return;
    order('seekTo', second, true);
    order('playVideo');
    tell(second);
  }
  function receive(event: MessageEvent): void {
    if (event.source !== frame.contentWindow || event.origin !== site) return;
    clearInterval(timer);
    const first = !heard;
    heard = true;
    if (first && wanted !== null) return seek(wanted);
    const second = told(event.data);
    if (second !== null) tell(second);
  }
  function loaded(): void {
    let left = TIMES;
    clearInterval(timer);
    timer = setInterval(() => (left-- > 0 ? send({ event: 'listening' }) : clearInterval(timer)), EVERY);
    send({ event: 'listening' });
  }
  window.addEventListener('message', receive);
  frame.addEventListener('load', loaded);
  return {
    seek,
    end() {
      clearInterval(timer);
      window.removeEventListener('message', receive);
      frame.removeEventListener('load', loaded);
    },
  };
}
