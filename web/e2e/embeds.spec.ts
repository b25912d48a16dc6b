import { expect, test } from '@playwright/test';
import { accessible, open, prepare, tabTo } from './help';

const wrong = prepare();

test('a hunt for embeds: from the domain to the page, marked, and in one file', async ({ page }) => {
  await open(page, '/embeds');
  await expect(page.getByRole('row', { name: /^canvas\.example\.edu/ })).toContainText('needs an update');
  await expect(page.getByText('1 of 3 done')).toBeVisible();
  await page.getByRole('link', { name: 'canvas.example.edu', exact: true }).click();
  await expect(page).toHaveURL(/f=is,domain,canvas\.example\.edu/);
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText('canvas.example.edu');
  const row = page.getByRole('row', { name: /pages\/example/ });
  const link = row.getByRole('link', { name: /\/courses\/177708\/pages\/example/ });
  await expect(link).toHaveAttribute('rel', 'noopener noreferrer');
  await expect(row).toContainText('1_qrf2hrm');
  await row.getByText('59 more').click();
  await expect(row).toContainText('1_slow');
  await expect(page.getByText(/^Marked done on .* seen the old way on/)).toBeVisible();

  await row.getByRole('button', { name: /^Change status/ }).click();
  const dialog = page.getByRole('dialog', { name: 'What is decided about this page' });
  await accessible(page);
  await dialog.getByLabel('Status').selectOption('done');
  await dialog.getByLabel('Note').fill('Replaced in October');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('Replaced in October');
  await expect(page.getByText('2 of 3 done')).toBeVisible();

  await page.getByRole('button', { name: /^1 to do/ }).click();
  await expect(page).toHaveURL(/status=to_do/);
  await expect(page.getByRole('rowheader')).toHaveCount(1);
  const file = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Inventory as CSV' }).click();
  await file;
  await page.goBack();
  await expect(page.getByRole('rowheader')).toHaveCount(3);
});

test('by keyboard alone: a page is marked, a wrong person is named', async ({ page }) => {
  page.on('console', () => wrong.splice(0)); // One refusal is a 400, which the browser notes.
  await open(page, '/embeds?view=pages');
  const mark = page.getByRole('button', { name: /week-5/ });
  await tabTo(page, mark);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await tabTo(page, dialog.getByLabel('Who works on it'));
  await page.keyboard.type('gone');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('alert')).toHaveText('The catalog knows nobody by this id.');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(mark).toBeFocused();
});

test('owners see the pages of their own media', async ({ page }) => {
  await page
    .context()
    .addCookies([{ name: 's', value: 'owner', url: test.info().project.use.baseURL ?? '' }]);
  await open(page, '/embeds');
  await expect(page.getByText('Where your media are embedded')).toBeVisible();
  await expect(page.getByText(/Pages that nobody opened in this time cannot be found/)).toBeVisible();
});

