import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/svelte';
import { afterEach } from 'vitest';
import { withRareTexts } from '../src/lib/i18n';

// As after everything was opened once; tests/texts.test.ts holds that each text comes with what shows it.
await withRareTexts(Promise.resolve());

// jsdom has no popovers; the panel's content is what is tested.
HTMLElement.prototype.hidePopover ??= function hidePopover() {};
/** Nothing is laid out in jsdom, so nothing ever changes its size. */
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
afterEach(cleanup);
