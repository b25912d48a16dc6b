import { address } from '../address.svelte';
import type { Sentence } from '../api/types';
import { clock } from '../fmt';
import * as fmt from '../fmt';
import { formatFilter, toggle } from '../filter';
import { known, locale, t } from '../i18n';

/** A sentence in pieces: plain text, or text that leads somewhere. */
export type Piece = { text: string; to?: string };

/** Stands for the names in a message until it is cut there. No text of ours has it. */
const HERE = '\u0001';

/** Where what an insight is about can be seen. */
function way(dimension: string, key: string): string {
  if (dimension === 'entry') return address.to(`/recording/${encodeURIComponent(key)}`);
  if (dimension === 'day') return address.with({ period: `${key}..${key}`, page: null });
  return address.with({ f: toggle(address.filters, dimension, key).map(formatFilter), page: null });
}

/**
 * An insight of the server in the reader's language, cut where its names and moments are links. A kind that the messages
 * do not know is the server's own sentence.
 */
export function told({ insight, numbers, about, sentence }: Sentence): Piece[] {
  const message = `insight.${insight}`;
  if (!known(message)) return [{ text: sentence }];
  const links: Piece[] = about.map(({ dimension, key, label }) => ({
    text: dimension === 'day' ? fmt.bucket(key, true) : fmt.name(dimension, key, label),
    to: way(dimension, key),
  }));
  const second = numbers.second ?? numbers.from_second;
  if (!links.length && second !== undefined)
    links.push({ text: clock(second), to: address.with({ at: String(second) }) });
  const clocks = Object.fromEntries(['to_second'].map((name) => [name, clock(numbers[name] ?? 0)] as const));
  const text = t(message, { ...numbers, ...clocks, n: links.length, name: HERE });
  const [before = '', after = ''] = text.split(HERE);
  const names = new Intl.ListFormat(locale, { type: 'conjunction' })
    .formatToParts(links.map((_, i) => String(i)))
    .map((part): Piece =>
      part.type === 'element' ? (links[Number(part.value)] ?? { text: '' }) : { text: part.value },
    );
  return [{ text: before }, ...names, { text: after }].filter((piece) => piece.text !== '');
}
