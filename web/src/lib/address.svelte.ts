import { formatFilter, parseFilter, type Filter } from './filter';
import { remember, remembered } from './memory';

type Patch = Record<string, string | string[] | null>;

/** Sort, page and cursor replace the history entry; what changes the question (period, filters) makes a new one. */
const QUIET = new Set([
  'sort',
  'page',
  'vsort',
  'vpage',
  'at',
  'find',
  'vfind',
  'metric',
  'and',
  'show',
  'tech',
  'top',
]);

/** What a link to another page keeps: the question, not where one stood in a list. */
const CARRIED = ['period', 'today', 'zone', 'week', 'vs', 'each', 'account', 'f'];

/** The address is the state: whoever gets the link sees the same. Defaults are left out of it. */
class Address {
  #path = $state(location.pathname);
  #query = $state(location.search);
  #params = $derived(new URLSearchParams(this.#query));

  readonly period = $derived(this.#params.get('period') ?? '30d');
  readonly today = $derived(this.#params.get('today') === '1');
  readonly vs = $derived(this.#params.get('vs') ?? 'previous');
  /**
   * With what rows of tables and lists are compared. The period before stands behind tiles and charts unasked; a line more
   * under each number of each row is for those who want it, as is any other comparison.
   */
  readonly rowsVs = $derived(
    (this.#params.get('each') ?? (this.#params.has('vs') ? '1' : '0')) === '1' ? this.vs : 'none',
  );
  /** Weeks of presets begin on this day. */
  readonly week = $derived(this.#params.get('week') === 'sunday' ? 'sunday' : 'monday');
  readonly account = $derived(this.#params.get('account'));
  readonly filters: Filter[] = $derived(
    this.#params
      .getAll('f')
      .map(parseFilter)
      .filter((f) => f !== null),
  );
  /** Days are counted in this zone. */
  readonly zone = $derived(this.#params.get('zone') ?? 'UTC');

  constructor() {
    addEventListener('popstate', () => this.#read());
    // The reader's own zone, unless the link names one; written into the address so that a colleague elsewhere sees the
    // same days.
    if (!this.#params.has('zone')) {
      const own = remembered('zone') ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
      if (own && own !== 'UTC') this.set({ zone: own }, true);
    }
  }

  get path(): string {
    return this.#path;
  }

  get(key: string): string | null {
    return this.#params.get(key);
  }

  /** This page's address with some of its state changed. */
  with(patch: Patch): string {
    const params = new URLSearchParams(this.#query);
    for (const [key, value] of Object.entries(patch)) {
      params.delete(key);
      if (value === null) continue;
      for (const one of Array.isArray(value) ? value : [value]) params.append(key, one);
    }
    const text = params.toString().replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%3A', ':');
    return this.#path + (text ? `?${text}` : '');
  }

  set(patch: Patch, replace = Object.keys(patch).every((key) => QUIET.has(key))): void {
    const to = this.with(patch);
    if (to === this.#path + this.#query) return;
    if (patch.zone) remember('zone', String(patch.zone));
    history[replace ? 'replaceState' : 'pushState'](null, '', to);
    this.#read();
  }

  filter(filters: Filter[]): void {
    this.set({ f: filters.map(formatFilter), page: null, vpage: null });
  }

  /** The address of another page, with the question carried along. */
  to(path: string, patch: Patch = {}): string {
    const params = new URLSearchParams();
    for (const key of CARRIED) for (const value of this.#params.getAll(key)) params.append(key, value);
    // Only a course has an offering before this one.
    if (params.get('vs') === 'offering' && path !== this.#path) params.delete('vs');
    for (const [key, value] of Object.entries(patch)) {
      params.delete(key);
      for (const one of value === null ? [] : Array.isArray(value) ? value : [value]) params.append(key, one);
    }
    const text = params.toString().replaceAll('%2C', ',').replaceAll('%2F', '/').replaceAll('%3A', ':');
    return path + (text ? `?${text}` : '');
  }

  go(to: string, replace = false): void {
    history[replace ? 'replaceState' : 'pushState'](null, '', to);
    this.#read();
    scrollTo(0, 0);
  }

  #read(): void {
    this.#path = location.pathname;
    this.#query = location.search;
  }
}

export const address = new Address();

/** Lets plain links to our own pages change the address without a load; everything else stays the browser's. */
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest<HTMLAnchorElement>('a[href]');
  if (!link || link.target || link.rel === 'external' || link.hasAttribute('download')) return;
  if (link.origin !== location.origin) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  address.go(link.pathname + link.search);
}
