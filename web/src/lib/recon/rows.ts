import type { Reconciliation } from '../api/types';
import * as fmt from '../fmt';
import { known, locale, t, type Key } from '../i18n';

export type Row = Reconciliation['rows'][number];
export const FIGURES = ['plays', 'impressions', 'minutes'] as const;
export type FigureId = (typeof FIGURES)[number];

/** Whether the two tell something else, by more than they are rounded. */
export const differs = (row: Row): boolean => row.likely !== 'same';

/** The likely reason in words. */
export function reason(row: Row): string {
  const key = `recon.why.${row.likely}`;
  return known(key) ? t(key as Key) : row.likely;
}

/** Ours less Kaltura's, of the figures as they are shown, with its sign. */
export function difference(theirs: number, ours: number): string {
  const by = Math.round(ours) - Math.round(theirs);
  return by > 0 ? `+${fmt.count(by)}` : fmt.count(by);
}

const apart = (row: Row, id: FigureId): number => Math.abs(row.ours[id] - row.kaltura[id]);

/** The rows to be shown, in order: `-plays` puts those first whose plays are furthest apart. */
export function shown(rows: Row[], all: boolean, find: string, sort: string): Row[] {
  const wanted = find.toLocaleLowerCase();
  const fits = (row: Row) =>
    (all || differs(row)) && `${row.name}\n${row.entry}`.toLocaleLowerCase().includes(wanted);
  const [column, way] = sort.startsWith('-') ? [sort.slice(1), -1] : [sort, 1];
  const figure = FIGURES.find((id) => id === column);
  const text = (row: Row) => (column === 'why' ? reason(row) : row.name || row.entry);
  const order = (a: Row, b: Row) =>
    way * (figure ? apart(a, figure) - apart(b, figure) : text(a).localeCompare(text(b), locale));
  return rows.filter(fits).toSorted((a, b) => order(a, b) || (a.entry < b.entry ? -1 : 1));
}
