// Owns the replies that the host has given up: listing them, and sending one again without ever sending it twice on a guess.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { callGatewayFromCli } from "openclaw/plugin-sdk/gateway-runtime";
import { defaultAccountId, listAccountIds } from "../../config/account-ids.ts";
import {
  answerCommand,
  CommandError,
  type CommandAnswer,
  type CommandOutput,
} from "../../config/command-line.ts";
import { configWithSecrets } from "../../config/command-secrets.ts";
import { currentConfig } from "../../config/host-types.ts";
import { getRuntime } from "../../config/runtime.ts";
import { asString } from "../../gotify/parse.ts";
import { isInUse, knownAccount, withJournal } from "../../journal/account-journal.ts";
import { createOutbox, type OutboxEntry } from "../../journal/outbox.ts";
import { completeReply } from "../completion.ts";
import { RESUBMIT_METHOD } from "./dead-letters-command.ts";
import { originOf, planEntry } from "../plan.ts";
import { sharedPosting, type Posting } from "../posting.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** The host tries five times, the last one ten minutes after the one before. */
const HOST_ATTEMPTS = 5;
const HOST_PATIENCE_MS = 15 * MINUTE_MS;
const PREVIEW_CHARS = 60;

/** True once the host will not come back to it: until then two would send at the same time. */
export function isGivenUp(entry: OutboxEntry, now: number): boolean {
  return (
    entry.state === "refused" ||
    entry.givenUpAt !== undefined ||
    entry.attempts >= HOST_ATTEMPTS ||
    now - entry.triedAt > HOST_PATIENCE_MS
  );
}

export function listDeadLetters(options: CommandOutput & { account?: string }): Promise<number> {
  return answerCommand(options, () => {
    const accounts =
      options.account === undefined
        ? listAccountIds(currentConfig(getRuntime()))
        : [knownAccount(options.account)];
    const replies = accounts.flatMap((account) =>
      (withJournal(account, "read", (journal) => createOutbox(journal).list()) ?? [])
        .filter(({ state }) => state !== "arrived")
        .map((entry) => describe(account, entry)),
    );
    const lines = replies.flatMap((reply) => [
      `${reply.id}  account ${reply.account}, for ${reply.to}, ${reply.state}, since ${reply.since}`,
      `    ${reply.preview}`,
      `    ${reply.reason}`,
    ]);
    return { result: { replies }, lines: lines.length > 0 ? lines : ["No reply waits."] };
  });
}

export function resubmitDeadLetter(
  options: CommandOutput & { id: string; account?: string; force?: boolean },
): Promise<number> {
  return answerCommand(options, async () => {
    const account = knownAccount(options.account ?? defaultAccountId(currentConfig(getRuntime())));
    const params = { account, id: options.id, force: options.force === true };
    const done = isInUse(account)
      ? await callGatewayFromCli(RESUBMIT_METHOD, {}, params, { progress: false })
      : await resubmitFromParams(params, await configWithSecrets("openclaw gotify dead-letters"));
    const messages = Array.isArray(done["messages"]) ? done["messages"] : [];
    return {
      result: { account, id: options.id, messages },
      lines: [
        messages.length === 0
          ? "Somebody else has sent it meanwhile."
          : `Sent: it is in Gotify as message ${messages.join(", ")}.`,
      ],
    } satisfies CommandAnswer;
  });
}

/** The work itself, in whichever process may do it. @throws {CommandError} see {@link resubmitReply}. */
export async function resubmitFromParams(
  params: Readonly<Record<string, unknown>>,
  cfg: OpenClawConfig = currentConfig(getRuntime()),
): Promise<{ messages: number[] }> {
  const accountId = knownAccount(asString(params["account"]) ?? "");
  const id = asString(params["id"]) ?? "";
  const force = params["force"] === true;
  return resubmitReply(cfg, { accountId, id, force }, sharedPosting());
}

/** @throws {CommandError} when there is no such reply, or it cannot be sent without a doubt. */
export async function resubmitReply(
  cfg: OpenClawConfig,
  { accountId, id, force }: { accountId: string; id: string; force: boolean },
  posting: Posting,
): Promise<{ messages: number[] }> {
  const { unsettled, now } = posting.host;
  const entries = (unsettled.look(accountId, (outbox) => outbox.list()) ?? []).filter(
    (entry) => entry.id === id && entry.state !== "arrived",
  );
  if (entries.length === 0) {
    throw new CommandError(
      `No reply ${id} waits in account ${accountId}. See openclaw gotify dead-letters list.`,
    );
  }
  const messages: number[] = [];
  for (const entry of entries) {
    if (!isGivenUp(entry, now())) {
      throw new CommandError(
        `OpenClaw still tries to send ${id} itself. Wait a quarter of an hour.`,
      );
    }
    messages.push(...(await resubmit(cfg, accountId, entry, force, posting)));
  }
  return { messages };
}

async function resubmit(
  cfg: OpenClawConfig,
  accountId: string,
  entry: OutboxEntry,
  force: boolean,
  posting: Posting,
): Promise<number[]> {
  const plan = await planEntry(cfg, accountId, entry);
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
    posting,
  );
  if (outcome.kind === "arrived") return outcome.messages.map((message) => message.id);
  const remedy =
    outcome.kind === "doubtful" && !force
      ? " To send it all the same, and perhaps a second time, add --force."
      : "";
  throw new CommandError(`Not sent. ${outcome.reason}${remedy}`);
}

function describe(account: string, entry: OutboxEntry) {
  const text = entry.parts
    .map(({ message }) => message)
    .join(" ")
    .replaceAll(/[\s\p{C}]+/gu, " ");
  const preview = Array.from(text).slice(0, PREVIEW_CHARS).join("");
  return {
    id: entry.id,
    account,
    to: entry.target,
    state: isGivenUp(entry, Date.now()) ? STATES[entry.state] : "still tried by OpenClaw",
    since: new Date(entry.notedAt).toISOString(),
    attempts: entry.attempts,
    reason: entry.reason,
    preview: preview === text ? text : `${preview}…`,
  };
}

const STATES = {
  waiting: "not sent",
  unknown: "unresolved: it may have arrived",
  refused: "refused",
  arrived: "arrived",
} as const;
