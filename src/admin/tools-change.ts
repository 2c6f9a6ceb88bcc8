// Owns what a person reads before a change is approved, and what that approval is bound to.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { GotifyHttpError } from "../gotify/errors.ts";
import { unlessAborted } from "../gotify/deadline.ts";
import { findMessage } from "../gotify/find-message.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { applicationsAtRisk, clientsInUse, type InUse } from "./in-use.ts";
import { pickNamed, type Kind, type Named } from "./named.ts";
import type { Session } from "./session.ts";
import type { OwnApplication } from "./surroundings.ts";
import {
  isReading,
  parseRequest,
  ToolRefusedError,
  type Change,
  type ToolRequest,
} from "./tools-request.ts";
import { openToolSession } from "./tools-session.ts";
import { deletionText, descriptionOf, settingsText, shownThing, whereText } from "./tools-shown.ts";

const SECOND_MS = 1_000;
/** The host ends its hook after 15 s, and then the model learns nothing of the cause. */
const TIME_LIMIT_MS = 12 * SECOND_MS;

export interface ChangeHost {
  readonly cfg: OpenClawConfig;
  readonly ownApplication: OwnApplication;
  readonly timeLimitMs?: number;
}

export interface DescribedChange {
  readonly title: string;
  /** What will happen, where and to what, by its name; nothing secret in it. */
  readonly description: string;
  readonly isDeletion: boolean;
  /** Of all that, and of the call: an approval holds for exactly this. */
  readonly fingerprint: string;
}

/**
 * What a call of a tool would change; `undefined` for one that only reads.
 *
 * @throws {ToolRefusedError} for what cannot be done, before anybody is asked; what the server's answers throw.
 */
export async function describeChange(
  tool: string,
  params: unknown,
  host: ChangeHost,
): Promise<DescribedChange | undefined> {
  const request = parseRequest(tool, params);
  if (isReading(request.work)) return undefined;
  const session = await openToolSession(host.cfg, request.account);
  const { ownApplication, timeLimitMs = TIME_LIMIT_MS } = host;
  const signal = AbortSignal.timeout(timeLimitMs);
  try {
    const around = { ownApplication, signal };
    return await unlessAborted(signal, describe(request.work, request, session, around));
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new ToolRefusedError(
      `Nobody was asked, and nothing was changed: Gotify at ${session.client.server.href} took longer than ${timeLimitMs / SECOND_MS} s to tell what this would change. Try again later.`,
      { cause: error },
    );
  }
}

/** What is known around a call that is described. */
interface Around {
  readonly ownApplication: OwnApplication;
  readonly signal?: AbortSignal | undefined;
}

/** The same for a session that is open. */
export async function describe(
  change: Change,
  request: ToolRequest,
  session: Session,
  around: Around,
): Promise<DescribedChange> {
  const { account, client } = session;
  const where = whereText(account.accountId, client.server.href);
  const what = await sentence(change, session, where, around);
  return {
    title: `Gotify: ${change.kind}`,
    description: descriptionOf(what, where),
    isDeletion: !/^(?:create|update)/.test(change.kind),
    fingerprint: JSON.stringify([request, account.accountId, client.server.href, what]),
  };
}

async function sentence(
  change: Change,
  session: Session,
  where: string,
  { ownApplication, signal }: Around,
): Promise<string> {
  const { client } = session;
  const application = async (id: number): Promise<string> =>
    named("application", id, await client.listApplications({ signal }));
  const entry = async (id: number): Promise<string> =>
    named("client", id, await client.listClients({ signal }));
  switch (change.kind) {
    case "create application":
      return `Create an application: ${settingsText(change.settings)}.`;
    case "update application":
      return `Change ${await application(change.id)}: ${settingsText(change.settings)}.`;
    case "delete application": {
      const which = await application(change.id);
      refuseInUse(which, change.id, await applicationsAtRisk(session, ownApplication));
      return `Delete ${which} with all its messages. This cannot be undone.`;
    }
    case "update client": {
      const which = await entry(change.id);
      // A client that expires is deleted after an outage of that time.
      if ((change.settings.expiresAfterInactivitySeconds ?? 0) > 0) {
        refuseInUse(which, change.id, await clientsInUse(session));
      }
      return `Change ${which}: ${settingsText(change.settings)}.`;
    }
    case "delete client": {
      const which = await entry(change.id);
      refuseInUse(which, change.id, await clientsInUse(session));
      return `Delete ${which}: whatever uses its token is cut off. This cannot be undone.`;
    }
    case "clear application":
      return `Delete all messages of ${await application(change.id)}. This cannot be undone.`;
    case "delete messages": {
      const messages = await Promise.all(change.ids.map((id) => messageOf(session, id, signal)));
      return deletionText(messages, where);
    }
  }
}

function named(kind: Kind, id: number, items: readonly Named[]): string {
  const { name } = pickNamed(
    kind,
    items.filter((item) => item.id === id),
    String(id),
  );
  return shownThing(kind, id, name);
}

async function messageOf(
  { client }: Session,
  id: number,
  signal: AbortSignal | undefined,
): Promise<GotifyMessage> {
  const found = await findMessage(client, id, { signal });
  if (found !== undefined) return found;
  throw new GotifyHttpError(
    `Gotify at ${client.server.href} has no message ${id} for this user. It was deleted, or it belongs to another user.`,
    { code: "GOTIFY_NOT_FOUND", status: 404 },
  );
}

/** An agent cannot cut off the channel that it is asked over; a person at the command line can. */
function refuseInUse(which: string, id: number, inUse: InUse): void {
  const isNeeded = inUse.by.has(id) || inUse.perhapsBy.has(id) || inUse.unread.length > 0;
  if (!isNeeded) return;
  throw new ToolRefusedError(
    `OpenClaw itself needs ${which}, or nobody can tell that it does not. Whoever wants this all the same does it with openclaw gotify on the command line.`,
  );
}
