import { url } from '../api/client';
import type { Answer, Scope, Table, Value } from '../api/types';
import type { Filter } from '../filter';
import { narrowed } from '../question';
import { resource } from '../resource.svelte';
import { buckets, sparkBy } from '../series';

/** Cells of one answer at most: the API's page. 25 rows of 40 buckets fit. */
const CELLS_MOST = 1_000;

/**
 * The plays of each shown row over the period, in one question: the table of these rows by time. `rows` are the keys
 * shown; nothing is asked while there are none.
 */
export function sparks(
  subject: () => string,
  dimension: () => string,
  answer: () => Answer<Table> | null,
  tick: () => unknown,
): (key: string) => Value[] | null {
  const span = $derived.by(() => {
    const scope: Scope | undefined = answer()?.scope;
    if (!scope) return null;
    const by = sparkBy(scope.from, scope.to);
    return { by, axis: buckets(scope.from, scope.to, by) };
  });
  const of = resource<Table>(() => {
    const rows = answer()?.data.rows ?? [];
    if (!span || !rows.length || answer()?.data.by[0] !== dimension() || span.axis.length < 3) return null;
    const shown: Filter = {
      op: 'is',
      dimension: dimension(),
      values: rows.map((row) => row.keys[0] ?? ''),
    };
    return url('table', {
      ...narrowed(subject(), [shown]),
      by: `${dimension()},${span.by}`,
      measures: 'plays',
      size: CELLS_MOST,
    });
  }, tick);
  const found = $derived.by(() => {
    const lines = new Map<string, Value[]>();
    if (!span || of.data?.by[1] !== span.by || of.data.by[0] !== dimension()) return lines;
    const place = new Map(span.axis.map((label, i) => [label, i] as const));
    for (const { keys, values } of of.data.rows) {
      const [row = '', bucket = ''] = keys;
      const line = lines.get(row) ?? span.axis.map(() => 0);
      const at = place.get(bucket);
      if (at !== undefined) line[at] = values.plays ?? 0;
      lines.set(row, line);
    }
    return lines;
  });
  return (key) => found.get(key) ?? null;
}
