// Owns what the doctor says of an account's stream: of the one that is open where a Gateway runs it, and else of one that it opens for a moment.
import { GotifyNetworkError } from "../../gotify/errors.ts";
import type { AccountFacts } from "../../vitals/facts.ts";
import { failure, fine, thrown, type Remark, type Visit } from "./check.ts";

const SECOND_MS = 1_000;

/** How a stream that runs is told. */
type Running = NonNullable<AccountFacts["stream"]>;

export async function streamRemarks(visit: Visit): Promise<Remark[]> {
  const { account, facts, world } = visit;
  if (!account.inbound.enabled) {
    return [fine("stream", "No stream is opened: the account only sends.")];
  }
  // A second socket would be one that may cost other senders an answer when it is closed.
  const vitals = world.vitalsOf(account.accountId);
  if (vitals !== undefined) {
    const { stream, roundTripMs, streamProblem } = vitals;
    const since = new Date(stream.at).toISOString();
    const running = {
      state: stream.value,
      since,
      ...(roundTripMs === undefined ? {} : { roundTripMs }),
    };
    return [ofRunning(running, streamProblem)];
  }
  if (facts?.running === true) {
    return facts.stream === undefined
      ? [
          fine(
            "stream",
            "Another process runs the account, and it alone knows of its stream; it was not asked.",
          ),
        ]
      : [ofRunning(facts.stream, undefined)];
  }
  return [await openOne(visit)];
}

function ofRunning({ state, since, roundTripMs }: Running, problem: string | undefined): Remark {
  switch (state) {
    case "open":
    case "catching-up": {
      const trip = roundTripMs === undefined ? "" : ` and answers in ${Math.round(roundTripMs)} ms`;
      return fine("stream", `The Gateway's stream is open since ${since}${trip}.`);
    }
    case "off":
      return fine("stream", "The Gateway opens no stream: the account only sends.");
    case "connecting":
      return fine("stream", `The Gateway connects, since ${since}.`);
    case "unreadable":
    case "waiting":
    case "blocked":
    case "gave-up":
      return problem === undefined
        ? failure(
            "stream",
            `The Gateway has no stream (${state}), since ${since}.`,
            "Look into the log of the Gateway: openclaw logs.",
          )
        : thrown("stream", new Error(problem));
  }
}

/** Opens one, waits for the answer to its first ping, and closes it as it should be closed. */
async function openOne({ client, signal, world }: Visit): Promise<Remark> {
  const startedAt = performance.now();
  let stream;
  try {
    stream = await client.openStream({
      onMessage() {},
      signal,
      openTimeoutMs: world.callTimeoutMs,
    });
  } catch (error) {
    signal.throwIfAborted();
    return refusal(error, client.server.href, world.callTimeoutMs);
  }
  const tookMs = performance.now() - startedAt;
  await stream.close();
  return fine(
    "stream",
    `A stream opens, and answers its first ping after ${Math.round(tookMs)} ms.`,
  );
}

/** Where other requests are answered in time, it is what stands in between that holds this one back. */
function refusal(error: unknown, server: string, timeoutMs: number): Remark {
  if (!(error instanceof GotifyNetworkError) || error.code === "GOTIFY_UNREACHABLE") {
    return thrown("stream", error);
  }
  const what =
    error.code === "GOTIFY_TIMEOUT"
      ? `gave no sign of life within ${timeoutMs / SECOND_MS} s`
      : "was cut before it gave a sign of life";
  return failure(
    "stream",
    `Gotify at ${server} answers requests, but its stream ${what}: most likely a proxy holds it back or buffers it.`,
    "Let the proxy pass WebSockets on for /stream, without buffering (nginx: proxy_http_version 1.1, the Upgrade and Connection headers, proxy_buffering off).",
  );
}
