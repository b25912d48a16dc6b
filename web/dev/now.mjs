// The part of the mock server that is about the present and about the data themselves: who is watching, broadcasts, quality,
// and Kaltura's figures beside ours.
// In account 2 nobody watches and nothing was collected. `POST /mock/watch?n=N` changes how many watch.

const DAY = 86_400_000;
const ago = (ms) => new Date(Date.now() - ms).toISOString();
let watching = 212;
export const watch = (n) => void (watching = n);

const of = (n, more = {}) => ({
  watching: n,
  viewers: Math.round(n * 0.9),
  vod: 0,
  edge: Math.round(n * 0.8),
  dvr: n - Math.round(n * 0.8),
  joined: Math.round(n * 1.2),
  buffering: n ? 0.012 : null,
  bitrate_bps: n ? 2_400_000 : null,
  join_ms: n ? 840 : null,
  engaged: n ? 0.88 : null,
  errors: n ? 3 : 0,
  ...more,
});
const FEW = Object.fromEntries(Object.keys(of(0)).map((key) => [key, null]));

function now(q, me) {
  const none = q.get('account') === '2';
  const id = /^entry:(.*)$/.exec(q.get('subject') ?? '')?.[1];
  const n = none ? 0 : id === '1_quiet' ? 0 : watching;
  const may_name = !me.accounts[0].everything || me.accounts[0].administrator;
  const split = (keys) =>
    n ? keys.map((key, i) => ({ key, ...(i === keys.length - 1 ? FEW : of(Math.round(n / (i + 2)))) })) : [];
  const recordings = [
    { id: '1_qrf2hrm', name: 'Week 4: Membranes and transport', media_type: 'live', ...of(n) },
    { id: '1_slow', name: '', media_type: 'video', ...of(4, { edge: 0, dvr: 0, vod: 4 }) },
    { id: '1_never', name: 'Published and not opened yet', media_type: 'video', ...FEW },
  ].filter((one) => !id || one.id === id);
  const until = Date.parse(q.get('until') ?? '') || Date.now();
  return {
    label: NAMES[id] ?? id ?? 'Example University',
    within_seconds: 30,
    now: of(n),
    recordings: n ? recordings : [],
    recordings_total: n ? (id ? 1 : 5) : 0,
    countries: split(['US', 'DE', 'IN']),
    devices: split(['Computer', 'Mobile']),
    domains: split(['canvas.example.edu', '', 'mediaspace.example.edu']),
    ...(id
      ? {
          minutes: Array.from({ length: 181 }, (_, i) => ({
            at: new Date(Math.floor(until / 60_000) * 60_000 - (180 - i) * 60_000).toISOString(),
            watching: n
              ? i % 50 === 7
                ? null
                : Math.round(n * Math.min(1, i / 90) * (0.9 + 0.1 * Math.sin(i / 9)))
              : 0,
            joined: n ? i % 7 : 0,
          })),
        }
      : {}),
    ...(q.get('viewers') === '1'
      ? {
          viewers: ['Amara Diallo', 'Jonas Weber', 'Unknown'].map((name, i) => ({
            id: i === 2 ? 'unknown' : `00000000000000${i}${i}`,
            name,
            proof: ['verified', 'claimed', 'none'][i],
            entry: '1_qrf2hrm',
            playback: ['live', 'dvr', 'vod'][i],
            since: ago(i * 240_000),
            country: i === 2 ? '' : 'US',
            city: i ? '' : 'Minneapolis',
            device: 'Computer',
            domain: 'canvas.example.edu',
          })),
        }
      : {}),
    may_name,
  };
}

const NAMES = {
  '1_qrf2hrm': 'Week 4: Membranes and transport',
  '1_quiet': 'Last year’s welcome',
  '1_seminar': 'Wednesday seminar',
};

