import { expect, test } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { accessible, fits, settled, watch } from '../help';
import { api, tilesAre, written } from './figures';

// The real program, with the demo data: the way of its first administrator, and the same demands on its pages.
test.describe.configure({ mode: 'serial' });

test('the one-time link, then every page in both themes and widths', async ({ page, baseURL }) => {
  test.setTimeout(180_000);
  const wrong = watch(page, new URL(baseURL ?? '').host);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const asked = ['link', '--data', process.env.WALK_DATA ?? ''];
  const link = execFileSync(process.env.WALK_PROGRAM ?? '', asked, { encoding: 'utf8' });
  await page.goto(`/welcome?token=${/token=([\w-]+)/.exec(link)?.[1]}`);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel(/^Password/).fill('correct horse battery');
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My media');
  await settled(page);

  await page.goto('/?period=all');
  await settled(page);
  const first = page
    .getByRole('region', { name: 'Recordings', exact: true })
    .getByRole('rowheader')
    .first()
    .getByRole('link');
  await expect(first).toBeVisible();
  const recording = (await first.getAttribute('href')) ?? '';
  for (const path of ['/', '/?period=all', recording]) {
    await page.goto(path);
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 320],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await settled(page);
      await expect(page.getByText('This could not be read.')).toHaveCount(0);
      await accessible(page);
      await fits(page);
    }
  }

  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(recording);
  await settled(page);
  await expect(page.getByRole('slider', { name: 'Second of the recording' })).toHaveAttribute(
    'aria-valuetext',
    /viewer/,
  );
  await expect(
    page.getByRole('region', { name: 'Viewers', exact: true }).getByRole('rowheader').first(),
  ).toBeVisible();
  await expect(page.getByText('Not proof of attendance.').first()).toBeVisible();
  expect(wrong).toEqual([]);
});

test('every figure in the tiles, and the lists below, are the API’s', async ({ page }) => {
  test.setTimeout(180_000);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('/login');
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My media');
  const first = async (by: string) =>
    (await api(page, `table?by=${by}&measures=plays&period=90d&size=9&zone=UTC`)).rows
      .map((row: { keys: string[] }) => row.keys[0])
      .find((key: string) => key !== '' && key !== 'unknown');
  const [entry, category, viewer, owner] = [
    await first('entry'),
    await first('category'),
    await first('viewer'),
    await first('owner'),
  ];
  const playlist = (await api(page, 'catalog/playlists?size=1')).rows[0].id;
  const question = 'period=90d&zone=UTC';
  for (const [path, subject] of [
    ['/?', 'account'],
    [`/?owner=${owner}&`, `owner:${owner}`],
    ['/?f=is,country,US&f=not,device,Mobile&', 'account&f=is,country,US&f=not,device,Mobile'],
    [`/recording/${entry}?`, `entry:${entry}`],
    [`/course/${category}?`, `category:${category}`],
    [`/viewer/${viewer}?`, `viewer:${viewer}`],
    [`/viewer/${owner}?tab=contributor&`, `owner:${owner}`],
    [`/playlist/${playlist}?`, `playlist:${playlist}`],
    ['/account?', 'account'],
    ['/account/technology?', 'account'],
    ['/account/contributors?', 'account'],
    ['/account/interactions?', 'account'],
  ] as const) {
    await page.goto(`${path}${question}`);
    await settled(page);
    await tilesAre(page, subject, question);
    const countries = page.getByRole('region', { name: 'Countries', exact: true });
    if (await countries.count()) {
      const { rows } = await api(
        page,
        `table?subject=${subject}&${question}&by=country&measures=plays,impressions&sort=-plays&size=3`,
      );
      const shown = await countries.getByRole('list').first().getByRole('listitem').allInnerTexts();
      for (const [i, row] of rows.entries())
        expect(shown[i], `${path} ${row.keys[0]}`).toContain(written(row.values.plays, 'count'));
    }
  }
});
