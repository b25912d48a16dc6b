/** The seconds of a typed time, `19:35` or `1:02:03`; null for what is none. */
export function seconds(text: string): number | null {
  const parts = text.trim().split(':');
  if (parts.length < 2 || parts.length > 3 || !parts.every((part) => /^\d{1,2}$/.test(part))) return null;
  const [s = 0, m = 0, h = 0] = parts.map(Number).reverse();
  return s < 60 && m < 60 ? h * 3600 + m * 60 + s : null;
}
