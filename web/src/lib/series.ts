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
