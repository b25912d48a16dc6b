import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { topics as english } from '../src/lib/help/en';
import type { Topic } from '../src/lib/help';
import { blocks, inline, type Inline } from '../src/lib/help/markup';
import { LANGUAGES } from '../src/lib/i18n';

// The guide says the same in every language: the same topics, made of the same parts, with the same links, and the pages'
// labels as these pages show them.
const guides = import.meta.glob<{ topics: Topic[] }>('../src/lib/help/??.ts', { eager: true });
const messages = import.meta.glob<{ default: Record<string, string> }>('../src/lib/messages/**/??.json', {
  eager: true,
});
const labels = import.meta.glob<{ default: { measures: Record<string, string> } }>(
  '../src/lib/labels/??.json',
  { eager: true },
);
const glossary = readFileSync(new URL('../../docs/generated/glossary.md', import.meta.url), 'utf8');
const measures = Object.fromEntries(
  [...glossary.matchAll(/^### (.+) `(\w+)`$/gm)].map(([, label = '', id = '']) => [id, label]),
);

/** All labels of a language by their key. */
function words(language: string): Record<string, string> {
  const text = (folder: string) => messages[`../src/lib/messages/${folder}${language}.json`]?.default;
  const of = labels[`../src/lib/labels/${language}.json`]?.default.measures ?? measures;
  const measured = Object.fromEntries(Object.entries(of).map(([id, label]) => [`measure ${id}`, label]));
  return { ...text(''), ...text('panels/'), ...text('settings/'), ...measured };
}

/** What a text is made of: each block with the number of its items, or cells of its rows. */
const shape = (topic: Topic) =>
  blocks(topic.text).map((block) =>
    block.kind === 'table'
      ? `table ${[block.head, ...block.rows].map((row) => row.length).join()}`
      : 'items' in block
        ? `${block.kind} ${block.items.length}`
        : block.kind,
  );
const parts = (topic: Topic, kind: Inline['kind']) => inline(topic.text).filter((part) => part.kind === kind);
const links = (topic: Topic) => parts(topic, 'link').map((part) => ('to' in part ? part.to : ''));
/** As it is compared: French may or may not keep its spaces from breaking. */
const plain = (text = '') => text.toLowerCase().replace(/[\u00a0\u202f]/g, ' ');
const bold = (topic: Topic) => parts(topic, 'bold').map((part) => plain(part.text));

const en = words('en');
/** The keys under which an English label is known; of the keys for programs the guide does not speak. */
const keys = (label: string) =>
  Object.keys(en).filter((key) => plain(en[key]) === label && !key.startsWith('keys.'));

describe.each(Object.keys(LANGUAGES).filter((language) => language !== 'en'))(
  'the guide in %s',
  (language) => {
    const own = guides[`../src/lib/help/${language}.ts`]?.topics ?? [];
    const said = words(language);

    it('has the same topics in the same order', () => {
      expect(own.map((topic) => topic.id)).toEqual(english.map((topic) => topic.id));
      expect(own.filter((topic) => !topic.title || topic.also.length < 3).map((topic) => topic.id)).toEqual(
        [],
      );
    });
    it.each(english.map((topic, at) => [topic.id, topic, own[at]] as const))(
      'says the same of %s',
      (_, topic, translated) => {
        if (!translated) throw new Error('missing');
        expect(shape(translated)).toEqual(shape(topic));
        expect(links(translated).toSorted()).toEqual(links(topic).toSorted());
        expect(bold(translated).length).toBe(bold(topic).length);
        // What English names as the pages do, the translation names as its pages do.
        const wrong = bold(topic).filter((label) => {
          const theirs = keys(label).map((key) => plain(said[key]));
          return theirs.length > 0 && !bold(translated).some((text) => theirs.includes(text));
        });
        expect(wrong).toEqual([]);
        expect(translated.text).not.toBe(topic.text);
      },
    );
  },
);

it('names labels that exist', () => {
  // Of a guide whose bold words are no labels at all the comparison above says nothing.
  expect(english.flatMap(bold).filter((text) => keys(text).length).length).toBeGreaterThan(45);
});
