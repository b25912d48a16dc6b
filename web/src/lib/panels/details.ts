import type { Key } from '../i18n';

/** One way to look at the figures of a page line by line. */
export interface Tab {
  id: 'recordings' | 'viewers' | 'days' | 'contexts' | 'categories';
  /** `day` stands for the bucket of the chart above. */
  by: string;
  /** What one row is. */
  head: Key;
  measures: string[];
  sort: string;
}

const COMMON = ['impressions', 'plays', 'viewers', 'minutes_viewed'];

export const RECORDINGS: Tab = {
  id: 'recordings',
  by: 'entry',
  head: 'media.recording',
  measures: [...COMMON, 'drop_off', 'completion'],
  sort: '-plays',
};
export const VIEWERS: Tab = {
  id: 'viewers',
  by: 'viewer',
  head: 'viewers.viewer',
  measures: ['impressions', 'plays', 'played_entries', 'minutes_viewed', 'completion', 'last_seen'],
  sort: '-plays',
};
export const DAYS: Tab = {
  id: 'days',
  by: 'day',
  head: 'trend.when',
  measures: [...COMMON, 'drop_off', 'completion'],
  sort: '-label',
};
export const CONTEXTS: Tab = {
  id: 'contexts',
  by: 'playback_context',
  head: 'details.context',
  measures: [...COMMON, 'completion'],
  sort: '-impressions',
};
