import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { accessible, fits, open, signedIn } from './help';

// One number: why it may differ, the rows behind it, and taking it along.
signedIn();

test('a number is explained from its definition to its rows, by keyboard and by link', async ({ page }) => {
  await open(page, '/?period=7d');
  await page.getByRole('button', { name: 'About: Minutes viewed' }).first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Why may this number differ?' }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/open=why:minutes_viewed/);
  const why = page.getByRole('dialog', { name: /Why may this number differ\? Minutes viewed/ });
  await expect(why.getByRole('table', { name: 'The same by other rules' })).toContainText(
    'Minutes viewed (quartiles)',
  );
  await expect(why.getByRole('row', { name: /Sent by robots/ })).toContainText('not counted');
  await accessible(page);
  await why.getByRole('button', { name: /^Show [\d,]+ rows/ }).click();
  await expect(why.getByRole('row').nth(1)).toBeVisible();
  await expect(why.getByText(/^1–20 of/)).toBeVisible();
  await why.getByRole('button', { name: 'Next page' }).click();
  await expect(why.getByText(/^21–40 of/)).toBeVisible();
  await accessible(page);
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/open=/);
  await page.goBack();
  await expect(why).toBeVisible();
});

test('what explains a number fits 320 px and is opened by its address', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 800 });
  await open(page, '/recording/1_qrf2hrm?open=why:plays');
  await page.getByRole('dialog').getByRole('button', { name: /^Show/ }).click();
  await expect(page.getByRole('dialog').getByRole('row').nth(1)).toBeVisible();
  await fits(page);
  await accessible(page);
});

test('a panel as a file is the whole result with the definitions', async ({ page }) => {
  await open(page, '/?f=is,country,DE');
  await page.getByRole('button', { name: 'Export: Recordings' }).click();
  const file = page.waitForEvent('download');
  await page.getByRole('dialog').getByRole('button', { name: 'CSV' }).click();
  const text = readFileSync(await (await file).path(), 'utf8');
  expect(text).toContain('by=entry');
  expect(text).toContain('f=is,country,DE');
  expect(text).toContain('definitions=1');
  expect(text).not.toContain('page=');
  expect(text).not.toContain('size=');
});

test('the page as files, at once and in the background', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('button', { name: 'Export and print' }).click();
  const panel = page.getByRole('dialog', { name: 'Export and print' });
  await expect(panel.getByRole('checkbox', { name: 'Countries' })).toBeChecked();
  await accessible(page);
  for (const box of await panel.getByRole('checkbox').all()) await box.uncheck();
  await panel.getByRole('checkbox', { name: 'Countries' }).check();
  const file = page.waitForEvent('download');
  await panel.getByRole('button', { name: 'Get 1 file' }).click();
  expect((await file).suggestedFilename()).toBe('table.xlsx');
  await panel.getByRole('button', { name: 'Make in the background' }).click();
  await expect(panel.getByRole('link', { name: 'My media, Countries' })).toBeVisible();
});

test('on paper the head says what is shown', async ({ page }) => {
  await open(page, '/?f=is,country,DE&period=7d');
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.as-of')).toContainText('days in America/Chicago');
  await expect(page.getByText('Address: http')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Change: Germany' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Pages', exact: true })).toBeHidden();
});

test('names are hidden everywhere until they are shown again', async ({ page }) => {
  await open(page, '/recording/1_qrf2hrm?f=is,viewer,0000000000000061');
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText('Amara Diallo');
  await page.getByRole('button', { name: 'Hide names' }).click();
  await expect(page.getByText('Amara Diallo')).toHaveCount(0);
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText(/Person [0-9A-Z]{4}/);
  await page.getByRole('button', { name: 'Hide names' }).click();
  await expect(page.getByText('Amara Diallo').first()).toBeVisible();
});

test('a view is saved under a name, opened, replaced and removed', async ({ page }) => {
  await open(page, '/?period=7d&f=is,country,US&open=why:plays');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Saved views' }).click();
  const panel = page.getByRole('dialog', { name: 'Saved views' });
  await expect(panel).toContainText('of Mara Jensen');
  await panel.getByLabel('Name of what is shown now').fill('US, a week');
  await panel.getByRole('button', { name: 'Save' }).click();
  const link = panel.getByRole('link', { name: 'US, a week' });
  await expect(link).toHaveAttribute('href', /period=7d.*f=is,country,US(&|$)/);
  await accessible(page);
  await panel.getByRole('link', { name: 'Germany, this week' }).click();
  await expect(page).toHaveURL(/f=is,country,DE/);
  await page.getByRole('button', { name: 'Saved views' }).click();
  await panel.getByRole('button', { name: 'Replace “US, a week” with what is shown' }).click();
  await expect(link).toHaveAttribute('href', /country,DE/);
  await panel.getByRole('button', { name: 'Remove “US, a week”' }).click();
  await expect(link).toHaveCount(0);
});
