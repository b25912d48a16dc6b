// Holds the size budgets of the pages (gzip, as the network sees them without Brotli). Fails the build beyond them.
import { readFileSync, rmSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const KB = 1024;
/** First load: all that the page at which one arrives needs before it can draw. */
const FIRST_SCRIPT = 70 * KB;
const FIRST_STYLE = 12 * KB;
/** What is only one page's, or one late panel's. */
const PAGE = 25 * KB;

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'));
const size = (file) => gzipSync(readFileSync(`dist/${file}`)).length;

/** Every chunk that `key` needs at once, itself first. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

const weigh = (keys) => {
  const chunks = [...keys].map((key) => manifest[key]);
  const sum = (files) => [...new Set(files)].reduce((total, file) => total + size(file), 0);
  return { script: sum(chunks.map((c) => c.file)), style: sum(chunks.flatMap((c) => c.css ?? [])) };
};

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const rows = [];
for (const chunk of Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry)) {
  // Panels that a page fetches after it has drawn are nobody's first load.
  if (chunk.startsWith('src/pages/'))
    rows.push([
      `first load, opened at ${chunk}`,
      weigh(closure(chunk, closure(entry))),
      FIRST_SCRIPT,
      FIRST_STYLE,
    ]);
  rows.push([`the chunk alone, ${chunk}`, weigh([chunk]), PAGE, FIRST_STYLE]);
}

let over = false;
for (const [name, { script, style }, most, mostStyle] of rows) {
  const bad = script > most || style > mostStyle;
  over ||= bad;
  const kb = (bytes) => (bytes / KB).toFixed(1).padStart(6);
  console.log(`${bad ? 'OVER' : ' ok '} ${kb(script)} KB script ${kb(style)} KB style  ${name}`);
}
// Only this script needs the manifest; what is left in dist is served.
rmSync('dist/.vite', { recursive: true });
if (over) {
  console.error(
    'A size budget is broken (dev/budget.mjs). Make it smaller, or say in the commit why it must grow.',
  );
  process.exit(1);
}
