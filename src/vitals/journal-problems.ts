// Owns what is wrong with an account, judged by its journal: turns that hang or fail, what was given up, what is shut out.
import { confirmCommand } from "../config/confirm-command.ts";
import type { Problem } from "./facts.ts";
import type { JournalFacts } from "./journal-facts.ts";
import {
  ALL_FAILED_FROM,
  RETRYING_LONG_MS,
  STUCK_TURN_MS,
  UNSETTLED_REPLY_MS,
  type Known,
} from "./known.ts";
import { because, count, error, isLongerThan, since, warning } from "./problem.ts";

const DEAD_LETTERS = "openclaw gotify dead-letters list";

export function journalProblems(known: Known, journal: JournalFacts, now: number): Problem[] {
  const isRunning = known.vitals !== undefined || journal.consumer !== undefined;
  return [
    // What a Gateway that was killed has left claimed is taken up again by the next one.
    ...(isRunning ? stuckTurn(journal, now) : []),
    ...retrying(journal, now),
    ...allFailed(journal),
    ...deadLetters(journal),
    ...unsettledReplies(journal, now),
    ...journal.suspended.map((appId) =>
      warning(
        "suspended",
        `Application ${appId} is not the one that was let in, unless it was only renamed on Gotify 2. It may not talk to the agent until you confirm it.`,
        confirmCommand(known.accountId, appId),
      ),
    ),
  ];
}

function stuckTurn(journal: JournalFacts, now: number): Problem[] {
  const turnAt = journal.oldestTurnAt;
  if (turnAt === undefined || !isLongerThan(turnAt, STUCK_TURN_MS, now)) return [];
  const behind = journal.waitingBehind;
  const message = `A turn runs for ${since(turnAt, now)}`;
  const fix = "Stop it from the chat with /stop, or restart the Gateway: openclaw gateway restart";
  return [
    behind > 0
      ? error(
          "stuck-turn",
          `${message}, and ${count(behind, "message")} ${behind === 1 ? "waits" : "wait"} behind it.`,
          fix,
        )
      : warning("stuck-turn", `${message}.`, fix),
  ];
}

/** Nothing is given up for as long as the host tries, which it may do for a day. */
function retrying({ retrying: tried }: JournalFacts, now: number): Problem[] {
  if (tried.count === 0 || tried.oldestAt === undefined) return [];
  const isLong = isLongerThan(tried.oldestAt, RETRYING_LONG_MS, now);
  const tell = isLong && !tried.othersGetThrough ? error : warning;
  return [
    tell(
      "retrying",
      `${count(tried.count, "message")} failed and ${tried.count === 1 ? "is" : "are"} tried again, the oldest for ${since(tried.oldestAt, now)}${because(tried.error?.value)}`,
      `See what the log says: openclaw logs. What is given up in the end: ${DEAD_LETTERS}`,
    ),
  ];
}

function allFailed({ settled, failedError, repliesInVain, replyError }: JournalFacts): Problem[] {
  const found: Problem[] = [];
  if (settled.count >= ALL_FAILED_FROM && settled.failed === settled.count) {
    found.push(
      error(
        "all-failed",
        `The newest ${settled.count} messages were all given up${because(failedError?.value)}`,
        `See why: ${DEAD_LETTERS}`,
      ),
    );
  }
  if (repliesInVain >= ALL_FAILED_FROM) {
    found.push(
      error(
        "all-failed",
        `The newest ${repliesInVain} replies could not be posted, and none has been since${because(replyError?.value)}`,
        `See why: ${DEAD_LETTERS}`,
      ),
    );
  }
  return found;
}

function deadLetters({ failed, deadReplies }: JournalFacts): Problem[] {
  const dead = [
    failed > 0 ? count(failed, "message") : undefined,
    deadReplies > 0 ? count(deadReplies, "reply", "replies") : undefined,
  ].filter((what) => what !== undefined);
  if (dead.length === 0) return [];
  return [
    warning(
      "dead-letters",
      `${dead.join(" and ")} ${failed + deadReplies === 1 ? "was" : "were"} given up.`,
      `Look at them, then send or drop them: ${DEAD_LETTERS}`,
    ),
  ];
}

function unsettledReplies(journal: JournalFacts, now: number): Problem[] {
  const replyAt = journal.oldestWaitingReplyAt;
  if (replyAt === undefined || !isLongerThan(replyAt, UNSETTLED_REPLY_MS, now)) return [];
  return [
    warning(
      "unsettled-replies",
      `${count(journal.waitingReplies, "reply", "replies")} could not be sent yet, the oldest for ${since(replyAt, now)}.`,
      `It is tried again by itself. See why: ${DEAD_LETTERS}`,
    ),
  ];
}
