/**
 * What a launch from an LMS gives the page to start with (`<script id="boot">`). The token stays in memory: in a frame
 * there may be no storage, and the cookie may not come back. Imported before everything that reads the address.
 */
export interface Boot {
  /** Signs in every call of this page. */
  token: string;
  /** The page to show, instead of the address that was posted to. */
  path: string;
  /** The course, as the catalog knows it. */
  course: { id: string; name: string } | null;
  /** What one is in the course. */
  role: string;
  locale: string | null;
  zone: string | null;
  term: { name: string; from: string; to: string } | null;
  /** The reader has asked the LMS for strong contrasts. */
  high_contrast: boolean;
  /** The origins of the platform's pages: only they are spoken to and believed. */
  origins: string[];
  /** What our messages to the platform must carry, if it wants anything. */
  message_token: string | null;
}

function read(): Boot | null {
  const element = globalThis.document?.getElementById('boot');
  if (!element?.textContent) return null;
  const boot = JSON.parse(element.textContent) as Boot;
  const to = new URL(boot.path, location.origin);
  if (boot.zone && !to.searchParams.has('zone')) to.searchParams.set('zone', boot.zone);
  history.replaceState(null, '', to.pathname + to.search);
  return boot;
}

export const boot = read();

/** Shown inside an LMS, which has its own navigation: ours stays away. A reload there has no boot data any more. */
export const embedded = globalThis.window !== undefined && window.parent !== window;
