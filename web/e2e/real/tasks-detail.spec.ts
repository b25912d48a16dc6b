import { settled } from '../help';
import { expect } from './cast';
import { api, measuresOf, tilesAre, written } from './figures';
import { back, button, card, open, pointsOf, rowsOf, tableIs, task, ZONE } from './task';

/** Performance over time, its details, the way to the end, and all of it as files. */
const LAST = `period=90d&${ZONE}`;

task('performance over time, in six measures and three steps', 'administrator', async (walk) => {
  const { page, hand } = walk;
  await open(page, '/?period=90d');
  const all = await measuresOf(page);
  const tiles = page.getByRole('list', { name: 'Key figures' });
  await hand.press(button(card(page, 'Impressions over time'), /^Table/));
  for (const label of [
    'Plays',
    'Unique viewers',
    'Minutes viewed',
    'Drop-off',
    'Completion',
    'Impressions',
  ]) {
    const id = all.find((one) => one.label === label)?.id;
    await hand.press(tiles.getByRole('button', { name: new RegExp(`^${label} [^A]`) }));
    const over = card(page, `${label} over time`);
    await expect(over).toBeVisible();
    await tableIs(page, over.getByRole('table'), await pointsOf(page, `${LAST}&by=day&measures=${id}`));
    expect(new URL(page.url()).searchParams.get('metric')).toBe(id === 'impressions' ? null : id);
  }
  const over = card(page, 'Impressions over time');
  for (const step of ['Week', 'Month']) {
    await hand.press(button(over, step));
    const by = step.toLowerCase();
    await tableIs(
      page,
      over.getByRole('table'),
      await pointsOf(page, `${LAST}&by=${by}&measures=impressions`),
    );
    await expect(page).toHaveURL(new RegExp(`by=${by}`));
  }
  await hand.choose(page.getByRole('combobox', { name: 'Measure shown' }), 'Play rate');
  await tableIs(
    page,
    card(page, 'Play rate over time').getByRole('table'),
    await pointsOf(page, `${LAST}&by=month&measures=play_rate`),
  );
});

task(
  'details by recordings, users, dates and contexts, sorted and searched',
  'administrator',
  async (walk) => {
    const { page, hand } = walk;
    await open(page, '/?period=90d');
    const columns = 'measures=impressions,plays,viewers,minutes_viewed,drop_off,completion';
    const table = (name: string) => card(page, name).getByRole('table');
    const turn = (from: string, to: string) =>
      hand.press(button(card(page, from).getByRole('group', { name: 'View details by' }), to));
    const recordings = `${LAST}&by=entry&${columns}`;
    await tableIs(page, table('Recordings'), await rowsOf(page, `${recordings}&sort=-plays&size=25`));
    await hand.press(button(table('Recordings'), 'Minutes viewed'));
    await tableIs(
      page,
      table('Recordings'),
      await rowsOf(page, `${recordings}&sort=-minutes_viewed&size=25`),
    );
    await hand.press(button(table('Recordings'), 'Minutes viewed'));
    await tableIs(page, table('Recordings'), await rowsOf(page, `${recordings}&sort=minutes_viewed&size=25`));
    await hand.press(button(table('Recordings'), 'Recording'));
    await tableIs(page, table('Recordings'), await rowsOf(page, `${recordings}&sort=label&size=25`));
    await hand.press(button(page.getByRole('navigation', { name: /Recordings/ }), 'Next page'));
    await tableIs(page, table('Recordings'), await rowsOf(page, `${recordings}&sort=label&size=25&page=2`));
    await page.reload();
    await tableIs(page, table('Recordings'), await rowsOf(page, `${recordings}&sort=label&size=25&page=2`));

    await turn('Recordings', 'Viewers');
    const viewers = `${LAST}&by=viewer&measures=impressions,plays,played_entries,minutes_viewed,completion`;
    const rows = await rowsOf(page, `${viewers}&sort=-plays&size=25`);
    await tableIs(page, table('Viewers'), rows);
    const name = rows[3]?.labels[0] ?? '';
    await hand.type(card(page, 'Viewers').getByRole('searchbox'), name);
    await expect(page).toHaveURL(/find=/);
    await tableIs(page, table('Viewers'), await rowsOf(page, `${viewers}&sort=-plays&size=25&find=${name}`));

    await turn('Viewers', 'Dates');
    const days = await pointsOf(page, `${LAST}&by=day&${columns}`);
    await tableIs(page, table('Dates'), days.toReversed().slice(0, 25));
    await hand.press(button(table('Dates'), 'When'));
    await tableIs(page, table('Dates'), days.slice(0, 25));

    await turn('Dates', 'Contexts');
    await tableIs(
      page,
      table('Contexts'),
      await rowsOf(page, `${LAST}&by=playback_context&${columns}&sort=-impressions&size=25`),
    );
    await expect(page).toHaveURL(/show=contexts/);
  },
);

