// Owns the HTTP routes and the Control UI's tab on the real Gateway: who gets in, what is told to programs, people and monitors, and what never is.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frame, FrameLocator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asObject, asString, parseJson, type JsonObject } from "../../src/gotify/parse.ts";
import { DARK, LIGHT } from "../../src/operate/http/palette.ts";
import { startBrowser, type Started } from "../rendered/browser.ts";
import { lastLines } from "../support/captured-process.ts";
import { startGotifySide, type GotifySide } from "../support/gotify-side.ts";
import { waitFor } from "../support/wait.ts";
import { connected, openStage, warmUp, type Stage } from "./stage.ts";

const SIZES_PX = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };
/** A bridge that is dead must say so within a minute. */
const DEAD_TIMEOUT_MS = 60_000;
/** The page is loaded by a Gateway that has just started. */
const LOAD_TIMEOUT_MS = 60_000;
/** A browser without a graphics card paints slowly beside other tests. */
const TEST_TIMEOUT_MS = 300_000;
const PAGE = { Accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8" };
const HEALTH_TOKEN = "monitor-GeheimGeheim02";
/** Secret, body and title of what is said: none of it may be told. */
const SAID = "Geheimnis-body-4711";

let side: GotifySide;
let work: GotifySide;
let stage: Stage;

beforeAll(async () => {
  [side, work] = await Promise.all([startGotifySide(), startGotifySide()]);
  stage = await openStage({
    gotify: {
      ...side.account({ name: "Home <b>" }),
      accounts: { work: work.account({ name: "Work" }) },
    },
    script: ({ said }) => `Re: ${said}`,
  });
  await connected(stage, "default", "work");
  await warmUp(side);
  await side.say(SAID);
  await side.replyWith(`Re: ${SAID}`);
}, TEST_TIMEOUT_MS);

afterAll(async () => {
  await stage.stop();
  await Promise.all([side.stop(), work.stop()]);
});

interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function ask(path: string, init: RequestInit = {}): Promise<Told> {
  const signal = AbortSignal.timeout(40_000);
  const response = await fetch(`${stage.gateway.url}${path}`, { ...init, signal });
  const text = await response.text();
  expectNothingTold(text);
  if (response.status === 500) throw new Error(lastLines(stage.gateway.output()));
  return { status: response.status, headers: response.headers, text };
}

function withToken(more: Record<string, string> = {}): RequestInit {
  return { headers: { Authorization: `Bearer ${stage.gateway.token}`, ...more } };
}

/** Also the Gateway's own answers must not, so this is asked of everything. */
function expectNothingTold(text: string): void {
  const secrets = [...side.secrets(), ...work.secrets(), stage.gateway.token, HEALTH_TOKEN];
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(text).not.toContain(SAID);
  expect(text).not.toMatch(/127\.0\.0\.1|localhost|:\/\/\w/);
}

function accountsIn(text: string): readonly JsonObject[] {
  const accounts: unknown = asObject(parseJson(text))?.["accounts"];
  return Array.isArray(accounts) ? accounts.map((one: unknown) => asObject(one) ?? {}) : [];
}

async function healthIs(status: number, init: RequestInit = {}): Promise<void> {
  await waitFor(
    `/gotify/health to answer ${status}`,
    async () => (await ask("/gotify/health", init)).status === status,
    { timeoutMs: DEAD_TIMEOUT_MS, intervalMs: 500 },
  );
}

test(
  "status and doctor are for those with the Gateway's token, as JSON and as a page, and only to be read",
  async () => {
    for (const path of ["/gotify/status", "/gotify/status/doctor", "/gotify/doctor"]) {
      for (const headers of [{}, { Authorization: "Bearer wrong" }, PAGE]) {
        const refused = await ask(path, { headers });
        expect(refused.status, path).toBe(401);
        expect(refused.text).not.toContain("accounts");
      }
      // A query is no place for the token.
      expect((await ask(`${path}?token=${stage.gateway.token}`)).status).toBe(401);
      const told = await ask(path, withToken());
      expect(told.status, told.text).toBe(200);
      expect(told.headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect(told.headers.get("cache-control")).toBe("no-store");
      expect(asObject(parseJson(told.text))?.["ok"], told.text).toBe(true);

      const page = await ask(path, withToken(PAGE));
      expect(page.status).toBe(200);
      expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(page.text).not.toMatch(/<b>\s*<|src=|url\(|@import/);
      const asked = await ask(`${path}?format=json`, withToken(PAGE));
      expect(asked.headers.get("content-type")).toContain("application/json");

      const head = await ask(path, { ...withToken(), method: "HEAD" });
      expect(head).toMatchObject({ status: 200, text: "" });
      expect(head.headers.get("content-type")).toBe(told.headers.get("content-type"));
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
        const refusal = await ask(path, { ...withToken(), method });
        expect(refusal.status, `${method} ${path}`).toBe(405);
        expect(refusal.headers.get("allow")).toBe("GET, HEAD");
      }
    }
    expect((await ask("/gotify/status/other", withToken())).status).toBe(404);

    const [home, other] = accountsIn((await ask("/gotify/status", withToken())).text);
    expect(home).toMatchObject({ account: "default", ok: true, running: true });
    expect(asString(home?.["lastInAt"])).toMatch(/^\d{4}-/);
    expect(asString(home?.["lastOutAt"])).toMatch(/^\d{4}-/);
    expect(other).toMatchObject({ account: "work", ok: true });
    const page = (await ask("/gotify/status", withToken(PAGE))).text;
    expect(page).toContain("All is well");
    expect(page).toContain("Home &lt;b&gt;");
  },
  TEST_TIMEOUT_MS,
);

const started: Started = await startBrowser();
if ("reason" in started) console.warn(`The tab was not looked at: ${started.reason}`);
afterAll(async () => {
  if ("browser" in started) await started.browser.close();
});

test.skipIf("reason" in started)(
  "the tab of the Control UI shows the page, in its theme, and the doctor behind a click, on a desktop and a phone",
  async () => {
    if ("reason" in started) return;
    const folder = mkdtempSync(join(tmpdir(), "openclaw-gotify-tab-"));
    console.log(`Screenshots: ${folder}`);
    const page = await started.browser.newPage({ viewport: SIZES_PX.desktop });
    page.setDefaultTimeout(LOAD_TIMEOUT_MS);
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (/content security policy/i.test(message.text())) complaints.push(message.text());
    });
    await page.goto(`${stage.gateway.url}/#token=${stage.gateway.token}`);
    await page.getByRole("link", { name: "Gotify", exact: true }).first().click();
    const frame = page.frameLocator("iframe[title=Gotify]");
    await expectStatus(frame);

    for (const theme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await expectTheme(page, theme);
      await page.screenshot({ path: join(folder, `desktop-${theme}.png`) });
    }
    await frame.getByRole("link", { name: "Doctor" }).click();
    await frame.locator("a[aria-current=page]", { hasText: "Doctor" }).waitFor();
    await frame.getByRole("heading", { name: "work", exact: true }).waitFor();
    await page.screenshot({ path: join(folder, "doctor.png") });
    await frame.getByRole("link", { name: "Status" }).click();
    await expectStatus(frame);

    await page.setViewportSize(SIZES_PX.phone);
    await expectFits(page);
    for (const theme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme: theme });
      await expectTheme(page, theme);
      await page.screenshot({ path: join(folder, `phone-${theme}.png`) });
    }
    expect(complaints).toEqual([]);
  },
  TEST_TIMEOUT_MS,
);

