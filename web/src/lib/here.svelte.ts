import { untrack } from 'svelte';
import type { Resource } from './resource.svelte';

/** A panel of the page, for whoever wants to take its numbers along. */
export interface Panel {
  /** Of its heading in the document. */
  id: string;
  title: string;
  of: Resource<unknown>;
}

/** What the shown page is about and what it is made of: for the parts of the frame that act on all of it. */
class Here {
  /** The page's subject, as the API has it; null on pages without figures. */
  subject = $state<string | null>(null);
  panels = $state.raw<Panel[]>([]);

  /** Adds a panel while it is shown; call it in an effect. */
  add(panel: Panel): () => void {
    this.panels = [...untrack(() => this.panels), panel];
    return () => (this.panels = untrack(() => this.panels).filter((one) => one !== panel));
  }
}

export const here = new Here();
