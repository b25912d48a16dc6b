/** Tables as text: tab-separated for the clipboard, CSV (RFC 4180) for a file. */
export type Cells = (string | number | null)[][];

export function tsv(heads: string[], rows: Cells): string {
  const clean = (cell: string | number | null) => String(cell ?? '').replace(/[\t\r\n]+/g, ' ');
  return [heads, ...rows].map((row) => row.map(clean).join('\t')).join('\n');
}

/**
 * A text that starts with `=`, `+`, `-` or `@` would run as a formula in a spreadsheet, and names come from strangers:
 * it gets an apostrophe. Numbers stay numbers.
 */
export function csv(heads: string[], rows: Cells): string {
  const cell = (value: string | number | null) => {
    if (typeof value === 'number') return String(value);
    const text = /^[=+\-@\t\r]/.test(value ?? '') ? `'${value}` : (value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [heads, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

export function download(name: string, heads: string[], rows: Cells): void {
  save(name, new Blob(['\ufeff', csv(heads, rows)], { type: 'text/csv' }));
}

/** Hands a file to the browser to keep. */
export function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name.replace(/[^\w .()-]+/g, '_');
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
