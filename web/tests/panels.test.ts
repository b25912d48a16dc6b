// @vitest-environment jsdom
import { beforeAll, describe, expect, it } from 'vitest';
import { ApiError } from '../src/lib/api/client';
import type { Sentence, Series } from '../src/lib/api/types';
import { LETTERS } from '../src/lib/charts/countries';
import { marks } from '../src/lib/charts/plot';
import { only } from '../src/lib/filter';
import { seconds } from '../src/lib/panels/clock';
import { withTexts } from '../src/lib/i18n';
import { told } from '../src/lib/panels/insight';
import { orNobody } from '../src/lib/panels/people';
import { table } from '../src/lib/panels/rows';
import { alike, band, retention } from '../src/lib/panels/typical';
import { buckets, mondayOf, sparkBy, weekOf } from '../src/lib/series';

// Panels come with their texts, later than the first picture.
beforeAll(() => withTexts(Promise.resolve()));

describe('the marks of a time axis', () => {
  const edges = (n: number, text: string, width: number) => {
    const x = (i: number) => 50 + (i * (width - 64)) / Math.max(1, n - 1);
    return marks(
      Array.from({ length: n }, () => text),
      x,
      width,
    ).map((mark) => {
      const half = (mark.text.length * 6.4) / 2;
      return [mark.x - half, mark.x + half] as const;
    });
  };
  it.each([
    [53, 'W36 2026', 640],
    [90, 'Oct 28', 300],
    [7, 'W36 2026', 260],
    [12, 'Nov 2026', 1_200],
    [1, 'Nov 4', 300],
  ])('%i of "%s" on %i px neither touch nor leave the drawing', (n, text, width) => {
    const found = edges(n, text, width);
    expect(found.length).toBeGreaterThan(0);
    found.forEach(([from, to], i) => {
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeLessThanOrEqual(width);
      if (i > 0) expect(from).toBeGreaterThan(found[i - 1]?.[1] ?? Infinity);
    });
  });
});

describe('buckets', () => {
  it('are labelled as the server labels them, also at the turn of a year', () => {
    expect(weekOf('2026-08-31')).toBe('2026-W36');
    expect(weekOf('2026-12-31')).toBe('2026-W53');
    expect(weekOf('2027-01-03')).toBe('2026-W53');
    expect(weekOf('2027-01-04')).toBe('2027-W01');
    expect(buckets('2026-08-30', '2026-09-07', 'week')).toEqual(['2026-W35', '2026-W36', '2026-W37']);
    expect(buckets('2026-09-30', '2026-10-02', 'day')).toEqual(['2026-09-30', '2026-10-01', '2026-10-02']);
    expect(buckets('2026-09-30', '2026-11-01', 'month')).toEqual(['2026-09', '2026-10', '2026-11']);
  });
  it('of weeks begin on their Monday', () => {
    for (const day of ['2026-08-31', '2027-01-04', '2020-12-28', '2026-01-05'])
      expect(mondayOf(weekOf(day))).toBe(day);
  });
  it('of a row’s spark are never too many', () => {
    expect(sparkBy('2026-10-01', '2026-10-30')).toBe('day');
    expect(sparkBy('2026-01-01', '2026-09-01')).toBe('week');
    expect(sparkBy('2020-01-01', '2026-09-01')).toBe('month');
  });
});

describe('a series as a table', () => {
  const series: Series = {
    by: 'day',
    points: [5, null, 9, 5].map((value, i) => {
      const key = `2026-10-0${i + 1}`;
      return { key, label: key, start: `${key}T00:00:00Z`, values: { plays: value } };
    }),
  };
  const keys = (sort: string, page = 1, size = 9) =>
    table(series, sort, page, size).rows.map((r) => r.keys[0]);
  it('is sorted by time or by a measure, without a value last', () => {
    expect(keys('-label')[0]).toBe('2026-10-04');
    expect(keys('-plays')).toEqual(['2026-10-03', '2026-10-04', '2026-10-01', '2026-10-02']);
    expect(keys('plays').at(-1)).toBe('2026-10-02');
  });
  it('is paged', () => {
    expect(keys('label', 2, 3)).toEqual(['2026-10-04']);
    expect(table(series, 'label', 2, 3).total).toBe(4);
  });
});

