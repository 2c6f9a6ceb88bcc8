import { expect, onTestFinished, test, vi } from "vitest";
import { startEmulator } from "../../test/emulator/index.ts";
import { createVirtualTime } from "../../test/support/virtual-time.ts";
import { GotifyClient } from "../gotify/client.ts";
import { createWaker } from "./feed/waker.ts";
import { createGate } from "./gate.ts";
import { watchPosting } from "./posting-watch.ts";

/** Long enough for a busy machine; what holds, holds at once. */
const PATIENCE_MS = 8_000;

/** A watch over an emulator that has looked once and found everything good, in a time that passes when told to. */
async function setup() {
  const site = await start();
  site.watch.look();
  await site.resting(38_000);
  expect(site.said.splice(0)).toEqual(["ready", "looked: good"]);
  return site;
}

/** The same before its first look. */
async function start() {
  const emulator = await startEmulator();
  const bot = emulator.createApplication("OpenClaw");
  const time = createVirtualTime(0, () => 0.5);
  const ended = new AbortController();
  const gate = createGate(() => {}, ["cannot-post"]);
  /** What was told, in its order. */
  const said: string[] = [];
  const watch = watchPosting({
    client: new GotifyClient({
      serverUrl: emulator.url,
      appToken: bot.token,
      timeoutMs: 2 * PATIENCE_MS,
    }),
    gate,
    waker: createWaker(time.world.sleep),
    signal: ended.signal,
    elapsed: time.world.elapsed,
    random: time.world.random,
    onChange: (problem) => said.push(`changed: ${problem ?? "good"}`),
    onLook: (problem) => said.push(`looked: ${problem ?? "good"}`),
    onUnanswered: (text) => said.push(`unanswered: ${text}`),
    onReady: () => said.push("ready"),
  });
  onTestFinished(async () => {
    ended.abort();
    emulator.faults.clear();
    await watch.done;
    await emulator.stop();
  });
  const resting = (ms: number): Promise<void> =>
    vi.waitFor(() => expect(time.waits()).toEqual([ms]), PATIENCE_MS);
  return { emulator, bot, time, gate, said, watch, resting };
}

const looks = ({ emulator }: Awaited<ReturnType<typeof setup>>): number =>
  emulator.store.requests().filter(({ url }) => url === "/health").length;

test("a token that was revoked is found within a minute, although nobody posts", async () => {
  const site = await setup();
  expect(site.gate.isOpen()).toBe(true);
  site.emulator.deleteApplication(site.bot.id);
  site.time.pass(38_000);
  await site.resting(15_000);
  expect(site.said.map((text) => text.split(":")[0])).toEqual(["looked", "changed"]);
  expect(site.said.join()).toMatch(/No answer can be posted/);
  expect(site.gate.holds()).toEqual(["cannot-post"]);
});

test("a database that is down behind a living server is believed at once", async () => {
  const site = await setup();
  site.emulator.faults.databaseDown = true;
  site.time.pass(38_000);
  await site.resting(15_000);
  expect(site.said.join()).toMatch(/changed: .*database is red/);
  site.emulator.faults.databaseDown = false;
  site.said.length = 0;
  site.time.pass(15_000);
  await site.resting(38_000);
  expect(site.said).toEqual(["ready", "looked: good", "changed: good"]);
  expect(site.gate.isOpen()).toBe(true);
});

test("a look that nobody answered holds at once, is followed by another one soon, and shouts only then", async () => {
  const site = await setup();
  site.emulator.faults.badGateway = true;
  site.time.pass(38_000);
  await site.resting(5_000);
  expect(site.said.map((text) => text.split(":")[0])).toEqual(["unanswered"]);
  expect(site.gate.holds()).toEqual(["cannot-post"]);
  site.time.pass(5_000);
  await site.resting(15_000);
  expect(site.said.map((text) => text.split(":")[0])).toEqual(["unanswered", "looked", "changed"]);
});

