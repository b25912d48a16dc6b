import { expect, test, type Page } from '@playwright/test';
import { accessible, fits, settled, watch } from './help';

const REC = '/recording/1_qrf2hrm';
/** Jonas Weber, by the key that the mock gives him. */
const VIEWER = '000000009e377a12';
let wrong: string[] = [];

test.beforeEach(async ({ page, context, baseURL }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await context.addCookies([{ name: 's', value: '1', url: baseURL ?? '' }]);
  wrong = watch(page, new URL(baseURL ?? '').host);
});
test.afterEach(() => expect(wrong).toEqual([]));

const open = async (page: Page, path: string) => {
  await page.goto(path);
  await settled(page);
};

// Every page and state, in both themes and at both widths: nothing for axe to find, nothing wider than the window.
// The third word is who looks (dev/people.mjs); without one an administrator.
const STATES: [string, string, string?][] = [
  ['my media', '/'],
  ['a recording', REC],
  ['a recording with a filter and a cursor', `${REC}?f=is,country,US,DE&at=413&period=7d&today=1`],
  ['details by viewers, top by plays, other technology', '/?show=viewers&top=plays&tech=os&metric=play_rate'],
  ['details by dates', '/?show=days&period=90d&by=week'],
  ['cities, and pages of a domain', '/?country=US&region=Minnesota&domain=canvas.example.edu'],
  ['an image', '/recording/1_image'],
  ['a quiz', '/recording/1_quiz'],
  ['questions of a quiz', '/recording/1_quiz?quiz=questions'],
  ['never played', '/recording/1_never'],
  ['nothing in this period', '/recording/1_quiet'],
  ['filters leave nothing', '/?f=is,country,nobody&f=is,device,Mobile'],
  ['not collecting yet', '/?account=2'],
  ['a card that failed', '/recording/1_broken'],
  ['no such recording', '/recording/1_gone'],
  ['courses and channels', '/courses'],
  ['a course', '/course/bio?period=90d'],
  ['a course, one recording', '/course/bio?f=is,entry,1_qrf2hrm&vs=offering&section=001'],
  ['a channel', '/channel/seminars'],
  ['a course that nobody opened', '/course/quiet'],
  ['no such course', '/course/1_gone'],
  ['a viewer', `/viewer/${VIEWER}?period=90d`],
  ['a contributor', `/viewer/mjensen?tab=contributor`],
  ['a playlist', '/playlist/best'],
  ['no such playlist', '/playlist/1_gone'],
  ['the account', '/account'],
  ['technology', '/account/technology'],
  ['geography', '/account/places?country=DE'],
  ['contributors', '/account/contributors'],
  ['content interactions', '/account/interactions'],
  ['no such page', '/nowhere'],
  ['the guide', '/help'],
  ['a topic of the guide', '/help/domains'],
  ['all measures', '/help/measures?about=plays'],
  ['domains', '/embeds'],
  ['pages of the inventory', '/embeds?view=pages'],
  ['pages of the inventory, filtered', '/embeds?view=pages&status=to_do&f=is,domain,canvas.example.edu'],
  ['no page of the inventory fits', '/embeds?view=pages&find=zzz'],
  ['the inventory of typed days', '/embeds?view=pages&range=2026-01-01..2026-02-01'],
  ['an owner’s inventory', '/embeds', 'owner'],
  ['the inventory, not allowed', '/embeds', 'student'],
  ['an empty inventory', '/embeds?account=2'],
  ['domain rules', '/settings/rules'],
  ['domain rules, nothing seen', '/settings/rules?account=2'],
  ['domain rules, not allowed', '/settings/rules', 'owner'],
  ['live now', '/live'],
  ['live now, by name', '/live?names=1', 'owner'],
  ['live now, nobody', '/live?account=2'],
  ['live now, one recording', '/live/1_qrf2hrm'],
  ['live now, one that nobody watches', '/live/1_quiet'],
  ['live now, no such recording', '/live/1_gone'],
  ['a broadcast that was', '/live/1_seminar?until=2026-11-27T17:05:00Z'],
  ['data quality', '/quality'],
  ['data quality, plays by day', '/quality?metric=plays'],
  ['data quality, plays of streams', '/quality?metric=coverage'],
  ['data quality, nothing collected', '/quality?account=2'],
  ['data quality, not allowed', '/quality', 'owner'],
  ['Kaltura’s figures and ours', '/quality/reconciliation'],
  ['Kaltura’s figures and ours, all', '/quality/reconciliation?show=all&page=2&sort=name'],
  ['Kaltura’s figures and ours, none found', '/quality/reconciliation?find=zzz'],
  ['Kaltura’s figures, none read', '/quality/reconciliation?account=2'],
  ['Kaltura’s figures, not allowed', '/quality/reconciliation', 'owner'],
  ['my record', '/me', 'owner'],
  ['a record of nobody in the catalog', '/me', 'stranger'],
  ['a local administrator’s record', '/me'],
  ['somebody’s record', '/person/mjensen/record'],
  ['a record of nobody', '/person/gone/record'],
  ['who has not watched', '/course/bio/roster', 'owner'],
  ['who has not watched, before there is a roster', '/course/bio/roster?watched=1_quiet', 'owner'],
  ['a course’s roster that is not mine', '/course/bio/roster', 'student'],
  ['settings', '/settings'],
  ['sign-in', '/settings/security'],
  ['sign-in elsewhere', '/settings/security', 'owner'],
  ['the access log', '/settings/access-log'],
  ['the access log, searched', '/settings/access-log?action=look&subject=entry:1_qrf2hrm&from=2020-01-01'],
  ['the access log without records', '/settings/access-log?account=2'],
  ['the access log of an owner', '/settings/access-log?subject=entry:1_qrf2hrm', 'owner'],
  ['the access log, not allowed', '/settings/access-log?subject=entry:1_qrf2hrm', 'student'],
  ['roles', '/settings/roles'],
  ['no roles', '/settings/roles?account=2'],
  ['roles, not allowed', '/settings/roles', 'owner'],
  ['keys', '/settings/keys'],
  ['no keys', '/settings/keys?account=2'],
  ['learning platforms', '/settings/platforms'],
  ['no learning platforms', '/settings/platforms?account=2'],
  ['privacy', '/settings/privacy'],
  ['privacy, nothing yet', '/settings/privacy?account=2'],
  ['signing in', '/login'],
  ['the one-time link', '/welcome?token=once'],
];
/** After another theme or width: nothing moves or fades any more. */
const repainted = async (page: Page) => {
  await settled(page);
  await page.evaluate(async () => {
    for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
    await Promise.allSettled(document.getAnimations().map((one) => one.finished));
  });
};

