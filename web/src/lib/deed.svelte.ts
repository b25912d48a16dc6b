import { ApiError } from './api/client';

/** Something that a page does when it is asked to: whether it is under way, and why it did not work. */
export class Deed {
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);

  /** Does it, and tells whether it is done. A second press while it is under way does nothing. */
  async run(what: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      await what();
      return true;
    } catch (cause) {
      this.error = cause instanceof ApiError ? cause : new ApiError(0, 'offline', String(cause), '');
      return false;
    } finally {
      this.busy = false;
    }
  }
}
