import type { Quality } from '../api/types';
import * as fmt from '../fmt';
import type { Key } from '../i18n';

export type FigureId = Exclude<keyof Quality['figures'], 'places_unknown_share'>;

/** Figures of the data, by what they say: how much is there, what is not known, what was left out, what may be missing. */
export const GROUPS: { name: Key; figures: FigureId[] }[] = [
  { name: 'quality.group.complete', figures: ['completeness', 'missing', 'late', 'reordered', 'manifests'] },
  {
    name: 'quality.group.unknown',
    figures: [
      'unknown_share',
      'places_unknown',
      'pages_unknown',
      'identity_unsigned',
      'identity_invalid',
      'identity_other',
    ],
  },
  { name: 'quality.group.out', figures: ['events', 'plays', 'duplicates', 'bot_events', 'suspect_events'] },
];

/** A part of a whole; nothing where there is none of either. */
export function share(n: number, whole: number): string {
  if (!whole || !n) return '';
  // Few of very many are not none.
  return n / whole < 0.0005 ? `<${fmt.percent(0.001, 1)}` : fmt.percent(n / whole, 1);
}

/** Of the streams that a media server reported on a day, how many were also reported as played; may exceed one. */
export const coverage = (day: Quality['days'][number]): number | null =>
  day.manifests && day.plays !== null && day.plays !== undefined ? day.plays / day.manifests : null;

/** A figure with its share of what it is part of, where that says more. */
export function figure(id: FigureId, of: Quality['figures']): { value: string; aside: string } {
  switch (id) {
    case 'completeness':
    case 'unknown_share':
      return { value: fmt.percent(of[id], 1), aside: '' };
    case 'places_unknown':
      return { value: fmt.count(of[id]), aside: fmt.percent(of.places_unknown_share, 1) };
    case 'pages_unknown':
      return { value: fmt.count(of[id]), aside: share(of[id], of.plays) };
    case 'duplicates':
    case 'bot_events':
    case 'suspect_events':
      return { value: fmt.count(of[id]), aside: share(of[id], of.events + of[id]) };
    default:
      return { value: fmt.count(of[id]), aside: '' };
  }
}
