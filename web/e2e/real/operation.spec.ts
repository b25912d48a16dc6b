import type { APIRequestContext } from '@playwright/test';
import { settled } from '../help';
import { expect, test } from './cast';

/** What is shown of broadcasts and of the data themselves is what the API says, and that is what was sent. */

const ZONE = 'America/Chicago';

async function data<T>(api: APIRequestContext, path: string): Promise<T> {
  const answer = await api.get(`/api/v1/${path}`);
  expect(answer.ok(), path).toBe(true);
  return ((await answer.json()) as { data: T }).data;
}

interface Broadcasts {
  upcoming: { id: string; name: string; starts: string }[];
  ended: { id: string; name: string; to: string; peak: number; viewers: number; minutes: number }[];
}

test('broadcasts to come and past, and the minutes of one', async ({ as, cast }) => {
  const page = await as(cast.administrator);
  const { upcoming, ended } = await data<Broadcasts>(page.request, `live/broadcasts?zone=${ZONE}`);
  const [next, last] = [upcoming[0], ended[0]];
  if (!next || !last) throw new Error('the campus has a seminar every week');
  expect(next.starts).toBe('2026-11-25T21:00:00Z');
  // Kept apart from the API's own sum: of the same days and ways of playing, by the report's table.
  const filter = 'f=is,playback_type,live,dvr';
  const table = await data<{ rows: { keys: string[]; values: Record<string, number> }[] }>(
    page.request,
    `table?by=entry&measures=viewers,minutes_viewed&period=7d&today=1&zone=${ZONE}&${filter}`,
  );
  const values = table.rows.find((row) => row.keys[0] === last.id)?.values;
  expect([last.viewers, last.minutes]).toEqual([values?.viewers, values?.minutes_viewed]);

  await page.goto(`/live?zone=${ZONE}`);
  await settled(page);
  const coming = page.getByRole('region', { name: 'Coming up', exact: true });
  await expect(coming.getByRole('row', { name: new RegExp(next.name) })).toContainText(
    'Nov 25, 2026, 3:00 PM',
  );
  const over = page.getByRole('region', { name: 'Ended in the last seven days', exact: true });
  const cells = over.getByRole('row', { name: new RegExp(last.name) }).getByRole('cell');
  await expect(cells.nth(2)).toHaveText(String(last.viewers));
  await over.getByRole('link', { name: /^Minute by minute/ }).click();
  await settled(page);
  await page.getByRole('button', { name: 'Table' }).click();
  const live = await data<{ minutes: { watching: number }[] }>(
    page.request,
    `live?subject=entry:${last.id}&until=${last.to}`,
  );
  const watched = await page.getByRole('table').locator('tbody td:nth-child(2)').allInnerTexts();
  expect(watched.map(Number)).toEqual(live.minutes.map((minute) => minute.watching));
  expect(Math.max(...watched.map(Number))).toBe(last.peak);
});

test('clocks are counted as they were sent; a student sees nothing of either', async ({ as, cast }) => {
  const page = await as(cast.administrator);
  const batch = (sent: number) => ({
    account: 1001,
    entry: cast.entry,
    sent,
    events: [{ kind: 'impression', at: sent }],
  });
  type Clocks = { clocks: { direction: string; under_seconds: number | null; batches: number }[] };
  const clocks = async () => (await data<Clocks>(page.request, 'quality')).clocks.map((one) => one.batches);
  const before = await clocks();
  // The program's day is another than this machine's: both of these are far from it.
  for (const sent of [1_000, 1_900_000_000_000, 1_900_000_000_000]) {
    const headers = {
      'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
    };
    expect((await page.request.post('/e', { data: batch(sent), headers })).ok()).toBe(true);
  }
  const after = await clocks();
  expect(after.map((n, i) => n - (before[i] ?? 0))).toEqual([2, 0, 0, 0, 0, 0, 1]);
  await page.goto('/quality');
  await settled(page);
  const shown = page.getByRole('list', { name: 'Clocks of devices' }).getByRole('listitem');
  await expect(shown.first()).toContainText(String(after[0]));

  const student = await as(cast.student);
  const theirs = await data<Broadcasts>(student.request, 'live/broadcasts');
  expect(theirs.upcoming).toEqual([]);
  expect((await student.request.get('/api/v1/quality')).status()).toBe(404);
  expect((await student.request.get('/api/v1/reconciliation')).status()).toBe(404);
});
