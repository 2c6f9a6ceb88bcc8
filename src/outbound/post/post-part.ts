// Owns one post: it is made, and when nobody knows what became of it, the server is read back until somebody does.
import type { GotifyClient } from "../../gotify/client.ts";
import { stampExtras, type DeliveryStamp } from "../../gotify/delivery-stamp.ts";
import { classifySendFailure, GotifyHttpError, type SendOutcome } from "../../gotify/errors.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import { errorText } from "../../config/error-text.ts";
import type { PostingGuard } from "./posting-guard.ts";
import type { PostingHost } from "./posting-host.ts";
import { isProvenAbsent, readBack, SETTLE_MS } from "./read-back.ts";
import type { Part } from "../reply.ts";

/**
 * How often one message is posted when the server answers 500 and is proven not to have stored it. A text
 * its database refuses looks just like an accident, and is refused for ever.
 */
const MAX_POSTS = 3;
/** Timers may fire a moment early. */
const TIMER_SLACK_MS = 50;

/** A post that did not lead to a stored message, and what is known of it. */
export class PostFailure extends Error {
  override readonly name = "PostFailure";
  readonly outcome: SendOutcome;
  /** When it began, by this machine's clock; `undefined` when it did not. */
  readonly startedAt: number | undefined;
  /** When the server itself answered it. */
  readonly answeredAt: number | undefined;
  /** True when it was the host, or who asked, that stopped it: that says nothing of the server. */
  readonly isHosts: boolean;

  constructor(
    message: string,
    init: {
      readonly outcome: SendOutcome;
      readonly cause: unknown;
      readonly startedAt?: number | undefined;
      readonly answeredAt?: number | undefined;
      readonly isHosts?: boolean | undefined;
    },
  ) {
    super(message, { cause: init.cause });
    this.outcome = init.outcome;
    this.startedAt = init.startedAt;
    this.answeredAt = init.answeredAt;
    this.isHosts = init.isHosts === true;
  }
}

export interface PartPost {
  /** Posts to where the reply goes. */
  readonly client: Pick<GotifyClient, "sendMessage" | "health" | "server">;
  /** Reads the user's messages; `undefined` for an account that can only send. */
  readonly reader: Pick<GotifyClient, "readPages"> | undefined;
  /** Whether that reader sees what is posted: with another user's token nothing would ever be found. */
  readonly seesPosts: () => Promise<boolean>;
  /** When the first post of the delivery can have begun; left out: now. */
  readonly sinceAt?: number | undefined;
  readonly appId: number | undefined;
  readonly part: Part;
  readonly stamp: DeliveryStamp;
  readonly signal: AbortSignal | undefined;
  /** Called right before each post. What it throws ends the matter: nothing was sent. */
  readonly beforePost: () => Promise<void>;
}

/**
 * Posts one message of a reply, once.
 *
 * @throws {PostFailure} when it is not stored, or not known to be.
 */
export async function postPart(
  post: PartPost,
  host: Pick<PostingHost, "now" | "elapsed" | "sleep">,
  guard: PostingGuard,
): Promise<GotifyMessage> {
  const { client, part, signal } = post;
  const draft = {
    message: part.message,
    priority: part.priority,
    extras: stampExtras(post.stamp, part.extras),
    ...(part.title === undefined ? {} : { title: part.title }),
    ...(post.appId === undefined ? {} : { appId: post.appId }),
  };
  for (let posts = 1; ; posts += 1) {
    const failedBefore = (error: unknown, isHosts: boolean): PostFailure =>
      new PostFailure(errorText(error), { outcome: "not-sent", cause: error, isHosts });
    try {
      await guard.assertReady(client, signal);
    } catch (error) {
      throw failedBefore(error, signal?.aborted === true);
    }
    try {
      await post.beforePost();
      signal?.throwIfAborted();
    } catch (error) {
      throw failedBefore(error, true);
    }
    const startedAt = host.now();
    try {
      const message = await client.sendMessage(draft, { signal });
      guard.noteTaken(client);
      return message;
    } catch (error) {
      guard.noteFailed(client, error);
      const outcome = classifySendFailure(error);
      const answeredAt = isServersAnswer(error) ? host.now() : undefined;
      const facts = { cause: error, startedAt, answeredAt };
      if (outcome !== "unknown") throw new PostFailure(errorText(error), { ...facts, outcome });
      const fate = await settle(post, facts, host);
      if (fate.message !== undefined) return fate.message;
      if (!fate.isAbsent) throw new PostFailure(unknownText(post, error), { ...facts, outcome });
      if (posts >= MAX_POSTS) {
        const hint =
          "It was posted several times and is not stored: the server's database does not take this text. Look into its log; a database without utf8mb4 takes no emoji.";
        throw new PostFailure(`${errorText(error)} ${hint}`, { ...facts, outcome: "refused" });
      }
    }
  }
}

/** Whether a message of unknown fate is there; and if it is not, whether it can still come. */
async function settle(
  post: PartPost,
  facts: { readonly startedAt: number; readonly answeredAt: number | undefined },
  host: Pick<PostingHost, "now" | "elapsed" | "sleep">,
): Promise<{ readonly message: GotifyMessage | undefined; readonly isAbsent: boolean }> {
  const { reader, signal, stamp } = post;
  const { startedAt, answeredAt } = facts;
  const unknown = { message: undefined, isAbsent: false };
  if (reader === undefined) return unknown;
  const look = () =>
    readBack(
      reader,
      { by: stamp.by, id: stamp.id, payload: stamp.payload, sinceAt: post.sinceAt ?? startedAt },
      host,
      signal,
    );
  try {
    const first = (await look()).found.get(stamp.part);
    if (first !== undefined) return { message: first, isAbsent: false };
    // Without an answer, waiting here would only hold up the replies behind this one.
    if (answeredAt === undefined) return unknown;
    const waitMs = answeredAt + SETTLE_MS - host.now();
    await host.sleep(Math.min(Math.max(waitMs, 0), SETTLE_MS) + TIMER_SLACK_MS, signal);
    const read = await look();
    const message = read.found.get(stamp.part);
    if (message !== undefined) return { message, isAbsent: false };
    const isAbsent =
      isProvenAbsent(read, { answeredAt, takenAt: undefined }) && (await post.seesPosts());
    return { message: undefined, isAbsent };
  } catch {
    // A server that cannot be read now is asked again later; an abort leaves the matter open as well.
    return unknown;
  }
}

/** Whether the error is Gotify's own word on the post. A proxy's is not: what is behind it may still be at work. */
function isServersAnswer(error: unknown): boolean {
  return error instanceof GotifyHttpError && error.status === 500 && error.isGotifys;
}

function unknownText(post: PartPost, error: unknown): string {
  const remedy =
    post.reader === undefined
      ? "Without clientToken the server cannot be asked, so it is not sent a second time."
      : "The server is asked again before it is sent a second time.";
  return `${errorText(error)} The message may have arrived. ${remedy}`;
}
