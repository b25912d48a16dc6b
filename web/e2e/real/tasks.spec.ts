import { expect, type Cast } from './cast';
import { api, tilesAre } from './figures';
import { settled } from '../help';
import { back, barsAre, button, card, open, rowsOf, tableIs, task, ZONE, type Walk } from './task';

/**
 * What people come for, from where they start: each task of the description that this product answers to, by mouse and by
 * keyboard alone, each figure against the API.
 */
const LAST = `period=90d&${ZONE}`;

/** Another period, from the head of any page. */
async function period({ page, hand }: Walk, name: RegExp): Promise<void> {
  await hand.press(button(page, /to yesterday$/));
  await hand.press(button(page.getByRole('dialog', { name: 'Period' }), name));
  await settled(page);
}

/** The first link in the rows of a table, and where it leads. */
async function first({ page, hand }: Walk, name: string): Promise<string> {
  const link = card(page, name).getByRole('rowheader').first().getByRole('link');
  const words = await link.innerText();
  await hand.press(link);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(words);
  await settled(page);
  return decodeURIComponent(new URL(page.url()).pathname.split('/')[2] ?? '');
}

task('all media of one’s own, and one recording of them, from My media', 'teacher', async (walk) => {
  const { page } = walk;
  await open(page, '/');
  const me = await api<{ accounts: { person: string }[] }>(page, 'me');
  const own = `owner:${me.accounts[0]?.person}`;
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My media');
  await tilesAre(page, own, `period=30d&${ZONE}`);

  await period(walk, /^90 days/);
  await expect(page).toHaveURL(/period=90d/);
  await tilesAre(page, own, LAST);
  const played = await api(page, `totals?subject=${own}&${LAST}&measures=played_entries`);
  await expect(page.locator('.tiles')).toContainText(`in ${played.values.played_entries.value} recordings`);

  const entry = await first(walk, 'Recordings');
  await tilesAre(page, `entry:${entry}`, LAST);
  await back(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('My media');
  await tilesAre(page, own, LAST);
  await back(page);
  await tilesAre(page, own, `period=30d&${ZONE}`);
});

const course = (which: keyof Cast) => async (walk: Walk) => {
  const { page, hand, cast } = walk;
  const subject = `category:${cast[which]}`;
  await open(page, '/');
  await hand.press(page.getByRole('navigation').getByRole('link', { name: 'Courses and channels' }));
  await settled(page);
  await hand.press(page.locator(`main a[href^="/course/${cast[which]}?"]`));
  await settled(page);
  await period(walk, /^90 days/);
  await tilesAre(page, subject, LAST);

  // Category page views: in the gallery, against all views.
  const places = await rowsOf(page, `subject=${subject}&${LAST}&by=placement&measures=plays`);
  const gallery = places.find((row) => row.keys[0] === 'gallery')?.values.plays ?? 0;
  const shown = card(page, 'Where played').getByRole('list').first().getByRole('listitem');
  await expect(shown.first().locator('.value')).toHaveText(gallery.toLocaleString('en-US'));

  await tableIs(
    page,
    card(page, 'Top recordings').getByRole('table'),
    await rowsOf(
      page,
      `subject=${subject}&${LAST}&by=entry&measures=plays,viewers,completion,engagement_score&sort=-engagement_score&size=5`,
    ),
  );
  await tableIs(
    page,
    card(page, 'Top viewers').getByRole('table'),
    await rowsOf(
      page,
      `subject=${subject}&${LAST}&by=viewer&measures=plays,minutes_viewed&sort=-plays&size=5`,
    ),
  );

  // One recording of it in place, its viewers, and back to all.
  const only = button(card(page, 'Recordings').getByRole('row').nth(1), /^Show only/);
  const entry = (
    await card(page, 'Recordings').getByRole('row').nth(1).getByRole('link').getAttribute('href')
  )
    ?.split('/')[2]
    ?.split('?')[0];
  await hand.press(only);
  await settled(page);
  await tilesAre(page, subject, `${LAST}&f=is,entry,${entry}`);
  await hand.press(button(page, 'Show all'));
  await settled(page);
  await tilesAre(page, subject, LAST);
  await back(page);
  await tilesAre(page, subject, `${LAST}&f=is,entry,${entry}`);
};
task('a course one teaches', 'teacher', course('course'));
task('a channel one manages', 'manager', course('channel'));

task('who watched a recording, which parts, and what is not known', 'administrator', async (walk) => {
  const { page, hand, cast } = walk;
  const subject = `entry:${cast.entry}`;
  await open(page, `/recording/${cast.entry}?period=12m`);
  const viewers = card(page, 'Viewers');
  const asked = `subject=${subject}&period=12m&${ZONE}&by=viewer&measures=plays,minutes_viewed,completion`;
  const rows = await rowsOf(page, `${asked}&sort=-minutes_viewed&size=25`);
  const known = rows.find((row) => row.keys[0] !== 'unknown');
  await expect(viewers.getByRole('rowheader').first()).toBeVisible();
  await expect(viewers).toContainText('Not proof of attendance.');

  // The strip says its parts in words, to those who see it and to those who do not.
  const of = viewers.getByRole('row', { name: known?.labels[0] });
  const strip = (await of.getByRole('img').getAttribute('aria-label')) ?? '';
  expect(strip).toMatch(/^\d+:\d\d–\d+:\d\d/);
  await hand.press(button(viewers, 'Parts in words'));
  await expect(of).toContainText(strip);

  await hand.type(viewers.getByRole('searchbox'), known?.labels[0] ?? '');
  await expect(page).toHaveURL(/vfind=/);
  await settled(page);
  await expect(viewers.getByRole('rowheader')).toHaveCount(
    (await rowsOf(page, `${asked}&find=${known?.labels[0]}`)).length,
  );
  await page.reload();
  await settled(page);
  await expect(viewers.getByRole('searchbox')).toHaveValue(known?.labels[0] ?? '');
  await hand.press(viewers.getByRole('rowheader').first().getByRole('link'));
  await settled(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(known?.labels[0] ?? '');
  await tilesAre(page, `viewer:${known?.keys[0]}`, `period=12m&${ZONE}`);

  // Who did not sign in is one row without a page of its own.
  await open(page, `/?period=90d&show=viewers`);
  const unknown = viewers.getByRole('row', { name: /^Unknown viewers/ });
  await expect(unknown.getByRole('link')).toHaveCount(0);
  await hand.press(button(unknown, 'Show only Unknown'));
  await settled(page);
  await tilesAre(page, 'account', `${LAST}&f=is,viewer,unknown`);
});

task('countries, their regions, their cities, and back', 'administrator', async ({ page, hand }) => {
  await open(page, '/?period=12m');
  const asked = `period=12m&${ZONE}&measures=plays&sort=-plays&size=8`;
  const list = (name: string | RegExp) => page.getByRole('region', { name }).getByRole('list').first();
  await barsAre(page, list(/^Countries$/), await rowsOf(page, `${asked}&by=country`));
  await hand.press(button(page, 'Regions of United States'));
  await expect(page).toHaveURL(/country=US/);
  const regions = await rowsOf(page, `${asked}&by=region&f=is,country,US`);
  await barsAre(page, list('Regions of United States'), regions);
  const region = regions[0]?.keys[0] ?? '';
  await hand.press(button(page, `Cities of ${region}`));
  await expect(page).toHaveURL(/region=/);
  await barsAre(
    page,
    list(`Cities in ${region}`),
    await rowsOf(page, `${asked}&by=city&f=is,country,US&f=is,region,${region}`),
  );
  await hand.press(card(page, `Cities in ${region}`).getByRole('link', { name: 'United States' }));
  await barsAre(page, list('Regions of United States'), regions);
  await hand.press(card(page, 'Regions of United States').getByRole('link', { name: 'Countries' }));
  await settled(page);
  await back(page);
  await barsAre(page, list('Regions of United States'), regions);

  // All of them, in a dialog that gives the focus back.
  await open(page, '/?period=12m');
  const all = button(page, /^All \d+.*Countries/);
  await hand.press(all);
  const dialog = page.getByRole('dialog', { name: 'Countries' });
  await tableIs(
    page,
    dialog.getByRole('table'),
    await rowsOf(
      page,
      `period=12m&${ZONE}&measures=plays,impressions,viewers,minutes_viewed&sort=-plays&size=50&by=country`,
    ),
  );
  await hand.press(button(dialog, 'Close'));
  await expect(all).toBeFocused();
});

task('devices, systems and browsers; a press shows only one', 'administrator', async ({ page, hand }) => {
  await open(page, '/?period=12m');
  const asked = `period=12m&${ZONE}&measures=plays&sort=-plays&size=8`;
  for (const [title, tab, by] of [
    ['Devices', '', 'device'],
    ['Operating systems', 'Systems', 'os'],
    ['Browsers', 'Browsers', 'browser'],
    ['Devices', 'Devices', 'device'],
  ] as const) {
    if (tab) await hand.press(button(page.getByRole('group', { name: 'Kind of technology' }), tab));
    await barsAre(page, card(page, title).getByRole('list').first(), await rowsOf(page, `${asked}&by=${by}`));
  }
  await hand.press(button(card(page, 'Devices').getByRole('list').first(), /^Tablet/));
  await settled(page);
  await tilesAre(page, 'account', `period=12m&${ZONE}&f=is,device,Tablet`);
  await back(page);
  await tilesAre(page, 'account', `period=12m&${ZONE}`);
});

task('what stands out leads to it', 'administrator', async ({ page, hand }) => {
  await open(page, `/?${LAST}`);
  const out = card(page, 'What stands out');
  const links = await out
    .getByRole('link')
    .evaluateAll((links) =>
      links.map((link) => ({ text: (link as HTMLElement).innerText, to: link.getAttribute('href') ?? '' })),
    );
  expect(links.length).toBeGreaterThan(3);
  for (const { text, to } of links) {
    const path = new URL(to, 'http://here');
    await hand.press(out.getByRole('link', { name: text, exact: true }));
    await expect(page).toHaveURL(to.replace(/%3A/g, ':'));
    await settled(page);
    const subject = path.pathname === '/' ? 'account' : `entry:${path.pathname.split('/')[2]}`;
    const asked = path.searchParams.getAll('f').map((f) => `&f=${encodeURIComponent(f)}`);
    await tilesAre(page, subject, `period=${path.searchParams.get('period')}&${ZONE}${asked.join('')}`);
    await back(page);
    await tilesAre(page, 'account', LAST);
  }
});
