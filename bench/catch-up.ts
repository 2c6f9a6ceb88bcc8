// Owns the catch-up: how long the bridge takes over what it missed, against fetching the same pages and throwing them away.
import type { BareCalls } from "./bare-process.ts";
import type { BridgeCalls } from "./bridge-process.ts";
import { interleave } from "./numbers.ts";
import type { Line, Scale } from "./report.ts";
import { inTown, placeIn } from "./town.ts";
import { startWorker } from "./worker.ts";

const MESSAGES = 10_000;
const APPLICATIONS = 10;
/** Both are new processes, which have to compile what they run; a bridge that restarts is one, too. */
const TURN_MS = 60_000;

export async function benchCatchUp({ rounds, part }: Scale): Promise<Line[]> {
  const count = Math.round(MESSAGES * part);
  const town = { applications: APPLICATIONS };
  const { bare, ours } = await interleave(
    rounds,
    () =>
      inTown(town, async (gotify, emulator) => {
        await using loop = startWorker<BareCalls>("./bare-process.ts");
        await emulator.call("store", { count, applicationIds: gotify.applications.map(idOf) });
        const token = gotify.clientTokens[0] ?? "";
        const { ms, messages } = await loop.call("fetchPages", { url: gotify.url, token });
        if (messages !== count) throw new Error(`Fetched ${messages} of ${count} messages.`);
        return ms;
      }),
    () =>
      inTown(town, async (gotify, emulator) => {
        await using bridge = startWorker<BridgeCalls>("./bridge-process.ts");
        const place = { ...placeIn(gotify), turnMs: TURN_MS };
        // The first start takes the baseline: nothing is stored yet.
        await bridge.call("start", place);
        await bridge.call("stop");
        await emulator.call("store", { count, applicationIds: gotify.applications.map(idOf) });
        await bridge.call("start", place);
        const { admitted } = await bridge.call("rows");
        if (admitted !== count) throw new Error(`Admitted ${admitted} of ${count} messages.`);
        return (await bridge.call("end")).readMs;
      }),
  );
  return [{ name: `catch-up of ${count}`, unit: "ms", ours, bare, compare: "ratio", target: 1.5 }];
}

function idOf({ id }: { readonly id: number }): number {
  return id;
}
