import { get, url } from '../api/client';

/** Names of the catalog's records, read once each, for settings that know ids. */
let known = $state.raw<Record<string, string>>({});
const asked = new Set<string>();

/** The name of a record, or its id until (and if) it is found. */
export function nameOf(
  kind: 'categories' | 'people' | 'entries',
  id: string,
  account: string | null,
): string {
  const path = url(`catalog/${kind}/${encodeURIComponent(id)}`, { account });
  return known[path] ?? id;
}

/** Asks for the names of ids that are not known yet. What the catalog does not have keeps its id. */
export function learn(
  kind: 'categories' | 'people' | 'entries',
  ids: string[],
  account: string | null,
): void {
  for (const id of new Set(ids)) {
    const path = url(`catalog/${kind}/${encodeURIComponent(id)}`, { account });
    if (!id || asked.has(path)) continue;
    asked.add(path);
    get<{ name?: string }>(path).then(
      ({ data }) => {
        if (data.name) known = { ...known, [path]: data.name };
      },
      () => undefined,
    );
  }
}
