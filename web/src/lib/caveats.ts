import type { Caveat } from './api/types';
import { known, t, type Words } from './i18n';

/**
 * A caveat in words. Its fields are the message's arguments, so a new kind needs a line in the messages and nothing here.
 * Kinds without a message are shown by their own text, and by nothing where they have none.
 */
export function say(caveat: Caveat): string {
  const key = `caveat.${caveat.kind}`;
  if (!known(key)) return caveat.detail ?? '';
  try {
    return t(key, caveat as Words);
  } catch {
    // A field the message needs is not there: an older or newer server. Its own text is better than none.
    return caveat.detail ?? '';
  }
}
