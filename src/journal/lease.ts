// Owns who may consume a journal: one process, by a row with a heartbeat that another takes over when it stops beating.
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { asInteger, asString } from "../gotify/parse.ts";
import { JournalError } from "./journal-errors.ts";
import type { Journal } from "./journal.ts";

const SECOND_MS = 1_000;
/** How often the holder says that it is alive. */
export const LEASE_BEAT_MS = 5 * SECOND_MS;
/** How long a silent holder on another machine is believed to live: several beats, and a busy event loop. */
export const LEASE_STALE_MS = 60 * SECOND_MS;

/** How long a holder with this process's own number is believed to live: three beats. */
const LEASE_TWIN_MS = 3 * LEASE_BEAT_MS;

/** What tells a live process from a dead one; passed in where tests own it. */
export interface LeaseWorld {
  readonly now: () => number;
  readonly host: string;
  readonly pid: number;
  readonly isAlive: (pid: number) => boolean;
}

export interface Lease {
  readonly token: string;
  /** @throws {JournalError} `lost` when another process has become the consumer. For use inside a transaction. */
  readonly assertHeld: () => void;
  /** Says that the holder lives. @throws {JournalError} `lost`, as above, or what the disk says. */
  readonly beat: () => void;
  /** Lets the next one in at once. Does nothing when the lease is lost or the journal closed. */
  readonly release: () => void;
}

/** Leases of this process: its id alone does not tell an account that is ending from one that is starting. */
const ownTokens = new Set<string>();

const realWorld: LeaseWorld = { now: Date.now, host: hostname(), pid: process.pid, isAlive };

/**
 * Takes the lease, or takes it over from a process that is dead or silent.
 *
 * @throws {JournalError} `lost`, naming the holder, when that is alive.
 */
export function takeLease(journal: Journal, world: LeaseWorld = realWorld): Lease {
  const token = randomUUID();
  journal.transaction(() => {
    const holder = readHolder(journal);
    if (holder !== undefined && holds(holder, world)) throw heldBy(holder, journal.file);
    journal
      .sql(
        `insert into lease (slot, token, host, pid, beat_at) values (1, $token, $host, $pid, $now)
         on conflict (slot) do update
         set token = $token, host = $host, pid = $pid, beat_at = $now`,
      )
      .run({ token, host: world.host, pid: world.pid, now: world.now() });
  });
  ownTokens.add(token);

  const assertHeld = (): void => {
    const holder = readHolder(journal);
    if (holder?.token === token) return;
    throw heldBy(holder, journal.file);
  };
  return {
    token,
    assertHeld,
    beat() {
      journal.transaction(() => {
        assertHeld();
        journal.sql("update lease set beat_at = $now").run({ now: world.now() });
      });
    },
    release() {
      ownTokens.delete(token);
      if (!journal.db.isOpen) return;
      journal.transaction(() =>
        journal.sql("delete from lease where token = $token").run({ token }),
      );
    },
  };
}

/** True while a living process consumes this journal: whatever changes its rows goes through that one. */
export function isConsumed(journal: Journal, world: LeaseWorld = realWorld): boolean {
  const holder = readHolder(journal);
  return holder !== undefined && holds(holder, world);
}

/** The process that holds the lease, and how it is doing. */
export interface Consumer {
  readonly pid: number;
  readonly host: string;
  readonly beatAt: number;
  /** True for this process. */
  readonly isOwn: boolean;
}

/** Who consumes this journal; `undefined` when no living process does. */
export function consumerOf(journal: Journal, world: LeaseWorld = realWorld): Consumer | undefined {
  const holder = readHolder(journal);
  if (holder === undefined || !holds(holder, world)) return undefined;
  const { token, pid, host, beatAt } = holder;
  return { pid, host, beatAt, isOwn: ownTokens.has(token) };
}

interface Holder {
  readonly token: string;
  readonly host: string;
  readonly pid: number;
  readonly beatAt: number;
}

function readHolder(journal: Journal): Holder | undefined {
  const row = journal.sql("select token, host, pid, beat_at from lease").get();
  if (row === undefined) return undefined;
  return {
    token: asString(row["token"]) ?? "",
    host: asString(row["host"]) ?? "",
    pid: asInteger(row["pid"]) ?? 0,
    beatAt: asInteger(row["beat_at"]) ?? 0,
  };
}

function holds(holder: Holder, world: LeaseWorld): boolean {
  if (ownTokens.has(holder.token)) return true;
  const age = world.now() - holder.beatAt;
  // A beat from the future is a clock that was put back; it must not hold the account for ever.
  if (age > LEASE_STALE_MS || age < -LEASE_STALE_MS) return false;
  if (holder.host !== world.host) return true;
  // In a container the number is the same after a restart, and in its twin: only the beat tells them apart.
  if (holder.pid === world.pid) return age <= LEASE_TWIN_MS;
  return world.isAlive(holder.pid);
}

function heldBy(holder: Holder | undefined, file: string): JournalError {
  const who =
    holder === undefined ? "Something" : `Process ${holder.pid} on ${holder.host || "this host"}`;
  return new JournalError(
    "lost",
    `${who} already receives for this account (${file}). Run one Gateway for it, or turn inbound.enabled off in one of them.`,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process that belongs to somebody else may not be signalled, and lives.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
