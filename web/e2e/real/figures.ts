import type { Page } from '@playwright/test';
import { expect } from './cast';

/** Reads the figures on the screen as a person reads them, and compares them with the API's. */

type Values = Record<string, { value: number | null } | number | null>;
export interface Seen {
  totals: Record<string, number | null>[];
  /** By the row's label, then by measure. */
  rows: Map<string, Record<string, number | null>[]>;
  series: Record<string, (number | null)[]>[];
  /** Answers that are still read. */
  coming: Promise<void>[];
}

const plain = (values: Values): Record<string, number | null> =>
  Object.fromEntries(
    Object.entries(values).map(([id, value]) => [
      id,
      value !== null && typeof value === 'object' ? value.value : value,
    ]),
  );

const regions = new Intl.DisplayNames('en-US', { type: 'region', fallback: 'code' });

/** What a page may call a value: countries by name, pages without their scheme. */
export function called(value: string): string[] {
  const also = /^[A-Z]{2}$/.test(value) ? regions.of(value) : value === 'Unknown' ? UNKNOWN : null;
  const names = [
    value,
    value.replace(/^https?:\/\//, ''),
    also ?? '',
    value === 'course' ? 'In this course' : '',
  ];
  return names.filter(Boolean).map((name) => name.toLowerCase());
}
/** Those who did not sign in, all in one row. */
const UNKNOWN = 'Unknown viewers';

/** What a page may call a stretch of time: a day, a month. */
function stretch(label: string): string[] {
  const week = /^(\d{4})-W(\d{2})$/.exec(label);
  if (week) return [`W${Number(week[2])} ${week[1]}`];
  const at = new Date(`${label.length === 7 ? `${label}-01` : label}T00:00:00Z`);
  if (Number.isNaN(+at)) return [label];
  const say = (options: Intl.DateTimeFormatOptions) =>
    at.toLocaleDateString('en-US', { ...options, timeZone: 'UTC' });
  return label.length === 7
    ? [say({ month: 'long', year: 'numeric' })]
    : [say({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })];
}

/** The name of a measure's value in what is compared. */
const before = (id: string): string => `${id} before`;

/** The number of a cell, and the base under it (“from 240”, “3 → 9”) where rows are compared. */
function parts(cell: string): [string, string | undefined] {
  const [shown = '', under = ''] = cell.trim().split('\n');
  return [shown.trim(), /from (\S+)$/.exec(under)?.[1] ?? /(\S+) →/.exec(under)?.[1]];
}

export function note(page: Page): Seen {
  const seen: Seen = { totals: [], rows: new Map(), series: [], coming: [] };
  const take = (data: unknown): void => {
    if (Array.isArray(data)) return data.forEach(take);
    if (data === null || typeof data !== 'object') return;
    const one = data as Record<string, unknown>;
    const was = Object.entries(one.previous ? plain(one.previous as Values) : {});
    if (one.values && Array.isArray(one.labels)) {
      const told = {
        ...plain(one.values as Values),
        ...Object.fromEntries(was.map(([id, n]) => [before(id), n])),
      };
      for (const name of new Set([...(one.keys as string[]), ...(one.labels as string[])].flatMap(called)))
        seen.rows.set(name, [...(seen.rows.get(name) ?? []), told]);
    } else if (Array.isArray(one.points)) {
      const points = one.points as { label: string; values: Values }[];
      for (const point of points)
        for (const name of stretch(point.label).map((text) => text.toLowerCase()))
          seen.rows.set(name, [...(seen.rows.get(name) ?? []), plain(point.values)]);
      const ids = Object.keys(points[0]?.values ?? {});
      seen.series.push(
        Object.fromEntries(ids.map((id) => [id, points.map((point) => plain(point.values)[id] ?? null)])),
      );
    } else if (one.values && !one.label) seen.totals.push(plain(one.values as Values));
    Object.values(one).forEach(take);
  };
  page.on('response', (response) => {
    if (!/\/api\/v1\/(totals|series|table|reports)/.test(response.url()) || !response.ok()) return;
    // A page that goes away takes its answers along.
    const read = response.json().then((answer: { data: unknown }) => take(answer.data));
    seen.coming.push(read.catch(() => undefined));
  });
  return seen;
}

/** The numbers that may stand behind what is written: 13.4K is 13,350 to 13,450. Null: no number. */
function range(shown: string): [number, number] | null {
  const found = /^<?(-?[\d,]+(?:\.(\d+))?)\s*(K|M|B|%|s|min|\/10)?$/.exec(
    shown.replace(/[\u00a0\u202f]/g, ' ').trim(),
  );
  if (!found) return null;
  const scale = { K: 1e3, M: 1e6, B: 1e9, '%': 0.01 }[found[3] ?? ''] ?? 1;
  const number = Number((found[1] ?? '').replaceAll(',', ''));
  const half = 0.5000001 / 10 ** (found[2]?.length ?? 0);
  // Three digits of 134K: the last one of them is rounded.
  const rounded = 'KMB'.includes(found[3] ?? '-') && !found[2] && number >= 1000 ? half * 10 : half;
  if (shown.startsWith('<')) return [0, number * scale];
  return [(number - rounded) * scale, (number + rounded) * scale];
}

const instant = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'America/Chicago',
});

const fits = (shown: string, value: number | null | undefined, unit: string): boolean => {
  const words = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');
  if (unit === 'instant') return typeof value === 'number' && words(instant.format(value)) === words(shown);
  if (shown === '–') return value === null || value === undefined;
  const bounds = range(shown);
  if (!bounds || value === null || value === undefined) return false;
  const told = unit === 'percent' ? value / 100 : unit === 'milliseconds' ? value / 1000 : value;
  return told >= bounds[0] - 1e-9 && told <= bounds[1] + 1e-9;
};

