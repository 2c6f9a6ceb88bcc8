// Owns what is wrong with an account, judged by what is known of it: each way in which a bridge can be dead while it looks healthy has its line here.
import { confirmCommand } from "../config/confirm-command.ts";
import { ageText } from "./ages.ts";
import type { Problem, ProblemCode } from "./facts.ts";
import type { JournalFacts } from "./journal-facts.ts";
import type { Noted, Vitals } from "./vitals.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/**
 * How long a start or a reconnect may take before it counts. A socket that fell silent is noticed after 35 s,
 * so that one is told of within a minute.
 */
export const DOWN_GRACE_MS = 20 * SECOND_MS;
/** How long catching up with what was missed may take before somebody wonders. */
export const CATCH_UP_GRACE_MS = MINUTE_MS;
/** A reading takes in what it finds before it ends. */
export const BEHIND_GRACE_MS = 20 * SECOND_MS;
/** Lists are read at least every ten minutes, however slow the server is. */
export const READING_STALE_MS = 12 * MINUTE_MS;
/** Whether a post would work is looked at every 45 s, and a look that gets no answer takes a while. */
export const POSTING_STALE_MS = 3 * MINUTE_MS;
/** The host asks for work twice a second, and in a flood every few seconds. */
export const QUEUE_STALE_MS = 30 * SECOND_MS;
/** How long a message may wait for no reason. */
export const WAITING_LONG_MS = MINUTE_MS;
/** Turns with many tools take minutes. */
export const STUCK_TURN_MS = 10 * MINUTE_MS;
/** The host tries a reply again after 5 s and after 25 s. */
export const UNSETTLED_REPLY_MS = 2 * MINUTE_MS;
/** One message in vain says little. */
export const ALL_FAILED_FROM = 3;
/** The holder of the lease says every 5 s that it lives. */
export const BEAT_STALE_MS = 20 * SECOND_MS;

/** What is known of an account, from wherever. */
export interface Known {
  readonly accountId: string;
  readonly enabled: boolean;
  readonly configured: boolean;
  /** Why it cannot work, where the configuration alone tells. */
  readonly problem: string | undefined;
  readonly hasUnreadableSecret: boolean;
  /** Whether it takes messages in. */
  readonly receives: boolean;
  /** Of the running account, where it runs in this process. */
  readonly vitals: Vitals | undefined;
  readonly journal: JournalFacts | undefined;
  readonly journalProblem: string | undefined;
}

/** What is wrong, the worst first. An account that is switched off has no problems. */
export function findProblems(known: Known, now: number): Problem[] {
  if (!known.enabled) return [];
  const found = [
    ...configurationProblems(known),
    ...runningProblems(known, now),
    ...(known.vitals === undefined ? [] : vitalProblems(known, known.vitals, now)),
    ...(known.journal === undefined ? [] : journalProblems(known, known.journal, now)),
  ];
  return found.toSorted((one, other) => rank(one) - rank(other));
}

function rank({ level }: Problem): number {
  return level === "error" ? 0 : 1;
}

function error(code: ProblemCode, message: string, fix: string): Problem {
  return { code, level: "error", message, fix };
}

function warning(code: ProblemCode, message: string, fix: string): Problem {
  return { code, level: "warning", message, fix };
}

function configurationProblems(known: Known): Problem[] {
  const { accountId, configured, problem, hasUnreadableSecret, journalProblem } = known;
  const found: Problem[] = [];
  if (hasUnreadableSecret && configured) {
    // Whoever runs it has the secret, whatever can be read here.
    if (known.vitals === undefined && known.journal?.consumer === undefined) {
      found.push(
        error(
          "secret-missing",
          problem ?? "A secret of the account cannot be read, so the account is off.",
          'Put the secret in place ("openclaw secrets audit" names it), then run: openclaw secrets reload',
        ),
      );
    }
  } else if (problem !== undefined) {
    found.push(error("not-configured", problem, `Set it up with: ${loginCommand(accountId)}`));
  }
  if (journalProblem !== undefined) {
    found.push(
      error(
        "journal-unreadable",
        journalProblem,
        "Restart the Gateway, which sets a damaged journal aside: openclaw gateway restart",
      ),
    );
  }
  return found;
}

