// A server that gives plausible answers in exactly the shapes of /api/v1, without a database: for working on the pages
// and for testing every state they can be in. Not a stand-in for the program: its numbers mean nothing.
//
//   npm run build && npm run mock            http://127.0.0.1:8090, any name, password "playhead"
//
// States: account 2 has collected nothing; entry 1_never was never played; 1_quiet was played only long ago; the heat of
// 1_broken fails; 1_image is an image and 1_quiz a quiz; everything of 1_slow takes 1.5 s; any filter on the value "nobody" leaves nothing.
// POST /mock/play?entry=ID lets one more play happen, now; /mock/set?version=V&ends=SECONDS changes the server's version and
// when the sign-in ends.
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aboutEmbeds } from './embeds.mjs';
import { media, player, POLICY, port } from './media.mjs';
import { aboutNow, watch } from './now.mjs';
import { caller, settings } from './people.mjs';

const DAY = 86_400_000;
// Another folder lets a build go on while a long test runs.
const DIST = process.env.DIST ?? fileURLToPath(new URL('../dist', import.meta.url));
const CSP = `default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; ${POLICY}`;

/** A number in [0, 1) that is always the same for the same text. */
function chance(text) {
  let h = 2166136261;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619);
  h = Math.imul(h ^ (h >>> 15), 2246822507);
  h = Math.imul(h ^ (h >>> 13), 3266489909);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

const TOPICS = [
  'Membranes',
  'Osmosis and diffusion',
  'Cell signalling',
  'Mitosis',
  'Genes and traits',
  'Photosynthesis',
  'Natural selection',
  'Food webs',
];
const KINDS = ['Lecture', 'Lab', 'Review', 'Reading guide', 'Guest talk', 'Exam preparation'];
const OWNERS = [
  ['mjensen', 'Mara Jensen'],
  ['tokafor', 'Tobi Okafor'],
  ['lwang', 'Li Wang'],
  ['abrandt', 'Anke Brandt'],
  ['rpatel', 'Rohan Patel'],
];
const TYPES = ['video', 'video', 'video', 'video', 'audio', 'quiz', 'youtube', 'live'];
const pick = (list, key) => list[Math.floor(chance(key) * list.length)];

const ENTRIES = Array.from({ length: 48 }, (_, i) => ({
  id: `1_${(i * 7919 + 46656).toString(36)}${i}`,
  name: `Week ${1 + Math.floor(i / 4)}: ${TOPICS[i % TOPICS.length]} (${pick(KINDS, `kind${i}`)})`,
  media_type: pick(TYPES, `type${i}`),
  duration_ms: 1000 * Math.round(180 + 2400 * chance(`length${i}`)),
  owner: OWNERS[i % OWNERS.length],
  weight: 1.2 / (1 + i * 0.35),
}));
ENTRIES.unshift({
  id: '1_qrf2hrm',
  name: 'Week 4: Membranes and transport',
  media_type: 'video',
  duration_ms: 1_260_000,
  owner: OWNERS[0],
  weight: 1.6,
  content_end_ms: 1_175_000,
});
for (const [id, name, weight, media_type = 'video'] of [
  ['1_never', 'Published and not opened yet', 0],
  ['1_quiet', 'Last year’s welcome', 0],
  ['1_broken', 'A recording whose heat fails', 0.2],
  ['1_slow', 'A recording that takes its time', 0.2],
  ['1_image', 'A picture of a cell', 0.3, 'image'],
  ['1_quiz', 'Quiz 4: Membranes', 0.3, 'quiz'],
]) {
  ENTRIES.push({ id, name, media_type, duration_ms: 600_000, owner: OWNERS[4], weight });
}
const byId = new Map(ENTRIES.map((e) => [e.id, e]));

const VALUES = {
  country: {
    US: 0.71,
    DE: 0.08,
    IN: 0.06,
    CA: 0.05,
    GB: 0.03,
    BR: 0.02,
    KR: 0.02,
    MX: 0.012,
    FR: 0.008,
    JP: 0.006,
    NG: 0.004,
  },
  device: { Computer: 0.58, Mobile: 0.29, Tablet: 0.09, TV: 0.02, '': 0.02 },
  domain: {
    'canvas.example.edu': 0.61,
    'mediaspace.example.edu': 0.21,
    'biology.example.edu': 0.09,
    'docs.google.com': 0.04,
    '': 0.05,
  },
  page: {
    'https://canvas.example.edu/courses/1009/pages/week-4': 0.38,
    'https://canvas.example.edu/courses/1009/external_tools/93': 0.21,
    'https://mediaspace.example.edu/media/1_qrf2hrm': 0.2,
    'https://biology.example.edu/teaching/membranes,transport': 0.12,
    '': 0.09,
  },
};

Object.assign(VALUES, {
  os: { Windows: 0.41, macOS: 0.22, iOS: 0.19, Android: 0.14, Linux: 0.02, '': 0.02 },
  browser: { Chrome: 0.52, Safari: 0.27, Edge: 0.12, Firefox: 0.07, '': 0.02 },
  playback_context: { '': 0.52, bio: 0.31, seminars: 0.17 },
  playlist: { '': 0.9, best: 0.1 },
  placement: { gallery: 0.48, course: 0.22, elsewhere: 0.3 },
  playback_rate: { 1.5: 0.5, 2: 0.3, 1.25: 0.2 },
  report_reason: { 1: 0.7, 2: 0.3 },
  media_type: { video: 0.6, audio: 0.2, quiz: 0.1, youtube: 0.06, live: 0.04 },
  source: { Upload: 0.7, 'Kaltura Capture': 0.3 },
  player_version: { '3.17.95': 0.8, '3.14.2': 0.2 },
  os_version: { 'Windows 11': 0.4, 'macOS 15': 0.3, 'iOS 26': 0.3 },
  browser_version: { 'Chrome 141': 0.6, 'Safari 26': 0.4 },
  quiz_question: { 'What crosses a membrane?': 0.55, 'Which way does water go?': 0.45 },
  subcategory: { labs: 0.4, '': 0.6 },
  category: { bio: 0.5, seminars: 0.3, '': 0.2 },
  share_network: { link: 0.8, mail: 0.2 },
});
/** Regions of a country and cities of a region; other countries have one unknown region. */
const REGIONS = {
  US: { Minnesota: 0.7, Wisconsin: 0.2, Illinois: 0.1 },
  DE: { Bavaria: 0.6, 'State of Berlin': 0.3, Berlin: 0.1 },
  // Telangana is younger than the shapes.
  IN: { Karnataka: 0.5, Telangana: 0.4, '': 0.1 },
};
const CITIES = {
  Minnesota: { Minneapolis: 0.6, 'Saint Paul': 0.25, Duluth: 0.1, Ely: 0.05 },
  Telangana: { Hyderabad: 0.8, Warangal: 0.2 },
};
/** Where they lie; Ely was never seen at collection. */
const POINTS = {
  Minnesota: [45.6, -92.9],
  Wisconsin: [43.1, -89.4],
  Illinois: [41.9, -87.6],
  Bavaria: [48.1, 11.6],
  Berlin: [52.5, 13.4],
  Karnataka: [13, 77.6],
  Telangana: [17.6, 79],
  Minneapolis: [45, -93.3],
  'Saint Paul': [44.9, -93.1],
  Duluth: [46.8, -92.1],
  Hyderabad: [17.4, 78.5],
  Warangal: [18, 79.6],
};
const CATEGORIES = {
  bio: {
    name: 'BIOL 1009 General Biology',
    kind: 'course',
    term: { id: 'fall', name: 'Fall 2026', from: '2026-09-01T05:00:00Z', to: '2026-12-19T06:00:00Z' },
    sections: [
      { id: '001', name: 'Section 001' },
      { id: '002', name: 'Section 002' },
    ],
    parent: { id: 'courses', name: 'Courses' },
    previous: { id: 'bio-spring', name: 'BIOL 1009 General Biology (Spring)' },
    subcategories: [{ id: 'labs', name: 'Labs' }],
    students: 173,
  },
  seminars: { name: 'Research seminars', kind: 'channel', students: 0 },
  labs: {
    name: 'Labs',
    kind: 'course',
    parent: { id: 'bio', name: 'BIOL 1009 General Biology' },
    students: 20,
  },
  quiet: { name: 'A course that nobody opened', kind: 'course', students: 12 },
};
const PLAYLISTS = { best: 'Best of the year' };
const LABELS = {
  ...Object.fromEntries(Object.entries(CATEGORIES).map(([id, { name }]) => [id, name])),
  ...PLAYLISTS,
};

