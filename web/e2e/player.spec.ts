import { expect, test, type Page } from '@playwright/test';
import { accessible, fits, open, prepare, tabTo } from './help';

// A recording in a player, and the timeline under it: one goes where the other is pressed. dev/media.mjs has the files.
const wrong = prepare();
const AUDIO = '/recording/1_10000';
const VIDEO = '/recording/1_163z1';
const REFUSED = '/recording/1_1c7y2';
const YOUTUBE = '/recording/1_2izr9';

const card = (page: Page) => page.getByRole('region', { name: 'Where people watch' });
const caption = (page: Page) => card(page).locator('figcaption');
const cursor = (page: Page) => card(page).getByRole('slider', { name: 'Second of the recording' });
const element = (page: Page) => card(page).locator('audio, video');
const now = (page: Page) => element(page).evaluate((e: HTMLMediaElement) => e.currentTime);
const paused = (page: Page) => element(page).evaluate((e: HTMLMediaElement) => e.paused);
/** Where the line stands, in shares of the plot. */
const line = (page: Page) =>
  card(page)
    .locator('svg .position')
    .evaluate((e: SVGElement) => {
      const plot = e.ownerSVGElement!.getBoundingClientRect();
      const at = Number(/translate\(([\d.]+)/.exec(e.getAttribute('transform') ?? '')![1]);
      return (at - 44) / (plot.width - 52);
    });
/** Presses the plot at a share of its width. */
async function press(page: Page, share: number): Promise<void> {
  const plot = (await card(page).locator('figure svg').boundingBox())!;
  await page.mouse.click(plot.x + 44 + share * (plot.width - 52), plot.y + 100);
}
/** What is asked of players' sites is wished for; anything else is still wrong. */
const wished = () =>
  wrong.splice(0).filter((one) => !/^asked http:\/\/(localhost|cdn\.localhost):/.test(one));

test('a media file is sought by pressing the timeline, and a line follows it', async ({ page }) => {
  await open(page, `${AUDIO}?at=60`);
  await expect(element(page)).toHaveCount(0);
  expect(wrong).toEqual([]);
  await card(page).getByRole('button', { name: 'Play from 1:00' }).click();
  await expect(element(page)).toBeFocused();
  await expect.poll(() => now(page)).toBeGreaterThan(60);
  await expect(caption(page)).toContainText(/Player: 1:0\d/);

  await press(page, 0.5);
  await expect.poll(() => now(page)).toBeGreaterThan(288);
  expect(await now(page)).toBeLessThan(300);
  await expect.poll(() => line(page)).toBeCloseTo(0.5, 1);
  await expect(page).toHaveURL(/at=29\d/);

  // The line goes on, and the address stays where somebody pointed.
  const [here, was] = [page.url(), await line(page)];
  await expect.poll(() => line(page)).toBeGreaterThan(was);
  expect(page.url()).toBe(here);

  // A moment is a second like any other.
  await card(page)
    .getByRole('button', { name: /seen again most/ })
    .click();
  await expect.poll(() => now(page)).toBeLessThan(210);
  expect(wished()).toEqual([]);
});

test('the position moves at most four times a second', async ({ page }) => {
  await open(page, AUDIO);
  await card(page).getByRole('button', { name: 'Play' }).click();
  await expect(card(page).locator('.position')).toBeVisible();
  const moves = await card(page)
    .locator('.position')
    .evaluate(
      (line) =>
        new Promise<number>((done) => {
          let n = 0;
          new MutationObserver((changes) => (n += changes.length)).observe(line, { attributes: true });
          setTimeout(() => done(n), 3_000);
        }),
    );
  expect(moves).toBeGreaterThanOrEqual(6);
  expect(moves).toBeLessThanOrEqual(13);
  wished();
});

test('by keyboard alone: play, point, play from there, close', async ({ page }) => {
  await open(page, VIDEO);
  await tabTo(page, card(page).getByRole('button', { name: 'Play', exact: true }));
  await page.keyboard.press('Enter');
  await expect(element(page)).toBeFocused();
  await expect.poll(() => now(page)).toBeGreaterThan(0);
  await expect(element(page).locator('track')).toHaveCount(1);

  await tabTo(page, cursor(page));
  await expect(cursor(page)).toHaveAccessibleDescription('Enter plays from here.');
  await page.keyboard.press('Home');
  for (let n = 0; n < 5; n++) await page.keyboard.press('PageUp');
  const at = Number(await cursor(page).inputValue());
  expect(at).toBeGreaterThan(300);
  expect(await now(page)).toBeLessThan(60);
  await page.keyboard.press('Enter');
  await expect.poll(() => now(page)).toBeGreaterThanOrEqual(at);
  expect(await now(page)).toBeLessThan(at + 20);

  // The same by the button that says so.
  await page.keyboard.press('Home');
  await card(page).getByRole('button', { name: 'Play from 0:00' }).press('Enter');
  await expect.poll(() => now(page)).toBeLessThan(30);

  await element(page).focus();
  await page.keyboard.press('Escape');
  await expect(element(page)).toHaveCount(0);
  await expect(card(page).locator('.position')).toHaveCount(0);
  await expect(card(page).getByRole('button', { name: /^Play/ })).toBeFocused();
  await expect(cursor(page)).not.toHaveAccessibleDescription(/Enter/);
  expect(wished()).toEqual([]);
});

test('a file that leads to a site which is not let in says that it cannot be played', async ({ page }) => {
  await open(page, REFUSED);
  await card(page).getByRole('button', { name: 'Play' }).click();
  await expect(card(page).getByRole('alert')).toContainText('could not be played');
  await expect(card(page).getByRole('alert')).toContainText('localhost');
  await card(page).getByRole('button', { name: 'Close the player' }).click();
  await expect(card(page).getByRole('button', { name: 'Play' })).toBeFocused();
  expect(wrong.some((one) => /media-src/.test(one) && one.includes('other.localhost'))).toBe(true);
  wrong.splice(0);
});

/** Stands for YouTube's frame: answers what it is told as that does, and keeps what it was told. */
const FRAME = `<!doctype html><title>frame</title><p id="told"></p><script>
  let parent_, at = Number(new URLSearchParams(location.search).get('start')), playing = true;
  const say = (event, info) => parent_.postMessage(JSON.stringify({ event, info, id: 1, channel: 'widget' }), new URLSearchParams(location.search).get('origin'));
  addEventListener('message', (e) => {
    if (e.origin !== new URLSearchParams(location.search).get('origin')) return;
    const data = JSON.parse(e.data);
    if (data.event === 'listening' && !parent_) { parent_ = e.source; say('initialDelivery', { currentTime: at }); say('onReady', null); setInterval(() => { at += 0.25; say('infoDelivery', { currentTime: at }); }, 250); }
    if (data.event === 'command') { told.textContent += data.func + ' ' + data.args.join() + ';'; if (data.func === 'seekTo') at = data.args[0]; }
  });
</script>`;

test('YouTube’s frame is followed and sought by messages, without a script of it here', async ({ page }) => {
  const asked: string[] = [];
  await page.route('https://www.youtube-nocookie.com/**', (route) => {
    asked.push(route.request().url());
    return route.fulfill({ contentType: 'text/html', body: FRAME });
  });
  await open(page, `${YOUTUBE}?at=100`);
  expect(asked).toEqual([]);
  await card(page).getByRole('button', { name: 'Play from 1:40' }).click();
  await expect(card(page).getByRole('button', { name: 'Close the player' })).toBeFocused();
  await expect(caption(page)).toContainText(/Player: 1:4\d/);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain(`start=100`);
  expect(new URL(asked[0] ?? '').searchParams.get('origin')).toBe(new URL(page.url()).origin);

  await press(page, 0.5);
  await expect(page.frameLocator('iframe').locator('#told')).toHaveText(/^seekTo 36\d,true;playVideo ;$/);
  await expect(caption(page)).toContainText(/Player: 6:0\d/);
  await expect.poll(() => line(page)).toBeCloseTo(0.5, 1);
  expect(asked).toHaveLength(1);

  // What anybody else says is not heard: neither another window nor another origin.
  await page.evaluate(() =>
    postMessage(JSON.stringify({ event: 'infoDelivery', info: { currentTime: 9 } }), '*'),
  );
  await page.waitForTimeout(600);
  await expect(caption(page)).toContainText(/Player: 6:0\d/);
  await accessible(page);
  await page.keyboard.press('Shift+Tab');
  await card(page).getByRole('button', { name: 'Close the player' }).click();
  await expect(caption(page)).not.toContainText('Player:');
  expect(wrong.splice(0).filter((one) => !one.startsWith('asked https://www.youtube-nocookie.com/'))).toEqual(
    [],
  );
});

test('another’s frame begins anew at the second that is pressed', async ({ page }) => {
  const asked: string[] = [];
  await page.route('https://player.example.edu/**', (route) => {
    asked.push(new URL(route.request().url()).searchParams.get('start') ?? '');
    return route.fulfill({ contentType: 'text/html', body: '<p>playing</p>' });
  });
  await open(page, '/recording/1_qrf2hrm');
  await card(page).getByRole('button', { name: 'Play' }).click();
  await expect(page.frameLocator('iframe').getByText('playing')).toBeVisible();
  await expect(card(page).locator('.position')).toHaveCount(0);
  await card(page)
    .getByRole('button', { name: /seen again most/ })
    .click();
  await expect.poll(() => asked.length).toBe(2);
  expect(asked[0]).toBe('0');
  expect(Number(asked[1])).toBeGreaterThan(400);
  wrong.splice(0);
});

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [1280, 320]) {
    test(`an open player is accessible, ${scheme}, ${width} px`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize({ width, height: 900 });
      await open(page, `${VIDEO}?at=300`);
      await card(page).getByRole('button', { name: 'Play from 5:00' }).click();
      await expect(caption(page)).toContainText('Player: 5:0');
      await element(page).evaluate((e: HTMLMediaElement) => e.pause());
      expect(await paused(page)).toBe(true);
      await accessible(page);
      await fits(page);
      wished();
    });
  }
}
