import { expect, test, type Page } from '@playwright/test';
import { accessible, fits, open, prepare, settled, tabTo } from './help';

const wrong = prepare();

const as = (page: Page, who: string) =>
  page.context().addCookies([{ name: 's', value: who, url: test.info().project.use.baseURL ?? '' }]);

test('my record: read, taken along, and who looked at it', async ({ page }) => {
  await as(page, 'owner');
  await open(page, '/me');
  await expect(page.getByRole('region', { name: 'Who you are here' })).toContainText(
    'Cell Biology (teacher)',
  );
  const watched = page.getByRole('region', { name: 'What you watched', exact: true });
  await expect(watched.getByRole('row')).toHaveCount(16);
  await expect(watched).toContainText('6:53–11:40');
  await watched.getByRole('button', { name: 'Next page' }).click();
  await expect(page).toHaveURL(/page=2/);
  await expect(watched).toContainText('16–30 of 63');
  const csv = page.waitForEvent('download');
  await watched.getByRole('button', { name: 'As CSV' }).click();
  expect((await csv).suggestedFilename()).toBe('record-mjensen.csv');
  const json = page.waitForEvent('download');
  await watched.getByRole('button', { name: 'As JSON' }).click();
  const stream = await (await json).createReadStream();
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  const { about, watched: rows, looked } = JSON.parse(text);
  expect([about.id, rows.length, looked.length]).toEqual(['mjensen', 63, 22]);
  await expect(page.getByRole('region', { name: 'Who looked at your record', exact: true })).toContainText(
    'Power BI',
  );
});

test('a sign-in is ended by keyboard alone', async ({ page }) => {
  await as(page, 'owner');
  await open(page, '/me');
  const card = page.getByRole('region', { name: 'Where you are signed in', exact: true });
  await expect(card.getByRole('row')).toHaveCount(3);
  await tabTo(page, card.getByRole('button', { name: /^End the sign-in/ }).nth(1));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'End this sign-in?' });
  await expect(dialog).toBeVisible();
  await accessible(page);
  await page.keyboard.press('Escape');
  await expect(card.getByRole('button', { name: /^End the sign-in/ }).nth(1)).toBeFocused();
  await page.keyboard.press('Enter');
  await tabTo(page, dialog.getByRole('button', { name: 'End' }));
  await page.keyboard.press('Enter');
  await expect(card.getByRole('row')).toHaveCount(2);
  await expect(page.locator('#content')).toBeFocused();
  await expect(page.getByRole('status').last()).toHaveText('Ended.');
});

test('who is not in the catalog reads why, and what is stored all the same', async ({ page }) => {
  await as(page, 'stranger');
  await open(page, '/me');
  await expect(page.getByText(/knows nobody by your id/)).toBeVisible();
  await expect(page.getByText(/Stored of you are your sign-ins/)).toBeVisible();
  await expect(page.getByRole('region', { name: 'Where you are signed in', exact: true })).toBeVisible();
});

test('sections are those that one may see', async ({ page }) => {
  const sections = page.getByRole('navigation', { name: 'Settings' }).getByRole('link');
  await open(page, '/settings');
  await expect(sections).toHaveText([
    'Sign-in',
    'Access log',
    'Roles',
    'Keys for programs',
    'Learning platforms',
    'Domain rules',
    'Privacy',
  ]);
  await as(page, 'owner');
  await open(page, '/settings');
  await expect(sections).toHaveText(['Sign-in', 'Access log']);
  await as(page, 'student');
  await open(page, '/settings');
  await expect(sections).toHaveText(['Sign-in']);
});

test('the access log is searched in the address, and its chain is told in words', async ({ page }) => {
  await open(page, '/settings/access-log');
  await expect(page.getByText('Yes: 64 records follow from the one before')).toBeVisible();
  const records = page.getByRole('region', { name: 'Records', exact: true });
  await page.getByLabel('What they did').selectOption('Granted a role');
  await expect(page).toHaveURL(/action=role_granted/);
  await expect(records.getByRole('row').nth(1)).toContainText('Granted a role');
  await records.getByRole('button', { name: 'admin' }).first().click();
  await expect(page).toHaveURL(/who=local:1/);
  await page.goBack();
  await expect(page).not.toHaveURL(/who=/);
  await page.getByRole('button', { name: 'Clear the search' }).click();
  await expect(page).toHaveURL(/access-log(\?zone=[^&]*)?$/);
  await page.getByLabel('About').fill('viewer:00000000000000bb');
  await page.keyboard.press('Enter');
  await expect(records.getByRole('row').nth(1)).toContainText('refused');
});