describe('an insight', () => {
  const text = (sentence: Sentence) =>
    told(sentence)
      .map((piece) => piece.text)
      .join('');
  const about = [
    { dimension: 'country', key: 'US', label: 'US' },
    { dimension: 'country', key: 'DE', label: 'DE' },
  ];
  it('has its names as links to what filters by them', () => {
    const numbers = { plays: 70, of: 100, share: 0.7 };
    const sentence = { insight: 'top_places', sentence: '', numbers, about };
    expect(text(sentence)).toBe(
      'Most plays come from United States and Germany; the first of them has 70% of 100.',
    );
    const links = told(sentence).filter((piece) => piece.to);
    expect(links.map((link) => decodeURIComponent(link.to ?? ''))).toEqual([
      expect.stringContaining('f=is,country,US'),
      expect.stringContaining('f=is,country,DE'),
    ]);
  });
  it('leads to a moment of the recording', () => {
    const numbers = { from_second: 30, to_second: 55, before: 120, after: 84 };
    const [, link] = told({ insight: 'steepest_loss', sentence: '', numbers, about: [] });
    expect(link).toMatchObject({ text: '0:30', to: expect.stringContaining('at=30') });
  });
  it('of a kind to come is the server’s own sentence', () => {
    expect(text({ insight: 'made_up_tomorrow', sentence: 'New.', numbers: {}, about: [] })).toBe('New.');
  });
});

describe('small readers', () => {
  it('read typed times', () => {
    expect([seconds('19:35'), seconds('1:02:03'), seconds(' 0:05 ')]).toEqual([1175, 3723, 5]);
    expect([seconds('19'), seconds('1:75'), seconds('a:b'), seconds('')]).toEqual([null, null, null, null]);
  });
  it('tell the one value of a filter', () => {
    expect(only([{ op: 'is', dimension: 'entry', values: ['a'] }], 'entry')).toBe('a');
    expect(only([{ op: 'is', dimension: 'entry', values: ['a', 'b'] }], 'entry')).toBeNull();
    expect(only([{ op: 'not', dimension: 'entry', values: ['a'] }], 'entry')).toBeNull();
  });
  it('know the countries of the map by both their names', () => {
    expect([LETTERS.get('840'), LETTERS.get('276')]).toEqual(['US', 'DE']);
    expect(new Set(LETTERS.values()).size).toBe(174);
  });
});

describe('what is typical', () => {
  const curve = (...viewers: number[]) => retention({ viewers, seconds: viewers.length });
  it('is the share of the first viewers in equal parts, whatever the length', () => {
    const long = retention({
      viewers: Array.from({ length: 1_000 }, (_, s) => (s < 500 ? 20 : 5)),
      seconds: 1_000,
    });
    expect(long).toHaveLength(100);
    expect([long?.[0], long?.[49], long?.[50], long?.[99]]).toEqual([1, 1, 0.25, 0.25]);
    expect(curve(3, 3, 3)).toBeNull();
    expect(curve(...Array.from({ length: 10 }, () => 8))?.[99]).toBe(1);
  });
  it('is the middle half of at least three', () => {
    const flat = (share: number) => Array.from({ length: 100 }, () => share);
    expect(band([flat(0.2), flat(0.4)])).toBeNull();
    const found = band([flat(0), flat(0.2), flat(0.4), flat(0.6), flat(1)]);
    expect([found?.low[7], found?.high[7], found?.of]).toEqual([0.2, 0.6, 5]);
  });
  it('is told of recordings of like length only', () => {
    expect([alike(600, 800), alike(600, 900), alike(0, 600)]).toEqual([true, false, false]);
  });
});

describe('a list of people', () => {
  const failed = (status: number) => ({
    answer: null,
    data: null as string[] | null,
    error: new ApiError(status, 'x', '', ''),
    busy: false,
    address: '/api/v1/table',
    retry: () => undefined,
  });
  it('that may not be seen is empty and no failure; any other failure is one', () => {
    const hidden = orNobody(failed(404), () => []);
    expect([hidden.nobody, hidden.error, hidden.data, hidden.address]).toEqual([true, null, [], null]);
    const broken = orNobody(failed(500), () => []);
    expect([broken.nobody, broken.error?.status, broken.data]).toEqual([false, 500, null]);
  });
});
