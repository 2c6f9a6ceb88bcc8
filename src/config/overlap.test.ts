import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { describe, expect, test } from "vitest";
import { listAccountIds } from "./account-ids.ts";
import { accountsInOrder, resolveAccount } from "./accounts.ts";
import { mayReceiveSame, overlapsAtRuntime } from "./overlap.ts";

const config = (gotify: Record<string, unknown>): OpenClawConfig => ({ channels: { gotify } });
const server = "https://push.example.com";
const home = { serverUrl: server, appToken: "A1", clientToken: "C1" };
const watching = (...applications: unknown[]) => ({ inbound: { applications } });

/** Which accounts stay off, whatever order they are asked in. */
function off(cfg: OpenClawConfig): string[] {
  const blocked = (ids: readonly string[]) =>
    ids.filter((id) => /stays off/.test(resolveAccount(cfg, id).problem ?? "")).toSorted();
  const ids = listAccountIds(cfg);
  expect(blocked(ids.toReversed())).toEqual(blocked(ids));
  return blocked(ids);
}

describe("two accounts with one client token", () => {
  test("answer nothing twice: the later one in the configuration stays off and says why", () => {
    const cfg = config({ accounts: { zeta: home, alpha: { ...home, appToken: "A2" } } });
    expect(off(cfg)).toEqual(["alpha"]);
    expect(resolveAccount(cfg, "zeta")).toMatchObject({ configured: true, problem: undefined });
    const { configured, standsBack, problem } = resolveAccount(cfg, "alpha");
    // The host starts it, so that it begins by itself when the other one gives way.
    expect([configured, standsBack]).toEqual([true, true]);
    expect(problem).toBe(
      'The accounts "zeta" and "alpha" receive the same messages of the same Gotify user, and both would answer them, so "alpha" stays off. Set inbound.applications in both, with no application in common.',
    );
    expect(off(config({ accounts: { alpha: home, zeta: home } }))).toEqual(["zeta"]);
  });

  test("are fine where they watch different applications", () => {
    const accounts = { a: { ...home, ...watching(5, "app:6") }, b: { ...home, ...watching("7") } };
    expect(off(config({ accounts }))).toEqual([]);
  });

  test.each([
    ["both watch all", {}, {}],
    ["the later watches all", watching(5), {}],
    ["the earlier watches all", {}, watching(5)],
    ["an empty list watches all", watching(5), watching()],
    ['the later watches "*"', watching(5), watching("*")],
    ['the earlier watches "*" beside an id', watching(6, "*"), watching(5)],
    ["one application is in both lists", watching(5, 6), watching("gotify:app:6", 7)],
  ])("overlap where %s", (_what, a, b) => {
    expect(off(config({ accounts: { a: { ...home, ...a }, b: { ...home, ...b } } }))).toEqual([
      "b",
    ]);
  });

  test('overlap with "*" on their own server only', () => {
    const accounts = {
      a: { ...home, ...watching("*") },
      b: { ...home, ...watching(5) },
      c: { ...home, serverUrl: "https://other.example.com", ...watching("*") },
    };
    expect(off(config({ accounts }))).toEqual(["b"]);
  });

  test("do not overlap in entries that name no application", () => {
    const accounts = { a: { ...home, ...watching("five") }, b: { ...home, ...watching("five") } };
    expect(off(config({ accounts }))).toEqual([]);
  });

  test("the one at the root comes first, wherever it is written", () => {
    expect(off(config({ accounts: { a: {} }, ...home }))).toEqual(["a"]);
    expect(off(config({ accounts: { a: home, default: home } }))).toEqual(["a"]);
  });

  test("are found however the address is written", () => {
    const accounts = {
      a: { ...home, serverUrl: "https://push.example.com" },
      b: { ...home, serverUrl: " HTTPS://PUSH.example.com:443/ ", clientToken: " C1 " },
    };
    expect(off(config({ accounts }))).toEqual(["b"]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["another server", { serverUrl: "https://other.example.com" }],
    ["another sub-path", { serverUrl: `${server}/gotify` }],
    ["another client token", { clientToken: "C2" }],
    ["no way in", { inbound: { enabled: false } }],
  ])("is not what it looks like with %s", (_what, other) => {
    expect(off(config({ accounts: { a: home, b: { ...home, ...other } } }))).toEqual([]);
    expect(off(config({ accounts: { a: { ...home, ...other }, b: home } }))).toEqual([]);
  });

  test("an account that only sends never overlaps", () => {
    const { clientToken: _none, ...sends } = home;
    expect(off(config({ accounts: { a: sends, b: sends, c: home } }))).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["is switched off", { enabled: false }],
    ["lacks what it needs", { appToken: undefined }],
    ["only sends", { inbound: { enabled: false } }],
  ])("an account that %s stands in nobody's way", (_what, first) => {
    expect(off(config({ accounts: { a: { ...home, ...first }, b: home } }))).toEqual([]);
  });

  test("one that stays off itself stands in nobody's way", () => {
    const accounts = {
      a: { ...home, ...watching(1) },
      b: { ...home, ...watching(1, 2) },
      c: { ...home, ...watching(2) },
      d: { ...home, ...watching(2) },
    };
    expect(off(config({ accounts }))).toEqual(["b", "d"]);
  });

  test("are the same for a process that cannot read the secret", () => {
    const clientToken = { source: "env", provider: "default", id: "GOTIFY_CLIENT_TOKEN" };
    const other = { ...clientToken, id: "OTHER_CLIENT_TOKEN" };
    const accounts = { a: { ...home, clientToken }, b: { ...home, clientToken } };
    expect(off(config({ accounts }))).toEqual(["b"]);
    const apart = { a: { ...home, clientToken }, b: { ...home, clientToken: other } };
    expect(off(config({ accounts: apart }))).toEqual([]);
  });

  test("are told without a token", () => {
    const accounts = {
      a: { ...home, clientToken: "Cgeheim" },
      b: { ...home, clientToken: "Cgeheim" },
    };
    expect(resolveAccount(config({ accounts }), "b").problem).not.toContain("geheim");
  });
});

describe("two client tokens of one user", () => {
  const other = { ...home, clientToken: "C2" };
  const third = { ...home, clientToken: "C3" };
  const cfg = config({ accounts: { zeta: home, alpha: other, mid: third } });
  const users = (ids: Record<string, number>) => new Map(Object.entries(ids));
  const overlap = (ids: Record<string, number>, id: string, of = cfg) =>
    overlapsAtRuntime(accountsInOrder(of), users(ids), id);

  test("are not seen in the configuration", () => {
    expect(off(cfg)).toEqual([]);
    expect(accountsInOrder(cfg).map(({ accountId }) => accountId)).toEqual([
      "zeta",
      "alpha",
      "mid",
    ]);
  });

  test("overlap once the server has told the users, and the later one stands back", () => {
    const known = { alpha: 1, zeta: 1, mid: 2 };
    expect(overlap(known, "zeta")).toBeUndefined();
    expect(overlap(known, "alpha")).toMatch(/^The accounts "zeta" and "alpha" .*"alpha" stays off/);
    expect(overlap(known, "mid")).toBeUndefined();
  });

  test("do not count as long as nobody knows one of them", () => {
    expect(overlap({ alpha: 1 }, "alpha")).toBeUndefined();
    expect(overlap({ zeta: 1 }, "alpha")).toBeUndefined();
    expect(overlap({}, "alpha")).toBeUndefined();
  });

  test("are two users where the servers differ, because each counts from 1", () => {
    const apart = config({
      accounts: { a: home, b: { ...other, serverUrl: "https://other.example.com" } },
    });
    expect(overlap({ a: 1, b: 1 }, "b", apart)).toBeUndefined();
  });

  test('overlap where one of them watches "*", whatever the other one does', () => {
    const all = config({
      accounts: { a: { ...home, ...watching(1) }, b: { ...other, ...watching("*") } },
    });
    expect(overlap({ a: 1, b: 1 }, "b", all)).toMatch(/"b" stays off/);
    const [a, b] = accountsInOrder(all);
    expect(a && b && mayReceiveSame(a, b)).toBe(true);
  });

  test("are fine where they watch different applications", () => {
    const apart = config({
      accounts: { a: { ...home, ...watching(1) }, b: { ...other, ...watching(2) } },
    });
    expect(overlap({ a: 1, b: 1 }, "b", apart)).toBeUndefined();
  });

  test("an account that is off, blocked or not there stands in nobody's way", () => {
    const ids = { a: 1, b: 1, c: 1 };
    const disabled = config({ accounts: { a: { ...home, enabled: false }, b: other } });
    expect(overlap(ids, "b", disabled)).toBeUndefined();
    const sending = config({ accounts: { a: { ...home, inbound: { enabled: false } }, b: other } });
    expect(overlap(ids, "b", sending)).toBeUndefined();
    expect(overlap(ids, "nowhere", sending)).toBeUndefined();
    // b is blocked by the configuration already, so c shares applications with nobody who runs.
    const chain = config({
      accounts: {
        a: { ...home, ...watching(1) },
        b: { ...home, ...watching(1, 2) },
        c: { ...other, ...watching(2) },
      },
    });
    expect(overlap(ids, "c", chain)).toBeUndefined();
  });
});
