// Owns what the doctor says of an account's two tokens: what they are good for, whose they are, how long they last, and where answers go.
import type { GotifyClientEntry } from "../../gotify/clients.ts";
import type { GotifyUser } from "../../gotify/server.ts";
import { failure, fine, quoted, told, warning, type Remark, type Visit } from "./check.ts";
import type { ServerLook } from "./server.ts";

const HOUR_MS = 60 * 60 * 1_000;
const DAY_MS = 24 * HOUR_MS;
/** A holiday, and a machine that is broken meanwhile. */
const MIN_IDLE_DAYS = 14;
/** Long enough for any work that needs it. */
const LONG_ELEVATION_MS = DAY_MS;

export interface TokenLook {
  readonly remarks: readonly Remark[];
  /** Whose client token it is; `undefined` where there is none that works. */
  readonly user: GotifyUser | undefined;
  /** Whether the app token may post. */
  readonly canPost: boolean;
}

export async function lookAtTokens(visit: Visit, server: ServerLook): Promise<TokenLook> {
  const { account, client, signal, world } = visit;
  const options = { signal, timeoutMs: world.callTimeoutMs };
  const [app, reader] = await Promise.all([
    account.appToken === undefined ? undefined : client.probeAppToken(options),
    account.clientToken === undefined ? undefined : client.probeClientToken(options),
  ]);
  const user = reader?.status === "valid" ? reader.user : undefined;
  const remarks: Remark[] = [];
  if (app?.status === "valid") {
    remarks.push(fine("app-token", "The app token is an application's, and may post."));
  } else if (app !== undefined) remarks.push(told("app-token", app.error.message));
  if (reader === undefined) {
    remarks.push(fine("client-token", "There is no client token: the account only sends."));
  } else if (reader.status !== "valid") {
    remarks.push(told("client-token", reader.error.message));
  } else {
    remarks.push(
      fine(
        "client-token",
        `The client token is good: it reads for the user ${quoted(reader.user.name)}.`,
      ),
    );
  }
  if (user !== undefined) {
    remarks.push(...(await clientRemarks(visit)));
    if (app?.status === "valid") remarks.push(await applicationRemark(visit, server, user));
  }
  return { remarks, user, canPost: app?.status === "valid" };
}

async function clientRemarks({ account, client, signal, world }: Visit): Promise<Remark[]> {
  const own = await client.ownClient({ signal, timeoutMs: world.callTimeoutMs });
  if (own === undefined) {
    return [fine("client", "The server does not tell which client the client token belongs to.")];
  }
  const known = `The client token belongs to the client ${quoted(own.name)} (${own.id})`;
  return [expiryRemark(own, known, account.inbound.enabled), ...elevationRemarks(own, world.now())];
}

/** An open stream counts as use, so what matters is how long OpenClaw may be off. */
function expiryRemark(own: GotifyClientEntry, known: string, receives: boolean): Remark {
  const idleMs = own.expiresAfterInactivitySeconds * 1_000;
  if (idleMs === 0) return fine("client", `${known}, which does not expire.`);
  const lasts = `${known}, which expires ${duration(idleMs)} after its last use`;
  if (idleMs >= MIN_IDLE_DAYS * DAY_MS) return fine("client", `${lasts}.`);
  return warning(
    "client",
    `${lasts}: ${receives ? "if OpenClaw is off for longer, it cannot come back" : "nothing uses it while OpenClaw only sends"}.`,
    `Let it never expire: openclaw gotify clients update ${own.id} --expires-after never, or on Gotify's Clients page.`,
  );
}

function elevationRemarks({ elevatedUntil }: GotifyClientEntry, now: number): Remark[] {
  const leftMs = (elevatedUntil?.getTime() ?? 0) - now;
  if (leftMs <= 0) return [];
  const text = `The client is elevated for another ${duration(leftMs)}: without a password, its token may delete applications and clients, and replace tokens`;
  if (leftMs <= LONG_ELEVATION_MS) return [fine("elevation", `${text}.`)];
  return [
    warning(
      "elevation",
      `${text}.`,
      "Elevate a client for minutes, when that is needed. To end it now, log in anew (openclaw channels login --channel gotify) and delete this client.",
    ),
  ];
}

/** Which application answers go to, and whether it is the same user's: otherwise nothing that is posted is ever seen. */
async function applicationRemark(
  visit: Visit,
  server: ServerLook,
  user: GotifyUser,
): Promise<Remark> {
  const { account, world, signal } = visit;
  const [own, applications] = await Promise.all([
    world.ownApplication(account, signal),
    visit.applications(),
  ]);
  const found = applications.find(({ id }) => id === own);
  if (found !== undefined) {
    const origin =
      account.outbound.replyTo === "origin"
        ? "Answers go to the application that was written from, and everything else to"
        : "Answers go to the application";
    return fine("application", `${origin} ${quoted(found.name)} (${found.id}).`);
  }
  if (own === undefined && server.generation !== 2) {
    return fine(
      "application",
      "Gotify 3 tells which application an app token belongs to with a post alone: --self-test finds out.",
    );
  }
  return failure(
    "application",
    `The app token belongs to another user than the client token (${quoted(user.name)}), so answers are posted where this user does not see them.`,
    "Take both tokens from the same user's pages in Gotify.",
  );
}

function duration(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)} days`;
  if (ms >= 2 * HOUR_MS) return `${Math.floor(ms / HOUR_MS)} hours`;
  return `${Math.max(1, Math.round(ms / 60_000))} minutes`;
}
