import type { Heat } from '../api/types';

/** How many viewers of the beginning are still there, in parts of the length: between a quarter and three quarters of the others. */
export interface Band {
  low: number[];
  high: number[];
  /** Of how many recordings. */
  of: number;
}

/** Parts into which a length is cut: recordings of unlike length are laid over each other by these. */
export const PARTS = 100;
/** Fewer others make no rule. */
export const OTHERS_MIN = 3;
/** Fewer viewers are chance. */
const VIEWERS_MIN = 5;

/** The share of a recording's first viewers in each part; null for too few viewers. */
export function retention({ viewers, seconds }: Pick<Heat, 'viewers' | 'seconds'>): number[] | null {
  const first = Math.max(0, ...viewers.slice(0, Math.max(5, Math.ceil(seconds / PARTS))));
  if (first < VIEWERS_MIN || seconds < 1) return null;
  return Array.from({ length: PARTS }, (_, i) => {
    const from = Math.floor((i * seconds) / PARTS);
    const part = viewers.slice(from, Math.max(from + 1, Math.floor(((i + 1) * seconds) / PARTS)));
    return part.reduce((sum, n) => sum + n, 0) / Math.max(1, part.length) / first;
  });
}

/** The middle half of some curves; null when there are too few. */
export function band(curves: number[][]): Band | null {
  if (curves.length < OTHERS_MIN) return null;
  const at = (share: number) =>
    Array.from({ length: PARTS }, (_, i) => {
      const values = curves.map((curve) => curve[i] ?? 0).sort((a, b) => a - b);
      const place = share * (values.length - 1);
      const [low = 0, high = 0] = [values[Math.floor(place)], values[Math.ceil(place)]];
      return low + (high - low) * (place - Math.floor(place));
    });
  return { low: at(0.25), high: at(0.75), of: curves.length };
}

/** Whether lengths are alike: within a third of each other. */
export const alike = (a: number, b: number): boolean =>
  a > 0 && b > 0 && Math.max(a, b) <= 1.34 * Math.min(a, b);
