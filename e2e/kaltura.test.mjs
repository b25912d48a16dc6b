// Kaltura's own client for Node (npm's kaltura-client, which speaks JSON) against the program, over what real requests of
// players left: sessions, reports single and many at once, files, look-ups, errors.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { command, dataFolder, PARTNER, SECRET, serve, signIn } from './lib/program.mjs';

const kaltura = createRequire(import.meta.url)('kaltura-client');
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const NAME = 'Weeks 1,2|3;4\nand more';

/** What a player reports of one viewing of twenty seconds. */
async function play(origin, number, user) {
  const entry = number % 3 ? '0_one' : '0_two';
  let eventIndex = 0;
  const send = async (eventType, position, more = {}) => {
    const body = {
      eventType, partnerId: PARTNER, entryId: entry, sessionId: `n${number}:m`, eventIndex: ++eventIndex, position, playbackType: 'vod',
      referrer: `https://lms.example.org/course/${number % 2}`, userId: user, clientVer: '3.17.95', playbackContext: '77', ...more,
    };
    const answer = await fetch(`${origin}/api_v3/index.php?service=analytics&action=trackEvent`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'user-agent': AGENT }, body: JSON.stringify(body),
    });
    assert.equal((await answer.json()).viewEventsEnabled, true);
  };
  await send(1, 0);
  await send(2, 0);
  await send(3, 0, { joinTime: 0.1 });
  await send(99, 0, { playTimeSum: 0 });
  await send(21, 1);
}

