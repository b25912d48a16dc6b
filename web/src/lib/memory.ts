/** Small choices of this browser (theme, zone). Storage may be refused, in frames for instance; then nothing is kept. */
export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(`playhead.${key}`);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`playhead.${key}`);
    else localStorage.setItem(`playhead.${key}`, value);
  } catch {
    // Not kept; the page works without.
  }
}
