import { createServer } from "node:http";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { listenOnLoopback } from "../../../test/support/loopback.ts";
import type { AccountFacts, StatusFacts } from "../../vitals/facts.ts";
import { areWell } from "../../vitals/gather.ts";
import type { DoctorReport } from "../doctor/report.ts";
import { wantsPage } from "./answer.ts";
import { createHandlers, type Caller, type HttpWorld } from "./handlers.ts";
import { HEALTH_TTL_MS } from "./health.ts";

const AT = "2026-11-23T16:25:21.000Z";
const PAGE = { Accept: "text/html" };

function account(changes: Partial<AccountFacts> = {}): AccountFacts {
  return {
    account: "default",
    enabled: true,
    configured: true,
    running: true,
    receives: true,
    ok: changes.problems?.every(({ level }) => level === "warning") ?? true,
    problems: [],
    suspended: [],
    hours: [],
    ...changes,
  };
}

function problems(level: "error" | "warning", message = "It is down."): AccountFacts["problems"] {
  return [{ code: "disconnected", level, message, fix: "Put it up." }];
}

interface Stage {
  accounts: readonly AccountFacts[];
  failure: Error | undefined;
  isConfigReadable: boolean;
  gathered: number;
  visits: number;
  healthToken: unknown;
  caller: Caller | undefined;
  nowMs: number;
  /** A visit of the doctor ends when it resolves. */
  visit: Promise<DoctorReport> | undefined;
  ask: (path: string, init?: RequestInit) => Promise<Response>;
}

/** The handlers behind a real server, told apart by path as the host does. */
async function stage(): Promise<Stage> {
  const world: HttpWorld = {
    config: (): OpenClawConfig => {
      if (!it.isConfigReadable) throw new Error("no configuration");
      const { healthToken } = it;
      return { channels: { gotify: { serverUrl: "https://push.example.com", healthToken } } };
    },
    gatherStatus: (): StatusFacts => {
      it.gathered += 1;
      if (it.failure !== undefined) throw it.failure;
      return { ok: areWell(it.accounts), plugin: "1", at: AT, accounts: it.accounts };
    },
    runDoctor: () => {
      it.visits += 1;
      const report = { ok: true, at: AT, findings: [] };
      return it.visit ?? Promise.resolve(report);
    },
    caller: () => it.caller,
    now: () => it.nowMs,
    doctorTimeoutMs: 200,
  };
  const handlers = createHandlers(world);
  const server = createServer((req, res) => {
    const path = req.url ?? "";
    const name = path.startsWith("/gotify/status")
      ? "status"
      : path.startsWith("/gotify/doctor")
        ? "doctor"
        : "health";
    void handlers[name](req, res);
  });
  const { url, close } = await listenOnLoopback(server);
  onTestFinished(close);
  const it: Stage = {
    accounts: [account()],
    failure: undefined,
    isConfigReadable: true,
    gathered: 0,
    visits: 0,
    healthToken: undefined,
    caller: undefined,
    nowMs: Date.parse(AT),
    visit: undefined,
    ask: (path, init = {}) =>
      fetch(`${url}${path}`, { signal: AbortSignal.timeout(5_000), ...init }),
  };
  return it;
}

async function health(it: Stage, authorization?: string): Promise<readonly [number, string]> {
  it.nowMs += HEALTH_TTL_MS;
  const headers: Record<string, string> =
    authorization === undefined ? {} : { Authorization: authorization };
  const response = await it.ask("/gotify/health", { headers });
  return [response.status, await response.text()];
}

const WELL = [200, '{"ok":true}'] as const;
const ILL = [503, '{"ok":false}'] as const;
const LOCKED = [401, '{"ok":false}'] as const;

