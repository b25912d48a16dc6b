import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Caveat, Measure } from '../src/lib/api/types';
import { url } from '../src/lib/api/client';
import { say } from '../src/lib/caveats';
import { change, rowChange } from '../src/lib/change';
import openapi from '../../docs/generated/openapi.json';
import first from '../src/lib/messages/en.json';
import panels from '../src/lib/messages/panels/en.json';
import settings from '../src/lib/messages/settings/en.json';
import { csv, tsv } from '../src/lib/sheet';
import { withTexts } from '../src/lib/i18n';
import { IntlMessageFormat } from 'intl-messageformat';
import { table } from '../src/lib/panels/rows';
import { proof } from '../src/lib/words';

const en = { ...first, ...panels, ...settings };
// Caveats are read with the texts that come later.
await withTexts(Promise.resolve());

const measure = (unit: string, better = 'up', additive = true): Measure => ({
  id: 'm',
  label: 'M',
  unit,
  better,
  additive,
  definition: '',
});

describe('a row of a table', () => {
  const row = (value: number | null, previous?: number | null) => ({
    keys: ['DE'],
    labels: ['Germany'],
    values: { m: value },
    ...(previous === undefined ? {} : { previous: { m: previous } }),
  });
  it('names the base of its change', () => {
    expect(rowChange(measure('count'), row(121, 100))).toMatchObject({ text: '+21%', before: '100' });
    expect(rowChange(measure('count'), row(100, 100))).toMatchObject({ text: '±0', way: 'same', good: null });
  });
  it('counted nothing where it was not there, and has no ratio', () => {
    expect(rowChange(measure('count', 'up', false), row(41))).toMatchObject({ text: '0 → 41', good: true });
    expect(rowChange(measure('ratio', 'up', false), row(0.4))).toBeNull();
    expect(rowChange(measure('minutes', 'up', false), row(4.2))).toBeNull();
  });
  it('says nothing of what is hidden, then or now, nor of instants', () => {
    expect(rowChange(measure('count'), { ...row(null, 9), hidden: true })).toBeNull();
    expect(rowChange(measure('count'), row(9, null))).toBeNull();
    expect(rowChange(measure('instant', 'neither', false), row(9, 3))).toBeNull();
  });
  it('of a series stands against the bucket of the same place', () => {
    const points = (from: number, values: number[]) =>
      values.map((m, i) => ({ key: `${from + i}`, label: `${from + i}`, values: { m } }));
    const { rows } = table({ by: 'day', points: points(5, [30, 40]), previous: points(1, [20]) }, '-m', 1, 9);
    expect(rows.map((one) => rowChange(measure('count'), one)?.text)).toEqual([undefined, '+50%']);
  });
});

describe('a change', () => {
  it('is per cent for large counts and counts for small ones', () => {
    expect(change(measure('count'), { value: 121, previous: 100 })).toMatchObject({
      text: '+21%',
      good: true,
    });
    expect(change(measure('count'), { value: 9, previous: 3 })).toMatchObject({ text: '3 → 9', way: 'up' });
  });
  it('is points for ratios', () => {
    expect(change(measure('ratio'), { value: 0.62, previous: 0.68 })).toMatchObject({
      text: '−6 pt',
      good: false,
    });
  });
  it('is neither good nor bad where more is not better', () => {
    expect(change(measure('count', 'neither'), { value: 200, previous: 100 })?.good).toBeNull();
    expect(change(measure('count', 'down'), { value: 200, previous: 100 })?.good).toBe(false);
  });
  it('needs a base', () => {
    expect(change(measure('ratio'), { value: 0.5, previous: null })).toBeNull();
    expect(change(measure('count'), { value: 0, previous: 0 })).toBeNull();
  });
});

describe('texts', () => {
  it.each(Object.entries(en))('%s can be read', (_, text) => {
    expect(() => new IntlMessageFormat(text, 'en')).not.toThrow();
  });
  it('stand in the order of their keys, so that two people adding one do not meet', () => {
    for (const texts of [first, panels, settings])
      expect(Object.keys(texts)).toEqual(Object.keys(texts).toSorted());
    expect(Object.keys(en)).toHaveLength(
      [first, panels, settings].flatMap((texts) => Object.keys(texts)).length,
    );
  });
  it('say a caveat with its numbers, and an unknown one in its own words', () => {
    expect(say({ kind: 'unknown_viewers', plays: 41, detail: '' })).toContain('41 plays');
    expect(say({ kind: 'made_up_tomorrow', detail: 'New.' } as unknown as Caveat)).toBe('New.');
  });
  it('have words for every kind of caveat', () => {
    const kinds = openapi.components.schemas.Kind.oneOf.map((kind) => kind.properties.kind.enum[0]);
    expect(kinds.length).toBeGreaterThan(15);
    expect(kinds.filter((kind) => !(`caveat.${kind}` in panels))).toEqual([]);
  });
  it('have words for every refusal of the API', () => {
    const errors = readFileSync(new URL('../../docs/generated/errors.md', import.meta.url), 'utf8');
    const codes = [...errors.matchAll(/<a id="([\w-]+)">/g)].map((match) => match[1]);
    expect(codes.length).toBeGreaterThan(15);
    expect(codes.filter((code) => !(`error.${code}` in panels))).toEqual([]);
  });
  it('say values of a caveat in their unit, and lists with commas', () => {
    const like = {
      kind: 'counted_like',
      measure: 'm',
      label: 'Minutes',
      like: 'k',
      like_label: 'Quartiles',
      detail: '',
    };
    const minutes = { ...like, unit: 'minutes', value: 4, like_value: 2.5 } as unknown as Caveat;
    expect(say(minutes)).toBe('Minutes is 4 min here; by Kaltura’s rule (Quartiles) it is 2.5 min.');
    const share = { ...like, unit: 'ratio', value: 0.571, like_value: 0.5 } as unknown as Caveat;
    expect(say(share)).toContain('57.1%');
    const views = { kind: 'not_of_recordings', measures: [], because: ['device', 'country'], detail: '' };
    expect(say(views as unknown as Caveat)).toContain('(device, country)');
  });
  it('know a proof by its word, and believe no other', () => {
    expect(['verified', 'claimed', 'none', 'sworn'].map(proof)).toEqual([
      'verified',
      'claimed',
      'none',
      'none',
    ]);
  });
});

describe('sheets', () => {
  it('quote, and disarm what a spreadsheet would run', () => {
    expect(
      csv(
        ['Name', 'Plays'],
        [
          ['a,"b"', 1],
          ['=HYPERLINK("x")', -2],
        ],
      ),
    ).toBe('Name,Plays\r\n"a,""b""",1\r\n"\'=HYPERLINK(""x"")",-2\r\n');
  });
  it('keep one line a row', () => expect(tsv(['a'], [['x\ty\nz']])).toBe('a\nx y z'));
});

describe('addresses of the API', () => {
  it('leave out what is absent and repeat lists', () => {
    expect(url('totals', { subject: 'entry:1_a', today: null, f: ['is,country,US', 'not,device,tv'] })).toBe(
      '/api/v1/totals?subject=entry%3A1_a&f=is%2Ccountry%2CUS&f=not%2Cdevice%2Ctv',
    );
  });
});
