import { svelte } from '@sveltejs/vite-plugin-svelte';
import { IntlMessageFormat } from 'intl-messageformat';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { make } from './dev/regions';

/** Writes a .br file beside every text asset: the server sends it as it is, so it never compresses at run time. */
function brotli(): Plugin {
  return {
    name: 'brotli',
    apply: 'build',
    enforce: 'post',
    writeBundle({ dir }) {
      if (!dir) return;
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|svg|html|json)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
        writeFileSync(`${path}.br`, brotliCompressSync(readFileSync(path), { params }));
      }
    },
  };
}

/** Parses the texts while building, so that browsers load no parser (8 KB) and need no time for it. */
function messages(): Plugin {
  return {
    name: 'messages',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/messages\/([a-z]+\/)?[a-z]{2}\.json$/.test(id)) return null;
      const texts = Object.entries(JSON.parse(code) as Record<string, string>).map(([key, text]) => {
        const parsed = IntlMessageFormat.__parse?.(text) ?? [];
        const only = parsed[0];
        // 0: a piece of text.
        const plain = parsed.length === 0 ? '' : parsed.length === 1 && only?.type === 0 ? only.value : null;
        return [key, plain ?? parsed];
      });
      return JSON.stringify(Object.fromEntries(texts));
    },
  };
}

/** Makes the shapes of regions, if what they are made of has changed: five seconds, once. */
function regions(): Plugin {
  return { name: 'regions', buildStart: () => make('regions') };
}

const PARTS =
  /src\/lib\/(ui\/(Card|DataTable|Info|Pager|Problem|Search)\.svelte|(fmt|sheet|words|resource\.svelte)\.ts)/;

export default defineConfig(({ mode, command }) => ({
  plugins: [regions(), svelte(), messages(), brotli()],
  // The content security policy allows no data: fonts and no inline scripts, so nothing is inlined.
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    target: 'baseline-widely-available',
    rolldownOptions: {
      output: {
        // What nearly every page shows is one file: thirty small ones weigh 5 KB more, by their names and apart.
        codeSplitting: {
          groups: [{ name: 'parts', test: PARTS }],
        },
      },
    },
  },
  server: { proxy: { '/api': process.env.PLAYHEAD_URL ?? 'http://127.0.0.1:8080' } },
  // Testing Library mounts real components, so Vitest must take Svelte's browser build.
  resolve:
    mode === 'test'
      ? { conditions: ['browser'] }
      : command === 'build'
        ? {
            alias: {
              '@formatjs/icu-messageformat-parser': '@formatjs/icu-messageformat-parser/no-parser.js',
            },
          }
        : {},
  test: { include: ['tests/**/*.test.ts'] },
}));
