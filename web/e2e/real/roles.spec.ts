import { accessible, settled } from '../help';
import { expect, test, type Cast } from './cast';

/** What one may not see is not there: the words are those of a recording that does not exist. */
const GONE = 'There is no such recording';

const SEES: { who: keyof Cast; sees: (keyof Cast)[]; absent: (keyof Cast)[] }[] = [
  { who: 'owner', sees: [], absent: ['foreign'] },
  { who: 'coEditor', sees: [], absent: ['foreign'] },
  { who: 'teacher', sees: ['entry'], absent: ['foreign'] },
  { who: 'assistant', sees: ['entry'], absent: ['foreign'] },
  { who: 'manager', sees: [], absent: ['foreign', 'entry'] },
  { who: 'student', sees: [], absent: ['foreign', 'entry'] },
  { who: 'analyst', sees: ['entry', 'foreign'], absent: [] },
  { who: 'administrator', sees: ['entry', 'foreign'], absent: [] },
];

for (const { who, sees, absent } of SEES) {
  test(`what a person sees who is: ${who}`, async ({ as, cast }) => {
    const page = await as(cast[who]);
    await page.goto('/?period=90d');
    await settled(page);
    await accessible(page);
    for (const entry of sees) {
      await page.goto(`/recording/${cast[entry]}?period=90d`);
      await settled(page);
      await expect(page.getByRole('heading', { level: 1 })).not.toContainText(GONE);
    }
    for (const entry of absent) {
      await page.goto(`/recording/${cast[entry]}?period=90d`);
      await settled(page);
      await expect(page.getByRole('heading', { level: 1 })).toContainText(GONE);
    }
  });
}
