import type { Key } from '../i18n';

/** The parts of an account's page, each with its figures. `first` is drawn until another is chosen. */
export const PARTS = {
  overview: {
    text: 'account.overview',
    first: 'impressions',
    tiles: ['impressions', 'plays', 'viewers', 'minutes_viewed', 'drop_off', 'completion'],
  },
  technology: {
    text: 'account.technology',
    first: 'plays',
    tiles: ['plays', 'viewers', 'minutes_viewed', 'average_minutes', 'join_time', 'error_rate'],
  },
  places: {
    text: 'account.places',
    first: 'plays',
    tiles: ['impressions', 'plays', 'viewers', 'minutes_viewed', 'completion'],
  },
  contributors: {
    text: 'account.contributors',
    first: 'added_recordings',
    tiles: ['contributors', 'added_recordings', 'added_minutes', 'plays'],
  },
  interactions: {
    text: 'account.interactions',
    first: 'shares',
    tiles: ['shares', 'downloads', 'captions', 'related_selected', 'infos', 'reports'],
  },
} satisfies Record<string, { text: Key; first: string; tiles: string[] }>;

export type Part = keyof typeof PARTS;
export const partOf = (word: string): Part | null => (Object.hasOwn(PARTS, word) ? (word as Part) : null);