async function expectStatus(frame: FrameLocator): Promise<void> {
  await frame.getByRole("heading", { name: /^Home <b>/ }).waitFor();
  await frame.getByText("All is well").waitFor();
  await frame
    .getByRole("img", { name: /messages in and \d+ out/ })
    .first()
    .waitFor();
}

/** The page around the frame decides: a dark page in a light one would be as odd as the reverse. */
async function expectTheme(page: Page, theme: "light" | "dark"): Promise<void> {
  const palette = theme === "dark" ? DARK : LIGHT;
  const [red, green, blue] = (palette.background.slice(1).match(/../g) ?? []).map((part) =>
    Number.parseInt(part, 16),
  );
  await waitFor(
    `the page and its frame to be ${theme}`,
    async () => {
      const around = await page.evaluate("document.documentElement.dataset.themeMode");
      const inside = await frameOf(page)?.evaluate(
        "getComputedStyle(document.body).backgroundColor",
      );
      return around === theme && inside === `rgb(${red}, ${green}, ${blue})`;
    },
    { explain: () => `its frame: ${frameOf(page)?.url()}` },
  );
}

function frameOf(page: Page): Frame | undefined {
  return page.frames().find((one) => one.url().includes("/gotify/status"));
}

/** Nothing has to be scrolled sideways. */
async function expectFits(page: Page): Promise<void> {
  const wide = await frameOf(page)?.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  expect(wide).toBe(0);
}

