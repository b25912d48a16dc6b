import { remember, remembered } from './memory';

type Theme = 'system' | 'light' | 'dark';
const ORDER: Theme[] = ['system', 'light', 'dark'];

let chosen = $state<Theme>(ORDER.find((one) => one === remembered('theme')) ?? 'system');

function apply(): void {
  if (chosen === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}
apply();

/** Light, dark, or as the system has it. */
export const theme = {
  get chosen(): Theme {
    return chosen;
  },
  next(): void {
    chosen = ORDER[(ORDER.indexOf(chosen) + 1) % ORDER.length] ?? 'system';
    remember('theme', chosen === 'system' ? null : chosen);
    apply();
  },
};
