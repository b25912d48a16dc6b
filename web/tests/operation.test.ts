import { describe, expect, it } from 'vitest';
import { coverage, share } from '../src/lib/quality/words';
import { difference, shown, type Row } from '../src/lib/recon/rows';

const row = (entry: string, name: string, theirs: number, ours: number, likely: Row['likely']): Row => ({
  entry,
  name,
  kaltura: { impressions: 2 * theirs, plays: theirs, minutes: theirs },
  ours: { impressions: 2 * ours, plays: ours, minutes: 10 * ours },
  likely,
});
const ROWS = [
  row('1_a', 'Cells', 100, 101, 'same'),
  row('1_b', 'Membranes', 100, 40, 'less_here'),
  row('1_c', '', 10, 50, 'more_here'),
  row('1_d', 'Genes', 5, 0, 'not_sent_here'),
];
const ids = (all: boolean, find: string, sort: string) =>
  shown(ROWS, all, find, sort).map((one) => one.entry);

describe('Kaltura’s figures and ours', () => {
  it('show those that differ first by how far plays are apart, whichever has more', () =>
    expect(ids(false, '', '-plays')).toEqual(['1_b', '1_c', '1_d']));
  it('show all, and put them in order by any figure', () => {
    expect(ids(true, '', 'plays')).toEqual(['1_a', '1_d', '1_c', '1_b']);
    expect(ids(true, '', '-minutes')).toEqual(['1_a', '1_c', '1_b', '1_d']);
  });
  it('are found by name or id', () => {
    expect(ids(true, 'MEMB', '-plays')).toEqual(['1_b']);
    expect(ids(true, '1_c', '-plays')).toEqual(['1_c']);
    expect(ids(false, 'cells', '-plays')).toEqual([]);
  });
  it('say a difference with its sign, of the figures as shown', () => {
    expect(difference(610, 702)).toBe('+92');
    expect(difference(702, 610)).toBe('-92');
    expect(difference(10.4, 10.2)).toBe('0');
  });
});

describe('parts of the data', () => {
  it('are shares; few of many are not none', () => {
    expect(share(1, 4)).toBe('25%');
    expect(share(0, 4)).toBe('');
    expect(share(1, 40_000)).toBe('<0.1%');
  });
  it('tell coverage only of days on which a media server reported streams', () => {
    const day = { day: '2026-11-01', events: 1, completeness: 1 };
    expect(coverage({ ...day, plays: 30, manifests: 40 })).toBe(0.75);
    expect(coverage({ ...day, plays: 30, manifests: 0 })).toBeNull();
    expect(coverage({ ...day, plays: null, manifests: 40 })).toBeNull();
  });
});
