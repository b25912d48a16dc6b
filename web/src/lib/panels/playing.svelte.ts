/** How seldom the position moves at least, ms: a line that follows needs no more, and drawing it costs little so. */
const STEP = 250;

/**
 * What plays on a recording's page: a player says where it is and goes where it is told, the timeline shows the one and
 * asks for the other. The position is not in the address: there stands what somebody points at.
 */
export class Playing {
  /** The second that is played; -1 while no player tells. */
  position = $state(-1);
  #to = $state<((second: number) => void) | null>(null);
  #told = -1;
  #wait: ReturnType<typeof setTimeout> | undefined;

  /** A player is open that goes where it is told. */
  get seeks(): boolean {
    return this.#to !== null;
  }

  /** A player is open and goes `to` a second. What is returned takes it away again. */
  begin(to: (second: number) => void): () => void {
    this.#to = to;
    return () => {
      clearTimeout(this.#wait);
      this.#wait = undefined;
      this.#to = null;
      this.position = -1;
    };
  }

  /** Plays from a second on, if something is open. */
  seek(second: number): void {
    this.#to?.(second);
  }

  /**
   * The player says where it is, as often as it likes: what comes last always counts in the end. A player that was taken
   * away may still say something.
   */
  tell(second: number): void {
    this.#told = second;
    if (this.#wait !== undefined || !this.#to) return;
    this.position = second;
    this.#wait = setTimeout(() => {
      this.#wait = undefined;
      if (this.#told !== this.position) this.tell(this.#told);
    }, STEP);
  }
}
