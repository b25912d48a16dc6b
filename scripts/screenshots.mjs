#!/usr/bin/env node
// Takes a picture of every page in every look, into .cache/screenshots: `make screenshots`, or for some of them
// `node scripts/screenshots.mjs help,media dark,print`. The pages come from web/dist (npm run build) and the mock server;
// with E2E_PROGRAM=target/debug/playhead they come from that program and its made-up data, as an administrator sees them.
// Nothing leaves this computer. To be looked at, one by one: overlap, clipping, contrast, empty space, jargon.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { chromium } = createRequire(at("web/package.json"))("playwright-core");
const PORT = Number(process.env.PORT ?? 8397);
const PROGRAM = process.env.E2E_PROGRAM;
const OUT = at(`.cache/screenshots/${PROGRAM ? "program" : "mock"}`);
const HOST = `http://127.0.0.1:${PORT}`;
/** A page that takes longer than this to settle is photographed as it is, and named. */
const SETTLE_MS = 8_000;
/** Pictures end here: a list of thousands is not looked at to its end. */
const HEIGHT_MAX = 6_000;

/** What stands for the parts of a path that begin with a colon, in the mock server's data. */
const MOCKED = {
  "/recording/:id": "1_qrf2hrm",
  "/course/:id": "1009",
  "/channel/:id": "1009",
  "/account/:tab": "technology",
  "/viewer/:id": "0000000000000061",
  "/playlist/:id": "0_list",
  "/person/:id/record": "0000000000000061",
  "/course/:id/roster": "1009",
  "/live/:id": "1_live",
  "/help/:topic": "names",
};

const paths = [
  ...readFileSync(at("web/src/routes.ts"), "utf8").matchAll(
    /path: '(\/[^']*)'/g,
  ),
].map((m) => m[1]);

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
  empty: {
    query: PROGRAM ? { period: "2020-01-01..2020-01-07" } : { account: "2" },
  },
  error: { fail: true },
};
const [onlyPages, onlyLooks] = process.argv
  .slice(2)
  .map((list) => list.split(","));
const chosenLooks = Object.entries(LOOKS).filter(
  ([name]) => !onlyLooks || onlyLooks.includes(name),
);

const folder = mkdtempSync(join(tmpdir(), "playhead-screens-"));
const moment = "2026-11-23T12:00:00Z";
const server = PROGRAM
  ? spawn(
      PROGRAM,
      [
        "demo",
        "--data",
        join(folder, "demo"),
        "--events",
        "60000",
        "--at",
        moment,
      ].concat("--serve", "--listen", `127.0.0.1:${PORT}`),
      { stdio: "ignore" },
    )
  : spawn("node", [at("web/dev/mock.mjs")], {
      env: { ...process.env, PORT: String(PORT) },
      stdio: "ignore",
    });
const ready = async () =>
  (await fetch(`${HOST}${PROGRAM ? "/readyz" : "/icon.svg"}`).catch(() => null))
    ?.ok;
for (let tries = 0; !(await ready()); tries++) {
  if (tries > 600 || server.exitCode !== null)
    throw new Error(`nothing answers at ${HOST}`);
  await new Promise((done) => setTimeout(done, 200));
}

/** The same of the made-up campus: what was watched most. */
async function found(request) {
  const data = async (path) =>
    (await (await request.get(`${HOST}/api/v1/${path}`)).json()).data;
  const most = async (by, more = "") =>
    (
      await data(
        `table?by=${by}&measures=plays&sort=-plays&period=90d&size=9${more}`,
      )
    ).rows
      .map((row) => row.keys[0])
      .find((key) => key && key !== "unknown");
  const all = async (kind) => (await data(`catalog/${kind}?size=1000`)).rows;
  const categories = await all("categories");
  const watched = (
    await data("table?by=category&measures=plays&sort=-plays&period=30d")
  ).rows.map((row) => row.keys[0]);
  const of = (kind) =>
    watched.find((id) =>
      categories.some((one) => one.id === id && one.kind === kind),
    );
  const viewer = await most("viewer");
  const course = of("course");
  return {
    "/recording/:id": await most("entry"),
    "/course/:id": course,
    "/channel/:id": of("channel"),
    "/account/:tab": "technology",
    "/viewer/:id": viewer,
    "/playlist/:id": (await all("playlists"))[0]?.id,
    "/person/:id/record": viewer,
    "/course/:id/roster": course,
    "/live/:id": (await all("entries")).find((one) => one.media_type === "live")
      ?.id,
    "/help/:topic": "names",
  };
}

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
/** Who looks: an administrator, whose cookie every look shares. */
async function signedIn() {
  const context = await browser.newContext();
  if (PROGRAM) {
    const link = execFileSync(
      PROGRAM,
      ["link", "--data", join(folder, "demo")],
      {
        encoding: "utf8",
      },
    );
    const token = /token=([\w-]+)/.exec(link)?.[1];
    await context.request.post(`${HOST}/api/v1/welcome`, {
      data: { token, name: "operator", password: "correct horse battery" },
    });
  } else await context.addCookies([{ name: "s", value: "1", url: HOST }]);
  return context;
}
const operator = await signedIn();
const storageState = await operator.storageState();
const examples = PROGRAM ? await found(operator.request) : MOCKED;
const chosenPages = paths.flatMap((path) => {
  const example = path.includes(":") ? examples[path] : "";
  if (example === undefined) console.warn(`no example for ${path}`);
  const name =
    path
      .slice(1)
      .replaceAll(/\/:\w+/g, "-one")
      .replaceAll("/", "-") || "media";
  const wanted = !onlyPages || onlyPages.some((part) => name.includes(part));
  return wanted && example !== undefined
    ? [{ name, path: path.replace(/:\w+/, encodeURIComponent(example)) }]
    : [];
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
      storageState,
      ...rest,
    });
    if (PROGRAM) await context.clock.setSystemTime(moment);
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
    for (const { name: subject, path } of chosenPages) {
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
      const name = `${subject}.${look}.png`;
      // What is asked for after the first answers.
      await page
        .waitForLoadState("networkidle", { timeout: 3_000 })
        .catch(() => undefined);
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
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  `${chosenPages.length * chosenLooks.length} pictures in ${OUT}${unsettled ? `, ${unsettled} not settled` : ""}`,
);
