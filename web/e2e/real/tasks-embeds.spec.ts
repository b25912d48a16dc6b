import { settled } from '../help';
import { expect } from './cast';
import { api, tilesAre } from './figures';
import { back, barsAre, button, card, open, rowsOf, task, ZONE } from './task';

/** From domains to the pages that need work: by the figures, as the description has it in nine steps, and by the inventory. */

task('domains, the pages of one, one opened, and back', 'administrator', async ({ page, hand, cast }) => {
  const asked = `subject=entry:${cast.entry}&period=12m&${ZONE}&measures=plays&sort=-plays`;
  await open(page, `/recording/${cast.entry}?period=12m`);
  const domains = await rowsOf(page, `${asked}&by=domain`);
  await barsAre(page, card(page, 'Domains').getByRole('list').first(), domains);
  // The first whose pages are known.
  const pages = await rowsOf(page, `${asked}&by=domain,page`);
  const domain =
    domains
      .map((row) => row.keys[0])
      .find((one) => pages.some((row) => row.keys[0] === one && /^https/.test(row.keys[1] ?? ''))) ?? '';
  await hand.press(button(card(page, 'Domains'), `Pages of ${domain}`));
  await expect(page).toHaveURL(new RegExp(`domain=${domain}`));
  const of = card(page, `Pages of ${domain}`);
  await barsAre(
    page,
    of.getByRole('list').first(),
    await rowsOf(page, `${asked}&by=page&f=is,domain,${domain}`),
  );

  await page.context().route(
    (to) => to.hostname === domain,
    (route) => route.fulfill({ body: 'there' }),
  );
  const link = of.getByRole('link', { name: /^Open / }).first();
  const [tab] = await Promise.all([page.waitForEvent('popup'), hand.press(link)]);
  await tab.waitForURL((to) => to.hostname === domain);
  expect(tab.url()).toBe(await link.getAttribute('href'));
  // It learns nothing of ours.
  expect(await tab.evaluate(() => [document.referrer, window.opener])).toEqual(['', null]);
  await tab.close();

  await hand.press(of.getByRole('link', { name: 'Domains' }));
  await barsAre(page, card(page, 'Domains').getByRole('list').first(), domains);
  await back(page);
  await expect(of).toBeVisible();
});

task('embeds that need an update, in the nine steps', 'teacher', async ({ page, hand }) => {
  const me = await api<{ accounts: { person: string }[] }>(page, 'me');
  const own = `owner:${me.accounts[0]?.person}`;
  await open(page, '/');
  await hand.press(button(page, '30 days to yesterday'));
  await hand.press(button(page.getByRole('dialog', { name: 'Period' }), /^12 months/));
  await settled(page);
  // All domains but those that take care of themselves.
  await hand.press(button(page, 'Filter'));
  const editor = page.getByRole('dialog', { name: 'Filter', exact: true });
  await hand.choose(editor.getByLabel('What to filter by'), 'Domain');
  await hand.choose(editor.getByLabel('How'), 'is not');
  const fine = /^(kaf\.canvas|mediaspace)\./;
  const known = await rowsOf(page, `subject=${own}&period=12m&${ZONE}&by=domain&measures=plays&sort=-plays`);
  const left = known.map((row) => row.keys[0] ?? '').filter((domain) => !fine.test(domain));
  for (const domain of known.map((row) => row.keys[0] ?? '').filter((domain) => fine.test(domain)))
    await hand.press(editor.getByRole('checkbox', { name: domain }));
  await hand.press(button(editor, /^Apply/));
  await settled(page);
  const f = new URL(page.url()).searchParams.get('f') ?? '';
  expect(f).toMatch(/^not,domain,/);
  await tilesAre(page, own, `period=12m&${ZONE}&f=${f}`);
  const domains = await rowsOf(
    page,
    `subject=${own}&period=12m&${ZONE}&by=domain&measures=plays&sort=-plays&f=${f}`,
  );
  expect(domains.map((row) => row.keys[0]).toSorted()).toEqual(left.toSorted());
  await barsAre(page, card(page, 'Domains').getByRole('list').first(), domains);
  const first = domains.find((row) => row.keys[0] !== '')?.labels[0] ?? '';
  await hand.press(button(card(page, 'Domains'), `Pages of ${first}`));
  await settled(page);
  await hand.press(card(page, `Pages of ${first}`).getByRole('link', { name: 'Domains' }));
  await settled(page);
  await expect(card(page, 'Domains')).toBeVisible();
});

