import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { bridgeAccount, startBridge } from "../../test/support/bridge.ts";
import { countCalls } from "../../test/support/counted-calls.ts";
import { createVirtualTime, type VirtualTime } from "../../test/support/virtual-time.ts";
import { accountFolder } from "../config/state-folder.ts";
import type { CallOptions } from "../gotify/call-options.ts";
import { GotifyClient } from "../gotify/client.ts";
import { timeoutFailure } from "../gotify/network-failure.ts";
import { openJournal } from "../journal/journal.ts";
import { gatherAccount } from "../vitals/gather.ts";
import { beginVitals } from "../vitals/vitals.ts";
import { createAccountVitals } from "./account-vitals.ts";
import type { ConsumerClient } from "./consumer.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** The client's own. */
const TIMEOUT_MS = 20 * SECOND_MS;
/** Real time in which some minutes of virtual time pass. */
const PATIENCE_MS = 30_000;

vi.setConfig({ testTimeout: 2 * PATIENCE_MS });

/** The client's calls with their limits, and with how slow the server is, in a time that passes when told to. */
function clientIn(
  time: VirtualTime,
  client: ConsumerClient,
  slownessMs: () => number,
): ConsumerClient {
  const { sleep } = time.world;
  const limited = async <T>(
    { signal, timeoutMs = TIMEOUT_MS }: CallOptions = {},
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const over = new AbortController();
    const either = AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])]);
    try {
      return await Promise.race([
        sleep(timeoutMs, either).then(() => {
          throw timeoutFailure(client.server.href, timeoutMs);
        }),
        sleep(slownessMs(), either).then(() => work(either)),
      ]);
    } finally {
      over.abort();
    }
  };
  return {
    server: client.server,
    openStream: (options) => client.openStream(options),
    async *readPages(query, call = {}) {
      let left = client.readPages(query, call);
      for (;;) {
        const pages = left;
        const { done, value } = await limited(call, () => pages.next());
        if (done === true) return;
        left = pages;
        yield value;
      }
    },
    currentUser: (call) => limited(call, (signal) => client.currentUser({ signal })),
    health: (call) => limited(call, (signal) => client.health({ signal })),
    probeAppToken: (call) => limited(call, (signal) => client.probeAppToken({ signal })),
  };
}

/** An account that receives and has nothing to do. Its rests are as long as they get. */
async function setup() {
  const stateDir = mkdtempSync(join(tmpdir(), "openclaw-gotify-frozen-"));
  const time = createVirtualTime(Date.now(), () => 1);
  const { now, elapsed } = time.world;
  const emulator = await startEmulator({ now: time.date });
  const server = { slownessMs: 0 };
  const client = new GotifyClient({
    serverUrl: emulator.url,
    clientToken: emulator.createClient("bridge").token,
    appToken: emulator.createApplication("OpenClaw").token,
    timeoutMs: 10 * PATIENCE_MS,
  });
  const run = beginVitals("default", now, elapsed);
  const calls = countCalls(client);
  const { journal } = openJournal(accountFolder(stateDir, "default"));
  const bridge = startBridge({
    journal,
    client: clientIn(time, calls.client, () => server.slownessMs),
    vitals: createAccountVitals(run, now),
    world: time.world,
    agent: async () => {},
  });
  onTestFinished(async () => {
    emulator.faults.clear();
    await bridge.stop();
    journal.close();
    run.end();
    await emulator.stop();
    rmSync(stateDir, { recursive: true });
  });
  const status = () =>
    gatherAccount(bridgeAccount(emulator.url), {
      now,
      stateDir: () => stateDir,
      vitalsOf: () => run.look(),
    });
  /** The host asks its queue by the real clock, of which next to nothing passes. */
  const problems = () => status().problems.filter(({ code }) => code !== "queue-idle");
  /** Lets time pass until it is so, and returns how much. */
  const passUntil = async (expectation: () => void): Promise<number> => {
    const begunAt = elapsed();
    await vi.waitFor(
      () => {
        // What the network takes is no time of the server's.
        if (calls.underWay() === 0 || emulator.faults.databaseFrozen) time.pass(SECOND_MS);
        expectation();
      },
      { interval: 5, timeout: PATIENCE_MS },
    );
    return elapsed() - begunAt;
  };
  const resting = (): Promise<void> =>
    vi.waitFor(
      () => {
        expect(status()).toMatchObject({ ok: true, problems: [], posting: { ok: true } });
        expect(run.look().stream.value).toBe("open");
      },
      { timeout: PATIENCE_MS },
    );
  await resting();
  return { emulator, server, run, status, problems, passUntil };
}

test("a database that hangs is told within a minute, and that it answers again", async () => {
  const { emulator, status, problems, passUntil } = await setup();
  emulator.faults.databaseFrozen = true;
  const told = (): string | undefined =>
    problems().find(({ code }) => code === "cannot-post")?.message;
  const toldMs = await passUntil(() => expect(told()).toBeDefined());
  expect(toldMs).toBeLessThan(MINUTE_MS);
  expect(told()).toMatch(/did not answer within 8 s/);
  expect(status().ok).toBe(false);
  emulator.faults.databaseFrozen = false;
  await passUntil(() => expect(problems()).toEqual([]));
});

test("a server that takes five seconds for each answer is slow, and not dead", async () => {
  const { server, run, problems, passUntil } = await setup();
  server.slownessMs = 5 * SECOND_MS;
  const before = run.look();
  const seen = new Set<string>();
  await passUntil(() => {
    for (const { code } of problems()) seen.add(code);
    const { newestStored, posting } = run.look();
    expect(newestStored?.at).toBeGreaterThan((before.newestStored?.at ?? 0) + MINUTE_MS);
    expect(posting?.at).toBeGreaterThan((before.posting?.at ?? 0) + MINUTE_MS);
  });
  expect([...seen]).toEqual([]);
  expect(run.look().counted.reconnects).toBe(0);
});
