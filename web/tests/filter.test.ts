import { describe, expect, it } from 'vitest';
import { formatFilter, holds, parseFilter, toggle, type Filter } from '../src/lib/filter';

describe('the filter grammar', () => {
  const pairs: [string, Filter][] = [
    ['is,country,US,DE', { op: 'is', dimension: 'country', values: ['US', 'DE'] }],
    ['hasnot,page,a\\,b,c', { op: 'hasnot', dimension: 'page', values: ['a,b', 'c'] }],
    ['is,tag,back\\\\slash', { op: 'is', dimension: 'tag', values: ['back\\slash'] }],
    ['not,city,', { op: 'not', dimension: 'city', values: [''] }],
  ];
  it.each(pairs)('%s is read and written', (text, filter) => {
    expect(parseFilter(text)).toEqual(filter);
    expect(formatFilter(filter)).toBe(text);
  });

  it.each(['', 'is', 'is,country', 'like,country,US', 'is,,US'])('"%s" is no filter', (text) => {
    expect(parseFilter(text)).toBeNull();
  });
});

describe('pressing a bar', () => {
  const us = parseFilter('is,country,US') as Filter;
  it('adds a filter, then a value, then takes them back', () => {
    const one = toggle([], 'country', 'US');
    expect(one).toEqual([us]);
    const two = toggle(one, 'country', 'DE');
    expect(two.map(formatFilter)).toEqual(['is,country,US,DE']);
    expect(holds(two, 'country', 'DE')).toBe(true);
    expect(toggle(toggle(two, 'country', 'DE'), 'country', 'US')).toEqual([]);
  });
  it('leaves exclusions of the same dimension alone', () => {
    const not = parseFilter('not,country,US') as Filter;
    expect(toggle([not], 'country', 'US')).toEqual([not, us]);
    expect(holds([not], 'country', 'US')).toBe(false);
  });
});
