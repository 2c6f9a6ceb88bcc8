// Owns the idle accounts: what a bridge holds in memory beyond its socket while nothing happens.
import type { BareCalls } from "./bare-process.ts";
import type { BridgeCalls } from "./bridge-process.ts";
import { interleave } from "./numbers.ts";
import type { Line, Scale } from "./report.ts";
import { inTown, placeIn } from "./town.ts";
import { startWorker } from "./worker.ts";

const ACCOUNTS = 100;
const KILOBYTE = 1_000;

export async function benchIdleAccounts({ rounds, part }: Scale): Promise<Line[]> {
  const count = Math.round(ACCOUNTS * part);
  // One more: the first is not counted.
  const town = { applications: 1, clients: count + 1 };
  const { bare, ours } = await interleave(
    rounds,
    () =>
      inTown(town, async ({ url, clientTokens }) => {
        await using reader = startWorker<BareCalls>("./bare-process.ts");
        return (await reader.call("heapEach", { url, tokens: clientTokens })) / KILOBYTE;
      }),
    () =>
      inTown(town, async (gotify) => {
        await using bridges = startWorker<BridgeCalls>("./bridge-process.ts");
        const { url, appToken } = placeIn(gotify);
        const tokens = [...gotify.clientTokens];
        return await bridges.call("heapEach", { url, appToken, tokens });
      }),
  );
  return [
    {
      name: `${count} idle accounts: heap each`,
      unit: "kB",
      ours: ours.map(({ heap }) => heap / KILOBYTE),
      bare,
      compare: "difference",
      target: 100,
    },
    {
      name: "  RSS each, with SQLite's own memory",
      unit: "kB",
      ours: ours.map(({ rss }) => rss / KILOBYTE),
      compare: "alone",
    },
  ];
}
