// Owns what the applications looked like when they were let in, and which of them are somebody else by now.
import type { GotifyApplication } from "../gotify/applications.ts";
import { asInteger, asString } from "../gotify/parse.ts";
import { confirmCommand } from "../config/confirm-command.ts";
import { withOpenCode } from "./challenges.ts";
import type { Journal } from "./journal.ts";

/** How an application looks: its name, and on Gotify 3 when it was created. */
export interface Look {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number | undefined;
}

/** A grant as it is remembered. */
export interface Grant {
  readonly appId: number;
  readonly look: Look;
  /** Since when the application looks different, in milliseconds since the epoch; `undefined` while it fits. */
  readonly suspendedAt: number | undefined;
}

/**
 * Ids start at 1 on every fresh server and are given out again after a reset or a restore, and on some
 * databases after a deletion. So a grant to an id holds for the application that had it, as far as that can be told.
 */
export interface Grants {
  /** Remembers an application that is seen for the first time. False when it is not the one that was let in. */
  readonly fits: (appId: number) => Promise<boolean>;
  /** Whether it was named or let in before; a suspended one is remembered as well. */
  readonly isRemembered: (appId: number) => boolean;
}

export function createGrants(options: {
  readonly journal: Journal;
  /** Rejects when the server does not say: then nobody is let in, and the message is tried again. */
  readonly lookUp: (appId: number) => Promise<GotifyApplication | undefined>;
  /** Called once for each application that turns out to be another. */
  readonly onSuspended: (grant: Grant, is: Look) => void;
  /** Called for a message of an application that the server does not have any more. */
  readonly onGone: (appId: number) => void;
  readonly now?: () => number;
}): Grants {
  const { journal } = options;
  const now = options.now ?? Date.now;
  return {
    async fits(appId) {
      const application = await options.lookUp(appId);
      // Deleted since it wrote: whether it was the one that was let in, nobody can tell any more.
      if (application === undefined) {
        options.onGone(appId);
        return false;
      }
      const is = lookOf(application);
      const grant = read(journal, appId);
      if (grant === undefined || isSame(grant.look, is)) {
        const isNews =
          grant === undefined ||
          grant.suspendedAt !== undefined ||
          grant.look.name !== is.name ||
          grant.look.createdAt !== is.createdAt;
        if (isNews) write(journal, { appId, look: is, suspendedAt: undefined });
        return true;
      }
      if (grant.suspendedAt === undefined) {
        const suspended = { ...grant, suspendedAt: now() };
        write(journal, suspended);
        options.onSuspended(suspended, is);
      }
      return false;
    },
    isRemembered: (appId) => read(journal, appId) !== undefined,
  };
}

/** All that is remembered, by id. */
export function listGrants(journal: Journal): Grant[] {
  return journal.sql("select * from grants order by app").all({}).map(toGrant);
}

/**
 * Takes suspended applications for what they are now: one, or all. Returns those it concerned. What is
 * there when they speak next is what is remembered.
 */
export function confirmGrants(journal: Journal, appId?: number): Grant[] {
  return journal.transaction(() => {
    const chosen = listGrants(journal).filter(
      (grant) => grant.suspendedAt !== undefined && (appId === undefined || grant.appId === appId),
    );
    for (const grant of chosen) {
      journal.sql("delete from grants where app = $app").run({ app: grant.appId });
    }
    return chosen;
  });
}

/**
 * Forgets whom nobody lets in any more: what has the id then is let in anew. Whoever asks to be let in is
 * remembered for as long as that can be approved.
 */
export function keepGrants(
  journal: Journal,
  appIds: ReadonlySet<number>,
  now: number = Date.now(),
): void {
  const kept = new Set([...appIds, ...withOpenCode(journal, now)]);
  for (const { appId } of listGrants(journal)) {
    if (!kept.has(appId)) journal.sql("delete from grants where app = $app").run({ app: appId });
  }
}

/** One line for a person: who it was, who it is, and what to do. */
export function describeSuspension(accountId: string, { appId, look }: Grant, is: Look): string {
  const isByName = look.createdAt === undefined || is.createdAt === undefined;
  const doubt = isByName
    ? " This goes by the name alone, so if you have only renamed it, it is still the same."
    : "";
  return (
    `Application ${appId} is not the one that was let in: it was ${describe(look)}, and is now ${describe(is)}.${doubt} ` +
    `It may not talk to the agent until you confirm it: ${confirmCommand(accountId, appId)}`
  );
}

function describe({ name, createdAt }: Look): string {
  const since = createdAt === undefined ? "" : ` (created ${new Date(createdAt).toISOString()})`;
  return `${JSON.stringify(name)}${since}`;
}

/** When it was created tells more than its name, where both are known; an update to Gotify 3 makes no stranger. */
function isSame(was: Look, is: Look): boolean {
  if (was.createdAt !== undefined && is.createdAt !== undefined) {
    return was.createdAt === is.createdAt;
  }
  return was.name === is.name;
}

function lookOf({ name, createdAt }: GotifyApplication): Look {
  return { name, createdAt: createdAt?.getTime() };
}

function read(journal: Journal, appId: number): Grant | undefined {
  const row = journal.sql("select * from grants where app = $app").get({ app: appId });
  return row === undefined ? undefined : toGrant(row);
}

function write(journal: Journal, { appId, look, suspendedAt }: Grant): void {
  journal
    .sql(
      `insert into grants (app, name, created_at, suspended_at) values ($app, $name, $created, $suspended)
       on conflict (app) do update
       set name = $name, created_at = $created, suspended_at = $suspended`,
    )
    .run({
      app: appId,
      name: look.name,
      created: look.createdAt ?? null,
      suspended: suspendedAt ?? null,
    });
}

function toGrant(row: Readonly<Record<string, unknown>>): Grant {
  return {
    appId: asInteger(row["app"]) ?? 0,
    look: { name: asString(row["name"]) ?? "", createdAt: asInteger(row["created_at"]) },
    suspendedAt: asInteger(row["suspended_at"]),
  };
}
