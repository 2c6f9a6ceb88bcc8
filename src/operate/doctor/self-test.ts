// Owns the doctor's self-test: one quiet message is posted, seen to arrive, and deleted again, whatever happens in between.
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { installId } from "../../config/install-id.ts";
import { readStamp, stampExtras } from "../../gotify/delivery-stamp.ts";
import { unlessAborted } from "../../gotify/deadline.ts";
import { classifySendFailure, GotifyHttpError } from "../../gotify/errors.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import type { GotifyStream } from "../../gotify/stream-options.ts";
import { errorText } from "../../config/error-text.ts";
import { failure, fine, quoted, thrown, warning, type Remark, type Visit } from "./check.ts";
import { hasTakenIn } from "./taken-in.ts";

/** A frame comes with the post's own answer; the lists are asked when it does not. */
const FRAME_SHARE = 0.4;
/** A Gateway takes a frame in at once, unless it is busy with others. */
const TAKEN_IN_SHARE = 0.6;
const LOOK_EVERY_MS = 100;
/** A proxy may hand on late what it has answered for itself. */
const LATE_SHARE = 0.2;
const NEWEST = 100;
const TITLE = "Self-test of OpenClaw";
const TEXT = "This message shows that posting and receiving work. It is deleted at once.";

/** Nobody is to be disturbed, and no agent is to answer: the stamp says that it is our own. */
export async function selfTest(visit: Visit): Promise<Remark[]> {
  const { account, client, signal, world } = visit;
  if (account.clientToken === undefined) {
    return [
      warning(
        "self-test",
        "There is no client token, so a message could neither be seen to arrive nor deleted: nothing was posted.",
        "Set clientToken to test more than the app token.",
      ),
    ];
  }
  const id = `self-test-${randomUUID()}`;
  const isOurs = (message: GotifyMessage): boolean => readStamp(message.extras)?.id === id;
  const seen = Promise.withResolvers<number>();
  const stream = await openOwnStream(visit, (message) => {
    if (isOurs(message)) seen.resolve(performance.now());
  });
  let stored: GotifyMessage | undefined;
  let isGone = false;
  const remarks: Remark[] = [];
  try {
    const postedAt = performance.now();
    const by = installId(world.stateDir());
    const stamp = { by, id, payload: 0, payloads: 1, part: 0, parts: 1 };
    stored = await client.sendMessage(
      { title: TITLE, message: TEXT, priority: 0, extras: stampExtras(stamp) },
      { signal, timeoutMs: world.callTimeoutMs },
    );
    const tookMs = performance.now() - postedAt;
    const arrival = await arrivalOf(visit, stored, stream && seen.promise);
    remarks.push(await verdict(visit, stored, { postedAt, tookMs, arrival }));
  } catch (error) {
    // Nothing to look for: no server has it.
    isGone = stored === undefined && classifySendFailure(error) !== "unknown" && !signal.aborted;
    if (!signal.aborted) remarks.push(thrown("self-test", error));
  } finally {
    if (!isGone) remarks.push(...(await cleanUp(visit, stored, isOurs)));
    await stream?.close();
  }
  return remarks;
}

/** None beside a Gateway: its own is enough, and the lists tell as well. */
async function openOwnStream(
  { account, client, facts, signal, world }: Visit,
  onMessage: (message: GotifyMessage) => void,
): Promise<GotifyStream | undefined> {
  if (!account.inbound.enabled || isRunning({ account, facts, world })) return undefined;
  try {
    return await client.openStream({ onMessage, signal, openTimeoutMs: world.callTimeoutMs });
  } catch {
    signal.throwIfAborted();
    // What is wrong with it, the stream's own check says.
    return undefined;
  }
}

function isRunning({ account, facts, world }: Pick<Visit, "account" | "facts" | "world">): boolean {
  return facts?.running === true || world.vitalsOf(account.accountId) !== undefined;
}

interface Arrival {
  readonly by: "stream" | "gateway" | "list";
  readonly at: number;
}

/** `undefined`: it is nowhere to be seen. */
async function arrivalOf(
  visit: Visit,
  stored: GotifyMessage,
  frame: Promise<number> | undefined,
): Promise<Arrival | undefined> {
  const { account, client, signal, world } = visit;
  const at = frame && (await atMost(frame, FRAME_SHARE * world.callTimeoutMs, signal));
  if (at !== undefined) return { by: "stream", at };
  if (account.inbound.enabled && isRunning(visit)) {
    const takenAt = await takenInAt(visit, stored.id);
    if (takenAt !== undefined) return { by: "gateway", at: takenAt };
  }
  try {
    const { messages } = await client.listMessages(
      { appId: stored.appId, limit: NEWEST },
      { signal, timeoutMs: world.callTimeoutMs },
    );
    const isThere = messages.some(({ id }) => id === stored.id);
    return isThere ? { by: "list", at: performance.now() } : undefined;
  } catch (error) {
    // Another user's application, which is as good as not there.
    if (error instanceof GotifyHttpError && error.code === "GOTIFY_NOT_FOUND") return undefined;
    throw error;
  }
}

