/** The days of presets, as docs/periods.md defines them: shown beside their names before anything is asked. */
export const PRESETS = [
  '7d',
  '30d',
  '90d',
  '12m',
  'week',
  'month',
  'quarter',
  'year',
  'today',
  'all',
] as const;
export type Preset = (typeof PRESETS)[number];

const iso = (at: Date): string => at.toISOString().slice(0, 10);
const utc = (day: string): Date => new Date(`${day}T00:00:00Z`);

function plus(day: string, days: number): string {
  const at = utc(day);
  at.setUTCDate(at.getUTCDate() + days);
  return iso(at);
}

/** The same day so many months earlier; where that month lacks the day, the first of the next. */
function back(day: string, months: number): string {
  const at = utc(day);
  const wanted = at.getUTCDate();
  at.setUTCDate(1);
  at.setUTCMonth(at.getUTCMonth() - months);
  const length = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
  if (wanted > length) at.setUTCMonth(at.getUTCMonth() + 1);
  else at.setUTCDate(wanted);
  return iso(at);
}

/** First and last day of a preset, or null for what only the server knows (creation). */
export function bounds(
  preset: Preset,
  today: string,
  options: { today?: boolean; week?: 'monday' | 'sunday' } = {},
): [string, string] | null {
  const last = options.today ? today : plus(today, -1);
  const month = utc(today).getUTCMonth();
  switch (preset) {
    case '7d':
    case '30d':
    case '90d':
      return [plus(today, -Number(preset.slice(0, -1))), last];
    case '12m':
      return [back(today, 12), last];
    case 'week': {
      const day = utc(today).getUTCDay();
      return [plus(today, -(options.week === 'sunday' ? day : (day + 6) % 7)), today];
    }
    case 'month':
      return [`${today.slice(0, 8)}01`, today];
    case 'quarter':
      return [`${today.slice(0, 5)}${String(month - (month % 3) + 1).padStart(2, '0')}-01`, today];
    case 'year':
      return [`${today.slice(0, 5)}01-01`, today];
    case 'today':
      return [today, today];
    case 'all':
      return null;
  }
}

/** The day on which weeks begin where the reader is, 0 for Sunday; null where the browser does not know. */
export function firstWeekday(locale: string): 0 | 1 | 2 | 3 | 4 | 5 | 6 | null {
  try {
    const tag = new Intl.Locale(locale) as Intl.Locale & {
      weekInfo?: { firstDay: number };
      getWeekInfo?: () => { firstDay: number };
    };
    const day = (tag.getWeekInfo?.() ?? tag.weekInfo)?.firstDay;
    return day === undefined ? null : ((day % 7) as 0 | 1 | 2 | 3 | 4 | 5 | 6);
  } catch {
    return null;
  }
}

/** The same, of the two that the server knows. */
export const weekOf = (locale: string): 'monday' | 'sunday' =>
  firstWeekday(locale) === 0 ? 'sunday' : 'monday';
