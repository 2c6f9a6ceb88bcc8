// Owns the replies among the dead letters: how one is told, sending it again without ever sending it twice on a guess, and forgetting it.
import { CommandError } from "../../../config/command-line.ts";
import { errorText } from "../../../config/error-text.ts";
import { OPENCLAW_EXTRAS_KEY } from "../../../gotify/delivery-stamp.ts";
import { oneLine } from "../../../gotify/one-line.ts";
import { asObject, asString } from "../../../gotify/parse.ts";
import { isGivenUp } from "../../../journal/given-up.ts";
import type { Journal } from "../../../journal/journal.ts";
import { createOutbox, type OutboxEntry } from "../../../journal/outbox.ts";
import { completeReply } from "../../completion.ts";
import { originOf, planEntry } from "../../plan.ts";
import { inOrder } from "../../post/in-order.ts";
import { isoTime, nameOf, previewOf, type FoundReply, type Letter } from "./letter.ts";
import { whenFree, type Office } from "./office.ts";

/** Those of an account that nobody knows to have arrived, also while OpenClaw still tries. Each still bears its long id. */
export function repliesOf(
  office: Office,
  account: string,
  texts: "shown" | "unread",
): readonly FoundReply[] {
  const entries =
    office.withJournal(account, "read", (journal) => createOutbox(journal).list()) ?? [];
  const byId = Map.groupBy(
    entries.filter(({ state }) => state !== "arrived"),
    ({ id }) => id,
  );
  const now = office.posting.host.now();
  return [...byId.values()].map((ofOne): FoundReply => {
    const found: FoundReply = {
      kind: "reply",
      letter: letterOf(account, ofOne),
      entries: ofOne,
      isGivenUp: ofOne.every((entry) => isGivenUp(entry, now)),
    };
    return texts === "shown" ? replyWithText(found) : found;
  });
}

/** One that was found with its text unread, with what is shown of it. */
export function replyWithText(found: FoundReply): FoundReply {
  const parts = found.entries.flatMap((entry) => entry.parts);
  const agent = asString(asObject(parts[0]?.extras[OPENCLAW_EXTRAS_KEY])?.["agent"]);
  const from = agent === undefined ? "OpenClaw" : `agent ${agent}`;
  const preview = previewOf(parts.map(({ message }) => message).join(" "));
  return { ...found, letter: { ...found.letter, from, preview } };
}

function letterOf(account: string, entries: readonly OutboxEntry[]): Letter {
  const id = entries[0]?.id ?? "";
  const states = entries.map(({ state }) => state);
  return {
    kind: "reply",
    id,
    fullId: id,
    account,
    from: "",
    to: entries[0]?.target ?? "",
    since: isoTime(Math.min(...entries.map(({ notedAt }) => notedAt))),
    // What is in doubt concerns a person most.
    state: states.find((state) => state === "unknown") ?? states[0] ?? "waiting",
    reason: oneLine([...new Set(entries.map(({ reason }) => reason))].join(" ")),
    attempts: Math.max(...entries.map(({ attempts }) => attempts)),
    preview: "",
  };
}

/** Everything that is known of one, for programs. */
export function replyDetails({ letter, entries, isGivenUp: isDead }: FoundReply) {
  return {
    ...letter,
    /** False while OpenClaw tries it itself. */
    givenUp: isDead,
    lastTriedAt: isoTime(Math.max(...entries.map(({ triedAt }) => triedAt))),
    /** Whether it answers a message, and so is sent by itself as soon as posts get through. */
    isAnswer: entries.some(({ isOwed }) => isOwed),
    messages: entries.flatMap(({ parts, stored, appId }) =>
      parts.map((part, index) => ({
        application: stored.get(index)?.appId ?? appId ?? null,
        title: part.title ?? null,
        text: part.message,
        priority: part.priority,
        extras: part.extras,
        /** Its id in Gotify, where it is known to have arrived. */
        stored: stored.get(index)?.id ?? null,
      })),
    ),
  };
}

/**
 * Posts what is missing of it. Returns the messages as they are stored; none when somebody else was faster.
 *
 * @throws {CommandError} when it cannot be sent without a doubt.
 */
export async function resubmitFoundReply(
  office: Office,
  found: FoundReply,
  force: boolean,
): Promise<number[]> {
  assertGivenUp(found);
  const messages: number[] = [];
  for (const entry of found.entries) {
    try {
      messages.push(...(await complete(office, found.letter.account, entry, force)));
    } catch (error) {
      if (messages.length === 0) throw error;
      throw new CommandError(
        `A part of ${nameOf(found.letter)} was sent, and is in Gotify as message ${messages.join(", ")}; the rest was not: ${errorText(error)}`,
        { cause: error },
      );
    }
  }
  return messages;
}

/** Forgets its text for good; the fact stays, so that OpenClaw does not send it when it comes back to it. */
export async function dropFoundReply(office: Office, found: FoundReply): Promise<void> {
  assertGivenUp(found);
  const { account } = found.letter;
  const { now } = office.posting.host;
  // A post of it may be under way, and ends with a note of its own.
  await inOrder(account, undefined, async () => {
    const isDone = await whenFree(account, () =>
      office.withJournal(account, "write", (journal) => dropAll(journal, found.entries, now)),
    );
    if (isDone !== true) {
      throw new CommandError(
        `The ${nameOf(found.letter)} of account ${account} has changed just now, perhaps because it was sent. Nothing was dropped. Look at openclaw gotify dead-letters list.`,
      );
    }
  });
}

class HasChanged extends Error {
  override readonly name = "HasChanged";
}

/** All of them or, when one is not as it was seen, none: false. */
function dropAll(journal: Journal, entries: readonly OutboxEntry[], now: () => number): boolean {
  const outbox = createOutbox(journal, now);
  try {
    return journal.transaction(() => {
      for (const entry of entries) if (!outbox.drop(entry)) throw new HasChanged();
      return true;
    });
  } catch (error) {
    if (error instanceof HasChanged) return false;
    throw error;
  }
}

/** Until then two would send at the same time. */
function assertGivenUp({ letter, isGivenUp: isDead }: FoundReply): void {
  if (isDead) return;
  throw new CommandError(
    `OpenClaw still tries to send ${nameOf(letter)} itself. Wait a quarter of an hour.`,
  );
}

async function complete(
  office: Office,
  accountId: string,
  entry: OutboxEntry,
  force: boolean,
): Promise<number[]> {
  const plan = await planEntry(office.cfg, accountId, entry);
  if (originOf(plan.destination) !== entry.origin && !force) {
    throw new CommandError(
      "It was meant for another server or application than the account has now. To send it to the present one, add --force.",
    );
  }
  const outcome = await completeReply(
    {
      plan,
      key: { id: entry.id, payload: entry.payload, payloads: entry.payloads },
      sinceAt: entry.notedAt,
      startedAt: entry.startedAt ?? entry.notedAt,
      answeredAt: entry.answeredAt,
      stored: entry.stored,
      // What was refused was answered, and what waits has never begun.
      isCertain: entry.state !== "unknown",
      isFromOutbox: true,
      force,
    },
    office.posting,
  );
  if (outcome.kind === "arrived") return outcome.messages.map((message) => message.id);
  const remedy =
    outcome.kind === "doubtful" && !force
      ? " To send it all the same, and perhaps a second time, add --force."
      : "";
  throw new CommandError(`Not sent. ${outcome.reason}${remedy}`);
}
