// Owns what is decided before anything is posted: where a reply goes, and the messages it becomes.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { accountClient } from "../config/client.ts";
import type { GotifyClient } from "../gotify/client.ts";
import { findById } from "./target/application-list.ts";
import { resolveDestination, type Destination } from "./target/destination.ts";
import { ownApplications } from "./target/own-application.ts";
import { prepareMedia, type MediaAccess } from "./media/media.ts";
import { assembleParts } from "./message/parts.ts";
import type { Part, Reply } from "./reply.ts";

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
}

export interface Plan {
  readonly to: string;
  readonly destination: Destination;
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
    signal,
  });
  const { account, peerId } = destination;
  const media = await prepareMedia(reply.mediaUrls, {
    by: reply.by,
    imageHosts: account.outbound.fromAgents.imageHosts,
    access: request.media,
    onUnsendable: reply.isExplicit ? "fail" : "note",
    signal,
  });
  const parts = assembleParts({
    reply,
    account,
    peerId,
    appName: reply.answers.appName,
    media,
  });
  return { ...addressed(request.to, destination), parts };
}

/** A plan without its messages. */
export function addressed(to: string, destination: Destination): Omit<Plan, "parts"> {
  return {
    to,
    destination,
    reader: readerOf(destination),
    seesPosts: async () => {
      const appId = destination.appId ?? (await ownApplications.find(destination.account));
      return appId !== undefined && (await findById(destination.account, appId)) !== undefined;
    },
  };
}

/** Who can read back what was posted. */
function readerOf({ account }: Destination): GotifyClient | undefined {
  return account.clientToken === undefined ? undefined : accountClient(account);
}
