/** Where things stand in a plot. Sizes in px. */
export const PLOT = { left: 44, right: 8, top: 10, bottom: 22 };

/** At most `most` of `n` places, evenly spread from the first. */
export function spread(n: number, most: number): number[] {
  const step = Math.max(1, Math.ceil(n / Math.max(1, most)));
  return Array.from({ length: Math.ceil(n / step) }, (_, i) => i * step);
}

/** The place whose centre is nearest to `px`, for `n` places from `from` to `to`. */
export function nearest(px: number, n: number, from: number, to: number): number {
  if (n < 2 || to <= from) return 0;
  return Math.max(0, Math.min(n - 1, Math.round(((px - from) / (to - from)) * (n - 1))));
}

/**
 * Thins one value a second to one a pixel column, keeping the highest: a peak of one second must not disappear.
 * Nothing is smoothed.
 */
export function columns(values: number[], width: number): number[] {
  const n = Math.max(1, Math.min(values.length, Math.floor(width)));
  return Array.from({ length: n }, (_, i) => {
    const from = Math.floor((i * values.length) / n);
    const to = Math.max(from + 1, Math.floor(((i + 1) * values.length) / n));
    let most = 0;
    for (let k = from; k < to; k++) most = Math.max(most, values[k] ?? 0);
    return most;
  });
}

/** Stretches of equal heat: 0 nobody, 1 to 3 by share of the most watched second. */
export function heat(values: number[]): { from: number; to: number; level: 0 | 1 | 2 | 3 }[] {
  const most = Math.max(1, ...values);
  const level = (v: number) => (v === 0 ? 0 : v > most * 0.8 ? 3 : v > most * 0.5 ? 2 : 1);
  const runs: { from: number; to: number; level: 0 | 1 | 2 | 3 }[] = [];
  values.forEach((v, i) => {
    const last = runs.at(-1);
    if (last?.level === level(v)) last.to = i + 1;
    else runs.push({ from: i, to: i + 1, level: level(v) });
  });
  return runs;
}
