import { expect, type ElementHandle, type Locator, type Page } from '@playwright/test';

/**
 * The ways to do a task: by mouse, and with nothing but a keyboard. A task is told once and walked with either; what a
 * hand cannot reach fails it by name.
 */
export interface Hand {
  /** Presses a button or a link, or ticks a box. */
  press(to: Locator): Promise<void>;
  /** Chooses in a list. */
  choose(from: Locator, option: string): Promise<void>;
  type(into: Locator, text: string): Promise<void>;
  /** Gives a date field a day, as 2026-10-01. */
  date(into: Locator, day: string): Promise<void>;
  /** Leaves what was opened over the page. */
  leave(): Promise<void>;
}

function mouse(page: Page): Hand {
  return {
    press: (to) => to.click(),
    choose: async (from, option) => {
      await from.selectOption({ label: option });
    },
    type: async (into, text) => {
      await into.click();
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(text);
    },
    date: (into, day) => into.fill(day),
    leave: () => page.mouse.click(2, 500),
  };
}

/** So far one is ready to go by Tab: the longest page has fewer stops. */
const TABS = 320;

async function told(page: Page): Promise<string> {
  return page.evaluate(() => {
    const at = document.activeElement;
    return at
      ? `<${at.localName}> ${(at.getAttribute('aria-label') ?? at.textContent ?? '').trim().slice(0, 60)}`
      : '';
  });
}

/** Moves the focus as people do, forwards or backwards, whichever leads there. */
async function reach(page: Page, to: Locator): Promise<ElementHandle<HTMLElement>> {
  await expect(to, 'nothing to go to').toBeVisible();
  let goal = (await to.elementHandle()) as ElementHandle<HTMLElement>;
  const key = await goal.evaluate((goal) => {
    const at = document.activeElement;
    const before = at ? at.compareDocumentPosition(goal) & Node.DOCUMENT_POSITION_PRECEDING : 0;
    return before && !at?.contains(goal) ? 'Shift+Tab' : 'Tab';
  });
  for (let n = 0; ; n++) {
    const [there, gone] = await goal.evaluate((goal) => [goal === document.activeElement, !goal.isConnected]);
    if (there) break;
    if (gone) goal = (await to.elementHandle()) as ElementHandle<HTMLElement>;
    if (n === TABS)
      throw new Error(`${TABS} times ${key} did not reach ${to}: the focus is at ${await told(page)}`);
    await page.keyboard.press(key);
  }
  // Tab goes through the parts of a date one by one; a date is typed from its first.
  if (key === 'Shift+Tab' && (await goal.getAttribute('type')) === 'date') {
    while (await goal.evaluate((goal) => goal === document.activeElement)) await page.keyboard.press(key);
    await page.keyboard.press('Tab');
  }
  const seen = await goal.evaluate((goal) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(goal);
    const { left, top, width, height } = goal.getBoundingClientRect();
    const over = document.elementFromPoint(left + Math.min(width / 2, 200), top + Math.min(height / 2, 100));
    return {
      ring: goal.matches(':focus-visible') && outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1,
      uncovered: over !== null && (goal.contains(over) || over.contains(goal)),
    };
  });
  expect(seen, `the focus is to be seen at ${to}`).toEqual({ ring: true, uncovered: true });
  return goal;
}

function keys(page: Page): Hand {
  /** Wherever something was pressed, the focus stays at it or goes to where it leads; it is never nowhere. */
  const kept = async (what: Locator) =>
    expect
      .poll(() => page.evaluate(() => document.activeElement !== document.body), {
        message: `the focus is lost after ${what}`,
        timeout: 3000,
      })
      .toBe(true);
  return {
    press: async (to) => {
      const goal = await reach(page, to);
      const box = await goal.evaluate((goal) => goal.matches('[type="checkbox"], [type="radio"]'));
      await page.keyboard.press(box ? 'Space' : 'Enter');
      await kept(to);
    },
    choose: async (from, option) => {
      await reach(page, from);
      await page.keyboard.press('Space');
      await page.keyboard.type(option);
      await page.keyboard.press('Enter');
      await expect(from.locator('option:checked')).toHaveText(option);
      await kept(from);
    },
    type: async (into, text) => {
      await reach(page, into);
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(text);
    },
    date: async (into, day) => {
      await reach(page, into);
      const [year, month, date] = day.split('-');
      await page.keyboard.type(`${month}${date}${year}`);
      await expect(into).toHaveValue(day);
    },
    leave: async () => {
      await page.keyboard.press('Escape');
      await kept(page.locator('what was left'));
    },
  };
}

/** The names of the hands, and what each does on a page. */
export const HANDS = { 'by mouse': mouse, 'by keyboard alone': keys };
export type HandName = keyof typeof HANDS;
