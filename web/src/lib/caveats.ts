import type { Caveat } from './api/types';
import * as fmt from './fmt';
import { glossary } from './glossary.svelte';
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
    Array.isArray(value) ? fmt.list(value.map(named)) : value,
  ];
  if (!known(key)) return caveat.detail;
  const words = Object.fromEntries(Object.entries(caveat).map(listed)) as Words;
  // The server's labels are English.
  if ('measure' in caveat && glossary.has(caveat.measure))
    Object.assign(words, {
      label: glossary.measure(caveat.measure).label,
      like_label: glossary.measure(caveat.like).label,
    });
  return t(key, words);
}

/** A measure or a dimension by its name, if it is one. */
const named = (id: string): string =>
  glossary.hasDimension(id)
    ? glossary.dimension(id).label
    : glossary.has(id)
      ? glossary.measure(id).label
      : id;
