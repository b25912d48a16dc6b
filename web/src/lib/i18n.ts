import { IntlMessageFormat } from 'intl-messageformat';
import en from './messages/en.json';

/** Every text of the pages; `en.json` is the list of keys, so a missing one fails the type check. */
export type Key = keyof typeof en;
export type Words = Record<string, string | number | null | undefined>;

export const locale = 'en';

const compiled = new Map<Key, IntlMessageFormat>();

/** The text of `key` in the reader's language, as an ICU message with `words` filled in. */
export function t(key: Key, words?: Words): string {
  let message = compiled.get(key);
  if (!message) {
    message = new IntlMessageFormat(en[key], locale);
    compiled.set(key, message);
  }
  return String(message.format(words));
}

/** Whether `key` is a text we have: for keys made of what the server says. */
export const known = (key: string): key is Key => key in en;
