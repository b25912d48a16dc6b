import { IntlMessageFormat } from 'intl-messageformat';
import en from './messages/en.json';
import type settings from './messages/settings/en.json';

/** Every text of the pages; the files are the list of keys, so a missing one fails the type check. */
export type Key = keyof typeof en | keyof typeof settings;
export type Words = Record<string, string | number | null | undefined>;

export const locale = 'en';

/** Texts that few readers need come with the pages that show them. */
let own: Partial<Record<Key, string>> = en;

/** Loads a page of the settings together with its texts. */
export async function withTexts<T>(page: Promise<T>): Promise<T> {
  const texts = import('./messages/settings/en.json');
  own = { ...en, ...(await texts).default };
  return page;
}

const compiled = new Map<Key, IntlMessageFormat>();

/** The text of `key` in the reader's language, as an ICU message with `words` filled in. */
export function t(key: Key, words?: Words): string {
  let message = compiled.get(key);
  if (!message) {
    message = new IntlMessageFormat(own[key] ?? key, locale);
    compiled.set(key, message);
  }
  return String(message.format(words));
}

/** Whether `key` is a text we have: for keys made of what the server says. */
export const known = (key: string): key is Key => key in own;
