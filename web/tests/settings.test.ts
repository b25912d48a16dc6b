import { describe, expect, it } from 'vitest';
import { about, parts } from '../src/lib/people/words';
import { slug } from '../src/lib/rules/words';
import { counts, statement } from '../src/lib/settings/certificate';
import { listed, preset } from '../src/lib/settings/platforms';

const jws = (says: unknown) =>
  ['{"alg":"EdDSA"}', JSON.stringify(says), 'signed']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

describe('a certificate', () => {
  it('is read with all its letters, and is nothing when it is none', () => {
    expect(statement(jws({ statement: 'Gelöscht – ✓' }))).toEqual({ statement: 'Gelöscht – ✓' });
    expect(statement('')).toBeNull();
    expect(statement('a.%%%.b')).toBeNull();
  });
  it('tells numbers, lists and tables as one text each', () => {
    expect(
      counts({ rows: 3, left: {}, words: { titles: 2, notes: 1 }, checked: ['titles', 'notes'] }),
    ).toEqual([
      ['rows', '3'],
      ['left', '0'],
      ['words', 'titles 2, notes 1'],
      ['checked', 'titles, notes'],
    ]);
    expect(counts(null)).toEqual([]);
  });
});

describe('a record', () => {
  it('says parts as clock times', () => {
    expect(parts('0-30 3690-3700')).toBe('0:00–0:30, 1:01:30–1:01:40');
    expect(parts('')).toBe('');
  });
  it('says what a look was about, with links to what has a page', () => {
    expect(about('category:bio,entry:1_a:b')).toMatchObject([
      { id: 'bio', path: '/course/bio' },
      { id: '1_a:b', path: '/recording/1_a%3Ab' },
    ]);
    expect(about('account')).toMatchObject([{ id: '', path: null }]);
    expect(about('')).toEqual([]);
  });
});

describe('forms', () => {
  it('take lists by lines, spaces or commas', () => expect(listed(' 1\n2, 3,,')).toEqual(['1', '2', '3']));
  it('make ids of titles', () => expect(slug('  Über-Blog 2027! ')).toBe('uber-blog-2027'));
  it('fill in what is known of a product, and of another nothing', () => {
    expect(preset('moodle', 'https://m.example').jwks_url).toBe('https://m.example/mod/lti/certs.php');
    expect(preset('other', 'https://m.example')).toEqual({});
  });
});
