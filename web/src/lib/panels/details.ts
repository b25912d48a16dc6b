import type { Key } from '../i18n';

/** One way to look at the figures of a page line by line. */
export interface Tab {
  id:
    | 'recordings'
    | 'viewers'
    | 'days'
    | 'contexts'
    | 'playlists'
    | 'categories'
    | 'subcategories'
    | 'contributors'
    | 'interactions';
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
export const CATEGORIES: Tab = {
  id: 'categories',
  by: 'category',
  head: 'details.category',
  measures: [...COMMON, 'played_entries', 'completion'],
  sort: '-plays',
};
export const SUBCATEGORIES: Tab = {
  id: 'subcategories',
  by: 'subcategory',
  head: 'details.category',
  measures: ['plays', 'viewers', 'minutes_viewed', 'played_entries', 'added_recordings'],
  sort: '-plays',
};
export const CONTRIBUTORS: Tab = {
  id: 'contributors',
  by: 'owner',
  head: 'details.contributor',
  measures: ['added_recordings', 'added_minutes', 'plays', 'viewers', 'minutes_viewed'],
  sort: '-added_recordings',
};
/** What people do with recordings beside playing them. */
export const INTERACTIONS: Tab = {
  id: 'interactions',
  by: 'entry',
  head: 'media.recording',
  measures: ['shares', 'downloads', 'captions', 'related_selected', 'infos', 'reports', 'plays'],
  sort: '-shares',
};
export const PLAYLISTS: Tab = {
  id: 'playlists',
  by: 'playlist',
  head: 'details.playlist',
  measures: ['plays', 'viewers', 'minutes_viewed', 'played_entries', 'completion'],
  sort: '-plays',
};
