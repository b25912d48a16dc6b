import type { Run } from '../api/types';
import { clock, list } from '../fmt';
import { t } from '../i18n';

/** More stretches than this are not read out one by one. */
const SPOKEN = 8;

/**
 * The strip's three pictures, topmost first: layer k shows the seconds that were played at least k times, as hard stops
 * of a gradient. Media time runs left to right in every language.
 */
export function layers(runs: Run[], seconds: number): string {
  const place = (s: number) =>
    `${((100 * Math.max(0, Math.min(s, seconds))) / Math.max(1, seconds)).toFixed(3)}%`;
  const layer = (k: number) => {
    const stops = runs
      .filter(([, , times = 0]) => times >= k)
      .flatMap(([from = 0, to = 0]) => [
        `transparent ${place(from)}`,
        `var(--h${k}) ${place(from)}`,
        `var(--h${k}) ${place(to)}`,
        `transparent ${place(to)}`,
      ]);
    return `linear-gradient(to right,${stops.length ? stops.join() : 'transparent,transparent'})`;
  };
  return [3, 2, 1].map(layer).join();
}

/** The same in words: "0:00–4:10, 6:50–7:20 (2 times)". */
export function spans(runs: Run[]): string {
  if (!runs.length) return t('strip.none');
  const text = list(
    runs.slice(0, SPOKEN).map(([from = 0, to = 0, times = 0]) => {
      const span = `${clock(from)}–${clock(to)}`;
      return times > 1 ? t('strip.times', { span, times }) : span;
    }),
  );
  return runs.length > SPOKEN ? t('strip.more', { text, more: runs.length - SPOKEN }) : text;
}
