// Owns a host in small, as far as the way in can tell: it runs a turn at once or from a queue of its own, and has transcripts that outlive it.
import { setTimeout } from "node:timers/promises";
import type { TurnLifecycle } from "../../src/inbound/turn/handover.ts";
import type { MergerOptions, TurnMessage } from "../../src/inbound/turn/merge.ts";
import { writtenOf } from "../../src/inbound/turn/receipts.ts";
import type { MortalJournal } from "./mortal-journal.ts";
import type { Random } from "./random.ts";

export interface SmallHost {
  /** Takes a turn, in the process whose journal is given; with that, the host itself dies. */
  readonly take: (
    turn: Parameters<MergerOptions["runTurn"]>[0],
    process: MortalJournal,
  ) => Promise<void>;
  /** How often each text is in a transcript. */
  readonly times: () => ReadonlyMap<string, number>;
}

export function createSmallHost(random: Random): SmallHost {
  const times = new Map<string, number>();
  const turns = new Set<string>();

  function write(messages: readonly TurnMessage[], process: MortalJournal): boolean {
    if (process.isDead()) return false;
    turns.add(messages.at(-1)?.id ?? "");
    for (const { message } of messages) {
      times.set(message.message, (times.get(message.message) ?? 0) + 1);
    }
    process.countWrite();
    return !process.isDead();
  }
  const aMoment = (): Promise<void> => setTimeout(random.between(0, 4));

  /** As the host does it: adopted first, written down a moment later. */
  async function runQueued(
    messages: readonly TurnMessage[],
    lifecycle: TurnLifecycle,
    process: MortalJournal,
  ): Promise<void> {
    await aMoment();
    if (lifecycle.abortSignal.aborted) {
      await lifecycle.onAbandoned();
      lifecycle.onSettled();
      return;
    }
    await lifecycle.onAdopted();
    await aMoment();
    if (!lifecycle.abortSignal.aborted && write(messages, process)) lifecycle.onWritten();
    if (process.isDead()) return;
    await aMoment();
    lifecycle.onSettled();
  }

  return {
    times: () => times,
    async take({ messages, lifecycle, noteHandedIn }, process) {
      if (random.chance(0.3)) await aMoment();
      if (lifecycle.abortSignal.aborted) return;
      const written = writtenOf(messages, (id) => turns.has(id));
      const unwritten = messages.filter((message) => !written.includes(message));
      if (unwritten.length === 0) return;
      noteHandedIn(unwritten);
      if (random.chance(0.3)) {
        lifecycle.onDeferred();
        // A dead process's host says nothing more.
        void runQueued(unwritten, lifecycle, process).catch(() => {});
        return;
      }
      if (write(unwritten, process)) lifecycle.onWritten();
      await lifecycle.onAdopted();
    },
  };
}
