import { embedded } from './boot';
import { remember, remembered } from './memory';

let on = $state(remembered('shortcut') !== 'off');

/**
 * The one-key shortcut `/` for the search. It can be switched off, and is off in frames, where a key may belong to the LMS
 * (WCAG 2.1.4).
 */
export const shortcut = {
  get on(): boolean {
    return on;
  },
  set(to: boolean): void {
    on = to;
    remember('shortcut', to ? null : 'off');
  },
  /** Whether this key press asks for the search: not while somebody types. */
  asked(event: KeyboardEvent): boolean {
    if (!on || embedded || event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return false;
    const at = event.target instanceof Element ? event.target : null;
    return !at?.closest('input, textarea, select, [contenteditable], dialog[open]');
  },
};
