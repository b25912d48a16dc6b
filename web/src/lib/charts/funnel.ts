import type { Total } from '../api/types';

export interface Step {
  id: 'impressions' | 'plays' | '25' | '50' | '75' | '100';
  /** Reported by the player; the step's own count for the first two. */
  reported: number;
  /** Proved by the seconds that were played; null where there is nothing to prove. */
  covered: number | null;
}

/** What the funnel asks for. */
export const FUNNEL = [
  'impressions',
  'plays',
  'reached_25',
  'reached_50',
  'reached_75',
  'reached_100',
  'covered_25',
  'covered_50',
  'covered_75',
  'covered_100',
];

export function steps(values: Record<string, Total>): Step[] {
  const n = (id: string) => values[id]?.value ?? 0;
  return [
    { id: 'impressions', reported: n('impressions'), covered: null },
    { id: 'plays', reported: n('plays'), covered: null },
    ...(['25', '50', '75', '100'] as const).map((id) => ({
      id,
      reported: n(`reached_${id}`),
      covered: n(`covered_${id}`),
    })),
  ];
}

/** `part` of `whole`, or null without a base. */
export const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
