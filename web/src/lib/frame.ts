import { embedded, type Boot } from './boot';

/**
 * How the page behaves inside an LMS: light unless the reader chose otherwise, with strong contrasts if the LMS says so,
 * and asking for room only where it has too little. Windows of courses are high enough, and a frame stretched to its
 * document would open dialogs off the screen.
 */

/** Below this height the frame is a slot in a page and not a window, px. */
const HIGH_ENOUGH = 560;
/** The most room that is ever asked for, px: a screen. */
const HIGH = 1_400;

export function settle(boot: Boot | null): void {
  const root = document.documentElement;
  if (boot?.high_contrast) root.dataset.contrast = 'more';
  if (!embedded) return;
  root.dataset.theme ??= 'light';
  if (boot && innerHeight < HIGH_ENOUGH) askForRoom(boot, window);
}

/** The page around us, if it is one of the platform's: messages go nowhere else. */
export function around(boot: Boot, page: Window): string | null {
  const told = page.location.ancestorOrigins?.[0] ?? origin(page.document.referrer);
  return told && boot.origins.includes(told) ? told : null;
}

function origin(address: string): string | null {
  try {
    return new URL(address).origin;
  } catch {
    return null;
  }
}

/** Asks how high the window is, and for a frame as high as fits into it. Apps on phones never answer. */
export function askForRoom(boot: Boot, page: Window): void {
  const outer = page.parent !== page ? page.parent : (page.opener as Window | null);
  const to = around(boot, page);
  if (!outer || !to) return;
  const token = boot.message_token ? { token: boot.message_token } : {};
  const listen = (event: MessageEvent): void => {
    if (event.source !== outer || event.origin !== to) return;
    const height = room(event.data);
    if (height === null) return;
    page.removeEventListener('message', listen);
    if (height > page.innerHeight) outer.postMessage({ subject: 'lti.frameResize', height, ...token }, to);
  };
  page.addEventListener('message', listen);
  outer.postMessage({ subject: 'lti.fetchWindowSize', ...token }, to);
}

/** The height that an answer leaves us, or null when it is no answer to this question. */
export function room(data: unknown): number | null {
  const said = (data ?? {}) as {
    subject?: unknown;
    height?: unknown;
    offset?: { top?: unknown };
    footer?: unknown;
  };
  if (said.subject !== 'lti.fetchWindowSize.response' || typeof said.height !== 'number') return null;
  const number = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
  const left = said.height - number(said.offset?.top) - number(said.footer);
  return Number.isFinite(left) ? Math.round(Math.min(HIGH, Math.max(HIGH_ENOUGH, left))) : null;
}
