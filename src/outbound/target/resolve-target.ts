// Owns what a target means: the account it is posted through, and the conversation it belongs to.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { defaultAccountId, listAccountIds, normalizeAccountId } from "../../config/account-ids.ts";
import { resolveAccount } from "../../config/accounts.ts";
import { conversationTarget } from "../../config/conversation-target.ts";
import { applicationOf, senderId } from "../../config/sender-id.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import { GotifyConfigError, isGotifyError } from "../../gotify/errors.ts";
import { describeApplications, findById, findByName, isPassing } from "./application-list.ts";
import { ownApplications, type OwnApplications } from "./own-application.ts";
import { formatTarget, parseTarget, TARGET_FORMS, type Target } from "./target.ts";

export interface TargetRequest {
  readonly cfg: OpenClawConfig;
  readonly to: string;
  /** As the host passes it: what somebody asked for, or what it filled in. */
  readonly accountId?: string | null | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Passed in where tests own it. */
  readonly ownApplications?: OwnApplications | undefined;
}

/** A conversation of an account. */
export interface Conversation {
  readonly account: ResolvedAccount;
  /** The host's peer id, the same that the way in uses: an application's id, or a name. */
  readonly peerId: string;
  /** The application's name, where it had to be looked up. */
  readonly name: string | undefined;
  /** How the host should write it from here on: unambiguous, and short where the account is the host's own choice. */
  readonly to: string;
}

/**
 * The conversation that a target means.
 *
 * @throws {GotifyConfigError} for what names nothing, with what there is; what the calls throw when the
 * server does not say.
 */
export async function resolveConversation(request: TargetRequest): Promise<Conversation> {
  const { account, target } = settle(request);
  const { signal } = request;
  switch (target.kind) {
    case "application":
      return conversation(request, account, String(target.appId));
    case "peer":
      return conversation(request, account, target.name);
    case "application-name": {
      const { id, name } = await findByName(account, target.name, { signal });
      return conversation(request, account, String(id), name);
    }
    case "account": {
      const own = await (request.ownApplications ?? ownApplications).find(account, signal);
      if (own === undefined) throw await unknownOwn(account, signal);
      return conversation(request, account, String(own));
    }
  }
}

/**
 * The same for somebody who has just named it: an application that the server does not have is an error
 * here. What cannot be asked for just now passes, in its normal form: it is resolved when it is posted,
 * and the host keeps it until then.
 */
export async function checkTarget(
  request: TargetRequest,
): Promise<{ readonly to: string; readonly name: string | undefined }> {
  const found = await resolveConversation(request).catch((error: unknown) => {
    if (!isPassing(error)) throw error;
    return { to: settledTarget(request), name: undefined, account: undefined, peerId: "" };
  });
  const { account, to } = found;
  const appId = applicationOf(found.peerId);
  if (account === undefined || appId === undefined || found.name !== undefined) return found;
  if (account.problem !== undefined || account.clientToken === undefined) return found;
  try {
    const application = await findById(account, appId, { signal: request.signal });
    if (application === undefined) throw await unknownApplication(account, appId, request.signal);
    return { to, name: application.name };
  } catch (error) {
    // Posting takes another token than asking, so an id goes through whatever the list's answer is.
    if (error instanceof GotifyConfigError || !isGotifyError(error)) throw error;
    return found;
  }
}

/** The normal form, as far as it can be told without asking anybody. @throws {GotifyConfigError} for what names nothing. */
export function settledTarget(request: TargetRequest): string {
  const { account, target } = settle(request);
  if (target.kind === "application") {
    return conversation(request, account, String(target.appId)).to;
  }
  return formatTarget(target);
}

/** The error for an application that the server does not have, with what it has. */
export async function unknownApplication(
  account: ResolvedAccount,
  appId: number,
  signal: AbortSignal | undefined,
): Promise<GotifyConfigError> {
  return new GotifyConfigError(
    `There is no application ${appId} at ${account.serverUrl} for this user. ${await describeApplications(account, { signal })}`,
  );
}

/** Whose account it is, and what is known of the conversation by now. */
function settle(request: TargetRequest): { account: ResolvedAccount; target: Target } {
  const { cfg } = request;
  const parsed = parseTarget(request.to);
  if (parsed === undefined) throw unreadable(request);
  const named = "accountId" in parsed ? parsed.accountId : undefined;
  if (named !== undefined && !listAccountIds(cfg).includes(named)) throw noAccount(cfg, named);
  // The host fills in an account wherever nobody names one, so it cannot be told whether this one was
  // asked for: what the target itself says wins.
  const account = resolveAccount(cfg, named ?? request.accountId);
  if (parsed.kind !== "account") return { account, target: parsed };
  const own = (request.ownApplications ?? ownApplications).known(account);
  const appId = chatApplication(account) ?? own;
  if (appId === undefined) return { account, target: parsed };
  return { account, target: { kind: "application", appId, accountId: named } };
}

/** The application a person writes with: whoever may give commands is one. */
function chatApplication(account: ResolvedAccount): number | undefined {
  const prefix = senderId(account.accountId, "");
  return account.commandsFrom
    .map((entry) => entry.toLowerCase())
    .map((entry) => applicationOf(entry.startsWith(prefix) ? entry.slice(prefix.length) : entry))
    .find((appId) => appId !== undefined);
}

function conversation(
  request: TargetRequest,
  account: ResolvedAccount,
  peerId: string,
  name?: string,
): Conversation {
  const to = isHostsAccount(request, account)
    ? conversationTarget(peerId)
    : senderId(account.accountId, peerId);
  return { account, peerId, name, to };
}

/** Whether the host, too, thinks of this account. A target that names another one has to go on naming it. */
export function isHostsAccount(
  { cfg, accountId }: Pick<TargetRequest, "cfg" | "accountId">,
  account: ResolvedAccount,
): boolean {
  return normalizeAccountId(accountId ?? defaultAccountId(cfg)) === account.accountId;
}

function noAccount(cfg: OpenClawConfig, accountId: string): GotifyConfigError {
  return new GotifyConfigError(
    `There is no Gotify account "${accountId}". There are: ${listAccountIds(cfg).join(", ")}.`,
  );
}

function unreadable({ cfg, to }: TargetRequest): GotifyConfigError {
  const word = to.trim();
  // Whoever wrote only a word meant one of these.
  const isWord = /^[\w.-]+$/.test(word);
  const isAccount = isWord && listAccountIds(cfg).includes(word.toLowerCase());
  return new GotifyConfigError(
    `"${word}" names no Gotify conversation. ${isAccount ? `For the account write account:${word}. ` : ""}${TARGET_FORMS}`,
  );
}

async function unknownOwn(
  account: ResolvedAccount,
  signal: AbortSignal | undefined,
): Promise<GotifyConfigError> {
  const why =
    account.clientToken === undefined
      ? "it has no client token, so its server cannot be asked"
      : "Gotify 3 does not tell it before the first post";
  const there = await describeApplications(account, { signal });
  return new GotifyConfigError(
    `The conversation of account ${account.accountId} is not known: commandsFrom names no application, and ${why}. Name the application, e.g. app:5, or list it in commandsFrom. ${there}`.trim(),
  );
}
