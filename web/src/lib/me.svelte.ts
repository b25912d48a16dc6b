import { address } from './address.svelte';
import type { AccountRights, Me } from './api/types';

/** Who is signed in, for the pages: what they offer depends on it, what they may show the server decides. */
class Who {
  /** Null until it is known, and for nobody. */
  is = $state.raw<Me | null>(null);
  /** Rights in the account that is shown. */
  readonly rights = $derived<AccountRights | null>(
    this.is?.accounts.find((account) => String(account.id) === address.account) ??
      this.is?.accounts[0] ??
      null,
  );
}

export const who = new Who();
