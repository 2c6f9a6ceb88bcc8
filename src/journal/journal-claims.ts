// Owns which rows are claimed: what the host is told of them before each claim, and which row it gets next.
import { randomUUID } from "node:crypto";
import type {
  ChannelIngressQueue,
  ChannelIngressQueueClaim,
} from "openclaw/plugin-sdk/channel-outbound";
import { asInteger, asString, parseJson } from "../gotify/parse.ts";
import {
  toClaim,
  toListedClaim,
  toRecord,
  type InboxRow,
  type QueueIdentity,
} from "./journal-rows.ts";
import type { Journal } from "./journal.ts";

const DEFAULT_SCAN_LIMIT = 500;

type Claim = ChannelIngressQueueClaim<unknown>;
type ClaimNextOptions = NonNullable<Parameters<ChannelIngressQueue<unknown>["claimNext"]>[0]>;

/**
 * Lists the claims. The host asks twice for each look at the queue, and hundreds of messages are claimed while
 * they wait for their turn: they are read again only when somebody has written to the file since, and then
 * only those that have changed are read in full.
 */
export function createClaimList(
  journal: Journal,
  queue: QueueIdentity,
  select: (where: string, values?: Readonly<Record<string, number>>) => InboxRow[],
): () => Claim[] {
  let known: { readonly stamp: string; readonly claims: ReadonlyMap<number, Claim> } | undefined;

  const read = (): Map<number, Claim> => {
    const claims = new Map<number, Claim>();
    const rows = journal
      .sql(
        `select seq, claim_token, claimed_at from inbox
         where state = 'claimed' order by claimed_at, seq`,
      )
      .all();
    for (const row of rows) {
      const seq = asInteger(row["seq"]) ?? 0;
      const before = known?.claims.get(seq);
      // While it is held, nothing of a row changes but the time of its claim.
      const isSame =
        before?.claim.token === row["claim_token"] && before?.claim.claimedAt === row["claimed_at"];
      if (before !== undefined && isSame) claims.set(seq, before);
      else
        for (const found of select("where seq = $seq", { seq }))
          claims.set(seq, toListedClaim(queue, found));
    }
    return claims;
  };

  return () => {
    // What is rolled back leaves no trace in the stamp.
    if (journal.db.isTransaction) return [...read().values()];
    const stamp = writeStamp(journal);
    if (known?.stamp !== stamp) known = { stamp, claims: read() };
    return [...known.claims.values()];
  };
}

/** Changes with every row that anybody writes: this connection by its own count, the others by the file's. */
function writeStamp(journal: Journal): string {
  const row = journal
    .sql("select total_changes() as own, (select data_version from pragma_data_version) as others")
    .get();
  return `${String(row?.["own"])}/${String(row?.["others"])}`;
}

export interface ClaimerOptions {
  readonly journal: Journal;
  readonly queue: QueueIdentity;
  readonly find: (id: string) => InboxRow | undefined;
  readonly select: (where: string) => InboxRow[];
  readonly isFull: (lane: string) => boolean;
  /** Called for a row that was given up because its body is damaged. */
  readonly onUnreadable: () => void;
  readonly now: () => number;
}

export interface Claimer {
  /** Claims the first row that may be handed out now. Only within a transaction. */
  readonly next: (options: ClaimNextOptions) => Claim | null;
  /** Claims this row. Only within a transaction. */
  readonly one: (row: InboxRow, ownerId: string | undefined, lane: string | undefined) => Claim;
}

export function createClaimer(setup: ClaimerOptions): Claimer {
  const { journal, queue, find, select, isFull, now } = setup;

  const one: Claimer["one"] = (row, ownerId = String(process.pid), lane) => {
    const claim = { token: randomUUID(), ownerId, claimedAt: now() };
    journal
      .sql(
        `update inbox set state = 'claimed', claim_token = $token, claim_owner = $ownerId,
           claimed_at = $claimedAt, updated_at = $claimedAt, lane = $lane
         where id = $id and state = 'pending'`,
      )
      .run({ ...claim, lane: lane ?? null, id: row.id });
    return toClaim(queue, { ...row, state: "claimed", lane, claim, updatedAt: claim.claimedAt });
  };

  /** The row with its body at hand; `undefined` when that is damaged: it will not heal, and would hold up its conversation for as long as it is tried. */
  const readable = (row: InboxRow): InboxRow | undefined => {
    const body = row.payload();
    if (body !== undefined && parseJson(body) !== undefined) return { ...row, payload: () => body };
    journal
      .sql(
        `update inbox set state = 'failed', reason = 'corrupt_payload', reason_text = $text, updated_at = $at
         where id = $id and state = 'pending'`,
      )
      .run({ id: row.id, text: "The journal holds a body that cannot be read.", at: now() });
    setup.onUnreadable();
    return undefined;
  };

  return {
    one,
    next(options) {
      const blocked = new Set(options.blockedLaneKeys);
      const laneOf = (row: InboxRow): string | undefined => {
        const derived = options.deriveLaneKey?.(toRecord(queue, row));
        if (row.lane === undefined || derived === undefined || derived === row.lane) {
          return row.lane ?? derived;
        }
        const mayMove = options.reconcileStoredLaneKey?.(toRecord(queue, row), row.lane, derived);
        return mayMove === true ? derived : row.lane;
      };
      const scan = Math.max(1, Math.trunc(options.scanLimit ?? DEFAULT_SCAN_LIMIT));
      for (const row of candidates(options, scan)) {
        if (row.state === "claimed") {
          // A lane whose candidate is being handled stays closed: order within a lane is the point of it.
          const lane = laneOf(row);
          if (lane !== undefined) blocked.add(lane);
          continue;
        }
        const lane = laneOf(row);
        if (blocked.has(lane ?? "") || isFull(row.lane ?? "")) continue;
        const found = readable(row);
        if (found !== undefined) return one(found, options.ownerId, lane);
      }
      return null;
    },
  };

  /** Claimed candidates first, then the pending rows in their order. They are read one by one: most often the first one will do. */
  function* candidates(options: ClaimNextOptions, scan: number): Generator<InboxRow> {
    const order = orderOf(options.orderBy);
    if (options.candidateIds === undefined) {
      yield* select(`where state = 'pending' ${order} limit ${scan}`);
      return;
    }
    // By their ids: by the index over the states, SQLite would look at all that wait, ten thousand perhaps.
    const rows = journal
      .sql(
        `select id, state from inbox
         where +state in ('claimed', 'pending') and id in (select value from json_each($ids)) ${order}`,
      )
      .all({ ids: JSON.stringify([...options.candidateIds]) });
    const claimed = rows.filter(({ state }) => state === "claimed");
    const pending = rows.filter(({ state }) => state === "pending").slice(0, scan);
    for (const { id } of [...claimed, ...pending]) {
      const row = find(asString(id) ?? "");
      if (row !== undefined) yield row;
    }
  }
}

/** Ids are numbers written as text: by length first, so that 9 comes before 10. */
export function orderOf(orderBy: "received" | "id" | undefined): string {
  return orderBy === "id" ? "order by length(id), id" : "order by position, received_at, seq";
}
