import { expect, test, type Page } from '@playwright/test';
import { accessible, settled, watch } from './help';

// The documented tasks of the product that Playhead replaces, walked by mouse and by keyboard.
const REC = '/recording/1_qrf2hrm';
const WEBER = '000000009e377a12';
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
const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

test('my media opens on impressions, and draws any measure that is chosen', async ({ page }) => {
  await open(page, '/');
  await expect(card(page, 'Impressions over time')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Impressions / })).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('combobox', { name: 'Measure shown' }).selectOption({ label: 'Play rate' });
  await expect(card(page, 'Play rate over time')).toContainText('%');
  await expect(page).toHaveURL(/metric=play_rate/);
  await page.getByRole('button', { name: /^Completion / }).click();
  await expect(card(page, 'Completion over time')).toBeVisible();
});

test('details by recordings, viewers, dates and contexts stand in the address', async ({ page }) => {
  await open(page, '/');
  const of = (name: string) => card(page, 'Recordings').or(card(page, name)).first();
  await of('Recordings').getByRole('button', { name: 'Viewers', exact: true }).click();
  const viewers = card(page, 'Viewers');
  await expect(viewers.getByRole('rowheader').first()).toBeVisible();
  await expect(page).toHaveURL(/show=viewers/);
  await expect(viewers).toContainText('Not proof of attendance.');
  await expect(viewers).toContainText('1–25 of');
  await viewers.getByRole('searchbox').fill('weber');
  await expect(viewers.getByRole('rowheader').first()).toContainText('Weber');

  await viewers.getByRole('button', { name: 'Dates', exact: true }).click();
  const dates = card(page, 'Dates');
  await expect(dates).toContainText('1–25 of 30');
  await expect(page).not.toHaveURL(/find=/);
  await dates.getByRole('button', { name: 'Plays', exact: true }).click();
  await expect(dates.getByRole('columnheader', { name: /^Plays/ })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
  const plays = (await dates.getByRole('row').allInnerTexts()).slice(1).map((row) => {
    return Number((row.split('\t')[2] ?? '').replace(',', ''));
  });
  expect(plays).toEqual(plays.toSorted((a, b) => b - a));
  const shown = page.url();

  await dates.getByRole('button', { name: 'Contexts', exact: true }).click();
  await expect(card(page, 'Contexts').getByRole('link', { name: 'Research seminars' })).toBeVisible();

  await open(page, shown);
  await expect(card(page, 'Dates').getByRole('columnheader', { name: /^Plays/ })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
});

test('rows say how they stand against what is compared', async ({ page }) => {
  await open(page, '/?vs=year');
  const list = page.getByRole('region', { name: 'Table: Recordings' });
  await expect(list.getByRole('row').nth(1)).toContainText(/[▲▼] [+−]\d+% from [\d,]+/);
  await expect(list.getByRole('table', { name: 'compared with: A year before' })).toBeVisible();
  const countries = page.getByRole('list', { name: 'Countries by plays' });
  await expect(countries.getByRole('button', { name: /^United States/ })).toContainText(/% from [\d,]+/);
  // Sorting goes on, and the chart's table has both.
  await list.getByRole('button', { name: 'Impressions', exact: true }).click();
  await expect(list.getByRole('columnheader', { name: /Impressions/ })).toHaveAttribute(
    'aria-sort',
    'descending',
  );
  await open(page, '/?vs=none');
  await expect(page.getByText(/% from [\d,]+/)).toHaveCount(0);
});

test('a second measure stands beside the first, in the address, the table and for those who listen', async ({
  page,
}) => {
  await open(page, '/');
  await page.getByRole('combobox', { name: 'Second measure' }).selectOption('minutes_viewed');
  await expect(page).toHaveURL(/and=minutes_viewed/);
  const chart = page.getByRole('region', { name: 'Impressions and Minutes viewed over time' });
  await settled(page);
  await expect(chart.getByRole('slider')).toHaveAttribute(
    'aria-valuetext',
    /Impressions; Period before: [\d,]+; Minutes viewed: [\d,.]+$/,
  );
  await chart.getByRole('button', { name: /^Table/ }).click();
  await expect(chart.getByRole('columnheader')).toHaveText([
    'When',
    'Impressions',
    'Period before',
    'Minutes viewed',
    'Notes',
  ]);
  await accessible(page);
  // The measure that becomes the first is no second any more.
  await page
    .getByRole('button', { name: /^Minutes viewed/ })
    .first()
    .click();
  await expect(page).not.toHaveURL(/and=/);
});

test('a note is written, said by the cursor, shown in the table, changed and removed', async ({ page }) => {
  await open(page, `${REC}?period=7d&today=1`);
  const chart = page.getByRole('region', { name: 'Impressions over time' });
  await chart.getByRole('button', { name: 'Notes' }).press('Enter');
  const panel = page.getByRole('dialog', { name: 'Notes' });
  await expect(panel.getByRole('list', { name: 'Notes' })).toContainText(
    /New: Week 4.*Nothing was collected/s,
  );
  await panel.getByRole('textbox', { name: 'New note' }).fill('Midterm exam');
  await accessible(page, '[popover]:popover-open');
  await panel.getByRole('button', { name: 'Save' }).click();
  await expect(panel.getByText('Midterm exam', { exact: true })).toBeVisible();
  await expect(page.getByRole('status')).toHaveText('“Midterm exam” is saved.');
  await page.keyboard.press('Escape');
  // Written for today, which is the last bucket.
  await expect(chart.getByRole('slider')).toHaveAttribute('aria-valuetext', /\(not over\) · Midterm exam$/);
  await chart.getByRole('button', { name: /^Table/ }).click();
  await expect(chart.getByRole('row').last()).toContainText('Midterm exam');
  await chart.getByRole('button', { name: 'Notes' }).click();
  await panel.getByRole('button', { name: /^Change.*Midterm exam/ }).click();
  await panel.getByRole('textbox', { name: 'Changed note' }).fill('Final exam');
  await panel.getByRole('button', { name: 'Save' }).click();
  await expect(chart.getByRole('row').last()).toContainText('Final exam');
  await panel.getByRole('button', { name: 'Remove: Final exam' }).click();
  await expect(panel.getByText('Final exam', { exact: true })).toHaveCount(0);
});

test('what stands out leads to it', async ({ page }) => {
  await open(page, '/');
  const out = card(page, 'What stands out');
  await expect(out.getByRole('listitem')).toHaveCount(5);
  await out.getByRole('link', { name: 'Germany' }).click();
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText('Germany');
  await page.goBack();
  await out.getByRole('link', { name: 'Week 4: Membranes and transport' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Week 4: Membranes and transport');
  await card(page, 'What stands out').getByRole('link', { name: '6:53' }).click();
  await expect(page).toHaveURL(/at=413/);
  await expect(page.getByRole('slider', { name: 'Second of the recording' })).toHaveAttribute(
    'aria-valuetext',
    /^6:53/,
  );
});

test('from a country to its cities and back', async ({ page }) => {
  await open(page, '/');
  await card(page, 'Countries').getByRole('button', { name: 'Regions of United States' }).click();
  const regions = card(page, 'Regions of United States');
  await regions.getByRole('button', { name: 'Cities of Minnesota' }).click();
  const cities = card(page, 'Cities in Minnesota');
  await expect(cities.getByRole('button', { name: /^Duluth/ })).toBeVisible();
  await expect(page).toHaveURL(/country=US&region=Minnesota/);
  await cities.getByRole('link', { name: 'United States' }).click();
  await expect(regions.getByRole('button', { name: /^Minnesota/ })).toBeVisible();
  await page.goBack();
  await cities.getByRole('button', { name: /^Duluth/ }).click();
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText('Duluth');
});

test('the map draws what the list says: countries, regions, cities as dots', async ({ page }) => {
  await open(page, '/');
  const map = page.locator('.map svg');
  await expect(map).toHaveAttribute('aria-hidden', 'true');
  const germany = map.locator('path').filter({ hasText: /^Germany: / });
  await expect(germany).toHaveClass(/s[1-4]/);
  await expect(map.locator('path').filter({ hasText: /^Fiji$/ })).toHaveClass(/s0/);
  await germany.click();
  await expect(page).toHaveURL(/country=DE/);
  // Both names of Berlin are one shape.
  await expect(map.locator('path.s1, path.s2, path.s3, path.s4')).toHaveCount(2);
  await page.goto('/?country=IN');
  await expect(map.locator('path').filter({ hasText: /^Karnataka: / })).toHaveClass(/s4/);
  // Younger than the shapes: a dot, which leads on as a shape does. Where nobody knows is not drawn.
  await expect(map.locator('circle')).toHaveCount(1);
  await map.locator('circle').click();
  await expect(page).toHaveURL(/region=Telangana/);
  await expect(map.locator('circle')).toHaveCount(2);
  await page.goto('/?country=US');
  await map
    .locator('path')
    .filter({ hasText: /^Minnesota: / })
    .click();
  const dots = map.locator('circle');
  await expect(dots).toHaveCount(3);
  const [most, least] = [dots.filter({ hasText: /^Minneapolis: / }), dots.filter({ hasText: /^Duluth: / })];
  const size = async (dot: typeof most) => Number(await dot.getAttribute('r'));
  expect((await size(most)) / (await size(least))).toBeCloseTo(Math.sqrt(6), 1);
  const [picture, list] = [
    await map.boundingBox(),
    await page.getByRole('button', { name: /^Duluth/ }).boundingBox(),
  ];
  for (const dot of await dots.all()) {
    const box = await dot.boundingBox();
    expect(box && picture && box.y >= picture.y && box.y + box.height <= (list?.y ?? 0)).toBe(true);
  }
  await page.goto('/?country=NG');
  await expect(map.locator('path').filter({ hasText: /^Lagos$/ })).toHaveClass(/s0/);
});

test('from a domain to its pages, each opened in a new tab that learns nothing of us', async ({ page }) => {
  await open(page, REC);
  await card(page, 'Domains').getByRole('button', { name: 'Pages of canvas.example.edu' }).click();
  const pages = card(page, 'Pages of canvas.example.edu');
  const link = pages.getByRole('link', { name: /^Open .*week-4 in a new tab/ });
  await expect(link).toHaveAttribute('target', '_blank');
  await expect(link).toHaveAttribute('rel', 'noopener noreferrer');
  await expect(link).toHaveAttribute('href', 'https://canvas.example.edu/courses/1009/pages/week-4');
  await pages.getByRole('link', { name: 'Domains' }).click();
  await expect(card(page, 'Domains')).toBeVisible();
});

test('devices, systems and browsers; top recordings by score or plays', async ({ page }) => {
  await open(page, '/');
  await card(page, 'Devices').getByRole('button', { name: 'Browsers' }).click();
  await expect(card(page, 'Browsers').getByRole('button', { name: /^Safari/ })).toContainText('27%');
  const top = card(page, 'Top recordings');
  await expect(top.getByRole('rowheader')).toHaveCount(5);
  await top.getByRole('button', { name: 'By Plays' }).click();
  await expect(page).toHaveURL(/top=plays/);
  await expect(card(page, 'Top viewers')).toContainText('Not proof of attendance.');
});

test('by keyboard alone: a measure, a tab, a row’s own page', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('combobox', { name: 'Measure shown' }).focus();
  await page.keyboard.type('Play r');
  await expect(card(page, 'Play rate over time')).toBeVisible();
  await card(page, 'Recordings').getByRole('button', { name: 'Viewers', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(card(page, 'Viewers').getByRole('button', { name: 'Viewers', exact: true })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(card(page, 'Viewers').getByRole('button', { name: 'Dates', exact: true })).toBeFocused();
  const first = card(page, 'Viewers').getByRole('rowheader').getByRole('link').first();
  const name = await first.innerText();
  await first.focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/f=is,viewer,[0-9a-f]{16}/);
  await expect(card(page, 'Viewers').getByRole('rowheader')).toHaveCount(1);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
  await card(page, 'Countries').getByRole('button', { name: 'Regions of Germany' }).focus();
  await page.keyboard.press('Enter');
  await expect(card(page, 'Regions of Germany').getByRole('button', { name: /^Bavaria/ })).toBeVisible();
});

test('images are not played, and quizzes have results', async ({ page }) => {
  await open(page, '/recording/1_image');
  await expect(page.getByRole('button', { name: /^Known viewers / })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Completion / })).toHaveCount(0);
  await expect(card(page, 'Where people watch')).toHaveCount(0);
  await expect(card(page, 'From shown to finished')).toHaveCount(0);
  await open(page, '/recording/1_quiz');
  const results = card(page, 'Quiz results');
  await expect(results.getByText('Quiz takers')).toBeVisible();
  await results.getByRole('button', { name: 'Questions' }).click();
  await expect(results.getByRole('rowheader', { name: 'What crosses a membrane?' })).toBeVisible();
});

test('who may edit a recording says where its content ends', async ({ page }) => {
  await open(page, '/recording/1_slow?at=540');
  const where = card(page, 'Where people watch');
  await where.getByLabel('Content ends at').fill('59:00');
  await where.getByRole('button', { name: 'Set' }).click();
  await expect(where.getByRole('alert')).toContainText('beyond the end');
  wrong.splice(0); // The refusal is a 400, which the browser notes.
  await where.getByRole('button', { name: 'Use 9:00' }).click();
  await where.getByRole('button', { name: 'Set' }).click();
  await expect(where.getByRole('button', { name: /^9:00 content ends/ })).toBeVisible();
  await where.getByRole('button', { name: 'No end' }).click();
  await expect(where.getByRole('button', { name: 'No end' })).toHaveCount(0);
});

test('the player is somebody else’s, so it is asked for when somebody presses play, at the second pointed at', async ({
  page,
}) => {
  const asked: string[] = [];
  await page.route('https://player.example.edu/**', (route) => {
    asked.push(route.request().url());
    return route.fulfill({ contentType: 'text/html', body: '<p>playing</p>' });
  });
  await open(page, `${REC}?at=413`);
  expect(asked).toEqual([]);
  await page.getByRole('button', { name: 'Play from 6:53' }).click();
  await expect(page.frameLocator('iframe').getByText('playing')).toBeVisible();
  expect(asked).toEqual(['https://player.example.edu/?entry=1_qrf2hrm&start=413']);
  await page.getByRole('button', { name: 'Close the player' }).click();
  await expect(page.locator('iframe')).toHaveCount(0);
  wrong.splice(0); // The player's own request, which was wished for.
});

test('whether viewers can be named, why not, and what helps', async ({ page }) => {
  await open(page, REC);
  const named = card(page, 'Can this recording’s viewers be named?');
  await expect(named).toContainText('In part: 80% of plays are of people with a name.');
  await expect(named.getByRole('region', { name: 'Where Unknown played it' })).toContainText(
    'biology.example.edu',
  );
  await expect(named.getByRole('region', { name: 'Likely causes, and what helps' })).toContainText(
    'learning platform’s media tool',
  );
  await named.getByRole('link', { name: 'How to publish so that viewers are named' }).click();
  await expect(page).toHaveURL(/\/help\/naming/);
});

test('every recording is listed, also those nobody opened', async ({ page }) => {
  await open(page, '/');
  const all = card(page, 'All recordings');
  await all.getByRole('searchbox').fill('not opened yet');
  await expect(all.getByRole('row', { name: /Published and not opened yet/ })).toContainText('not opened');
  await expect(page).toHaveURL(/cfind=/);
});

test('what is typical of the owner is drawn when it is asked for', async ({ page }) => {
  await open(page, REC);
  const where = card(page, 'Where people watch');
  await expect(where.locator('path.band')).toHaveCount(0);
  await where.getByRole('button', { name: 'Typical for this owner' }).click();
  await expect(where).toContainText(/middle half of \d recordings/);
  await expect(page.getByRole('status')).toContainText('middle half');
  await expect(where.locator('path.band')).toHaveCount(1);
  await where.getByRole('button', { name: 'Typical for this owner' }).click();
  await expect(where.locator('path.band')).toHaveCount(0);
});

test('a launch’s link to a course leads to its page, with its question', async ({ page }) => {
  await open(page, '/?category=bio&period=7d');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('BIOL 1009 General Biology');
  await expect(page).toHaveURL(/\/course\/bio\?.*period=7d/);
  await expect(page).not.toHaveURL(/category=/);
});

test('a course: rhythm, placement, a person and a recording in place', async ({ page }) => {
  await open(page, '/courses');
  await page.getByRole('link', { name: 'BIOL 1009 General Biology' }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('BIOL 1009 General Biology');
  await expect(page.getByText(/^173 students enrolled$/)).toBeVisible();

  const rhythm = card(page, 'Study rhythm').getByRole('table');
  await expect(rhythm.getByRole('cell').first()).toHaveText(/week of .*: \d+ viewers?, .* of 173/);
  await expect(card(page, 'Where played').getByRole('button', { name: /^In this course/ })).toContainText(
    '22%',
  );
  await expect(card(page, 'Where played')).toContainText('the page is not known');

  await card(page, 'Recordings').getByRole('button', { name: 'Viewers', exact: true }).click();
  const person = await card(page, 'Viewers').getByRole('rowheader').getByRole('link').first().innerText();
  await card(page, 'Viewers')
    .getByRole('button', { name: `Show only ${person}` })
    .first()
    .click();
  await expect(page.getByRole('link', { name: person }).first()).toHaveAttribute('href', /^\/viewer\//);
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(page).not.toHaveURL(/f=/);

  await page.getByRole('combobox', { name: 'Section' }).selectOption('Section 002');
  await expect(page).toHaveURL(/section=002/);
  const asked = page.waitForRequest(/totals\?.*vs=offering/);
  await page.getByRole('button', { name: 'Compare with the last offering' }).click();
  await asked;
});

test('a viewer, as viewer and as contributor', async ({ page }) => {
  await open(page, `/viewer/${WEBER}`);
  const watched = card(page, 'What they watched');
  await expect(watched.getByRole('img').first()).toHaveAttribute('aria-label', /\d/);
  await expect(card(page, 'Hours and weekdays').getByRole('row')).toHaveCount(8);
  await expect(page.getByText('is in the access log')).toBeVisible();
  page.on('console', () => wrong.splice(0)); // The refusals below are 404s, which the browser notes.
  await open(page, '/viewer/mjensen');
  await expect(page.getByText('Nothing that you may see was played by this person.')).toBeVisible();
  await page.getByRole('button', { name: 'Contributor' }).click();
  await expect(card(page, 'Added, by source')).toContainText('Kaltura Capture');
});

test('the account and its parts', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('link', { name: 'Account', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Example University');
  for (const [part, title] of [
    ['Technology', 'Versions of browsers'],
    ['Geography', 'Countries'],
    ['Contributors', 'Added, by media type'],
    ['Content interactions', 'Playback speeds chosen'],
  ] as const) {
    await page
      .getByRole('navigation', { name: 'Parts of the account' })
      .getByRole('link', { name: part })
      .click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(part);
    await expect(card(page, title)).toBeVisible();
  }
});

test('the figures on the pages are the API’s', async ({ page, request, baseURL }) => {
  const cookie = { headers: { cookie: 's=1' } };
  const api = async (path: string) =>
    (await (await request.get(`${baseURL}/api/v1/${path}`, cookie)).json()).data;
  for (const [path, subject] of [
    ['/', 'account'],
    [REC, 'entry:1_qrf2hrm'],
    ['/course/bio', 'category:bio'],
    ['/playlist/best', 'playlist:best'],
  ] as const) {
    await open(page, `${path}?zone=UTC`);
    const { values } = await api(`totals?subject=${subject}&measures=plays,viewers`);
    for (const [name, id] of [
      ['Plays', 'plays'],
      ['Unique viewers', 'viewers'],
    ] as const) {
      await expect(
        page.getByRole('button', { name: new RegExp(`^${name} `) }).locator('.value'),
      ).toHaveAttribute('title', values[id].value.toLocaleString('en-US'));
    }
    const { rows } = await api(`table?subject=${subject}&by=domain&measures=plays&sort=-plays`);
    for (const row of rows.slice(0, 3)) {
      await expect(
        card(page, 'Domains').getByRole('button', { name: new RegExp(`^${row.labels[0]}`) }),
      ).toContainText(row.values.plays.toLocaleString('en-US'));
    }
  }
});

test('where the system sets all colours, the keys of charts keep theirs and what is pressed is marked', async ({
  page,
}) => {
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await open(page, `${REC}?vs=previous`);
  const adjust = (selector: string) =>
    page.locator(selector).evaluateAll((all) => all.map((one) => getComputedStyle(one).forcedColorAdjust));
  const keys = await adjust('main :is(.key, .stack, .bar, .strip)');
  expect(keys.length).toBeGreaterThan(20);
  expect(new Set(keys)).toEqual(new Set(['none']));
  const pressed = page.getByRole('button', { name: /^Impressions / });
  await expect(pressed).toHaveAttribute('aria-pressed', 'true');
  await expect(pressed).toHaveCSS('outline-width', '2px');
  await expect(page.getByRole('button', { name: /^Plays / }).first()).toHaveCSS('outline-style', 'none');
});
