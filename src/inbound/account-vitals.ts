// Owns what a running account notes of itself for whoever asks how it is: its stream, its posts, its queue, and its counts.
import type { GotifyClient } from "../gotify/client.ts";
import { JournalError } from "../journal/journal-errors.ts";
import type { Journal } from "../journal/journal.ts";
import { createTallyKeeper } from "../vitals/tally.ts";
import type { Counter, RunningTurn, StreamState, VitalsWriter } from "../vitals/vitals.ts";
import type { Accepted } from "./feed/intake.ts";
import type { FeedState } from "./feed/feed.ts";
import type { TurnMark } from "./turn/turn-mark.ts";

export interface AccountVitals {
  /** The account does not receive, and is not meant to. */
  readonly onlySends: () => void;
  readonly feed: (state: FeedState) => void;
  readonly taken: (accepted: Accepted) => void;
  /** A look at whether answers could be posted, or a post that told: what is wrong, or `undefined`. */
  readonly posting: (problem: string | undefined) => void;
  readonly posted: () => void;
  /** The account cannot even begin to receive, for this reason. */
  readonly blocked: (reason: string) => void;
  /** This process is the consumer of the journal now: what kept it from that is over. */
  readonly consuming: () => void;
  /** Whether the lease could be beaten, which is what tells a full disk while nobody posts. */
  readonly beat: (error?: Error) => void;
  readonly askedForWork: () => void;
  /** The agent has taken a turn of this conversation up. */
  readonly turn: (lane: string) => TurnMark;
  readonly notice: (text: string) => void;
  /** Something went wrong that the account goes on after. */
  readonly failure: (text: string) => void;
  readonly count: (counter: Counter, times?: number) => void;
  /** Writes the counts into the journal, where it can be opened and anything was counted. Never throws. */
  readonly writeTally: (open: () => Journal | undefined) => void;
  /** Asks for the server's version. Never rejects: nothing depends on it. */
  readonly readVersion: (
    client: Pick<GotifyClient, "version">,
    signal: AbortSignal,
  ) => Promise<void>;
}

/** @param now in ms since 1970. */
export function createAccountVitals(vitals: VitalsWriter, now: () => number): AccountVitals {
  const tally = createTallyKeeper(vitals, now);
  let state: StreamState = "connecting";
  let isOpen = false;
  /** Who found that nothing can be written down, and may take it back: a beat of the lease, a connection, or the next start. */
  let blockedBy: "beat" | "feed" | "start" | undefined;
  let hasBeatFailed = false;
  let wasFeedBusy = false;
  const turns = new Map<symbol, RunningTurn>();

  const noted = <T>(value: T): { value: T; at: number } => ({ value, at: now() });
  const enter = (next: StreamState, problem: string | undefined, forMs = 0): void => {
    vitals.set({ streamProblem: problem });
    if (next !== state) vitals.set({ stream: { value: next, at: now() - forMs } });
    state = next;
  };
  const failure = (text: string): void => vitals.set({ lastError: noted(text) });
  const block = (by: NonNullable<typeof blockedBy>, reason: string): void => {
    blockedBy = by;
    const { blocked } = vitals.look();
    // Since when counts, and not how often it was found to be so.
    if (blocked?.value !== reason) vitals.set({ blocked: noted(reason) });
  };
  const unblock = (): void => {
    blockedBy = undefined;
    wasFeedBusy = false;
    vitals.set({ blocked: undefined });
  };
  /** What the end of a connection, or of the try to make one, says of the journal. */
  const judgeJournal = (error: Error): void => {
    if (error instanceof JournalError) {
      // Others may write into the file for a moment, a backup say; not for long.
      const isPassingBy = error.problem === "busy" && !wasFeedBusy;
      wasFeedBusy = error.problem === "busy";
      // Nothing can be written down, so nothing is fetched: the server is not what is wrong.
      if (!isPassingBy) block(blockedBy ?? "feed", error.message);
      return;
    }
    wasFeedBusy = false;
    // Nobody asks the server before the journal could be written to: it is the server now, and has to be told as that.
    if (blockedBy === "feed") unblock();
  };
  const disconnected = (next: StreamState, problem: string): void => {
    // A try that never got through is no connection that ended.
    if (isOpen) vitals.count("reconnects");
    isOpen = false;
    vitals.set({ connectedAt: undefined, roundTripMs: undefined });
    enter(next, problem);
    failure(problem);
  };

  return {
    onlySends: () => enter("off", undefined),

    feed(told) {
      switch (told.kind) {
        case "connecting":
          enter("connecting", vitals.look().streamProblem);
          break;
        case "catching-up":
          isOpen = true;
          vitals.set({ connectedAt: now(), roundTripMs: told.roundTripMs });
          enter("catching-up", vitals.look().streamProblem);
          break;
        case "read":
          // A reading that found nothing new has written nothing: the disk may be as full as before.
          if (blockedBy !== "beat" || told.report.admitted > 0) unblock();
          vitals.set({ newestStored: noted(told.report.newest) });
          enter("open", undefined);
          break;
        case "unreadable":
          // Without an answer it was unreadable from the question on: whoever is told waits no second time.
          enter("unreadable", told.error.message, told.waitedMs);
          failure(told.error.message);
          break;
        case "waiting":
          disconnected("waiting", told.error.message);
          judgeJournal(told.error);
          break;
        case "blocked":
        case "gave-up":
          disconnected(told.kind, told.error.message);
          judgeJournal(told.error);
          break;
      }
    },

    taken({ admitted, repeated }) {
      if (repeated > 0) vitals.count("duplicates", repeated);
      if (admitted.length === 0) return;
      vitals.count("in", admitted.length);
      vitals.set({ lastInAt: now() });
    },

    posting(problem) {
      vitals.set({ posting: noted(problem) });
      if (problem !== undefined) failure(problem);
    },

    posted() {
      vitals.count("out");
      vitals.set({ lastOutAt: now() });
    },

    blocked(reason) {
      block("start", reason);
      disconnected("blocked", reason);
    },

    consuming: unblock,

    beat(error) {
      if (error === undefined) {
        if (blockedBy === "beat") unblock();
        hasBeatFailed = false;
        return;
      }
      failure(error.message);
      // Others may write into the file for a moment, a backup say; not for long.
      const isPassingBy = error instanceof JournalError && error.problem === "busy";
      if (!isPassingBy || hasBeatFailed) {
        block("beat", error.message);
      }
      hasBeatFailed = true;
    },

    askedForWork: () => vitals.set({ queueAskedAt: now() }),

    turn(lane) {
      const key = Symbol(lane);
      const begun: RunningTurn = { at: now(), lane, tickedOff: 0 };
      const tell = (): void => vitals.set({ turns: [...turns.values()] });
      turns.set(key, begun);
      tell();
      return {
        tickedOff(messages) {
          if (turns.has(key)) turns.set(key, { ...begun, tickedOff: messages });
          tell();
        },
        ended() {
          turns.delete(key);
          tell();
        },
      };
    },

    notice: (text) => vitals.set({ notice: noted(text) }),
    failure,
    count: vitals.count,
    writeTally: tally.write,

    async readVersion(client, signal) {
      try {
        vitals.set({ version: (await client.version({ signal })).version });
      } catch {
        // What is known from before stays; whether the server is well is told elsewhere.
      }
    },
  };
}
