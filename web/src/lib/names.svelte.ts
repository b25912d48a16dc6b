import { t } from './i18n';

let hidden = $state(false);

/**
 * "Hide names", for showing one's screen to others: people are called by a short code instead, in every list of this tab,
 * until it is switched back or the tab is closed. It hides from onlookers; what one may see the server decides.
 */
export const names = {
  get hidden(): boolean {
    return hidden;
  },
  set(to: boolean): void {
    hidden = to;
  },
  /** A person's name, or a code while names are hidden. `key`: as answers and filters have it. */
  show(key: string, name: string): string {
    if (!hidden || key === 'unknown' || key === '') return name;
    return t('names.code', { code: code(key) });
  },
};

/** Four characters that stay the same for a person: rows can still be told apart, and compared across pages. */
export function code(key: string): string {
  let h = 2166136261;
  for (const char of key) h = Math.imul(h ^ char.charCodeAt(0), 16777619);
  return (h >>> 0).toString(36).toUpperCase().padStart(4, '0').slice(-4);
}

/** Dimensions whose values are people. */
export const PEOPLE = new Set(['viewer', 'owner']);