test('the client for Node is content', async (t) => {
  const { data, remove } = dataFolder();
  t.after(remove);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'playhead-kaltura-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const catalog = path.join(folder, 'catalog.ndjson');
  const records = [
    { record: 'entry', id: '0_one', name: NAME, duration_ms: 20_000, media_type: 'video' },
    { record: 'entry', id: '0_two', name: 'Two', duration_ms: 20_000, media_type: 'audio' },
    { record: 'person', id: 'root', name: 'Root' },
    { record: 'category', id: '77', name: 'Course' },
  ];
  writeFileSync(catalog, records.map((record) => JSON.stringify(record) + '\n').join(''));
  command('import', 'catalog', '--data', data, '--account', String(PARTNER), catalog);
  const program = await serve(data, { args: ['--unsigned-users', 'accept'] });
  t.after(() => program.stop());
  for (let number = 0; number < 12; number++) await play(program.origin, number, ['anna', 'ben', ''][number % 3]);
  const native = await signIn(program.origin, data);
  const measures = 'plays,impressions,viewers,shares_opened,heartbeat_minutes';
  const asked = async () => (await native(`/totals?measures=${measures}&period=today&account=${PARTNER}`)).data.values;
  for (let tries = 0; (await asked()).shares_opened.value < 12; tries++) {
    assert.ok(tries < 200, 'all events are visible');
    await new Promise((done) => setTimeout(done, 50));
  }

  const config = new kaltura.Configuration();
  config.serviceUrl = program.origin;
  config.setLogger(null); // It would write sessions to the console.
  const client = new kaltura.Client(config);
  const { ADMIN, USER } = kaltura.enums.SessionType;
  const ks = await kaltura.services.session.start(SECRET, 'root', ADMIN, PARTNER, 3600, '*').execute(client);
  client.setKs(ks);
  assert.equal((await kaltura.services.session.get().execute(client)).userId, 'root');

  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const filter = () => new kaltura.objects.EndUserReportInputFilter({ fromDay: day, toDay: day, timeZoneOffset: 0, interval: 'days' });
  const pager = (pageSize, pageIndex = 1) => new kaltura.objects.FilterPager({ pageSize, pageIndex });
  const options = () => new kaltura.objects.ReportResponseOptions({ delimiter: '|', skipEmptyDates: false });
  const report = kaltura.services.report;
  const named = (header, cells) => Object.fromEntries(header.split('|').map((name, index) => [name, cells.split('|')[index]]));

  const total = await report.getTotal(kaltura.enums.ReportType.TOP_CONTENT_CREATOR, filter(), null, options()).execute(client);
  const values = await asked();
  const told = named(total.header, total.data);
  assert.deepEqual([told.count_plays, told.count_loads, told.unique_viewers], ['plays', 'impressions', 'viewers'].map((name) => String(values[name].value)));
  const table = await report.getTable(kaltura.enums.ReportType.TOP_CONTENT, filter(), pager(25), '-count_plays', null, options()).execute(client);
  assert.equal(table.totalCount, 2);
  const rows = table.data.split(';').slice(0, -1).map((row) => named(table.header, row));
  assert.deepEqual(rows.map((row) => [row.object_id, row.entry_name, row.count_plays]), [['0_one', 'Weeks 1,2 3 4 and more', '8'], ['0_two', 'Two', '4']]);
  const second = await report.getTable('1', filter(), pager(1, 2), '-count_plays', null, options()).execute(client);
  assert.equal(table.data.split(';')[1] + ';', second.data);
  const graphs = await report.getGraphs('34', filter(), null, null, options()).execute(client);
  assert.equal(graphs.find((graph) => graph.id === 'count_plays').data, `${day}|12;`);

  await t.test('every type of the client is answered or not known', async () => {
    const types = [...new Set(Object.values(kaltura.enums.ReportType))];
    let answered = 0;
    for (const type of types) {
      const narrowed = filter();
      if (type === '43') narrowed.entryIdIn = '0_one';
      try {
        const [found, all] = [
          await report.getTable(type, narrowed, pager(25), null, null, options()).execute(client),
          await report.getTotal(type, narrowed, null, options()).execute(client),
        ];
        assert.equal(typeof all.data, 'string', type);
        const width = found.header.split('|').length;
        for (const row of found.data.split(';').slice(0, -1)) assert.equal(row.split('|').length, width, `${type}: ${row}`);
        answered++;
      } catch (error) {
        assert.equal(error.code, 'REPORT_NOT_FOUND', `${type}: ${error.message}`);
      }
    }
    assert.ok(answered > 85, `${answered}`);
  });

  await t.test('many at once, one of them wrong', async () => {
    const answers = await kaltura.services.user.get('root')
      .add(report.getTotal('2', filter(), null, options()))
      .add(report.getTotal('nonsense', filter(), null, options()))
      .add(report.getTable('13', filter(), pager(25), '+name', null, options()))
      .execute(client);
    assert.equal(answers.length, 4);
    assert.equal(answers[0].fullName, 'Root');
    assert.equal(answers[1].header.split('|')[6], 'count_loads', 'the funnel is read by position');
    assert.equal(answers[2].code, 'REPORT_NOT_FOUND');
    assert.deepEqual(answers[3].data.split(';').slice(0, -1).map((row) => row.split('|')[0]), ['anna', 'ben', 'Unknown']);
  });

  await t.test('files and look-ups', async () => {
    const url = await report.getUrlForReportAsCsv('T', 'x', 'a;b', '1', filter(), null, pager(10), '-count_plays').execute(client);
    const text = await (await fetch(url)).text();
    assert.ok(text.includes('"# Table"') && text.includes('Weeks 1,2|3;4'), text);
    const page = await kaltura.services.media.listAction(new kaltura.objects.MediaEntryFilter({ orderBy: '+name' }), pager(10)).execute(client);
    assert.deepEqual(page.objects.map((one) => one.id), ['0_two', '0_one']);
    const category = await kaltura.services.category.get(77).execute(client);
    assert.equal(category.fullName, 'Course');
  });

  await t.test('refusals have a code and a message', async () => {
    const refused = (request, code) => assert.rejects(request.execute(client), (error) => error.code === code && error.message.length > 0, code);
    await refused(kaltura.services.session.start('wrong', 'root', ADMIN, PARTNER), 'START_SESSION_ERROR');
    await refused(kaltura.services.media.get('0_gone'), 'ENTRY_ID_NOT_FOUND');
    const weak = await kaltura.services.session.start(SECRET, 'nobody', USER, PARTNER).execute(client);
    client.setKs(weak);
    await refused(report.getTotal('1', filter(), null, options()), 'SERVICE_FORBIDDEN');
    client.setKs(ks);
    await kaltura.services.session.end().execute(client);
    await refused(kaltura.services.session.get(), 'INVALID_KS');
  });
});
