import { settled } from '../help';
import { expect, test } from './cast';
import { measuresOf, note, read } from './figures';

/**
 * Every figure on the screen is one of the API's: all answers that a page gets are noted, then every tile and every table
 * (each chart has one behind it) is read as a person reads it and looked up in them.
 */

const PAGES: { name: string; path: (cast: import('./cast').Cast) => string; least: number }[] = [
  { name: 'my media', path: () => '/', least: 60 },
  { name: 'a recording', path: (cast) => `/recording/${cast.entry}`, least: 30 },
  { name: 'a course', path: (cast) => `/course/${cast.course}`, least: 40 },
  { name: 'a playlist', path: (cast) => `/playlist/${cast.playlist}`, least: 20 },
  { name: 'a viewer', path: (cast) => `/viewer/${cast.student}`, least: 5 },
  { name: 'the account', path: () => '/account', least: 40 },
  { name: 'the account’s technology', path: () => '/account/technology', least: 20 },
  { name: 'the account’s places', path: () => '/account/places', least: 20 },
  { name: 'the account’s contributors', path: () => '/account/contributors', least: 10 },
];

/** Dates and filters: a whole year, a month of one's choice, and what is seen from one country on one kind of device. */
const ASKED = [
  'period=12m',
  'period=2026-10-01..2026-10-31&vs=year',
  'period=90d&f=is,country,US&f=not,device,Mobile',
];

for (const { name, path, least } of PAGES) {
  for (const asked of ASKED) {
    test(`every figure of ${name} is the API's: ${asked}`, async ({ as, cast }) => {
      test.setTimeout(120_000);
      const page = await as(cast.administrator);
      const measures = await measuresOf(page);
      const seen = note(page);
      const to = path(cast);
      await page.goto(`${to}?${asked}&zone=America/Chicago`);
      await settled(page);
      const charts = page.getByRole('button', { name: /^Table/ });
      while (await charts.count()) await charts.first().click();
      await settled(page);
      await Promise.all(seen.coming);
      const right = await read(page, seen, measures);
      // What is filtered has fewer rows.
      expect(right, 'figures read').toBeGreaterThan(asked === ASKED[0] ? least : 5);
    });
  }
}
