import { glossary } from './glossary.svelte';
import { known, language, locale, t } from './i18n';
import { names, PEOPLE } from './names.svelte';

/** Numbers, days and clock times as people read them. `Intl` only; the server has already resolved zones and buckets. */

const cache = new Map<string, Intl.NumberFormat>();
function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let found = cache.get(key);
  if (!found) cache.set(key, (found = new Intl.NumberFormat(locale, options)));
  return found;
}

/** What stands where there is no value: a ratio without a base is not zero. */
export const NONE = '–';

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : numbers({ maximumFractionDigits: 0 }).format(value);
}

/** 13,412 as "13.4K": for tiles and axes; the exact number is in the table. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  if (Math.abs(value) < 10_000)
    return numbers({ maximumFractionDigits: value < 10 && value % 1 ? 1 : 0 }).format(value);
  return numbers({ notation: 'compact', maximumSignificantDigits: 3 }).format(value);
}

/** A fraction as a percentage. Small but not nothing is never shown as 0 %. */
export function percent(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined) return NONE;
  const format = numbers({ style: 'percent', maximumFractionDigits: digits });
  return value > 0 && value < 0.005 && digits === 0 ? `<${format.format(0.01)}` : format.format(value);
}

/** Media time: 6:58, 1:02:07. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Speeds of networks are told in these steps, whatever a language's own short numbers are. */
function bits(value: number): string {
  const digits = numbers({ maximumSignificantDigits: 3 });
  if (value >= 1e9) return t('unit.gbit', { n: digits.format(value / 1e9) });
  if (value >= 1e6) return t('unit.mbit', { n: digits.format(value / 1e6) });
  return t('unit.kbit', { n: digits.format(value / 1e3) });
}

/** A measured value in the unit the glossary names for it. */
export function value(value: number | null | undefined, unit: string, brief = false): string {
  if (value === null || value === undefined) return NONE;
  switch (unit) {
    case 'ratio':
      return percent(value);
    case 'percent':
      // Kaltura's own: 0 to 100.
      return percent(value / 100);
    case 'bits_per_second':
      return bits(value);
    case 'minutes':
      return value !== 0 && Math.abs(value) < 100
        ? numbers({ maximumFractionDigits: 1 }).format(value)
        : brief
          ? short(value)
          : count(value);
    case 'milliseconds':
      return t('unit.seconds', { n: numbers({ maximumFractionDigits: 1 }).format(value / 1000) });
    case 'score':
      return numbers({ maximumFractionDigits: 1 }).format(value);
    default:
      return brief ? short(value) : count(value);
  }
}

/** Names in a row; without those that are not there. */
export const list = (names: (string | null | undefined)[]): string =>
  names.filter(Boolean).join(language === 'ar' ? '، ' : language === 'ja' ? '、' : ', ');

/** A label within a line of text. German writes nouns with a capital everywhere. */
export const within = (label: string): string =>
  language === 'de' ? label : label.toLocaleLowerCase(locale);

/** Shares of a whole: their changes are points, their axes take fractions. */
export const isRatio = (unit: string): boolean => unit === 'ratio' || unit === 'percent';

/** `2026-11-04` without a zone: a calendar day, so it is formatted in UTC whatever the reader's zone is. */
export function day(
  date: string,
  options: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' },
): string {
  const at = new Date(`${date.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(+at) ? date : at.toLocaleDateString(locale, { ...options, timeZone: 'UTC' });
}

/** A bucket's label as the server spells it (`2026-11-04`, `2026-11`, `2026-W45`, `2026-11-04 13:00`) in words. */
export function bucket(label: string, long = false): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(label)) {
    return day(
      label,
      long ? { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' } : undefined,
    );
  }
  if (/^\d{4}-\d{2}$/.test(label))
    return day(`${label}-01`, { month: long ? 'long' : 'short', year: 'numeric' });
  const week = /^(\d{4})-W(\d{2})$/.exec(label);
  if (week) return t('unit.week', { n: String(Number(week[2])), year: week[1] });
  const hour = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})/.exec(label);
  if (hour) return long ? `${day(hour[1] as string)} ${hour[2]}` : (hour[2] as string);
  return label;
}

/** An instant in the zone the page counts in. */
export function instant(at: string, zone: string, options?: Intl.DateTimeFormatOptions): string {
  const date = new Date(at);
  if (Number.isNaN(+date)) return NONE;
  return date.toLocaleString(locale, options ?? { dateStyle: 'medium', timeStyle: 'short', timeZone: zone });
}

/** Axis ticks from 0 on steps of 1, 2 or 5; the last one is at or above `most`. */
export function ticks(most: number, wanted = 4, whole = true): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10) * power;
  const used = whole ? Math.max(1, step) : step;
  return Array.from({ length: Math.ceil(most / used - 1e-9) + 1 }, (_, i) => +(i * used).toPrecision(12));
}

const regions = new Intl.DisplayNames(locale, { type: 'region', fallback: 'code' });

/** The name of a dimension's value: countries by their code, codes in words, pages without their scheme, the rest as labelled. */
export function name(dimension: string, key: string, label: string = key): string {
  const coded = `value.${dimension}.${key}`;
  if (known(coded)) return t(coded);
  if (key === '' || (key === 'unknown' && PEOPLE.has(dimension)))
    return glossary.dimension(dimension).absent || label;
  // Somebody whose name one may not see: so the server calls them, in English.
  const nameless = key.slice(0, 6);
  if (PEOPLE.has(dimension))
    return names.show(
      key,
      label === `Viewer ${nameless}` ? t('names.viewer', { code: nameless }) : label || key,
    );
  if (dimension === 'country' && /^[A-Z]{2}$/.test(key)) {
    return key === 'ZZ' || key === 'XX' ? label : (regions.of(key) ?? label);
  }
  if (dimension === 'page') return (label || key).replace(/^https?:\/\//, '');
  return label || key;
}
