import { address } from '../address.svelte';
import type { Query } from '../api/client';
import { formatFilter } from '../filter';

/** Ranges offered: embeds are looked for over a year, for a page may be opened once a term. */
export const RANGES = ['30d', '90d', '12m', 'all'] as const;
export const STATUSES = ['to_do', 'done', 'cannot_trace', 'cannot_open', 'no_action'] as const;
/** Rows on a page. */
export const SIZE = 25;

/** What the address asks of the inventory; nothing but what it says of pages, sorting and searching differs by view. */
export function asked(): Query {
  return {
    account: address.account,
    zone: address.zone,
    period: address.get('range') ?? '12m',
    today: 1,
    f: address.filters.map(formatFilter),
    campaign: address.get('campaign'),
    status: address.get('status'),
    rule: address.get('rule'),
    returned: address.get('returned'),
    find: address.get('find'),
  };
}
