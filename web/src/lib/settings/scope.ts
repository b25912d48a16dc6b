import { t, type Key } from '../i18n';

/** What a key sees, and how people appear, in words. */
export const SCOPES = ['account', 'category', 'owner', 'entry'] as const;
export const PEOPLE = ['none', 'pseudonyms', 'names'] as const;

/** `category:bio` as a sentence. */
export function scope(text: string): string {
  const [kind = '', ...rest] = text.split(':');
  const key = SCOPES.find((one) => one === kind);
  return key ? t(`scope.${key}.is`, { id: rest.join(':') }) : text;
}

export function people(text: string | null | undefined): string {
  const key = PEOPLE.find((one) => one === text);
  return key ? t(`people.${key}` satisfies Key) : (text ?? '');
}
