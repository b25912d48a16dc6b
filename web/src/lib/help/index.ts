import { glossary } from '../glossary.svelte';
import { language, type Language } from '../i18n';

/** One page of the guide. */
export interface Topic {
  /** In its address: `/help/funnel`. The same in every language. */
  id: string;
  title: string;
  /** Other names under which people look for it: Kaltura's labels, everyday words. */
  also: string[];
  /** In the markup of help/markup.ts. */
  text: string;
}

/** Something the search found in the help. `id` is what follows `/help/`. */
export interface Found {
  id: string;
  title: string;
  note: string;
}

/** Every language has its guide; tests/guide.test.ts holds that they say the same. */
const GUIDES: Record<Language, () => Promise<{ topics: Topic[] }>> = {
  en: () => import('./en'),
  de: () => import('./de'),
  fr: () => import('./fr'),
  es: () => import('./es'),
  ja: () => import('./ja'),
  ar: () => import('./ar'),
};

let read: Promise<Topic[]> | null = null;

/** The guide in the reader's language, read when first needed. */
export function guide(): Promise<Topic[]> {
  read ??= GUIDES[language]().then((module) => module.topics);
  return read;
}

/** Topics and measures that hold every word of `text`, titles first. */
export async function search(text: string): Promise<Found[]> {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const holds = (where: string) => words.every((word) => where.toLocaleLowerCase().includes(word));
  const topics = await guide();
  const named = topics.filter((topic) => holds(topic.title));
  const also = topics.filter((topic) => !named.includes(topic) && topic.also.some(holds));
  const deep = topics.filter((topic) => !named.includes(topic) && !also.includes(topic) && holds(topic.text));
  const measures = glossary.measures.filter((m) => holds(m.label) || (m.kaltura && holds(m.kaltura)));
  return [
    ...named.map((topic) => ({ id: topic.id, title: topic.title, note: '' })),
    ...also.map((topic) => ({
      id: topic.id,
      title: topic.title,
      note: topic.also.find(holds) ?? '',
    })),
    ...measures.map((m) => ({ id: `measures?about=${m.id}`, title: m.label, note: m.kaltura ?? '' })),
    ...deep.map((topic) => ({ id: topic.id, title: topic.title, note: '' })),
  ];
}
