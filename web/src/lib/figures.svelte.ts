import { address } from './address.svelte';
import { url } from './api/client';
import type { Series, Totals } from './api/types';
import { t } from './i18n';
import { live } from './live.svelte';
import { Pulse } from './pulse.svelte';
import { base, beside, growing, within } from './question';
import { resource, type Resource } from './resource.svelte';
import { bucketOf } from './series';

interface Asked {
  /** The page's tiles. */
  tiles: () => string[];
  /** Measures whose totals the page needs beside them. */
  also?: string[];
  /** The measure that is drawn until another is chosen. */
  first?: string;
}

/**
 * What every page of figures asks of its subject: totals, one measure over time, and today so far. Make one in the
 * page's script; panels get `tick`, which counts what happens while today is shown.
 */
export class Figures {
  readonly pulse: Pulse;
  readonly totals: Resource<Totals>;
  readonly series: Resource<Series>;
  readonly #first: string;

  constructor(subject: () => string, { tiles, also = [], first = 'impressions' }: Asked) {
    this.#first = first;
    this.pulse = new Pulse(() => within(subject()));
    const measures = () => [...new Set([...tiles(), this.metric])];
    this.totals = resource<Totals>(
      () =>
        url('totals', {
          ...base(subject()),
          vs: address.vs,
          measures: [...new Set([...measures(), 'impressions', 'plays', 'viewers', ...also])].join(),
        }),
      this.tick,
    );
    this.series = resource<Series>(
      () =>
        url('series', {
          ...base(subject()),
          vs: address.vs,
          by: bucketOf(address.period, address.get('by')),
          measures: [
            ...new Set([...measures(), ...[beside(this.metric)].filter((id) => id !== null)]),
          ].join(),
        }),
      this.tick,
    );
    $effect(() => {
      const { plays } = this;
      if (plays !== null && !this.totals.busy)
        live.text = t('live.showing', { plays, filters: address.filters.length });
    });
  }

  readonly tick = (): number => (growing() ? this.pulse.tick : 0);

  /** The measure that is drawn. */
  get metric(): string {
    return address.get('metric') ?? this.#first;
  }

  readonly choose = (metric: string): void => {
    const and = address.get('and');
    address.set({ metric: metric === this.#first ? null : metric, and: and === metric ? null : and });
  };

  /** The total of a measure that was asked for; null while it is not known. */
  value(id: string): number | null {
    return this.totals.data?.values[id]?.value ?? null;
  }

  get plays(): number | null {
    return this.value('plays');
  }

  /** Neither shown nor played. */
  get none(): boolean {
    return this.totals.data !== null && !this.plays && !this.value('impressions');
  }

  /** What one may not see answers as if it were not there; so does the page. */
  get missing(): boolean {
    return this.totals.error?.status === 404;
  }
}
