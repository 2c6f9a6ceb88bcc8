import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { resolveAccount } from "../config/accounts.ts";
import {
  assertAlone,
  onChange,
  OverlapError,
  tellChange,
  untilAlone,
  untilOthersChange,
  watchAlone,
} from "./other-receivers.ts";

type Emulator = Awaited<ReturnType<typeof startEmulator>>;

let emulator: Emulator;

beforeEach(async () => {
  emulator = await startEmulator();
  onTestFinished(() => emulator.stop());
});

const { signal } = new AbortController();
/** Long enough for a busy machine; what holds, holds at once. */
const PATIENCE = { timeout: 8_000 };

/** Accounts in their order, each with a client token and what else the test says. */
function config(accounts: Record<string, Record<string, unknown>>): OpenClawConfig {
  const full: typeof accounts = {};
  for (const [id, account] of Object.entries(accounts)) {
    full[id] = { serverUrl: emulator.url, appToken: "A0123456789abcd", ...account };
  }
  return { channels: { gotify: { accounts: full } } };
}

const check = (cfg: OpenClawConfig, id: string) =>
  assertAlone(cfg, resolveAccount(cfg, id), signal);

test("of two accounts with two tokens of one user, the later one stands back, always the same", async () => {
  const cfg = config({
    zoe: { clientToken: emulator.createClient("one").token },
    ada: { clientToken: emulator.createClient("two").token },
  });
  await expect(check(cfg, "ada")).rejects.toThrow(OverlapError);
  await expect(check(cfg, "ada")).rejects.toThrow('The accounts "zoe" and "ada" receive the same');
  await expect(check(cfg, "zoe")).resolves.toBeUndefined();
});

test("two agents may share a user when each has applications of its own", async () => {
  const cfg = config({
    zoe: { clientToken: emulator.createClient("one").token, inbound: { applications: [1] } },
    ada: { clientToken: emulator.createClient("two").token, inbound: { applications: [2] } },
  });
  await expect(check(cfg, "ada")).resolves.toBeUndefined();
});

test("two users of one server do not meet", async () => {
  const bob = emulator.createUser("bob");
  const cfg = config({
    zoe: { clientToken: emulator.createClient("one").token },
    ada: { clientToken: emulator.createClient("two", { userId: bob.id }).token },
  });
  await expect(check(cfg, "ada")).resolves.toBeUndefined();
});

test("an account whose token is no good stands in nobody's way", async () => {
  const cfg = config({
    zoe: { clientToken: "C000000000000000" },
    ada: { clientToken: emulator.createClient("two").token },
  });
  await expect(check(cfg, "ada")).resolves.toBeUndefined();
});

test("an account that cannot be connected as it is configured stands in nobody's way", async () => {
  const bob = emulator.createUser("bob");
  const cfg = config({
    zoe: { clientTokenFile: "/nonexistent/token" },
    bea: {
      clientToken: emulator.createClient("one", { userId: bob.id }).token,
      connection: { caFile: "/nonexistent/ca.pem" },
    },
    ada: { clientToken: emulator.createClient("two").token },
  });
  await expect(check(cfg, "ada")).resolves.toBeUndefined();
});

test("the first account asks nobody", async () => {
  const cfg = config({ zoe: { clientToken: emulator.createClient("one").token } });
  await check(cfg, "zoe");
  expect(emulator.store.requests()).toEqual([]);
});

test("while the server does not say who is who, nobody receives, and it is asked again", async () => {
  const cfg = config({
    zoe: { clientToken: emulator.createClient("one").token },
    ada: { clientToken: emulator.createClient("two").token },
  });
  await emulator.goDown();
  await expect(check(cfg, "ada")).rejects.not.toThrow(OverlapError);
  const thrice = Promise.withResolvers<void>();
  const account = resolveAccount(cfg, "ada");
  const waiting = untilAlone({
    currentConfig: () => cfg,
    account,
    signal,
    onWaiting: (_error, failures) => {
      if (failures === 3) thrice.resolve();
    },
    retryMs: 5,
  });
  await thrice.promise;
  await emulator.comeBack();
  await expect(waiting).rejects.toThrow(OverlapError);
});

test("an account that runs asks until the server tells it whether it still stands alone", async () => {
  const cfg = config({
    zoe: { clientToken: emulator.createClient("one").token },
    ada: { clientToken: emulator.createClient("two").token },
  });
  const told: string[] = [];
  const lookAgain = watchAlone({
    currentConfig: () => cfg,
    account: resolveAccount(cfg, "ada"),
    signal,
    retryMs: 5,
    onOverlap: ({ message }) => told.push(message),
  });
  const asked = (): number => emulator.store.requests().length;
  emulator.faults.tooManyRequests(1);
  lookAgain();
  lookAgain();
  // Two accounts, twice at least.
  await vi.waitUntil(() => asked() >= 4, PATIENCE);
  expect(told).toEqual([]);
  emulator.faults.tooManyRequests(undefined);
  await vi.waitUntil(() => told.length > 0, PATIENCE);
  expect(told).toEqual([expect.stringContaining('so "ada" stays off')]);
});

test("of two accounts with one token, the configuration tells which stands back, and nobody is asked", async () => {
  const { token } = emulator.createClient("one");
  const zoe = { clientToken: token, inbound: { applications: [1] } };
  const both = config({ zoe, ada: { clientToken: token, inbound: { applications: [1, 2] } } });
  await expect(check(both, "ada")).rejects.toThrow('so "ada" stays off');
  expect(emulator.store.requests()).toEqual([]);
  const apart = config({ zoe, ada: { clientToken: token, inbound: { applications: [2] } } });
  // Asked with the account as it was when it started, which stood back.
  const asItWas = resolveAccount(both, "ada");
  await expect(assertAlone(apart, asItWas, signal)).resolves.toBeUndefined();
});

test("whoever runs hears of those that come and go, until it stops", () => {
  const heard: string[] = [];
  const account = new AbortController();
  onChange((other) => heard.push(other), account.signal);
  tellChange("zoe");
  account.abort();
  tellChange("bob");
  expect(heard).toEqual(["zoe"]);
});

test("whoever stands back waits for another account to change, and not for its own change", async () => {
  const LONG_MS = 60_000;
  let isOver = false;
  const waiting = untilOthersChange("ada", LONG_MS, signal).then(() => (isOver = true));
  tellChange("ada");
  await new Promise(setImmediate);
  expect(isOver).toBe(false);
  tellChange("zoe");
  await waiting;

  const stopped = new AbortController();
  const stopping = untilOthersChange("ada", LONG_MS, stopped.signal);
  stopped.abort();
  await stopping;
});
