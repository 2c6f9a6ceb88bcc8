// Owns admission: decides what each message is, and writes its row and the feed's progress in one transaction.
import type { GotifyMessage } from "../../gotify/message.ts";
import { asInteger } from "../../gotify/parse.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Progress, ProgressBatch, Verdict } from "./progress.ts";
import { eventId, writePayload } from "../../journal/wire.ts";
import type { TakenElsewhere } from "./elsewhere.ts";

/** How much later than its listing a message may be pushed, and how far the clocks may be apart. */
const MAX_PUSH_DELAY_MS = 10 * 60_000;
/** How often the number of remembered ids is looked at. */
const BOUND_EVERY = 10_000;

export interface IntakeOptions {
  readonly journal: Journal;
  readonly progress: Progress;
  /** Stands for the server in the ids of rows; see `wire.ts`. */
  readonly feedKey: string;
  /** What becomes of a message that was not seen before. */
  readonly judge: (message: GotifyMessage) => Verdict;
  readonly laneOf: (message: GotifyMessage) => string;
  /** Asked of what a page brings: what was posted before this account began may have been another's. */
  readonly takenElsewhere?: TakenElsewhere;
  /** Called inside each transaction; throws when this process may not consume any more. */
  readonly assertConsumer: () => void;
  /** Called once a batch is written. */
  readonly onTaken?: (accepted: Accepted) => void;
  readonly now: () => number;
}

/** What a batch was. */
export interface Accepted {
  /** Messages that are on their way to the agent now, and were not before. */
  readonly admitted: readonly GotifyMessage[];
  /** Not seen before, whatever became of them. */
  readonly fresh: number;
  /**
   * Left out because they had come before: frames of what is known, and whatever has its row already. Not what
   * a page shows again: each reading goes down to the mark, so that happens to every message.
   */
  readonly repeated: number;
  /** The server began to number its messages anew. For pages: nothing of the batch was taken in. */
  readonly restarted: boolean;
}

export interface Intake {
  /** Takes in what the stream pushed, in arrival order. @throws {JournalError} when nothing of it was written. */
  acceptFrames(messages: readonly GotifyMessage[]): Accepted;
  /**
   * Takes in a page of the history, in any order.
   *
   * @param decide may overrule the verdict on a message that was not seen before.
   * @throws {JournalError} when nothing of it was written.
   */
  acceptPage(
    messages: readonly GotifyMessage[],
    decide: (message: GotifyMessage) => Verdict | undefined,
  ): Accepted;
  /** The server counts anew; see `Progress.restart`. */
  restart(): void;
  /** A reading of the history is through; see `Progress.advance`. */
  finish(mark: number): void;
}

export function createIntake(options: IntakeOptions): Intake {
  const { journal, progress } = options;
  let sinceBound = 0;

  /** False when the row is there already. */
  const enqueue = (message: GotifyMessage, epoch: number): boolean => {
    const { changes } = journal
      .sql(
        `insert into inbox (id, state, lane, payload, position, received_at, updated_at)
         values ($id, 'pending', $lane, $payload, $position, $at, $at)
         on conflict (id) do nothing`,
      )
      .run({
        id: eventId(options.feedKey, epoch, message),
        lane: options.laneOf(message),
        payload: writePayload(message),
        position: message.id,
        at: options.now(),
      });
    return changes === 1;
  };

  /**
   * True when a row stands under this id that is much older than the message: the server counts anew, with
   * a clock that is behind. A younger row is the message's own: it was listed long before it was pushed.
   */
  const isReused = (message: GotifyMessage, epoch: number): boolean => {
    const row = journal
      .sql("select received_at from inbox where id = $id")
      .get({ id: eventId(options.feedKey, epoch, message) });
    const takenInAt = asInteger(row?.["received_at"]);
    const at = message.date?.getTime();
    return takenInAt !== undefined && at !== undefined && at > takenInAt + MAX_PUSH_DELAY_MS;
  };

  /** One transaction over many messages. */
  const inBatch = (
    messages: readonly GotifyMessage[],
    work: (batch: ProgressBatch) => Accepted,
  ): Accepted => {
    const written = journal.transaction(() => {
      options.assertConsumer();
      const batch = progress.begin(messages.map(({ id }) => id));
      const accepted = work(batch);
      batch.end();
      sinceBound += accepted.fresh;
      if (sinceBound >= BOUND_EVERY) {
        sinceBound = 0;
        progress.bound();
      }
      return accepted;
    });
    options.onTaken?.(written);
    return written;
  };

  return {
    acceptFrames: (messages) =>
      inBatch(messages, (batch) => {
        const admitted: GotifyMessage[] = [];
        let fresh = 0;
        let repeated = 0;
        let restarted = false;
        for (const message of messages) {
          const acquaintance = batch.look(message, "stream");
          if (acquaintance === "known") {
            repeated += 1;
            continue;
          }
          fresh += 1;
          const verdict = options.judge(message);
          const isRow =
            acquaintance === "new" && verdict === "admitted" && enqueue(message, batch.epoch);
          if (isRow) admitted.push(message);
          // Most often the row goes in, and none can have stood in its place.
          else if (acquaintance === "restarted" || isReused(message, batch.epoch)) {
            batch.restart();
            restarted = true;
            // A row under this id, of a message that is not remembered any more, was pushed long after its listing.
            if (verdict === "admitted" && enqueue(message, batch.epoch)) admitted.push(message);
          } else if (verdict === "admitted") repeated += 1;
          batch.note(message, verdict);
        }
        return { admitted, fresh, repeated, restarted };
      }),

    acceptPage: (messages, decide) =>
      inBatch(messages, (batch) => {
        const fresh: GotifyMessage[] = [];
        for (const message of messages) {
          const acquaintance = batch.look(message, "history");
          if (acquaintance === "restarted") {
            batch.restart();
            return { admitted: [], fresh: 0, repeated: 0, restarted: true };
          }
          if (acquaintance === "new") fresh.push(message);
        }
        const judged = fresh.map((message) => ({ message, as: options.judge(message) }));
        // Only what would reach the agent can be left out: an echo stays an echo.
        const wanted = judged.filter(({ as }) => as === "admitted").map(({ message }) => message);
        const elsewhere = options.takenElsewhere?.(wanted);
        const verdictOn = (message: GotifyMessage): Verdict =>
          elsewhere?.has(message.id) === true ? "elsewhere" : (decide(message) ?? "admitted");
        const admitted: GotifyMessage[] = [];
        let repeated = 0;
        for (const { message, as } of judged) {
          const verdict = as === "admitted" ? verdictOn(message) : as;
          if (verdict === "admitted") {
            if (enqueue(message, batch.epoch)) admitted.push(message);
            else repeated += 1;
          }
          batch.note(message, verdict);
        }
        return { admitted, fresh: fresh.length, repeated, restarted: false };
      }),

    restart() {
      journal.transaction(() => {
        options.assertConsumer();
        progress.restart();
      });
    },

    finish(mark) {
      journal.transaction(() => {
        options.assertConsumer();
        progress.advance(mark);
      });
    },
  };
}
