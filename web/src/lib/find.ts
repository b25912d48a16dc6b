import { PAGES, pathTo } from '../routes';
import { address } from './address.svelte';
import { get, url, type Query } from './api/client';
import type { components } from './api/schema';
import { here } from './here.svelte';
import { t } from './i18n';
import { who } from './me.svelte';
import { names } from './names.svelte';

/** One thing that was found, and where it leads. */
export interface Hit {
  kind: 'panel' | 'page' | 'recording' | 'course' | 'viewer' | 'domain' | 'help';
  label: string;
  note: string;
  /** Of `Icon.svelte`. */
  icon: 'next' | 'video' | 'people' | 'user' | 'link' | 'help';
  to: string;
}

/** Of each kind so many: the list is to be read at a glance, the pages have the rest. */
const EACH = 5;
/** How far back a course, a person or a domain is looked for. */
const PERIOD = '12m';

type Values = components['schemas']['ValueRows'];
type Entries = components['schemas']['EntryPage'];

/** What one may not see, or what failed, is simply not found: the other kinds still are. */
async function ask<T>(to: string, signal: AbortSignal): Promise<T | null> {
  try {
    return (await get<T>(to, signal)).data;
  } catch {
    return null;
  }
}

const values = (dimension: string, find: string, signal: AbortSignal) => {
  const query: Query = { account: address.account, dimension, find, size: EACH, period: PERIOD, today: '1' };
  return ask<Values>(url('values', query), signal).then((got) => (got?.rows ?? []).filter((row) => row.key));
};

/** The page of a thing if there is one, else the first page with a filter on it. */
function lead(name: string, id: string, dimension: string): string {
  const path = pathTo(name, { id });
  const value = id.replace(/[\\,]/g, '\\$&');
  return path ? address.to(path, { f: null }) : address.to('/', { f: `is,${dimension},${value}` });
}

/** The panels of the shown page, as they follow each other: their headings can be gone to. */
function panels(low: string): Hit[] {
  const place = (id: string) => document.getElementById(id)?.getBoundingClientRect().top ?? 0;
  return here.panels
    .filter((panel) => panel.title.toLocaleLowerCase().includes(low))
    .toSorted((a, b) => place(a.id) - place(b.id))
    .map(({ id, title }) => ({ kind: 'panel', label: title, note: '', icon: 'next', to: `#${id}` }));
}

/** Everything that `text` finds, grouped by kind. Without a text: what is on this page, and the pages one may open. */
export async function find(text: string, signal: AbortSignal): Promise<Hit[]> {
  const low = text.toLocaleLowerCase();
  const pages: Hit[] = PAGES.filter(
    (page) => who.is && who.rights && page.nav?.when(who.rights, who.is),
  ).flatMap((page) => {
    const label = page.nav ? t(page.nav.text) : '';
    return label.toLocaleLowerCase().includes(low)
      ? [{ kind: 'page', label, note: '', icon: 'next', to: address.to(page.path) } as const]
      : [];
  });
  if (!text) return [...panels(low), ...pages];
  const { search } = await import('./help');
  const [entries, courses, people, domains, topics] = await Promise.all([
    ask<Entries>(url('entries', { account: address.account, find: text, size: EACH }), signal),
    values('category', text, signal),
    names.hidden ? [] : values('viewer', text, signal),
    values('domain', text, signal),
    search(text),
  ]);
  return [
    ...panels(low),
    ...(entries?.rows ?? []).map((entry): Hit => ({
      kind: 'recording',
      label: entry.name || entry.id,
      note: entry.id,
      icon: 'video',
      to: address.to(`/recording/${encodeURIComponent(entry.id)}`, { f: null }),
    })),
    ...courses.map((row): Hit => ({
      kind: 'course',
      label: row.label,
      note: t('find.plays', { n: row.plays }),
      icon: 'people',
      to: lead('course', row.key, 'category'),
    })),
    ...people
      .filter((row) => row.key !== 'unknown')
      .map((row): Hit => ({
        kind: 'viewer',
        label: row.label,
        note: t('find.plays', { n: row.plays }),
        icon: 'user',
        to: lead('viewer', row.key, 'viewer'),
      })),
    ...domains.map((row): Hit => ({
      kind: 'domain',
      label: row.label,
      note: t('find.plays', { n: row.plays }),
      icon: 'link',
      to: address.to('/', { f: `is,domain,${row.key.replace(/[\\,]/g, '\\$&')}` }),
    })),
    ...topics.slice(0, EACH).map((topic): Hit => ({
      kind: 'help',
      label: topic.title,
      note: topic.note,
      icon: 'help',
      to: address.to(`/help/${topic.id}`),
    })),
    ...pages,
  ];
}
