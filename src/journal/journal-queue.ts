// Owns the inbox: the host's ingress queue contract over the journal, because the host keeps its own stores from third-party plugins.
import type { SQLInputValue } from "node:sqlite";
import type { ChannelIngressQueue } from "openclaw/plugin-sdk/channel-outbound";
import { asString } from "../gotify/parse.ts";
import { createClaimer, createClaimList, orderOf } from "./journal-claims.ts";
import { BACK_IN_QUEUE } from "./dead-messages.ts";
import { isPassing } from "./journal-errors.ts";
import { COLUMNS, createHeads } from "./journal-heads.ts";
import {
  readRow,
  toClaim,
  toCompleted,
  toDeadLetter,
  toFailed,
  toRecord,
  type InboxRow,
  type QueueIdentity,
} from "./journal-rows.ts";
import { createTurns, type Turns } from "./journal-turns.ts";
import { createUpkeep } from "./journal-upkeep.ts";
import type { Journal } from "./journal.ts";

type Queue = ChannelIngressQueue<unknown>;
type Values = Readonly<Record<string, SQLInputValue>>;

/** The host's contract, and what this channel needs beyond it. */
export interface JournalQueue extends Queue, Turns {
  /** Sets rows aside that do not belong to this feed: an answer would go to a server they did not come from. */
  readonly setAsideOthers: (feedKey: string) => number;
  /** Milliseconds that it took to list what is pending, the last time. */
  readonly listCostMs: () => number;
}

export interface JournalQueueOptions {
  readonly identity: QueueIdentity;
  /** While false, nothing is handed out. Default: always open. */
  readonly isOpen?: () => boolean;
  /** While true for a lane, nothing of it is handed out. Default: never. */
  readonly isFull?: (lane: string) => boolean;
  /** Called before a row is handed out, inside the transaction; throws when this process may not. */
  readonly assertConsumer?: () => void;
  /**
   * Waits before a settlement is tried again that a full or busy disk refused. Rejects when there is no
   * point in waiting any more. Default: such a settlement fails, and its row stays claimed.
   */
  readonly untilNextTry?: () => Promise<void>;
  /** Called each time that the host looks for work: it does so twice a second. */
  readonly onAsked?: () => void;
  /** Called for messages that will be tried again, and for those that were given up. */
  readonly onCount?: (what: "retries" | "failed", times: number) => void;
  readonly now?: () => number;
}

/**
 * The queue of one account. Rows are unique by id for as long as their tombstone lives, are claimed by
 * one owner at a time, and change only for whoever holds the claim's token. The contract is additive:
 * unknown options are ignored.
 */
