import type { components } from './schema';

/**
 * The answers of /api/v1 by the names the pages use. All derive from `schema.d.ts`, which `npm run api` makes of
 * docs/generated/openapi.json; what that leaves open stands here.
 */
type Schemas = components['schemas'];

/** What a reader must know about a number: a kind with its numbers, and its own sentence. */
export type Caveat = Schemas['Caveat'];
export type Scope = Schemas['ScopeShown'];
export type Me = Schemas['Me'];
export type AccountRights = Schemas['AccountRights'];
export type Ways = Schemas['Ways'];
export type Total = Schemas['Total'];
export type Totals = Schemas['Totals'];
export type Point = Schemas['Point'];
export type Series = Schemas['Series'];
export type Table = Schemas['Table'];
export type TableRow = Schemas['Row'];
export type Heat = Schemas['Heat'];
export type Entry = Schemas['Entry'];
export type Player = Schemas['Player'];
export type EntryBrief = Schemas['EntryBrief'];
export type Insights = Schemas['Insights'];
export type Sentence = Schemas['Sentence'];
export type Category = Schemas['CategoryShown'];
export type Notes = Schemas['Notes'];
export type Happened = Schemas['Happened'];
export type Naming = Schemas['Naming'];
export type Elsewhere = Schemas['PlayedElsewhere'];
export type Login = Schemas['Login'];
export type Welcome = Schemas['Welcome'];

/** The first dimension's value of a table's row, as filters take it. */
export const key = (row: TableRow): string => row.keys[0] ?? '';
/** What people read for it. */
export const label = (row: TableRow): string => row.labels[0] ?? '';

/** `null` (or absent) is a ratio without a base; ratios are fractions of 1. */
export type Value = number | null | undefined;

/** Seconds of media time `[from, to)` and how often they were played. */
export type Run = number[];

/** Every report's frame. */
export interface Answer<T> {
  data: T;
  caveats: Caveat[];
  /** Events received until then are in it (RFC 3339). */
  as_of: string;
  scope: Scope;
}

/** The glossary, which the OpenAPI document leaves open: `engine::glossary::json` writes it. */
export interface Measure {
  id: string;
  label: string;
  unit: string;
  definition: string;
  formula?: string;
  example?: string;
  /** `up`, `down` or `neither`. */
  better?: string;
  /** May be summed over days and recordings. */
  additive?: boolean;
  /** Kaltura's name for the same definition; empty when there is none. */
  kaltura?: string;
}

export interface Dimension {
  id: string;
  label: string;
  definition?: string;
  /** What people read where the value is empty. */
  absent?: string;
}

export interface Metrics {
  measures: Measure[];
  dimensions: Dimension[];
}

export type PersonRecord = Schemas['PersonRecord'];
export type Watched = Schemas['Watched'];
export type Looks = Schemas['LookedRows'];
export type Session = Schemas['SessionShown'];
export type Log = Schemas['LogRows'];
export type LogRecord = Schemas['LogRecord'];
export type LogCheck = Schemas['CheckShown'];
export type ApiKey = Schemas['KeyShown'];
export type Role = Schemas['RoleOf'];
export type Platform = Schemas['PlatformShown'];
export type NewPlatform = Schemas['NewPlatform'];
export type Erasure = Schemas['ErasureShown'];
export type Erasures = Schemas['ErasuresShown'];
export type Retention = Schemas['RetentionShown'];
export type Roster = Schemas['RosterShown'];
export type Student = Schemas['StudentShown'];
export type Health = Schemas['Health'];

/** What the catalog tells of people and categories in a list of its records. */
export interface Listed {
  rows: { id: string; name?: string; kind?: string }[];
  next?: string | null;
}
export type Inventory = Schemas['Answer_Embeds']['data'];
export type Embed = Schemas['Embed'];
export type EmbedDomain = Schemas['EmbedDomain'];
export type EmbedStatus = Schemas['Status'];
export type RuleList = Schemas['RuleList'];
export type Rule = Schemas['RuleShown'];
export type RuleFields = Schemas['RuleFields'];
export type Caught = Schemas['Caught'];
export type Campaign = Schemas['CampaignShown'];
export type Attention = Schemas['Attention'];
export type EmbedKind = Schemas['EmbedKind'];
export type LiveNow = Schemas['LiveNow'];
export type Watching = Schemas['WatchingShown'];
export type Broadcasts = Schemas['Broadcasts'];
export type LiveRecording = Schemas['LiveRecording'];
export type LiveValue = Schemas['LiveValue'];
export type LiveViewer = Schemas['LiveViewer'];
export type Reconciliation = Schemas['Reconciliation'];
export type Quality = Schemas['Answer_Quality']['data'];
export type BadRows = Schemas['BadRowsShown'];
