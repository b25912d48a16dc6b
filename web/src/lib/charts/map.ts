import type { Feature, FeatureCollection, Geometry } from 'geojson';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import world from 'world-atlas/countries-110m.json?url';
import { LETTERS } from './countries';
import { found } from './region-names';

/** What is drawn of a row: how many plays, what the pointer is told, and where it lies (latitude, longitude), if that is known. */
export interface Spot {
  key: string;
  value: number;
  title: string;
  at?: readonly number[] | null;
}

export type Country = Feature<Geometry, { name: string }>;
export type Region = Feature<Geometry, { keys: string[] }>;

async function load<P>(url: string, name: string, signal: AbortSignal): Promise<Feature<Geometry, P>[]> {
  const answer = await fetch(url, { signal });
  const topology = (await answer.json()) as Topology<Record<string, GeometryCollection<P & object>>>;
  const shapes = topology.objects[name];
  return shapes ? (feature(topology, shapes) as FeatureCollection<Geometry, P>).features : [];
}

/** The countries of the world. Nobody watches in Antarctica, and it takes a fifth of the picture. */
export const countries = async (signal: AbortSignal): Promise<Country[]> =>
  (await load<{ name: string }>(world, 'countries', signal)).filter((one) => one.id !== '010');

/** A country's letters. Kosovo has no number in ISO 3166; its customary letters are XK. Empty: none. */
export const letters = (one: Country): string =>
  LETTERS.get(String(one.id)) ?? (one.properties.name === 'Kosovo' ? 'XK' : '');

/** One file per country, loaded when one is looked at (dev/regions.ts makes them). */
const FILES = import.meta.glob<string>('/regions/*.json', { query: '?url', import: 'default', eager: true });

/** The regions of a country; none where their shapes are not known. */
export async function regions(country: string, signal: AbortSignal): Promise<Region[]> {
  const url = FILES[`/regions/${country}.json`];
  return url ? load<{ keys: string[] }>(url, 'regions', signal) : [];
}

/** Rows by the shape that they belong to, the most played first, and those without one. */
export function placed(shapes: Region[], spots: Spot[]): { on: Map<Region, Spot[]>; off: Spot[] } {
  const byKey = new Map(shapes.flatMap((one) => one.properties.keys.map((key) => [key, one] as const)));
  const on = new Map<Region, Spot[]>();
  const off: Spot[] = [];
  for (const spot of spots.toSorted((a, b) => b.value - a.value)) {
    const shape = spot.key ? found(byKey, spot.key) : undefined;
    if (shape) on.set(shape, [...(on.get(shape) ?? []), spot]);
    else off.push(spot);
  }
  return { on, off };
}

/** Steps of the logarithm, 0 to 4: a country with a tenth of the plays of the first must not look like none. */
export const step = (value: number, most: number): number =>
  value <= 0
    ? 0
    : 1 + Math.min(3, Math.floor((4 * Math.log1p(value)) / Math.log1p(Math.max(1, most)) - 1e-9));

/** Of dots it is the area that says how many. */
export const radius = (value: number, most: number): number =>
  value <= 0 ? 0 : Math.max(2.5, 11 * Math.sqrt(value / Math.max(1, most)));
