import { address } from './address.svelte';
import { get, url } from './api/client';
import type { components } from './api/schema';
import * as fmt from './fmt';
import { glossary } from './glossary.svelte';
import { t } from './i18n';

/** Dimensions whose keys say nothing to people: what they are called is asked once, where a filter names one. */
const NAMED = new Set([
  'viewer',
  'owner',
  'entry',
  'category',
  'subcategory',
  'playback_context',
  'proved_context',
  'playlist',
  'term',
]);

let found = $state.raw<Record<string, string>>({});
const asked = new Set<string>();
const at = (dimension: string, key: string) => `${dimension}\n${key}`;

/** From lists that knew it. Lists say it while they are drawn, when no state may change; chips are drawn after them. */
const heard = new Map<string, string>();

async function ask(dimension: string, key: string): Promise<void> {
  if (asked.has(at(dimension, key))) return;
  asked.add(at(dimension, key));
  const query = { account: address.account, dimension, find: key, period: 'all', size: 20 };
  try {
    const { data } = await get<components['schemas']['ValueRows']>(url('values', query));
    const row = data.rows.find((one) => one.key === key);
    if (row?.label) found = { ...found, [at(dimension, key)]: row.label };
  } catch {
    // Then it is shown by its key.
  }
}

/**
 * What people read for a dimension's value: countries by name, codes in words, people perhaps without their names. `label`
 * is what an answer says; without one it is looked up where the key alone says nothing.
 */
export function called(dimension: string, key: string, label?: string): string {
  if (key === '') return glossary.dimension(dimension).absent || label || t('value.none');
  if (!NAMED.has(dimension)) return fmt.name(dimension, key, label);
  if (label) heard.set(at(dimension, key), label);
  const name = label ?? heard.get(at(dimension, key)) ?? found[at(dimension, key)];
  if (name === undefined) void ask(dimension, key);
  return fmt.name(dimension, key, name ?? key);
}
