import type { Locator, Page } from '@playwright/test';
import { settled } from '../help';
import { expect, test, type Cast } from './cast';
import { api, called, measuresOf, written } from './figures';
import { HANDS, type Hand } from './hand';

/** What a documented task is told with. */
export interface Walk {
  page: Page;
  hand: Hand;
  cast: Cast;
}

/** A task, walked by mouse and, apart, by keyboard alone. `who` of the cast does it. */
export function task(name: string, who: keyof Cast, walk: (walk: Walk) => Promise<void>): void {
  for (const [how, hand] of Object.entries(HANDS)) {
    test(`${name}, ${how}`, async ({ as, cast }) => {
      const page = await as(cast[who]);
      await walk({ page, hand: hand(page), cast });
    });
  }
}

/** Days are counted where the walkers live; the page writes it into its address by itself. */
export const ZONE = 'zone=America/Chicago';

export const card = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });
export const button = (of: Page | Locator, name: string | RegExp): Locator =>
  of.getByRole('button', { name, exact: typeof name === 'string' });

export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await settled(page);
}
export async function back(page: Page): Promise<void> {
  await page.goBack();
  await settled(page);
}

interface Row {
  keys: string[];
  labels: string[];
  values: Record<string, number | null>;
}
export const rowsOf = async (page: Page, question: string): Promise<Row[]> =>
  (await api<{ rows: Row[] }>(page, `table?${question}`)).rows;
export const pointsOf = async (page: Page, question: string): Promise<Row[]> =>
  (await api<{ points: Row[] }>(page, `series?${question}&vs=none`)).points;

/** A table has the rows of the API's answer, in its order, and exactly its figures in every column of a measure. */
export async function tableIs(page: Page, table: Locator, rows: Pick<Row, 'values'>[]): Promise<void> {
  await settled(page);
  const all = await measuresOf(page);
  const cells = await table
    .locator('tr')
    .evaluateAll((lines) =>
      lines.map((line) =>
        [...line.querySelectorAll('th, td')].map((cell) =>
          (cell as HTMLElement).innerText.trim().replace(/\/10$/, ''),
        ),
      ),
    );
  const heads = (cells[0] ?? []).map((head) => head.replace(/[↑↓\n].*$/s, '').trim());
  const columns = heads
    .map((head, i) => ({ i, measure: all.find((one) => one.label === head && one.unit !== 'instant') }))
    .filter((column) => column.i > 0 && column.measure);
  expect(columns.length, `${heads} has no measure`).toBeGreaterThan(0);
  const shown = cells.slice(1).map((line) => columns.map(({ i }) => line[i]));
  const right = rows.map((row) =>
    columns.map(({ measure }) => written(row.values[measure?.id ?? ''], measure?.unit ?? '')),
  );
  expect(shown).toEqual(right);
}

/** A list of bars has the first rows of the API's answer, by name and by plays. */
export async function barsAre(page: Page, list: Locator, rows: Row[]): Promise<void> {
  await settled(page);
  const bars = await list
    .getByRole('listitem')
    .evaluateAll((bars) =>
      bars.map((bar) =>
        ['.label', '.value'].map((part) => bar.querySelector(part)?.textContent?.trim() ?? ''),
      ),
    );
  expect(bars.length).toBeGreaterThan(0);
  expect(bars.map(([, plays]) => plays)).toEqual(
    rows.slice(0, bars.length).map((row) => written(row.values.plays, 'count')),
  );
  for (const [i, [name = '']] of bars.entries())
    expect([...called(rows[i]?.keys[0] ?? ''), ...called(rows[i]?.labels[0] ?? '')]).toContain(
      name.toLowerCase(),
    );
}
