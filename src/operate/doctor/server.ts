// Owns what the doctor says of the server as anybody may ask it: whether Gotify answers there, which one, and whether its clock agrees.
import { transportTo } from "../../config/connection-transport.ts";
import { GotifyHttpError, GotifyNetworkError } from "../../gotify/errors.ts";
import { asHttpDate } from "../../gotify/parse.ts";
import { failure, fine, quoted, thrown, warning, type Remark, type Visit } from "./check.ts";

const SECOND_MS = 1_000;
/** What approvals, commands and the age of messages bear. */
const MAX_CLOCK_DIFFERENCE_MS = 60 * SECOND_MS;
/** The oldest one that has all that is used here, and the newest that was tried. */
const OLDEST_VERSION = [2, 2] as const;
const NEWEST_MAJOR = 3;
/** How a proxy says that nobody may look. That says nothing of whether tokens work. */
const HIDDEN: ReadonlySet<number> = new Set([401, 403, 404, 405]);

export interface ServerLook {
  readonly remarks: readonly Remark[];
  /**
   * - `well`: Gotify answers, and its database. - `hidden`: something answers, and hides what Gotify tells
   *   anybody; the tokens will tell. - `down`: there is nobody to ask anything else.
   */
  readonly state: "well" | "hidden" | "down";
  /** Gotify 3 shows no tokens; `undefined` where nobody says which one it is. */
  readonly generation: 2 | 3 | undefined;
}

export async function lookAtServer(visit: Visit): Promise<ServerLook> {
  const { client, signal, world } = visit;
  const options = { signal, timeoutMs: world.callTimeoutMs };
  const startedAt = performance.now();
  const [health, version, info] = await Promise.allSettled([
    onceMore(() => client.health(options)).then((value) => ({
      value,
      tookMs: performance.now() - startedAt,
    })),
    onceMore(() => client.version(options)),
    onceMore(() => client.info(options)),
  ]);
  signal.throwIfAborted();
  // What only Gotify 3 offers, and Gotify 2 answers in a way of its own.
  const generation =
    info.status === "rejected" ? undefined : info.value === undefined ? 2 : (3 as const);
  if (health.status === "rejected" && version.status === "rejected") {
    const error: unknown = version.reason;
    const isHidden = error instanceof GotifyHttpError && HIDDEN.has(error.status);
    return {
      remarks: [thrown("reachable", error)],
      state: isHidden ? "hidden" : "down",
      generation,
    };
  }
  const remarks: Remark[] = [];
  let state: ServerLook["state"] = "well";
  if (health.status === "fulfilled") {
    const { value, tookMs } = health.value;
    remarks.push(
      fine("reachable", `Gotify at ${client.server.href} answers in ${Math.round(tookMs)} ms.`),
    );
    if (value.ok) remarks.push(fine("health", "Gotify and its database say that they are well."));
    else {
      state = "down";
      remarks.push(
        failure(
          "health",
          `Gotify says of itself ${value.health}, and of its database ${value.database}.`,
          "Check that Gotify's database runs and can be reached from Gotify, and look into Gotify's log.",
        ),
      );
    }
  } else {
    remarks.push(fine("reachable", `Gotify at ${client.server.href} answers.`));
    remarks.push(thrown("health", health.reason, "warning"));
  }
  remarks.push(
    version.status === "fulfilled"
      ? versionRemark(version.value.version, generation)
      : thrown("version", version.reason, "warning"),
  );
  return { remarks, state, generation };
}

/** A connection that was kept from an earlier request may have ended with a restart of the server. */
async function onceMore<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof GotifyNetworkError) || error.code !== "GOTIFY_CONNECTION_LOST") {
      throw error;
    }
    return ask();
  }
}

function versionRemark(version: string, generation: ServerLook["generation"]): Remark {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  if (major === undefined || minor === undefined) {
    return fine(
      "version",
      `Gotify says ${quoted(version)} for its version, as one does that somebody built${generation === undefined ? "" : `; it answers like Gotify ${generation}`}.`,
    );
  }
  const [oldestMajor, oldestMinor] = OLDEST_VERSION;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    return warning(
      "version",
      `Gotify ${version} is older than ${oldestMajor}.${oldestMinor}, and lacks what this plugin uses.`,
      "Update Gotify.",
    );
  }
  if (major > NEWEST_MAJOR) {
    return warning(
      "version",
      `Gotify ${version} is newer than this plugin knows.`,
      "Update the plugin: openclaw plugins update gotify.",
    );
  }
  return fine("version", `Gotify ${version}.`);
}

/** By the `Date` of an answer, which is exact to a second. What looks wrong is looked at twice: a request may have been held up. */
export async function clockRemarks(visit: Visit): Promise<Remark[]> {
  let difference = await clockDifference(visit);
  if (typeof difference === "number" && isWrong(difference)) {
    const again = await clockDifference(visit);
    if (typeof again !== "number" || Math.abs(again) < Math.abs(difference)) difference = again;
  }
  if (difference === "cached") {
    const text = "A cache answers for the server, so the clocks were not compared.";
    return [fine("clock", text)];
  }
  if (difference === undefined) {
    return [fine("clock", "The server does not tell its time, so the clocks were not compared.")];
  }
  const seconds = Math.round(Math.abs(difference) / SECOND_MS);
  if (!isWrong(difference)) {
    return [
      fine(
        "clock",
        `This machine's clock and the server's agree to within ${Math.max(1, seconds)} s.`,
      ),
    ];
  }
  return [
    warning(
      "clock",
      `The server's clock is ${seconds} s ${difference > 0 ? "ahead of" : "behind"} this machine's: messages seem older or newer than they are, and commands may come too late.`,
      "Let both machines set their clocks by the network, e.g. with timedatectl set-ntp true.",
    ),
  ];
}

function isWrong(difference: number): boolean {
  return Math.abs(difference) > MAX_CLOCK_DIFFERENCE_MS;
}

/** Milliseconds that the server's clock is ahead. `cached`: the answer is from some time ago; `undefined`: it bears no time. */
async function clockDifference({
  account,
  client,
  signal,
  world,
}: Visit): Promise<number | "cached" | undefined> {
  const { transport } = transportTo(client.server.href, account.connection);
  const askedAt = world.now();
  const answer = await transport({
    url: client.server.http("/version"),
    method: "GET",
    headers: {
      accept: "application/json",
      "cache-control": "no-cache",
      ...account.connection.headers,
    },
    body: undefined,
    signal,
  });
  const servedAt = asHttpDate(answer.header("date"));
  const isCached = CACHE_MARKS.some(([name, mark]) => mark.test(answer.header(name) ?? ""));
  answer.discard();
  if (servedAt === undefined) return undefined;
  if (isCached) return "cached";
  const here = (askedAt + world.now()) / 2;
  return servedAt.getTime() + SECOND_MS / 2 - here;
}

/** How an answer says that it was given before, to somebody else. */
const CACHE_MARKS: readonly (readonly [string, RegExp])[] = [
  ["age", /\d/],
  ["x-cache", /\bhit/i],
  ["cf-cache-status", /^hit/i],
];