test('owners see the looks at their recordings', async ({ page }) => {
  await as(page, 'owner');
  await open(page, '/settings/access-log');
  await expect(page.getByRole('region', { name: 'Records', exact: true })).toHaveCount(0);
  await page.getByLabel('Recording').selectOption('Week 4: Membranes and transport');
  await expect(page).toHaveURL(/subject=entry:1_qrf2hrm/);
  await expect(page.getByRole('region', { name: 'Records', exact: true }).getByRole('row')).toHaveCount(23);
  await expect(page.getByText('Is the log whole?')).toHaveCount(0);
});

test('a second factor: picture, wrong code, codes for the day the phone is gone, removed', async ({
  page,
}) => {
  page.on('console', () => wrong.splice(0)); // Refusals are 401s, which the browser notes.
  await open(page, '/settings/security');
  await page.getByLabel('Your password').fill('wrong');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('The password is wrong.');
  await page.getByLabel('Your password').fill('playhead');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('img', { name: /^QR code/ })).toBeVisible();
  await accessible(page);
  await page.getByLabel('Code', { exact: true }).fill('000000');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('The code is wrong.');
  await page.getByLabel('Code', { exact: true }).fill('287082');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('group', { name: 'Recovery codes' })).toContainText('ABCD EFGH IJKL MNO9');
  await expect(page.getByText('Signing in asks for a code of your authenticator app')).toBeVisible();
  await accessible(page);
  await page.getByLabel('Your password').fill('playhead');
  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('Signing in asks for your password alone.')).toBeVisible();
});

test('a key is made, shown once and removed, by keyboard alone', async ({ page }) => {
  page.on('console', () => wrong.splice(0)); // One refusal is a 400, which the browser notes.
  await open(page, '/settings/keys');
  const form = page.getByRole('region', { name: 'Make a key' });
  await tabTo(page, form.getByLabel('Name'));
  await page.keyboard.type('Nightly report');
  await tabTo(page, form.getByLabel('Sees'));
  await page.keyboard.type('One');
  await expect(form.getByLabel('Sees')).toHaveValue('entry');
  await tabTo(page, form.getByLabel('Entry id'));
  await page.keyboard.type('1_gone');
  await page.keyboard.press('Enter');
  await expect(form.getByLabel('Entry id')).toHaveAccessibleDescription('There is no recording 1_gone.');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('1_qrf2hrm');
  await page.keyboard.press('Enter');
  await expect(form.getByRole('group', { name: 'The key “Nightly report”' })).toContainText('phk_');
  await accessible(page);
  const list = page.getByRole('region', { name: 'Keys', exact: true });
  await expect(list.getByRole('row', { name: /Nightly report/ })).toContainText('recording 1_qrf2hrm');
  const remove = list.getByRole('button', { name: 'Remove the key “Nightly report”' });
  await page.locator('#content').focus();
  await tabTo(page, remove);
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Remove' }));
  await page.keyboard.press('Enter');
  await expect(list.getByRole('row', { name: /Nightly report/ })).toHaveCount(0);
  await page.reload();
  await settled(page);
  await expect(page.getByText('phk_')).toHaveCount(0);
});

