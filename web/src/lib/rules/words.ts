import type { Attention, EmbedKind, RuleFields } from '../api/types';

/** The closed lists of rules and campaigns, in the order in which they are offered. */
export const CLASSES: RuleFields['class'][] = [
  'own-web',
  'lms',
  'lms-tool',
  'lms-tool-retired',
  'lms-file',
  'lms-quiz',
  'scorm',
  'portal',
  'standalone',
  'console',
  'site-builder',
  'survey',
  'authoring',
  'video-host',
  'app',
  'local-file',
  'other',
  'unknown',
];
export const ATTENTION: Attention[] = ['yes', 'no', 'unknown', 'n/a', 'works-but-replace'];
export const KINDS: EmbedKind[] = ['code', 'tool', 'portal', 'standalone', 'console', 'local', 'unknown'];
export const LOCATE = ['page', 'path', 'none'] as const;

/** An id for something that has a title: what the API takes, and what people can read in an address. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFKD')
    // What is left of letters with marks.
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
