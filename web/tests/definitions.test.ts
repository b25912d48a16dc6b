import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../src/lib/i18n';

// Every measure and dimension of the server is named and defined in every language, and what was translated is what the
// server says today: beside each translation stands the hash of the English it was made from.
interface Words {
  of: string;
  definition: string;
  formula?: string;
  example?: string;
}
type Both<T> = { measures: Record<string, T>; dimensions: Record<string, T>; absent?: Record<string, T> };
const definitions = import.meta.glob<{ default: Both<Words> }>('../src/lib/labels/definitions/*.json', {
  eager: true,
});
const labels = import.meta.glob<{ default: Both<string> }>('../src/lib/labels/*.json', { eager: true });

const glossary = readFileSync(new URL('../../docs/generated/glossary.md', import.meta.url), 'utf8');
const [measuresPart = '', dimensionsPart = ''] = glossary.split('\n## Dimensions\n');
const MEASURE = /^### .+ `(\w+)`\n\n(.+)\n\n.* Formula: (.+?)\. Example: (.+)$/gm;
const DIMENSION = /^\| `(\w+)` \| .+? \| (.+?)(?: Values: .+)? \|$/gm;
const hash = (...texts: (string | undefined)[]) =>
  createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 8);
const measures = new Map(
  [...measuresPart.matchAll(MEASURE)].map(([, id = '', ...texts]) => [id, { texts, of: hash(...texts) }]),
);
const dimensions = new Map(
  [...dimensionsPart.matchAll(DIMENSION)].map(([, id = '', text]) => [id, hash(text)]),
);

/** What the server calls the missing value of a dimension. */
const table = readFileSync(new URL('../../crates/engine/src/glossary/tables.rs', import.meta.url), 'utf8');
const absent = new Set(
  [...table.matchAll(/^ {4}\d+ \w+ "\w+" "[^"]+" "([^"]+)" Source::/gm)].map((m) => m[1]),
);

it('reads the whole glossary of the server', () => {
  expect(measures.size).toBe(measuresPart.match(/^### /gm)?.length);
  expect(dimensions.size).toBe(dimensionsPart.match(/^\| `/gm)?.length);
});

describe.each(Object.keys(LANGUAGES).filter((language) => language !== 'en'))('%s', (language) => {
  const own = definitions[`../src/lib/labels/definitions/${language}.json`]?.default as Both<Words>;
  const names = labels[`../src/lib/labels/${language}.json`]?.default as Both<string>;
  const made = (of: Record<string, Words>) => Object.entries(of).map(([id, words]) => [id, words.of]);

  it('names all that the server measures, and nothing else', () => {
    expect(Object.keys(names.measures).toSorted()).toEqual([...measures.keys()].toSorted());
    expect(Object.keys(names.dimensions).toSorted()).toEqual([...dimensions.keys()].toSorted());
  });
  it('has words for every missing value', () => {
    expect(absent.size).toBeGreaterThan(8);
    expect(Object.keys(names.absent ?? {}).toSorted()).toEqual([...absent].toSorted());
  });
  // A difference here names what must be translated anew, with the hash that belongs beside it.
  it('defines every measure as the server does today', () => {
    expect(Object.fromEntries(made(own.measures))).toEqual(
      Object.fromEntries([...measures].map(([id, { of }]) => [id, of])),
    );
  });
  it('defines every dimension as the server does today', () => {
    expect(Object.fromEntries(made(own.dimensions))).toEqual(Object.fromEntries(dimensions));
  });
  it('has a formula where the English one says more than the measure’s own name, and always an example', () => {
    const wrong = [...measures].filter(([id, { texts }]) => {
      const words = own.measures[id];
      return Boolean(words?.formula) === /^\w+$/.test(texts[1] ?? '') || !words?.example;
    });
    expect(wrong.map(([id]) => id)).toEqual([]);
  });
  it('keeps every number of an example and a formula', () => {
    // 1,500 and 0.5 are written otherwise elsewhere, only their digits are the same; and some languages count in digits
    // where English has a word.
    const numbers = (text = '') => text.replace(/(?<=\d)[\u00a0\u202f.,](?=\d)/g, '').match(/\d+/g) ?? [];
    const lost = [...measures].flatMap(([id, { texts }]) => {
      const words = own.measures[id];
      const [, formula, example] = texts;
      const kept = [...numbers(words?.formula), ...numbers(words?.example)];
      return [...(words?.formula ? numbers(formula) : []), ...numbers(example)]
        .filter((number) => !kept.includes(number))
        .map((number) => `${id}: ${number}`);
    });
    expect(lost).toEqual([]);
  });
});
