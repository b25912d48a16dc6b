import { address } from './address.svelte';
import * as fmt from './fmt';
import { t } from './i18n';

/** What figures are compared with, as legends and tiles call it. */
export function against(): string {
  const { vs } = address;
  if (vs === 'previous' || vs === 'year' || vs === 'offering') return t(`against.${vs}`);
  return t('against.date', { day: fmt.day(vs, { day: 'numeric', month: 'short', year: 'numeric' }) });
}
