import { remember, remembered } from './memory';

export const THEMES = ['system', 'light', 'dark', 'contrast'] as const;
export type Theme = (typeof THEMES)[number];

let chosen = $state<Theme>(THEMES.find((one) => one === remembered('theme')) ?? 'system');

function apply(): void {
  if (chosen === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}
apply();

/** Light, dark, high contrast, or as the system has it. */
export const theme = {
  get chosen(): Theme {
    return chosen;
  },
  choose(to: Theme): void {
    chosen = to;
    remember('theme', chosen === 'system' ? null : chosen);
    apply();
  },
};
