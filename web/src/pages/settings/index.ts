/** The pages that few readers open, each still a file of its own: the first load names them all by one. */
export const RARE = {
  live: () => import('../Live.svelte'),
  embeds: () => import('../Embeds.svelte'),
  reconciliation: () => import('../Reconciliation.svelte'),
  quality: () => import('../Quality.svelte'),
  me: () => import('../Me.svelte'),
  record: () => import('../PersonRecord.svelte'),
  roster: () => import('../CourseRoster.svelte'),
  settings: () => import('./Settings.svelte'),
  security: () => import('./Security.svelte'),
  log: () => import('./AccessLog.svelte'),
  roles: () => import('./Roles.svelte'),
  keys: () => import('./Keys.svelte'),
  platforms: () => import('./Platforms.svelte'),
  rules: () => import('./Rules.svelte'),
  privacy: () => import('./Privacy.svelte'),
};
