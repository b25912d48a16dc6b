// The part of the mock server that is about people: who one is, records, the access log, and the settings. Everything is
// kept in memory, so what is made can be listed and taken away again.
//
// Cookie s=1 is a local administrator, s=owner a person who owns recordings, s=student one who owns none, s=stranger
// somebody whom the catalog does not know.

const DAY = 86_400_000;
const NOW = Date.now();
const ago = (days, hours = 0) => new Date(NOW - days * DAY - hours * 3_600_000).toISOString();

const ACCOUNTS = [
  { id: 1, name: 'Example University' },
  { id: 2, name: 'New account' },
];
const RIGHTS = {
  administrator: false,
  everything: false,
  departments: [],
  staff: [],
  person: null,
  owner: false,
  own_record: false,
};
const CALLERS = {
  1: {
    name: 'admin',
    way: 'password',
    operator: true,
    second_factor: false,
    accounts: ACCOUNTS.map((account) => ({ ...account, ...RIGHTS, administrator: true, everything: true })),
  },
  owner: {
    name: 'Mara Jensen',
    way: 'oidc',
    operator: false,
    second_factor: null,
    accounts: [
      {
        ...ACCOUNTS[0],
        ...RIGHTS,
        person: '00000000000000aa',
        owner: true,
        own_record: true,
        staff: [{ id: 'bio', name: 'Cell Biology' }],
      },
    ],
  },
  student: {
    name: 'Noah Lindgren',
    way: 'lti',
    operator: false,
    second_factor: null,
    accounts: [{ ...ACCOUNTS[0], ...RIGHTS, person: '00000000000000bb', own_record: true }],
  },
  stranger: {
    name: 'guest',
    way: 'oidc',
    operator: false,
    second_factor: null,
    accounts: [{ ...ACCOUNTS[0], ...RIGHTS }],
  },
};
export const caller = (cookie = '') => CALLERS[/\bs=(\w+)/.exec(cookie)?.[1] ?? ''];

const PEOPLE = [
  { id: 'mjensen', name: 'Mara Jensen', mail: 'mjensen@example.edu' },
  { id: 'nlindgren', name: 'Noah Lindgren', mail: 'nlindgren@example.edu' },
  { id: 'jdoe', name: 'Jordan Doe', mail: '' },
];
const CATEGORIES = [
  { id: 'bio', name: 'Cell Biology', kind: 'course' },
  { id: '7001', name: 'Faculty of Biology' },
];
let roles = [
  { person: 'mjensen', role: 'administrator', category: '', people: 'names' },
  { person: 'jdoe', role: 'department', category: '7001', people: 'pseudonyms' },
];
let keys = [
  {
    id: 3,
    name: 'Power BI',
    scope: 'category:7001',
    people: 'none',
    created: ago(40),
    expires: ago(-325),
    used: ago(0, 2),
  },
];
let platforms = [
  {
    id: 1,
    name: 'Canvas',
    issuer: 'https://canvas.instructure.com',
    client_id: '10000000000042',
    deployments: ['7:abc'],
    auth_url: 'https://sso.canvaslms.com/api/lti/authorize_redirect',
    token_url: 'https://sso.canvaslms.com/login/oauth2/token',
    token_audience: null,
    jwks_url: 'https://sso.canvaslms.com/api/lti/security/jwks',
    origins: ['https://canvas.example.edu'],
    person: 'custom.login',
    course: 'custom.canvas_course_id',
    link_custom: false,
  },
];
let sessions = [
  { id: 1, way: 'password', began: ago(0, 3), used: ago(0), current: true },
  { id: 2, way: 'password', began: ago(1), used: ago(0, 20), current: false },
];
const COUNTS = {
  catalog_people: 1,
  catalog_memberships: 4,
  sessions_and_roles: 1,
  access_log_records: 12,
  segments_rewritten: 31,
  journal_files_rewritten: 6,
  events_checked: 412_907,
  events_of_the_person: 1_204,
  rows_checked: 98_113,
  files_searched: 212,
  words_left_in_free_text: {},
};
const jws = (says) =>
  ['{"alg":"EdDSA"}', JSON.stringify(says), 'signature']
    .map((s) => Buffer.from(s).toString('base64url'))
    .join('.');
const certificate = (id) =>
  jws({
    iss: 'playhead',
    statement: 'The person of this erasure was removed from every file of this installation’s data folder.',
    erasure: id,
    counts: COUNTS,
    not_covered: 'Backups and copies made before.',
  });
