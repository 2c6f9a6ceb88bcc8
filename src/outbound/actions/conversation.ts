// Owns which conversation an action may look into, and which of the server's messages belong to it.
import type { ChannelMessageActionContext } from "openclaw/plugin-sdk/channel-contract";
import { accountClient } from "../../config/client.ts";
import { chooseConversation } from "../../config/conversation.ts";
import { conversationTarget } from "../../config/conversation-target.ts";
import { applicationOf, isListed } from "../../config/sender-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../../config/types.ts";
import type { GotifyClient } from "../../gotify/client.ts";
import { OPENCLAW_EXTRAS_KEY, readStamp } from "../../gotify/delivery-stamp.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import { asObject, asString } from "../../gotify/parse.ts";
import type { ActionHost } from "./host.ts";
import type { Conversation } from "../target/resolve-target.ts";
import { TARGET_FORMS } from "../target/target.ts";

/** What the host says about an action. */
export type ActionContext = ChannelMessageActionContext;

/** Who wrote a message of a conversation. */
export type Author = "sender" | "agent";

/** A conversation that an action may look into. */
export interface OpenConversation {
  readonly account: ResolvedAccount;
  readonly client: GotifyClient;
  /** The host's peer id. */
  readonly peerId: string;
  /** The application whose conversation it is; `undefined` for one that its sender named. */
  readonly appId: number | undefined;
  /** Where the agent's replies are, besides the application itself. */
  readonly ownAppId: number | undefined;
  /** Who wrote it; `undefined` for what is no part of this conversation. */
  readonly authorOf: (message: GotifyMessage) => Author | undefined;
}

/** What an action was asked to do and is not allowed, or cannot: one line with the remedy. */
export class ActionRefusedError extends Error {
  override readonly name = "ActionRefusedError";
  readonly code = "GOTIFY_ACTION_REFUSED";
}

/**
 * The conversation that an action is about. An operator names any of the account. An agent may have been
 * talked into anything by what it reads, so it stays in the conversation it is answering.
 *
 * @throws {ActionRefusedError} for anything else, and for an account that cannot read; what resolving the
 * target throws.
 */
export async function openConversation(
  ctx: ActionContext,
  host: ActionHost,
): Promise<OpenConversation> {
  const isOperator = ctx.conversationReadOrigin === "direct-operator";
  const { account, peerId } = isOperator ? await named(ctx, host) : await current(ctx, host);
  if (account.clientToken === undefined && account.problem === undefined) {
    throw new ActionRefusedError(
      `The Gotify account ${account.accountId} has no client token, so it can send and neither read nor delete. Set clientToken.`,
    );
  }
  const client = accountClient(account);
  const appId = applicationOf(peerId);
  const ownAppId = await host.ownApplication(account);
  const ownId = host.installId();
  const isMember = memberTest(appId, account, host);

  return {
    account,
    client,
    peerId,
    appId,
    ownAppId,
    authorOf(message) {
      const member = isMember(message.appId);
      const isOwn = readStamp(message.extras)?.by === ownId;
      // Anyone can copy a stamp, so it counts only where our posts are, or among those who talk here anyway.
      if (isOwn && (message.appId === ownAppId || member)) {
        if (peerOfReply(message) === peerId) return "agent";
        // An operator named the application, and means all that is in it.
        return isOperator && message.appId === appId ? "agent" : undefined;
      }
      if (!member) return undefined;
      if (isOperator && message.appId === appId) return "sender";
      const conversation = chooseConversation(ctx.cfg, account.accountId, message);
      return conversation.id === peerId ? "sender" : undefined;
    },
  };
}

/** The conversation as people and agents write it. */
export function nameOf({ peerId }: Pick<OpenConversation, "peerId">): string {
  return applicationOf(peerId) === undefined ? conversationTarget(peerId) : `app:${peerId}`;
}

/**
 * Whose messages a conversation is made of: its application's, and where its sender named it, those of
 * whoever is let in. A stranger must not be able to write into what an agent reads as its history.
 */
function memberTest(
  appId: number | undefined,
  account: ResolvedAccount,
  host: ActionHost,
): (of: number) => boolean {
  if (appId !== undefined) return (of) => of === appId;
  const { allowFrom } = account;
  const grants = host.grants(account.accountId);
  return (of) => {
    if (allowFrom.includes("*")) return true;
    const grant = grants.get(of);
    return grant === undefined ? isListed(account, allowFrom, of) : grant === "fits";
  };
}

/** Where the host puts the target, which depends on the action. */
function writtenTarget({ params }: ActionContext): string | undefined {
  const ids: readonly unknown[] = Array.isArray(params["channelIds"]) ? params["channelIds"] : [];
  if (ids.length > 1) throw new ActionRefusedError("Name one conversation, not several.");
  const candidates = [
    params["to"],
    params["target"],
    params["channelId"],
    params["chatId"],
    ids[0],
  ];
  return candidates.map((value) => asString(value)?.trim()).find((text) => (text ?? "") !== "");
}

async function named(ctx: ActionContext, host: ActionHost): Promise<Conversation> {
  const to = writtenTarget(ctx);
  if (to === undefined) throw new ActionRefusedError(`Name the conversation. ${TARGET_FORMS}`);
  return host.resolve({ cfg: ctx.cfg, to, accountId: ctx.accountId });
}

/** The host asks the same of third-party plugins. Who may look into what is too much to leave to one check. */
async function current(ctx: ActionContext, host: ActionHost): Promise<Conversation> {
  const { cfg, toolContext } = ctx;
  const isHere = toolContext?.currentChannelProvider?.toLowerCase() === CHANNEL_ID;
  const to = toolContext?.currentMessagingTarget ?? toolContext?.currentChannelId;
  if (!isHere || to === undefined) throw elsewhere();
  const accountId = ctx.requesterAccountId ?? ctx.accountId;
  const here = await host.resolve({ cfg, to, accountId });
  const written = writtenTarget(ctx);
  const wanted = await host.resolve({
    cfg,
    to: written ?? to,
    accountId: ctx.accountId ?? accountId,
  });
  const isSame =
    wanted.peerId === here.peerId && wanted.account.accountId === here.account.accountId;
  if (!isSame) throw elsewhere();
  return here;
}

function elsewhere(): ActionRefusedError {
  return new ActionRefusedError(
    "Only the conversation that is being answered can be read, searched or deleted from here. Leave the target out.",
  );
}

/** Which conversation a reply of ours was posted for. */
function peerOfReply(message: GotifyMessage): string | undefined {
  return asString(asObject(message.extras[OPENCLAW_EXTRAS_KEY])?.["peerId"])?.toLowerCase();
}
