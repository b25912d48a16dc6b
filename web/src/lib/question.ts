import { address } from './address.svelte';
import type { Query } from './api/client';
import { formatFilter, type Filter } from './filter';
import { glossary } from './glossary.svelte';

/** What the address asks of a subject, without the period. */
export function within(subject: string): Record<string, string | string[] | null> {
  return {
    subject,
    whose: subject.startsWith('owner:') ? address.get('whose') : null,
    subtree: subject.startsWith('category:') ? address.get('subtree') : null,
    account: address.account,
    zone: address.zone,
    f: address.filters.map(formatFilter),
  };
}

/** What is asked about a subject and its days beside its figures: no filter applies to what happened. */
export function happened(subject: string): Query {
  const { f: _, ...rest } = base(subject);
  return rest;
}

/** The whole question of the address. */
export function base(subject: string): Query {
  return {
    ...within(subject),
    period: address.period,
    today: address.today ? '1' : null,
    week: address.week === 'monday' ? null : address.week,
  };
}

/** The whole question with more filters of a panel's own. */
export function narrowed(subject: string, extra: Filter[]): Query {
  return { ...base(subject), f: [...address.filters, ...extra].map(formatFilter) };
}

/** The measure that is drawn beside another, as the address has it. */
export function beside(metric: string): string | null {
  const id = address.get('and');
  return id && id !== metric && glossary.has(id) ? id : null;
}

export const typed = (period: string): boolean => period.includes('..');

/** Presets that end yesterday, unless today is asked for as well (docs/periods.md). */
export const toYesterday = (period: string): boolean => /^(7d|30d|90d|3m|12m)$/.test(period);

/** Whether what happens now belongs to what is shown. */
export function growing(): boolean {
  const { period, today, zone } = address;
  if (toYesterday(period)) return today;
  if (!typed(period)) return !/^(yesterday|last_|term:)/.test(period);
  return (period.split('..')[1] ?? '') >= dayOf(new Date(), zone);
}

/** The calendar day of an instant in a zone, as `2026-11-23`. */
export function dayOf(at: Date, zone: string): string {
  const options: Intl.DateTimeFormatOptions = { year: 'numeric', month: '2-digit', day: '2-digit' };
  try {
    return at.toLocaleDateString('sv-SE', { ...options, timeZone: zone });
  } catch {
    // A zone this browser does not know: the server will say so; here a day in UTC does.
    return at.toISOString().slice(0, 10);
  }
}
