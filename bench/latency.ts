// Owns the latency: what the journal adds to the way from a frame to its turn, where nothing else is going on.
import { Agent } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { waitFor } from "../test/support/wait.ts";
import type { BridgeCalls } from "./bridge-process.ts";
import type { Town } from "./emulator-process.ts";
import type { MemoryCalls } from "./memory-process.ts";
import { interleave, quantile } from "./numbers.ts";
import type { Line, Scale } from "./report.ts";
import { post } from "./senders.ts";
import { inTown, placeIn } from "./town.ts";
import { startWorker } from "./worker.ts";

const MESSAGES = 300;
const WARM_UP_MESSAGES = 60;
/** Out of step with every timer of the bridge. */
const SPACING_MS = { least: 20, span: 30 };

export async function benchLatency({ rounds, part }: Scale): Promise<Line[]> {
  const count = Math.round(MESSAGES * part);
  const town = { applications: 1 };
  const { bare, ours } = await interleave(
    rounds,
    () =>
      inTown(town, async (gotify) => {
        await using memory = startWorker<MemoryCalls>("./memory-process.ts");
        await memory.call("start", placeIn(gotify));
        const dispatched = async () => (await memory.call("end")).latencies;
        return await measure(gotify, count, dispatched, () => memory.call("begin"));
      }),
    () =>
      inTown(town, async (gotify) => {
        await using bridge = startWorker<BridgeCalls>("./bridge-process.ts");
        await bridge.call("start", { ...placeIn(gotify), turnMs: 0 });
        const dispatched = async () => (await bridge.call("end")).latencies;
        return await measure(gotify, count, dispatched, () => bridge.call("begin"));
      }),
  );
  const line = (percent: number, target: number): Line => ({
    name: `frame to turn, p${percent}`,
    unit: "ms",
    ours: ours.map((took) => quantile(took, percent / 100)),
    bare: bare.map((took) => quantile(took, percent / 100)),
    compare: "difference",
    target,
  });
  return [line(50, 3), line(95, 10)];
}

async function measure(
  town: Town,
  count: number,
  dispatched: () => Promise<readonly number[]>,
  begin: () => Promise<void>,
): Promise<readonly number[]> {
  const run = async (name: string, messages: number): Promise<readonly number[]> => {
    await postSpaced(town, name, messages);
    return waitFor("all turns", async () => {
      const took = await dispatched();
      return took.length === messages && took;
    });
  };
  await run("warm-up", WARM_UP_MESSAGES);
  await begin();
  return run("guest", count);
}

/** Each message by somebody new, so that every conversation is a quiet one. */
async function postSpaced(town: Town, name: string, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const token = town.applications[0]?.token ?? "";
  for (let index = 0; index < count; index += 1) {
    await post(agent, town.url, { token, message: "Hello!", peerId: `${name}-${index}` });
    await pause(SPACING_MS.least + SPACING_MS.span * Math.random());
  }
  agent.destroy();
}
