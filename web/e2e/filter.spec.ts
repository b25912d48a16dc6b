import { expect, test } from '@playwright/test';
import { accessible, fits, open, signedIn } from './help';

// Filters: made in the editor, turned round and changed as sentences, pressed in charts and tables.
signedIn();

test('a filter is made by keyboard, with counts, and says so', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('button', { name: 'Filter', exact: true }).focus();
  await page.keyboard.press('Enter');
  const editor = page.getByRole('dialog', { name: 'Filter', exact: true });
  await expect(editor.getByLabel('What to filter by')).toBeFocused();
  await accessible(page);
  await editor.getByLabel('What to filter by').selectOption('Country');
  const germany = editor.getByRole('checkbox', { name: /Germany/ });
  await expect(germany).toHaveAccessibleName(/^Germany [\d,]+ Plays$/);
  await germany.focus();
  await page.keyboard.press('Space');
  await editor.getByRole('searchbox').fill('IN');
  await editor.getByRole('checkbox', { name: /India/ }).check();
  await expect(germany).toBeChecked();
  await accessible(page);
  await editor.getByRole('button', { name: 'Apply 2 values' }).click();
  await expect(page).toHaveURL(/f=is,country,DE,IN/);
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText('Germany or India');
});

test('a sentence is turned round, changed and taken back', async ({ page }) => {
  await open(page, '/?f=is,country,DE');
  const chips = page.getByRole('list', { name: 'Filters' });
  await chips.getByRole('button', { name: /^is/ }).click();
  await expect(page).toHaveURL(/f=not,country,DE/);
  await expect(chips.getByRole('button', { name: /^is not/ })).toBeVisible();
  await chips.getByRole('button', { name: 'Change: Germany' }).click();
  const editor = page.getByRole('dialog', { name: 'Change this filter' });
  await editor.getByRole('checkbox', { name: /United States/ }).check();
  await editor.getByRole('button', { name: 'Apply 2 values' }).click();
  await expect(page).toHaveURL(/f=not,country,US,DE/);
  await page.goBack();
  await expect(page).toHaveURL(/f=not,country,DE(&|$)/);
  await chips.getByRole('button', { name: 'Change: Germany' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page).not.toHaveURL(/f=/);
});

test('a part of a text, with a comma in it', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  const editor = page.getByRole('dialog');
  await editor.getByLabel('What to filter by').selectOption('Page');
  await editor.getByLabel('How').selectOption('contains');
  await editor.getByLabel('Part of the text').fill('membranes,transport');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/f=has,page,membranes%5C,transport/);
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText('“membranes,transport”');
});

test('people in filters have names, and codes while names are hidden', async ({ page }) => {
  const person = '0000000000000061';
  await open(page, `/?f=is,viewer,${person}`);
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText('Amara Diallo');
});

test('a value is pressed in a stack and in the table behind a chart', async ({ page }) => {
  await open(page, '/');
  await page
    .getByRole('list', { name: /^Devices by/ })
    .getByRole('button', { name: /Tablet/ })
    .click();
  await expect(page).toHaveURL(/f=is,device,Tablet/);
  const card = page.getByRole('region', { name: 'Domains', exact: true });
  await card.getByRole('button', { name: /^Table/ }).click();
  await card.getByRole('button', { name: 'mediaspace.example.edu' }).click();
  await expect(page).toHaveURL(/f=is,device,Tablet&f=is,domain,mediaspace.example.edu/);
});

test('the editor fits a narrow window', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 700 });
  await open(page, '/?f=is,country,US,DE,IN,CA,GB,BR');
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByLabel('What to filter by').selectOption('Domain');
  await expect(page.getByRole('checkbox').first()).toBeVisible();
  await fits(page);
  await accessible(page);
});

test('presets show their days, terms are offered, and a day can be compared with', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('button', { name: '30 days to yesterday' }).click();
  const panel = page.getByRole('dialog', { name: 'Period' });
  await expect(panel.getByRole('button', { name: /^7 days \w+ \d+ – \w+ \d+/ })).toBeVisible();
  await panel.getByLabel('Another term').selectOption('Fall 2026');
  await expect(page).toHaveURL(/period=term:fall-2026/);
  await page.getByRole('button', { name: 'Fall 2026' }).click();
  await expect(panel.getByLabel('Compare with')).not.toContainText('last offering');
  await panel.getByLabel('Compare with').selectOption('As many days from …');
  await panel.getByLabel('From this day').fill('2026-01-05');
  await page.keyboard.press('Tab');
  await expect(page).toHaveURL(/vs=2026-01-05/);
  await expect(panel.getByText(/^That is Jan 5, 2026 –/)).toBeVisible();
  await accessible(page);
  await page.keyboard.press('Escape');
  await expect(page.locator('.as-of')).toContainText('compared with Jan 5, 2026');
  await page.goBack();
  await expect(page).not.toHaveURL(/vs=/);
});

test('this week begins when the reader’s weeks do, and the link says so', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('button', { name: '30 days to yesterday' }).click();
  await page.getByRole('button', { name: /^This week/ }).click();
  await expect(page).toHaveURL(/period=week&week=sunday/);
});
