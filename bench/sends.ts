// Owns the sends: how long the adapter takes for a row of replies, against a loop of `fetch` on the same server.
import { interleave } from "./numbers.ts";
import type { Line, Scale } from "./report.ts";
import type { SendCalls } from "./send-process.ts";
import { inTown, placeIn } from "./town.ts";
import { startWorker } from "./worker.ts";

const REPLIES = 1_000;
const WARM_UP_REPLIES = 200;
/** At least 0.8 times the rate of the loop. */
const MOST = 1 / 0.8;

export async function benchSends({ rounds, part }: Scale): Promise<Line[]> {
  const count = Math.round(REPLIES * part);
  const measure = (kind: "replies" | "fetches") => (): Promise<number> =>
    inTown({ applications: 1 }, async (town) => {
      await using sender = startWorker<SendCalls>("./send-process.ts");
      await sender.call(kind, { ...placeIn(town), count: WARM_UP_REPLIES });
      return await sender.call(kind, { ...placeIn(town), count });
    });
  const { bare, ours } = await interleave(rounds, measure("fetches"), measure("replies"));
  const each = (took: readonly number[]): number[] => took.map((ms) => ms / count);
  return [
    {
      name: "one reply, sent and answered",
      unit: "ms",
      ours: each(ours),
      bare: each(bare),
      compare: "ratio",
      target: MOST,
    },
  ];
}