const finished = (row) => ({
  ...row,
  state: 'done',
  phase: 'done',
  counts: COUNTS,
  finished_at: new Date().toISOString(),
  certificate: certificate(row.id),
});
let erasures = [
  finished({ id: 'e7f3a1', account: 1, done: 212, total: 212, error: null, asked_at: ago(9) }),
  {
    id: 'b20c44',
    account: 1,
    state: 'running',
    phase: 'files',
    done: 17,
    total: 37,
    error: 'segments/0004.parquet cannot be read',
    counts: {},
    asked_at: ago(0, 1),
    finished_at: null,
    certificate: null,
  },
];

const LOG = Array.from({ length: 64 }, (_, i) => {
  const kinds = [
    {
      action: 'look',
      subject: 'entry:1_qrf2hrm',
      question: 'table?by=viewer&measures=plays',
      people: 25,
      rows: 25,
    },
    { action: 'look', subject: 'category:bio,entry:1_qrf2hrm', question: 'roster', people: 48, rows: 48 },
    { action: 'export_fetched', subject: 'account', question: 'rows', people: 0, rows: 4_102 },
    { action: 'sign_in', subject: '', question: '', people: 0, rows: 0 },
    {
      action: 'look',
      subject: 'viewer:00000000000000bb',
      question: 'record',
      people: 1,
      rows: 12,
      result: 'refused',
    },
    {
      action: 'role_granted',
      subject: 'person:jdoe',
      question: 'department of 7001, people: pseudonyms',
      people: 0,
      rows: 0,
    },
  ];
  const who = [
    ['person:1:mjensen', 'Mara Jensen', 'oidc'],
    ['local:1', 'admin', 'password'],
    ['key:3', 'Power BI', 'key'],
    ['', '', 'password'],
  ][i % 4];
  return {
    id: 64 - i,
    at: ago(i * 0.4),
    who: who[0],
    who_label: who[1],
    way: who[2],
    account: 1,
    result: 'given',
    ...kinds[i % kinds.length],
  };
});

const watched = (own) =>
  Array.from({ length: own ? 63 : 4 }, (_, i) => ({
    recording: i % 3 ? '1_qrf2hrm' : '1_quiet',
    recording_name: i % 3 ? 'Week 4: Membranes and transport' : '',
    from: ago(i + 0.2),
    to: ago(i + 0.195),
    seconds: 40 + ((i * 97) % 700),
    plays: i % 4 ? 0 : 1,
    parts: i % 2 ? '0-412 413-700' : '30-60',
    page: i % 5 ? 'https://canvas.example.edu/courses/1009/pages/week-4' : '',
    place: i % 7 ? 'Minneapolis, Minnesota, US' : '',
    device: 'Computer, Windows 11, Firefox 143',
    proof: i % 6 ? 'verified' : 'claimed',
  }));
const record = (person, rows, q) => {
  const page = Number(q.get('page') ?? 1);
  const size = Number(q.get('size') ?? 100);
  return {
    data: {
      about: {
        ...person,
        memberships: [
          { category: 'bio', name: 'Cell Biology', role: 'teacher' },
          { category: 'club', name: '', role: 'member' },
        ],
        owns: Array.from({ length: 14 }, (_, i) => `1_own${i}`),
        co_edits: ['1_qrf2hrm'],
        playlists: [],
        notes: ['Exam on Friday'],
      },
      rows: rows.slice((page - 1) * size, page * size),
      total: rows.length,
      page,
      size,
    },
    caveats: [],
    as_of: new Date().toISOString(),
    scope: null,
  };
};

const FIRST = ['Amara', 'Jonas', 'Priya', 'Chloe', 'Diego', 'Hana', 'Noah', 'Fatima', 'Owen', 'Sofia'];
const STUDENTS = Array.from({ length: 54 }, (_, i) => ({
  key: i % 9 === 8 ? null : i.toString(16).padStart(16, '0'),
  name: `${FIRST[i % 10]} ${['Diallo', 'Weber', 'Raman', 'Kim', 'Brooks', 'Rossi'][i % 6]} ${i + 1}`,
  state: i < 34 ? 'watched' : i < 45 ? 'not_watched' : 'unknown',
}));

