// Owns what a person reads before a change is approved, and what that approval is bound to.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { GotifyHttpError } from "../gotify/errors.ts";
import type { GotifyMessage } from "../gotify/message.ts";
import { shownName } from "./application-names.ts";
import { applicationsAtRisk, clientsInUse, type InUse } from "./in-use.ts";
import { pickNamed, type Kind, type Named } from "./named.ts";
import type { Session } from "./session.ts";
import type { OwnApplication } from "./surroundings.ts";
import { oneLine } from "./text.ts";
import {
  isReading,
  parseRequest,
  ToolRefusedError,
  type Change,
  type ToolRequest,
} from "./tools-request.ts";
import { openToolSession } from "./tools-session.ts";

/** The host refuses longer ones. */
const MAX_DESCRIPTION_CHARS = 512;
const SHOWN_MESSAGES = 6;
const SHOWN_TITLE_CHARS = 40;

export interface ChangeHost {
  readonly cfg: OpenClawConfig;
  readonly ownApplication: OwnApplication;
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
  return describe(request.work, request, await openToolSession(host.cfg, request.account), host);
}

/** The same for a session that is open. */
export async function describe(
  change: Change,
  request: ToolRequest,
  session: Session,
  { ownApplication }: Pick<ChangeHost, "ownApplication">,
): Promise<DescribedChange> {
  const what = cut(await sentence(change, session, ownApplication), MAX_DESCRIPTION_CHARS - 100);
  const { account, client } = session;
  const where = cut(`Gotify account ${account.accountId}, ${client.server.href}`, 90);
  return {
    title: `Gotify: ${change.kind}`,
    description: `${what} (${where})`,
    isDeletion: !/^(?:create|update)/.test(change.kind),
    fingerprint: JSON.stringify([request, account.accountId, client.server.href, what]),
  };
}

async function sentence(
  change: Change,
  session: Session,
  ownApplication: OwnApplication,
): Promise<string> {
  const { client } = session;
  const application = async (id: number): Promise<string> =>
    named("application", id, await client.listApplications());
  const entry = async (id: number): Promise<string> =>
    named("client", id, await client.listClients());
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
    case "update client":
      return `Change ${await entry(change.id)}: ${settingsText(change.settings)}.`;
    case "delete client": {
      const which = await entry(change.id);
      refuseInUse(which, change.id, await clientsInUse(session));
      return `Delete ${which}: whatever uses its token is cut off. This cannot be undone.`;
    }
    case "clear application":
      return `Delete all messages of ${await application(change.id)}. This cannot be undone.`;
    case "delete messages": {
      const messages: GotifyMessage[] = [];
      for (const id of change.ids) messages.push(await messageOf(session, id));
      const shown = messages
        .slice(0, SHOWN_MESSAGES)
        .map(({ id, title }) => `${id} "${cut(oneLine(title), SHOWN_TITLE_CHARS)}"`);
      const more = messages.length - shown.length;
      const rest =
        more > 0 ? `, and ${more} more: ${change.ids.slice(SHOWN_MESSAGES).join(", ")}` : "";
      return `Delete ${messages.length === 1 ? "message" : `${messages.length} messages`} ${shown.join(", ")}${rest}. This cannot be undone.`;
    }
  }
}

function named(kind: Kind, id: number, items: readonly Named[]): string {
  const { name } = pickNamed(
    kind,
    items.filter((item) => item.id === id),
    String(id),
  );
  return `${kind} ${id} (${shownName(name)})`;
}

/** A message is asked for as the newest below the next id: Gotify has no other way to name one. */
async function messageOf({ client }: Session, id: number): Promise<GotifyMessage> {
  const { messages } = await client.listMessages({ since: id + 1, limit: 1 });
  const [found] = messages;
  if (found?.id === id) return found;
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
    `OpenClaw itself needs ${which}, or nobody can tell that it does not. Whoever wants it gone all the same does it with openclaw gotify on the command line.`,
  );
}

function settingsText(settings: object): string {
  return Object.entries(settings)
    .map(
      ([key, value]) =>
        `${key} ${JSON.stringify(typeof value === "string" ? cut(oneLine(value), 100) : value)}`,
    )
    .join(", ");
}

function cut(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars - 1)}…` : text;
}
