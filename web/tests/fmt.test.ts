import { describe, expect, it } from 'vitest';
import * as fmt from '../src/lib/fmt';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [9_999, '9,999'],
    [13_412, '13.4K'],
    [1_204_000, '1.2M'],
    [4.25, '4.3'],
    [null, '–'],
  ])('%s is shown short as %s', (value, text) => expect(fmt.short(value)).toBe(text));

  it.each([
    [0, '0%'],
    [0.001, '<1%'],
    [0.576, '58%'],
    [1, '100%'],
    [null, '–'],
  ])('%s as a share is %s', (value, text) => expect(fmt.percent(value)).toBe(text));

  it('shows a value in its unit', () => {
    expect(fmt.value(0.5, 'ratio')).toBe('50%');
    expect(fmt.value(9.66, 'minutes')).toBe('9.7');
    expect(fmt.value(10_443.4, 'minutes')).toBe('10,443');
    expect(fmt.value(1_500, 'milliseconds')).toBe('1.5 s');
    expect(fmt.value(57, 'percent')).toBe('57%');
    expect(fmt.value(2_240_000, 'bits_per_second')).toBe('2.24 Mb/s');
    expect(fmt.value(0, 'bits_per_second')).toBe('0 bit/s');
  });
});

describe('media time', () => {
  it.each([
    [0, '0:00'],
    [418, '6:58'],
    [3_727, '1:02:07'],
  ])('%d s is %s', (seconds, text) => expect(fmt.clock(seconds)).toBe(text));
});

describe('buckets', () => {
  it.each([
    ['2026-11-04', 'Nov 4'],
    ['2026-11', 'Nov 2026'],
    ['2026-W45', 'W45 2026'],
    ['2026-11-04 13:00', '13:00'],
    ['2026-11-04T13:00', '13:00'],
    ['something else', 'something else'],
  ])('%s is %s', (label, text) => expect(fmt.bucket(label)).toBe(text));

  it('names a calendar day the same in every zone', () => {
    expect(fmt.day('2026-11-01')).toBe('Nov 1');
  });
});

describe('axes', () => {
  it.each([
    [0, [0, 1]],
    [3, [0, 1, 2, 3]],
    [7, [0, 2, 4, 6, 8]],
    [533, [0, 200, 400, 600]],
    [100, [0, 50, 100]],
  ])('up to %d', (most, marks) => expect(fmt.ticks(most)).toEqual(marks));
  it('takes fractions for ratios', () => expect(fmt.ticks(0.57, 4, false)).toEqual([0, 0.2, 0.4, 0.6]));
});

describe('names', () => {
  it('names countries and pages, and keeps what it does not know', () => {
    expect(fmt.name('country', 'DE')).toBe('Germany');
    expect(fmt.name('country', 'ZZ', 'Unknown')).toBe('Unknown');
    expect(fmt.name('page', 'https://a.example/b')).toBe('a.example/b');
    expect(fmt.name('browser', 'Firefox')).toBe('Firefox');
  });
});
