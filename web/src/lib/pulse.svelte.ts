import { ApiError, get, url } from './api/client';
import type { Totals } from './api/types';

/** How often a shown page asks whether anything happened. One small question; the rest is asked only if it did. */
const EVERY_MS = 1_500;
/** After this long without a key or a pointer the page asks ten times less: a forgotten tab is not a load. */
const DOZE_MS = 15 * 60_000;

export const PULSE = ['plays', 'viewers', 'minutes_viewed', 'impressions', 'seeks', 'pauses'];

/**
 * "Today so far" of a subject, followed while the page is visible. `tick` counts the changes: cards whose period includes
 * today follow it, so a play shows within a second or two without every card asking all the time.
 */
export class Pulse {
  totals = $state.raw<Totals | null>(null);
  asOf = $state('');
  tick = $state(0);
  paused = $state(false);
  lost = $state(false);
  #asked = '';
  #before: string | null = null;
  #subject: () => Record<string, string | string[] | null>;

  constructor(subject: () => Record<string, string | string[] | null>) {
    this.#subject = subject;
    $effect(() => this.#follow());
  }

  #follow(): () => void {
    const to = url('totals', {
      ...this.#subject(),
      period: 'today',
      today: '1',
      vs: 'none',
      measures: PULSE.join(),
    });
    if (this.paused) return () => undefined;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    // What happened while it was paused is a change too; another question's answer is none.
    if (this.#asked !== to) this.#before = null;
    this.#asked = to;
    let used = Date.now();
    const ask = async () => {
      if (!document.hidden) {
        try {
          const got = await get<Totals>(to, abort.signal);
          const now = JSON.stringify(got.data);
          if (this.#before !== null && now !== this.#before) this.tick++;
          this.#before = now;
          this.totals = got.data;
          this.asOf = got.as_of;
          this.lost = false;
        } catch (cause) {
          if (abort.signal.aborted) return;
          this.lost = true;
          // Signed out or not allowed: the cards say so; asking on would only repeat it.
          if (cause instanceof ApiError && cause.status >= 400 && cause.status < 500) return;
        }
      }
      if (!abort.signal.aborted) {
        timer = setTimeout(ask, Date.now() - used > DOZE_MS ? EVERY_MS * 10 : EVERY_MS);
      }
    };
    const woke = () => {
      used = Date.now();
    };
    const shown = () => {
      if (document.hidden) return;
      clearTimeout(timer);
      woke();
      void ask();
    };
    document.addEventListener('visibilitychange', shown);
    addEventListener('keydown', woke);
    addEventListener('pointermove', woke);
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
      removeEventListener('keydown', woke);
      removeEventListener('pointermove', woke);
    };
  }
}