function broadcasts(q, me) {
  const none = q.get('account') === '2' || (!me.accounts[0].everything && !me.accounts[0].administrator);
  const ended = (id, name, hours, more) => ({
    id,
    name,
    from: ago(hours * 3_600_000),
    to: ago(hours * 3_600_000 - 2_700_000),
    peak: 148,
    peak_at: ago(hours * 3_600_000 - 1_200_000),
    viewers: 171,
    minutes: 5_120.4,
    ...more,
  });
  const upcoming = [
    { id: '1_quiet', name: 'Last year’s welcome', starts: ago(300_000), ends: ago(-3_300_000) },
    { id: '1_seminar', name: 'Wednesday seminar', starts: ago(-3 * DAY), ends: ago(-3 * DAY - 3_600_000) },
    { id: '1_open', name: '', starts: ago(-5 * DAY), ends: null },
  ];
  const over = [
    ended('1_seminar', 'Wednesday seminar', 20),
    ended('1_long', 'A very long name of a public lecture about membranes, transport and everything', 90),
    ended('1_few', 'Office hours', 100, {
      from: null,
      to: null,
      peak: null,
      peak_at: null,
      viewers: null,
      minutes: null,
    }),
  ];
  return {
    upcoming: none ? [] : upcoming,
    upcoming_total: none ? 0 : upcoming.length,
    ended: none ? [] : over,
    ended_total: none ? 0 : 4,
  };
}

/** Kaltura's figures beside ours: every reason once, and enough that agree to fill pages. */
function reconciliation(q) {
  const none = q.get('account') === '2';
  const sums = (impressions, plays, minutes) => ({ impressions, plays, minutes });
  const row = (entry, name, kaltura, ours, likely) => ({ entry, name, kaltura, ours, likely });
  const rows = [
    row(
      '1_qrf2hrm',
      'Week 4: Membranes and transport',
      sums(900, 610, 4_100),
      sums(1_010, 702, 4_870.5),
      'more_here',
    ),
    row('1_slow', 'A recording that takes its time', sums(310, 200, 900.2), sums(0, 0, 0), 'not_sent_here'),
    row('1_quiz', 'Quiz 4: Membranes', sums(0, 0, 0), sums(150, 120, 340), 'not_sent_there'),
    row('1_quiet', '', sums(90, 80, 300), sums(70, 41, 160), 'less_here'),
    row('1_beats', 'A recording with lost heartbeats', sums(77, 70, 410), sums(77, 70, 302.5), 'heartbeats'),
    row('1_first', 'The first week', sums(40, 30, 120), sums(0, 0, 0), 'before_collection'),
    row('1_far', 'Far down the list', sums(0, 0, 0), sums(9, 5, 11), 'list_cut'),
    ...Array.from({ length: 60 }, (_, i) =>
      row(
        `1_same${i}`,
        `A recording that agrees, ${i + 1}`,
        sums(60, 50 - (i % 9), 200),
        sums(61, 50 - (i % 9), 201),
        'same',
      ),
    ),
  ];
  const all = (whose) =>
    Object.fromEntries(
      ['impressions', 'plays', 'minutes'].map((id) => [id, rows.reduce((n, one) => n + one[whose][id], 0)]),
    );
  if (none) return { days: [], zone: '', cut: [], kaltura: sums(0, 0, 0), ours: sums(0, 0, 0), rows: [] };
  const days = Array.from({ length: 30 }, (_, i) => ago((30 - i) * DAY).slice(0, 10));
  return { days, zone: 'America/Chicago', cut: [days[3]], kaltura: all('kaltura'), ours: all('ours'), rows };
}

const beat = (n) =>
  Array.from({ length: 181 }, (_, i) => ({
    at: ago((180 - i) * 60_000),
    events: n ? Math.round(90 + 60 * Math.sin(i / 20)) : 0,
  }));
const bad = (reason, received, detail) => ({
  reason,
  received,
  evicted: Math.round(received / 10),
  sample: detail && {
    received: ago(7_200_000),
    detail,
    method: 'POST',
    path: '/api_v3/index.php',
    content_type: 'application/x-www-form-urlencoded',
    size: 912,
    parameters: ['service', 'action', 'eventType', 'partnerId'],
  },
});

