// Owns where a reply is posted: the account's own application, or with `replyTo: "origin"` the one that its conversation belongs to.
import { accountClient, clientFor } from "../../config/client.ts";
import { errorText } from "../../config/error-text.ts";
import { replyToProblem } from "../../config/reply-to.ts";
import { applicationOf } from "../../config/sender-id.ts";
import type { ResolvedAccount } from "../../config/types.ts";
import type { GotifyClient } from "../../gotify/client.ts";
import { GotifyConfigError, GotifyHttpError } from "../../gotify/errors.ts";
import { findById, forgetApplications } from "./application-list.ts";
import { findToken, forgetToken } from "./application-token.ts";
import { ownApplications } from "./own-application.ts";
import type { AnsweredTurn } from "../reply.ts";
import { resolveConversation, unknownApplication, type TargetRequest } from "./resolve-target.ts";

export interface DestinationRequest extends TargetRequest {
  /** The turn that is answered; left out for what nobody asked for. */
  readonly answers?: AnsweredTurn | undefined;
  /** The account's own application will do for now: the server is not asked for another. */
  readonly isOffline?: boolean | undefined;
}

export interface Destination {
  readonly account: ResolvedAccount;
  /** The conversation, by the host's peer id. */
  readonly peerId: string;
  /** Posts with whatever token it takes. Reads with the account's client token, where there is one. */
  readonly client: GotifyClient;
  /** To be named in each post; `undefined` for the account's own application, which its app token stands for. */
  readonly appId: number | undefined;
  /** Where an answer goes when its application turns out to be gone: it must not be lost for that. See {@link otherDestination}. */
  readonly fallback: Destination | undefined;
  /** Why it is not the application that the configuration asks for, as one line for the log. */
  readonly notice: string | undefined;
}

/**
 * Where a reply is posted.
 *
 * @throws {GotifyConfigError} for what can never be posted: a target that names nothing, an account that
 * cannot work, with `replyTo: "origin"` an application that is not there. What the calls throw when the
 * server does not say; nothing was posted then.
 */
export async function resolveDestination(request: DestinationRequest): Promise<Destination> {
  const { account, peerId } = await resolveConversation(request);
  const own: Destination = {
    account,
    peerId,
    client: accountClient(account),
    appId: undefined,
    fallback: undefined,
    notice: undefined,
  };
  if (account.outbound.replyTo !== "origin" || request.isOffline === true) return own;
  const appId = applicationBehind(peerId, request.answers);
  // What nobody asked for in a conversation that a sender named: it has no application of its own.
  if (appId === undefined) return own;
  if (appId === (request.ownApplications ?? ownApplications).known(account)) return own;
  const problem = replyToProblem(account);
  if (problem !== undefined) return { ...own, notice: problem };
  return origin(own, appId, request);
}

/**
 * Where to post instead, after the server has refused a post to an application that is gone, or a token
 * that was good for it. `undefined` when the refusal stands: for what is no answer, and for anything else
 * that can be wrong.
 */
export function otherDestination(
  destination: Destination,
  error: unknown,
): Destination | undefined {
  const { account, appId } = destination;
  const refusal = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (appId === undefined || !(refusal instanceof GotifyHttpError)) return undefined;
  const isGone =
    [401, 403, 404].includes(refusal.status) ||
    (refusal.status === 400 && /appid/i.test(refusal.description ?? ""));
  if (!isGone) return undefined;
  forgetToken(account, appId);
  forgetApplications(account);
  return (
    destination.fallback && withNotice(destination.fallback, appId, `${refusal.message} It was`)
  );
}

/** The application a conversation belongs to; the one that is answered, where a sender has named the conversation. */
function applicationBehind(peerId: string, answers: AnsweredTurn | undefined): number | undefined {
  const appId = applicationOf(peerId) ?? answers?.appId;
  return appId !== undefined && appId > 0 ? appId : undefined;
}

async function origin(
  own: Destination,
  appId: number,
  request: DestinationRequest,
): Promise<Destination> {
  const { account } = own;
  const { answers, signal } = request;
  const isAnswer = answers?.messageId !== undefined || answers?.appId !== undefined;
  try {
    // Asked even where the server would tell by itself: it cannot say what there is instead.
    const application = await findById(account, appId, { signal });
    if (application === undefined) {
      if (!isAnswer) throw await unknownApplication(account, appId, signal);
      return withNotice(own, appId, "It was deleted. The answer is");
    }
    // Gotify 2 posts with an application's own token alone; Gotify 3 hides it, and takes the client's.
    const appToken = await findToken(account, appId, signal);
    const client = clientWith(account, appToken);
    return { ...own, client, appId, fallback: isAnswer ? own : undefined };
  } catch (error) {
    if (error instanceof GotifyConfigError || !isRefused(error)) throw error;
    // The account's own app token may be as good as ever.
    return withNotice(own, appId, `${errorText(error)} The reply is`);
  }
}

/** The server has an answer, and it is no: waiting does not help. */
function isRefused(error: unknown): boolean {
  return error instanceof GotifyHttpError && [401, 403, 404].includes(error.status);
}

function withNotice(own: Destination, appId: number, why: string): Destination {
  return {
    ...own,
    notice: `Account ${own.account.accountId} cannot post to application ${appId}, where the conversation belongs: ${why} posted to the account's own application.`,
  };
}

function clientWith(account: ResolvedAccount, appToken: string | undefined): GotifyClient {
  const { serverUrl, clientToken } = account;
  if (serverUrl === undefined) throw new GotifyConfigError("No Gotify server is set.");
  return clientFor({ ...account, serverUrl }, { appToken, clientToken });
}
