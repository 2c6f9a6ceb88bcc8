// Owns what is decided before anything is posted: where a reply goes, and the messages it becomes.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { credentialKey } from "../config/credential-key.ts";
import type { GotifyClient } from "../gotify/client.ts";
import { findById } from "./target/application-list.ts";
import { resolveDestination, type Destination } from "./target/destination.ts";
import { ownApplications } from "./target/own-application.ts";
import { prepareMedia, type MediaAccess } from "./media/media.ts";
import { assembleParts } from "./message/parts.ts";
import type { OutboxEntry } from "../journal/outbox.ts";
import type { AnsweredTurn, Part, Reply } from "./reply.ts";

/** A reply with its address. */
export interface PlanRequest {
  readonly cfg: OpenClawConfig;
  /** The conversation, as the host addresses it. */
  readonly to: string;
  readonly accountId?: string | null | undefined;
  readonly reply: Reply;
  /** How files may be read. */
  readonly media?: MediaAccess | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Nobody is asked where it goes: for a plan that is kept until somebody can be. */
  readonly isOffline?: boolean | undefined;
}

export interface Plan {
  readonly to: string;
  readonly destination: Destination;
  /** Which turn it answers. */
  readonly answers: AnsweredTurn;
  /** Reads the user's messages; `undefined` for an account that can only send. */
  readonly reader: GotifyClient | undefined;
  /** Whether that reader sees what is posted: with another user's token nothing would ever be found. */
  readonly seesPosts: () => Promise<boolean>;
  /** `[]` when there is nothing to be seen. */
  readonly parts: readonly Part[];
}

/**
 * The same request leads to the same parts, also after a crash: what is missing of them is found by number.
 *
 * @throws {GotifyConfigError} for what can never work; what a call throws when a name has to be looked up.
 */
export async function planReply(request: PlanRequest): Promise<Plan> {
  const { reply, signal } = request;
  const destination = await resolveDestination({
    cfg: request.cfg,
    to: request.to,
    accountId: request.accountId,
    answers: reply.answers,
    isOffline: request.isOffline,
    signal,
  });
  const { account, peerId } = destination;
  const media = await prepareMedia(reply.mediaUrls, {
    by: reply.by,
    imageHosts: account.outbound.fromAgents.imageHosts,
    access: request.media,
    maxReadBytes: account.common.mediaMaxBytes,
    onUnsendable: reply.isExplicit ? "fail" : "note",
    signal,
  });
  const parts = assembleParts({ reply, account, peerId, media });
  return { ...addressed(request.to, destination, reply.answers), parts };
}

/** A plan without its messages. */
export function addressed(
  to: string,
  destination: Destination,
  answers: AnsweredTurn,
): Omit<Plan, "parts"> {
  return {
    to,
    destination,
    answers,
    reader: readerOf(destination),
    seesPosts: async () => {
      const appId = destination.appId ?? (await ownApplications.find(destination.account));
      return appId !== undefined && (await findById(destination.account, appId)) !== undefined;
    },
  };
}

/** The plan of a reply that waits in the outbox: as it was begun, and where it goes today. */
export async function planEntry(
  cfg: OpenClawConfig,
  accountId: string,
  entry: OutboxEntry,
  signal?: AbortSignal,
): Promise<Plan> {
  const { target, parts, isOwed } = entry;
  const appId = entry.appId ?? entry.answeredApp;
  // An answer has a place to go when its application is gone; what nobody asked for has not.
  const answers = { appId, ...(isOwed ? { messageId: 0 } : {}) };
  const destination = await resolveDestination({ cfg, to: target, accountId, answers, signal });
  return { ...addressed(target, destination, answers), parts };
}

/** Which server and application it goes to: what waits for one must not go to another. */
export function originOf({ account }: Destination): string {
  return credentialKey(account.serverUrl, account.appToken);
}

/** Who can read back what was posted. */
function readerOf({ account, client }: Destination): GotifyClient | undefined {
  return account.clientToken === undefined ? undefined : client;
}
