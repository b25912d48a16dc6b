import { ApiError, send } from '../api/client';
import type { Answer } from '../api/types';

/** How often a shown page asks, unless told. Nothing changes on the server more often than its sessions report. */
const EVERY_MS = 10_000;

/** Reads an answer if it is another than that with `etag`; null when it is not. Throws {@link ApiError}. */
async function changed<T>(
  address: string,
  etag: string | null,
  signal: AbortSignal,
): Promise<{ answer: Answer<T>; etag: string | null } | null> {
  const headers = { accept: 'application/json', ...(etag ? { 'if-none-match': etag } : {}) };
  try {
    const response = await send(address, { headers, signal });
    return { answer: (await response.json()) as Answer<T>, etag: response.headers.get('etag') };
  } catch (cause) {
    if (cause instanceof ApiError && cause.status === 304) return null;
    throw cause;
  }
}

/**
 * An answer that is asked for again and again while the page is in sight: not in hidden tabs, and not while it is paused.
 * What has not changed is not sent again. Call it in a component's script.
 */
export class Follow<T> {
  data = $state.raw<T | null>(null);
  /** When the last answer came, changed or not. */
  at = $state('');
  error = $state.raw<ApiError | null>(null);
  paused = $state(false);
  #again = $state(0);

  /** `held`: paused with something else. */
  constructor(address: () => string, every = EVERY_MS, held: () => boolean = () => false) {
    $effect(() => {
      void this.#again;
      return this.paused || held() ? undefined : this.#follow(address(), every);
    });
  }

  retry = (): void => void this.#again++;

  #follow(address: string, every: number): () => void {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let etag: string | null = null;
    let asking = false;
    const ask = async (): Promise<void> => {
      if (document.hidden || asking) return;
      asking = true;
      try {
        const got = await changed<T>(address, etag, abort.signal);
        if (got) {
          this.data = got.answer.data;
          etag = got.etag;
        }
        this.at = new Date().toISOString();
        this.error = null;
      } catch (cause) {
        if (abort.signal.aborted) return;
        this.error = cause instanceof ApiError ? cause : new ApiError(0, 'offline', String(cause), '');
        // Signed out or not allowed: asking on would only repeat it.
        if (this.error.status >= 400 && this.error.status < 500) return;
      } finally {
        asking = false;
      }
      if (!abort.signal.aborted) timer = setTimeout(ask, every);
    };
    const shown = (): void => {
      clearTimeout(timer);
      if (!document.hidden) void ask();
    };
    document.addEventListener('visibilitychange', shown);
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
    };
  }
}