test('a role is granted with its scope in words, and revoked', async ({ page }) => {
  page.on('console', () => wrong.splice(0)); // One refusal is a 400, which the browser notes.
  await open(page, '/settings/roles');
  const form = page.getByRole('region', { name: 'Grant a role' });
  await form.getByLabel('Person').fill('nlindgren');
  await expect(form.getByText('This is Noah Lindgren.')).toBeVisible();
  await form.getByLabel('Role').selectOption('Department');
  await form.getByLabel('Category id').fill('nothing');
  await form.getByRole('button', { name: 'Grant a role' }).click();
  await expect(form.getByLabel('Category id')).toHaveAccessibleDescription(/A department is a category/);
  await form.getByLabel('Category id').fill('7001');
  await form.getByRole('button', { name: 'Grant a role' }).click();
  const row = page.getByRole('row', { name: /nlindgren/ });
  await expect(row).toContainText('Faculty of Biology and everything below it; people under pseudonyms');
  await row.getByRole('button', { name: /^Revoke/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('nlindgren may then no longer see Faculty of Biology');
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await expect(row).toHaveCount(0);
});

test('a platform is registered by its product, changed and removed', async ({ page }) => {
  page.on('console', () => wrong.splice(0)); // One refusal is a 400, which the browser notes.
  await open(page, '/settings/platforms');
  const form = page.getByRole('region', { name: 'Register by hand' });
  await form.getByLabel('Product').selectOption('Moodle');
  await form.getByLabel('Its address').fill('https://moodle.example.edu/');
  await form.getByRole('button', { name: 'Fill in what is known' }).click();
  await expect(form.getByLabel('Its public keys')).toHaveValue(
    'https://moodle.example.edu/mod/lti/certs.php',
  );
  await form.getByLabel('Client id').fill('abc');
  await form.getByLabel('Deployment ids').fill('1\n2');
  await form.getByLabel('Its public keys').fill('http://moodle.example.edu/certs');
  await form.getByRole('button', { name: 'Register by hand' }).click();
  await expect(form.getByLabel('Its public keys')).toHaveAccessibleDescription('It is an https address.');
  await form.getByLabel('Its public keys').fill('https://moodle.example.edu/mod/lti/certs.php');
  await form.getByRole('button', { name: 'Register by hand' }).click();
  const row = page.getByRole('row', { name: /Moodle/ });
  await expect(row).toContainText('1, 2');
  await row.getByRole('button', { name: 'Change Moodle' }).click();
  const change = page.getByRole('region', { name: 'Change Moodle' });
  await expect(change.getByLabel('Client id')).toHaveAttribute('readonly');
  await change.getByLabel('Deployment ids').fill('3');
  await change.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('3');
  await row.getByRole('button', { name: 'Remove Moodle' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(row).toHaveCount(0);
  await page.getByRole('button', { name: 'Make a link' }).click();
  await expect(page.getByRole('group', { name: 'Registration link' })).toContainText('/lti/register?link=');
  await page.getByRole('button', { name: 'Brightspace' }).click();
  await expect(page.getByText('Manage Extensibility')).toBeVisible();
});

test('a person is erased: asked twice, followed, certified', async ({ page }) => {
  await open(page, '/settings/privacy?erase=jdoe');
  const card = page.getByRole('region', { name: 'Erasing a person' });
  await expect(card.getByLabel('Person')).toHaveValue('jdoe');
  await card.getByRole('button', { name: 'Erase', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Erase jdoe?' });
  const yes = dialog.getByRole('button', { name: 'Erase' });
  await expect(yes).toBeDisabled();
  await dialog.getByLabel('Type the id once more').fill('jdo');
  await expect(yes).toBeDisabled();
  await accessible(page);
  await dialog.getByLabel('Type the id once more').fill('jdoe');
  await page.keyboard.press('Enter');
  await expect(card).toContainText(/It is erasure a\d9d02/);
  const row = card.getByRole('listitem').first();
  await expect(row).toContainText('Done on', { timeout: 15_000 });
  await row.getByText('What the certificate says').click();
  await expect(row).toContainText('Events read again');
  await expect(row).toContainText('412907');
  const file = page.waitForEvent('download');
  await row.getByRole('button', { name: /^Download the certificate/ }).click();
  expect((await file).suggestedFilename()).toMatch(/^erasure-a\d9d02\.jws$/);
  await accessible(page);
  await fits(page);
});

test('what a run of retention would do is asked without doing it', async ({ page }) => {
  await open(page, '/settings/privacy');
  await page.getByRole('button', { name: 'Look, without changing anything' }).click();
  await expect(page.getByText(/^1,204 rows from before October 1, 2024 would lose the person/)).toBeVisible();
  await page
    .getByText(/^Nov|^[A-Z][a-z]{2} \d/)
    .first()
    .click();
});

test('somebody’s record is found by name or id', async ({ page }) => {
  await open(page, '/settings/privacy');
  const card = page.getByRole('region', { name: 'Somebody asks what is stored of them' });
  await card.getByLabel('Person').fill('mjensen');
  await expect(card.getByText('This is Mara Jensen.')).toBeVisible();
  await card.getByRole('button', { name: 'Show the record' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Record of mjensen');
  await page.getByRole('link', { name: 'Who looked at this person' }).click();
  await expect(page).toHaveURL(/settings\/access-log\?.*subject=viewer:mjensen/);
});

test('who has not watched, in three states', async ({ page }) => {
  await as(page, 'owner');
  await open(page, '/course/bio/roster');
  await expect(page.getByRole('region', { name: 'Watched', exact: true })).toContainText('34 of 54');
  await expect(page.getByRole('region', { name: 'Not watched', exact: true })).toContainText(
    'although other plays of theirs in this course were',
  );
  await expect(page.getByRole('region', { name: 'Cannot tell' })).toContainText('9 of 54');
  await expect(page.getByText('Not proof of attendance.')).toBeVisible();
  await page.getByRole('button', { name: /^All 34/ }).click();
  await expect(page.getByRole('region', { name: 'Watched', exact: true }).getByRole('listitem')).toHaveCount(
    34,
  );
  await page.getByLabel('Recording').selectOption({ index: 1 });
  await expect(page).toHaveURL(/watched=/);
});

test('by keyboard alone: the log is searched, a role granted, a platform’s link made', async ({ page }) => {
  await open(page, '/settings');
  const sections = page.getByRole('navigation', { name: 'Settings' });
  await tabTo(page, sections.getByRole('link', { name: 'Access log' }));
  await page.keyboard.press('Enter');
  await settled(page);
  await tabTo(page, page.getByLabel('About'));
  await page.keyboard.type('entry:1_qrf2hrm');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/subject=entry:1_qrf2hrm/);
  await tabTo(page, page.getByRole('button', { name: 'Clear the search' }));
  await page.keyboard.press('Enter');
  await expect(page).not.toHaveURL(/subject=/);

  await open(page, '/settings/roles');
  const form = page.getByRole('region', { name: 'Grant a role' });
  await tabTo(page, form.getByLabel('Person'));
  await page.keyboard.type('nlindgren');
  await tabTo(page, form.getByLabel('Role'));
  await page.keyboard.type('Ana');
  await page.keyboard.press('Tab');
  await page.keyboard.type('by');
  await expect(form.getByLabel('People appear')).toHaveValue('names');
  await tabTo(page, form.getByRole('button', { name: 'Grant a role' }));
  await page.keyboard.press('Enter');
  const row = page.getByRole('row', { name: /nlindgren/ });
  await expect(row).toContainText('all figures of the account; people by name');
  await page.locator('#content').focus();
  await tabTo(page, row.getByRole('button'));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Revoke' }));
  await page.keyboard.press('Enter');
  await expect(row).toHaveCount(0);

  await open(page, '/settings/platforms');
  await tabTo(page, page.getByRole('button', { name: 'Make a link' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('group', { name: 'Registration link' })).toContainText('link=');
  await tabTo(page, page.getByRole('button', { name: 'Blackboard' }));
  await page.keyboard.press('Enter');
  await expect(page.getByText('developer.blackboard.com (My Apps)')).toBeVisible();
});

test('by keyboard alone: a person is erased, a record read, a roster’s recording chosen', async ({
  page,
}) => {
  await open(page, '/settings/privacy');
  const card = page.getByRole('region', { name: 'Erasing a person' });
  await tabTo(page, card.getByLabel('Person'));
  await page.keyboard.type('nlindgren');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Erase nlindgren?' });
  await tabTo(page, dialog.getByLabel('Type the id once more'));
  await page.keyboard.type('nlindgren');
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(card).toContainText('It is erasure');
  await page.locator('#content').focus();
  await tabTo(page, page.getByRole('region', { name: /^Somebody asks/ }).getByLabel('Person'));
  await page.keyboard.type('mjensen');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Record of mjensen');
  await settled(page);

  await as(page, 'owner');
  await open(page, '/course/bio/roster');
  await tabTo(page, page.getByLabel('Recording'));
  await page.keyboard.press('ArrowDown');
  await expect(page).toHaveURL(/watched=/);
});
