import { known, t, type Key } from '../i18n';

const word = (prefix: string, code: string): string => {
  const key = `${prefix}.${code}`;
  return known(key) ? t(key as Key) : code;
};

/** The server's codes about embeds, in words. */
export const status = (code: string): string => word('embeds.status', code);
export const attention = (code: string): string => word('embeds.attention', code);
export const embedKind = (code: string): string => word('embeds.kind', code);
export const siteClass = (code: string): string => word('embeds.class', code);
/** Why a page's address is not known. */
export const undisclosed = (code: string): string => word('embeds.undisclosed', code);

/** A page without what all pages of its domain share. */
export function path(page: string, domain: string): string {
  const bare = page.replace(/^https?:\/\//, '');
  return bare.startsWith(`${domain}/`) ? bare.slice(domain.length) : bare;
}
