import type { Series, Table, TableRow } from '../api/types';

/** A series as one page of a table, sorted and paged here: its buckets are few, and the server has no zeros in tables. */
export function table({ by, points, previous }: Series, sort: string, page: number, size: number): Table {
  const [down, id] = sort.startsWith('-') ? [-1, sort.slice(1)] : [1, sort];
  const rows = points
    .map((point, i): TableRow => ({
      keys: [point.key],
      labels: [point.label],
      values: point.values,
      // The first bucket stands against the first; one that has none is compared with nothing.
      ...(previous ? { previous: previous[i]?.values ?? {} } : {}),
    }))
    .sort((a, b) => {
      const [x = '', y = ''] = [a.keys[0], b.keys[0]];
      const order = x < y ? -1 : x > y ? 1 : 0;
      // A ratio without a base stands last, whichever way.
      if (id === 'label') return down * order;
      const [p, q] = [a.values[id] ?? null, b.values[id] ?? null];
      if (p === null || q === null) return p === q ? -order : p === null ? 1 : -1;
      return down * (p - q) || -order;
    });
  return { by: [by], rows: rows.slice((page - 1) * size, page * size), total: rows.length, page, size };
}
