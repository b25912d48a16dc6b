/** The seconds worth looking at, found in the two curves. */
export interface Moment {
  kind: 'again' | 'loss' | 'end';
  at: number;
  /** What makes it one: viewings again, or the share of viewers left. */
  amount: number;
}

/** Views and viewers of each second; those who are not known are one viewer, and `unknown` are their views. */
export interface Curves {
  views: number[];
  viewers: number[];
  unknown: number[];
}

/**
 * How often known viewers saw a second again. Of the others nobody can say whether one saw it twice or two saw it once.
 */
export const seenAgain = (views: number, viewers: number, unknown: number): number =>
  views - unknown - (viewers - (unknown > 0 ? 1 : 0));

/** At least this many viewings again, or viewers, before a moment is named: below, it is one person's doing. */
const ENOUGH = 5;

export function moments({ views, viewers, unknown }: Curves, contentEnd: number | null): Moment[] {
  const found: Moment[] = [];
  const again = views.map((all, s) => seenAgain(all, viewers[s] ?? 0, unknown[s] ?? 0));
  const most = Math.max(0, ...again);
  if (most >= ENOUGH) found.push({ kind: 'again', at: again.indexOf(most), amount: most });

  // The first second at which one in five of those who saw the beginning is gone.
  const start = Math.max(0, ...viewers.slice(0, 5));
  if (start >= ENOUGH) {
    const gone = viewers.findIndex((n, s) => s > 0 && n <= start * 0.8);
    const rest = gone < 0 ? 0 : (viewers[gone] ?? 0) / start;
    if (gone > 0) found.push({ kind: 'loss', at: gone, amount: rest });
  }
  if (contentEnd !== null && contentEnd < views.length)
    found.push({ kind: 'end', at: contentEnd, amount: 0 });
  return found;
}