const MEASURES = [
  [
    'impressions',
    'Impressions',
    'count',
    'How often a player was shown. One a player and page load.',
    'events of type 1',
    'up',
    true,
    'count_loads',
  ],
  [
    'plays',
    'Plays',
    'count',
    'How often a first frame was shown.',
    'events of type 3',
    'up',
    true,
    'count_plays',
  ],
  [
    'played_entries',
    'Played recordings',
    'count',
    'Different recordings with a play.',
    'distinct entries',
    'up',
    false,
    'unique_played_videos',
  ],
  [
    'viewers',
    'Unique viewers',
    'count',
    'Different people with a play; all who did not sign in are one.',
    'distinct people',
    'up',
    false,
    'unique_viewers',
  ],
  [
    'minutes_viewed',
    'Minutes viewed',
    'minutes',
    'Media time that was really played.',
    'watched_ms / 60,000',
    'up',
    true,
    null,
  ],
  [
    'average_minutes',
    'Average minutes',
    'minutes',
    'Minutes viewed a play.',
    'minutes viewed / plays',
    'up',
    false,
    null,
  ],
  [
    'drop_off',
    'Point reached',
    'ratio',
    'Mean share of the recording that plays reached. Higher is better.',
    '(n25 + n50 + n75 + n100) / 4 / plays',
    'up',
    false,
    'avg_view_drop_off',
  ],
  [
    'completion',
    'Completion',
    'ratio',
    'Mean share of the recording that was really played, a play.',
    'covered seconds / length, mean over plays',
    'up',
    false,
    null,
  ],
  ...['25', '50', '75', '100'].flatMap((n) => [
    [
      `reached_${n}`,
      `${n}% reached`,
      'count',
      `Plays that reported ${n}%.`,
      '',
      'up',
      true,
      `count_plays_${n}`,
    ],
    [`covered_${n}`, `${n}% played`, 'count', `Plays that really played ${n}%.`, '', 'up', true, null],
  ]),
  [
    'play_rate',
    'Play rate',
    'ratio',
    'Plays per impression.',
    'plays / impressions',
    'up',
    false,
    'load_play_ratio',
  ],
  ['quiz_score', 'Average quiz score', 'percent', 'Mean score of submitted quizzes.', '', 'up', false, null],
  ['quiz_best_score', 'Best quiz score', 'percent', 'The best score.', '', 'up', false, null],
  ['quiz_correct_share', 'Share correct', 'ratio', 'Correct answers per answer.', '', 'up', false, null],
  ['correct_share', 'Share right', 'ratio', 'Right answers per answer.', '', 'up', false, null],
  ['total_completion', 'Total completion', 'ratio', 'Played by anybody.', '', 'up', false, null],
  ['engagement_score', 'Engagement score', 'score', 'From 0 to 10.', '', 'up', false, 'engagement_ranking'],
  ['known_viewers', 'Known viewers', 'count', 'Distinct known people.', '', 'up', false, null],
  ['contributors', 'Contributors', 'count', 'Distinct owners.', '', 'up', false, null],
  ['added_minutes', 'Minutes added', 'minutes', 'Length added.', '', 'up', true, null],
  ['first_seen', 'First seen', 'instant', 'The first instant.', '', 'neither', false, null],
  ['last_seen', 'Last seen', 'instant', 'The last instant.', '', 'neither', false, null],
  ...[
    'replays',
    'seeks',
    'pauses',
    'captions',
    'shares',
    'downloads',
    'reports',
    'shares_opened',
    'related_selected',
    'infos',
    'speeds',
    'occurrences',
    'times_correct',
    'quiz_starts',
    'quizzes',
    'quiz_takers',
    'quiz_answers',
    'quiz_correct',
    'quiz_respondents',
    'added_recordings',
  ].map((id) => [
    id,
    id[0].toUpperCase() + id.slice(1).replaceAll('_', ' '),
    'count',
    `Number of ${id}.`,
    '',
    'neither',
    true,
    null,
  ]),
].map(([id, label, unit, definition, formula, better, additive, kaltura]) => ({
  id,
  label,
  unit,
  definition,
  formula,
  better,
  additive,
  kaltura,
}));
const TERMS = [
  ['fall-2026', 'Fall 2026'],
  ['spring-2026', 'Spring 2026'],
];
const COURSES = [
  ['1009', 'BIOL 1009 General Biology'],
  ['2021', 'CHEM 2021 Organic Chemistry'],
  ['77', 'Faculty lectures'],
];
const DIMENSIONS = [
  ['entry', 'Recording', 'The recording.'],
  ['owner', 'Owner', 'The person who owns the recording, as the catalog has it now.'],
  ['country', 'Country', 'By the viewer’s address, which is not kept.'],
  ['device', 'Device', 'By what the browser says of itself.'],
  ['domain', 'Domain', 'The site on which the player stood.'],
  ['page', 'Page', 'The page on which the player stood.'],
  ['city', 'City', 'By the viewer’s address.'],
  ['region', 'Region', 'By the viewer’s address.'],
  ['os', 'Operating system', 'By what the browser says of itself.'],
  ['browser', 'Browser', 'By what the browser says of itself.'],
  ['viewer', 'Viewer', 'The person.'],
  ['playback_context', 'Playback context', 'The category page.'],
  ['playlist', 'Playlist', 'The playlist in which it was played.'],
  ['placement', 'Placement', 'Gallery, course, or elsewhere.'],
  ['category', 'Category', 'Categories now.'],
  ['playback_rate', 'Speed chosen', 'Speeds.'],
  ['day', 'Day', 'The day.'],
  ['report_reason', 'Reason of report', 'Why.'],
  ['media_type', 'Media type', 'Of the catalog.'],
  ['source', 'Source', 'Where it came from.'],
  ['player_version', 'Player version', 'As sent.'],
  ['quiz_question', 'Question', 'Of video quizzes.'],
  ['subcategory', 'Sub-category', 'Direct ones.'],
  ['share_network', 'Shared with', 'Where to.'],
  ['os_version', 'Operating system version', 'With its version.'],
  ['browser_version', 'Browser version', 'With its version.'],
  ['tag', 'Tag', 'Tags of the recording now.'],
  ['known', 'Known viewer', 'Whether the viewer is known.'],
].map(([id, label, definition]) => ({ id, label, definition, absent: 'Unknown' }));

