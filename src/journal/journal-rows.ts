// Owns reading a row of the inbox: from SQLite's values to the records that the host's queue contract names.
import type {
  ChannelIngressQueueClaim,
  ChannelIngressQueueRecord,
} from "openclaw/plugin-sdk/channel-outbound";
import { parseJson } from "../gotify/parse.ts";

export type RowState = "pending" | "claimed" | "completed" | "failed";

/** Whose queue it is; part of every record. */
export interface QueueIdentity {
  readonly channelId: string;
  readonly accountId: string;
  readonly queueName: string;
}

/** A row as SQLite gives it, checked. */
export interface InboxRow {
  readonly id: string;
  readonly state: RowState;
  readonly lane: string | undefined;
  /** The body, read when it is wanted; `undefined` when it is gone. */
  readonly payload: () => string | undefined;
  readonly metadata: string | undefined;
  readonly receivedAt: number;
  readonly updatedAt: number;
  readonly attempts: number;
  readonly attemptedAt: number | undefined;
  readonly lastError: string | undefined;
  readonly claim: { token: string; ownerId: string; claimedAt: number } | undefined;
  readonly turn: string | undefined;
  readonly reason: string | undefined;
  readonly reasonText: string | undefined;
}

const STATES: readonly RowState[] = ["pending", "claimed", "completed", "failed"];

export function readRow(
  raw: Readonly<Record<string, unknown>>,
  readBody: (id: string) => string | undefined,
): InboxRow {
  const state = STATES.find((known) => known === raw["state"]);
  const id = text(raw["id"]);
  if (state === undefined || id === undefined) {
    throw new Error("The journal holds a row that this version cannot read.");
  }
  const token = text(raw["claim_token"]);
  return {
    id,
    state,
    lane: text(raw["lane"]),
    payload: () => readBody(id),
    metadata: text(raw["metadata"]),
    receivedAt: number(raw["received_at"]) ?? 0,
    updatedAt: number(raw["updated_at"]) ?? 0,
    attempts: number(raw["attempts"]) ?? 0,
    attemptedAt: number(raw["attempted_at"]),
    lastError: text(raw["last_error"]),
    claim:
      token === undefined || state !== "claimed"
        ? undefined
        : {
            token,
            ownerId: text(raw["claim_owner"]) ?? "",
            claimedAt: number(raw["claimed_at"]) ?? 0,
          },
    turn: text(raw["turn"]),
    reason: text(raw["reason"]),
    reasonText: text(raw["reason_text"]),
  };
}

/** What a row says besides its body. */
function factsOf(queue: QueueIdentity, row: InboxRow) {
  return {
    ...queue,
    id: row.id,
    ...(row.metadata === undefined ? {} : { metadata: parseJson(row.metadata) }),
    receivedAt: row.receivedAt,
    updatedAt: row.updatedAt,
    ...(row.lane === undefined ? {} : { laneKey: row.lane }),
    attempts: row.attempts,
    ...(row.attemptedAt === undefined ? {} : { lastAttemptAt: row.attemptedAt }),
    ...(row.lastError === undefined ? {} : { lastError: row.lastError }),
  };
}

function bodyOf(row: InboxRow): unknown {
  const body = row.payload();
  return body === undefined ? undefined : parseJson(body);
}

/** The body is read when it is looked at: the host lists far more rows than it handles. */
export function toRecord(queue: QueueIdentity, row: InboxRow): ChannelIngressQueueRecord<unknown> {
  return {
    ...factsOf(queue, row),
    get payload() {
      return bodyOf(row);
    },
  };
}

/** The same of a claim that is only listed. */
export function toListedClaim(
  queue: QueueIdentity,
  row: InboxRow,
): ChannelIngressQueueClaim<unknown> {
  return {
    ...factsOf(queue, row),
    get payload() {
      return bodyOf(row);
    },
    claim: claimOf(row),
  };
}

/** A claim that is handed out has its body with it, whatever becomes of the journal. */
export function toClaim(queue: QueueIdentity, row: InboxRow): ChannelIngressQueueClaim<unknown> {
  return { ...factsOf(queue, row), payload: bodyOf(row), claim: claimOf(row) };
}

function claimOf(row: InboxRow): ChannelIngressQueueClaim<unknown>["claim"] {
  return row.claim ?? { token: "", ownerId: "", claimedAt: row.updatedAt };
}

export function toCompleted(queue: QueueIdentity, row: InboxRow) {
  const { metadata } = factsOf(queue, row);
  return {
    ...queue,
    id: row.id,
    completedAt: row.updatedAt,
    ...(metadata === undefined ? {} : { metadata }),
  };
}

export function toFailed(queue: QueueIdentity, row: InboxRow) {
  return {
    ...queue,
    id: row.id,
    failedAt: row.updatedAt,
    reason: row.reason ?? "unknown",
    ...(row.reasonText === undefined ? {} : { message: row.reasonText }),
  };
}

export function toDeadLetter(queue: QueueIdentity, row: InboxRow) {
  const payload = bodyOf(row);
  return {
    ...factsOf(queue, row),
    ...(payload === undefined ? {} : { payload }),
    ...toFailed(queue, row),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
