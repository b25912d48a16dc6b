import { expect, test } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { accessible, fits, settled, watch } from '../help';

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
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1280, 320]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await page.goto(path);
        await settled(page);
        await expect(page.getByText('This could not be read.')).toHaveCount(0);
        await accessible(page);
        await fits(page);
      }
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
