/**
 * The filter grammar of addresses and of the API: `op,dimension,value,value`. Commas and backslashes inside a value are
 * escaped with a backslash. It is public: links live in mails and course pages for years.
 */
export const OPERATORS = ['is', 'not', 'has', 'hasnot'] as const;
export type Operator = (typeof OPERATORS)[number];

const OPPOSITE: Record<Operator, Operator> = { is: 'not', not: 'is', has: 'hasnot', hasnot: 'has' };
export const opposite = (op: Operator): Operator => OPPOSITE[op];

export interface Filter {
  op: Operator;
  dimension: string;
  values: string[];
}

function split(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '\\' && i + 1 < text.length) part += text.charAt(++i);
    else if (char === ',') {
      parts.push(part);
      part = '';
    } else part += char;
  }
  return [...parts, part];
}

/** A filter, or null when the text is none: a damaged link shows the page unfiltered and does not fail. */
export function parseFilter(text: string): Filter | null {
  const [op, dimension, ...values] = split(text);
  if (!OPERATORS.includes(op as Operator) || !dimension || values.length === 0) return null;
  return { op: op as Operator, dimension, values };
}

export function formatFilter({ op, dimension, values }: Filter): string {
  return [op, dimension, ...values.map((value) => value.replace(/[\\,]/g, '\\$&'))].join(',');
}

/** Adds `value` to the `is` filter of a dimension, or takes it out if it is there. */
export function toggle(filters: Filter[], dimension: string, value: string): Filter[] {
  const at = filters.findIndex((f) => f.op === 'is' && f.dimension === dimension);
  const found = filters[at];
  if (!found) return [...filters, { op: 'is', dimension, values: [value] }];
  const values = found.values.includes(value)
    ? found.values.filter((v) => v !== value)
    : [...found.values, value];
  return values.length ? filters.with(at, { ...found, values }) : filters.toSpliced(at, 1);
}

export function holds(filters: Filter[], dimension: string, value: string): boolean {
  return filters.some((f) => f.op === 'is' && f.dimension === dimension && f.values.includes(value));
}

/** The one value that a dimension is filtered to; null unless it is exactly one. */
export function only(filters: Filter[], dimension: string): string | null {
  const found = filters.filter((f) => f.op === 'is' && f.dimension === dimension);
  return found.length === 1 && found[0]?.values.length === 1 ? (found[0].values[0] ?? null) : null;
}
