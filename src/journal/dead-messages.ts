// Owns the messages that were given up: rows of the inbox that nobody tries again until a person says so.
import type { GotifyMessage } from "../gotify/message.ts";
import { asInteger, asString, parseJson } from "../gotify/parse.ts";
import type { Journal } from "./journal.ts";
import { readMessage, readPayload, UnreadableRowError } from "./wire.ts";

/** A row as it was given up, without its body. Times in ms since 1970. */
export interface DeadMessage {
  readonly rowId: string;
  /** The message's own id on its server; `undefined` for a row that was not taken in from a feed. */
  readonly messageId: number | undefined;
  /** The user of the server that it came from, see `feedKeyOf`; `undefined` as above. */
  readonly feedKey: string | undefined;
  /** Which counting of the server its id belongs to; `undefined` as above. */
  readonly epoch: number | undefined;
  readonly lane: string;
  /** Stable, for programs, e.g. `no-agent`. */
  readonly reason: string;
  /** One line for people, where there is one. */
  readonly reasonText: string | undefined;
  readonly lastError: string | undefined;
  readonly attempts: number;
  readonly attemptedAt: number | undefined;
  readonly takenInAt: number;
  readonly failedAt: number;
}

/** What the journal says of a message that is not among the dead ones. */
export type OtherState = "pending" | "claimed" | "completed";

/**
 * What makes a row one that was never tried. It goes back into the lane of its conversation, in front of what
 * came after it: the lane of its own that failures gave it would let it be answered beside its neighbours.
 * Under which turn the host may know it stays noted: what its session has already is not handed over again.
 */
export const BACK_IN_QUEUE = `state = 'pending', attempts = 0, attempted_at = null, last_error = null,
  reason = null, reason_text = null, received_at = $at, updated_at = $at,
  lane = iif(instr(lane, '/~') > 0, substr(lane, 1, instr(lane, '/~') - 1), lane)`;

const COLUMNS = `id, position, lane, reason, reason_text, last_error, attempts, attempted_at, received_at, updated_at`;

/** Those that were given up first come first. */
export function listDeadMessages(journal: Journal): readonly DeadMessage[] {
  return journal
    .sql(`select ${COLUMNS} from inbox where state = 'failed' order by updated_at, seq`)
    .all()
    .map(readRow);
}

/** The message itself; `undefined` when its row cannot be read. Bodies are large, so they are read one by one. */
export function readDeadMessage(journal: Journal, rowId: string): GotifyMessage | undefined {
  const row = journal.sql("select payload from inbox where id = $rowId").get({ rowId });
  try {
    return readMessage(readPayload(parseJson(asString(row?.["payload"]) ?? "")).body);
  } catch (error) {
    if (error instanceof UnreadableRowError) return undefined;
    throw error;
  }
}

/** Puts it back into the queue, as if it had just come in. False when it is not a dead one any more. */
export function resubmitMessage(journal: Journal, rowId: string, at: number): boolean {
  const sql = `update inbox set ${BACK_IN_QUEUE} where id = $rowId and state = 'failed'`;
  return journal.sql(sql).run({ rowId, at }).changes === 1;
}

/**
 * Forgets it for good. The id stays, as it does of every message that was handled: without it, a server that
 * is read anew would bring the message again. False when it is not a dead one any more.
 */
export function dropMessage(journal: Journal, rowId: string, at: number): boolean {
  const sql = `update inbox set state = 'completed', payload = null, metadata = null, last_error = null,
      reason = null, reason_text = null, delete_at = null, updated_at = $at
    where id = $rowId and state = 'failed'`;
  return journal.durably(() => journal.sql(sql).run({ rowId, at }).changes === 1);
}

/** What became of the newest message with this id, by its own number or by its row's; `undefined` when there is none. */
export function otherStateOf(journal: Journal, written: string): OtherState | undefined {
  const number = /^\d{1,15}$/.test(written) ? Number(written) : null;
  const state = journal
    .sql(
      `select state from inbox where state != 'failed' and (id = $written or position = $number)
       order by seq desc limit 1`,
    )
    .get({ written, number })?.["state"];
  return state === "pending" || state === "claimed" || state === "completed" ? state : undefined;
}

/** The users of a server that this account has read, by their ids. */
export function usersOf(journal: Journal, server: string): readonly number[] {
  return journal
    .sql("select user from feed where server = $server")
    .all({ server })
    .map(({ user }) => asInteger(user))
    .filter((user) => user !== undefined);
}

function readRow(row: Readonly<Record<string, unknown>>): DeadMessage {
  const rowId = asString(row["id"]) ?? "";
  const [, feedKey, epoch, messageId] = /^(\w+:\d+):(\d+):(\d+)$/.exec(rowId) ?? [];
  return {
    rowId,
    feedKey,
    epoch: epoch === undefined ? undefined : Number(epoch),
    messageId: messageId === undefined ? undefined : Number(messageId),
    lane: asString(row["lane"]) ?? "",
    reason: asString(row["reason"]) ?? "unknown",
    reasonText: asString(row["reason_text"]),
    lastError: asString(row["last_error"]),
    attempts: asInteger(row["attempts"]) ?? 0,
    attemptedAt: asInteger(row["attempted_at"]),
    takenInAt: asInteger(row["received_at"]) ?? 0,
    failedAt: asInteger(row["updated_at"]) ?? 0,
  };
}
