// Owns the replies that are not known to have arrived: what was to be posted, how that failed, and when it was last tried.
import { asInteger, asObject, asString, parseJson, type JsonObject } from "../gotify/parse.ts";
import type { Journal } from "./journal.ts";

const DAY_MS = 86_400_000;
/** A reply that nobody asked for in this time is of no use to anybody. */
const KEPT_MS = 30 * DAY_MS;
/** The oldest go first: a server that refuses everything must not fill the disk. */
const MAX_ROWS = 1_000;

/**
 * - `waiting`: nothing of it, or not all of it, was stored, and trying again is safe.
 * - `unknown`: it may be stored. Only reading the server back can tell.
 * - `refused`: the server or the configuration says no.
 * - `arrived`: it was sent or dropped by hand: should the host try it again, there is nothing left to do.
 */
export type OutboxState = "waiting" | "unknown" | "refused" | "arrived";

/** A message that is known to be stored. */
export interface OutboxMessage {
  readonly id: number;
  readonly appId: number;
}

/** One Gotify message of a reply, without its stamp. */
export interface OutboxPart {
  readonly message: string;
  readonly title: string | undefined;
  readonly priority: number;
  readonly extras: JsonObject;
}

/** One reply: the host's delivery and which of its payloads. */
export interface OutboxKey {
  readonly id: string;
  readonly payload: number;
}

/** A failed attempt, as it is noted. */
export interface OutboxNote extends OutboxKey {
  readonly payloads: number;
  /** The conversation, as the host addresses it. */
  readonly target: string;
  /** The application it is posted to; `undefined` for the account's own. */
  readonly appId?: number | undefined;
  /** The application of the message that is answered. */
  readonly answeredApp?: number | undefined;
  /** Somebody waits for it, and no caller was told that it failed: it is sent by itself, once it can be. */
  readonly isOwed: boolean;
  /** Equal for what was meant for the same server and application. */
  readonly origin: string;
  readonly parts: readonly OutboxPart[];
  readonly state: OutboxState;
  /** Which parts are known to be stored, by number: also when somebody has deleted them since. */
  readonly stored: ReadonlyMap<number, OutboxMessage>;
  /** One line for people. */
  readonly reason: string;
  /** When the post began whose outcome is unknown, in ms since 1970 by this machine's clock. */
  readonly startedAt?: number | undefined;
  /** When the server answered it, whatever it said. */
  readonly answeredAt?: number | undefined;
}

export interface OutboxEntry extends OutboxNote {
  readonly attempts: number;
  readonly notedAt: number;
  readonly triedAt: number;
  /** Since when the host does not try any more, where it said so. */
  readonly givenUpAt: number | undefined;
}

export interface Outbox {
  /**
   * Notes what is known of a reply; the first time begins an entry, and says for good what it is and where it goes.
   *
   * @param isAttempt counts it as a failed attempt.
   */
  readonly note: (known: OutboxNote, isAttempt: boolean) => void;
  /** Notes a reply of which nothing was known here; what is known of it already stays. */
  readonly adopt: (known: OutboxNote) => void;
  /** Somebody waits for this delivery. */
  readonly markOwed: (id: string) => void;
  /** Marks that a post of it begins now; false when the entry is not as it was seen, because another process has it. */
  readonly claim: (seen: OutboxEntry) => boolean;
  /** All of it is stored. The text is forgotten, the fact is kept. */
  readonly noteArrived: (key: OutboxKey, stored: ReadonlyMap<number, OutboxMessage>) => void;
  readonly find: (key: OutboxKey) => OutboxEntry | undefined;
  /** The host has given the delivery up. */
  readonly noteGivenUp: (id: string) => void;
  /**
   * Somebody dropped it: the text is forgotten, and the fact is kept, for a host that comes back to it. False
   * when the entry is not as it was seen.
   */
  readonly drop: (seen: OutboxEntry) => boolean;
  /** It arrived. */
  readonly forget: (key: OutboxKey) => boolean;
  /** Oldest first. */
  readonly list: () => readonly OutboxEntry[];
}

export function createOutbox(journal: Journal, now: () => number = Date.now): Outbox {
  /** Changes an entry only while it is as it was seen: another process may have it by now. */
  const changeSeen = (seen: OutboxEntry, set: string, reason: string): boolean => {
    const { id, payload, state, triedAt, startedAt } = seen;
    const sql = `update outbox set ${set}, reason = $reason
      where id = $id and payload = $payload and state = $state and tried_at = $tried
        and coalesce(started_at, 0) = $started`;
    const values = { id, payload, state, tried: triedAt, started: startedAt ?? 0 };
    return journal.sql(sql).run({ ...values, reason, now: now() }).changes > 0;
  };
  return {
    note(known, isAttempt) {
      const write = (): void => {
        journal.sql(UPSERT).run(rowOf(known, isAttempt, now()));
      };
      // A note before a post is gone with the post; what stays and adds up are failures.
      if (!isAttempt) return write();
      journal.transaction(() => {
        write();
        prune(journal, now());
      });
    },
    adopt(known) {
      journal.sql(`${INSERT} on conflict (id, payload) do nothing`).run(rowOf(known, false, now()));
    },
    markOwed(id) {
      journal.sql("update outbox set owed = 1 where id = $id").run({ id });
    },
    claim: (seen) =>
      changeSeen(seen, "state = 'unknown', started_at = $now, answered_at = null", BEING_POSTED),
    noteArrived({ id, payload }, stored) {
      journal
        .sql(
          `update outbox set state = 'arrived', stored = $stored, parts = '[]', tried_at = $now
           where id = $id and payload = $payload`,
        )
        .run({ id, payload, stored: writeStored(stored), now: now() });
    },
    drop: (seen) => changeSeen(seen, "state = 'arrived', parts = '[]', tried_at = $now", DROPPED),
    find({ id, payload }) {
      const row = journal
        .sql("select * from outbox where id = $id and payload = $payload")
        .get({ id, payload });
      return row === undefined ? undefined : readEntry(row);
    },
    noteGivenUp(id) {
      journal
        .sql("update outbox set given_up_at = coalesce(given_up_at, $now) where id = $id")
        .run({ id, now: now() });
    },
    forget({ id, payload }) {
      return (
        journal.sql("delete from outbox where id = $id and payload = $payload").run({ id, payload })
          .changes > 0
      );
    },
    list() {
      return journal
        .sql("select * from outbox order by noted_at, id, payload")
        .all()
        .map(readEntry)
        .filter((entry) => entry !== undefined);
    },
  };
}

