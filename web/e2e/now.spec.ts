import { expect, test } from '@playwright/test';
import { accessible, open, prepare, tabTo } from './help';

const wrong = prepare();

test.afterEach(async ({ request }) => void (await request.post('/mock/watch?n=212')));

test('who is watching follows by itself, is held still, and asks nothing unseen', async ({
  page,
  request,
}) => {
  const answers: number[] = [];
  page.on(
    'response',
    (response) => new URL(response.url()).pathname === '/api/v1/live' && answers.push(response.status()),
  );
  await page.clock.install();
  await open(page, '/live');
  const row = page.getByRole('row', { name: /^Week 4/ });
  await expect(row).toContainText('212');
  await page.clock.runFor(10_500);
  await expect.poll(() => answers).toEqual([200, 304]);
  await request.post('/mock/watch?n=240');
  await page.clock.runFor(10_500);
  await expect(row).toContainText('240');

  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByText('held still at')).toBeVisible();
  await request.post('/mock/watch?n=300');
  const before = answers.length;
  await page.clock.runFor(30_000);
  expect(answers).toHaveLength(before);
  await expect(row).toContainText('240');
  await page.getByRole('button', { name: 'Follow' }).click();
  await expect(row).toContainText('300');

  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const seen = answers.length;
  await page.clock.runFor(30_000);
  expect(answers).toHaveLength(seen);
});

test('by keyboard alone: to one recording, its minutes as a table, who is watching', async ({ page }) => {
  await open(page, '/live');
  await tabTo(page, page.getByRole('link', { name: 'Week 4: Membranes and transport' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Week 4: Membranes and transport');
  await expect(page).toHaveURL(/\/live\/1_qrf2hrm/);
  const minutes = page.getByRole('region', { name: 'The last three hours' });
  await tabTo(page, minutes.getByRole('button', { name: 'Table' }));
  await page.keyboard.press('Enter');
  await expect(minutes.getByRole('row')).toHaveCount(182);
  await tabTo(page, page.getByRole('button', { name: 'Show who, by name' }));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/names=1/);
  const who = page.getByRole('region', { name: 'Who is watching', exact: true });
  await expect(who.getByRole('rowheader')).toHaveText([
    /Amara Diallo\s+verified/,
    /Jonas Weber\s+claimed/,
    'Unknown',
  ]);
  await expect(who).toContainText('Not proof of attendance.');
  await accessible(page);
});

test('nothing to see, and nothing there', async ({ page }) => {
  page.on('console', () => wrong.splice(0)); // Refusals are 404s, which the browser notes.
  await open(page, '/live?account=2');
  await expect(page.getByText('Nobody is watching anything right now')).toBeVisible();
  await open(page, '/live/1_gone');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such recording');
});

test('data quality: what is missing, by day, why not understood, and where to go', async ({ page }) => {
  await open(page, '/quality');
  await expect(page.getByText('Events arrive.')).toBeVisible();
  const figures = page.getByRole('region', { name: 'Figures of the period' });
  await expect(figures).toContainText('96.2%');
  await figures.getByRole('button', { name: 'About: Heartbeats that arrived' }).click();
  await expect(page.getByRole('dialog')).toContainText('Whoever blocks everything is in no row');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Streams served', exact: true }).click();
  await expect(page).toHaveURL(/metric=manifests/);
  await expect(page.getByRole('slider', { name: /Streams served/ })).toBeAttached();
  const days = page.getByRole('region', { name: 'Day by day', exact: true });
  await days.getByRole('button', { name: /^Table/ }).click();
  await expect(days.getByRole('row')).toHaveCount(31);
  await expect(page.getByText('the field playTimeSum is no number')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'For accounts that do not exist' })).toBeVisible();
  await expect(page.getByText('It is old: renew it.')).toBeVisible();
  await page.getByRole('link', { name: '2.103.1' }).click();
  await expect(page).toHaveURL(/embeds\?.*f=is,player_version,2\.103\.1/);
});

test('by keyboard alone: the days of the chart', async ({ page }) => {
  await open(page, '/quality?metric=plays');
  const cursor = page.getByRole('slider', { name: /^Plays/ });
  await tabTo(page, cursor);
  await page.keyboard.press('Home');
  await expect(cursor).toHaveAttribute('aria-valuetext', /: 640 Plays/);
  await page.keyboard.press('ArrowRight');
  await expect(cursor).toHaveAttribute('aria-valuetext', /: 680 Plays/);
});