interface Inventory {
  rows: { domain: string; page: string; status: string; plays: number; recordings: { id: string }[] }[];
  total: number;
  totals: { by_status: Record<string, number> };
  domains: { domain: string; plays: number; rows: number }[];
}

task(
  'the same from the inventory: what is to do, where, which recording, and done',
  'administrator',
  async ({ page, hand }) => {
    const asked = `embeds?period=12m&today=1&${ZONE}`;
    await open(page, '/');
    await hand.press(button(page.getByRole('navigation'), 'More'));
    await hand.press(page.getByRole('link', { name: 'Domains & embeds' }));
    await settled(page);
    const all = await api<Inventory>(page, `${asked}&by=domain&sort=-plays&size=25`);
    const lines = page.getByRole('table').getByRole('row');
    const cells = (line: number) => lines.nth(line).getByRole('cell');
    await expect(cells(1).nth(2)).toHaveText(all.domains[0]?.plays.toLocaleString('en-US') ?? '');
    const summary = page.getByRole('group', { name: 'What is to be done' });
    for (const [status, words] of Object.entries({
      to_do: 'to do',
      done: 'done',
      no_action: 'no action needed',
    }))
      await expect(summary).toContainText(`${all.totals.by_status[status] ?? 0} ${words}`);

    // The pages of one domain, and back to all domains.
    const { domain = '' } = all.domains[0] ?? {};
    await hand.press(lines.nth(1).getByRole('link', { name: domain }));
    await expect(page).toHaveURL(/view=pages/);
    await settled(page);
    const of = await api<Inventory>(page, `${asked}&by=page&f=is,domain,${domain}&size=25`);
    await expect(page.getByRole('navigation', { name: 'Pages of Pages' })).toContainText(`of ${of.total}`);
    expect(await lines.locator('td:nth-of-type(4)').allInnerTexts()).toEqual(
      of.rows.map((row) => row.plays.toLocaleString('en-US')),
    );
    await back(page);
    await expect(cells(1).nth(2)).toHaveText(all.domains[0]?.plays.toLocaleString('en-US') ?? '');

    await hand.press(summary.getByRole('button', { name: /to do/ }));
    await expect(page).toHaveURL(/status=to_do/);
    await settled(page);
    const work = await api<Inventory>(page, `${asked}&by=page&status=to_do&size=25`);
    const row = work.rows[0];
    await expect(lines).toHaveCount(work.rows.length + 1);
    await expect(lines.nth(1)).toContainText(row?.recordings[0]?.id ?? 'nothing');
    await hand.press(button(lines.nth(1), /^Change status/));
    const dialog = page.getByRole('dialog', { name: 'What is decided about this page' });
    await hand.choose(dialog.getByLabel('Status'), 'done');
    await hand.type(dialog.getByLabel('Note'), 'New code pasted.');
    await hand.press(button(dialog, 'Save'));
    await expect(dialog).toHaveCount(0);
    await settled(page);
    const after = await api<Inventory>(page, asked);
    expect(after.totals.by_status.to_do).toBe((work.totals.by_status.to_do ?? 0) - 1);
    await expect(summary).toContainText(`${after.totals.by_status.to_do} to do`);

    // It is taken back, for whoever walks next.
    await hand.press(summary.getByRole('button', { name: /^\d+ done/ }));
    await settled(page);
    await hand.press(button(lines.nth(1), /^Change status/));
    await hand.choose(dialog.getByLabel('Status'), 'As the rule says');
    await hand.press(button(dialog, 'Save'));
    await expect(dialog).toHaveCount(0);
    await settled(page);
    await expect(summary).toContainText(`${work.totals.by_status.to_do} to do`);
  },
);
