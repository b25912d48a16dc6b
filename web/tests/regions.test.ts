import { iso31661, iso31662 } from 'iso-3166';
import { feature } from 'topojson-client';
import { expect, test } from 'vitest';
import { BYTES_MAX, country, type Shapes } from '../dev/regions';
import { placed, radius, step, type Region } from '../src/lib/charts/map';
import { found, plain } from '../src/lib/charts/region-names';
// The regions that DB-IP's city data of June 2026 name (IP Geolocation by DB-IP, CC BY 4.0).
import NAMES from './region-names.json';

/** What has no shape: younger than them, or a part of France that is a country of its own in the figures. */
const MISSED: Record<string, string[]> = {
  FR: [
    'Basse-terre',
    'Cayenne',
    'Collectivity of Saint Martin',
    'Fort-de-france',
    'Grande-terre',
    'Le Marin',
    'Province Nord',
  ],
  IN: ['Ladakh', 'Telangana'],
};
/** The same of ISO 3166-2's first level. */
const ISO: Record<string, string[]> = {
  CN: ['Hong Kong SAR', 'Macao SAR', 'Taiwan Sheng'],
  FR: [
    'Guadeloupe',
    'Martinique',
    'Guyane (française)',
    'La Réunion',
    'Mayotte',
    'Saint-Barthélemy',
    'Clipperton',
    'Saint-Martin',
    'Nouvelle-Calédonie',
    'Polynésie française',
    'Saint-Pierre-et-Miquelon',
    'Terres australes françaises',
    'Wallis-et-Futuna',
  ],
  IN: ['Ladākh', 'Telangāna'],
  US: [
    'American Samoa',
    'Guam',
    'Northern Mariana Islands',
    'Puerto Rico',
    'United States Minor Outlying Islands',
    'United States Virgin Islands',
  ],
};

const made = new Map<string, Region[]>();
function shapes(letters: string): Region[] {
  const known = made.get(letters);
  if (known) return known;
  const text = country(letters, iso31661.find((one) => one.alpha2 === letters)?.alpha3 ?? '') ?? '';
  expect(text.length).toBeLessThanOrEqual(BYTES_MAX);
  const topology = JSON.parse(text) as Shapes;
  const { features } = feature(topology, topology.objects.regions);
  made.set(letters, features);
  return features;
}
const keys = (all: Region[]) =>
  new Map(all.flatMap((one) => one.properties.keys.map((key) => [key, one] as const)));

test.each(Object.entries(NAMES))('regions of %s as place data name them', (letters, names) => {
  const all = keys(shapes(letters));
  expect(names.filter((name) => !found(all, name))).toEqual(MISSED[letters] ?? []);
});

// Of the United Kingdom that is counties; the figures have nations.
test.each(Object.keys(NAMES).filter((letters) => letters !== 'GB'))(
  'regions of %s as ISO 3166-2 names them',
  (letters) => {
    const all = keys(shapes(letters));
    const names = iso31662.filter((one) => one.parent === letters).map((one) => one.name);
    expect(names.filter((name) => !found(all, name))).toEqual(ISO[letters] ?? []);
  },
);

test.each(Object.keys(NAMES))('no name of %s means two shapes', (letters) => {
  const names = shapes(letters).flatMap((one) => one.properties.keys);
  expect(names.length).toBe(new Set(names).size);
});

test('words for the kind of a region do not keep it from being found', () => {
  expect(['State of Berlin', 'Izmir Province', 'Québec', 'Krasnodar Krai', 'İzmir'].map(plain)).toEqual([
    'berlin',
    'izmir',
    'quebec',
    'krasnodar',
    'izmir',
  ]);
  expect(plain('Capital Region')).toBe('capital region');
});

test('rows meet their shapes, several to one, and the rest is left', () => {
  const spot = (key: string, value: number) => ({ key, value, title: key });
  const german = shapes('DE');
  const { on, off } = placed(german, [
    spot('Berlin', 1),
    spot('State of Berlin', 7),
    spot('', 3),
    spot('Atlantis', 2),
    spot('Bavaria', 5),
  ]);
  const told = [...on].map(([shape, spots]) => [shape.id, spots.map((one) => one.value)]);
  expect(told).toEqual([
    ['Berlin', [7, 1]],
    ['Bavaria', [5]],
  ]);
  expect(off.map((one) => one.key)).toEqual(['', 'Atlantis']);
});

test('four steps of the logarithm, and dots by their area', () => {
  expect([0, 1, 10, 99, 100, 1000].map((value) => step(value, 1000))).toEqual([0, 1, 2, 3, 3, 4]);
  expect(step(1, 1)).toBe(4);
  expect(step(0, -Infinity)).toBe(0);
  expect([0, 1, 25, 100].map((value) => radius(value, 100))).toEqual([0, 2.5, 5.5, 11]);
});
