// Owns the process of our side: one bridge or many, each over a journal in a folder of its own, and what they are measured by.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openJournal, type Journal } from "../src/journal/journal.ts";
import type { MergerOptions } from "../src/inbound/turn/merge.ts";
import { startBenchBridge, type BenchBridge } from "./bridge.ts";
import { createLatencies } from "./latencies.ts";
import { watchRss } from "./rss.ts";
import { heapInUse, serve, workerFolder } from "./worker.ts";

const SETTLE_MS = 500;

interface Place {
  readonly url: string;
  readonly clientToken: string;
  readonly appToken: string;
}

const rss = watchRss();
const latencies = createLatencies();
const journals = new Map<string, Journal>();
let bridge: BenchBridge | undefined;
let turns = 0;
let turnMs = 0;
/** When the last reading began, and how long it took. */
let readFrom = 0;
let readMs = 0;

const agent: MergerOptions["runTurn"] = async ({ messages, lifecycle }) => {
  latencies.dispatched(messages.map(({ message }) => message));
  turns += 1;
  await pause(turnMs, undefined, { signal: lifecycle.abortSignal });
  await lifecycle.onAdopted();
};

const calls = {
  /** Starts the bridge and waits until it has read what it missed. `turnMs`: how long the agent takes to adopt a turn. */
  async start(place: Place & { turnMs: number }): Promise<void> {
    ({ turnMs } = place);
    bridge = startBenchBridge({
      ...place,
      journal: journalOf("one"),
      agent,
      onFrame: latencies.received,
      onState({ kind }) {
        if (kind === "catching-up") readFrom = performance.now();
        if (kind === "read") readMs = performance.now() - readFrom;
      },
    });
    await bridge.ready;
  },
  stop: () => bridge?.stop(),
  /** Forgets the warm-up. */
  begin(): void {
    turns = 0;
    latencies.forget();
    rss.begin();
  },
  end: () => ({
    rssGrowth: rss.growth(),
    turns,
    readMs,
    latencies: latencies.list(),
  }),
  /** Rows in the journal: all that were ever admitted, and those that no turn has answered for. */
  rows(): { admitted: number; open: number } {
    const sql =
      "select count(*) as admitted, count(*) filter (where state <> 'completed') as open from inbox";
    const row = journalOf("one").db.prepare(sql).get();
    return { admitted: Number(row?.["admitted"]), open: Number(row?.["open"]) };
  },

  /** Bytes of heap for each idle bridge. */
  async heapEach({ url, appToken, tokens }: Omit<Place, "clientToken"> & { tokens: string[] }) {
    const open = async (clientToken: string): Promise<void> => {
      const journal = journalOf(clientToken);
      await startBenchBridge({ url, appToken, clientToken, journal, agent }).ready;
    };
    const [first = "", ...others] = tokens;
    // What the first one loads and compiles is nobody's own.
    await open(first);
    await pause(SETTLE_MS);
    rss.begin();
    const before = heapInUse();
    for (const token of others) await open(token);
    await pause(SETTLE_MS);
    const heap = (heapInUse() - before) / others.length;
    return { heap, rss: rss.growth() / others.length };
  },
} satisfies Record<string, (argument: never) => unknown>;

export type BridgeCalls = typeof calls;

function journalOf(name: string): Journal {
  const known = journals.get(name);
  if (known !== undefined) return known;
  const own = join(workerFolder(), name);
  mkdirSync(own, { mode: 0o700 });
  const { journal } = openJournal(own);
  journals.set(name, journal);
  return journal;
}

serve(calls);
