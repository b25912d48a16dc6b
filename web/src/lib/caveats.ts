import type { Caveat } from './api/types';
import { known, t, type Words } from './i18n';

/**
 * A caveat in words. Its fields are the message's arguments, so a new kind needs a line in the messages and nothing here.
 * A kind without a message is shown by the server's own sentence.
 */
export function say(caveat: Caveat): string {
  const key = `caveat.${caveat.kind}`;
  return known(key) ? t(key, { ...caveat } as Words) : caveat.detail;
}
