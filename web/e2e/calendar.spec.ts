import { expect, test, type Page } from '@playwright/test';
import { accessible, fits, open, signedIn } from './help';

// The calendar of the period's panel: a chunk that comes when it is asked for, with weeks as the reader's place has them.
signedIn();

const PERIOD = '/?period=2026-10-31..2026-11-07';
async function calendar(page: Page, button: RegExp): Promise<void> {
  await open(page, PERIOD);
  await page.getByRole('button', { name: button }).click();
  const opener = page.locator('[popover]:popover-open form button[aria-expanded]');
  await opener.press('Enter');
  await expect(page.getByRole('grid').first()).toBeVisible();
}
const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('data-value'));

test('two months, picked by keyboard; days to come cannot be', async ({ page }) => {
  await page.clock.setFixedTime(new Date('2026-11-20T18:00:00Z'));
  await calendar(page, /Oct 31, 2026/);
  await expect(page.getByRole('grid')).toHaveCount(2);
  await expect(page.getByRole('grid').first().getByRole('columnheader').first()).toHaveText('Sun');
  await expect(page.locator('[data-bits-day][data-value="2026-11-21"]')).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await accessible(page, '[popover]:popover-open');
  const panel = page.getByRole('dialog', { name: 'Period' });
  const box = await panel.boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 9_999)).toBeLessThanOrEqual(1_280);
  await page.locator('[data-bits-day][data-value="2026-11-07"]:not([data-outside-month])').focus();
  await page.keyboard.press('ArrowRight');
  expect(await focused(page)).toBe('2026-11-08');
  await page.keyboard.press('Enter');
  for (const key of ['ArrowDown', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
  await expect(page.getByRole('textbox', { name: 'First day' })).toHaveValue('2026-11-08');
  await expect(page.getByRole('textbox', { name: 'Last day' })).toHaveValue('2026-11-16');
  await page.getByRole('button', { name: 'Show these days' }).click();
  await expect(page).toHaveURL(/period=2026-11-08\.\.2026-11-16/);
});

test.describe('narrow', () => {
  test.use({ viewport: { width: 320, height: 800 } });
  test('one month', async ({ page }) => {
    await calendar(page, /Oct 31, 2026/);
    await expect(page.getByRole('grid')).toHaveCount(1);
    await fits(page);
  });
});

test.describe('in German', () => {
  test.use({ locale: 'de-DE' });
  test('weeks begin on Monday', async ({ page }) => {
    await calendar(page, /31\. Okt/);
    await expect(page.getByRole('grid').first().getByRole('columnheader').first()).toHaveText('Mo');
  });
});

test.describe('in Arabic', () => {
  test.use({ locale: 'ar-EG' });
  test('the arrow to the left leads to the next day', async ({ page }) => {
    await calendar(page, /أكتوبر/);
    const day = page.locator('[data-bits-day][data-value="2026-11-03"]:not([data-outside-month])');
    await day.focus();
    await page.keyboard.press('ArrowLeft');
    expect(await focused(page)).toBe('2026-11-04');
    await accessible(page, '[popover]:popover-open');
  });
});