/** Each page is loaded once and looked at in both themes, wide and narrow; FULL=1 adds the other two of the four looks. */
const LOOKS: ['light' | 'dark', number][] = [
  ['light', 1280],
  ['dark', 320],
  ...(process.env.FULL === '1'
    ? ([
        ['light', 320],
        ['dark', 1280],
      ] as ['light' | 'dark', number][])
    : []),
];
for (const [name, path, caller] of STATES) {
  test(name, async ({ page, context, baseURL }) => {
    // What is refused there is a 404, which the browser notes.
    if (/no(t|body)|gone|who has/.test(name + path)) page.on('console', () => wrong.splice(0));
    if (caller) await context.addCookies([{ name: 's', value: caller, url: baseURL ?? '' }]);
    for (const [i, [colorScheme, width]] of LOOKS.entries()) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      if (i === 0) await open(page, path);
      else await repainted(page);
      await accessible(page);
      await fits(page);
    }
  });
}

test('an open period picker and an open dialog are accessible', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('button', { name: '30 days to yesterday' }).click();
  await expect(page.getByRole('dialog', { name: 'Period' })).toBeVisible();
  await accessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^All 11.*Countries/ }).click();
  await expect(page.getByRole('dialog', { name: 'Countries' })).toBeVisible();
  await expect(page.getByRole('dialog').getByRole('row')).toHaveCount(12);
  await accessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: /^All 11.*Countries/ })).toBeFocused();
});

