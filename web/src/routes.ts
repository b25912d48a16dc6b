import type { Component } from 'svelte';
import { withTexts, type Key } from './lib/i18n';
import type { AccountRights, Me } from './lib/api/types';

/** One kind of page: its address, its code, and who finds it in the navigation. */
interface Page {
  name: string;
  /** Segments that begin with `:` are handed to the page under that name. */
  path: string;
  load: () => Promise<{ default: Component<any> }>;
  /** Shown without signing in. */
  open?: true;
  /** In the navigation under this text, for those to whom it says anything. */
  nav?: { text: Key; when: (rights: AccountRights, me: Me) => boolean; under?: 'more' | 'settings' };
}

const sees = (rights: AccountRights): boolean =>
  rights.everything || rights.owner || rights.staff.length > 0 || rights.departments.length > 0;
/** A page that few readers open; it comes with its texts. */
const rare = (name: keyof (typeof import('./pages/settings'))['RARE']) => () =>
  withTexts(
    import('./pages/settings').then((pages): Promise<{ default: Component<any> }> => pages.RARE[name]()),
  );

const administers = (rights: AccountRights): boolean => rights.administrator;
/** What is about an administrator's and an owner's recordings. */
const owns = (rights: AccountRights): boolean => rights.administrator || rights.owner;
const inventories = (rights: AccountRights): boolean => rights.everything || rights.owner;
const everybody = (): boolean => true;

/** Every page. The order is the navigation's. */
export const PAGES: Page[] = [
  {
    name: 'media',
    path: '/',
    load: () => import('./pages/Media.svelte'),
    nav: { text: 'media.title', when: sees },
  },
  { name: 'recording', path: '/recording/:id', load: () => import('./pages/Recording.svelte') },
  {
    name: 'courses',
    path: '/courses',
    load: () => withTexts(import('./pages/Courses.svelte')),
    nav: {
      text: 'courses.title',
      when: (rights) => rights.everything || rights.departments.length > 0 || rights.staff.length > 0,
    },
  },
  { name: 'course', path: '/course/:id', load: () => import('./pages/Course.svelte') },
  { name: 'course', path: '/channel/:id', load: () => import('./pages/Course.svelte') },
  {
    name: 'account',
    path: '/account',
    load: () => import('./pages/Account.svelte'),
    nav: { text: 'account.title', when: (rights) => rights.everything || rights.departments.length > 0 },
  },
  { name: 'account', path: '/account/:tab', load: () => import('./pages/Account.svelte') },
  { name: 'viewer', path: '/viewer/:id', load: () => import('./pages/Viewer.svelte') },
  { name: 'playlist', path: '/playlist/:id', load: () => import('./pages/Playlist.svelte') },
  {
    name: 'live',
    path: '/live',
    load: rare('live'),
    nav: { text: 'now.title', when: sees, under: 'more' },
  },
  { name: 'live', path: '/live/:id', load: rare('live') },
  {
    name: 'embeds',
    path: '/embeds',
    load: rare('embeds'),
    nav: { text: 'embeds.title', when: inventories, under: 'more' },
  },
  {
    name: 'quality',
    path: '/quality',
    load: rare('quality'),
    nav: { text: 'quality.title', when: administers, under: 'more' },
  },
  { name: 'reconciliation', path: '/quality/reconciliation', load: rare('reconciliation') },
  {
    name: 'me',
    path: '/me',
    load: rare('me'),
    nav: { text: 'me.title', when: everybody, under: 'more' },
  },
  {
    name: 'record',
    path: '/person/:id/record',
    load: rare('record'),
  },
  {
    name: 'roster',
    path: '/course/:id/roster',
    load: rare('roster'),
  },
  { name: 'settings', path: '/settings', load: rare('settings') },
  {
    name: 'security',
    path: '/settings/security',
    load: rare('security'),
    nav: { text: 'security.title', when: everybody, under: 'settings' },
  },
  {
    name: 'log',
    path: '/settings/access-log',
    load: rare('log'),
    nav: { text: 'log.title', when: owns, under: 'settings' },
  },
  {
    name: 'roles',
    path: '/settings/roles',
    load: rare('roles'),
    nav: { text: 'roles.title', when: administers, under: 'settings' },
  },
  {
    name: 'keys',
    path: '/settings/keys',
    load: rare('keys'),
    nav: { text: 'keys.title', when: administers, under: 'settings' },
  },
  {
    name: 'platforms',
    path: '/settings/platforms',
    load: rare('platforms'),
    nav: { text: 'platforms.title', when: administers, under: 'settings' },
  },
  {
    name: 'rules',
    path: '/settings/rules',
    load: rare('rules'),
    nav: { text: 'rules.title', when: administers, under: 'settings' },
  },
  {
    name: 'privacy',
    path: '/settings/privacy',
    load: rare('privacy'),
    nav: { text: 'privacy.title', when: administers, under: 'settings' },
  },
  {
    name: 'help',
    path: '/help',
    load: () => withTexts(import('./pages/Help.svelte')),
    nav: { text: 'help.title', when: () => true, under: 'more' },
  },
  { name: 'help', path: '/help/:topic', load: () => withTexts(import('./pages/Help.svelte')) },
  { name: 'signin', path: '/login', load: () => withTexts(import('./pages/SignIn.svelte')), open: true },
  { name: 'signin', path: '/welcome', load: () => withTexts(import('./pages/SignIn.svelte')), open: true },
];

/** What an address means: a page and what its address says to it. */
export interface Route {
  page: Page | null;
  props: Record<string, string>;
  /** Shown without signing in. */
  open: boolean;
}

export function route(path: string): Route {
  const parts = path.split('/');
  for (const page of PAGES) {
    const wanted = page.path.split('/');
    if (wanted.length !== parts.length) continue;
    const props: Record<string, string> = {};
    const fits = wanted.every((part, i) => {
      const given = parts[i] ?? '';
      if (!part.startsWith(':')) return part === given;
      props[part.slice(1)] = decode(given);
      return given !== '';
    });
    if (fits) return { page, props, open: page.open ?? false };
  }
  return { page: null, props: {}, open: false };
}

/** The path of a page by its name (`recording`, with its `id`), or null where there is no such page. */
export function pathTo(name: string, props: Record<string, string> = {}): string | null {
  const page = PAGES.find((one) => one.name === name);
  if (!page) return null;
  return page.path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(props[key] ?? ''));
}

/** A damaged escape is taken as it stands: the server then says that there is no such recording. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
