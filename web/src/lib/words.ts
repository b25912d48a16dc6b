import { known, t } from './i18n';

/** The server's codes in words. Codes the pages do not know are shown as they are. */
export function kind(type: string | null | undefined): string {
  const key = `kind.${(type ?? '').toLowerCase()}`;
  return known(key) ? t(key) : (type ?? '');
}

export type Proof = 'verified' | 'claimed' | 'none';

/** How sure a viewer's name is. */
export function proof(value: string): Proof {
  return value === 'verified' || value === 'claimed' ? value : 'none';
}
