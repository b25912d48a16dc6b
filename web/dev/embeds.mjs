// The part of the mock server that is about domains and embeds: rules, campaigns and the inventory. Account 2 has none.

const DAY = 86_400_000;
const ago = (days) => new Date(Date.now() - days * DAY).toISOString();

const rule = (id, title, host, kind, more = {}) => ({
  id,
  host,
  scheme: [],
  class: kind,
  title,
  explain: `An embed code was pasted into a page of ${title}.`,
  action: 'Open the page and replace the embed.',
  open: true,
  locate: 'page',
  query: [],
  attention: { 'player-upgrade': 'yes' },
  origin: 'shipped',
  replaces: false,
  embed_kind: 'code',
  ...more,
});
const SHIPPED = [
  rule('canvas', 'Canvas', ['*.instructure.com', 'canvas.{org}'], 'lms'),
  rule('canvas-quiz', 'New Quizzes in Canvas', ['*.quiz-lti-*.instructure.com'], 'lms-quiz', {
    open: false,
    locate: 'none',
  }),
  rule('kaltura-lms-tool', 'Kaltura in the LMS', ['kaf.*'], 'lms-tool', {
    attention: {},
    action: 'No action needed.',
    embed_kind: 'tool',
  }),
  rule('local-file', 'File on the viewer’s device', [], 'local-file', {
    scheme: ['file', 'content'],
    attention: { 'player-upgrade': 'n/a' },
    action: 'No action possible: the file is not on the web.',
    open: false,
    embed_kind: 'local',
  }),
];
let rules = [...SHIPPED];
let campaigns = [
  {
    id: 'player-upgrade',
    title: 'Embed will break when the old player ends',
    date: '2024-08-01',
    explain: 'Embed codes of the old player generation stop working on this day.',
    more: '/help/domains',
    when: { kinds: ['code', 'standalone'], players: ['1.*', '2.*', ''] },
    attention: {},
    origin: 'shipped',
    replaces: false,
  },
];

const on = (...ids) =>
  ids.map((id, i) => ({
    id,
    name: i ? '' : 'Week 4: Membranes and transport',
    plays: 38 - i,
    last_seen: ago(3),
  }));
const embed = (domain, page, ruleId, more) => {
  const known = SHIPPED.find((one) => one.id === ruleId);
  return {
    domain,
    page,
    undisclosed: null,
    openable: Boolean(page),
    player_version: '2.103.1',
    embed_kind: known?.embed_kind ?? 'code',
    class: known?.class ?? 'other',
    rule: ruleId,
    title: known?.title ?? null,
    explain: known?.explain ?? null,
    action: known?.action ?? null,
    attention: 'yes',
    status: 'to_do',
    returned: null,
    recordings: on('1_qrf2hrm'),
    recordings_total: 1,
    plays: 38,
    viewers: 12,
    impressions: 61,
    first_seen: ago(300),
    last_seen: ago(3),
    owner: null,
    note: '',
    changed: null,
    changed_by: null,
    ...more,
  };
};
let embeds = [
  embed('canvas.example.edu', 'https://canvas.example.edu/courses/177708/pages/example', 'canvas', {
    recordings: on('1_qrf2hrm', '1_quiet', '1_never', '1_slow'),
    recordings_total: 61,
  }),
  embed('canvas.example.edu', 'https://canvas.example.edu/courses/1009/pages/week-4', 'canvas', {
    returned: { done: ago(40), seen: ago(2) },
    owner: { id: '00000000000000aa', name: 'Mara Jensen' },
    note: 'Asked the teacher on 3 October.',
    changed: ago(40),
    changed_by: 'admin',
  }),
  embed('canvas.example.edu', 'https://canvas.example.edu/courses/1009/pages/week-5', 'canvas', {
    status: 'done',
    player_version: '3.17.95',
    changed: ago(20),
    changed_by: 'admin',
  }),
  embed('iad.quiz-lti-prod.instructure.com', '', 'canvas-quiz', {
    undisclosed: 'origin_only',
    openable: false,
    status: 'cannot_trace',
    plays: null,
    viewers: null,
    impressions: null,
  }),
  embed('kaf.canvas.example.edu', '', 'kaltura-lms-tool', {
    undisclosed: 'origin_only',
    openable: false,
    status: 'no_action',
    attention: 'no',
    player_version: '3.17.95',
    plays: 3_900,
  }),
  embed('Local file', '', 'local-file', {
    undisclosed: 'local_file',
    openable: false,
    status: 'no_action',
    attention: 'n/a',
    player_version: '',
  }),
  embed(
    'study-notes.example',
    'https://study-notes.example/a/very/long/address/that/does/not/fit/into/a/column/at/all',
    null,
    {
      status: 'cannot_open',
      openable: false,
      attention: 'unknown',
    },
  ),
];
const STATUSES = ['to_do', 'done', 'cannot_trace', 'cannot_open', 'no_action'];
const by = (rows) =>
  Object.fromEntries(STATUSES.map((one) => [one, rows.filter((row) => row.status === one).length]));