task('from shown to finished, with its milestones', 'administrator', async ({ page, hand, cast }) => {
  await open(page, `/recording/${cast.entry}?period=12m`);
  const steps = ['25', '50', '75', '100'];
  const ids = ['impressions', 'plays', ...steps.flatMap((step) => [`reached_${step}`, `covered_${step}`])];
  const { values } = await api(
    page,
    `totals?subject=entry:${cast.entry}&period=12m&${ZONE}&measures=${ids.join()}`,
  );
  const funnel = card(page, 'From shown to finished');
  const shown = await funnel
    .getByRole('listitem')
    .evaluateAll((steps) =>
      steps.flatMap((step) =>
        ['strong', '.second'].flatMap((part) => step.querySelector(part)?.textContent?.trim() ?? []),
      ),
    );
  expect(shown).toEqual(ids.map((id) => written(values[id].value, 'count')));
  await hand.press(button(funnel, /^Table/));
  await expect(funnel.getByRole('row')).toHaveCount(7);
  await expect(funnel.getByRole('row', { name: /^50%/ })).toContainText(
    written(values.reached_50.value, 'count'),
  );
});

task('any panel, and all of a page, as files', 'administrator', async ({ page, hand, cast }) => {
  for (const [path, subject, panels] of [
    ['/', 'account', 7],
    [`/recording/${cast.entry}`, `entry:${cast.entry}`, 6],
    [`/course/${cast.course}`, `category:${cast.course}`, 7],
    [`/viewer/${cast.viewer}`, `viewer:${cast.viewer}`, 3],
    [`/playlist/${cast.playlist}`, `playlist:${cast.playlist}`, 6],
    ['/account/technology', 'account', 4],
  ] as const) {
    await open(page, `${path}?period=12m`);
    await hand.press(button(page, 'Export and print'));
    const menu = page.getByRole('dialog', { name: 'Export and print' });
    const boxes = menu.getByRole('checkbox');
    await expect(boxes.first()).toBeChecked();
    expect(await boxes.count(), path).toBeGreaterThanOrEqual(panels);
    await hand.leave();

    const title = path.endsWith('technology') ? 'Browsers' : 'Devices';
    await hand.press(button(card(page, title), `Export: ${title}`));
    const one = page.getByRole('dialog', { name: `Export: ${title}` });
    const [file] = await Promise.all([page.waitForEvent('download'), hand.press(button(one, 'CSV'))]);
    const text = await new Response((await file.createReadStream()) as unknown as BodyInit).text();
    const by = path.endsWith('technology') ? 'browser' : 'device';
    const rows = await rowsOf(
      page,
      `subject=${subject}&period=12m&${ZONE}&by=${by}&measures=plays&sort=-plays`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows)
      expect(text, path).toMatch(
        new RegExp(`^${row.keys[0]},${row.labels[0]},${row.values.plays}(,|\\r?$)`, 'm'),
      );
  }
});

task('one person or one recording of a course, in place', 'administrator', async ({ page, hand, cast }) => {
  const subject = `category:${cast.course}`;
  await open(page, `/course/${cast.course}?period=12m`);
  const asked = `period=12m&${ZONE}`;
  const details = page.getByRole('group', { name: 'View details by' });
  await hand.press(button(details, 'Viewers'));
  await settled(page);
  const viewers = card(page, 'Viewers')
    .getByRole('row')
    .filter({ has: page.getByRole('link') });
  const name = await viewers.first().getByRole('link').innerText();
  const [row] = await rowsOf(page, `subject=${subject}&${asked}&by=viewer&measures=plays&find=${name}`);
  await hand.press(button(viewers.first(), `Show only ${name}`));
  await settled(page);
  await tilesAre(page, subject, `${asked}&f=is,viewer,${row?.keys[0]}`);
  // What they met, without leaving the course.
  await hand.press(button(details, 'Recordings'));
  await tableIs(
    page,
    card(page, 'Recordings').getByRole('table'),
    await rowsOf(
      page,
      `subject=${subject}&${asked}&f=is,viewer,${row?.keys[0]}&by=entry&measures=impressions,plays,viewers,minutes_viewed,drop_off,completion&sort=-plays&size=25`,
    ),
  );
  await hand.press(page.locator('main p').getByRole('link', { name, exact: true }));
  await settled(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
  await tilesAre(page, `viewer:${row?.keys[0]}`, asked);
  await back(page);
  await back(page);
  await tilesAre(page, subject, asked);
});

task('a panel far below is a few keys away', 'administrator', async ({ page, hand }) => {
  await open(page, '/?period=12m');
  await hand.press(button(page, 'Search'));
  const found = page.getByRole('dialog').getByRole('option');
  await expect(found.filter({ hasText: /^Countries$/ })).toBeVisible();
  await page.keyboard.type('domains');
  await expect(found.first()).toHaveText('Domains');
  await page.keyboard.press('Enter');
  await expect(card(page, 'Domains').getByRole('heading')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(card(page, 'Domains').locator(':focus')).toBeInViewport();
});

task('two panels of one name are two files', 'administrator', async ({ page, hand, cast }) => {
  await open(page, `/recording/${cast.entry}?period=12m&show=viewers`);
  await hand.press(button(page, 'Export and print'));
  const menu = page.getByRole('dialog', { name: 'Export and print' });
  await expect(menu.getByRole('checkbox', { name: 'Viewers' })).toHaveCount(2);
  await hand.press(menu.getByRole('checkbox', { name: 'Viewers' }).first());
  await expect(menu.getByRole('checkbox', { name: 'Viewers' }).nth(1)).toBeChecked();
  await expect(menu.getByRole('checkbox', { name: 'Viewers' }).first()).not.toBeChecked();
});
