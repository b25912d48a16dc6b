import {
  expect,
  test as base,
  type APIRequestContext,
  type Browser,
  type BrowserContext,
  type Page,
} from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { MOMENT } from '../../playwright.real.config';
import { watch } from '../help';

/** Who walks, by what they are. The made-up campus is the same each time, so is the cast. */
export interface Cast {
  /** Sessions of people, by their id at the institution: the proxy's header names them. */
  teacher: string;
  assistant: string;
  student: string;
  manager: string;
  owner: string;
  coEditor: string;
  /** Granted in the walk: all figures under names, and everything. */
  analyst: string;
  administrator: string;
  course: string;
  courseName: string;
  /** A recording of the course that was played, and its title. */
  entry: string;
  entryName: string;
  /** A recording that none of the others may see. */
  foreign: string;
  channel: string;
  playlist: string;
  /** Somebody who played the recording, by the key that the pages have in their addresses. */
  viewer: string;
}

type Row = Record<string, unknown>;
const text = (row: Row | undefined, field: string): string => String(row?.[field] ?? '');

async function rows(api: APIRequestContext, path: string): Promise<Row[]> {
  const answer = await api.get(`/api/v1/${path}`);
  expect(answer.ok(), path).toBe(true);
  return ((await answer.json()) as { data: { rows: Row[] } }).data.rows;
}

/** Everything of a list, page by page. */
async function all(api: APIRequestContext, kind: string): Promise<Row[]> {
  const found: Row[] = [];
  for (let after = ''; ;) {
    const answer = await api.get(
      `/api/v1/catalog/${kind}?size=1000${after && `&after=${encodeURIComponent(after)}`}`,
    );
    const { data } = (await answer.json()) as { data: { rows: Row[]; next?: string } };
    found.push(...data.rows);
    if (!data.next) return found;
    after = data.next;
  }
}

/** Reads the catalog as the installation's administrator, who comes by a one-time link, and grants two roles. */
async function choose(api: APIRequestContext): Promise<Cast> {
  const program = process.env.WALK_PROGRAM ?? '';
  const link = execFileSync(program, ['link', '--data', process.env.WALK_DATA ?? ''], { encoding: 'utf8' });
  const token = /token=([\w-]+)/.exec(link)?.[1] ?? '';
  const signIn = { token, name: 'operator', password: 'correct horse battery staple' };
  expect((await api.post('/api/v1/welcome', { data: signIn })).status()).toBe(204);

  const [members, entries, categories] = [
    await all(api, 'members'),
    await all(api, 'entries'),
    await all(api, 'categories'),
  ];
  const played = await rows(api, 'table?period=90d&by=entry&measures=plays&sort=-plays&size=100');
  const links = await all(api, 'links');
  const courseOf = (entry: string) =>
    links
      .filter((link) => link.entry === entry)
      .map((link) =>
        categories.find((category) => category.id === link.category && category.kind === 'course'),
      )
      .find((category) => category !== undefined);
  const entry = played.map((row) => (row.keys as string[])[0] ?? '').find((id) => courseOf(id)) ?? '';
  const course = courseOf(entry);
  const of = (category: Row | undefined, role: string) =>
    text(
      members.find((member) => member.category === category?.id && member.role === role),
      'person',
    );
  const channel = categories.find((category) => category.kind === 'channel' && of(category, 'manager'));
  const teacher = of(course, 'teacher');
  const busy = new Set(members.filter((member) => member.role !== 'student').map((member) => member.person));
  const edited = entries.find((one) => {
    const editors = (one.co_editors as Row[] | undefined) ?? [];
    return one.owner && !busy.has(one.owner) && editors.some((editor) => !busy.has(editor.person));
  });
  const coEditor = ((edited?.co_editors as Row[] | undefined) ?? []).find(
    (editor) => !busy.has(editor.person),
  );
  const seen = new Set(
    links
      .filter((link) => link.category === course?.id || link.category === channel?.id)
      .map((link) => link.entry),
  );
  const used = [teacher, text(edited, 'owner'), text(coEditor, 'person')];
  const foreign = entries.find((one) => {
    const editors = ((one.co_editors as Row[] | undefined) ?? []).map((editor) => editor.person);
    return (
      !seen.has(one.id) &&
      !used.includes(text(one, 'owner')) &&
      !used.some((person) => editors.includes(person))
    );
  });
  const viewers = await rows(
    api,
    `table?subject=entry:${entry}&period=12m&by=viewer&measures=plays&sort=-plays`,
  );
  const students = members.filter((member) => member.category === course?.id && member.role === 'student');
  const [student, analyst, administrator] = students.map((member) => text(member, 'person'));
  const cast: Cast = {
    teacher,
    assistant: of(course, 'assistant'),
    student: student ?? '',
    manager: of(channel, 'manager'),
    owner: text(edited, 'owner'),
    coEditor: text(coEditor, 'person'),
    analyst: analyst ?? '',
    administrator: administrator ?? '',
    course: text(course, 'id'),
    courseName: text(course, 'name'),
    entry,
    entryName: text(
      entries.find((one) => one.id === entry),
      'name',
    ),
    foreign: text(foreign, 'id'),
    channel: text(channel, 'id'),
    playlist: text((await all(api, 'playlists'))[0], 'id'),
    viewer: viewers.map((row) => (row.keys as string[])[0] ?? '').find((key) => key !== 'unknown') ?? '',
  };
  for (const [part, value] of Object.entries(cast)) expect(value, `the campus has no ${part}`).not.toBe('');
  for (const [person, role] of [
    [cast.analyst, 'analyst'],
    [cast.administrator, 'administrator'],
  ]) {
    const granted = await api.put('/api/v1/roles', { data: { person, role, people: 'names' } });
    expect(granted.status()).toBe(204);
  }
  return cast;
}

interface Fixtures {
  /** A page of somebody of the cast, of nobody without a name; whatever goes wrong in it fails the test. */
  as: (person: string) => Promise<Page>;
}
interface WorkerFixtures {
  cast: Cast;
}

async function somebody(browser: Browser, baseURL: string, person: string): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL,
    timezoneId: 'America/Chicago',
    locale: 'en-US',
    reducedMotion: 'reduce',
    extraHTTPHeaders: person ? { 'x-remote-user': person } : {},
  });
  await context.clock.setSystemTime(MOMENT);
  return context;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  cast: [
    async ({ playwright }, use, worker) => {
      const api = await playwright.request.newContext({ baseURL: String(worker.project.use.baseURL) });
      await use(await choose(api));
      await api.dispose();
    },
    { scope: 'worker' },
  ],
  as: async ({ browser, baseURL }, use) => {
    const open: BrowserContext[] = [];
    const wrong: string[] = [];
    await use(async (person) => {
      const context = await somebody(browser, baseURL ?? '', person);
      open.push(context);
      const page = await context.newPage();
      const found = watch(page, new URL(baseURL ?? '').host);
      page.on('close', () => wrong.push(...found));
      return page;
    });
    for (const context of open) await context.close();
    // What may not be seen answers 404, as what is not there; browsers note it.
    expect(wrong.filter((line) => !/status of 404/.test(line))).toEqual([]);
  },
});
export { expect };
