import { get, url } from './api/client';
import type { Dimension, Measure, Metrics } from './api/types';

/** The server's words for what it measures, read once. Everything that names a measure asks here. */
class Glossary {
  #measures = $state.raw(new Map<string, Measure>());
  #dimensions = $state.raw(new Map<string, Dimension>());

  async load(): Promise<void> {
    const { data } = await get<Metrics>(url('metrics'));
    this.#measures = new Map(data.measures.map((m) => [m.id, m]));
    this.#dimensions = new Map(data.dimensions.map((d) => [d.id, d]));
  }

  /** Of an unknown id: the id itself, counted in units. A newer page on an older server still shows its numbers. */
  measure(id: string): Measure {
    return this.#measures.get(id) ?? { id, label: id.replaceAll('_', ' '), unit: 'count', definition: '' };
  }

  /** Every measure, in the server's order. */
  get measures(): Measure[] {
    return [...this.#measures.values()];
  }

  has(id: string): boolean {
    return this.#measures.has(id);
  }

  dimension(id: string): Dimension {
    return this.#dimensions.get(id) ?? { id, label: id.replaceAll('_', ' ') };
  }
}

export const glossary = new Glossary();