describe("health", () => {
  test("is one word: whether every account that is on gets its messages through", async () => {
    const it = await stage();
    const bad = account({ problems: problems("error") });
    const cases: readonly (readonly [readonly AccountFacts[], readonly [number, string]])[] = [
      [[account()], WELL],
      [[account({ problems: problems("warning") })], WELL],
      [[account(), bad], ILL],
      [[account(), { ...bad, enabled: false }], WELL],
      [[{ ...bad, enabled: false }], ILL],
      [[], ILL],
    ];
    for (const [accounts, expected] of cases) {
      it.accounts = accounts;
      expect(await health(it), JSON.stringify(accounts)).toEqual(expected);
    }
  });

  test("is not well where nothing can be looked at, and says no more than that", async () => {
    const it = await stage();
    it.failure = new Error("disk at https://push.example.com is full");
    expect(await health(it)).toEqual(ILL);
  });

  test("is looked up once in a while, however often and by how many it is asked", async () => {
    const it = await stage();
    await Promise.all(Array.from({ length: 20 }, () => it.ask("/gotify/health")));
    expect(it.gathered).toBe(1);
    it.failure = new Error("down");
    it.nowMs += HEALTH_TTL_MS - 1;
    expect((await it.ask("/gotify/health")).status).toBe(200);
    it.nowMs += 1;
    // A failure is an answer as well: it is not looked up again with each request.
    for (let round = 0; round < 5; round += 1) {
      expect((await it.ask("/gotify/health")).status).toBe(503);
    }
    expect(it.gathered).toBe(2);
    // A clock that was set back makes it look again.
    it.nowMs -= 3_600_000;
    await it.ask("/gotify/health");
    expect(it.gathered).toBe(3);
  });

  test("asks for its token where one is set, in the header alone, and looks at nothing without it", async () => {
    const it = await stage();
    it.healthToken = "monitor";
    for (const shown of [
      undefined,
      "Bearer wrong",
      "Basic monitor",
      "monitor",
      "Bearer",
      "Bearer monitor x",
    ]) {
      expect(await health(it, shown), shown).toEqual(LOCKED);
    }
    const asked = await it.ask("/gotify/health?token=monitor");
    expect(asked.status).toBe(401);
    expect(asked.headers.get("www-authenticate")).toBe("Bearer");
    expect(it.gathered).toBe(0);
    expect(await health(it, "Bearer monitor")).toEqual(WELL);
    expect(await health(it, "bearer  monitor")).toEqual(WELL);
  });

  test.each(["with blanks in it", "Schlüssel-à", "鍵-\u{1f511}"])(
    "takes the token %j as clients send it, in UTF-8",
    async (healthToken) => {
      const it = await stage();
      it.healthToken = ` ${healthToken} `;
      const sent = Buffer.from(healthToken, "utf8").toString("latin1");
      expect(await health(it, `Bearer ${sent}`)).toEqual(WELL);
      expect(await health(it, `Bearer  ${sent}\t `)).toEqual(WELL);
      for (const wrong of [sent.slice(0, -1), `${sent}x`, `x ${sent}`, "?"]) {
        expect(await health(it, `Bearer ${wrong}`), wrong).toEqual(LOCKED);
      }
    },
  );

  test.each([
    { source: "env", provider: "default", id: "GONE" },
    "${GONE}",
    "  ",
    5,
    null,
    "two\nlines",
  ])("stays shut where the token is %j, which nobody can show", async (healthToken) => {
    const it = await stage();
    it.healthToken = healthToken;
    for (const shown of [undefined, "Bearer ", "Bearer undefined", "Bearer ${GONE}", "Bearer 5"]) {
      expect(await health(it, shown), shown).toEqual(LOCKED);
    }
  });

  test("stays shut where the configuration cannot be read, which may have a token", async () => {
    const it = await stage();
    it.isConfigReadable = false;
    for (const shown of [undefined, "Bearer monitor"]) {
      expect(await health(it, shown), shown).toEqual(LOCKED);
    }
    expect(it.gathered).toBe(0);
  });
});

test.each(["/gotify/status", "/gotify/status/doctor", "/gotify/doctor", "/gotify/health"])(
  "%s is only looked at: HEAD is GET without a body, and everything else is refused",
  async (path) => {
    const it = await stage();
    const got = await it.ask(path);
    const head = await it.ask(path, { method: "HEAD" });
    expect(await head.text()).toBe("");
    expect(head.status).toBe(got.status);
    for (const name of [
      "content-type",
      "content-length",
      "cache-control",
      "x-content-type-options",
    ]) {
      expect(head.headers.get(name), name).toBe(got.headers.get(name));
    }
    expect(Number(got.headers.get("content-length"))).toBe(Buffer.byteLength(await got.text()));
    const { gathered, visits } = it;
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const refused = await it.ask(path, { method });
      expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    }
    expect([it.gathered, it.visits]).toEqual([gathered, visits]);
  },
);

test("programs get JSON and browsers a page, from the same facts, without addresses in either", async () => {
  const it = await stage();
  const message = "Gotify at https://push.example.com does not answer (10.0.0.5:443).";
  it.accounts = [account({ name: "Home", problems: problems("error", message) })];
  const json = await it.ask("/gotify/status");
  expect(json.headers.get("content-type")).toBe("application/json; charset=utf-8");
  const told = await json.text();
  expect(told).toContain("Gotify at (address) does not answer ((address)).");
  const page = await it.ask("/gotify/status", { headers: PAGE });
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const shown = await page.text();
  expect(shown).toContain("Gotify at (address) does not answer");
  expect(told + shown).not.toMatch(/push\.example|10\.0\.0\.5/);
  expect((await it.ask("/gotify/status/nothing")).status).toBe(404);
});

