import { describe, expect, it } from 'vitest';
import panels from '../src/lib/messages/panels/en.json';
import settings from '../src/lib/messages/settings/en.json';

// A text is there when it is shown: what is drawn first has its own, panels and drawers bring theirs, rare pages theirs.
const sources = import.meta.glob<string>('../src/**/*.{svelte,ts}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const file = (path: string) => path.replace('../src/', '');
const texts = new Map(Object.entries(sources).map(([path, text]) => [file(path), text]));

/** What a module imports, at once or when it is opened. */
function imports(path: string, late: boolean): string[] {
  const found = (texts.get(path) ?? '').matchAll(
    late ? /import\('(\.[^']+)'\)/g : /(?:from|import) '(\.[^']+)'/g,
  );
  return [...found].flatMap(([, to = '']) => {
    const target = new URL(to, `file:///${path}`).pathname.slice(1);
    return [target, `${target}.ts`, `${target}/index.ts`].filter((one) => texts.has(one)).slice(0, 1);
  });
}
function reached(starts: string[], late: boolean, without = ''): Set<string> {
  const seen = new Set<string>();
  const next = [...starts];
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    if (seen.has(path) || path === without) continue;
    seen.add(path);
    next.push(...imports(path, false), ...(late ? imports(path, true) : []));
  }
  return seen;
}
/** Texts that modules name in full; those whose keys are made up of parts are found by looking at the pages. */
const named = (modules: Iterable<string>, of: object): string[] =>
  [...modules].flatMap((path) =>
    [...(texts.get(path) ?? '').matchAll(/[(?:] ?'([a-z]\w*(?:\.[\w-]+)+)'/g)]
      .map(([, key = '']) => key)
      .filter((key) => key in of)
      .map((key) => `${key} in ${path}`),
  );

const RARE = 'pages/settings/index.ts';
/** Pages whose code is asked for without texts. */
const pages = [
  ...(texts.get('routes.ts') ?? '').matchAll(/load: \(\) => import\('\.\/(pages\/\w+\.svelte)'\)/g),
].map(([, path = '']) => path);

describe('texts', () => {
  it('of panels are not asked for by what is drawn before they have come', () => {
    expect(pages).toContain('pages/Media.svelte');
    const drawn = reached(['main.ts', ...pages], false);
    // A table of what the panel below shows.
    drawn.delete('lib/panels/details.ts');
    // The timeline speaks of the player only while one is open, which has brought them.
    const early = named(drawn, { ...panels, ...settings }).filter((one) => !one.startsWith('player.'));
    expect(early).toEqual([]);
  });
  it('of rare pages are asked for by rare pages alone', () => {
    const everywhere = reached(['main.ts'], true, RARE);
    expect(everywhere).toContain('lib/panels/Below.svelte');
    expect(named(everywhere, settings)).toEqual([]);
  });
});