const sum = (rows, of) => rows.reduce((n, row) => n + (of(row) ?? 0), 0);

function inventory(q, me) {
  const all = q.get('account') === '2' ? [] : embeds;
  const domains = q.getAll('f').flatMap((f) => (f.startsWith('is,domain,') ? [f.slice(10)] : []));
  const find = (q.get('find') ?? '').toLowerCase();
  const judged = all.filter(
    (row) =>
      (!domains.length || domains.includes(row.domain)) &&
      (!q.get('rule') || row.rule === q.get('rule')) &&
      (q.get('returned') !== '1' || row.returned) &&
      `${row.domain} ${row.page} ${row.recordings.map((one) => one.id).join(' ')}`
        .toLowerCase()
        .includes(find),
  );
  const rows = judged.filter((row) => !q.get('status') || q.get('status').split(',').includes(row.status));
  const page = Number(q.get('page') ?? 1);
  const size = Number(q.get('size') ?? 100);
  const cut = (list) => list.slice((page - 1) * size, page * size);
  const list =
    q.get('by') === 'domain'
      ? [...new Set(rows.map((row) => row.domain))].map((domain) => {
          const its = rows.filter((row) => row.domain === domain);
          const { embed_kind, class: kind, rule: id, title, explain, action, attention } = its[0];
          return {
            domain,
            embed_kind,
            class: kind,
            rule: id,
            title,
            explain,
            action,
            attention,
            pages: its.filter((row) => row.page).length,
            rows: its.length,
            recordings: Math.max(...its.map((row) => row.recordings_total)),
            plays: sum(its, (row) => row.plays),
            last_seen: its[0].last_seen,
            by_status: by(its),
          };
        })
      : null;
  const { id, title, date, explain, more } =
    campaigns.find((one) => one.id === q.get('campaign')) ?? campaigns[0];
  const status = by(judged);
  return {
    data: {
      rows: list ? [] : cut(rows),
      domains: list && cut(list),
      total: (list ?? rows).length,
      page,
      size,
      campaign: { id, title, date, explain, more },
      totals: {
        rows: judged.length,
        domains: new Set(judged.map((row) => row.domain)).size,
        pages: judged.filter((row) => row.page).length,
        recordings: 63,
        plays: sum(judged, (row) => row.plays),
        by_status: status,
        recordings_to_do: status.to_do ? 62 : 0,
        returned: judged.filter((row) => row.returned).length,
        progress: { done: status.done, of: status.done + status.to_do },
      },
      may_change: me.accounts[0].administrator || me.accounts[0].owner,
    },
    caveats: [{ kind: 'never_opened', detail: '' }],
    as_of: new Date().toISOString(),
    scope: null,
  };
}

