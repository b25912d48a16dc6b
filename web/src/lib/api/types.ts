/**
 * The answers of /api/v1 as the pages read them. One file, so that the generated schema can take its place.
 * Ratios are fractions (0..1), `null` is a ratio without a base; instants are RFC 3339.
 */

export interface Scope {
  subject: string;
  label?: string;
  from: string;
  to: string;
  zone: string;
  period: string;
  filters?: { op: string; dimension: string; values: string[]; labels?: string[] }[];
}

/** What a reader must know about a number. A tagged union that grows: kinds the pages do not know are shown by their text. */
export interface Caveat {
  kind: string;
  detail?: string;
  [key: string]: unknown;
}

export interface Answer<T> {
  data: T;
  caveats: Caveat[];
  as_of: string;
  scope: Scope;
}

export type Value = number | null;
export type Values = Record<string, Value>;

export interface Me {
  name: string;
  role: string;
  accounts: { id: number | string; name: string }[];
}

export interface Measure {
  id: string;
  label: string;
  unit: string;
  definition: string;
  formula?: string;
  better?: string;
  additive?: boolean;
  kaltura?: string | null;
}

export interface Dimension {
  id: string;
  label: string;
  definition?: string;
}

export interface Metrics {
  measures: Measure[];
  dimensions: Dimension[];
}

export interface Total {
  value: Value;
  previous?: Value;
}

export interface Totals {
  values: Record<string, Total>;
}

export interface Point {
  start: string;
  label: string;
  values: Values;
}

export interface Series {
  by: string;
  points: Point[];
  previous: Point[] | null;
}

export interface EntryBrief {
  name: string;
  media_type: string;
  duration_ms: number | null;
  duration_learned: boolean;
  created?: string | null;
  deleted: boolean;
  thumbnail_url?: string | null;
}

export interface TableRow {
  key: string;
  label: string;
  values: Values;
  entry?: EntryBrief | null;
}

export interface Table<R = TableRow> {
  rows: R[];
  total: number;
  page: number;
  size: number;
}

/** Seconds of media time `[from, to)` and how often they were played. */
export type Run = [from: number, to: number, times: number];

export interface ViewerRow {
  person: string;
  label: string;
  proof: string | number;
  values: Values;
  coverage: Run[];
  first_at: string;
  last_at: string;
}

export interface Heat {
  seconds: number;
  views: number[];
  viewers: number[];
  duration_ms: number | null;
  duration_learned: boolean;
  content_end_ms: number | null;
}

export interface Entry extends EntryBrief {
  id: string;
  content_end_ms?: number | null;
  owner?: { id: string; name: string } | string | null;
  published?: string | null;
  tags?: string[];
  source?: string | null;
}
