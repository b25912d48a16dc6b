import { known, t, type Key } from '../i18n';
import { spans } from '../charts/strip';

/** The server's codes about people, in words. What the pages do not know is shown as it is. */
function word(prefix: string, code: string): string {
  const key = `${prefix}.${code}`;
  return known(key) ? t(key as Key) : code;
}

export const way = (code: string): string => word('way', code);
export const deedDone = (code: string): string => word('deed', code);
export const outcome = (code: string): string => word('outcome', code);
export const member = (code: string): string => word('member', code);

/** `0-30 45-60`, seconds of a recording, as clock times. */
export function parts(text: string): string {
  const runs = text
    .split(' ')
    .filter(Boolean)
    .map((part) => [...part.split('-').map(Number), 1]);
  return runs.length ? spans(runs) : '';
}

/** One thing that a record of the access log is about. */
export interface About {
  kind: string;
  id: string;
  /** Where it is shown, if we have a page of it. */
  path: string | null;
}

const PAGES: Record<string, (id: string) => string> = {
  entry: (id) => `/recording/${encodeURIComponent(id)}`,
  category: (id) => `/course/${encodeURIComponent(id)}`,
};

/** `category:bio,entry:1_a` as its parts; the account and what has no kind stay as they are. */
export function about(subject: string): About[] {
  return subject
    .split(',')
    .filter(Boolean)
    .map((one) => {
      const [kind = '', ...rest] = one.split(':');
      const id = rest.join(':');
      return { kind: word('about', kind), id, path: id ? (PAGES[kind]?.(id) ?? null) : null };
    });
}
