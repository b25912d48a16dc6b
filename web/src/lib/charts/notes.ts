import type { Happened, Point } from '../api/types';
import * as fmt from '../fmt';
import { locale, t } from '../i18n';

/** Something that happened, where a chart has it: from one bucket to another. */
export interface Note {
  kind: Happened['kind'];
  first: number;
  last: number;
  text: string;
}

/** More new recordings than these in one bucket are counted, not named. */
const NAMED = 3;

/**
 * Where the buckets of a chart have what happened. What lies before the first or after the last is drawn at the edge only
 * if it reaches in; buckets without a place in time (hours of the day) have nothing.
 */
export function place(rows: Happened[], points: Point[], zone: string): Note[] {
  const starts = points.map((point) => Date.parse(point.start ?? ''));
  if (!starts.length || starts.some(Number.isNaN)) return [];
  const bucket = (at: string) => starts.findLastIndex((start) => start <= Date.parse(at));
  const when = (at: string) => fmt.instant(at, zone);
  const found: Note[] = [];
  const added = new Map<number, { count: number; names: string[] }>();
  for (const row of rows) {
    if (row.kind === 'added') {
      const i = Math.max(0, bucket(row.from));
      const there = added.get(i) ?? { count: 0, names: [] };
      there.count += row.count;
      there.names.push(...row.recordings.map((one) => one.name));
      added.set(i, there);
      continue;
    }
    const first = Math.max(0, bucket(row.from));
    // The instant after its end belongs to it no more.
    const last = Math.max(first, bucket(new Date(Date.parse(row.to) - 1).toISOString()));
    const text =
      row.kind === 'written' ? row.text : t('notes.outage', { from: when(row.from), to: when(row.to) });
    found.push({ kind: row.kind, first, last, text });
  }
  const list = new Intl.ListFormat(locale, { type: 'conjunction' });
  for (const [i, { count, names }] of added) {
    const text =
      count > NAMED ? t('notes.added.many', { n: count }) : t('notes.added', { names: list.format(names) });
    found.push({ kind: 'added', first: i, last: i, text });
  }
  return found.sort((a, b) => a.first - b.first);
}

/** What a bucket's notes say. */
export const saying = (notes: Note[], i: number): string[] =>
  notes.filter((note) => note.first <= i && i <= note.last).map((note) => note.text);