test(
  "a monitor is told one word: well, not well within a minute, and nothing at all without the token where one is set",
  async () => {
    const well = await ask("/gotify/health");
    expect(well).toMatchObject({ status: 200, text: '{"ok":true}' });
    expect(well.headers.get("cache-control")).toBe("no-store");
    const head = await ask("/gotify/health", { method: "HEAD" });
    expect(head).toMatchObject({ status: 200, text: "" });
    expect((await ask("/gotify/health", { method: "POST" })).status).toBe(405);
    // It is the exact path, and nobody gets further by another spelling.
    expect((await ask("/gotify/health/../status")).status).toBe(401);
    // With two slashes it is the host's own route, which knows nothing of ours: only the whole body tells them apart.
    expect((await ask("//gotify/health")).text).not.toBe('{"ok":true}');

    work.emulator.deleteClient(work.reader.id);
    await healthIs(503);
    expect((await ask("/gotify/health")).text).toBe('{"ok":false}');
    const broken = accountsIn((await ask("/gotify/status", withToken())).text);
    expect(broken.map(({ account, ok }) => [account, ok])).toEqual([
      ["default", true],
      ["work", false],
    ]);
    const page = (await ask("/gotify/status", withToken(PAGE))).text;
    expect(page).toContain("1 of 2 accounts does not work");
    expect(page).toContain("Not working");
    expect(page).toContain("What to do:");
    // Its card comes first.
    const order = [...page.matchAll(/<h2 id="account-\d">\s*([^<]+?)\s*</g)].map(
      ([, name]) => name,
    );
    expect(order).toEqual(["Work", "Home &lt;b&gt;"]);

    // The configuration changes under the running Gateway: the token counts without a restart of it.
    const { pid } = stage.gateway;
    const set = await stage.gateway.run(
      "config",
      "set",
      "channels.gotify.healthToken",
      HEALTH_TOKEN,
    );
    expect(set.code, set.stderr).toBe(0);
    await healthIs(401);
    expect((await ask("/gotify/health")).text).toBe('{"ok":false}');
    const monitor = (token: string): RequestInit => ({
      headers: { Authorization: `Bearer ${token}` },
    });
    expect((await ask("/gotify/health", monitor("wrong"))).status).toBe(401);
    expect((await ask("/gotify/health", monitor(stage.gateway.token))).status).toBe(401);
    expect((await ask(`/gotify/health?token=${HEALTH_TOKEN}`)).status).toBe(401);
    // The accounts were started anew, and it takes a moment until one of them is known to be dead again.
    await healthIs(503, monitor(HEALTH_TOKEN));
    // The monitor's token opens nothing else.
    expect((await ask("/gotify/status", monitor(HEALTH_TOKEN))).status).toBe(401);

    // A token that cannot be read locks the door; it does not open it.
    const reference = JSON.stringify({ source: "env", provider: "default", id: "NOT_THERE" });
    const changed = await stage.gateway.run(
      "config",
      "set",
      "channels.gotify.healthToken",
      reference,
      "--strict-json",
    );
    expect(changed.code, changed.stderr).toBe(0);
    await healthIs(401, monitor(HEALTH_TOKEN));
    expect((await ask("/gotify/health")).status).toBe(401);
    expect(stage.gateway.pid).toBe(pid);
  },
  TEST_TIMEOUT_MS,
);
