import type { Resource } from '../resource.svelte';

/**
 * A list of people for who may not see any: the server answers as if there were none (404), and the card says so instead
 * of failing. `empty` stands for the list then.
 */
export function orNobody<T>(of: Resource<T>, empty: () => T): Resource<T> & { readonly nobody: boolean } {
  const nobody = () => of.error?.status === 404;
  return {
    get answer() {
      return nobody() ? null : of.answer;
    },
    get data() {
      return nobody() ? empty() : of.data;
    },
    get error() {
      return nobody() ? null : of.error;
    },
    get busy() {
      return of.busy;
    },
    get address() {
      return nobody() ? null : of.address;
    },
    retry: of.retry,
    get nobody() {
      return nobody();
    },
  };
}

/** A table without rows. */
export const none = (by: string) => ({ by: [by], rows: [], total: 0, page: 1, size: 1 });
