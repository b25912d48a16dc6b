import type { Page } from '@playwright/test';
import { settled } from '../help';
import { expect, test, type Cast } from './cast';
import { api, tilesAre } from './figures';
import { HANDS, type Hand } from './hand';
import { back, button, open, task, ZONE } from './task';

/** Filters and dates change exactly what the API says, on every page that has figures. */
const MOST = `period=12m&${ZONE}`;

/** What the description names, of the much that is offered. */
const DOCUMENTED = [
  'media_type',
  'tag',
  'country',
  'region',
  'city',
  'playback_context',
  'viewer',
  'domain',
  'page',
];

const PAGES: { name: string; path: (cast: Cast) => string; subject: (cast: Cast) => string }[] = [
  { name: 'my media', path: () => '/', subject: () => 'account' },
  {
    name: 'a recording',
    path: (cast) => `/recording/${cast.entry}`,
    subject: (cast) => `entry:${cast.entry}`,
  },
  {
    name: 'a course',
    path: (cast) => `/course/${cast.course}`,
    subject: (cast) => `category:${cast.course}`,
  },
  {
    name: 'a channel',
    path: (cast) => `/channel/${cast.channel}`,
    subject: (cast) => `category:${cast.channel}`,
  },
  {
    name: 'a viewer',
    path: (cast) => `/viewer/${cast.viewer}`,
    subject: (cast) => `viewer:${cast.viewer}`,
  },
  {
    name: 'a playlist',
    path: (cast) => `/playlist/${cast.playlist}`,
    subject: (cast) => `playlist:${cast.playlist}`,
  },
  { name: 'the account', path: () => '/account', subject: () => 'account' },
  { name: 'technology', path: () => '/account/technology', subject: () => 'account' },
];

/** Everything a page can be filtered by, as its menu offers it. */
async function offered(page: Page): Promise<{ id: string; label: string }[]> {
  const about = page.getByRole('combobox', { name: 'What to filter by' });
  await expect(about).toBeVisible();
  return about
    .locator('optgroup option')
    .evaluateAll((all) =>
      all.map((one) => ({ id: (one as HTMLOptionElement).value, label: one.textContent?.trim() ?? '' })),
    );
}

/** Filters by the value that stands first; what then is in the address and in the tiles. */
async function filter(page: Page, hand: Hand, label: string): Promise<void> {
  await hand.press(button(page, 'Filter'));
  const editor = page.getByRole('dialog', { name: 'Filter', exact: true });
  await expect(editor.getByLabel('What to filter by')).toBeFocused();
  await hand.choose(editor.getByLabel('What to filter by'), label);
  await expect(editor.getByRole('group')).toHaveAttribute('aria-busy', 'false');
  await hand.press(editor.getByRole('checkbox').first());
  await hand.press(button(editor, 'Apply'));
}

/** The filters of an address, for a question to the API. */
const stated = (page: Page): string =>
  new URL(page.url()).searchParams
    .getAll('f')
    .map((f) => `&f=${encodeURIComponent(f)}`)
    .join('');

/**
 * Opens a page of which only the tiles and the menus are answered: the panels below are other walks' part, and a hundred
 * questions in one walk are many for a small machine.
 */
async function tilesOf(page: Page, path: string): Promise<void> {
  await page.route(/\/api\/v1\/(table|series|heat|reports|rows|elsewhere)/, () => undefined);
  await page.goto(path);
  await shown(page);
}
async function shown(page: Page): Promise<void> {
  await expect(page.locator('.tiles')).toHaveAttribute('aria-busy', 'false');
  await expect(page.locator('.tiles .skeleton')).toHaveCount(0);
}

/** Every preset with its days on 23 November 2026, a Monday, where weeks begin on Sunday. */
const PRESETS: [string, RegExp, string][] = [
  ['7d', /^7 days/, 'Nov 16, 2026 – Nov 22, 2026'],
  ['30d', /^30 days/, 'Oct 24, 2026 – Nov 22, 2026'],
  ['90d', /^90 days/, 'Aug 25, 2026 – Nov 22, 2026'],
  ['12m', /^12 months/, 'Nov 23, 2025 – Nov 22, 2026'],
  ['week', /^This week/, 'Nov 22, 2026 – Nov 23, 2026'],
  ['month', /^This month/, 'Nov 1, 2026 – Nov 23, 2026'],
  ['quarter', /^This quarter/, 'Oct 1, 2026 – Nov 23, 2026'],
  ['year', /^This year/, 'Jan 1, 2026 – Nov 23, 2026'],
  ['today', /^Today/, 'Nov 23, 2026'],
  ['all', /^Since creation/, ' – Nov 23, 2026'],
];

