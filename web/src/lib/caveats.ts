import type { Caveat } from './api/types';
import { known, t, type Words } from './i18n';

/**
 * A caveat in words. Its fields are the message's arguments, lists with commas, so a new kind needs a line in the messages
 * and nothing here.
 * A kind without a message is shown by the server's own sentence.
 */
export function say(caveat: Caveat): string {
  const key = `caveat.${caveat.kind}`;
  const listed = ([name, value]: [string, unknown]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ];
  return known(key) ? t(key, Object.fromEntries(Object.entries(caveat).map(listed)) as Words) : caveat.detail;
}