test('what is planned and what was: from a broadcast that ended to its minutes and back', async ({
  page,
}) => {
  await open(page, '/live');
  const upcoming = page.getByRole('region', { name: 'Coming up', exact: true });
  await expect(upcoming.getByRole('rowheader')).toHaveText([
    /Last year’s welcome\s+Nobody is watching yet/,
    'Wednesday seminar',
    '1_open',
  ]);
  const ended = page.getByRole('region', { name: 'Ended in the last seven days', exact: true });
  const row = ended.getByRole('row', { name: /^Wednesday seminar/ });
  await expect(row).toContainText('148');
  await expect(row).toContainText('5,120');
  await expect(ended.getByRole('row', { name: /^Office hours/ }).getByRole('cell')).toHaveText(
    Array(5).fill('–'),
  );
  await row.getByRole('link', { name: /^Minute by minute/ }).click();
  await expect(page).toHaveURL(/\/live\/1_seminar\?.*until=/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Wednesday seminar');
  await expect(page.getByRole('region', { name: /^Three hours until/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Pause' })).toHaveCount(0);
  await page.getByRole('link', { name: 'What is going on now' }).click();
  await expect(page).not.toHaveURL(/until=/);
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
});

test('what is planned is held still with the rest', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('/live/broadcasts') && asked.push(request.url()));
  await page.clock.install();
  await open(page, '/live');
  await expect(page.getByRole('heading', { name: 'Coming up' })).toBeVisible();
  await page.clock.runFor(61_000);
  await expect.poll(() => asked.length).toBe(2);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.clock.runFor(200_000);
  expect(asked).toHaveLength(2);
});

test('data quality: clocks, lateness, and plays of the streams served', async ({ page }) => {
  await open(page, '/quality');
  const clocks = page.getByRole('list', { name: 'Clocks of devices' }).getByRole('listitem');
  await expect(clocks).toHaveCount(7);
  await expect(clocks.nth(3)).toHaveText(/Right, within 2 seconds\s*38,411\s*90\.4%/);
  await expect(clocks.nth(6)).toHaveText(/Slow, by an hour or more\s*1\s*<0\.1%/);
  const late = page.getByRole('list', { name: 'Late events' }).getByRole('listitem');
  await expect(late).toHaveText([
    /In order\s*407,874/,
    /Events out of order\s*5,021/,
    /Very late events\s*12/,
  ]);
  await expect(page.getByText(/^19 events came more than seven days late/)).toBeVisible();
  await page.getByRole('button', { name: 'Plays of streams served' }).click();
  await expect(page.getByRole('slider', { name: /Plays of streams served/ })).toBeAttached();
  await open(page, '/quality?account=2');
  await expect(page.getByText(/^No batch in this period told its clock/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Plays of streams served' })).toHaveCount(0);
});

test('Kaltura’s figures and ours: those that differ, why, found, in a file', async ({ page }) => {
  await open(page, '/quality');
  await page.getByRole('link', { name: 'Compare with Kaltura’s own figures' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Kaltura’s figures and ours');
  await expect(page.getByText(/^30 days of this period were read from Kaltura/)).toBeVisible();
  const rows = page.getByRole('region', { name: 'Recording by recording', exact: true });
  await expect(rows.getByRole('rowheader')).toHaveCount(7);
  await expect(rows.getByRole('rowheader').first()).toContainText('1_slow');
  const week = rows.getByRole('row', { name: /^Week 4/ });
  await expect(week).toContainText('Kaltura 610, +92');
  await expect(week).toContainText('Kaltura drops what comes late');
  await rows.getByRole('button', { name: 'All (67)' }).click();
  await expect(page).toHaveURL(/show=all/);
  await expect(rows.getByRole('rowheader')).toHaveCount(50);
  await rows.getByRole('searchbox').fill('1_quiz');
  await expect(rows.getByRole('rowheader')).toHaveCount(1);
  await rows.getByRole('button', { name: 'Export: Recording by recording' }).click();
  const file = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  await file;
  await open(page, '/quality/reconciliation?account=2');
  await expect(page.getByText(/playhead import kaltura .*--reports --from \d{4}-/)).toBeVisible();
  await page.getByRole('link', { name: 'About comparing with Kaltura' }).click();
  await expect(page).toHaveURL(/\/help\/reconciliation/);
  await expect(page.getByRole('heading', { name: 'Compare with Kaltura’s own figures' })).toBeVisible();
});
