import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * No violation that axe can find, in the page or a part of it. Movement is switched off first: a half faded text has no contrast of its own. An open
 * panel covers what lies beneath it, which then has no room: look at the panel alone.
 */
export async function accessible(page: Page, within = 'html'): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).include(within).withTags(RULES).analyze();
  const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(' | ')}`);
  expect(found).toEqual([]);
}

/** The page itself never scrolls sideways; tables and charts do it inside themselves (WCAG 1.4.10). */
export async function fits(page: Page): Promise<void> {
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(over).toBeLessThanOrEqual(0);
}

/** Waits until nothing is asked or loading any more. */
export async function settled(page: Page): Promise<void> {
  await expect(page.locator('h1')).toBeVisible();
  await expect(page.locator('.skeleton')).toHaveCount(0);
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

/** Fails the test on every request to another host and on everything the browser complains of. */
export function watch(page: Page, host: string, wrong: string[] = []): string[] {
  page.on('request', (request) => {
    const to = new URL(request.url());
    if (to.protocol !== 'data:' && to.protocol !== 'blob:' && to.host !== host)
      wrong.push(`asked ${to.href}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (401|500)/.test(message.text())) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  return wrong;
}

/** Opens a page and waits for its answers. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await settled(page);
}

/** Every test of the file is signed in at the mock, without movement; what the browser complains of fails it. */
export function signedIn(): void {
  let wrong: string[] = [];
  test.beforeEach(async ({ page, context, baseURL }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await context.addCookies([{ name: 's', value: '1', url: baseURL ?? '' }]);
    wrong = watch(page, new URL(baseURL ?? '').host);
  });
  test.afterEach(() => expect(wrong.filter((one) => !one.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]));
}

/** Presses Tab until the focus is there: what cannot be reached so is not there for people without a mouse. */
export async function tabTo(page: Page, to: Locator): Promise<void> {
  for (let n = 0; n < 120; n++) {
    if (await to.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press('Tab');
  }
  await expect(to).toBeFocused();
}

/** Signs an administrator in before each test and fails it on whatever the browser complains of: what is in the list. */
export function prepare(): string[] {
  const wrong: string[] = [];
  test.beforeEach(async ({ page, context, baseURL }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await context.addCookies([{ name: 's', value: '1', url: baseURL ?? '' }]);
    wrong.splice(0);
    watch(page, new URL(baseURL ?? '').host, wrong);
  });
  test.afterEach(() => expect(wrong).toEqual([]));
  return wrong;
}
