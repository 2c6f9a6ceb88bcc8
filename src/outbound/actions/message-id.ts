// Owns message ids as agents and operators name them: Gotify's own, or the one an agent is shown for what came in.
import { asInteger, asString } from "../../gotify/parse.ts";

/** A message by its id, and the counting of ids that it was given in where the id tells. */
export interface NamedMessage {
  readonly id: number;
  readonly feed:
    | { readonly server: string; readonly user: number; readonly epoch: number }
    | undefined;
}

const PLAIN = /^\d{1,15}$/;
/** As `eventId` writes it. */
const JOURNALED = /^([0-9a-f]{8}):(\d{1,15}):(\d{1,15}):(\d{1,15})$/;

/** `12`, or `<server>:<user>:<epoch>:12`; `undefined` for anything else. */
export function parseMessageId(value: unknown): NamedMessage | undefined {
  const text = (asString(value) ?? asInteger(value)?.toString() ?? "").trim();
  if (PLAIN.test(text)) return named(Number(text), undefined);
  const [, server, user, epoch, id] = JOURNALED.exec(text) ?? [];
  if (server === undefined) return undefined;
  return named(Number(id), { server, user: Number(user), epoch: Number(epoch) });
}

/**
 * Whether the id still means the message it was given to: after a reset of the server, or under another
 * address, the same number is another message. What nobody remembers passes.
 *
 * @param epochOf how often this user's feed has begun to count anew.
 */
export function isCurrent(
  { feed }: NamedMessage,
  server: string,
  epochOf: (server: string, user: number) => number | undefined,
): boolean {
  if (feed === undefined) return true;
  return feed.server === server && (epochOf(server, feed.user) ?? feed.epoch) === feed.epoch;
}

function named(id: number, feed: NamedMessage["feed"]): NamedMessage | undefined {
  return id > 0 ? { id, feed } : undefined;
}
