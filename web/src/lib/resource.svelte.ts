import { untrack } from 'svelte';
import { ApiError, get } from './api/client';
import type { Answer } from './api/types';

/** What one card shows: the last answer, and what became of the question after it. */
export interface Resource<T> {
  readonly answer: Answer<T> | null;
  readonly data: T | null;
  readonly error: ApiError | null;
  /** A new question is out; the old answer stays, dimmed. */
  readonly busy: boolean;
  /** What was asked last; for the same answer as a file. */
  readonly address?: string | null;
  retry(): void;
}

/** Called on every 401, so that one place sends people to sign in. */
let unauthorised: () => void = () => undefined;
export const onUnauthorised = (then: () => void): void => void (unauthorised = then);

/**
 * Reads `address()` and reads it again when it changes (busy) or when `tick()` does (quietly: the picture is not dimmed
 * for an update nobody asked for). An answer that comes too late is dropped. `null` asks nothing. Call it in a
 * component's script.
 */
export function resource<T>(address: () => string | null, tick: () => unknown = () => 0): Resource<T> {
  let answer = $state.raw<Answer<T> | null>(null);
  let error = $state.raw<ApiError | null>(null);
  let busy = $state(false);
  let again = $state(0);
  let asked = $state<string | null>(null);
  let last: string | null = null;

  $effect(() => {
    const to = address();
    void again;
    tick();
    if (to === null) {
      busy = false;
      return;
    }
    const quiet = to === last && untrack(() => error === null);
    last = asked = to;
    const abort = new AbortController();
    if (!quiet) busy = true;
    get<T>(to, abort.signal)
      .then((got) => {
        if (abort.signal.aborted) return;
        answer = got;
        error = null;
        busy = false;
      })
      .catch((cause: unknown) => {
        if (abort.signal.aborted) return;
        busy = false;
        error = cause instanceof ApiError ? cause : new ApiError(0, 'offline', String(cause), '');
        if (error.status === 401) unauthorised();
      });
    return () => abort.abort();
  });

  return {
    get answer() {
      return answer;
    },
    get data() {
      return answer?.data ?? null;
    },
    get error() {
      return error;
    },
    get busy() {
      return busy;
    },
    get address() {
      return asked;
    },
    retry: () => void again++,
  };
}
