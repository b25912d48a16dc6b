import { expect, test } from '@playwright/test';
import { accessible, fits, open, signedIn } from './help';

// What surrounds every page: navigation, search, help, notices, the reader's own choices.
signedIn();

test('the search finds by keyboard: recordings, courses, domains, help', async ({ page }) => {
  await open(page, '/?period=7d');
  await page.keyboard.press('/');
  const field = page.getByRole('combobox', { name: 'Search' });
  await expect(field).toBeFocused();
  await page.keyboard.type('membranes and');
  const first = page.getByRole('dialog').getByRole('option').first();
  await expect(first).toContainText('Week 4: Membranes and transport');
  await expect(first).toHaveAttribute('aria-selected', 'true');
  await accessible(page);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/recording\/1_qrf2hrm\?.*period=7d/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Week 4: Membranes and transport');

  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.getByRole('combobox', { name: 'Search' }).fill('how player impressions');
  // The panel of that name is in the list before anything is typed.
  await expect(page.getByRole('dialog').getByRole('option').first()).toContainText('From shown to finished');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('From shown to finished');
});

test('Enter before the answer opens the first of the answer, not of what stood there', async ({ page }) => {
  await open(page, '/?period=7d');
  await page.keyboard.press('/');
  await expect(page.getByRole('dialog').getByRole('option').first()).toBeVisible();
  await page.keyboard.type('membranes and');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Week 4: Membranes and transport');
});

test('the search says what it did not find, and gives the focus back', async ({ page }) => {
  await open(page, '/');
  const button = page.getByRole('button', { name: 'Search', exact: true });
  await button.click();
  await page.getByRole('combobox', { name: 'Search' }).fill('zzzz');
  await expect(page.getByText('Nothing is called “zzzz”.')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(button).toBeFocused();
});

test('the shortcut can be switched off, and is no shortcut while somebody types', async ({ page }) => {
  await open(page, '/');
  await page.getByRole('searchbox').first().focus();
  await page.keyboard.press('/');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByRole('button', { name: 'Signed in as admin' }).click();
  await page.getByLabel('Key / opens the search').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await expect(page.getByRole('combobox', { name: 'Search' })).toHaveCount(0);
});

test('in a narrow window all pages are in one menu', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 800 });
  await open(page, '/');
  await page.getByRole('button', { name: 'Menu of pages' }).click();
  const menu = page.getByRole('dialog', { name: 'Pages' });
  await expect(menu.getByRole('link', { name: 'My media' })).toHaveAttribute('aria-current', 'page');
  await accessible(page);
  await menu.getByRole('link', { name: 'Help' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Help');
  await expect(menu).toHaveCount(0);
  await fits(page);
});

test('the guide leads from topic to topic and is searched by Kaltura’s labels', async ({ page }) => {
  await open(page, '/help?period=7d');
  await page.getByRole('searchbox', { name: 'Search in the help' }).fill('category page views');
  await page.getByRole('link', { name: 'Gallery, course, elsewhere' }).click();
  await expect(page).toHaveURL(/\/help\/placement\?.*period=7d/);
  await expect(page.getByText('Also known as: Category page views')).toBeVisible();
  await page.getByRole('link', { name: /Top recordings and top viewers ›/ }).click();
  await page.getByRole('link', { name: 'what names can and cannot say' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('What names can and cannot say');
});

test('without a network the page says of when its numbers are', async ({ page, context }) => {
  await open(page, '/');
  await context.setOffline(true);
  await expect(page.getByText(/^No network connection. The numbers are those of/)).toBeVisible();
  page.on('console', () => undefined);
  await context.setOffline(false);
  await expect(page.getByText(/^No network connection/)).toHaveCount(0);
});

test('a newer server is noticed, and the end of a sign-in is announced', async ({ page, request }) => {
  await request.post('/mock/set?version=9.9.9&ends=240');
  try {
    await open(page, '/?period=7d');
    await expect(page.getByText(/Your sign-in ends in 4 minutes/)).toBeVisible();
    await expect(page.getByRole('link', { name: 'Sign in again' })).toHaveAttribute(
      'href',
      /next=%2F%3Fperiod%3D7d/,
    );
    await request.post('/mock/set?version=9.9.10');
    await expect(page.getByText('A newer version is running on the server.')).toBeVisible();
    await accessible(page);
  } finally {
    await request.post('/mock/set');
  }
});

for (const [locale, title, plays] of [
  ['de-DE', 'Meine Medien', 'Wiedergaben'],
  ['fr-FR', 'Mes médias', 'Lectures'],
  ['es-ES', 'Mis medios', 'Reproducciones'],
  ['ja-JP', 'マイメディア', '再生回数'],
  ['ar-EG', 'وسائطي', 'التشغيلات'],
] as const) {
  test.describe(locale, () => {
    test.use({ locale });
    test('the browser’s language, its direction and its numbers', async ({ page }) => {
      await open(page, '/');
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
      await expect(page.locator('html')).toHaveAttribute('dir', locale === 'ar-EG' ? 'rtl' : 'ltr');
      const value = await page
        .getByRole('button', { name: new RegExp(`^${plays}`) })
        .first()
        .locator('.value')
        .getAttribute('title');
      // Digits are 0 to 9 in Arabic too, as in media times and what one types.
      const sample = new Intl.NumberFormat(`${locale}-u-nu-latn`).format(12345).replace(/\d/g, '');
      expect((value ?? '').length > 4 ? value?.replace(/\d/g, '') : sample).toBe(sample);
      await accessible(page);
      await page.setViewportSize({ width: 320, height: 800 });
      await fits(page);
    });
  });
}

test('another language is chosen in the menu, and stays', async ({ page }) => {
  await open(page, '/?period=7d');
  await page.getByRole('button', { name: 'Signed in as admin' }).click();
  await page.getByLabel('Language').selectOption('fr');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Mes médias');
  await expect(page).toHaveURL(/period=7d/);
  await page.goto('/help/funnel');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('De l’affichage à la fin');
  await expect(page.getByRole('article')).toContainText('Six étapes à la fois');
});