const server = { version: '0.1.0', ends: null };
const VIEWS = [
  {
    id: 1,
    name: 'Germany, this week',
    path: '/?period=week&f=is,country,DE',
    shared: true,
    mine: false,
    may_change: false,
    by: 'Mara Jensen',
    created: '2026-10-01T09:00:00Z',
    changed: '2026-10-01T09:00:00Z',
  },
];
const NOTES = []; // written through POST /notes
const EXPORTS = []; // asked for in the background
const extra = new Map(); // plays that happened through POST /mock/play, by entry

class Refusal extends Error {
  constructor(status, title, detail, field) {
    super(detail);
    Object.assign(this, { status, title, detail, field });
  }
}

const dayOf = (ms, zone) =>
  new Date(ms).toLocaleDateString('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
const at = (day) => Date.parse(`${day}T00:00:00Z`);
const plus = (day, n) => new Date(at(day) + n * DAY).toISOString().slice(0, 10);

function period(q) {
  const zone = q.get('zone') ?? 'UTC';
  let today;
  try {
    today = dayOf(Date.now(), zone);
  } catch {
    throw new Refusal(400, 'Unknown time zone', `there is no time zone ${zone}`, 'zone');
  }
  const name = q.get('period') ?? '30d';
  const last = q.get('today') === '1' ? today : plus(today, -1);
  const back = { '7d': 7, '30d': 30, '90d': 90, '12m': 365 }[name];
  if (name.includes('..')) {
    const [from, to] = name.split('..');
    if (!(at(from) <= at(to)))
      throw new Refusal(400, 'Bad period', `${name} ends before it begins`, 'period');
    return { name, zone, from, to };
  }
  if (back) return { name, zone, from: plus(last, 1 - back), to: last };
  const term = TERMS.find(([id]) => name === `term:${id}`);
  if (term) return { name, label: term[1], zone, from: plus(today, -80), to: today };
  const month = `${today.slice(0, 8)}01`;
  const from = {
    today,
    all: plus(today, -420),
    week: plus(today, -((new Date(at(today)).getUTCDay() + 6) % 7)),
    month,
    quarter: `${today.slice(0, 5)}${String(1 + 3 * Math.floor((Number(today.slice(5, 7)) - 1) / 3)).padStart(2, '0')}-01`,
    year: `${today.slice(0, 4)}-01-01`,
  }[name];
  if (!from) throw new Refusal(400, 'Unknown period', `there is no period ${name}`, 'period');
  return { name, zone, from, to: name === 'today' || name === 'all' ? today : last < from ? from : last };
}

const filters = (q) =>
  q.getAll('f').map((f) => {
    const [op, dimension, ...values] = (f.match(/(?:\\.|[^,\\])+/g) ?? []).map((p) =>
      p.replace(/\\(.)/g, '$1'),
    );
    if (!DIMENSIONS.some((d) => d.id === dimension))
      throw new Refusal(400, 'Unknown dimension', `there is no dimension ${dimension}`, 'f');
    return { op, dimension, values };
  });

/** The share of plays that filters leave. */
const left = (fs) =>
  fs.reduce((share, { op, dimension, values }) => {
    if (values.includes('nobody')) return 0;
    if (dimension === 'entry' || dimension === 'category') return share;
    const known = VALUES[dimension];
    if (!known) return share * 0.3;
    const sum = values.reduce((n, v) => n + (known[v] ?? 0), 0);
    return share * (op === 'is' ? sum : 1 - sum);
  }, 1);

/** The entries of a question: of its subject, as far as its filters on recordings leave any. */
function entriesOf(q) {
  const named = filters(q).filter((f) => f.dimension === 'entry');
  return subjectOf(q).filter((e) => named.every((f) => f.values.includes(e.id) === (f.op === 'is')));
}

function subjectOf(q) {
  if (q.get('account') === '2') return [];
  const [kind, id] = (q.get('subject') ?? 'account').split(/:(.*)/);
  if (kind === 'account') return ENTRIES;
  if (kind === 'owner') return ENTRIES.filter((e) => e.owner[0] === id);
  if (kind === 'viewer') {
    if (!people(400).some((p) => p.id === id)) throw new Refusal(404, 'Not found', 'there is no such person');
    return ENTRIES.slice(0, 14);
  }
  if (kind === 'category' || kind === 'section') {
    const category = id.split('/')[0];
    if (!CATEGORIES[category]) throw new Refusal(404, 'Not found', 'there is no such course');
    return category === 'quiet' ? [] : ENTRIES.slice(0, 9);
  }
  if (kind === 'playlist') {
    if (!PLAYLISTS[id]) throw new Refusal(404, 'Not found', 'there is no such playlist');
    return ENTRIES.slice(0, 6);
  }
  const entry = byId.get(id);
  if (!entry) throw new Refusal(404, 'Not found', 'there is no such recording');
  return [entry];
}

/** Plays of an entry on a day: weekly rhythm, exam peaks, chance. */
function playsOn(entry, day) {
  if (entry.id === '1_quiet')
    return at(day) < Date.now() - 120 * DAY && at(day) > Date.now() - 160 * DAY ? 5 : 0;
  const week = [0.55, 1.15, 1.25, 1.1, 1.2, 0.8, 0.4][new Date(at(day)).getUTCDay()];
  const season = 1 + 0.45 * Math.sin(at(day) / DAY / 13) + (Math.floor(at(day) / DAY) % 31 < 3 ? 1.1 : 0);
  return Math.round(18 * entry.weight * week * season * (0.6 + 0.8 * chance(entry.id + day)));
}

const days = (from, to) =>
  Array.from({ length: Math.max(0, Math.round((at(to) - at(from)) / DAY) + 1) }, (_, i) => plus(from, i));

function plays(entries, list, zone) {
  const today = dayOf(Date.now(), zone);
  let n = 0;
  for (const entry of entries)
    for (const day of list) {
      n +=
        day === today
          ? Math.round(playsOn(entry, day) / 2) + (extra.get(entry.id) ?? 0)
          : playsOn(entry, day);
    }
  return n;
}

/** Every measure from the number of plays. */
function values(n, wanted, entries, seed = '') {
  const jitter = 0.94 + 0.12 * chance(seed + entries.length);
  const minutes = entries.length
    ? entries.reduce((s, e) => s + e.duration_ms, 0) / entries.length / 60_000
    : 0;
  const reach = { 25: 0.86, 50: 0.74, 75: 0.63, 100: 0.49 };
  const cover = { 25: 0.8, 50: 0.66, 75: 0.52, 100: 0.18 };
  const ratio = (v) => (n ? v * jitter : null);
  const all = {
    impressions: Math.round(n * 1.78),
    plays: n,
    played_entries: n ? entries.filter((e) => e.weight > 0.02).length : 0,
    viewers: Math.min(n, Math.round(n ** 0.86)),
    minutes_viewed: +(n * minutes * 0.46 * jitter).toFixed(2),
    average_minutes: ratio(minutes * 0.46),
    drop_off: ratio(0.68),
    completion: ratio(0.57),
    replays: Math.round(n * 0.08),
    seeks: Math.round(n * 0.9),
    pauses: Math.round(n * 0.7),
    captions: Math.round(n * 0.12),
    shares: Math.round(n * 0.01),
    downloads: Math.round(n * 0.005),
    reports: Math.round(n * 0.002),
    shares_opened: Math.round(n * 0.02),
    related_selected: Math.round(n * 0.03),
    infos: Math.round(n * 0.01),
    speeds: Math.round(n * 0.2),
    occurrences: n,
    times_correct: Math.round(n * 0.6),
    correct_share: ratio(0.6),
    quiz_starts: Math.round(n * 0.4),
    quizzes: Math.round(n * 0.3),
    quiz_takers: Math.round(n * 0.25),
    quiz_score: n ? 71.5 : null,
    quiz_best_score: n ? 100 : null,
    quiz_answers: n,
    quiz_correct: Math.round(n * 0.6),
    quiz_correct_share: ratio(0.6),
    quiz_respondents: Math.round(n * 0.25),
    join_time: n ? 1400 : null,
    error_rate: ratio(0.02),
    play_rate: ratio(0.56),
    total_completion: ratio(0.8),
    engagement_score: n ? 10 * (n / (n + 300)) : null,
    known_viewers: Math.max(0, Math.min(n, Math.round(n ** 0.86)) - 1),
    added_recordings: Math.round(n / 40),
    added_minutes: n / 3,
    contributors: Math.min(5, n),
    first_seen: Date.now() - 80 * DAY,
    last_seen: Date.now() - DAY,
  };
  for (const p of [25, 50, 75, 100]) {
    all[`reached_${p}`] = Math.round(n * reach[p]);
    all[`covered_${p}`] = Math.round(n * cover[p]);
  }
  return Object.fromEntries(
    wanted.map((id) => {
      if (!(id in all)) throw new Refusal(400, 'Unknown measure', `there is no measure ${id}`, 'measures');
      return [id, all[id]];
    }),
  );
}

function caveats(q, n) {
  const fact = [
    { kind: 'time_zone', zone: q.get('zone') ?? 'UTC' },
    { kind: 'unknown_viewers', plays: Math.round(n * 0.06) },
    { kind: 'not_additive', measures: ['viewers'] },
  ];
  if (n > 100)
    fact.push(
      { kind: 'bots', events: Math.round(n / 9) },
      { kind: 'page_unknown', plays: Math.round(n * 0.09) },
    );
  if (q.get('today') === '1') fact.push({ kind: 'today_open' });
  return fact.map((caveat) => ({ ...caveat, detail: caveat.kind }));
}

function answer(q, data, n = 0) {
  const p = period(q);
  const [kind, id] = (q.get('subject') ?? 'account').split(/:(.*)/);
  const label =
    kind === 'entry'
      ? (byId.get(id)?.name ?? id)
      : kind === 'owner'
        ? (OWNERS.find((o) => o[0] === id)?.[1] ?? people(400).find((p) => p.id === id)?.name ?? id)
        : kind === 'viewer'
          ? (people(400).find((p) => p.id === id)?.name ?? id)
          : kind === 'category' || kind === 'section'
            ? (LABELS[id.split('/')[0]] ?? id)
            : kind === 'playlist'
              ? (PLAYLISTS[id] ?? id)
              : 'Example University';
  const scope = {
    subject: q.get('subject') ?? 'account',
    label,
    from: p.from,
    to: p.to,
    zone: p.zone,
    period: p.name,
    period_label: p.label ?? p.name,
    compared: compare(q, p) && { label: '', period_label: '', ...compare(q, p) },
    filters: filters(q).map((f) => ({ ...f, label: f.dimension })),
  };
  return { data, caveats: caveats(q, n), as_of: new Date().toISOString(), scope };
}

function compare(q, p) {
  const vs = q.get('vs') ?? 'none';
  const length = Math.round((at(p.to) - at(p.from)) / DAY) + 1;
  if (vs === 'previous') return { from: plus(p.from, -length), to: plus(p.from, -1) };
  if (/^\d/.test(vs)) return { from: vs, to: plus(vs, length - 1) };
  if (vs === 'year') return { from: plus(p.from, -364), to: plus(p.to, -364) };
  return null;
}

const wanted = (q) => (q.get('measures') ?? 'plays').split(',');
const NAMES = [
  'Amara Diallo',
  'Jonas Weber',
  'Priya Raman',
  'Chloe Martin',
  'Diego Alvarez',
  'Hana Kim',
  'Noah Lindgren',
  'Fatima Zahra',
  'Owen Brooks',
  'Sofia Rossi',
  'Minh Tran',
  'Elif Demir',
];
const people = (n) =>
  Array.from({ length: n }, (_, i) => ({
    name:
      i < NAMES.length ? NAMES[i] : `${NAMES[i % 12].split(' ')[0]} ${NAMES[(i * 5 + 3) % 12].split(' ')[1]}`,
    id: (i * 2654435761 + 97).toString(16).padStart(16, '0'),
  }));

/** What a person watched: from the start to somewhere, perhaps a part again. */
function coverage(seconds, key) {
  const to = Math.round(seconds * (0.15 + 0.85 * chance(`${key}to`)));
  const a = Math.round(to * 0.33),
    b = Math.round(to * (0.33 + 0.2 * chance(`${key}b`)));
  if (chance(`${key}again`) < 0.4) return [[0, to, 1]];
  const c = Math.round((a + b) / 2);
  return chance(`${key}thrice`) < 0.3
    ? [
        [0, a, 1],
        [a, c, 2],
        [c, b, 3],
        [b, to, 1],
      ]
    : [
        [0, a, 1],
        [a, b, 2],
        [b, to, 1],
      ];
}

function heat(entry, n) {
  const seconds = Math.round(entry.duration_ms / 1000);
  const most = Math.min(n, Math.round(n ** 0.86));
  const viewers = [],
    views = [],
    unknown = [];
  for (let s = 0; s < seconds; s++) {
    const x = s / seconds;
    const keep = 0.97 * Math.exp(-0.5 * x) * (x > 0.93 ? 0.3 : 1);
    viewers.push(Math.round(most * keep * (0.985 + 0.03 * chance(`${entry.id}${Math.floor(s / 6)}`))));
    const again =
      0.06 + 0.55 * Math.exp(-(((x - 0.33) / 0.03) ** 2)) + 0.25 * Math.exp(-(((x - 0.62) / 0.02) ** 2));
    // One viewer of each second is those who are not known; a tenth as many views as viewers are theirs.
    unknown.push(Math.ceil(viewers[s] / 10));
    views.push(Math.round(viewers[s] * (1 + again)) + Math.max(0, unknown[s] - 1));
  }
  return {
    seconds,
    views,
    viewers,
    unknown,
    losses: [],
    duration_ms: entry.duration_ms,
    duration_learned: false,
    content_end_ms: entry.content_end_ms ?? null,
  };
}

const brief = (e) => ({
  name: e.name,
  media_type: e.media_type,
  duration_ms: e.duration_ms,
  duration_learned: e.id === '1_slow',
  created: '2026-08-20T09:00:00Z',
  deleted: false,
  thumbnail_url: null,
});

function sorted(rows, sort) {
  const [down, by] = sort.startsWith('-') ? [-1, sort.slice(1)] : [1, sort];
  return rows.sort(
    (a, b) =>
      down *
        (by === 'label'
          ? a.labels[0].localeCompare(b.labels[0])
          : (a.values[by] ?? 0) - (b.values[by] ?? 0)) || (a.keys[0] < b.keys[0] ? -1 : 1),
  );
}
/** Nearly every row was there in what is compared, with less or more by chance. */
function withPrevious(q, rows) {
  if (!compare(q, period(q))) return rows;
  const then = (key, value) => {
    if (typeof value !== 'number') return null;
    const before = value * (0.7 + 0.5 * chance(`then${key}`));
    return Number.isInteger(value) ? Math.round(before) : before;
  };
  const before = ({ keys, values }) =>
    Object.fromEntries(Object.entries(values).map(([id, value]) => [id, then(`${keys}${id}`, value)]));
  return rows.map((row) => (chance(`there${row.keys}`) < 0.15 ? row : { ...row, previous: before(row) }));
}
const paged = (q, rows) => {
  const page = Number(q.get('page') ?? 1),
    size = Number(q.get('size') ?? 100);
  const find = (q.get('find') ?? '').toLowerCase();
  const found = rows.filter((r) => r.labels[0].toLowerCase().includes(find));
  return {
    by: q.get('by').split(','),
    rows: withPrevious(q, found.slice((page - 1) * size, page * size)),
    total: found.length,
    page,
    size,
  };
};

function viewers(q) {
  const p = period(q),
    entries = entriesOf(q),
    share = left(filters(q));
  const n = Math.round(plays(entries, days(p.from, p.to), p.zone) * share);
  const entry = entries[0] ?? ENTRIES[0];
  const seconds = entry.duration_ms / 1000;
  const only = filters(q).find((f) => f.dimension === 'viewer')?.values;
  const rows = people(Math.min(n, 400, Math.round(n ** 0.86))).map(({ name, id }, i) => {
    const cover = coverage(seconds, entry.id + id),
      watched = cover.reduce((s, [a, b, t]) => s + (b - a) * t, 0);
    const seen = cover.reduce((s, [a, b]) => s + b - a, 0);
    const last = at(p.to) - chance(id) * 20 * DAY;
    return {
      keys: [id],
      labels: [name],
      proof: i % 7 === 3 ? 'claimed' : 'verified',
      values: {
        ...values(1 + (i % 4), wanted(q), [entry], id),
        plays: 1 + (i % 4),
        minutes_viewed: watched / 60,
        completion: seen / seconds,
        last_seen: last,
      },
      coverage: cover,
    };
  });
  if (n)
    rows.push({
      keys: ['unknown'],
      labels: ['Unknown'],
      proof: 'none',
      values: {
        ...values(Math.round(n * 0.06), wanted(q), [entry], 'unknown'),
        plays: Math.round(n * 0.06),
        minutes_viewed: n * 0.4,
        completion: null,
        last_seen: at(p.to) + 19.5 * 3_600_000,
      },
      coverage: [
        [0, Math.round(seconds * 0.3), 3],
        [Math.round(seconds * 0.3), Math.round(seconds * 0.8), 1],
      ],
    });
  const found = only ? rows.filter((row) => only.includes(row.keys[0])) : rows;
  return answer(q, paged(q, sorted(found, q.get('sort') ?? '-minutes_viewed')));
}

/** The label of the stretch of time that a day is in. */
function bucket(day, by) {
  if (by === 'hour') return `${day} 00:00`;
  if (by === 'month') return day.slice(0, 7);
  if (by !== 'week') return day;
  const thursday = plus(day, 3 - ((new Date(at(day)).getUTCDay() + 6) % 7));
  const week = 1 + Math.floor((at(thursday) - at(`${thursday.slice(0, 4)}-01-01`)) / DAY / 7);
  return `${thursday.slice(0, 4)}-W${String(week).padStart(2, '0')}`;
}

/** What stands out, of any subject. */
function insights(q) {
  const p = period(q),
    entries = entriesOf(q),
    n = Math.round(plays(entries, days(p.from, p.to), p.zone) * left(filters(q)));
  if (!n) return answer(q, { kind: 'insights', rows: [] });
  const about = (dimension, ...values) =>
    values.map(([key, label]) => ({ dimension, key, label: label ?? key }));
  const top = (insight, share, of) => ({
    insight,
    sentence: insight,
    numbers: { plays: Math.round(n * share), of: n, share },
    about: of,
  });
  const rows = [
    top('top_domain', 0.61, about('domain', ['canvas.example.edu'])),
    top('top_places', 0.71, about('country', ['US'], ['DE'], ['IN'])),
    top('top_device', 0.58, about('device', ['Computer'])),
    {
      insight: 'peak_day',
      sentence: 'peak_day',
      numbers: { plays: Math.round(n / 9), mean: n / 30, days: 30 },
      about: about('day', [p.from]),
    },
  ];
  if (entries.length > 1)
    rows.push(top('top_recording', 0.2, about('entry', [entries[0].id, entries[0].name])));
  else
    rows.push(
      {
        insight: 'steepest_loss',
        sentence: 'steepest_loss',
        numbers: { from_second: 30, to_second: 55, before: 120, after: 84 },
        about: [],
      },
      {
        insight: 'most_rewatched',
        sentence: 'most_rewatched',
        numbers: { second: 413, views: 191, viewers: 122 },
        about: [],
      },
    );
  return answer(q, { kind: 'insights', rows });
}

const API = {
  metrics: () => ({ data: { measures: MEASURES, dimensions: DIMENSIONS }, caveats: [] }),
  health: () => ({ data: { bad_rows: {}, duplicates: 12, bots: 40 } }),
  totals(q) {
    const p = period(q),
      entries = entriesOf(q),
      share = left(filters(q)),
      before = compare(q, p);
    const n = Math.round(plays(entries, days(p.from, p.to), p.zone) * share);
    const now = values(n, wanted(q), entries);
    const then =
      before &&
      values(
        Math.round(plays(entries, days(before.from, before.to), p.zone) * share * 0.93),
        wanted(q),
        entries,
        'then',
      );
    const change = (id) => (then?.[id] && now[id] !== null ? now[id] / then[id] - 1 : null);
    return answer(
      q,
      {
        values: Object.fromEntries(
          wanted(q).map((id) => [id, { value: now[id], previous: then?.[id] ?? null, change: change(id) }]),
        ),
      },
      n,
    );
  },
  series(q) {
    const p = period(q),
      entries = entriesOf(q),
      share = left(filters(q)),
      by = q.get('by') ?? 'day';
    const step = { day: 1, week: 7, month: 30, hour: 1 }[by];
    const label = (day) => bucket(day, by);
    const points = ({ from, to }, factor) => {
      const list = days(from, to),
        out = [];
      for (let i = 0; i < list.length; i += step) {
        const n = Math.round(plays(entries, list.slice(i, i + step), p.zone) * share * factor);
        out.push({
          key: label(list[i]),
          start: `${list[i]}T00:00:00Z`,
          label: label(list[i]),
          values: values(n, wanted(q), entries, list[i]),
        });
      }
      return out;
    };
    const before = compare(q, p);
    return answer(q, { by, points: points(p, 1), previous: before && points(before, 0.93) });
  },
  table(q) {
    const p = period(q),
      entries = entriesOf(q),
      by = q.get('by'),
      share = left(filters(q)),
      list = days(p.from, p.to);
    const row = (key, label, n, es, entry) => ({
      keys: [key],
      labels: [label],
      values: values(n, wanted(q), es, key),
      ...(entry ? { entry: brief(entry) } : {}),
    });
    let rows;
    if (by === 'viewer') return viewers(q);
    const [first, second] = by.split(',');
    if (['day', 'week', 'month'].includes(second)) {
      // Recordings by time.
      rows = entries.flatMap((e) => {
        const cells = new Map();
        for (const day of list) {
          const label = bucket(day, second);
          cells.set(label, (cells.get(label) ?? 0) + Math.round(plays([e], [day], p.zone) * share));
        }
        return [...cells]
          .filter(([, n]) => n > 0)
          .map(([label, n]) => ({
            ...row(e.id, e.name, n, [e], e),
            keys: [e.id, label],
            labels: [e.name, label],
          }));
      });
      return answer(q, paged(q, rows));
    }
    if (by === 'weekday,hour_of_day') {
      rows = Array.from({ length: 7 * 24 }, (_, i) => {
        const keys = [String(1 + Math.floor(i / 24)), String(i % 24).padStart(2, '0')];
        const n = i % 24 < 7 ? 0 : Math.round(9 * chance(`hour${i}`));
        return { keys, labels: keys, values: values(n, wanted(q), entries, keys.join()) };
      }).filter((r) => r.values.plays > 0);
      return answer(q, paged(q, rows));
    }
    if (first === 'placement' && second) {
      rows = Object.entries(VALUES.page).map(([page, s]) => {
        const keys = ['elsewhere', page.split('/')[2] ?? '', page];
        return {
          keys,
          labels: keys,
          values: values(Math.round(plays(entries, list, p.zone) * s * share), wanted(q), entries, page),
        };
      });
      return answer(q, paged(q, rows));
    }
    if (by === 'region' || by === 'city') {
      const one = (d) => filters(q).find((f) => f.dimension === d)?.values[0];
      const part = (by === 'region' ? REGIONS[one('country')] : CITIES[one('region')]) ?? { '': 1 };
      const n = plays(entries, list, p.zone) * (VALUES.country[one('country')] ?? 0.1);
      rows = Object.entries(part).map(([key, s]) => ({
        ...row(key, key || 'Unknown', Math.round(n * s), entries),
        ...(POINTS[key] ? { at: POINTS[key] } : {}),
      }));
      return answer(q, paged(q, sorted(rows, q.get('sort') ?? '-plays')));
    }
    if (by === 'entry')
      rows = entries.map((e) => ({
        ...row(e.id, e.name, Math.round(plays([e], list, p.zone) * share), [e], e),
        ...(q.get('coverage')
          ? { coverage: coverage(e.duration_ms / 1000, `${q.get('subject')}${e.id}`) }
          : {}),
      }));
    else if (by === 'owner')
      rows = OWNERS.map(([id, name]) =>
        row(
          id,
          name,
          Math.round(
            plays(
              entries.filter((e) => e.owner[0] === id),
              list,
              p.zone,
            ) * share,
          ),
          entries,
        ),
      );
    else if (VALUES[by]) {
      const n = plays(entries, list, p.zone);
      const own = filters(q).find((f) => f.dimension === by && f.op === 'is');
      const rest = left(filters(q).filter((f) => f !== own));
      rows = Object.entries(VALUES[by])
        .filter(([key]) => !own || own.values.includes(key))
        .map(([key, s]) => row(key, LABELS[key] ?? (key || 'Unknown'), Math.round(n * s * rest), entries));
    } else throw new Refusal(400, 'Unknown dimension', `there is no dimension ${by}`, 'by');
    rows = rows.filter((r) => (r.values.plays ?? r.values[wanted(q)[0]]) > 0);
    return answer(q, paged(q, sorted(rows, q.get('sort') ?? '-plays')));
  },
  reports(q, name, panel) {
    if (panel === 'insights') return insights(q);
    if (name === 'course' && panel === 'rhythm') {
      q.set('by', 'entry,week');
      q.set('measures', 'viewers,plays,minutes_viewed');
      q.set('size', '2000');
      return this.table(q);
    }
    throw new Refusal(404, 'Not found', `the mock has no ${name}/${panel}`);
  },
  categories(q, id) {
    const category = CATEGORIES[id];
    if (!category) throw new Refusal(404, 'Not found', 'there is no such course');
    const rest = { deleted: false, created: '2026-08-12T06:00:00Z', recordings: id === 'quiet' ? 0 : 9 };
    return {
      data: {
        id,
        term: null,
        sections: [],
        parent: null,
        previous: null,
        subcategories: [],
        ...rest,
        ...category,
      },
    };
  },
  elsewhere(q) {
    return answer(q, { plays: 31, minutes_viewed: 402.5 });
  },
  values(q) {
    const by = q.get('dimension');
    const p = period(q);
    const n =
      plays(entriesOf(q), days(p.from, p.to), p.zone) * left(filters(q).filter((f) => f.dimension !== by));
    const all =
      by === 'viewer'
        ? people(60).map(({ id, name }, i) => [id, name, 1 / (i + 9)])
        : by === 'category'
          ? COURSES.map(([id, name], i) => [id, name, 1 / (i + 2)])
          : by === 'owner'
            ? OWNERS.map(([id, name]) => [id, name, 0.2])
            : by === 'term'
              ? TERMS.map(([id, name]) => [id, name, 0.3])
              : by === 'entry'
                ? ENTRIES.map((e) => [e.id, e.name, e.weight / 9])
                : Object.entries(VALUES[by] ?? {}).map(([key, share]) => [key, key || 'Unknown', share]);
    const find = (q.get('find') ?? '').toLowerCase();
    const rows = all
      .map(([key, label, share]) => ({
        key,
        label,
        plays: Math.round(n * share),
        events: Math.round(n * share * 9),
      }))
      .filter((row) => `${row.label} ${row.key}`.toLowerCase().includes(find));
    const size = Number(q.get('size') ?? 100);
    return answer(q, { rows: rows.slice(0, size), total: rows.length, page: 1, size });
  },
  proof(q) {
    const measure = MEASURES.find((m) => m.id === q.get('measure'));
    if (!measure)
      throw new Refusal(400, 'Unknown measure', `there is no measure ${q.get('measure')}`, 'measure');
    const p = period(q),
      entries = entriesOf(q);
    const n = Math.round(plays(entries, days(p.from, p.to), p.zone) * left(filters(q)));
    const value = values(n, [measure.id], entries)[measure.id];
    const data = {
      ...measure,
      measure: measure.id,
      example: 'Play, pause, play again on one page counts 1.',
      formula: measure.formula || 'plays',
      version: 1,
      value,
      counted_like:
        measure.id === 'minutes_viewed'
          ? [{ measure: 'quartile_minutes', label: 'Minutes viewed (quartiles)', value: value * 0.91 }]
          : [],
      rows: n,
      events: n * 9,
      left_out: [
        { reason: 'bot', events: Math.round(n / 9), rows: Math.round(n / 30), treatment: 'not_counted' },
        { reason: 'duplicate', events: Math.round(n / 40), rows: null, treatment: 'counted_once' },
      ],
      rows_at: n ? '/api/v1/rows' : null,
    };
    return answer(q, data, n);
  },
  rows(q) {
    const p = period(q),
      [entry] = entriesOf(q);
    const n = Math.round(plays(entriesOf(q), days(p.from, p.to), p.zone) * left(filters(q)));
    const size = Number(q.get('size') ?? 100),
      page = Number(q.get('page') ?? 1);
    const row = (i) => {
      const { id, name } = people(40)[i % 40];
      const first = new Date(at(p.from) + i * 1_800_000).toISOString();
      return {
        entry: entry.id,
        bucket: first,
        session: (i * 7919).toString(16).padStart(16, '0'),
        playback: 'vod',
        viewer: id,
        viewer_label: name,
        viewer_proof: 'verified',
        staff: false,
        bot: false,
        first_at: first,
        last_at: first,
        facts: { country: 'US', device: 'Computer', browser: 'Firefox', domain: 'canvas.example.edu' },
        sums: { events: 9, impressions: 1, plays: 1, pauses: i % 3 },
        coverage: coverage(entry.duration_ms / 1000, id),
        marks: [],
      };
    };
    const count = Math.max(0, Math.min(size, n - (page - 1) * size));
    return answer(q, {
      rows: Array.from({ length: count }, (_, i) => row((page - 1) * size + i)),
      total: n,
      page,
      size,
    });
  },
  notes(q) {
    const p = period(q);
    const subject = q.get('subject') ?? 'account';
    const length = at(p.to) - at(p.from);
    const written = NOTES.filter((note) => ['account', subject].includes(note.subject))
      .filter((note) => note.first <= p.to && note.last >= p.from)
      .map((note) => ({
        ...note,
        kind: 'written',
        from: `${note.first}T06:00:00Z`,
        to: `${plus(note.last, 1)}T06:00:00Z`,
        may_change: true,
        by: 'Ada',
      }));
    const some = (share) => new Date(at(p.from) + share * length + 50_400_000).toISOString();
    const recordings = subjectOf(q)
      .slice(0, 3)
      .map(({ id, name }) => ({ id, name }));
    const added = (share, count) => ({
      kind: 'added',
      from: some(share),
      to: some(share),
      count,
      recordings: recordings.slice(0, count),
    });
    const one = recordings.length === 1;
    const rows = recordings.length && length ? [added(0.3, 1), ...(one ? [] : [added(0.62, 9)])] : [];
    const gap = {
      kind: 'outage',
      from: some(0.8),
      to: new Date(Date.parse(some(0.8)) + 2_100_000).toISOString(),
    };
    if (recordings.length && length) rows.push({ ...gap, stopped: false });
    return answer(q, { rows: [...written, ...rows], may_add: /^(account|entry|category)/.test(subject) });
  },
  exports: () => ({ data: EXPORTS }),
  views: () => ({ data: VIEWS }),
  heat(q) {
    const p = period(q),
      [entry] = entriesOf(q);
    if (entry.id === '1_broken') throw new Refusal(500, 'Internal error', 'the segment could not be read');
    return answer(q, heat(entry, Math.round(plays([entry], days(p.from, p.to), p.zone) * left(filters(q)))));
  },
  naming(q, id) {
    q.set('subject', `entry:${id}`);
    const p = period(q);
    const n = plays(entriesOf(q), days(p.from, p.to), p.zone);
    const of = (share) => Math.round(n * share);
    return answer(q, {
      plays: n,
      verified: { plays: of(0.7), people: of(0.3) },
      claimed: { plays: of(0.1), people: of(0.06) },
      unknown: { plays: n - of(0.7) - of(0.1), people: null },
      named_share: n ? 0.8 : null,
      unknown_by_place: n
        ? [
            {
              domain: 'biology.example.edu',
              page: 'https://biology.example.edu/teaching/membranes,transport',
              undisclosed: null,
              embed_kind: 'code',
              title: 'Own web pages',
              plays: of(0.12),
              last_seen: null,
            },
            {
              domain: '',
              page: '',
              undisclosed: 'nothing',
              embed_kind: 'unknown',
              title: null,
              plays: of(0.08),
              last_seen: null,
            },
          ]
        : [],
      places_total: n ? 9 : 0,
      causes: n
        ? [
            { cause: 'pasted_embed', count: of(0.12), of: 'plays', fix: 'embed_with_the_tool' },
            { cause: 'blocked', count: of(0.4), of: 'events', fix: 'collect_under_own_name' },
            { cause: 'downloads', count: 3, of: 'downloads', fix: 'switch_downloads_off' },
          ]
        : [],
      completeness: 0.97,
      visibility: 'unlisted',
      downloads_allowed: true,
    });
  },
  entries(q, id, more) {
    if (more === 'naming') return this.naming(q, decodeURIComponent(id));
    if (id === undefined) {
      const find = (q.get('find') ?? '').toLowerCase();
      const rows = subjectOf(q)
        .filter((e) => `${e.name} ${e.id}`.toLowerCase().includes(find))
        .sort((a, b) => a.name.localeCompare(b.name));
      const size = Number(q.get('size') ?? 100);
      const page = Number(q.get('page') ?? 1);
      return {
        data: {
          rows: rows.slice((page - 1) * size, page * size).map((e) => ({ id: e.id, ...brief(e) })),
          total: rows.length,
          page,
          size,
        },
        caveats: [],
      };
    }
    const entry = byId.get(decodeURIComponent(id ?? ''));
    if (!entry) throw new Refusal(404, 'Not found', 'there is no such recording');
    return {
      data: {
        id: entry.id,
        ...brief(entry),
        may_edit: true,
        player: player(entry.id),
        content_end_ms: entry.content_end_ms ?? null,
        owner: { id: entry.owner[0], name: entry.owner[1] },
        published: '2026-09-02T09:00:00Z',
        tags: ['biology'],
        source: 'Upload',
      },
      caveats: [],
    };
  },
};

const TYPE = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const body = async (request) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
};

