import { describe, expect, it } from 'vitest';
import { withTexts } from '../src/lib/i18n';
import type { Run } from '../src/lib/api/types';
import { share, steps } from '../src/lib/charts/funnel';
import { moments } from '../src/lib/charts/moments';
import { place, saying } from '../src/lib/charts/notes';
import { alike, columns, heat, nearest } from '../src/lib/charts/plot';
import { layers, spans } from '../src/lib/charts/strip';

// Strips come with the viewers, and so do their texts.
await withTexts(Promise.resolve());

describe('strips', () => {
  const runs: Run[] = [
    [0, 30, 1],
    [30, 45, 3],
  ];
  it('say the parts in words', () => {
    expect(spans(runs)).toBe('0:00–0:30, 0:30–0:45 (3 times)');
    expect(spans([])).toBe('no part played');
    const many = Array.from({ length: 10 }, (_, i): Run => [i * 10, i * 10 + 5, 1]);
    expect(spans(many)).toMatch(/1:10–1:15 and 2 more parts$/);
  });
  it('draw three layers, each with the seconds played at least so often', () => {
    const [three, two, one] = layers(runs, 60).split(/,(?=linear)/) as [string, string, string];
    expect(three).toContain('var(--h3) 50.000%');
    expect(three).not.toContain('0.000%,var(--h3) 0.000%');
    expect(two).toContain('var(--h2) 75.000%');
    expect(one).toContain('var(--h1) 0.000%');
  });
  it('never leave their element', () => {
    expect(layers([[-5, 900, 1]], 60)).toContain('var(--h1) 0.000%,var(--h1) 100.000%');
  });
});

describe('the plot', () => {
  it('keeps peaks of one second when it thins', () => {
    const values = Array.from({ length: 3_600 }, (_, s) => (s === 1_234 ? 99 : 1));
    const thin = columns(values, 400);
    expect(thin).toHaveLength(400);
    expect(Math.max(...thin)).toBe(99);
    expect(thin.filter((v) => v === 99)).toHaveLength(1);
  });
  it('draws short recordings second by second', () => expect(columns([1, 2, 3], 400)).toEqual([1, 2, 3]));
  it('finds the place under the pointer, and stays inside', () => {
    expect(nearest(150, 11, 100, 200)).toBe(5);
    expect(nearest(-50, 11, 100, 200)).toBe(0);
    expect(nearest(999, 11, 100, 200)).toBe(10);
  });
  it('gives one scale to lines of one unit that both can be read on', () => {
    expect(alike('count', 100, 'count', 12)).toBe(true);
    expect(alike('count', 100, 'count', 9)).toBe(false);
    expect(alike('count', 100, 'minutes', 100)).toBe(false);
    expect(alike('count', 100, 'count', 0)).toBe(false);
  });
  it('joins equal heat', () => {
    expect(heat([0, 0, 10, 10, 6, 1])).toEqual([
      { from: 0, to: 2, level: 0 },
      { from: 2, to: 4, level: 3 },
      { from: 4, to: 5, level: 2 },
      { from: 5, to: 6, level: 1 },
    ]);
  });
});

describe('what happened', () => {
  const point = (day: string) => ({ key: day, label: day, start: `${day}T05:00:00Z`, values: {} });
  const days = ['2026-11-01', '2026-11-02', '2026-11-03'].map(point);
  const written = (from: string, to: string) => ({
    kind: 'written' as const,
    id: 1,
    subject: 'account',
    first: from,
    last: to,
    from: `${from}T05:00:00Z`,
    to: `${to}T05:00:00Z`,
    text: 'Exam',
    may_change: false,
  });
  const added = (at: string, count: number, ...names: string[]) => ({
    kind: 'added' as const,
    from: at,
    to: at,
    count,
    recordings: names.map((name) => ({ id: name, name })),
  });
  it('stands in its buckets, and the instant after its end in none', () => {
    expect(place([written('2026-11-02', '2026-11-03')], days, 'UTC')).toEqual([
      { kind: 'written', first: 1, last: 1, text: 'Exam' },
    ]);
    // It began before the first and ends after the last: all of them.
    expect(place([written('2026-10-01', '2026-12-01')], days, 'UTC')[0]).toMatchObject({ first: 0, last: 2 });
  });
  it('names few recordings of a bucket and counts many', () => {
    const one = [added('2026-11-01T09:00:00Z', 1, 'A'), added('2026-11-03T04:00:00Z', 2, 'B', 'C')];
    expect(place(one, days, 'UTC').map((note) => [note.first, note.text])).toEqual([
      [0, 'New: A'],
      [1, 'New: B and C'],
    ]);
    const months = [point('2026-11-01')];
    expect(place(one, months, 'UTC').map((note) => note.text)).toEqual(['New: A, B, and C']);
    const more = [...one, added('2026-11-03T09:00:00Z', 9, 'D', 'E', 'F')];
    expect(place(more, months, 'UTC').map((note) => note.text)).toEqual(['12 new recordings']);
  });
  it('is said of the buckets it is in', () => {
    const notes = place(
      [written('2026-11-01', '2026-11-03'), added('2026-11-02T09:00:00Z', 1, 'A')],
      days,
      'UTC',
    );
    expect([0, 1, 2].map((i) => saying(notes, i))).toEqual([['Exam'], ['Exam', 'New: A'], []]);
  });
  it('has no place in hours of the day', () => {
    const hours = [{ key: '00', label: '00', values: {} }];
    expect(place([written('2026-11-01', '2026-11-03')], hours, 'UTC')).toEqual([]);
  });
});

describe('the funnel', () => {
  it('takes reported and covered counts, and no percentage without a base', () => {
    const found = steps({
      impressions: { value: 30 },
      plays: { value: 10 },
      reached_25: { value: 9 },
      covered_25: { value: 7 },
    });
    expect(found.map((s) => s.reported)).toEqual([30, 10, 9, 0, 0, 0]);
    expect(found[2]?.covered).toBe(7);
    expect(found[1]?.covered).toBeNull();
    expect(share(7, 10)).toBe(0.7);
    expect(share(7, 0)).toBeNull();
  });
});

describe('moments', () => {
  it('names the second seen again most, the loss, and the end', () => {
    const viewers = [20, 20, 20, 17, 15, 15, 2];
    const views = [20, 21, 29, 17, 15, 15, 2];
    expect(moments({ views, viewers, unknown: Array(7).fill(0) }, 6)).toEqual([
      { kind: 'again', at: 2, amount: 9 },
      { kind: 'loss', at: 4, amount: 0.75 },
      { kind: 'end', at: 6, amount: 0 },
    ]);
  });
  it('names nothing that one person did', () => {
    expect(moments({ views: [1, 4, 1], viewers: [1, 1, 1], unknown: [0, 0, 0] }, null)).toEqual([]);
  });
  it('does not take unknown viewers for one who saw it again', () => {
    const curves = { views: [30, 30, 14], viewers: [5, 5, 5], unknown: [26, 26, 0] };
    expect(moments(curves, null)).toEqual([{ kind: 'again', at: 2, amount: 9 }]);
  });
});