/** Goes to another question on the same page, as Back and Forward do. */
async function turnTo(page: Page, query: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, `?${query}`);
  await shown(page);
}

/** Each dimension of the menu with a value that is there. */
async function valuesOf(page: Page, subject: string): Promise<{ label: string; f: string }[]> {
  const found: { label: string; f: string }[] = [];
  for (const { id, label } of await offered(page)) {
    const { rows } = await api<{ rows: { key: string }[] }>(
      page,
      `values?subject=${subject}&${MOST}&dimension=${id}&size=1`,
    );
    if (rows[0]) found.push({ label, f: `is,${id},${rows[0].key.replace(/[\\,]/g, '\\$&')}` });
  }
  return found;
}

for (const { name, path, subject } of PAGES) {
  test(`each filter and each period of ${name} leaves exactly what the API says`, async ({ as, cast }) => {
    const page = await as(cast.administrator);
    const about = subject(cast);
    await tilesOf(page, `${path(cast)}?period=12m`);
    await button(page, 'Filter').click();
    const values = await valuesOf(page, about);
    expect(values.length).toBeGreaterThan(12);
    await page.keyboard.press('Escape');
    for (const { f } of values)
      for (const filter of [f, f.replace(/^is/, 'not')]) {
        const query = `${MOST}&f=${encodeURIComponent(filter)}`;
        await turnTo(page, query);
        await tilesAre(page, about, query);
      }
    for (const [preset, , days] of PRESETS) {
      await turnTo(page, `period=${preset}&week=sunday&${ZONE}`);
      await expect(page.locator('.as-of')).toContainText(days);
      await tilesAre(page, about, `period=${preset}&week=sunday&${ZONE}`);
    }
    for (const period of ['period=7d&today=1', 'period=2026-10-05..2026-10-11', 'period=2026-09-30']) {
      await turnTo(page, `${period}&${ZONE}`);
      await tilesAre(page, about, `${period}&${ZONE}`);
    }
  });
}

test('each filter of the menu is made by choosing a value, and cleared', async ({ as, cast }) => {
  const page = await as(cast.administrator);
  const hand = HANDS['by mouse'](page);
  const chips = page.getByRole('list', { name: 'Filters' });
  await tilesOf(page, '/?period=12m');
  await hand.press(button(page, 'Filter'));
  expect((await offered(page)).map(({ id }) => id)).toEqual(expect.arrayContaining(DOCUMENTED));
  const values = await valuesOf(page, 'account');
  await hand.leave();
  for (const { label, f } of values) {
    await filter(page, hand, label);
    await expect(chips).toContainText(label);
    expect(new URL(page.url()).searchParams.getAll('f'), label).toEqual([f]);
    await shown(page);
    await tilesAre(page, 'account', `${MOST}&f=${encodeURIComponent(f)}`);
    await hand.press(button(chips, 'Clear all filters'));
    await expect(chips).toHaveCount(0);
  }
});

test('each preset says its days before and after it is pressed', async ({ as, cast }) => {
  const page = await as(cast.administrator);
  const panel = page.getByRole('dialog', { name: 'Period' });
  await tilesOf(page, '/');
  let now = /^30 days/;
  for (const [preset, name, days] of PRESETS) {
    await page.getByRole('main').getByRole('button', { name: now }).first().click();
    const choice = panel.getByRole('button', { name });
    const said = (await choice.innerText()).split('\n')[1] ?? '';
    await choice.click();
    await expect(page).toHaveURL(preset === '30d' ? /^(?!.*period=)/ : new RegExp(`period=${preset}(&|$)`));
    await shown(page);
    await expect(page.locator('.as-of')).toContainText(days);
    // In short: what was said is what is shown.
    for (const day of said.match(/[A-Z]\w+ \d+/g) ?? []) expect(days).toContain(day);
    await tilesAre(page, 'account', `period=${preset}&${ZONE}${preset === 'week' ? '&week=sunday' : ''}`);
    now = name;
  }
});

