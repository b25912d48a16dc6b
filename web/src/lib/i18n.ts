import { IntlMessageFormat } from 'intl-messageformat';
import { boot } from './boot';
import { remember, remembered } from './memory';
import en from './messages/en.json';
import type panels from './messages/panels/en.json';
import type settings from './messages/settings/en.json';

/** Every text of the pages; the files are the list of keys, so a missing one fails the type check. */
export type Key = keyof typeof en | keyof typeof panels | keyof typeof settings;
export type Words = Record<string, string | number | null | undefined>;

/** The languages there are texts for, by their own names. */
export const LANGUAGES = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  ja: '日本語',
  ar: 'العربية',
} as const;
export type Language = keyof typeof LANGUAGES;

/** Every language but English is a chunk of its own, read once before the first text is shown. */
type Texts = Record<Exclude<Language, 'en'>, () => Promise<{ default: Partial<Record<Key, string>> }>>;
const TEXTS: Texts = {
  de: () => import('./messages/de.json'),
  fr: () => import('./messages/fr.json'),
  es: () => import('./messages/es.json'),
  ja: () => import('./messages/ja.json'),
  ar: () => import('./messages/ar.json'),
};
const PANELS: Texts = {
  de: () => import('./messages/panels/de.json'),
  fr: () => import('./messages/panels/fr.json'),
  es: () => import('./messages/panels/es.json'),
  ja: () => import('./messages/panels/ja.json'),
  ar: () => import('./messages/panels/ar.json'),
};
const SETTINGS: Texts = {
  de: () => import('./messages/settings/de.json'),
  fr: () => import('./messages/settings/fr.json'),
  es: () => import('./messages/settings/es.json'),
  ja: () => import('./messages/settings/ja.json'),
  ar: () => import('./messages/settings/ar.json'),
};

/** An LMS may send a tag of its own making, which Intl refuses. */
function sound(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

/**
 * The language and the full tag for numbers and dates (`de-AT`): the LMS's if it launched us, else what was chosen here,
 * else the first of the browser's languages that we have.
 */
export function choose(wishes: readonly (string | null | undefined)[]): {
  language: Language;
  locale: string;
} {
  for (const wish of wishes) {
    const tag = wish?.replaceAll('_', '-') ?? '';
    const language = tag.split('-')[0]?.toLowerCase() ?? '';
    if (Object.hasOwn(LANGUAGES, language)) {
      return { language: language as Language, locale: sound(tag) ? tag : language };
    }
  }
  return { language: 'en', locale: 'en' };
}

const browser = globalThis.navigator?.languages ?? [];
const picked = remembered('language');
const chosen = choose([
  boot?.locale,
  // The chosen language in the browser's own variety of it, if it has one: de-AT for somebody who picked German in Vienna.
  picked && (browser.find((tag) => tag.split('-')[0] === picked) ?? picked),
  ...browser,
]);

export const language = chosen.language;
/**
 * For numbers and dates. Arabic countries differ in their digits; media times, what one types and what the texts say are in
 * 0 to 9 everywhere, so all numbers are, and no line has both.
 */
export const locale =
  language === 'ar' ? new Intl.Locale(chosen.locale, { numberingSystem: 'latn' }).toString() : chosen.locale;
export const direction = language === 'ar' ? 'rtl' : 'ltr';
if (globalThis.document) {
  document.documentElement.lang = chosen.locale;
  document.documentElement.dir = direction;
}

/** Texts that could not be read (a connection that broke) are in English; the page works. */
const read = async (texts: Texts): Promise<Partial<Record<Key, string>>> =>
  language === 'en'
    ? {}
    : await texts[language]().then(
        (found) => found.default,
        () => ({}),
      );
let own = await read(TEXTS);

/** English, which stands in for what a language lacks. Texts that few readers need come with the pages that show them. */
let english: Partial<Record<Key, string>> = en;

/** Loads what is opened later, a panel or a page that not everybody has, together with its texts (`messages/panels`). */
export async function withTexts<T>(page: Promise<T>): Promise<T> {
  const [texts, translated] = await Promise.all([import('./messages/panels/en.json'), read(PANELS)]);
  english = { ...english, ...texts.default };
  own = { ...own, ...translated };
  return page;
}

/** The same of a page that few readers open: its own texts (`messages/settings`) come too. */
export async function withRareTexts<T>(page: Promise<T>): Promise<T> {
  const [texts, translated] = await Promise.all([import('./messages/settings/en.json'), read(SETTINGS)]);
  english = { ...english, ...texts.default };
  own = { ...own, ...translated };
  return withTexts(page);
}

const compiled = new Map<Key, IntlMessageFormat | string>();
const plain = new Intl.NumberFormat(locale);

interface Node {
  type: number;
  value: string;
  options?: Record<string, { value: Node[] }>;
}
/**
 * Within a message `{n}` alone is put in as it is: numbers without their thousands. Such places (type 1) ask for `n#` instead,
 * the number as people write it; plurals still take the number itself.
 */
function grouped(nodes: Node[]): void {
  for (const node of nodes) {
    if (node.type === 1) node.value += '#';
    for (const option of Object.values(node.options ?? {})) grouped(option.value);
  }
}

/** The build parses what has arguments (vite.config.ts) and leaves other texts as they are; then there is no parser here. */
function compile(key: Key): IntlMessageFormat | string {
  const text = own[key];
  const message = text ?? english[key] ?? key;
  if (typeof message === 'string' && !/[{'<]/.test(message)) return message;
  const format = new IntlMessageFormat(message, text === undefined && language !== 'en' ? 'en' : locale);
  grouped(format.getAst() as Node[]);
  return format;
}

/** The text of `key` in the reader's language, as an ICU message with `words` filled in. */
export function t(key: Key, words?: Words): string {
  let message = compiled.get(key);
  if (message === undefined) {
    message = compile(key);
    // A text that has not come yet is asked for again.
    if (known(key)) compiled.set(key, message);
  }
  if (typeof message === 'string') return message;
  const said: Words = { ...words };
  for (const [name, value] of Object.entries(words ?? {}))
    said[`${name}#`] = typeof value === 'number' ? plain.format(value) : value;
  return String(message.format(said));
}

/** Whether `key` is a text we have: for keys made of what the server says. */
export const known = (key: string): key is Key => key in english;

/** From now on in another language. The address is the state, so nothing is lost by reading the page again. */
export function speak(to: Language): void {
  remember('language', to);
  location.reload();
}