test('a rule is tried, kept, put in the place of another, and removed', async ({ page }) => {
  page.on('console', () => wrong.splice(0)); // One refusal is a 400, which the browser notes.
  await open(page, '/settings/rules');
  await page.getByRole('button', { name: 'Make a rule for study-notes.example' }).click();
  const form = page.getByRole('form', { name: 'Rule', exact: true });
  await expect(form).toBeFocused();
  await expect(form.getByLabel('Hosts')).toHaveValue('study-notes.example');
  await form.getByLabel('Name').fill('Study notes');
  await expect(form.getByText('Its id: study-notes')).toBeVisible();
  await form.getByRole('button', { name: 'Show what it catches now' }).click();
  await expect(form).toContainText('It catches 1 domain of the last twelve months, with 38 plays.');
  await expect(form).toContainText('by canvas-quiz');
  await accessible(page);
  await form.getByLabel('Hosts').fill('*');
  await form.getByRole('button', { name: 'Keep the rule' }).click();
  await expect(form.getByLabel('Hosts')).toHaveAccessibleDescription('A pattern names more than any host.');
  await form.getByLabel('Hosts').fill('study-notes.example');
  await form.getByLabel('Embed will break when the old player ends').selectOption('works, but replace it');
  await form.getByRole('button', { name: 'Keep the rule' }).click();
  await expect(page.getByRole('row', { name: /^Study notes/ })).toContainText('this account');
  await page.getByRole('button', { name: 'Remove Study notes' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByRole('row', { name: /^Study notes/ })).toHaveCount(0);

  await page.getByRole('button', { name: 'Change Canvas', exact: true }).click();
  await expect(page.getByText('This rule came with Playhead')).toBeVisible();
  await form.getByLabel('What to do').fill('Ask the help desk.');
  await form.getByRole('button', { name: 'Keep the rule' }).click();
  const canvas = page.getByRole('row', { name: /^Canvas LMS/ });
  await expect(canvas).toContainText('in place of another');
  await canvas.getByRole('button', { name: 'Remove Canvas' }).click();
  await expect(page.getByRole('dialog')).toContainText('holds again');
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(canvas).toContainText('Playhead');
});

test('a campaign is made with its day, its conditions and whom it concerns', async ({ page }) => {
  page.on('console', () => wrong.splice(0)); // One refusal is a 400, which the browser notes.
  await open(page, '/settings/rules');
  const form = page.getByRole('form', { name: 'Campaign' });
  await form.getByLabel('Title').fill('Moodle moves');
  await form.getByLabel('Day').fill('2027-01-31');
  await form.getByLabel('Where more is said').fill('ftp://x');
  await form.getByLabel('embed code').check();
  await form.getByLabel('Concerns these player versions only').fill('2.*');
  await form.locator('summary').click();
  await form.getByLabel('All other sites').selectOption('not known whether it needs one');
  await accessible(page);
  await form.getByRole('button', { name: 'Keep the campaign' }).click();
  await expect(form.getByLabel('Where more is said')).toHaveAccessibleDescription(/It is an https address/);
  await form.getByLabel('Where more is said').fill('/help/domains');
  await form.getByRole('button', { name: 'Keep the campaign' }).click();
  const row = page.getByRole('row', { name: /^Moodle moves/ });
  await expect(row).toContainText('Jan 31, 2027');
  await expect(row).toContainText('through embed code; with player 2.*');
  await open(page, '/embeds?campaign=moodle-moves');
  await expect(page.getByText('Moodle moves (January 31, 2027)')).toBeVisible();
  await open(page, '/settings/rules');
  await page.getByRole('button', { name: 'Remove Moodle moves' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(row).toHaveCount(0);
});

test('by keyboard alone: a rule is tried and kept', async ({ page }) => {
  await open(page, '/settings/rules');
  await tabTo(page, page.getByRole('button', { name: 'Make a rule for study-notes.example' }));
  await page.keyboard.press('Enter');
  const form = page.getByRole('form', { name: 'Rule', exact: true });
  await expect(form).toBeFocused();
  await tabTo(page, form.getByLabel('Name'));
  await page.keyboard.type('By keyboard');
  await tabTo(page, form.getByRole('button', { name: 'Show what it catches now' }));
  await page.keyboard.press('Enter');
  await expect(form).toContainText('It catches 1 domain');
  await tabTo(page, form.getByRole('button', { name: 'Keep the rule' }));
  await page.keyboard.press('Enter');
  const row = page.getByRole('row', { name: /^By keyboard/ });
  await expect(row).toBeVisible();
  await page.locator('#content').focus();
  await tabTo(page, row.getByRole('button', { name: 'Remove By keyboard' }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Remove' }));
  await page.keyboard.press('Enter');
  await expect(row).toHaveCount(0);
});

test('embeds of any days: typed, in the address, and back to a year', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => {
    const to = new URL(request.url());
    if (to.pathname === '/api/v1/embeds') asked.push(to.searchParams.get('period') ?? '');
  });
  await open(page, '/embeds');
  expect(asked).toEqual(['12m']);
  await page.getByLabel('Seen in').selectOption('Other days…');
  await page.getByLabel('First day').fill('2026-02-01');
  await page.getByLabel('Last day').fill('2026-01-01');
  await expect(page.getByRole('alert')).toHaveText('The first day is after the last.');
  await page.getByLabel('Last day').fill('2026-03-01');
  await page.getByRole('button', { name: 'Show these days' }).click();
  await expect(page).toHaveURL(/range=2026-02-01\.\.2026-03-01/);
  await expect.poll(() => asked.at(-1)).toBe('2026-02-01..2026-03-01');
  await accessible(page);
  await page.reload();
  await expect(page.getByLabel('First day')).toHaveValue('2026-02-01');
  await page.getByLabel('Seen in').selectOption('12 months');
  await expect(page.getByLabel('First day')).toHaveCount(0);
  await expect.poll(() => asked.at(-1)).toBe('12m');
});

test('by keyboard alone: nobody works on a page any more', async ({ page }) => {
  await open(page, '/embeds?view=pages');
  const row = page.getByRole('row', { name: /week-4/ });
  await expect(row).toContainText('Mara Jensen');
  await tabTo(page, row.getByRole('button', { name: /^Change status/ }));
  await page.keyboard.press('Enter');
  const nobody = page.getByRole('dialog').getByLabel('Nobody works on it any more');
  await tabTo(page, nobody);
  await page.keyboard.press('Space');
  await expect(page.getByRole('dialog').getByLabel('Who works on it')).toBeDisabled();
  await accessible(page);
  await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Save' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(row).not.toContainText('Mara Jensen');
});
