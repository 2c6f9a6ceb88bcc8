// Owns the burst: what 50 senders notice of the bridge, whether everything gets in, and what it costs in memory.
import { waitFor } from "../test/support/wait.ts";
import type { BareCalls } from "./bare-process.ts";
import type { BridgeCalls } from "./bridge-process.ts";
import { interleave, quantile } from "./numbers.ts";
import type { Line, Scale } from "./report.ts";
import { postAll } from "./senders.ts";
import { inTown, placeIn } from "./town.ts";
import { startWorker } from "./worker.ts";

const MESSAGES = 10_000;
const SENDERS = 50;
/** Until everything is compiled that will be needed. */
const WARM_UP_MESSAGES = 1_000;
/**
 * The agent adopts a turn after a second: long enough that the next messages of its conversation pile up,
 * as they do behind a real one, and short enough that claiming and completing fall into the burst.
 */
const TURN_MS = 1_000;
const MEGABYTE = 1_000_000;
/** Longer than this nobody waits for the turns; how many messages are still without one is reported. */
const PATIENCE = { timeoutMs: 30_000, intervalMs: 20 };

interface Rows {
  readonly admitted: number;
  readonly open: number;
}

/** @param applications 50: each sender has its own conversation. 1: all of them pour into one. */
export async function benchBurst({ rounds, part }: Scale, applications: number): Promise<Line[]> {
  const count = Math.round(MESSAGES * part);
  const town = { applications };
  const { bare, ours } = await interleave(
    rounds,
    () =>
      inTown(town, async (gotify) => {
        await using reader = startWorker<BareCalls>("./bare-process.ts");
        await reader.call("read", { url: gotify.url, token: gotify.clientTokens[0] ?? "" });
        await postAll(gotify, WARM_UP_MESSAGES, SENDERS);
        await reader.call("begin");
        const took = await postAll(gotify, count, SENDERS);
        const all = WARM_UP_MESSAGES + count;
        await waitFor("all frames", async () => (await reader.call("received")) === all);
        return { took, ...(await reader.call("end")) };
      }),
    () =>
      inTown(town, async (gotify) => {
        await using bridge = startWorker<BridgeCalls>("./bridge-process.ts");
        await bridge.call("start", { ...placeIn(gotify), turnMs: TURN_MS });
        await postAll(gotify, WARM_UP_MESSAGES, SENDERS);
        const rows = () => bridge.call("rows");
        // What does not come in time is reported, not waited for.
        const until = (what: string, isDone: (found: Rows) => boolean): Promise<unknown> =>
          waitFor(what, async () => isDone(await rows()), PATIENCE).catch(() => {});
        await until("the turns", ({ open }) => open === 0);
        await bridge.call("begin");
        const took = await postAll(gotify, count, SENDERS);
        const postedAt = performance.now();
        const all = WARM_UP_MESSAGES + count;
        await until("all rows", ({ admitted }) => admitted === all);
        const admittedMs = performance.now() - postedAt;
        await until("the turns", ({ open }) => open === 0);
        const settledMs = performance.now() - postedAt;
        const { admitted, open } = await rows();
        const missing = all - admitted;
        return { took, admittedMs, settledMs, missing, open, ...(await bridge.call("end")) };
      }),
  );
  const times = (percent: number) => ({
    ours: ours.map(({ took }) => quantile(took, percent / 100)),
    bare: bare.map(({ took }) => quantile(took, percent / 100)),
  });
  const name = `burst, ${applications} conversation${applications === 1 ? "" : "s"}`;
  return [
    { name: `${name}: POST p50`, unit: "ms", ...times(50), compare: "ratio", target: 1.1 },
    { name: `${name}: POST p99`, unit: "ms", ...times(99), compare: "ratio", target: 1.5 },
    {
      name: "  not admitted",
      unit: "",
      ours: ours.map(({ missing }) => missing),
      compare: "alone",
      target: 0,
    },
    {
      name: "  all admitted after the last post",
      unit: "ms",
      ours: ours.map((run) => run.admittedMs),
      compare: "alone",
    },
    {
      name: "  RSS growth, bridge and monitor",
      unit: "MB",
      ours: inMegabytes(ours),
      bare: inMegabytes(bare),
      compare: "difference",
      target: 60,
    },
    { name: "  turns", unit: "", ours: ours.map((run) => run.turns), compare: "alone" },
    {
      name: "  all turns adopted after",
      unit: "ms",
      ours: ours.map((run) => run.settledMs),
      compare: "alone",
    },
    {
      name: `  left without one after ${PATIENCE.timeoutMs / 1_000} s`,
      unit: "",
      ours: ours.map(({ open }) => open),
      compare: "alone",
      target: 0,
    },
  ];
}

function inMegabytes(runs: readonly { readonly rssGrowth: number }[]): number[] {
  return runs.map(({ rssGrowth }) => rssGrowth / MEGABYTE);
}
