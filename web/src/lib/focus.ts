const STOPS = 'a[href], button, input, select, textarea, summary, [tabindex]';

/** `within` itself, else the first in it, that can have the focus now. */
const stop = (within: Element): HTMLElement | undefined =>
  [within, ...within.querySelectorAll(STOPS)].find(
    (one): one is HTMLElement =>
      one instanceof HTMLElement && one.matches(STOPS) && !one.matches(':disabled') && one.checkVisibility(),
  );

/**
 * What is pressed may go with what it changes: the arrow into a country, the cross of a filter, a link to another page. The
 * browser then drops the focus, and people without a mouse stand nowhere. It goes to the nearest that is left around it;
 * to a button that was only switched off meanwhile it comes back.
 */
export function keepFocus(): () => void {
  /** From what has the focus up to the page; empty when somebody left it on purpose. */
  let around: Element[] = [];
  let byKey = false;
  let off = false;
  const nowhere = () => document.activeElement === document.body;
  const come = ({ target }: FocusEvent) => {
    around = [];
    for (let at = target as Element | null; at && at !== document.body; at = at.parentElement)
      around.push(at);
    [byKey, off] = [(target as Element).matches(':focus-visible'), false];
  };
  const leave = ({ target }: FocusEvent) =>
    queueMicrotask(() => {
      if (nowhere() && (target as Element).isConnected && !(target as Element).matches(':disabled'))
        around = [];
    });
  const keep = () => {
    const [last] = around;
    if (!last) return;
    const again = off && !last.matches(':disabled');
    off = last.matches(':disabled');
    if (!nowhere()) return;
    if (last.isConnected) {
      if (again) (last as HTMLElement).focus({ preventScroll: true });
      return;
    }
    for (const left of around) {
      // Above the page there is only its start.
      const to = left.isConnected ? stop(left.querySelector('main') ?? left) : undefined;
      if (!to) continue;
      to.focus({ preventScroll: !byKey || to.localName === 'main' });
      return;
    }
  };
  const watch = new MutationObserver(keep);
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  addEventListener('focusin', come);
  addEventListener('focusout', leave);
  return () => {
    watch.disconnect();
    removeEventListener('focusin', come);
    removeEventListener('focusout', leave);
  };
}
