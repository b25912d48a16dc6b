import { address } from './address.svelte';
import type { Answer, TableRow } from './api/types';
import { rowChange, type Change } from './change';
import * as fmt from './fmt';
import { glossary } from './glossary.svelte';
import { t } from './i18n';

/** What figures are compared with, as legends and tiles call it. */
export function against(): string {
  const { vs } = address;
  if (vs === 'previous' || vs === 'year' || vs === 'offering') return t(`against.${vs}`);
  return t('against.date', { day: fmt.day(vs, { day: 'numeric', month: 'short', year: 'numeric' }) });
}

/** How the cells of a table stand against what its answer is compared with; nothing where it is compared with nothing. */
export function versus(
  answer: Answer<unknown> | null,
): ((row: TableRow | undefined, measure: string) => Change | null) | undefined {
  if (!answer?.scope.compared) return undefined;
  return (row, id) => (row && glossary.has(id) ? rowChange(glossary.measure(id), row) : null);
}

/** Heads of a chart's table: each measure, and with a comparison what it was then. */
export const heads = (measures: string[], compared: boolean): string[] =>
  measures.flatMap((id) => {
    const { label } = glossary.measure(id);
    return compared ? [label, t('table.before', { name: label, against: against() })] : [label];
  });

/** Their cells. */
export const cells = (measures: string[], row: TableRow, compared: boolean): (number | null)[] =>
  measures.flatMap((id) => {
    const now = row.values[id] ?? null;
    return compared ? [now, row.previous?.[id] ?? null] : [now];
  });
