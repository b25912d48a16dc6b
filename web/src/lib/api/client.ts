import { server } from '../server.svelte';
import type { Answer } from './types';

/** A refusal or a failure, with what a person needs to report it. `status` 0: the server was not reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly requestId: string,
    /** What is refused, as the documentation names it: `wrong-code`. */
    readonly code = '',
    /** The parameter or field that does not fit. */
    readonly field = '',
  ) {
    super(detail || title);
  }
}

export type Query = Record<string, string | string[] | number | null | undefined>;

/** `path` with its query; absent values are left out, lists are repeated. */
export function url(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(key, String(one));
  }
  const text = params.toString();
  return text ? `/api/v1/${path}?${text}` : `/api/v1/${path}`;
}

/** Signs in the calls of a page that an LMS launched; it is nowhere but in memory. Else the cookie does. */
let bearer: string | null = null;
export const signedInBy = (token: string): void => void (bearer = token);

/** Asks, signed in; throws {@link ApiError} for all that is not a success. */
export async function send(address: string, init: RequestInit): Promise<Response> {
  let response: Response;
  const headers = new Headers(init.headers);
  if (bearer) headers.set('authorization', `Bearer ${bearer}`);
  try {
    response = await fetch(address, { credentials: 'same-origin', ...init, headers });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    server.lost = true;
    throw new ApiError(0, 'offline', '', '');
  }
  server.answered(response.headers.get('playhead-version'));
  if (response.ok) return response;
  const problem = ((await response.json().catch(() => null)) ?? {}) as Record<string, unknown>;
  const text = (key: string) => (typeof problem[key] === 'string' ? problem[key] : '');
  const id = text('request_id') || (response.headers.get('x-request-id') ?? '');
  const code = text('type').split('#')[1] ?? '';
  const title = text('title') || response.statusText;
  throw new ApiError(response.status, title, text('detail'), id, code, text('field'));
}

const call = async (address: string, init: RequestInit): Promise<unknown> =>
  (await send(address, init)).json().catch(() => null);

/** Reads an answer; throws {@link ApiError}. */
export function get<T>(address: string, signal?: AbortSignal): Promise<Answer<T>> {
  return call(address, { signal: signal ?? null, headers: { accept: 'application/json' } }) as Promise<
    Answer<T>
  >;
}

/** Changes something: the answer's data, or null where there is none; throws {@link ApiError}. */
export async function change<T>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  address: string,
  body?: unknown,
): Promise<T> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const init = body === undefined ? { method } : { method, headers, body: JSON.stringify(body) };
  return ((await call(address, init)) as Answer<T> | null)?.data as T;
}

/** Sends a form's values as JSON; throws {@link ApiError}. */
export function post(path: string, body: Record<string, string> = {}): Promise<unknown> {
  return call(url(path), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  });
}

/** The forms in which every answer of figures can be had as a file, by `Accept`. */
export const FORMS = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;
export type Form = keyof typeof FORMS;

/** Reads an answer as a file, with the name the server gives it; throws {@link ApiError}. */
export async function file(address: string, form: Form): Promise<{ name: string; bytes: Blob }> {
  const response = await send(address, { headers: { accept: FORMS[form] } });
  const said = response.headers.get('content-disposition') ?? '';
  const name = /filename\*=UTF-8''([^;]+)/i.exec(said)?.[1] ?? /filename="([^"]+)"/i.exec(said)?.[1];
  return { name: name ? decodeURIComponent(name) : `playhead.${form}`, bytes: await response.blob() };
}