function quality(q, me) {
  const none = q.get('account') === '2';
  const n = none ? 0 : 1;
  return {
    events_per_minute: beat(n),
    counted_since: ago(5 * DAY),
    last_event: none ? null : ago(2_000),
    last_event_age_seconds: none ? null : 2,
    bad_rows: none
      ? []
      : [
          bad('format', 1_204, 'the field playTimeSum is no number'),
          bad('identity', 31, null),
          bad('late', 19, 'older than 7 days'),
        ],
    figures: {
      events: 412_907 * n,
      plays: 20_113 * n,
      unknown_share: n ? 0.063 : null,
      places_unknown: 402 * n,
      places_unknown_share: n ? 0.02 : null,
      pages_unknown: 1_809 * n,
      duplicates: 1_300 * n,
      bot_events: 9_000 * n,
      suspect_events: 41 * n,
      reordered: 5_021 * n,
      late: 12 * n,
      missing: 811 * n,
      completeness: n ? 0.962 : null,
      identity_unsigned: 72 * n,
      identity_invalid: 0,
      identity_other: 3 * n,
      manifests: 21_400 * n,
    },
    days: none
      ? []
      : Array.from({ length: 30 }, (_, i) => ({
          day: ago((30 - i) * DAY).slice(0, 10),
          events: 13_000 + 900 * (i % 7),
          plays: 640 + 40 * (i % 7),
          manifests: 690 + 41 * (i % 7),
          completeness: i === 11 ? null : 0.95 + 0.02 * Math.sin(i),
        })),
    players: none
      ? []
      : [
          ['3.17.95', 19_000, 0.97],
          ['2.103.1', 1_000, 0.81],
          ['', 113, null],
        ].map(([version, plays, completeness]) => ({
          version,
          events: plays * 20,
          plays,
          completeness,
          last_seen: ago(3_600_000),
        })),
    players_total: none ? 0 : 7,
    domains_without_rule: none
      ? []
      : [
          { domain: 'study-notes.example', plays: 117 },
          { domain: 'x.example', plays: null },
        ],
    domains_without_rule_total: 2 * n,
    domains_total: 53 * n,
    places: none ? null : { name: 'DB-IP Lite', built: ago(120 * DAY), age_days: 120, old: true },
    clocks: [
      ['ahead', null, 4],
      ['ahead', 3_600, 61],
      ['ahead', 60, 903],
      ['right', 2, 38_411],
      ['behind', 60, 2_870],
      ['behind', 3_600, 240],
      ['behind', null, 1],
    ].map(([direction, under_seconds, batches]) => ({ direction, under_seconds, batches: batches * n })),
    outages: none
      ? []
      : [
          { from: ago(17 * DAY), to: ago(17 * DAY - 2_100_000), seconds: 2_100, stopped: false },
          { from: ago(20 * DAY), to: ago(20 * DAY - 40_000), seconds: 40, stopped: true },
        ],
    ...(me.operator
      ? {
          installation: {
            since: ago(5 * DAY),
            events_per_minute: beat(n),
            fold_lag: 4 * n,
            bad_rows: none ? [] : [bad('protocol', 7, 'there is no account 99')],
            disk_full: false,
            failed: false,
          },
        }
      : {}),
  };
}

/** Answers `METHOD path`, or null when it is about something else. */
export function aboutNow(method, path, q, me) {
  if (method !== 'GET') return null;
  const rights = me.accounts[0];
  if (path === 'live') {
    if (q.get('subject') === 'entry:1_gone' || (!rights.everything && !rights.owner))
      return { status: 404, title: 'Not found' };
    const data = now(q, me);
    return { status: 200, etag: `"${watching}${q}"`, value: { data, as_of: new Date().toISOString() } };
  }
  if (path === 'live/broadcasts')
    return { status: 200, value: { data: broadcasts(q, me), as_of: new Date().toISOString(), caveats: [] } };
  if (path === 'quality' || path === 'reconciliation') {
    if (!rights.administrator) return { status: 404, title: 'Not found' };
    const scope = {
      subject: 'account',
      label: 'Example University',
      from: '2026-10-29',
      to: '2026-11-27',
      zone: 'UTC',
      period: '30d',
      period_label: '30d',
      filters: [],
    };
    return {
      status: 200,
      value: {
        data: path === 'quality' ? quality(q, me) : reconciliation(q),
        caveats: [],
        as_of: new Date().toISOString(),
        scope,
      },
    };
  }
  return null;
}
