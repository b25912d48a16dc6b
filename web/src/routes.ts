import type { Component } from 'svelte';
import type { Key } from './lib/i18n';
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
    load: () => import('./pages/Courses.svelte'),
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
  { name: 'signin', path: '/login', load: () => import('./pages/SignIn.svelte'), open: true },
  { name: 'signin', path: '/welcome', load: () => import('./pages/SignIn.svelte'), open: true },
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

/** A damaged escape is taken as it stands: the server then says that there is no such recording. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
