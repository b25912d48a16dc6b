import { settled } from '../help';
import { expect, test } from './cast';
import { tilesAre } from './figures';
import { HANDS } from './hand';
import { button, card, open, task, ZONE } from './task';

/** What people meet when there is nothing, when something fails, and when they were away too long. */

task('nothing in these days: everything is one press away', 'administrator', async ({ page, hand }) => {
  await open(page, '/?period=2020-01-01..2020-01-31');
  await expect(page.getByRole('heading', { name: 'Nothing in this period' })).toBeVisible();
  await hand.press(button(page, 'Show everything since creation'));
  await settled(page);
  await expect(page).toHaveURL(/period=all/);
  await tilesAre(page, 'account', `period=all&${ZONE}`);
});

task('filters that leave nothing say which one to take off', 'administrator', async ({ page, hand }) => {
  await open(page, '/?period=12m&f=is,country,US&f=is,city,Nowhere');
  await expect(page.getByRole('heading', { name: 'The filters leave nothing' })).toBeVisible();
  await hand.press(page.getByRole('main').getByRole('button', { name: /^Remove “City is Nowhere”/ }));
  await settled(page);
  await tilesAre(page, 'account', `period=12m&${ZONE}&f=is,country,US`);
});

task('a panel that fails says so, and is asked again', 'administrator', async ({ page, hand }) => {
  let broken = true;
  await page.route(
    (to) => to.pathname.endsWith('/table') && to.searchParams.get('by') === 'country',
    (route) =>
      broken
        ? route.fulfill({ status: 500, json: { title: 'It broke.', request_id: 'r-1' } })
        : route.continue(),
  );
  await open(page, '/?period=12m');
  const places = card(page, 'Countries');
  await expect(places.getByRole('alert')).toContainText('This could not be read.');
  await expect(places.getByRole('alert')).toContainText('r-1');
  // The others are there.
  await tilesAre(page, 'account', `period=12m&${ZONE}`);
  broken = false;
  await hand.press(button(places, 'Try again'));
  await expect(places.getByRole('list').first().getByRole('listitem').first()).toContainText('United States');
});

for (const [how, make] of Object.entries(HANDS)) {
  test(`a session that has ended leads through signing in back to the same page, ${how}`, async ({
    as,
    cast,
  }) => {
    const page = await as('');
    const hand = make(page);
    const path = `/recording/${cast.entry}?period=12m&f=not,device,Mobile`;
    await page.goto(path);
    await expect(page).toHaveURL(/\/login\?next=/);
    const signIn = async () => {
      await hand.type(page.getByLabel('Name'), 'operator');
      await hand.type(page.getByLabel('Password', { exact: true }), 'correct horse battery staple');
      await hand.press(button(page, 'Sign in'));
      await expect(page.getByRole('heading', { level: 1 })).toContainText(cast.entryName);
      await settled(page);
    };
    await signIn();
    await page.context().clearCookies();
    await hand.press(button(page.getByRole('list', { name: 'Filters' }), 'Clear all filters'));
    await expect(page).toHaveURL(/\/login\?next=/);
    await signIn();
    expect(page.url()).toContain(`/recording/${cast.entry}?period=12m`);
    await tilesAre(page, `entry:${cast.entry}`, `period=12m&${ZONE}`);
  });
}
