// Owns one exploration: a seed decides what goes wrong and when the process dies, and the journal must show every message handed over once.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { startBridge, fastClient, type Bridge } from "../support/bridge.ts";
import { openMortalJournal, type MortalJournal } from "./mortal-journal.ts";
import { seeded, type Random } from "./random.ts";
import { createSmallHost } from "./small-host.ts";
import { startTown, type Town } from "./town.ts";
import { createVirtualTime } from "../support/virtual-time.ts";

const STARTED_AT = Date.UTC(2026, 10, 23);
/** Real time: what a healthy loopback answers in, many times over. */
const LIMITS = { timeoutMs: 250, openTimeoutMs: 250, pingIntervalMs: 60, pongTimeoutMs: 60 };
/** Real time for everything to arrive once nothing is wrong any more. */
const CALM_TIMEOUT_MS = 15_000;

export interface Exploration {
  /** What is wrong; empty when every message was handed over exactly once. */
  readonly failures: readonly string[];
  readonly story: readonly string[];
  readonly messages: number;
  readonly deaths: number;
}

export async function explore(seed: number): Promise<Exploration> {
  const random = seeded(seed);
  const time = createVirtualTime(STARTED_AT, random.next);
  const root = mkdtempSync(join(tmpdir(), "openclaw-gotify-faults-"));
  const town = await startTown(random, time);
  const client = fastClient(
    { serverUrl: town.emulator.url, clientToken: town.clientToken, appToken: town.appToken },
    LIMITS,
  );
  const host = createSmallHost(random);
  const windowMs = random.pick([0, 0, 5]);
  const story: string[] = [];
  let generation = 0;
  let deaths = 0;
  let process = boot(join(root, "0"));

  function boot(folder: string): { mortal: MortalJournal; bridge: Bridge; folder: string } {
    generation += 1;
    const mortal = openMortalJournal(folder, join(root, String(generation)));
    const bridge = startBridge({
      journal: mortal.journal,
      client,
      windowMs,
      world: time.world,
      agent: (_messages, _lifecycle, turn) => host.take(turn, mortal),
    });
    return { mortal, bridge, folder };
  }
  async function reboot(): Promise<void> {
    const { mortal, bridge, folder } = process;
    await bridge.stop();
    mortal.close();
    if (mortal.isDead()) deaths += 1;
    if (random.chance(0.5)) town.pass(random.between(1, 60_000));
    process = boot(mortal.isDead() ? join(root, String(generation)) : folder);
  }

  try {
    if (random.chance(0.5)) await happenings(town, random, story, 3);
    await town.calmDown();
    await until(town, () => process.bridge.states.includes("read"));
    town.beginToCount();

    for (let left = random.between(15, 60); left > 0; left -= 1) {
      if (process.mortal.isDead()) {
        story.push("the process is dead");
        await reboot();
      }
      if (random.chance(0.12)) process.mortal.dieAfter(random.between(1, 15));
      if (random.chance(0.02)) {
        story.push("restart");
        await reboot();
      }
      await happenings(town, random, story, 1);
    }
    await town.calmDown();
    if (process.mortal.isDead()) await reboot();
    process.mortal.dieAfter(Number.POSITIVE_INFINITY);
    const everythingArrived = await until(town, () => missing().length === 0);
    // Whatever would come twice comes with the next looks at the lists.
    const readings = (): number => process.bridge.states.filter((kind) => kind === "read").length;
    const before = readings();
    await until(town, () => readings() >= before + 2);

    const failures = everythingArrived ? [] : missing().map((text) => `lost: ${text}`);
    const { must, may } = town.truth();
    const times = host.times();
    for (const [text, count] of times) {
      if (count > 1) failures.push(`${count} times: ${text}`);
      if (!must.has(text) && !may.has(text)) failures.push(`never posted: ${text}`);
    }
    if (failures.length > 0) {
      story.push(...process.bridge.log.slice(-20), ...inboxOf(process.mortal));
    }
    return { failures, story, messages: must.size, deaths };
  } finally {
    await process.bridge.stop();
    process.mortal.close();
    await town.stop();
    rmSync(root, { recursive: true, force: true });
  }

  function missing(): string[] {
    const times = host.times();
    return [...town.truth().must].filter((text) => !times.has(text));
  }
}

/** What became of the rows that were not handed over: for the story of a failure. */
function inboxOf({ journal }: MortalJournal): string[] {
  return journal.db
    .prepare(
      "select id, state, lane, attempts, claim_owner, last_error from inbox where state != 'completed'",
    )
    .all()
    .map((row) => JSON.stringify(row));
}

async function happenings(
  town: Town,
  random: Random,
  story: string[],
  count: number,
): Promise<void> {
  for (let left = count; left > 0; left -= 1) {
    story.push(await town.happen());
    for (let turns = random.between(0, 6); turns > 0; turns -= 1) await setImmediate();
    if (random.chance(0.3)) await setTimeout(random.between(0, 8));
  }
}

/** Lets virtual time pass until the condition holds. False when it does not. */
async function until(town: Town, condition: () => boolean): Promise<boolean> {
  const deadline = performance.now() + CALM_TIMEOUT_MS;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    town.pass(5_000);
    await setTimeout(1);
  }
  return true;
}