test.each([
  [undefined, "", false],
  ["*/*", "", false],
  ["application/json, text/plain, */*", "", false],
  ["text/html,application/xhtml+xml,*/*;q=0.8", "", true],
  ["application/json, text/html;q=0.5", "", false],
  ["text/html;q=0", "", false],
  ["text/html", "?format=json", false],
  ["application/json", "?format=html", true],
  ["text/html", "?format=other", true],
])("Accept %j with %j wants a page: %j", (accept, query, wanted) => {
  expect(wantsPage(new URL(`http://x.test/gotify/status${query}`), accept)).toBe(wanted);
});

test("what cannot be gathered is told as such, without addresses", async () => {
  const it = await stage();
  it.failure = new Error("https://push.example.com said <no>");
  const json = await it.ask("/gotify/status");
  expect([json.status, await json.text()]).toEqual([
    503,
    '{"ok":false,"error":"(address) said <no>"}',
  ]);
  const page = await it.ask("/gotify/status", { headers: PAGE });
  expect(page.status).toBe(503);
  expect(await page.text()).toContain("(address) said &lt;no&gt;");
});

test("a configuration that cannot be read is told as such, with what to do and nothing else", async () => {
  const it = await stage();
  it.isConfigReadable = false;
  for (const path of ["/gotify/status", "/gotify/doctor"]) {
    const answer = await it.ask(path);
    expect([answer.status, await answer.text()], path).toEqual([
      503,
      '{"ok":false,"error":"The configuration cannot be read. Run: openclaw config validate"}',
    ]);
  }
});

test("the doctor makes one visit for all who ask at once, and the next one when that is old", async () => {
  const it = await stage();
  const { promise, resolve } = Promise.withResolvers<DoctorReport>();
  it.visit = promise;
  const asked = Array.from({ length: 5 }, () => it.ask("/gotify/doctor"));
  const page = it.ask("/gotify/status/doctor", { headers: PAGE });
  const findings = [
    { check: "x", level: "warning", message: "See 10.0.0.5", fix: "Do it" },
  ] as const;
  resolve({ ok: true, at: AT, findings });
  for (const response of await Promise.all(asked)) {
    expect(await response.text()).toContain('"message":"See (address)"');
  }
  expect(await (await page).text()).toContain("See (address)");
  expect(it.visits).toBe(1);
  await it.ask("/gotify/doctor");
  expect(it.visits).toBe(1);
  it.nowMs += 10_000;
  await it.ask("/gotify/doctor");
  expect(it.visits).toBe(2);
});

test("a visit that fails is told, and the next request makes a new one", async () => {
  const it = await stage();
  const failing = Promise.withResolvers<DoctorReport>();
  failing.promise.catch(() => undefined);
  failing.reject(new Error("no way to https://push.example.com"));
  it.visit = failing.promise;
  const failed = await it.ask("/gotify/doctor");
  expect([failed.status, await failed.text()]).toEqual([
    503,
    '{"ok":false,"error":"no way to (address)"}',
  ]);
  it.visit = undefined;
  expect((await it.ask("/gotify/doctor")).status).toBe(200);
});

test("a visit that comes to no end is given up, and says what to do", async () => {
  const it = await stage();
  it.visit = Promise.withResolvers<DoctorReport>().promise;
  const given = await it.ask("/gotify/doctor");
  expect([given.status, await given.text()]).toEqual([
    503,
    '{"ok":false,"error":"The checks took too long. Run: openclaw gotify doctor"}',
  ]);
});

test("who may not read is told nothing", async () => {
  const it = await stage();
  for (const scopes of [["operator.read"], ["operator.write"], ["operator.admin"]]) {
    it.caller = { scopes, revalidate: undefined };
    expect((await it.ask("/gotify/status")).status).toBe(200);
  }
  for (const scopes of [[], ["operator.approvals"]]) {
    it.caller = { scopes, revalidate: undefined };
    const refused = await it.ask("/gotify/status");
    expect(refused.status).toBe(403);
    expect(await refused.text()).not.toContain("accounts");
  }
  // The host has answered by itself, as it does for a device that was unpaired meanwhile.
  it.caller = { scopes: undefined, revalidate: () => Promise.reject(new Error("unpaired")) };
  const signal = AbortSignal.timeout(300);
  await expect(it.ask("/gotify/status", { signal })).rejects.toThrow(/aborted|timeout/i);
});
