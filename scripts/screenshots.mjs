#!/usr/bin/env node
// Takes a picture of every page in every look, into .cache/screenshots: `make screenshots`, or for some of them
// `node scripts/screenshots.mjs help,media dark,print`. The pages come from web/dist (npm run build) and the mock server;
// nothing leaves this computer. To be looked at, one by one: overlap, clipping, contrast, empty space, jargon.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { chromium } = createRequire(at("web/package.json"))("playwright-core");
const PORT = Number(process.env.PORT ?? 8397);
const OUT = at(".cache/screenshots");
const HOST = `http://127.0.0.1:${PORT}`;
/** A page that takes longer than this to settle is photographed as it is, and named. */
const SETTLE_MS = 8_000;
/** Pictures end here: a list of thousands is not looked at to its end. */
const HEIGHT_MAX = 6_000;

// Every path of routes.ts; parts that begin with a colon need an example.
const EXAMPLES = {
  "/recording/:id": ["/recording/1_qrf2hrm"],
  "/help/:topic": ["/help/names", "/help/measures"],
  "/course/:id": ["/course/1009"],
  "/viewer/:id": ["/viewer/0000000000000061"],
  "/playlist/:id": ["/playlist/0_list"],
  "/people/:id/record": ["/people/0000000000000061/record"],
  "/course/:id/roster": ["/course/1009/roster"],
  "/live/:id": ["/live/1_live"],
};
const paths = [
  ...readFileSync(at("web/src/routes.ts"), "utf8").matchAll(
    /path: '(\/[^']*)'/g,
  ),
].map((m) => m[1]);
const pages = paths.flatMap((path) => {
  if (!path.includes(":")) return [path];
  const examples = EXAMPLES[path];
  if (!examples) console.warn(`no example for ${path}: add one to EXAMPLES`);
  return examples ?? [];
});

const LOOKS = {
  light: {},
  dark: { colorScheme: "dark" },
  narrow: { viewport: { width: 320, height: 800 } },
  wide: { viewport: { width: 2560, height: 1440 } },
  rtl: { locale: "ar-EG" },
  de: { locale: "de-DE" },
  fr: { locale: "fr-FR" },
  es: { locale: "es-ES" },
  ja: { locale: "ja-JP" },
  contrast: { contrast: "more" },
  forced: { forcedColors: "active" },
  print: { media: "print" },
  empty: { query: { account: "2" } },
  error: { fail: true },
};
const [onlyPages, onlyLooks] = process.argv
  .slice(2)
  .map((list) => list.split(","));
const chosenPages = pages.filter(
  (p) =>
    !onlyPages ||
    onlyPages.some((o) => (o === "media" ? p === "/" : p.includes(o))),
);
const chosenLooks = Object.entries(LOOKS).filter(
  ([name]) => !onlyLooks || onlyLooks.includes(name),
);

const mock = spawn("node", [at("web/dev/mock.mjs")], {
  env: { ...process.env, PORT: String(PORT) },
  stdio: "ignore",
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
mkdirSync(OUT, { recursive: true });
let unsettled = 0;
try {
  for (const [
    look,
    {
      viewport = { width: 1280, height: 900 },
      locale = "en-US",
      query,
      fail,
      media,
      ...rest
    },
  ] of chosenLooks) {
    const context = await browser.newContext({
      viewport,
      locale,
      timezoneId: "America/Chicago",
      reducedMotion: "reduce",
      ...rest,
    });
    await context.addCookies([{ name: "s", value: "1", url: HOST }]);
    const page = await context.newPage();
    if (media) await page.emulateMedia({ media });
    if (fail)
      await page.route(/\/api\/v1\/(?!me$|metrics)/, (route) =>
        route.fulfill({
          status: 500,
          contentType: "application/problem+json",
          body: JSON.stringify({
            title: "Internal error",
            status: 500,
            detail: "",
            request_id: "c0ffee",
          }),
        }),
      );
    for (const path of chosenPages) {
      const to = new URL(path, HOST);
      for (const [key, value] of Object.entries(query ?? {}))
        to.searchParams.set(key, value);
      await page.goto(to.href);
      const done = await page
        .waitForFunction(
          () =>
            document.querySelector("h1") &&
            !document.querySelector('.skeleton, [aria-busy="true"]'),
          null,
          { timeout: SETTLE_MS },
        )
        .then(
          () => "",
          () => (unsettled++, " (not settled)"),
        );
      const name = `${path === "/" ? "media" : path.slice(1).replaceAll("/", "-")}.${look}.png`;
      const height = Math.min(
        HEIGHT_MAX,
        await page.evaluate(() => document.documentElement.scrollHeight),
      );
      await page.screenshot({
        path: `${OUT}/${name}`,
        fullPage: true,
        clip: { x: 0, y: 0, width: viewport.width, height },
      });
      console.log(`${name}${done}`);
    }
    await context.close();
  }
} finally {
  await browser.close();
  mock.kill();
}
console.log(
  `${chosenPages.length * chosenLooks.length} pictures in ${OUT}${unsettled ? `, ${unsettled} not settled` : ""}`,
);
