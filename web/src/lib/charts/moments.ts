/** The seconds worth looking at, found in the two curves. */
export interface Moment {
  kind: 'again' | 'loss' | 'end';
  at: number;
  /** What makes it one: viewings again, or the share of viewers left. */
  amount: number;
}

/** At least this many viewings again, or viewers, before a moment is named: below, it is one person's doing. */
const ENOUGH = 5;

export function moments(views: number[], viewers: number[], contentEnd: number | null): Moment[] {
  const found: Moment[] = [];
  let again = -1;
  for (let s = 0; s < views.length; s++) {
    const here = (views[s] ?? 0) - (viewers[s] ?? 0);
    if (here >= ENOUGH && here > (again < 0 ? 0 : (views[again] ?? 0) - (viewers[again] ?? 0))) again = s;
  }
  if (again >= 0)
    found.push({ kind: 'again', at: again, amount: (views[again] ?? 0) - (viewers[again] ?? 0) });

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
