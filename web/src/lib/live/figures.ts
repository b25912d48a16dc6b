import type { Watching } from '../api/types';
import * as fmt from '../fmt';
import { t, type Key } from '../i18n';

/** What is said of people who watch now: the key of its name, and its value in words. */
export interface Figure {
  id: keyof Watching;
  name: Key;
  show: (of: Watching) => string;
}

const many = (id: keyof Watching): Figure => ({
  id,
  name: `now.${id}` as Key,
  show: (of) => fmt.count(of[id]),
});
const share = (id: keyof Watching): Figure => ({
  id,
  name: `now.${id}` as Key,
  show: (of) => fmt.percent(of[id], 1),
});

export const WATCHING = many('watching');
/** Of a live stream: at its edge or behind it. */
export const PLACES = [many('edge'), many('dvr'), many('vod')];
export const STREAM: Figure[] = [
  share('engaged'),
  share('buffering'),
  { id: 'bitrate_bps', name: 'now.bitrate_bps', show: (of) => fmt.value(of.bitrate_bps, 'bits_per_second') },
  { id: 'join_ms', name: 'now.join_ms', show: (of) => fmt.value(of.join_ms, 'milliseconds') },
  many('errors'),
];
export const ALL: Figure[] = [WATCHING, many('viewers'), ...PLACES, ...STREAM];

/** What a figure counts. */
export const about = (figure: Figure): string => t(`${figure.name}.about` as Key);