/** Whether anybody runs it at all. What only sends is sent by whoever has something to send. */
function runningProblems(known: Known, now: number): Problem[] {
  const { accountId, configured, problem, receives, vitals, journal } = known;
  if (vitals !== undefined || !receives || !configured || problem !== undefined) return [];
  const consumer = journal?.consumer;
  if (consumer === undefined) {
    return [
      error(
        "not-running",
        "No Gateway runs the account: nothing is received, and nobody is answered.",
        `Start the Gateway: openclaw gateway start. If it runs: ${startCommand(accountId)}`,
      ),
    ];
  }
  const silentMs = now - consumer.beatAt;
  if (silentMs <= BEAT_STALE_MS) return [];
  return [
    error(
      "not-consuming",
      `Process ${consumer.pid} on ${consumer.host} holds the account, and has not stirred for ${ageText(silentMs)}.`,
      "Restart the Gateway: openclaw gateway restart",
    ),
  ];
}

function vitalProblems(known: Known, vitals: Vitals, now: number): Problem[] {
  const { accountId } = known;
  const found: Problem[] = [];
  const add = (problem: Problem | undefined): void => {
    if (problem !== undefined) found.push(problem);
  };
  if (vitals.blocked !== undefined) {
    add(
      error(
        "cannot-receive",
        `Nothing is received since ${since(vitals.blocked.at, now)}: ${vitals.blocked.value}`,
        "It is tried again by itself every minute. What is in the way: openclaw gotify doctor",
      ),
    );
  } else {
    add(streamProblem(known, vitals, now));
    if (known.receives) add(queueProblem(vitals, now));
  }
  add(postingProblem(accountId, vitals, now));
  const isOpen = vitals.blocked === undefined && vitals.stream.value === "open";
  if (isOpen) add(readingProblem(vitals, known.journal, now));
  if (isOpen && found.every(({ level }) => level !== "error")) {
    add(waitingProblem(known.journal, now));
  }
  return found;
}

function streamProblem({ accountId }: Known, vitals: Vitals, now: number): Problem | undefined {
  const { stream, streamProblem: reason } = vitals;
  const downSince = vitals.downSince ?? stream.at;
  const downMs = now - downSince;
  const because = reason === undefined ? "" : `: ${reason}`;
  switch (stream.value) {
    case "off":
    case "open":
      return undefined;
    case "blocked":
      return error(
        "blocked",
        `The server does not let the account in since ${since(downSince, now)}${because}`,
        `If the client token was revoked, make a new one: ${loginCommand(accountId)}`,
      );
    case "gave-up":
      return error(
        "disconnected",
        `Gave up connecting ${since(downSince, now)} ago, after inbound.maxReconnectAttempts${because}`,
        `Start it again: ${startCommand(accountId)}`,
      );
    case "catching-up":
      return downMs <= CATCH_UP_GRACE_MS
        ? undefined
        : warning(
            "starting-slowly",
            `Connected, and still reading what was missed, for ${since(downSince, now)}; messages wait until that is done.`,
            "Wait; if it does not end, see what the log says: openclaw logs",
          );
    case "unreadable":
      return downMs <= DOWN_GRACE_MS
        ? undefined
        : error(
            "unreadable",
            `Connected, but the server's lists cannot be read for ${since(downSince, now)}, so what was missed stays missing${because}`,
            "Look at the server and its database: openclaw gotify check",
          );
    case "connecting":
    case "waiting":
      return downMs <= DOWN_GRACE_MS
        ? undefined
        : error(
            "disconnected",
            `Not connected for ${since(downSince, now)}${because}`,
            "It is tried again by itself. What is in the way: openclaw gotify doctor",
          );
  }
}

function queueProblem(vitals: Vitals, now: number): Problem | undefined {
  // Before the first connection there is no queue.
  const askedAt = vitals.queueAskedAt ?? vitals.connectedAt;
  if (askedAt === undefined || now - askedAt <= QUEUE_STALE_MS) return undefined;
  return error(
    "queue-idle",
    `Nobody has asked for waiting messages for ${since(askedAt, now)}: they are received, and not handled.`,
    "Restart the Gateway: openclaw gateway restart",
  );
}

function postingProblem(accountId: string, vitals: Vitals, now: number): Problem | undefined {
  const { posting, startedAt, connectedAt } = vitals;
  if (posting?.value !== undefined) {
    return error(
      "cannot-post",
      posting.value,
      `Look closer: openclaw gotify check. If the application is gone or its token was revoked: ${loginCommand(accountId)}`,
    );
  }
  // While the stream is down nobody looks: first of all it has to come back.
  if (vitals.stream.value !== "open" && vitals.stream.value !== "off") return undefined;
  const lookedAt = posting?.at ?? connectedAt ?? startedAt;
  if (now - lookedAt <= POSTING_STALE_MS) return undefined;
  return error(
    "unchecked",
    `Whether answers can be posted was last looked at ${since(lookedAt, now)} ago: nobody knows.`,
    "Restart the Gateway: openclaw gateway restart",
  );
}

