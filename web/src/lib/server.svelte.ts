/** What the pages know of the server beside its answers. */
class Server {
  /** A newer version has answered than the one these pages came from: its answers may have changed shape. */
  newer = $state(false);
  /** The last call did not reach it. */
  lost = $state(false);
  /** When it last answered (ms), for "numbers of 10:42" while it does not. */
  heard = $state(0);
  #version: string | null = null;

  answered(version: string | null): void {
    this.lost = false;
    this.heard = Date.now();
    if (!version) return;
    this.newer ||= this.#version !== null && version !== this.#version;
    this.#version ??= version;
  }
}

export const server = new Server();
