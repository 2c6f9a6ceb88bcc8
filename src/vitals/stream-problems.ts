// Owns what is wrong with a running account, judged by what it knows of itself: its stream, its posts, its readings, its queue.
import { ageText } from "./ages.ts";
import type { Problem } from "./facts.ts";
import type { JournalFacts } from "./journal-facts.ts";
import {
  BEHIND_GRACE_MS,
  CATCH_UP_GRACE_MS,
  CATCH_UP_TOO_LONG_MS,
  DOWN_GRACE_MS,
  POSTING_STALE_MS,
  QUEUE_STALE_MS,
  READING_STALE_MS,
  WAITING_LONG_MS,
  type Known,
} from "./known.ts";
import {
  count,
  error,
  isLongerThan,
  loginCommand,
  since,
  startCommand,
  warning,
} from "./problem.ts";
import type { Vitals } from "./vitals.ts";

const RESTART = "Restart the Gateway: openclaw gateway restart";

export function vitalProblems(known: Known, vitals: Vitals, now: number): Problem[] {
  const { accountId } = known;
  const found: Problem[] = [];
  const add = (problem: Problem | undefined): void => {
    if (problem !== undefined) found.push(problem);
  };
  if (vitals.blocked !== undefined) {
    add(
      error(
        "cannot-receive",
        `Nothing is received, now for ${since(vitals.blocked.at, now)}: ${vitals.blocked.value}`,
        "It is tried again by itself every minute. What is in the way: openclaw gotify doctor",
      ),
    );
  } else {
    add(streamProblem(known, vitals, now));
    if (known.receives) add(queueProblem(vitals));
  }
  add(postingProblem(accountId, vitals));
  const isOpen = vitals.blocked === undefined && vitals.stream.value === "open";
  if (isOpen) add(readingProblem(vitals, known.journal));
  if (isOpen && found.every(({ level }) => level !== "error")) {
    add(waitingProblem(known.journal, now));
  }
  return found;
}

function streamProblem({ accountId }: Known, vitals: Vitals, now: number): Problem | undefined {
  const { stream, streamProblem: reason } = vitals;
  const downSince = vitals.downSince ?? stream.at;
  const isDown = isLongerThan(downSince, DOWN_GRACE_MS, now);
  const why = reason === undefined ? "" : `: ${reason}`;
  switch (stream.value) {
    case "off":
    case "open":
      return undefined;
    case "blocked":
      return error(
        "blocked",
        `The server does not let the account in, now for ${since(downSince, now)}${why}`,
        `If the client token was revoked, make a new one: ${loginCommand(accountId)}`,
      );
    case "gave-up":
      return error(
        "disconnected",
        `Gave up connecting ${since(downSince, now)} ago, after inbound.maxReconnectAttempts${why}`,
        `Start it again: ${startCommand(accountId)}`,
      );
    case "catching-up":
      return catchingUp(vitals, isDown, now);
    case "unreadable":
      return isDown
        ? error(
            "unreadable",
            `Connected, but the server's lists cannot be read for ${since(downSince, now)}, so what was missed stays missing${why}`,
            "Look at the server and its database: openclaw gotify check",
          )
        : undefined;
    case "connecting":
    case "waiting":
      return isDown
        ? error(
            "disconnected",
            `Not connected for ${since(downSince, now)}${why}`,
            "It is tried again by itself. What is in the way: openclaw gotify doctor",
          )
        : undefined;
  }
}

/** From the connection on: that it was away before is over. */
function catchingUp(
  { stream, downSince, hasDiedCatchingUp, streamProblem: reason }: Vitals,
  isDown: boolean,
  now: number,
): Problem | undefined {
  // Between two deaths it looks like any start: told by itself, it would be well every other second.
  if (hasDiedCatchingUp === true && isDown) {
    return error(
      "disconnected",
      `The connection ends each time before what was missed has been read, now for ${since(downSince ?? stream.at, now)}${reason === undefined ? "" : `: ${reason}`}`,
      "It is tried again by itself. What is in the way: openclaw gotify doctor",
    );
  }
  if (!isLongerThan(stream.at, CATCH_UP_GRACE_MS, now)) return undefined;
  const message = `Connected, and still reading what was missed, for ${since(stream.at, now)}; messages wait until that is done.`;
  return isLongerThan(stream.at, CATCH_UP_TOO_LONG_MS, now)
    ? error(
        "starting-slowly",
        message,
        "See whether the server is slow: openclaw gotify check. Then see what the log says: openclaw logs",
      )
    : warning(
        "starting-slowly",
        message,
        "Wait; if it does not end, see what the log says: openclaw logs",
      );
}

/** Before the first connection there is no queue. */
function queueProblem({ ages: { queueAsked } }: Vitals): Problem | undefined {
  if (queueAsked === undefined || queueAsked <= QUEUE_STALE_MS) return undefined;
  return error(
    "queue-idle",
    `Nobody has asked for waiting messages for ${ageText(queueAsked)}: they are received, and not handled.`,
    RESTART,
  );
}

function postingProblem(accountId: string, { posting, stream, ages }: Vitals): Problem | undefined {
  if (posting?.value !== undefined) {
    return error(
      "cannot-post",
      posting.value,
      `Look closer: openclaw gotify check. If the application is gone or its token was revoked: ${loginCommand(accountId)}`,
    );
  }
  // While the stream is down nobody looks: first of all it has to come back.
  if (stream.value !== "open" && stream.value !== "off") return undefined;
  if (ages.posting <= POSTING_STALE_MS) return undefined;
  return error(
    "unchecked",
    `Whether answers can be posted was last looked at ${ageText(ages.posting)} ago: nobody knows.`,
    RESTART,
  );
}

function readingProblem(
  { newestStored, ages }: Vitals,
  journal: JournalFacts | undefined,
): Problem | undefined {
  if (ages.reading > READING_STALE_MS) {
    return error(
      "unchecked",
      `Whether messages were missed was last looked at ${ageText(ages.reading)} ago: nobody knows.`,
      RESTART,
    );
  }
  const stored = newestStored?.value;
  const taken = journal?.newestTaken;
  if (stored === undefined || taken === undefined || stored <= taken) return undefined;
  if (ages.reading <= BEHIND_GRACE_MS) return undefined;
  return error(
    "behind",
    `Message ${stored} is stored on the server, and only those up to ${taken} were taken in.`,
    "See what the log says: openclaw logs. Then restart the Gateway: openclaw gateway restart",
  );
}

/** Called where nothing else explains that messages wait. */
function waitingProblem(journal: JournalFacts | undefined, now: number): Problem | undefined {
  const oldest = journal?.oldestUnexplainedAt;
  if (
    journal === undefined ||
    oldest === undefined ||
    !isLongerThan(oldest, WAITING_LONG_MS, now)
  ) {
    return undefined;
  }
  const what = `${count(journal.unexplained, "message")} ${journal.unexplained === 1 ? "waits" : "wait"} for ${since(oldest, now)}`;
  // The host runs only so many turns at once.
  return journal.inTurns > 0
    ? warning(
        "waiting-long",
        `${what}, while ${count(journal.inTurns, "message")} ${journal.inTurns === 1 ? "is" : "are"} being answered.`,
        "Wait; if the turns do not end, restart the Gateway: openclaw gateway restart",
      )
    : error(
        "waiting-long",
        `${what} though nothing is in the way.`,
        "See what the log says: openclaw logs. Then restart the Gateway: openclaw gateway restart",
      );
}
