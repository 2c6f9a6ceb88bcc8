// Owns reading back: which parts of a delivery the server has, by their stamps, and whether what is missing can still come.
import type { GotifyClient } from "../../gotify/client.ts";
import { readStamp } from "../../gotify/delivery-stamp.ts";
import type { GotifyMessage } from "../../gotify/message.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** How far before the first post the reading goes, so that no clock and no late commit hides it. */
const MARGIN_MS = 10 * MINUTE_MS;
/** Dates are kept by the second on some databases, and the `Date` header always is. */
const DATE_PRECISION_MS = 2 * SECOND_MS;
/** 10,000 messages: a server that takes in more within the margin has to be asked by hand. */
const MAX_PAGES = 50;
/** How long after a sign what is not there will not come any more; PostgreSQL shows ids up to 1.4 s late. */
export const SETTLE_MS = 10 * SECOND_MS;

/** Which delivery is looked for. `by` is this installation: another one's stamp may be a copy. */
export interface SoughtDelivery {
  readonly by: string;
  readonly id: string;
  readonly payload: number;
  /** When its very first post can have begun, in ms since 1970 by this machine's clock. */
  readonly sinceAt: number;
}

export interface ReadBack {
  /** Its stored messages by part; of several with the same stamp the oldest. */
  readonly found: ReadonlyMap<number, GotifyMessage>;
  /** Of how many parts the stored ones say they are. */
  readonly parts: number | undefined;
  /** False when the reading ended before it was through: then nothing is known of what was not found. */
  readonly isComplete: boolean;
  /** When it began: by the wall clock, and by the one that only goes forward. */
  readonly readAt: number;
  readonly readElapsed: number;
}

interface Clocks {
  readonly now: () => number;
  readonly elapsed: () => number;
}

/** @throws what the calls throw. Reads nothing but the messages of the client token's user. */
export async function readBack(
  client: Pick<GotifyClient, "readPages">,
  sought: SoughtDelivery,
  { now, elapsed }: Clocks,
  signal: AbortSignal | undefined,
): Promise<ReadBack> {
  const [readAt, readElapsed] = [now(), elapsed()];
  const found = new Map<number, GotifyMessage>();
  let parts: number | undefined;
  let pages = 0;
  const done = (isComplete: boolean): ReadBack => ({
    found,
    parts,
    isComplete,
    readAt,
    readElapsed,
  });

  for await (const page of client.readPages({}, { signal })) {
    pages += 1;
    // How far the server's clock is ahead of ours. A proxy may answer with a clock of its own, so the
    // reading goes as much further back.
    const aheadMs = page.servedAt === undefined ? 0 : page.servedAt.getTime() - now();
    const reachMs = MARGIN_MS + 2 * Math.abs(aheadMs) + DATE_PRECISION_MS;
    // By whole pages: one message with an odd date must not end the reading.
    let isAllOlder = page.messages.length > 0;
    for (const message of page.messages) {
      const stamp = readStamp(message.extras);
      if (stamp?.by === sought.by && stamp.id === sought.id && stamp.payload === sought.payload) {
        found.set(stamp.part, message);
        parts = stamp.parts;
      }
      const storedAt = message.date?.getTime();
      if (storedAt === undefined || storedAt >= sought.sinceAt - reachMs) isAllOlder = false;
    }
    if (isAllOlder) return done(true);
    if (page.next === undefined) return done(true);
    if (pages >= MAX_PAGES) return done(false);
  }
  return done(true);
}

/** What was seen after a post of unknown fate. */
export interface SignsOfLife {
  /** When the server itself answered the post, in ms since 1970. */
  readonly answeredAt: number | undefined;
  /** When a later post of ours went through, by the clock that only goes forward. */
  readonly takenAt: number | undefined;
}

/**
 * Whether what was not found will not come any more: the server answered the post, or took a later one of
 * ours, and ten seconds have passed. A database that hangs can store a post that timed out a minute later,
 * so time alone proves nothing; neither do other senders' messages, which may go another way.
 */
export function isProvenAbsent(read: ReadBack, { answeredAt, takenAt }: SignsOfLife): boolean {
  if (!read.isComplete) return false;
  return (
    (answeredAt !== undefined && read.readAt >= answeredAt + SETTLE_MS) ||
    (takenAt !== undefined && read.readElapsed >= takenAt + SETTLE_MS)
  );
}