task(
  'the period: a preset, today too, typed days, and both comparisons',
  'administrator',
  async ({ page, hand }) => {
    const head = page.locator('.as-of');
    const panel = page.getByRole('dialog', { name: 'Period' });
    await open(page, '/');
    await hand.press(button(page, '30 days to yesterday'));
    await hand.press(button(panel, /^7 days/));
    await settled(page);
    await expect(head).toContainText('Nov 16, 2026 – Nov 22, 2026');
    await tilesAre(page, 'account', `period=7d&${ZONE}`);

    await hand.press(button(page, '7 days to yesterday'));
    await hand.press(panel.getByRole('checkbox', { name: 'Include today (not over)' }));
    await hand.leave();
    await settled(page);
    await expect(head).toContainText('Nov 16, 2026 – Nov 23, 2026');
    await expect(page).toHaveURL(/today=1/);
    await tilesAre(page, 'account', `period=7d&today=1&${ZONE}`);

    await hand.press(button(page, '7 days with today'));
    await hand.date(panel.getByLabel('First day'), '2026-10-01');
    await hand.date(panel.getByLabel('Last day'), '2026-10-10');
    await hand.press(button(panel, 'Show these days'));
    await settled(page);
    await expect(page).toHaveURL(/period=2026-10-01..2026-10-10/);
    await expect(head).toContainText('Oct 1, 2026 – Oct 10, 2026');
    await tilesAre(page, 'account', `period=2026-10-01..2026-10-10&today=1&${ZONE}`);

    await hand.press(button(page, 'Oct 1, 2026 – Oct 10, 2026'));
    await hand.choose(panel.getByLabel('Days counted in'), 'UTC');
    await hand.leave();
    await settled(page);
    await expect(page).toHaveURL(/zone=UTC/);
    await tilesAre(page, 'account', 'period=2026-10-01..2026-10-10&zone=UTC');
    await back(page);
    await expect(page).toHaveURL(/zone=America/);

    // Compared with last year, and with as many days from a day of one's choice.
    await hand.press(button(page, 'Oct 1, 2026 – Oct 10, 2026'));
    await hand.choose(panel.getByLabel('Compare with'), 'The same period last year');
    await expect(page).toHaveURL(/vs=year/);
    await expect(panel).toContainText('That is Oct 1, 2025 – Oct 10, 2025.');
    await hand.choose(panel.getByLabel('Compare with'), 'As many days from …');
    await hand.date(panel.getByLabel('From this day'), '2026-08-03');
    await hand.leave();
    await settled(page);
    await expect(page).toHaveURL(/vs=2026-08-03/);
    await expect(head).toContainText('compared with Aug 3, 2026 – Aug 12, 2026');
    const { values } = await api(
      page,
      `totals?period=2026-10-01..2026-10-10&${ZONE}&vs=2026-08-03&measures=plays`,
    );
    const { value, previous, change } = values.plays;
    // Below twenty a per cent says nothing.
    const told = previous < 20 ? `${previous} → ${value}` : `${Math.round(Math.abs(change) * 100)}%`;
    await expect(page.locator('.tile', { hasText: /^\s*Plays/ })).toContainText(told);

    // One step back is one choice back.
    await back(page);
    await expect(page).toHaveURL(/vs=year/);
    await back(page);
    await expect(page).not.toHaveURL(/vs=/);
    await back(page);
    await expect(head).toContainText('Nov 16, 2026 – Nov 23, 2026');
    await page.reload();
    await settled(page);
    await tilesAre(page, 'account', `period=7d&today=1&${ZONE}`);
  },
);

task(
  'filters of a recording: chosen, turned, changed, taken back, cleared',
  'administrator',
  async ({ page, hand, cast }) => {
    const subject = `entry:${cast.entry}`;
    const chips = page.getByRole('list', { name: 'Filters' });
    await open(page, `/recording/${cast.entry}?period=12m`);
    const right = async () => {
      await settled(page);
      await tilesAre(page, subject, `${MOST}${stated(page)}`);
    };
    const first = chips.getByRole('listitem').first();
    await filter(page, hand, 'Country');
    await right();
    await hand.press(first.getByRole('button', { name: /^Change/ }));
    const editor = page.getByRole('dialog', { name: 'Change this filter' });
    await hand.press(editor.getByRole('checkbox').nth(1));
    await hand.press(button(editor, 'Apply 2 values'));
    await expect(page).toHaveURL(/f=is,country,\w\w,\w\w/);
    await right();
    for (const label of ['Playback context', 'Viewer', 'Domain', 'Page']) {
      await filter(page, hand, label);
      await expect(chips).toContainText(label);
      await right();
    }
    expect(new URL(page.url()).searchParams.getAll('f')).toHaveLength(5);
    await hand.press(chips.getByRole('button', { name: /^Remove filter: Page/ }));
    await right();
    await hand.press(first.getByRole('button', { name: /^is/ }));
    await expect(page).toHaveURL(/f=not,country/);
    await right();
    const four = page.url();
    await hand.press(button(chips, 'Clear all filters'));
    await expect(page).not.toHaveURL(/f=/);
    await right();
    await back(page);
    expect(page.url()).toBe(four);
    await right();
  },
);
