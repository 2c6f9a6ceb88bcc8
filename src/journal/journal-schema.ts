// Owns the tables of the journal and how an older file becomes one of today.
import type { DatabaseSync } from "node:sqlite";
import { JournalError } from "./journal-errors.ts";

/** Step `n` turns format `n` into `n + 1`. Steps that were released are never changed, only followed by others. */
const STEPS: readonly string[] = [
  // The inbox: messages on their way to the agent, and the tombstones of those that got there.
  `create table inbox (
    seq           integer primary key autoincrement,
    id            text not null unique,
    state         text not null check (state in ('pending', 'claimed', 'completed', 'failed')),
    lane          text,
    payload       text,
    metadata      text,
    received_at   integer not null,
    updated_at    integer not null,
    attempts      integer not null default 0,
    attempted_at  integer,
    last_error    text,
    claim_token   text,
    claim_owner   text,
    claimed_at    integer,
    reason        text,
    reason_text   text
  ) strict;
  create index inbox_by_state on inbox (state, received_at, seq);`,

  // position: the message's id, because pages are read backwards and handled forwards.
  // turn: rows that share one were handed to the agent as one turn, and are completed as one.
  // feed: how far each user of each server has been read. mark is null until the first start is through.
  // seen: the messages that were dealt with: all above the mark, the newest below it, and those of the
  // counting before this one, which may still be on the server after a restore.
  // lease: the one process that may consume.
  `drop index inbox_by_state;
  alter table inbox add column position integer not null default 0;
  alter table inbox add column turn text;
  create index inbox_by_lane on inbox (state, lane, position, received_at, seq);
  create index inbox_tried on inbox (lane, position) where state = 'pending' and attempts > 0;
  create index inbox_by_turn on inbox (turn) where turn is not null;
  create table feed (
    id          integer primary key,
    server      text not null,
    user        integer not null,
    epoch       integer not null default 0,
    mark        integer,
    newest_at   integer,
    floor_at    integer,
    unique (server, user)
  ) strict;
  create table seen (
    feed     integer not null,
    epoch    integer not null,
    id       integer not null,
    app      integer not null,
    at       integer,
    digest   text not null,
    verdict  text not null,
    primary key (feed, epoch, id)
  ) strict, without rowid;
  create table lease (
    slot      integer primary key check (slot = 1),
    token     text not null,
    host      text not null,
    pid       integer not null,
    beat_at   integer not null
  ) strict;`,

  // handed_in: the newest row of the turn that the row was last handed over in; it outlives claim and process.
  // grants: what an application looked like when it was first let in. suspended_at: since when it looks different.
  // challenges: who was sent a pairing code and when, and whether the approval has been announced.
  `alter table inbox add column handed_in text;
  create table grants (
    app           integer primary key,
    name          text not null,
    created_at    integer,
    suspended_at  integer
  ) strict;
  create table challenges (
    app        integer not null,
    at         integer not null,
    announced  integer not null default 0,
    primary key (app, at)
  ) strict, without rowid;`,

  // outbox: replies that are not known to have arrived. target: the conversation as the host addresses it.
  // app: the application they go to, where it is not the account's own. stored: which of them are known to
  // be there, by number. arrived: sent by hand, so that the host does not send it once more. parts: the messages as they were to be posted.
  // owed: somebody waits for it, so it is sent by itself. answered_app: the application of the message that is
  // answered. origin: the server and application it was meant for, as a digest.
  // started_at: when the last post of them began; answered_at: when the server answered it, if it did.
  // delete_at: from when on a handled message is to be deleted on the server. delete_tries: how often that has failed.
  `create table outbox (
    id           text not null,
    payload      integer not null,
    payloads     integer not null,
    target       text not null,
    app          integer,
    parts        text not null,
    state        text not null check (state in ('waiting', 'unknown', 'refused', 'arrived')),
    stored       text not null,
    reason       text not null,
    attempts     integer not null default 0,
    noted_at     integer not null,
    tried_at     integer not null,
    started_at   integer,
    answered_at  integer,
    given_up_at  integer,
    owed         integer not null default 0,
    answered_app integer,
    origin       text not null,
    primary key (id, payload)
  ) strict, without rowid;
  alter table inbox add column delete_at integer;
  alter table inbox add column delete_tries integer not null default 0;
  create index inbox_to_delete on inbox (delete_at) where delete_at is not null;`,

  // tally: what the account has counted in each hour. hour: when it began, in ms since 1970.
  // The indexes hold what a monitor asks for, so that no body is read for it; of the inbox only rows that went
  // wrong are in them, and what goes right pays nothing.
  `create table tally (
    hour     integer not null,
    counter  text not null,
    count    integer not null,
    primary key (hour, counter)
  ) strict, without rowid;
  create index inbox_failed on inbox (updated_at, reason) where state = 'failed';
  create index inbox_retrying on inbox (received_at, attempted_at, lane, attempts, state)
    where attempts > 0 and state in ('pending', 'claimed');
  create index outbox_by_state on outbox (state, tried_at, noted_at, attempts, given_up_at);`,
];

const SCHEMA_VERSION = STEPS.length;

/** @throws {JournalError} when the file is of another format: whoever only visits it does not change that. */
export function assertSameFormat(db: DatabaseSync): void {
  const version = Number(db.prepare("pragma user_version").get()?.["user_version"] ?? 0);
  if (version === SCHEMA_VERSION) return;
  throw new JournalError(
    version > SCHEMA_VERSION ? "newer" : "unusable",
    `The journal ${db.location() ?? ""} is of format ${version}, and this version of the plugin knows ${SCHEMA_VERSION}. Restart the Gateway, so that both are of the same version.`,
  );
}

/** Brings the file to today's format. Runs inside a transaction, so it happens wholly or not at all. */
export function migrate(db: DatabaseSync): void {
  const version = Number(db.prepare("pragma user_version").get()?.["user_version"] ?? 0);
  if (version > SCHEMA_VERSION) {
    throw new JournalError(
      "newer",
      `The journal ${db.location() ?? ""} was written by a newer version of this plugin (format ${version}, this one knows ${SCHEMA_VERSION}). Update the plugin; the file is left as it is.`,
    );
  }
  if (version === SCHEMA_VERSION) return;
  for (const step of STEPS.slice(version)) db.exec(step);
  db.exec(`pragma user_version = ${SCHEMA_VERSION}`);
}