async function handle(request, response) {
  const { pathname, searchParams: q } = new URL(request.url, 'http://mock');
  const id = Math.random().toString(16).slice(2, 10);
  const send = (status, value, headers = {}) => {
    response.writeHead(status, {
      'content-type': status < 400 ? 'application/json' : 'application/problem+json',
      'x-request-id': id,
      'playhead-version': server.version,
      'cache-control': 'no-store',
      ...headers,
    });
    response.end(value === null ? '' : JSON.stringify(value));
  };
  const refuse = (status, title, detail) =>
    send(status, { type: 'about:blank', title, status, detail, request_id: id });
  const session = (then) =>
    send(200, { data: null }, { 'set-cookie': `s=${then}; HttpOnly; SameSite=Lax; Path=/` });
  if (pathname === '/mock/watch') {
    watch(Number(q.get('n')));
    return send(200, {});
  }
  if (pathname === '/mock/play') {
    const entry = q.get('entry') ?? '1_qrf2hrm';
    extra.set(entry, (extra.get(entry) ?? 0) + 1);
    return send(200, {});
  }
  if (/^\/mock\/(media|file)\//.test(pathname)) return media(request, response, pathname, byId);
  if (pathname === '/mock/set') {
    server.version = q.get('version') ?? '0.1.0';
    server.ends = q.has('ends') ? Date.now() + 1000 * Number(q.get('ends')) : null;
    return send(200, {});
  }
  if (pathname.startsWith('/api/v1/')) {
    const [name, rest, panel] = pathname.slice(8).split('/');
    if (name === 'login' && request.method === 'GET')
      return send(200, { data: { oidc: true, password: true } });
    if (name === 'login' || name === 'welcome') {
      const { password, token, code } = await body(request);
      if (name === 'login' && password === 'with-code' && code !== '287082')
        return send(401, {
          type: code ? '/errors#wrong-code' : '/errors#code-needed',
          title: 'Not signed in',
          status: 401,
        });
      if (name === 'login' && password === 'with-code') return session('1');
      if (name === 'welcome' && token !== 'once')
        return refuse(404, 'Not found', 'this link was used or is too old');
      return name === 'login' && password !== 'playhead'
        ? refuse(401, 'Not signed in', 'name or password is wrong')
        : session('1');
    }
    if (name === 'logout') return session('0');
    const signed = caller(request.headers.cookie);
    if (!signed) return refuse(401, 'Not signed in', 'sign in first');
    const me = { ...signed, session_ends: server.ends && new Date(server.ends).toISOString() };
    const asked = [request.method, pathname.slice(8), q, me, () => body(request)];
    const about = (await settings(...asked)) ?? (await aboutEmbeds(...asked)) ?? aboutNow(...asked);
    if (about?.etag && request.headers['if-none-match'] === about.etag) return send(304, null);
    if (about?.title) return send(about.status, { type: 'about:blank', request_id: id, ...about });
    if (about && request.headers.accept?.startsWith('text/csv')) {
      response.writeHead(200, { 'content-type': 'text/csv' });
      return response.end('id,at\r\n1,2026-11-01\r\n');
    }
    if (about) return send(about.status, about.value, about.etag ? { etag: about.etag } : {});
    if (!Object.hasOwn(API, name)) return refuse(404, 'Not found', '');
    if (name === 'entries' && request.method === 'PATCH') {
      const entry = byId.get(decodeURIComponent(rest ?? ''));
      if (!entry) return refuse(404, 'Not found', 'there is no such recording');
      const { content_end_ms } = await body(request);
      if (content_end_ms > entry.duration_ms)
        return refuse(400, 'Bad value', 'It is beyond the end of the recording.');
      entry.content_end_ms = content_end_ms;
      return send(200, API.entries(q, rest));
    }
    try {
      if (q.get('subject') === 'entry:1_slow') await new Promise((done) => setTimeout(done, 1_500));
      const form = (request.headers.accept ?? '').includes('csv')
        ? 'csv'
        : (request.headers.accept ?? '').includes('sheet')
          ? 'xlsx'
          : null;
      if (form && ['totals', 'series', 'table', 'heat', 'rows'].includes(name)) {
        response.writeHead(200, { 'content-disposition': `attachment; filename="${name}.${form}"` });
        return response.end(`${form} of ${[...q].map(([key, value]) => `${key}=${value}`).join('&')}`);
      }
      if (name === 'views' && request.method !== 'GET') {
        const found = VIEWS.findIndex((view) => view.id === Number(rest));
        if (request.method === 'DELETE') {
          VIEWS.splice(found, 1);
          return send(204, null);
        }
        const at = new Date().toISOString();
        const made = { by: null, created: at, ...VIEWS[found], ...(await body(request)), changed: at };
        if (found >= 0) VIEWS[found] = made;
        else VIEWS.push({ ...made, id: VIEWS.length + 1, mine: true, may_change: true });
        return send(found >= 0 ? 200 : 201, { data: made });
      }
      if (name === 'notes' && request.method !== 'GET') {
        const found = NOTES.findIndex((note) => note.id === Number(rest));
        if (request.method === 'DELETE') {
          NOTES.splice(found, 1);
          return send(204, null);
        }
        const note = await body(request);
        if (note.last < note.first) return refuse(400, 'Bad value', 'It is the first day or later.');
        if (found >= 0) NOTES[found] = { ...note, id: NOTES[found].id };
        else NOTES.push({ ...note, id: Date.now() });
        return send(found >= 0 ? 200 : 201, { data: { id: (NOTES[found] ?? NOTES.at(-1)).id } });
      }
      if (name === 'exports' && request.method === 'POST') {
        const asked = {
          ...(await body(request)),
          id: String(EXPORTS.length),
          state: 'done',
          rows: 9,
          bytes: 99,
        };
        EXPORTS.unshift({
          ...asked,
          account: 1,
          options: {},
          created_at: new Date().toISOString(),
          file: '/icon.svg',
        });
        return send(202, { data: EXPORTS[0] });
      }
      return send(200, API[name](q, rest, panel));
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      return refuse(cause.status, cause.title, cause.detail);
    }
  }
  const file = join(DIST, normalize(pathname));
  const found = file.startsWith(DIST) && extname(file) && existsSync(file) ? file : join(DIST, 'index.html');
  const immutable = pathname.startsWith('/assets/');
  response.writeHead(200, {
    'content-type': TYPE[extname(found)] ?? 'application/octet-stream',
    'content-security-policy': CSP,
    'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  response.end(readFileSync(found));
}

createServer((request, response) => {
  handle(request, response).catch((cause) => {
    console.error(cause);
    response.writeHead(500).end();
  });
}).listen(port, '127.0.0.1', () =>
  console.log(`mock on http://127.0.0.1:${port}, any name, password "playhead"`),
);