export function createJournalQueue(journal: Journal, setup: JournalQueueOptions): JournalQueue {
  const {
    identity: queue,
    isOpen = () => true,
    isFull = () => false,
    assertConsumer = () => {},
    onCount = () => {},
    now = Date.now,
  } = setup;
  const readBody = (id: string): string | undefined =>
    asString(journal.sql("select payload from inbox where id = $id").get({ id })?.["payload"]);
  const select = (where: string, values: Values = {}): InboxRow[] =>
    journal
      .sql(`select ${COLUMNS} from inbox ${where}`)
      .all(values)
      .map((raw) => readRow(raw, readBody));
  const find = (id: string): InboxRow | undefined => select("where id = $id", { id })[0];
  /** Changes a row: by its id alone only while nobody holds it, and a held one only for the claim's holder. */
  const change = (
    ref: string | ClaimRef,
    set: string,
    values: Values,
    unheldState: "pending" | "failed" = "pending",
  ): boolean => {
    const { id, token } = identify(ref);
    const sql = `update inbox set ${set} where id = $id
      and iif($token is null, state = $unheldState, state = 'claimed' and claim_token = $token)`;
    return journal.sql(sql).run({ ...values, id, token, unheldState }).changes === 1;
  };

  const claims = createClaimList(journal, queue, select);
  const claimer = createClaimer({
    journal,
    queue,
    find,
    select,
    isFull,
    onUnreadable: () => onCount("failed", 1),
    now,
  });
  const heads = createHeads(journal);
  /** Settles a row, however long the disk takes: a row that stays claimed would hold its conversation up. */
  const persist = async (work: () => boolean): Promise<boolean> => {
    for (;;) {
      try {
        return work();
      } catch (error) {
        // Closed: whoever comes next finds the row as it is.
        if (!journal.db.isOpen) return false;
        if (setup.untilNextTry === undefined || !isPassing(error)) throw error;
        await setup.untilNextTry();
      }
    }
  };

  /** Completed by this very claim, with the others of its turn: it is on the disk, and need not be written again. */
  const isTombstoneOf = (ref: string | ClaimRef): boolean => {
    const { id, token } = identify(ref);
    const sql = `select 1 from inbox where id = $id and state = 'completed' and claim_token = $token`;
    return journal.sql(sql).get({ id, token }) !== undefined;
  };

  let listCostMs = 0;
  const inbox: JournalQueue = {
    async enqueue(id, payload, options = {}) {
      return journal.transaction(() => {
        const existing = find(id);
        if (existing === undefined) {
          const at = now();
          journal
            .sql(
              `insert into inbox (id, state, lane, payload, metadata, received_at, updated_at)
               values ($id, 'pending', $lane, $payload, $metadata, $receivedAt, $at)`,
            )
            .run({
              id,
              lane: options.laneKey ?? null,
              payload: JSON.stringify(payload),
              metadata: options.metadata === undefined ? null : JSON.stringify(options.metadata),
              receivedAt: options.receivedAt ?? at,
              at,
            });
          const row = find(id);
          if (row === undefined) throw new Error("The journal lost a row it had just written.");
          return { kind: "accepted", duplicate: false, record: toRecord(queue, row) };
        }
        switch (existing.state) {
          case "pending":
            return { kind: "pending", duplicate: true, record: toRecord(queue, existing) };
          case "claimed":
            return { kind: "claimed", duplicate: true, record: toClaim(queue, existing) };
          case "completed":
            return { kind: "completed", duplicate: true, record: toCompleted(queue, existing) };
          case "failed":
            return { kind: "failed", duplicate: true, record: toFailed(queue, existing) };
        }
      });
    },

    async listPending(options = {}) {
      if (options.limit === "all") {
        setup.onAsked?.();
        const begun = performance.now();
        const rows = isOpen() ? heads((lane) => !isFull(lane)) : [];
        const records = rows.map((raw) => toRecord(queue, readRow(raw, readBody)));
        listCostMs = performance.now() - begun;
        return records;
      }
      return select(
        `where state = 'pending' ${orderOf(options.orderBy)} ${limit(options.limit)}`,
      ).map((row) => toRecord(queue, row));
    },

    listClaims: async () => claims(),

    async listFailed(options = {}) {
      const rows = select(
        `where state = 'failed' order by updated_at, seq ${limit(options.limit)}`,
      );
      return rows.map((row) => toDeadLetter(queue, row));
    },

    async claimNext(options = {}) {
      if (!isOpen()) return null;
      if (options.staleMs !== undefined)
        await inbox.recoverStaleClaims({ staleMs: options.staleMs });
      return journal.transaction(() => {
        assertConsumer();
        return claimer.next(options);
      });
    },

    async claim(id, options = {}) {
      return journal.transaction(() => {
        assertConsumer();
        const row = find(id);
        if (row?.state !== "pending") return null;
        return claimer.one(row, options.ownerId, row.lane);
      });
    },

    async refreshClaim(claim, options = {}) {
      const at = options.refreshedAt ?? now();
      return change(claim, "claimed_at = $at, updated_at = $at", { at });
    },

    /** The body goes: a tombstone holds the id and nothing anyone wrote. */
    async complete(ref, options = {}) {
      const at = options.completedAt ?? now();
      const metadata = options.metadata === undefined ? null : JSON.stringify(options.metadata);
      const done = `state = 'completed', payload = null, last_error = null, claim_owner = null,
        claimed_at = null, metadata = $metadata, updated_at = $at`;
      const settle = (): boolean => {
        const { id, token } = identify(ref);
        const row = find(id);
        if (change(ref, done, { metadata, at })) {
          if (row?.turn !== undefined) {
            journal
              .sql(`update inbox set ${done} where turn = $turn and state = 'claimed'`)
              .run({ metadata, at, turn: row.turn });
          }
          return true;
        }
        if (token !== null) return false;
        // Completing what was never taken in leaves a tombstone too: it must not be taken in later.
        const sql = `insert into inbox (id, state, metadata, received_at, updated_at)
          values ($id, 'completed', $metadata, $at, $at) on conflict (id) do nothing`;
        return journal.sql(sql).run({ id, metadata, at }).changes === 1;
      };
      return persist(() => isTombstoneOf(ref) || journal.durably(settle));
    },

    listCostMs: () => listCostMs,

    setAsideOthers(feedKey) {
      const { changes } = journal
        .sql(
          `update inbox set state = 'failed', reason = 'other-server', reason_text = $text,
             claim_token = null, claim_owner = null, claimed_at = null, turn = null, updated_at = $at
           where state in ('pending', 'claimed') and substr(id, 1, length($prefix)) != $prefix`,
        )
        .run({
          text: "It came from another server or user than the account has now.",
          prefix: `${feedKey}:`,
          at: now(),
        });
      if (changes > 0) onCount("failed", changes);
      return changes;
    },

    async release(ref, options = {}) {
      const isAttempt = options.recordAttempt !== false;
      const settle = (): boolean =>
        change(
          ref,
          `state = 'pending', claim_token = null, claim_owner = null, claimed_at = null, turn = null,
         attempts = attempts + $attempt, attempted_at = iif($attempt, $at, attempted_at),
         last_error = coalesce($error, last_error), updated_at = $at`,
          {
            attempt: isAttempt ? 1 : 0,
            error: options.lastError ?? null,
            at: options.releasedAt ?? now(),
          },
        );
      const isReleased = await persist(settle);
      if (isReleased && isAttempt) onCount("retries", 1);
      return isReleased;
    },

    async fail(ref, options) {
      const settle = (): boolean =>
        change(
          ref,
          `state = 'failed', claim_token = null, claim_owner = null, claimed_at = null, turn = null,
         reason = $reason, reason_text = $text, updated_at = $at`,
          {
            reason: options.reason,
            text: options.message ?? null,
            at: options.failedAt ?? now(),
          },
        );
      const isFailed = await persist(() => journal.durably(settle));
      if (isFailed) onCount("failed", 1);
      return isFailed;
    },

    async resubmit(id, options = {}) {
      return journal.transaction(() => {
        const row = find(id);
        if (row === undefined) return { kind: "not-found" };
        if (row.state === "completed") {
          return { kind: "completed", record: toCompleted(queue, row) };
        }
        if (row.state !== "failed") return { kind: "active", status: row.state };
        const previous = toDeadLetter(queue, row);
        if (row.payload() === undefined) return { kind: "unrecoverable", record: previous };
        const at = options.resubmittedAt ?? now();
        change(id, BACK_IN_QUEUE, { at }, "failed");
        return { kind: "resubmitted", record: toRecord(queue, find(id) ?? row), previous };
      });
    },

    async delete(ref) {
      const { id, token } = identify(ref);
      const sql = `delete from inbox where id = $id
        and iif($token is null, state = 'pending', state = 'claimed' and claim_token = $token)`;
      return journal.sql(sql).run({ id, token }).changes === 1;
    },

    ...createTurns(journal),
    ...createUpkeep({ journal, claims, now }),
  };
  return inbox;
}

type ClaimRef = { readonly id: string; readonly claim?: { readonly token: string } };

function identify(ref: string | ClaimRef): { id: string; token: string | null } {
  return typeof ref === "string"
    ? { id: ref, token: null }
    : { id: ref.id, token: ref.claim?.token ?? null };
}

function limit(value: number | "all" | undefined): string {
  return value === undefined || value === "all" ? "" : `limit ${Math.max(0, Math.trunc(value))}`;
}
