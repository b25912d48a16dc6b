import { direction } from '../i18n';

/** Where things stand in a plot. Sizes in px. */
export const PLOT = { left: 44, right: 8, top: 10, bottom: 22 };

/**
 * Calendar axes run the way people read: in Arabic the newest is at the left. Media time never turns round.
 * `px` counts from the start of the line.
 */
export const turned = (px: number, width: number): number => (direction === 'rtl' ? width - px : px);

/** Whether two lines share one scale: of the same unit, and neither would lie flat on the ground beside the other. */
export const alike = (unit: string, most: number, other: string, otherMost: number): boolean =>
  unit === other && most > 0 && otherMost > 0 && Math.max(most, otherMost) <= 10 * Math.min(most, otherMost);

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

/** A mark on an axis: its place in the row, where it stands, and what it says. */
export interface Mark {
  i: number;
  x: number;
  text: string;
}

/** Width of a letter of an axis, px: 11.5 px text, a little over its mean. */
const LETTER = 6.4;
/** Empty space between two marks, px. */
const APART = 14;

/**
 * The marks of a time axis: as many as fit without touching, evenly spread, and none beyond the edges of the drawing.
 * `x` is where a place stands.
 */
export function marks(texts: string[], x: (i: number) => number, width: number): Mark[] {
  const n = texts.length;
  const wide = Math.max(0, ...texts.map((text) => text.length)) * LETTER;
  const room = n > 1 ? (x(n - 1) - x(0)) / (wide + APART) : 0;
  const found: Mark[] = [];
  for (const i of spread(n, Math.max(1, Math.floor(room) + 1))) {
    const text = texts[i] ?? '';
    const half = (text.length * LETTER) / 2;
    const at = Math.max(half, Math.min(width - half, x(i)));
    const last = found.at(-1);
    const free = !last || at - half - APART / 2 >= last.x + (last.text.length * LETTER) / 2;
    if (free) found.push({ i, x: at, text });
  }
  return found;
}
