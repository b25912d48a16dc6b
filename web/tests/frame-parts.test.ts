// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { exportable, fileOf, specOf } from '../src/lib/files';
import { topics } from '../src/lib/help/en';
import { search } from '../src/lib/help';
import { blocks, inline } from '../src/lib/help/markup';
import { choose } from '../src/lib/i18n';
import { code, names } from '../src/lib/names.svelte';
import { pathTo, route } from '../src/routes';

describe('files', () => {
  const table =
    '/api/v1/table?subject=account&f=is%2Ccountry%2CUS&f=not%2Cdevice%2CTV&page=3&size=25&by=entry';
  it('hold all rows, with heads and definitions', () => {
    expect(fileOf(table, 'xlsx')).toBe(
      '/api/v1/table?subject=account&f=is%2Ccountry%2CUS&f=not%2Cdevice%2CTV&by=entry&labels=1&definitions=1',
    );
    expect(fileOf(table, 'csv')).toContain('bom=1');
  });
  it('are made in the background by name and query', () => {
    expect(specOf('/api/v1/reports/overview/devices?period=7d&account=1')).toEqual({
      kind: 'report',
      name: 'reports/overview/devices',
      query: 'period=7d',
    });
  });
  it('are offered of figures only', () => {
    expect(exportable(table)).toBe(true);
    expect(exportable('/api/v1/values?dimension=country')).toBe(false);
    expect(exportable(null)).toBe(false);
  });
});

describe('languages', () => {
  it('the first wish that there are texts for wins, with its variety for numbers and dates', () => {
    expect(choose(['pt-BR', 'de-AT', 'en'])).toEqual({ language: 'de', locale: 'de-AT' });
    expect(choose([null, undefined, 'fr_CA'])).toEqual({ language: 'fr', locale: 'fr-CA' });
    expect(choose([])).toEqual({ language: 'en', locale: 'en' });
  });
  it('a tag that no standard knows gives the language alone', () => {
    expect(choose(['es-x-'])).toEqual({ language: 'es', locale: 'es' });
  });
});

describe('hidden names', () => {
  it('are codes that tell people apart and stay the same', () => {
    expect(code('0000000000000061')).toBe(code('0000000000000061'));
    expect(code('0000000000000061')).not.toBe(code('0000000000000062'));
    expect(names.show('a', 'Amara')).toBe('Amara');
    names.set(true);
    expect(names.show('a', 'Amara')).toMatch(/^Person [0-9A-Z]{4}$/);
    expect(names.show('unknown', 'Unknown')).toBe('Unknown');
    names.set(false);
  });
});

describe('the guide', () => {
  it('is read as text, lists, steps, tables and links', () => {
    expect(blocks('One\ntwo\n\n- a\n- b\n\n1. x\n\n| H | I |\n| j | k |').map((b) => b.kind)).toEqual([
      'text',
      'list',
      'steps',
      'table',
    ]);
    expect(inline('a **b** [c](/help/names)')).toEqual([
      { kind: 'text', text: 'a ' },
      { kind: 'bold', text: 'b' },
      { kind: 'text', text: ' ' },
      { kind: 'link', text: 'c', to: '/help/names' },
    ]);
  });
  it('has every topic once, and no link into nothing', () => {
    const ids = topics.map((topic) => topic.id);
    expect(new Set(ids).size).toBe(ids.length);
    const links = topics.flatMap((topic) =>
      [...topic.text.matchAll(/\]\(\/help\/(\w+)\)/g)].map((match) => match[1]),
    );
    expect(links.filter((link) => !ids.includes(link ?? ''))).toEqual([]);
  });
  it.each([
    ['Insights', 'insights'],
    ['Category page views', 'placement'],
    ['How player impressions lead to engagement', 'funnel'],
    ['avg. drop off rate', 'over-time'],
    ['View Engagement Per User', 'parts'],
    ['Top Domains', 'domains'],
    ['Highlights', 'highlights'],
    ['My Analytics', 'my-media'],
    ['Top Countries', 'places'],
    ['Devices Overview', 'devices'],
    ['player upgrade', 'embeds'],
    ['attendance', 'names'],
  ])('is found under “%s”', async (text, id) => {
    expect((await search(text))[0]?.id).toBe(id);
  });
});

describe('addresses of pages', () => {
  it('are made from names and read back', () => {
    expect(pathTo('recording', { id: '1/a b' })).toBe('/recording/1%2Fa%20b');
    expect(route('/recording/1%2Fa%20b').props).toEqual({ id: '1/a b' });
    expect(pathTo('nothing')).toBeNull();
  });
});
