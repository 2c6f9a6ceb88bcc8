// Owns what the message tool's actions do: read, search, delete and take back, each within one conversation.
import { jsonResult } from "openclaw/plugin-sdk/channel-actions";
import { serverKey } from "../../journal/wire.ts";
import { asInteger, asString } from "../../gotify/parse.ts";
import { findMessage } from "../../gotify/find-message.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import {
  ActionRefusedError,
  nameOf,
  openConversation,
  type ActionContext,
  type Author,
  type OpenConversation,
} from "./conversation.ts";
import { chooseMessages, deleteMessages } from "./delete.ts";
import { entryOf, LISTED_TEXT_CHARS, SINGLE_TEXT_CHARS } from "./entry.ts";
import { readConversation, type Bounds } from "./history.ts";
import { actionHost, type ActionHost } from "./host.ts";
import { isCurrent, parseMessageId } from "./message-id.ts";

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const SECOND_MS = 1_000;
const READ_BOUNDS: Bounds = { pages: 20, pageSize: 100, timeMs: 10 * SECOND_MS };
const SEARCH_BOUNDS: Bounds = { pages: 20, pageSize: 200, timeMs: 10 * SECOND_MS };

type ActionResult = ReturnType<typeof jsonResult>;

/** @throws {ActionRefusedError} and what the server's answers throw: one line each, with the remedy. */
export async function runAction(
  ctx: ActionContext,
  host: ActionHost = actionHost(),
  bounds: { readonly read: Bounds; readonly search: Bounds } = {
    read: READ_BOUNDS,
    search: SEARCH_BOUNDS,
  },
): Promise<ActionResult> {
  const conversation = await openConversation(ctx, host);
  const { action } = ctx;
  const query = text(ctx, "query");
  if (action === "read" && ctx.params["messageId"] !== undefined) {
    return show(ctx, host, conversation);
  }
  if (action === "search" && query === undefined) {
    throw new ActionRefusedError("Say what to search for: query.");
  }
  if (action === "read" || action === "search") {
    return list(ctx, host, conversation, query, bounds);
  }
  if (action === "delete" || action === "unsend") return remove(action, ctx, host, conversation);
  throw new ActionRefusedError(`Gotify has no ${action}.`);
}

async function list(
  ctx: ActionContext,
  host: ActionHost,
  conversation: OpenConversation,
  query: string | undefined,
  bounds: { readonly read: Bounds; readonly search: Bounds },
): Promise<ActionResult> {
  if (ctx.params["around"] !== undefined) {
    throw new ActionRefusedError("Gotify reads before or after a message, not around one.");
  }
  const wanted = {
    limit: limitOf(ctx),
    before: cursor(ctx, host, conversation, "before"),
    after: cursor(ctx, host, conversation, "after"),
    matches: query === undefined ? () => true : contains(query),
  };
  const { entries, complete, stoppedAt } = await readConversation(
    conversation,
    wanted,
    query === undefined ? bounds.read : bounds.search,
  );
  const names = await namesOf(conversation, entries);
  return jsonResult({
    ok: true,
    conversation: nameOf(conversation),
    ...(query === undefined ? {} : { query }),
    messages: entries.map(({ message, author }) =>
      entryOf(message, author, names, LISTED_TEXT_CHARS),
    ),
    complete,
    ...(complete ? {} : whereToGoOn(stoppedAt, wanted.before)),
  });
}

/** What was looked at so far, and what to ask for next. */
function whereToGoOn(stoppedAt: GotifyMessage | undefined, before: number | undefined) {
  const next = stoppedAt?.id ?? before;
  if (next === undefined) return { note: "The server was too slow to read anything. Try again." };
  const date = stoppedAt?.date?.toISOString();
  const readBackTo = {
    readBackTo: { id: String(next), ...(date === undefined ? {} : { timestamp: date }) },
  };
  return {
    ...(stoppedAt === undefined ? {} : readBackTo),
    note: `There may be older ones: go on with before: "${next}".`,
  };
}

async function show(
  ctx: ActionContext,
  host: ActionHost,
  conversation: OpenConversation,
): Promise<ActionResult> {
  const id = messageId(ctx, host, conversation, "messageId");
  const message = await findMessage(conversation.client, id);
  const author = message && conversation.authorOf(message);
  if (message === undefined || author === undefined) {
    throw new ActionRefusedError(
      `There is no message ${id} in the conversation ${nameOf(conversation)}.`,
    );
  }
  const names = await namesOf(conversation, [{ author }]);
  return jsonResult({
    ok: true,
    conversation: nameOf(conversation),
    messages: [entryOf(message, author, names, SINGLE_TEXT_CHARS)],
    complete: true,
  });
}

async function remove(
  action: "delete" | "unsend",
  ctx: ActionContext,
  host: ActionHost,
  conversation: OpenConversation,
): Promise<ActionResult> {
  const id = messageId(ctx, host, conversation, "messageId");
  const messages = await chooseMessages(action, conversation, id);
  const ids = messages.map((message) => String(message.id));
  const answer = { ok: true, conversation: nameOf(conversation), messageId: String(id) };
  if (ctx.dryRun === true) return jsonResult({ ...answer, dryRun: true, wouldDelete: ids });
  await deleteMessages(conversation, messages, ctx.assertDirectAdapterHandoff);
  return jsonResult({ ...answer, deleted: ids });
}

function contains(query: string): (message: GotifyMessage) => boolean {
  const wanted = query.toLowerCase();
  return ({ title, message }) =>
    message.toLowerCase().includes(wanted) || title.toLowerCase().includes(wanted);
}

/** A courtesy: without them the applications are named by their ids. */
async function namesOf(
  { client }: OpenConversation,
  entries: readonly { readonly author: Author }[],
): Promise<ReadonlyMap<number, string>> {
  if (entries.every(({ author }) => author === "agent")) return new Map();
  try {
    return new Map((await client.listApplications()).map(({ id, name }) => [id, name]));
  } catch {
    return new Map();
  }
}

function limitOf({ params }: ActionContext): number {
  const value = params["limit"];
  if (value === undefined || value === null || value === "") return DEFAULT_LIMIT;
  const limit = asInteger(value) ?? Number(asString(value)?.trim());
  if (Number.isSafeInteger(limit) && limit >= 1) return Math.min(limit, MAX_LIMIT);
  throw new ActionRefusedError(`limit is a whole number from 1 to ${MAX_LIMIT}.`);
}

function cursor(
  ctx: ActionContext,
  host: ActionHost,
  conversation: OpenConversation,
  name: "before" | "after",
): number | undefined {
  const value = ctx.params[name];
  const isLeftOut = value === undefined || value === null || value === "";
  return isLeftOut ? undefined : messageId(ctx, host, conversation, name);
}

function messageId(
  { params }: ActionContext,
  host: ActionHost,
  { account, client }: OpenConversation,
  name: "before" | "after" | "messageId",
): number {
  const named = parseMessageId(params[name]);
  if (named === undefined) {
    throw new ActionRefusedError(`${name} is the id of a message, e.g. 12.`);
  }
  const server = serverKey(client.server.href);
  const isKnown = isCurrent(named, server, (of, user) => host.epochOf(account.accountId, of, user));
  if (isKnown) return named.id;
  throw new ActionRefusedError(
    `The id ${asString(params[name])} is from before the server began to count its messages anew. Read the conversation again.`,
  );
}

function text({ params }: ActionContext, name: string): string | undefined {
  return asString(params[name])?.trim() || undefined;
}