export interface Measure {
  id: string;
  label: string;
  unit: string;
}

/** Reads everything on the screen; returns how many figures were found right. */
export async function read(page: Page, seen: Seen, measures: Measure[]): Promise<number> {
  let right = 0;
  const wrong: string[] = [];
  const by = new Map(measures.map((measure) => [measure.label, measure]));
  for (const tile of await page.locator('.tiles .tile').all()) {
    const measure = by.get((await tile.locator('.label').innerText()).trim());
    const shown = (await tile.locator('.value').innerText()).trim();
    if (!measure) wrong.push(`no measure has the tile's name: ${await tile.innerText()}`);
    else if (
      seen.totals.some((values) => measure.id in values && fits(shown, values[measure.id], measure.unit))
    )
      right++;
    else wrong.push(`tile ${measure.id} shows ${shown}`);
  }
  for (const table of await page.locator('table').all()) {
    const heads = (await table.locator('thead th').allInnerTexts()).map((head) =>
      head.replace(/[↑↓\n].*$/s, '').trim(),
    );
    const caption = (await table.locator('caption').innerText()).trim();
    const lines = await table.locator('tbody tr').all();
    const columns = heads.map((head) => by.get(head));
    if (!columns.some(Boolean)) continue;
    const cells = await Promise.all(lines.map((line) => line.locator('th, td').allInnerTexts()));
    columns.forEach((measure, i) => {
      if (!measure || i === 0) return;
      const told = cells.map((line) => parts(line[i] ?? ''));
      const shown = told.map(([number]) => number);
      const inOrder = seen.series.some(
        (one) =>
          one[measure.id]?.length === shown.length &&
          shown.every((text, row) => fits(text, one[measure.id]?.[row], measure.unit)),
      );
      if (inOrder) {
        right += shown.length;
        return;
      }
      cells.forEach((line, row) => {
        // A place in a list and what is under a title stand in the same cell.
        const names = (line[0] ?? '').split('\n').map((part) => part.trim());
        const name = names.find((part) => part.startsWith(UNKNOWN))
          ? UNKNOWN
          : names.find((part) => seen.rows.has(part.toLowerCase()));
        // Of all unknown viewers together nothing was completed; of what was never opened there is no row.
        const unopened = line.some((cell) => cell.trim() === 'not opened');
        if (shown[row] === '–' && (name === UNKNOWN || name === undefined || unopened)) return;
        // A list that always shows all values has them at zero where the API has no row.
        if (shown[row] === '0' && name === undefined) return;
        const known = seen.rows.get((name ?? '').toLowerCase());
        const base = told[row]?.[1];
        // Where nothing happened then there is no such value.
        const compared = (values: Record<string, number | null>) =>
          base === undefined || fits(base, values[before(measure.id)] ?? 0, measure.unit);
        const all = known?.filter(
          (values) => measure.id in values && fits(shown[row] ?? '', values[measure.id], measure.unit),
        );
        if (all?.some(compared)) right += base === undefined ? 1 : 2;
        else if (all?.length) wrong.push(`${caption}: ${names.join(' ')}, ${measure.id} was ${base}`);
        else if (/\d|–/.test(shown[row] ?? ''))
          wrong.push(`${caption}: ${names.join(' ')}, ${measure.id} shows ${shown[row]}`);
      });
    });
  }
  expect(wrong).toEqual([]);
  return right;
}

/** A value as the pages are to write it in full: said here once more, so that a wrong format is found too. */
export function written(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined) return '–';
  if (unit === 'ratio' || unit === 'percent') {
    const part = unit === 'percent' ? value / 100 : value;
    return part > 0 && part < 0.005 ? '<1%' : `${Math.round(part * 100)}%`;
  }
  if (unit === 'milliseconds') return `${+(value / 1000).toFixed(1)} s`;
  const digits = unit === 'score' || (unit === 'minutes' && value !== 0 && value < 100) ? 1 : 0;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** What the API answers to the page's reader. */
export async function api<T = any>(page: Page, question: string): Promise<T> {
  const answer = await page.request.get(`/api/v1/${question}`);
  expect(answer.status(), question).toBe(200);
  return ((await answer.json()) as { data: T }).data;
}

let known: Measure[] = [];
export async function measuresOf(page: Page): Promise<Measure[]> {
  if (!known.length) known = (await api<{ measures: Measure[] }>(page, 'metrics')).measures;
  return known;
}

/** Every tile, exactly as the API answers the question `asked` of `subject`. Returns the measures of the tiles. */
export async function tilesAre(page: Page, subject: string, asked: string): Promise<string[]> {
  const all = await measuresOf(page);
  const tiles = await page
    .locator('.tiles .tile')
    .evaluateAll((tiles) =>
      tiles.map((tile) => [
        tile.querySelector('.label')?.textContent?.trim() ?? '',
        tile.querySelector('.value')?.getAttribute('title') ?? '–',
      ]),
    );
  const shown = tiles.map(([label, text]) => [all.find((one) => one.label === label)?.id ?? label, text]);
  expect(shown.length, asked).toBeGreaterThan(3);
  const ids = shown.map(([id]) => id ?? '');
  const { values } = await api(page, `totals?subject=${subject}&${asked}&measures=${ids.join()}`);
  const right = ids.map((id) => [
    id,
    written(values[id]?.value, all.find((one) => one.id === id)?.unit ?? ''),
  ]);
  expect(Object.fromEntries(shown), `${subject} ${asked}`).toEqual(Object.fromEntries(right));
  return ids;
}
