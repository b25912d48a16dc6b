import { settled } from '../help';
import { expect, test } from './cast';

/** The address is the state: whoever gets a link sees the same, and Back leads to what was there before. */
test('a link opened by somebody else shows the same', async ({ as, cast }) => {
  const page = await as(cast.administrator);
  await page.goto(`/recording/${cast.entry}?period=12m&zone=America/Chicago`);
  await settled(page);
  const tiles = async (of: typeof page) => (await of.locator('.tiles .value').allInnerTexts()).join(' | ');
  const before = await tiles(page);
  const countries = page.getByRole('region', { name: 'Countries', exact: true });
  await countries
    .getByRole('button', { name: /^United States/ })
    .first()
    .click();
  await settled(page);
  const filtered = await tiles(page);
  const link = page.url();
  expect(link).toContain('f=is,country,US');

  const other = await as(cast.analyst);
  await other.goto(link);
  await settled(other);
  expect(await tiles(other)).toBe(filtered);
  await expect(other.getByRole('heading', { level: 1 })).toContainText(cast.entryName);

  await page.goBack();
  await settled(page);
  expect(await tiles(page)).toBe(before);
});
