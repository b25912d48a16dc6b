import { file, get, url, type Query } from '../api/client';
import type { Looks, PersonRecord, Watched } from '../api/types';
import { save } from '../sheet';

/** Rows asked for at a time: the most that an answer has. */
const AT_A_TIME = 1_000;

/** All pages of an answer with rows. */
async function all<T extends { rows: unknown[]; total: number }>(path: string, query: Query): Promise<T> {
  let whole: T | null = null;
  for (let page = 1; ; page++) {
    const { data } = await get<T>(url(path, { ...query, page, size: AT_A_TIME }));
    if (whole) whole.rows.push(...data.rows);
    else whole = data;
    if (!data.rows.length || whole.rows.length >= data.total) return whole;
  }
}

/** Everything of a person's record as one JSON file: who they are here, what they watched, and who looked. */
export async function saveJson(path: string, query: Query, own: boolean): Promise<void> {
  const { about, rows } = await all<PersonRecord & { rows: Watched[] }>(path, query);
  const looked = own ? (await all<Looks>('me/looked', { account: query.account })).rows : undefined;
  const text = JSON.stringify({ about, watched: rows, looked }, null, 2);
  save(`record-${about.id}.json`, new Blob([text], { type: 'application/json' }));
}

/** What a person watched as a table, one line for each quarter of an hour of a recording. */
export async function saveCsv(path: string, query: Query, id: string): Promise<void> {
  const { bytes } = await file(url(path, { ...query, bom: 1, definitions: 1 }), 'csv');
  save(`record-${id}.csv`, bytes);
}
