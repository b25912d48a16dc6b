import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, it } from 'vitest';
import { topics } from '../src/lib/help/fr';
import { LANGUAGES } from '../src/lib/i18n';

// A language lacks no text, asks for no argument that English does not have, and can be read by the formatter.
const files = import.meta.glob<{ default: Record<string, string> }>('../src/lib/messages/**/*.json', {
  eager: true,
});
const texts = (path: string) => files[`../src/lib/messages/${path}.json`]?.default ?? {};

type Node = { type: number; value: string; options?: Record<string, { value: Node[] }> };
/** The arguments of a message: 0 is text, 7 the number within a plural. */
function names(parsed: Node[]): string[] {
  return parsed.flatMap((node) =>
    node.type === 0 || node.type === 7
      ? []
      : [node.value, ...Object.values(node.options ?? {}).flatMap((option) => names(option.value))],
  );
}
const asked = (text: string, locale: string) =>
  [...new Set(names(new IntlMessageFormat(text, locale).getAst() as Node[]))].toSorted();

describe.each(Object.keys(LANGUAGES).filter((language) => language !== 'en'))('%s', (language) => {
  it.each(['', 'panels/', 'settings/'])('has every text of "%s" and no other', (folder) => {
    expect(Object.keys(texts(`${folder}${language}`)).toSorted()).toEqual(
      Object.keys(texts(`${folder}en`)).toSorted(),
    );
  });
  it.each(['', 'panels/', 'settings/'])('asks for the same arguments as English in "%s"', (folder) => {
    const own = texts(`${folder}${language}`);
    const wrong = Object.entries(texts(`${folder}en`)).filter(
      ([key, text]) => String(asked(own[key] ?? '', language)) !== String(asked(text, 'en')),
    );
    expect(wrong.map(([key]) => key)).toEqual([]);
  });
  it('says something else than English in most texts', () => {
    const own = texts(language);
    const same = Object.entries(texts('en')).filter(([key, text]) => own[key] === text);
    expect(same.length / Object.keys(own).length).toBeLessThan(0.12);
  });
});

/** What a person reads in a file of texts, however deep it lies. */
const read = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : Object.values((value ?? {}) as Record<string, unknown>).flatMap((inner) => read(inner));

it('keeps French punctuation at its word', () => {
  // A space that may break leaves a “?” or a “»” alone at the beginning of a line. A skeleton of a number (“::.#”) and an
  // address have no such space.
  const wrong = /[^\u202f][;!?](?=[\s*)»]|$)|[ \u202f]:(?!:)|[ \u202f][»%]|«(?!\u00a0)|[^\u00a0]»|\d \d{3}\b/;
  const labels = import.meta.glob('../src/lib/labels/**/fr.json', { eager: true, import: 'default' });
  const all = [...['', 'panels/', 'settings/'].map((folder) => texts(`${folder}fr`)), topics, labels];
  expect(read(all).length).toBeGreaterThan(1500);
  expect(read(all).filter((text) => wrong.test(text))).toEqual([]);
});
