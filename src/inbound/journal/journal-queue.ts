// Owns the inbox: the host's ingress queue contract over the journal, because the host keeps its own stores from third-party plugins.
import { randomUUID } from "node:crypto";
import { setImmediate as immediate } from "node:timers/promises";
import type { SQLInputValue } from "node:sqlite";
import type { ChannelIngressQueue } from "openclaw/plugin-sdk/channel-outbound";
import { asString, parseJson } from "../../gotify/parse.ts";
import { isPassing } from "./journal-errors.ts";
import { COLUMNS, createHeads } from "./journal-heads.ts";
import {
  readRow,
  toClaim,
  toCompleted,
  toDeadLetter,
  toFailed,
  toListedClaim,
  toRecord,
  type InboxRow,
  type QueueIdentity,
} from "./journal-rows.ts";
import { createUpkeep } from "./journal-upkeep.ts";
import type { Journal } from "./journal.ts";

const DEFAULT_SCAN_LIMIT = 500;
type Queue = ChannelIngressQueue<unknown>;
type Values = Readonly<Record<string, SQLInputValue>>;

/** The host's contract, and what this channel needs beyond it. */
export interface JournalQueue extends Queue {
  /**
   * Writes down that claimed rows are being handed to the agent, as one turn. Whoever completes one of
   * them completes all, in one transaction: one by one, a crash in the middle would have the rest
   * answered again. And only what was handed over is charged when the process dies.
   */
  readonly joinTurn: (ids: readonly string[]) => void;
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

  const claimRow = (row: InboxRow, ownerId: string, lane: string | undefined): InboxRow => {
    change(
      row.id,
      `state = 'claimed', claim_token = $claim, claim_owner = $owner,
       claimed_at = $at, updated_at = $at, lane = $lane`,
      { claim: randomUUID(), owner: ownerId, at: now(), lane: lane ?? null },
    );
    return find(row.id) ?? row;
  };

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

  /** A damaged body will not heal, and would hold up its conversation for as long as it is tried. */
  const isReadable = (row: InboxRow): boolean => {
    const body = row.payload();
    if (body !== undefined && parseJson(body) !== undefined) return true;
    change(
      row.id,
      "state = 'failed', reason = 'corrupt_payload', reason_text = $message, updated_at = $at",
      { message: "The journal holds a body that cannot be read.", at: now() },
    );
    return false;
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
      // The host's pump never waits for anything else: the sockets would starve while there is work.
      await immediate();
      if (options.limit === "all") {
        const begun = performance.now();
        const rows = isOpen() ? heads((lane) => !isFull(lane)) : [];
        const records = rows.map((raw) => toRecord(queue, readRow(raw, readBody)));
        listCostMs = performance.now() - begun;
        return records;
      }
      return select(
        `where state = 'pending' ${order(options.orderBy)} ${limit(options.limit)}`,
      ).map((row) => toRecord(queue, row));
    },

    async listClaims() {
      return select("where state = 'claimed' order by claimed_at, seq").map((row) =>
        toListedClaim(queue, row),
      );
    },

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
      const blocked = new Set(options.blockedLaneKeys);
      const candidates =
        options.candidateIds === undefined ? undefined : JSON.stringify([...options.candidateIds]);
      const isCandidate =
        candidates === undefined ? "" : "and id in (select value from json_each($candidates))";
      const values = candidates === undefined ? {} : { candidates };
      return journal.transaction(() => {
        assertConsumer();
        if (candidates !== undefined) {
          // A lane whose candidate is being handled stays closed: order within a lane is the point of it.
          for (const row of select(`where state = 'claimed' ${isCandidate}`, values)) {
            const lane = laneOf(row);
            if (lane !== undefined) blocked.add(lane);
          }
        }
        const scan = limit(Math.max(1, options.scanLimit ?? DEFAULT_SCAN_LIMIT));
        const free = select(
          `where state = 'pending' ${isCandidate} ${order(options.orderBy)} ${scan}`,
          values,
        ).find(
          (row) => !blocked.has(laneOf(row) ?? "") && !isFull(row.lane ?? "") && isReadable(row),
        );
        if (free === undefined) return null;
        return toClaim(queue, claimRow(free, options.ownerId ?? String(process.pid), laneOf(free)));
      });

      function laneOf(row: InboxRow): string | undefined {
        const derived = options.deriveLaneKey?.(toRecord(queue, row));
        if (row.lane === undefined || derived === undefined || derived === row.lane) {
          return row.lane ?? derived;
        }
        const mayMove = options.reconcileStoredLaneKey?.(toRecord(queue, row), row.lane, derived);
        return mayMove === true ? derived : row.lane;
      }
    },

    async claim(id, options = {}) {
      return journal.transaction(() => {
        assertConsumer();
        const row = find(id);
        if (row?.state !== "pending") return null;
        return toClaim(queue, claimRow(row, options.ownerId ?? String(process.pid), row.lane));
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
        if (token !== null && row?.state === "completed" && row.claimToken === token) return true;
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
      return persist(() => journal.durably(settle));
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
      return changes;
    },

    joinTurn(ids) {
      journal
        .sql(
          `update inbox set turn = $turn
           where state = 'claimed' and id in (select value from json_each($ids))`,
        )
        .run({ turn: randomUUID(), ids: JSON.stringify(ids) });
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
      return persist(settle);
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
      return persist(() => journal.durably(settle));
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
        change(
          id,
          `state = 'pending', attempts = 0, attempted_at = null, last_error = null,
           reason = null, reason_text = null, received_at = $at, updated_at = $at`,
          { at },
          "failed",
        );
        return { kind: "resubmitted", record: toRecord(queue, find(id) ?? row), previous };
      });
    },

    async delete(ref) {
      const { id, token } = identify(ref);
      const sql = `delete from inbox where id = $id
        and iif($token is null, state = 'pending', state = 'claimed' and claim_token = $token)`;
      return journal.sql(sql).run({ id, token }).changes === 1;
    },

    ...createUpkeep({ journal, queue, select, now }),
  };
  return inbox;
}

type ClaimRef = { readonly id: string; readonly claim?: { readonly token: string } };

function identify(ref: string | ClaimRef): { id: string; token: string | null } {
  return typeof ref === "string"
    ? { id: ref, token: null }
    : { id: ref.id, token: ref.claim?.token ?? null };
}

function order(orderBy: "received" | "id" | undefined): string {
  // Ids are numbers written as text: by length first, so that 9 comes before 10.
  return orderBy === "id" ? "order by length(id), id" : "order by position, received_at, seq";
}

function limit(value: number | "all" | undefined): string {
  return value === undefined || value === "all" ? "" : `limit ${Math.max(0, Math.trunc(value))}`;
}
