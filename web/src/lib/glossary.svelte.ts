import { get, url } from './api/client';
import type { Dimension, Measure, Metrics } from './api/types';
import { language } from './i18n';

/** What measures and dimensions are called in other languages; their definitions come when they are opened. */
interface Labels {
  measures: Partial<Record<string, string>>;
  dimensions: Partial<Record<string, string>>;
  /** What people read where a dimension has no value, by the server's English. */
  absent: Partial<Record<string, string>>;
}
const LABELS: Partial<Record<string, () => Promise<{ default: Labels }>>> = {
  de: () => import('./labels/de.json'),
  fr: () => import('./labels/fr.json'),
  es: () => import('./labels/es.json'),
  ja: () => import('./labels/ja.json'),
  ar: () => import('./labels/ar.json'),
};

/** The server's words for what it measures, read once. Everything that names a measure asks here. */
class Glossary {
  #measures = $state.raw(new Map<string, Measure>());
  #dimensions = $state.raw(new Map<string, Dimension>());

  async load(): Promise<void> {
    const labels = LABELS[language]?.().then(
      (read) => read.default,
      () => null,
    );
    const [{ data }, own] = await Promise.all([get<Metrics>(url('metrics')), labels]);
    this.#measures = new Map(
      data.measures.map((m) => [m.id, { ...m, label: own?.measures[m.id] ?? m.label }]),
    );
    this.#dimensions = new Map(
      data.dimensions.map((d) => [
        d.id,
        {
          ...d,
          label: own?.dimensions[d.id] ?? d.label,
          ...(d.absent === undefined ? {} : { absent: own?.absent[d.absent] ?? d.absent }),
        },
      ]),
    );
  }

  /** All measures, in the glossary's order. */
  get measures(): Measure[] {
    return [...this.#measures.values()];
  }

  /** Of an unknown id: the id itself, counted in units. A newer page on an older server still shows its numbers. */
  measure(id: string): Measure {
    return this.#measures.get(id) ?? { id, label: id.replaceAll('_', ' '), unit: 'count', definition: '' };
  }

  has(id: string): boolean {
    return this.#measures.has(id);
  }

  hasDimension(id: string): boolean {
    return this.#dimensions.has(id);
  }

  dimension(id: string): Dimension {
    return this.#dimensions.get(id) ?? { id, label: id.replaceAll('_', ' ') };
  }
}

export const glossary = new Glossary();
