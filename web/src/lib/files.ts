import { file, FORMS, type Form } from './api/client';
import { save } from './sheet';

/** Answers of figures that the server also gives as files, whole. */
const FIGURES =
  /^\/api\/v1\/(totals|series|table|heat|rows|reports\/[^/?]+\/[^/?]+|embeds|reconciliation)(\?|$)/;

/** Whether an answer can be had as a file. */
export const exportable = (address: string | null | undefined): address is string =>
  !!address && FIGURES.test(address);

/**
 * The address of an answer as a file: all rows instead of a page, heads that people read, and what was asked and what the
 * columns mean at its top.
 */
export function fileOf(address: string, form: Form): string {
  const [path = '', query = ''] = address.split('?');
  const params = new URLSearchParams(query);
  params.delete('page');
  params.delete('size');
  params.set('labels', '1');
  params.set('definitions', '1');
  // Excel takes a CSV without it for another character set.
  if (form === 'csv') params.set('bom', '1');
  return `${path}?${params.toString()}`;
}

/** Fetches the file and hands it to the browser; throws ApiError. `name` stands in for one that the server does not give. */
export async function take(address: string, form: Form, name: string): Promise<void> {
  const got = await file(fileOf(address, form), form);
  save(got.name.startsWith('playhead.') ? `${name}.${form}` : got.name, got.bytes);
}

/** The same as a spec of the background exports: its name and its query string. */
export function specOf(address: string): { kind: 'report'; name: string; query: string } {
  const [path = '', query = ''] = fileOf(address, 'xlsx').split('?');
  const params = new URLSearchParams(query);
  for (const key of ['labels', 'definitions', 'bom', 'account']) params.delete(key);
  return { kind: 'report', name: path.replace('/api/v1/', ''), query: params.toString() };
}

export const FORM_NAMES = Object.keys(FORMS) as Form[];