/** What stands in an entry while a post of it is under way, and after a kill. */
export const BEING_POSTED = "It was being posted when OpenClaw ended.";

/** What stands in an entry that somebody dropped. */
export const DROPPED = "Somebody dropped it.";

const INSERT = `insert into outbox
    (id, payload, payloads, target, app, parts, state, stored, reason, attempts, noted_at, tried_at, started_at, answered_at, owed, answered_app, origin)
  values ($id, $payload, $payloads, $target, $app, $parts, $state, $stored, $reason, $attempt, $now, $now, $started, $answered, $owed, $answeredApp, $origin)`;

const UPSERT = `${INSERT}
  on conflict (id, payload) do update set
    state = $state, stored = $stored, reason = $reason, attempts = attempts + $attempt,
    tried_at = iif($attempt, $now, tried_at),
    started_at = coalesce($started, started_at), answered_at = $answered,
    given_up_at = iif($attempt, null, given_up_at)`;

function rowOf(known: OutboxNote, isAttempt: boolean, now: number) {
  return {
    id: known.id,
    payload: known.payload,
    payloads: known.payloads,
    target: known.target,
    app: known.appId ?? null,
    parts: JSON.stringify(known.parts),
    state: known.state,
    stored: writeStored(known.stored),
    reason: known.reason,
    attempt: isAttempt ? 1 : 0,
    now,
    started: known.startedAt ?? null,
    answered: known.answeredAt ?? null,
    owed: known.isOwed ? 1 : 0,
    answeredApp: known.answeredApp ?? null,
    origin: known.origin,
  };
}

function prune(journal: Journal, now: number): void {
  journal.sql("delete from outbox where tried_at < $before").run({ before: now - KEPT_MS });
  journal
    .sql(
      `delete from outbox where (id, payload) in
         (select id, payload from outbox order by tried_at desc limit -1 offset $kept)`,
    )
    .run({ kept: MAX_ROWS });
}

function readEntry(row: Readonly<Record<string, unknown>>): OutboxEntry | undefined {
  const id = asString(row["id"]);
  const state = STATES.find((known) => known === row["state"]);
  const parts = readParts(asString(row["parts"]));
  if (id === undefined || state === undefined || parts === undefined) return undefined;
  return {
    id,
    payload: asInteger(row["payload"]) ?? 0,
    payloads: asInteger(row["payloads"]) ?? 1,
    target: asString(row["target"]) ?? "",
    appId: asInteger(row["app"]),
    parts,
    state,
    stored: readStored(asString(row["stored"])),
    reason: asString(row["reason"]) ?? "",
    attempts: asInteger(row["attempts"]) ?? 0,
    notedAt: asInteger(row["noted_at"]) ?? 0,
    triedAt: asInteger(row["tried_at"]) ?? 0,
    startedAt: asInteger(row["started_at"]),
    answeredAt: asInteger(row["answered_at"]),
    givenUpAt: asInteger(row["given_up_at"]),
    answeredApp: asInteger(row["answered_app"]),
    isOwed: row["owed"] === 1,
    origin: asString(row["origin"]) ?? "",
  };
}

const STATES: readonly OutboxState[] = ["waiting", "unknown", "refused", "arrived"];

function writeStored(stored: ReadonlyMap<number, OutboxMessage>): string {
  return JSON.stringify([...stored].map(([part, { id, appId }]) => [part, id, appId]));
}

function readStored(text: string | undefined): ReadonlyMap<number, OutboxMessage> {
  const list: unknown = text === undefined ? undefined : parseJson(text);
  const stored = new Map<number, OutboxMessage>();
  for (const entry of Array.isArray(list) ? list : []) {
    const [part, id, appId] = (Array.isArray(entry) ? entry : []).map(asInteger);
    if (part !== undefined && id !== undefined && appId !== undefined) {
      stored.set(part, { id, appId });
    }
  }
  return stored;
}

function readParts(text: string | undefined): readonly OutboxPart[] | undefined {
  const list: unknown = text === undefined ? undefined : parseJson(text);
  if (!Array.isArray(list)) return undefined;
  const parts = list.map((value: unknown): OutboxPart | undefined => {
    const part = asObject(value);
    const message = asString(part?.["message"]);
    if (part === undefined || message === undefined) return undefined;
    return {
      message,
      title: asString(part["title"]),
      priority: asInteger(part["priority"]) ?? 0,
      extras: asObject(part["extras"]) ?? {},
    };
  });
  const whole = parts.filter((part) => part !== undefined);
  return whole.length === parts.length ? whole : undefined;
}