test('signing in comes back to where one was', async ({ page, context }) => {
  await context.clearCookies();
  await page.goto(`${REC}?period=7d`);
  await expect(page).toHaveURL(/\/login\?next=/);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText('Name or password is wrong.');
  await page.getByLabel('Password', { exact: true }).fill('playhead');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Week 4: Membranes and transport');
  await expect(page).toHaveURL(/period=7d/);
  await page.getByRole('button', { name: 'Signed in as admin' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/login$/);
});

test('a sign-in link leads nowhere else', async ({ page, baseURL }) => {
  await page.goto('/login?next=//evil.example/');
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill('playhead');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My media');
  expect(new URL(page.url()).origin).toBe(baseURL);
});

test('the institution’s sign-in is offered, comes back to where one was, and says why it failed', async ({
  page,
  context,
}) => {
  await context.clearCookies();
  await page.goto(`${REC}?period=7d`);
  const link = page.getByRole('link', { name: 'Sign in with your institution' });
  const back = encodeURIComponent(`${REC}?period=7d`);
  await expect(link).toHaveAttribute('href', new RegExp(`^/auth/oidc/login\\?return=${back}`));
  await page.goto('/login?failed=late');
  await expect(page.getByRole('alert')).toContainText('Begin again');
  await accessible(page);
});

test('a code is asked for when one is needed', async ({ page, context }) => {
  await context.clearCookies();
  page.on('console', () => wrong.splice(0)); // The refusals below are 401s, which the browser notes.
  await page.goto('/login');
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill('with-code');
  await expect(page.getByLabel(/^Code/)).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(page.getByLabel(/^Code/)).toBeFocused();
  await accessible(page);
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('The code is wrong');
  await page.getByLabel(/^Code/).fill('287082');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My media');
});

test('the one-time link makes the administrator, once', async ({ page, context }) => {
  await context.clearCookies();
  await page.goto('/welcome?token=stale');
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel(/^Password/).fill('a long password');
  page.on('console', () => wrong.splice(0)); // The refusal below is a 404, which the browser notes.
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await expect(page.getByRole('alert')).toContainText('was used already');
  await page.goto('/welcome?token=once');
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel(/^Password/).fill('a long password');
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My media');
});

test('a press on a bar filters everything, and Back takes it off', async ({ page }) => {
  await open(page, REC);
  const plays = page.getByRole('button', { name: /^Plays / });
  const before = await plays.innerText();
  await page
    .getByRole('list', { name: /^Countries by/ })
    .getByRole('button', { name: /^Germany/ })
    .click();
  await expect(page).toHaveURL(/f=is,country,DE/);
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText(/Country\s+is.*Germany/);
  await expect(plays).not.toHaveText(before, { useInnerText: true });
  await expect(page.getByRole('status')).toContainText('1 filter');
  await page.goBack();
  await expect(page.getByRole('list', { name: 'Filters' })).toHaveCount(0);
});

test('by keyboard: skip link, cursor of the timeline, sorting, definitions', async ({ page }) => {
  await open(page, REC);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#content')).toBeFocused();

  const cursor = page.getByRole('slider', { name: 'Second of the recording' });
  await cursor.focus();
  await page.keyboard.press('End');
  await expect(page).toHaveURL(/at=1259/);
  await expect(cursor).toHaveAttribute('aria-valuetext', /^20:59: \d+ of \d+ viewers/);
  await page.keyboard.press('ArrowLeft');
  await expect(cursor).toHaveAttribute('aria-valuetext', /^20:58/);

  const viewers = page.getByRole('region', { name: 'Viewers', exact: true });
  const head = viewers.getByRole('columnheader', { name: /^Completion/ });
  await head.getByRole('button', { name: 'Completion', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(head).toHaveAttribute('aria-sort', 'descending');
  await expect(page).toHaveURL(/vsort=-completion/);

  const info = page.getByRole('button', { name: 'About: Impressions' }).first();
  await info.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Impressions' })).toContainText('count_loads');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(info).toBeFocused();
});

test('a typed period, and one that is refused', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('button', { name: '30 days to yesterday' }).click();
  await page.getByLabel('First day').fill('2026-10-31');
  await page.getByLabel('Last day').fill('2026-10-01');
  await expect(page.getByRole('alert')).toHaveText('The first day is after the last.');
  await expect(page.getByRole('button', { name: 'Show these days' })).toBeDisabled();
  await page.getByLabel('Last day').fill('2026-11-07');
  await page.getByRole('button', { name: 'Show these days' }).click();
  await expect(page).toHaveURL(/period=2026-10-31\.\.2026-11-07/);
  await expect(page.getByRole('button', { name: 'Oct 31, 2026 – Nov 7, 2026' })).toBeVisible();
});

test('the empty page offers the one filter that helps', async ({ page }) => {
  await open(page, '/?f=is,country,nobody&f=is,device,Mobile');
  await expect(page.getByRole('heading', { name: 'The filters leave nothing' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Remove “Device is Mobile”' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Remove “Country is nobody”' }).click();
  await expect(page.getByRole('heading', { name: 'Recordings', exact: true })).toBeVisible();
});

test('a card that failed leaves the others and can be tried again', async ({ page }) => {
  await open(page, '/recording/1_broken');
  const card = page.getByRole('region', { name: 'Where people watch' });
  await expect(card.getByRole('alert')).toContainText('This could not be read.');
  await expect(card.getByText(/^Request /)).toBeVisible();
  await expect(page.getByRole('slider', { name: /^Impressions/ })).toBeAttached();
  const asked = page.waitForRequest(/\/heat\?/);
  await card.getByRole('button', { name: 'Try again' }).click();
  await asked;
});

test('a slow answer keeps the old picture, dimmed', async ({ page }) => {
  await page.goto('/recording/1_slow');
  await expect(page.locator('.skeleton').first()).toBeVisible();
  await settled(page);
  await page.getByRole('button', { name: 'Day', exact: true }).isVisible();
  await page.getByRole('button', { name: 'Week', exact: true }).click();
  const card = page.getByRole('region', { name: 'Impressions over time' });
  await expect(card).toHaveAttribute('aria-busy', 'true');
  await expect(card.getByRole('slider')).toBeAttached();
  await expect(card).toHaveAttribute('aria-busy', 'false');
});

test('a play shows by itself when today is included, and not when following is paused', async ({
  page,
  request,
}) => {
  await open(page, `${REC}?today=1`);
  const today = page.getByRole('region', { name: 'Today so far' });
  await expect(today).toContainText('plays');
  const read = async () =>
    Number(
      (
        await page
          .getByRole('button', { name: /^Plays / })
          .locator('.value')
          .getAttribute('title')
      )?.replace(',', ''),
    );
  const before = await read();
  await request.post('/mock/play?entry=1_qrf2hrm');
  await expect.poll(read, { timeout: 20_000 }).toBe(before + 1);

  await today.getByRole('button', { name: 'Pause' }).click();
  await request.post('/mock/play?entry=1_qrf2hrm');
  await page.waitForTimeout(2_500);
  expect(await read()).toBe(before + 1);
  await today.getByRole('button', { name: 'Follow' }).click();
  await expect.poll(read, { timeout: 20_000 }).toBe(before + 2);
});

test('people are named with the sentence, their proof and their parts in words', async ({ page }) => {
  await open(page, REC);
  const card = page.getByRole('region', { name: 'Viewers', exact: true });
  await expect(card).toContainText('Not proof of attendance.');
  await expect(card.getByText('verified').first()).toBeAttached();
  await expect(card.getByRole('rowheader', { name: /^Unknown viewers/ })).toBeVisible();
  await expect(card.getByRole('img').first()).toHaveAttribute('aria-label', /^0:00–/);
  await card.getByRole('button', { name: 'Parts in words' }).click();
  await expect(card.getByRole('cell', { name: /^0:00–\d/ }).first()).toBeVisible();
  await card.getByRole('searchbox').fill('weber');
  await expect(page).toHaveURL(/vfind=weber/);
  await expect(card.getByRole('rowheader').first()).toContainText('Weber');
});

test('a chart is a table too', async ({ page }) => {
  await open(page, REC);
  const card = page.getByRole('region', { name: 'From shown to finished' });
  await card.getByRole('button', { name: /^Table/ }).click();
  await expect(card.getByRole('row')).toHaveCount(7);
  await expect(card.getByRole('columnheader', { name: 'Really played' })).toBeVisible();
  const file = page.waitForEvent('download');
  await card.getByRole('button', { name: 'CSV' }).click();
  expect((await file).suggestedFilename()).toBe('From shown to finished.csv');
});

test('recordings are found, sorted, paged and opened, and the question goes along', async ({ page }) => {
  await open(page, '/?period=7d');
  const card = page.getByRole('region', { name: 'Recordings', exact: true });
  await card.getByRole('button', { name: 'Next page' }).click();
  await expect(page).toHaveURL(/page=2/);
  await expect(card).toContainText('26–50 of');
  await card.getByRole('searchbox').fill('membranes and');
  await expect(card.getByRole('rowheader')).toHaveCount(1);
  await card.getByRole('link', { name: 'Week 4: Membranes and transport' }).click();
  await expect(page).toHaveURL(/\/recording\/1_qrf2hrm\?.*period=7d/);
  await expect(page).not.toHaveURL(/find=/);
});

test('one person’s media', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('button', { name: 'Everyone’s media' }).click();
  await page.getByRole('searchbox', { name: 'Find a person' }).fill('mara');
  await page.getByRole('button', { name: /^Mara Jensen/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Media of Mara Jensen');
  await expect(page).toHaveURL(/owner=mjensen/);
});

test('the chosen theme stays', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('button', { name: 'Signed in as admin' }).click();
  await page.getByRole('button', { name: 'Dark', exact: true }).click();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('text can be spaced out without loss (WCAG 1.4.12)', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 900 });
  await open(page, REC);
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }',
    );
    document.adoptedStyleSheets = [sheet];
  });
  await fits(page);
});

test('print is light, without controls', async ({ page }) => {
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await open(page, REC);
  await expect(page.getByRole('searchbox')).toHaveCount(0);
  const scheme = await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  expect(scheme).toBe('light');
});
