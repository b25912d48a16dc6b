import { describe, expect, it } from 'vitest';
import { bounds, firstWeekday, weekOf, type Preset } from '../src/lib/period';

// The examples of docs/periods.md, for Monday, 23 November 2026.
const TODAY = '2026-11-23';

describe('presets', () => {
  it.each<[Preset, string, string]>([
    ['7d', '2026-11-16', '2026-11-22'],
    ['30d', '2026-10-24', '2026-11-22'],
    ['90d', '2026-08-25', '2026-11-22'],
    ['12m', '2025-11-23', '2026-11-22'],
    ['week', '2026-11-23', '2026-11-23'],
    ['month', '2026-11-01', '2026-11-23'],
    ['quarter', '2026-10-01', '2026-11-23'],
    ['year', '2026-01-01', '2026-11-23'],
    ['today', '2026-11-23', '2026-11-23'],
  ])('%s is %s to %s', (preset, from, to) => expect(bounds(preset, TODAY)).toEqual([from, to]));

  it('hold today where it is asked for', () =>
    expect(bounds('7d', TODAY, { today: true })).toEqual(['2026-11-16', '2026-11-23']));
  it('begin weeks on Sunday where the reader does', () => {
    expect(bounds('week', TODAY, { week: 'sunday' })).toEqual(['2026-11-22', '2026-11-23']);
    expect(weekOf('en-US')).toBe('sunday');
    expect(weekOf('de-DE')).toBe('monday');
    expect(weekOf('no tag')).toBe('monday');
    expect([firstWeekday('de-DE'), firstWeekday('ar-EG'), firstWeekday('no tag')]).toEqual([1, 6, null]);
  });
  it('never hold a day more than they say: a year before 29 February begins on 1 March', () =>
    expect(bounds('12m', '2028-02-29')?.[0]).toBe('2027-03-01'));
  it('leave creation to the server', () => expect(bounds('all', TODAY)).toBeNull());
});