const missing = { status: 404, title: 'Not found' };
const bad = (field, detail) => ({ status: 400, title: 'That does not fit', detail, field });
const paged = (q, rows) => {
  const page = Number(q.get('page') ?? 1);
  const size = Number(q.get('size') ?? 100);
  return { rows: rows.slice((page - 1) * size, page * size), total: rows.length, page, size };
};

/** Answers `METHOD path`, or null when it is not about people. `body` reads what was sent. */
export async function settings(method, path, q, me, body) {
  const [first, second, third] = path.split('/');
  const rights = me.accounts.find((one) => String(one.id) === q.get('account')) ?? me.accounts[0];
  const ok = (data, status = 200) => ({ status, value: { data } });
  const done = { status: 204, value: null };
  const none = q.get('account') === '2';
  switch (
    `${method} ${[first, ['roles', 'platforms', 'keys', 'sessions'].includes(first) ? '' : second].filter(Boolean).join('/')}`
  ) {
    case 'GET me':
      return ok(me);
    case 'GET me/record': {
      if (!rights.own_record) return missing;
      const person = PEOPLE.find((one) => one.name === me.name);
      return { status: 200, value: record(person, watched(true), q) };
    }
    case 'GET me/looked': {
      const rows = rights.person
        ? LOG.filter((row) => row.action === 'look' && row.result === 'given').map((row) => ({
            at: row.at,
            who_label: row.who_label,
            action: row.action,
            subject: row.subject,
            maybe: row.people > 40,
          }))
        : [];
      return ok(paged(q, rows));
    }
    case 'GET sessions':
      return ok(sessions);
    case 'DELETE sessions':
      if (second) sessions = sessions.filter((one) => String(one.id) !== second);
      return done;
    case 'POST totp': {
      const { password } = await body();
      if (password !== 'playhead')
        return { status: 401, title: 'Not signed in', detail: 'The password is wrong.' };
      const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
      return ok({ secret, uri: `otpauth://totp/Playhead:admin?secret=${secret}&issuer=Playhead` });
    }
    case 'PUT totp': {
      const { code } = await body();
      if (code !== '287082') return { status: 401, title: 'Not signed in', detail: 'The code is wrong.' };
      CALLERS[1].second_factor = true;
      return ok({ recovery_codes: Array.from({ length: 10 }, (_, i) => `ABCD EFGH IJKL MNO${i}`) });
    }
    case 'DELETE totp': {
      const { password } = await body();
      if (password !== 'playhead')
        return { status: 401, title: 'Not signed in', detail: 'The password is wrong.' };
      CALLERS[1].second_factor = false;
      return done;
    }
    case 'GET roster':
      if (!rights.staff.some((one) => `category:${one.id}` === q.get('subject')) && !rights.administrator)
        return missing;
      if (q.get('entry') === '1_quiet')
        return { status: 200, value: { data: { fetched: null, students: [] }, caveats: [] } };
      return {
        status: 200,
        value: {
          data: { fetched: ago(0, 5), students: STUDENTS },
          caveats: [{ kind: 'not_attendance', detail: '' }],
        },
      };
  }
  const owned = first === 'access-log' && q.get('subject')?.startsWith('entry:') && rights.owner;
  const guarded = ['roles', 'keys', 'platforms', 'erasures', 'retention', 'access-log', 'people', 'catalog'];
  if (!guarded.includes(first)) return null;
  if (!rights.administrator && !owned) return missing;
  switch (`${method} ${first}`) {
    case 'GET access-log': {
      if (second === 'check')
        return ok({
          sound: true,
          broken_at: null,
          records: 64,
          removed: 120,
          head: 'fa419f4c3e6564eb750fbc385522b3fed150d7a3c84aee86365cfd783d846028',
        });
      const has = (name) => q.get(name);
      const rows = none
        ? []
        : LOG.filter(
            (row) =>
              (!has('who') || row.who.endsWith(has('who'))) &&
              (!has('subject') || row.subject.split(',').includes(has('subject'))) &&
              (!has('action') || row.action === has('action')) &&
              (!has('from') || row.at.slice(0, 10) >= has('from')) &&
              (!has('to') || row.at.slice(0, 10) <= has('to')),
          );
      return ok(paged(q, rows));
    }
    case 'GET catalog': {
      const list = second === 'people' ? PEOPLE : CATEGORIES;
      if (third) {
        const found = list.find((one) => one.id === decodeURIComponent(third));
        return found ? ok(found) : missing;
      }
      const find = (q.get('find') ?? '').toLowerCase();
      return ok({
        rows: list.filter((one) => `${one.id} ${one.name}`.toLowerCase().includes(find)),
        next: null,
      });
    }
    case 'GET people': {
      const person = PEOPLE.find((one) => one.id === decodeURIComponent(second));
      return person && third === 'record'
        ? { status: 200, value: record(person, watched(false), q) }
        : missing;
    }
    case 'GET roles':
      return ok(none ? [] : roles);
    case 'PUT roles': {
      const asked = await body();
      if (asked.role === 'department' && !CATEGORIES.some((one) => one.id === asked.category))
        return bad('category', 'A department is a category of the catalog: its id is needed.');
      roles = [
        ...roles.filter((one) => one.person !== asked.person || one.role !== asked.role),
        { category: '', people: 'names', ...asked },
      ];
      return done;
    }
    case 'DELETE roles': {
      const before = roles.length;
      roles = roles.filter((one) => one.person !== q.get('person') || one.role !== q.get('role'));
      return roles.length < before ? done : missing;
    }
    case 'GET keys':
      return ok(none ? [] : keys);
    case 'POST keys': {
      const asked = await body();
      if (asked.scope === 'entry:1_gone') return bad('scope', 'There is no recording 1_gone.');
      const key = {
        id: 4 + keys.length,
        name: asked.name,
        scope: asked.scope,
        people: asked.people,
        created: new Date().toISOString(),
        expires: ago(-asked.days),
        used: null,
      };
      keys = [key, ...keys];
      return ok({ ...key, key: 'phk_7d3cLq0nJ1x2Wm4RbTzYpVsUeA9kHgFi' }, 201);
    }
    case 'DELETE keys':
      keys = keys.filter((one) => String(one.id) !== second);
      return done;
    case 'GET platforms':
      return ok(none ? [] : platforms);
    case 'PUT platforms': {
      const asked = await body();
      if (!/^https:/.test(asked.jwks_url)) return bad('jwks_url', 'It is an https address.');
      const known = platforms.find((one) => one.issuer === asked.issuer && one.client_id === asked.client_id);
      const row = { id: known?.id ?? 2 + platforms.length, ...asked };
      platforms = [...platforms.filter((one) => one !== known), row];
      return ok(row);
    }
    case 'POST platforms':
      return none
        ? bad('public_url', 'The server has no public address.')
        : ok({ link: 'https://play.example.edu/lti/register?link=mJ3xVn0c' });
    case 'DELETE platforms':
      platforms = platforms.filter((one) => String(one.id) !== second);
      return done;
    case 'GET erasures':
      // A question later, what was asked for is done.
      if (!second) {
        const rows = erasures;
        erasures = erasures.map((row) => (row.state === 'done' || row.error ? row : finished(row)));
        return ok({ rows: none ? [] : rows, key: { kty: 'OKP', crv: 'Ed25519', x: 'M0yVRmZdEYcx6AH3' } });
      }
      return ok(erasures.find((row) => row.id === second));
    case 'POST erasures': {
      const { person } = await body();
      if (!PEOPLE.some((one) => one.id === person)) return missing;
      const row = {
        id: `a${erasures.length}9d02`,
        account: 1,
        state: 'running',
        phase: 'keys',
        done: 0,
        total: 0,
        error: null,
        counts: {},
        asked_at: new Date().toISOString(),
        finished_at: null,
        certificate: null,
      };
      erasures = [row, ...erasures];
      return ok(row, 202);
    }
    case 'GET retention':
      if (second === 'due')
        return ok({
          named_from: '2024-10-01T00:00:00Z',
          rows: 1_204,
          person_months: 88,
          bad_rows_from: ago(14),
          journal_from: ago(90),
        });
      return ok({
        person_months: 25,
        named_from: '2024-10-01T00:00:00Z',
        bad_rows_days: 14,
        journal_days: 90,
        exports_hours: 24,
        access_log_days: 400,
        smallest_group: 10,
        own_record: true,
        runs: none
          ? []
          : [1, 2].map((day) => ({
              began_at: ago(day),
              report: {
                named_from: '2024-10-01T00:00:00Z',
                person_months: 88,
                rows: 1_204,
                segments_rewritten: 4,
                journal_events: 0,
                journal_files_removed: 1,
                damaged_leftovers_removed: 0,
                bad_rows_removed: 7,
                seconds: 2,
              },
            })),
      });
  }
  return null;
}