test("a single request that is lost costs some seconds and not a word", async () => {
  const site = await setup();
  await site.emulator.goDown();
  site.time.pass(38_000);
  await site.resting(5_000);
  await site.emulator.comeBack();
  site.time.pass(5_000);
  await site.resting(38_000);
  expect(site.said.map((text) => text.split(":")[0])).toEqual(["unanswered", "ready", "looked"]);
  expect(site.gate.isOpen()).toBe(true);
});

test("looks that find nothing new tell only that they were made, and never that posts are possible again", async () => {
  const site = await setup();
  for (let count = 0; count < 3; count += 1) {
    site.time.pass(38_000);
    await vi.waitFor(() => expect(site.said).toHaveLength(count + 1), PATIENCE_MS);
    await site.resting(38_000);
  }
  expect(new Set(site.said)).toEqual(new Set(["looked: good"]));
});

test("a post that goes through takes the place of a look", async () => {
  const site = await setup();
  const before = looks(site);
  site.time.pass(30_000);
  site.watch.take({ kind: "posted" });
  site.time.pass(8_000);
  await site.resting(30_000);
  expect(looks(site)).toBe(before);
  expect(site.said).toEqual(["looked: good"]);
  site.time.pass(30_000);
  await site.resting(38_000);
  expect(looks(site)).toBe(before + 1);
});

test("a refused post holds at once, and is looked into at once", async () => {
  const site = await setup();
  site.watch.take({ kind: "refused", reason: "No." });
  expect(site.gate.holds()).toEqual(["cannot-post"]);
  await site.resting(38_000);
  expect(site.said).toEqual([
    "looked: No.",
    "changed: No.",
    "ready",
    "looked: good",
    "changed: good",
  ]);
});

test("a post that is refused while a look finds everything good is believed, and looked into again", async () => {
  const site = await setup();
  const before = looks(site);
  site.emulator.faults.slowAnswersMs = 20;
  site.watch.look();
  await vi.waitFor(() => expect(looks(site)).toBe(before + 1), PATIENCE_MS);
  site.watch.take({ kind: "refused", reason: "No." });
  await site.resting(38_000);
  expect(looks(site)).toBe(before + 2);
  expect(site.said).toEqual([
    "looked: No.",
    "changed: No.",
    "ready",
    "ready",
    "looked: good",
    "changed: good",
  ]);
});

test("a post that goes through while a look fails is believed, and looked into again soon", async () => {
  const site = await setup();
  const before = looks(site);
  site.emulator.faults.databaseFrozen = true;
  site.time.pass(38_000);
  await vi.waitFor(() => expect(looks(site)).toBe(before + 1), PATIENCE_MS);
  site.watch.take({ kind: "posted" });
  await site.emulator.goDown();
  await site.resting(5_000);
  expect(site.gate.isOpen()).toBe(true);
  expect(site.said).toEqual(["looked: good"]);
});

test("nothing is looked at while the stream is away, until there is a reason", async () => {
  const site = await setup();
  const before = looks(site);
  site.gate.hold("disconnected");
  await site.emulator.goDown();
  for (let minutes = 0; minutes < 3; minutes += 1) {
    site.time.pass(60_000);
    await site.resting(38_000);
  }
  expect(site.said).toEqual([]);
  await site.emulator.comeBack();
  site.watch.look();
  await vi.waitFor(() => expect(site.said).toEqual(["ready", "looked: good"]), PATIENCE_MS);
  expect(looks(site)).toBe(before + 1);
});

test("messages wait until a first look has found everything good, however long nobody answers", async () => {
  const site = await start();
  await site.emulator.goDown();
  expect(site.gate.isOpen()).toBe(false);
  site.watch.look();
  await site.resting(5_000);
  expect(site.gate.isOpen()).toBe(false);
  await site.emulator.comeBack();
  site.time.pass(5_000);
  await site.resting(38_000);
  expect(site.gate.isOpen()).toBe(true);
});
