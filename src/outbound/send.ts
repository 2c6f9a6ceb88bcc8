// Owns one post: account, health, the host's dispatch mark, POST, and what a failure means for the host's queue.
import { randomUUID } from "node:crypto";
import { PlatformMessageNotDispatchedError } from "openclaw/plugin-sdk/error-runtime";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { errorText } from "../config/error-text.ts";
import { reportPost } from "../config/account-signals.ts";
import { resolveAccount } from "../config/accounts.ts";
import { accountClient } from "../config/client.ts";
import { installId } from "../config/install-id.ts";
import { getRuntime } from "../config/runtime.ts";
import { serverProblem } from "../config/server-health.ts";
import { CHANNEL_ID } from "../config/types.ts";
import type { GotifyClient } from "../gotify/client.ts";
import {
  classifySendFailure,
  GotifyConfigError,
  GotifyHttpError,
  type SendOutcome,
} from "../gotify/errors.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { inOrder } from "./in-order.ts";
import { renderMessage } from "./render.ts";
import { parseTarget } from "./target.ts";

const HEALTH_TIMEOUT_MS = 5_000;

/** What the host says about a post; a subset of its send contexts. */
export interface SendRequest {
  readonly cfg: OpenClawConfig;
  readonly to: string;
  readonly text: string;
  readonly accountId?: string | null | undefined;
  readonly silent?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly deliveryQueueId?: string | undefined;
  readonly deliveryPartIndex?: number | undefined;
  readonly deliveryPartCount?: number | undefined;
  readonly onPlatformSendDispatch?: (() => Promise<void>) | undefined;
  readonly assertDirectAdapterHandoff?: (() => void) | undefined;
}

/** What a post needs of the process it runs in. */
export interface SendHost {
  /** This installation's id, for the stamp. */
  readonly installId: () => string;
  readonly recordActivity: (accountId: string) => void;
}

const runtimeHost: SendHost = {
  installId: () => installId(getRuntime().state.resolveStateDir()),
  recordActivity: (accountId) =>
    getRuntime().channel.activity.record({ channel: CHANNEL_ID, accountId, direction: "outbound" }),
};

export interface Sent {
  readonly message: GotifyMessage;
  readonly peerId: string;
}

/**
 * Posts one text.
 *
 * @throws {PlatformMessageNotDispatchedError} when nothing can have been stored: retryable when waiting
 * may help, not retryable when the server or the configuration says no. Any other error means that the
 * outcome is not known.
 */
export async function sendText(request: SendRequest, host: SendHost = runtimeHost): Promise<Sent> {
  // Whatever is thrown before the post begins is proof that nothing was sent, an abort included:
  // without that proof the host would take the reply for delivered.
  const post = { begun: false };
  try {
    return await prepareAndPost(request, host, post);
  } catch (error) {
    if (error instanceof PlatformMessageNotDispatchedError) throw error;
    const outcome = post.begun ? classifySendFailure(error) : "not-sent";
    if (request.signal?.aborted !== true) report(request, outcome, error);
    if (!post.begun) throw notDispatched(error, !(error instanceof GotifyConfigError));
    throw outcome === "unknown" ? error : notDispatched(error, outcome === "not-sent");
  }
}

async function prepareAndPost(
  request: SendRequest,
  host: SendHost,
  post: { begun: boolean },
): Promise<Sent> {
  const target = parseTarget(request.to);
  if (target === undefined) {
    throw new GotifyConfigError(
      `"${request.to}" names no Gotify conversation. Use an application's id, e.g. gotify:5.`,
    );
  }
  const account = resolveAccount(request.cfg, request.accountId);
  const client = accountClient(account);
  const draft = renderMessage({
    text: request.text,
    priority: account.defaultPriority,
    silent: request.silent === true,
    stamp: {
      by: host.installId(),
      id: request.deliveryQueueId ?? randomUUID(),
      payload: request.deliveryPartIndex ?? 0,
      payloads: request.deliveryPartCount ?? 1,
      part: 0,
      parts: 1,
    },
  });

  const message = await inOrder(account.accountId, request.signal, async () => {
    await assertHealthy(client, request.signal);
    await request.onPlatformSendDispatch?.();
    request.signal?.throwIfAborted();
    request.assertDirectAdapterHandoff?.();
    post.begun = true;
    return client.sendMessage(draft, { signal: request.signal });
  });
  host.recordActivity(account.accountId);
  reportPost(account.accountId, { kind: "posted" });
  return { message, peerId: target.peerId };
}

/** Tells the way in of this account what it can do something about. */
function report(request: SendRequest, outcome: SendOutcome, error: unknown): void {
  const { accountId } = resolveAccount(request.cfg, request.accountId);
  if (outcome === "unknown") reportPost(accountId, { kind: "unknown" });
  // A refused text says nothing of the next one; a refused token does.
  const concernsEveryPost = outcome === "not-sent" || isAboutToken(error);
  if (concernsEveryPost && !(error instanceof GotifyConfigError)) {
    reportPost(accountId, { kind: "refused", reason: errorText(error) });
  }
}

function isAboutToken(error: unknown): boolean {
  return error instanceof GotifyHttpError && (error.status === 401 || error.status === 403);
}

/** A server that is down is found before the post, where waiting and trying again is still safe. */
async function assertHealthy(client: GotifyClient, signal: AbortSignal | undefined): Promise<void> {
  const problem = await serverProblem(client, { signal, timeoutMs: HEALTH_TIMEOUT_MS });
  if (problem !== undefined) throw new Error(problem);
}

function notDispatched(cause: unknown, retryable: boolean): PlatformMessageNotDispatchedError {
  return new PlatformMessageNotDispatchedError(errorText(cause), { cause, retryable });
}