function readingProblem(
  { newestStored, connectedAt, startedAt }: Vitals,
  journal: JournalFacts | undefined,
  now: number,
): Problem | undefined {
  const readAt = newestStored?.at ?? connectedAt ?? startedAt;
  if (now - readAt > READING_STALE_MS) {
    return error(
      "unchecked",
      `Whether messages were missed was last looked at ${since(readAt, now)} ago: nobody knows.`,
      "Restart the Gateway: openclaw gateway restart",
    );
  }
  const stored = newestStored?.value;
  const taken = journal?.newestTaken;
  if (stored === undefined || taken === undefined || stored <= taken) return undefined;
  if (now - readAt <= BEHIND_GRACE_MS) return undefined;
  return error(
    "behind",
    `Message ${stored} is stored on the server, and only those up to ${taken} were taken in.`,
    "See what the log says: openclaw logs. Then restart the Gateway: openclaw gateway restart",
  );
}

/** Called where nothing else explains that messages wait. */
function waitingProblem(journal: JournalFacts | undefined, now: number): Problem | undefined {
  const oldest = journal?.oldestUnexplainedAt;
  if (journal === undefined || oldest === undefined || now - oldest <= WAITING_LONG_MS) {
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

function journalProblems(known: Known, journal: JournalFacts, now: number): Problem[] {
  const { accountId } = known;
  const isRunning = known.vitals !== undefined || journal.consumer !== undefined;
  const found: Problem[] = [];
  const turnAt = journal.oldestTurnAt;
  // What a Gateway that was killed has left claimed is taken up again by the next one.
  if (isRunning && turnAt !== undefined && now - turnAt > STUCK_TURN_MS) {
    const behind = journal.waitingBehind;
    const message = `A turn runs for ${since(turnAt, now)}`;
    const fix =
      "Stop it from the chat with /stop, or restart the Gateway: openclaw gateway restart";
    found.push(
      behind > 0
        ? error(
            "stuck-turn",
            `${message}, and ${count(behind, "message")} ${behind === 1 ? "waits" : "wait"} behind it.`,
            fix,
          )
        : warning("stuck-turn", `${message}.`, fix),
    );
  }
  const { settled } = journal;
  if (settled.count >= ALL_FAILED_FROM && settled.failed === settled.count) {
    found.push(
      error(
        "all-failed",
        `The newest ${settled.count} messages were all given up${reasonOf(journal.lastError)}`,
        "See why: openclaw gotify dead-letters list",
      ),
    );
  }
  const dead = [
    journal.failed > 0 ? count(journal.failed, "message") : undefined,
    journal.deadReplies > 0 ? count(journal.deadReplies, "reply", "replies") : undefined,
  ].filter((what) => what !== undefined);
  if (dead.length > 0) {
    const total = journal.failed + journal.deadReplies;
    found.push(
      warning(
        "dead-letters",
        `${dead.join(" and ")} ${total === 1 ? "was" : "were"} given up.`,
        "Look at them, then send or drop them: openclaw gotify dead-letters list",
      ),
    );
  }
  const replyAt = journal.oldestWaitingReplyAt;
  if (replyAt !== undefined && now - replyAt > UNSETTLED_REPLY_MS) {
    found.push(
      warning(
        "unsettled-replies",
        `${count(journal.waitingReplies, "reply", "replies")} could not be sent yet, the oldest for ${since(replyAt, now)}.`,
        "It is tried again by itself. See why: openclaw gotify dead-letters list",
      ),
    );
  }
  for (const appId of journal.suspended) {
    found.push(
      warning(
        "suspended",
        `Application ${appId} is not the one that was let in, and may not talk to the agent until you confirm it.`,
        confirmCommand(accountId, appId),
      ),
    );
  }
  return found;
}

function reasonOf(lastError: Noted<string> | undefined): string {
  return lastError === undefined ? "." : `: ${lastError.value}`;
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

function since(at: number, now: number): string {
  return ageText(now - at);
}

function loginCommand(accountId: string): string {
  return `openclaw channels login --channel gotify${accountId === "default" ? "" : ` --account ${accountId}`}`;
}

function startCommand(accountId: string): string {
  return `openclaw gateway call channels.start --params '{"channel":"gotify","accountId":"${accountId}"}'`;
}
