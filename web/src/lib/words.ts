import { known, t } from './i18n';

/** The server's codes in words. Codes the pages do not know are shown as they are. */
export function kind(type: string | null | undefined): string {
  const key = `kind.${(type ?? '').toLowerCase()}`;
  return known(key) ? t(key) : (type ?? '');
}

export type Proof = 'verified' | 'claimed' | 'none';

/** How sure a viewer's name is: by its word, or by its number (0 none, 1 claimed, 2 verified). */
export function proof(value: string | number): Proof {
  if (value === 2 || value === 'verified') return 'verified';
  return value === 1 || value === 'claimed' ? 'claimed' : 'none';
}
