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

/** What was counted, flat: an inner list becomes one text. */
export function counts(of: unknown): [string, string][] {
  return Object.entries((of ?? {}) as Record<string, unknown>).map(([name, value]) => [
    name,
    typeof value === 'object' && value !== null
      ? Object.entries(value)
          .map(([inner, n]) => `${inner} ${n}`)
          .join(', ') || '0'
      : String(value),
  ]);
}
