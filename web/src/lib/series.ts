/** The bucket that suits a period: days, unless there would be too many to see. */
export function bucketOf(period: string, by: string | null): string {
  if (by) return by;
  if (period === 'today') return 'hour';
  if (period === '12m' || period === 'year' || period === 'all') return 'week';
  const [from, to] = period.split('..');
  if (from && to) {
    const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
    if (days < 1) return 'hour';
    if (days > 200) return 'week';
  }
  return 'day';
}

const DAY_MS = 86_400_000;
/** More than this many points in a spark of a table's row say nothing. */
const SPARK_MOST = 40;

/** The bucket of a row's spark: days, unless there would be too many to see. */
export function sparkBy(from: string, to: string): 'day' | 'week' | 'month' {
  const days = (Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / DAY_MS + 1;
  return days <= SPARK_MOST ? 'day' : days <= 7 * SPARK_MOST ? 'week' : 'month';
}

/** The ISO week of a calendar day, as the server labels it: `2026-W36`. */
export function weekOf(day: string): string {
  const date = new Date(`${day.slice(0, 10)}T00:00:00Z`);
  // The week belongs to the year of its Thursday.
  const thursday = new Date(+date + (3 - ((date.getUTCDay() + 6) % 7)) * DAY_MS);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const week = 1 + Math.floor((+thursday - first) / (7 * DAY_MS));
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}

/** Every bucket between two calendar days, both included, as the server labels them. */
export function buckets(from: string, to: string, by: 'day' | 'week' | 'month'): string[] {
  const found: string[] = [];
  const last = Date.parse(to.slice(0, 10));
  for (let at = Date.parse(from.slice(0, 10)); at <= last; at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    const label = by === 'day' ? day : by === 'week' ? weekOf(day) : day.slice(0, 7);
    if (found.at(-1) !== label) found.push(label);
  }
  return found;
}

/** The Monday of a week that the server labels `2026-W36`, as a calendar day. */
export function mondayOf(week: string): string {
  const [year = 0, number = 1] = week.split('-W').map(Number);
  // The fourth of January is in the first week.
  const fourth = Date.UTC(year, 0, 4);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY_MS;
  return new Date(monday + (number - 1) * 7 * DAY_MS).toISOString().slice(0, 10);
}