/** `undefined` when the Gateway that runs the account has not taken it in within some seconds. */
async function takenInAt(
  { account, signal, world }: Visit,
  messageId: number,
): Promise<number | undefined> {
  const endsAt = performance.now() + TAKEN_IN_SHARE * world.callTimeoutMs;
  for (;;) {
    if (hasTakenIn(world.stateDir(), account, messageId)) return performance.now();
    if (performance.now() >= endsAt) return undefined;
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function verdict(
  visit: Visit,
  stored: GotifyMessage,
  { postedAt, tookMs, arrival }: { postedAt: number; tookMs: number; arrival: Arrival | undefined },
): Promise<Remark> {
  if (arrival === undefined) {
    return failure(
      "self-test",
      `Message ${stored.id} was posted and stored, and the client token does not see it: the app token belongs to another user.`,
      "Take both tokens from the same user's pages in Gotify.",
    );
  }
  const name = (await visit.applications()).find(({ id }) => id === stored.appId)?.name;
  const where = `application ${name === undefined ? stored.appId : `${quoted(name)} (${stored.appId})`}`;
  const posted = `A message was posted to the ${where} in ${Math.round(tookMs)} ms`;
  const arrivedMs = Math.round(arrival.at - postedAt);
  if (arrival.by === "stream") {
    return fine("self-test", `${posted}, and arrived on the stream after ${arrivedMs} ms.`);
  }
  if (arrival.by === "gateway") {
    return fine("self-test", `${posted}, and the Gateway took it in after ${arrivedMs} ms.`);
  }
  if (!visit.account.inbound.enabled) {
    return fine("self-test", `${posted}, and read back after ${arrivedMs} ms.`);
  }
  if (isRunning(visit)) return notTakenIn(visit, posted);
  return warning(
    "self-test",
    `${posted}, and was found in the list, but did not arrive on a stream.`,
    "See what is said of the stream above; Gotify also leaves a message out when another reader of the same user stalls.",
  );
}

/** One that still reads what it has missed may get to it yet. */
function notTakenIn({ account, world }: Visit, posted: string): Remark {
  const stream = world.vitalsOf(account.accountId)?.stream.value;
  const isBusy = stream === "catching-up" || stream === "connecting";
  const level = isBusy ? warning : failure;
  return level(
    "self-test",
    `${posted}, and is in Gotify's list, but the Gateway has not taken it in: it may not hear what is posted.`,
    isBusy
      ? "The Gateway is still getting ready: try again in a minute."
      : "Restart the Gateway: openclaw gateway restart. If it stays so, look at what stands in front of Gotify: its /stream has to pass unbuffered.",
  );
}

/** Also after an interruption, which has ended the signal: nobody is to find it later. */
async function cleanUp(
  { client, world }: Visit,
  stored: GotifyMessage | undefined,
  isOurs: (message: GotifyMessage) => boolean,
): Promise<Remark[]> {
  const options = { timeoutMs: world.callTimeoutMs };
  const find = async (): Promise<GotifyMessage | undefined> =>
    (await client.listMessages({ limit: NEWEST }, options)).messages.find(isOurs);
  let left = stored;
  try {
    left ??= await find();
    if (left === undefined) {
      await pause(LATE_SHARE * world.callTimeoutMs);
      left = await find();
    }
    if (left === undefined) return [mayStillCome("It is not in Gotify now")];
    await client.deleteMessage(left.id, options);
    return [fine("self-test", "The message was deleted again.")];
  } catch (error) {
    if (left === undefined) {
      return [mayStillCome(`Gotify could not be asked (${errorText(error)})`)];
    }
    return [
      warning(
        "self-test",
        `The message ${left.id} could not be deleted again: ${errorText(error)}`,
        `Delete it in Gotify; it is titled "${TITLE}".`,
      ),
    ];
  }
}

/** Of a post that nobody answered. */
function mayStillCome(known: string): Remark {
  return warning(
    "self-test",
    `Nobody knows whether the message was stored. ${known}, and it may still come.`,
    `Look in Gotify after a while, and delete it if it is there; it is titled "${TITLE}".`,
  );
}

/** `undefined` when it takes longer. */
async function atMost<T>(
  work: Promise<T>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), timeoutMs);
  try {
    return await unlessAborted(signal, Promise.race([work, late.promise]));
  } finally {
    clearTimeout(timer);
  }
}
