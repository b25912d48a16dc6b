/** The statement inside a certificate (a JWS), to be read. Its signature is for whoever checks the file with the key. */
export function statement(certificate: string): Record<string, unknown> | null {
  try {
    const part = (certificate.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(part), (char) => char.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** What was counted, flat: an inner list or table becomes one text. */
export function counts(of: unknown): [string, string][] {
  const text = (value: unknown): string => {
    if (Array.isArray(value)) return value.join(', ');
    if (typeof value !== 'object' || value === null) return String(value);
    return Object.entries(value)
      .map(([name, n]) => `${name} ${n}`)
      .join(', ');
  };
  const all = Object.entries((of ?? {}) as Record<string, unknown>);
  return all.map(([name, value]) => [name, text(value) || '0']);
}
