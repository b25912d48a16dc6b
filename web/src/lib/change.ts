import type { Measure, TableRow, Total } from './api/types';
import { count, isRatio, percent, value } from './fmt';
import { direction, t } from './i18n';

/** Below this base a percentage says nothing; the counts themselves are shown. */
export const SMALL_BASE = 20;

export interface Change {
  text: string;
  /** Which way the number went. */
  way: 'up' | 'down' | 'same';
  /** Whether that is good news; null where it is neither. */
  good: boolean | null;
  /** With its base, for the reader who asks. */
  full: string;
  /** The base alone. */
  before: string;
}

/** Signs, numbers and arrows run from left to right within a line that runs the other way. */
const apart = (text: string): string => (direction === 'rtl' ? `\u2066${text}\u2069` : text);

/** How a total stands against the period before. Ratios change by points, small counts by "3 → 9", others by per cent. */
export function change(measure: Measure, total: Total): Change | null {
  const { value: now, previous: before } = total;
  if (now === null || now === undefined || before === null || before === undefined) return null;
  if (now === 0 && before === 0) return null;
  const way: Change['way'] = now > before ? 'up' : now < before ? 'down' : 'same';
  const better = (measure.better ?? '').toLowerCase();
  const good = way === 'same' || !['up', 'down'].includes(better) ? null : way === better;
  const base = value(before, measure.unit);
  const full = apart(`${base} → ${value(now, measure.unit)}`);
  const told = { way, good, full, before: base };
  const sign = (text: string) => apart(way === 'up' ? `+${text}` : way === 'down' ? `−${text}` : text);
  if (isRatio(measure.unit)) {
    const points = Math.abs(Math.round((now - before) * (measure.unit === 'percent' ? 1 : 100)));
    // Less than half a point is no news.
    return points === 0
      ? { ...told, text: '±0', way: 'same', good: null }
      : { ...told, text: t('change.points', { n: sign(count(points)) }) };
  }
  // Averages are no counts: their base is hidden in them.
  if (measure.additive !== false ? before < SMALL_BASE : before === 0)
    return { ...told, text: way === 'same' ? '±0' : full };
  const text = way === 'same' ? '±0' : sign(percent(Math.abs(now / before - 1)));
  return { ...told, text };
}

/**
 * How a row of a table stands against the same row of what is compared. Without such a row nothing happened there: its
 * counts were 0, and ratios have no base.
 */
export function rowChange(measure: Measure, row: TableRow): Change | null {
  if (row.hidden || measure.unit === 'instant') return null;
  const counted = measure.unit === 'count' || measure.additive === true;
  const previous = row.previous ? (row.previous[measure.id] ?? null) : counted ? 0 : null;
  return change(measure, { value: row.values[measure.id] ?? null, previous });
}