const missing = { status: 404, title: 'Not found' };
const bad = (field, detail) => ({ status: 400, title: 'That does not fit', detail, field });
const WITHOUT = [{ domain: 'study-notes.example', plays: 38, last_seen: ago(3), rule: null }];

/** Answers `METHOD path`, or null when it is about something else. */
export async function aboutEmbeds(method, path, q, me, body) {
  const [first, id] = path.split('/').map(decodeURIComponent);
  const administrator = me.accounts[0].administrator;
  const ok = (data, status = 200) => ({ status, value: { data } });
  const none = q.get('account') === '2';
  switch (`${method} ${first}`) {
    case 'GET embeds':
      return me.accounts[0].administrator || me.accounts[0].owner
        ? { status: 200, value: inventory(q, me) }
        : missing;
    case 'PATCH embeds': {
      const { domain, page, status, owner, note } = await body();
      if (owner === 'gone') return bad('owner', 'The catalog knows nobody by this id.');
      const its = (row) => row.domain === domain && row.page === page;
      embeds = embeds.map((row) =>
        its(row)
          ? {
              ...row,
              status: status ?? row.status,
              returned: null,
              note: note ?? row.note,
              owner: owner ? { id: 'aa', name: owner } : owner === '' ? null : row.owner,
              changed: new Date().toISOString(),
              changed_by: me.name,
            }
          : row,
      );
      return ok({
        domain,
        page,
        campaign: 'player-upgrade',
        status,
        owner: owner ?? '',
        note,
        changed: ago(0),
      });
    }
    case 'GET campaigns':
      return ok(none ? [] : campaigns);
    case 'PUT campaigns': {
      const asked = await body();
      if (asked.more && !/^(https:|\/)/.test(asked.more))
        return bad('more', 'It is an https address or a path of these pages.');
      const before = campaigns.find((one) => one.id === id);
      const row = { id, date: null, ...asked, origin: 'account', replaces: Boolean(before) };
      campaigns = before ? campaigns.map((one) => (one === before ? row : one)) : [...campaigns, row];
      return ok(row, before ? 200 : 201);
    }
    case 'DELETE campaigns':
      campaigns = campaigns.filter((one) => one.id !== id);
      return { status: 204, value: null };
    case 'GET domain-rules': {
      const hosts = q.get('hosts') === '1';
      if (hosts && !administrator) return missing;
      const domains = (one) =>
        new Set(embeds.filter((row) => row.rule === one.id).map((row) => row.domain)).size;
      const rows = rules.map((one) =>
        hosts ? { ...one, domains: none ? 0 : domains(one), plays: none ? 0 : 410 } : one,
      );
      return ok({ rows, ...(hosts ? { without: none ? [] : WITHOUT } : {}) });
    }
    case 'POST domain-rules': {
      const asked = await body();
      const hosts = asked.host.includes('study-notes.example') ? WITHOUT : [];
      return ok({
        hosts,
        total: hosts.length,
        plays: sum(hosts, (one) => one.plays),
        left_to_others: [
          { domain: 'iad.quiz-lti-prod.instructure.com', plays: 96, last_seen: ago(9), rule: 'canvas-quiz' },
        ],
      });
    }
    case 'PUT domain-rules': {
      const asked = await body();
      if (asked.host.some((one) => one === '*')) return bad('host', 'A pattern names more than any host.');
      const before = rules.find((one) => one.id === id);
      const row = {
        ...rule(id, asked.title, asked.host, asked.class),
        ...asked,
        origin: 'account',
        replaces: Boolean(before),
      };
      rules = before ? rules.map((one) => (one === before ? row : one)) : [...rules, row];
      return ok(row, before ? 200 : 201);
    }
    case 'DELETE domain-rules':
      rules = rules.flatMap((one) => (one.id === id ? SHIPPED.filter((old) => old.id === id) : [one]));
      return { status: 204, value: null };
  }
  return null;
}
