// Owns `openclaw gotify clients`: list, create, update and delete clients.
import { answerCommand, CommandError } from "../config/command-line.ts";
import type { GotifyClient } from "../gotify/client.ts";
import type { ClientSettings, GotifyClientEntry } from "../gotify/clients.ts";
import { accountsNamed, created } from "./answers.ts";
import { confirmDeletion } from "./ask.ts";
import { deleteEach, type DeleteOptions } from "./delete-each.ts";
import { createElevation } from "./elevation.ts";
import { assertNotInUse, clientsInUse } from "./in-use.ts";
import { pickAllNamed, pickNamed, shown } from "./named.ts";
import { openSession, type AdminOptions } from "./session.ts";
import { readDurationMs } from "./since.ts";
import type { Surroundings } from "./surroundings.ts";
import { shownTime, table, type Column } from "./table.ts";

const SECOND_MS = 1_000;
const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;
/** Gotify notes the use of a token to within five minutes: a client that is used all the time would expire. */
const MIN_EXPIRY_S = 10 * MINUTE_S;
/** Gotify counts in nanoseconds, and what overflows has expired already. */
const MAX_EXPIRY_S = 3_650 * DAY_S;
/** A server, or the Gateway, may be down for so long. */
const SHORT_EXPIRY_S = HOUR_S;

/** As the command line was written. */
export interface ClientOptions extends AdminOptions {
  readonly name?: string;
  readonly expiresAfter?: string;
}

const COLUMNS: readonly Column[] = [
  { title: "ID", align: "right" },
  { title: "NAME", minWidth: 16 },
  { title: "LAST USED" },
  { title: "EXPIRES AFTER", minWidth: 8 },
  { title: "USED BY", minWidth: 8 },
];

export function listClients(options: AdminOptions, at: Surroundings): Promise<number> {
  return answerCommand(options, async () => {
    const session = await openSession(options, at);
    const clients = await session.client.listClients();
    const { by } = await clientsInUse(session);
    const rows = clients.map((client) => [
      String(client.id),
      client.name,
      shownTime(client.lastUsed),
      expiry(client.expiresAfterInactivitySeconds),
      accountsNamed(by.get(client.id)),
    ]);
    return {
      result: {
        account: session.account.accountId,
        clients: clients.map((client) => ({
          ...described(client),
          accounts: by.get(client.id) ?? [],
        })),
      },
      lines: table(COLUMNS, rows, at.columns),
    };
  });
}

export function createClient(
  name: string,
  options: ClientOptions & { readonly showToken?: boolean },
  at: Surroundings,
): Promise<number> {
  return answerCommand(options, async () => {
    const settings = settingsOf(options);
    const { client, account } = await openSession(options, at);
    await assertCanExpire(client, settings);
    const made = await client.createClient({ ...settings, name });
    return created({
      result: { account: account.accountId, client: described(made.client) },
      line: `Created ${shown("client", made.client)}.`,
      token: options.showToken === true ? made.token : undefined,
      howToShow: "a client is of no use without it, so delete this one and create another",
    });
  });
}

export function updateClient(
  reference: string,
  options: ClientOptions & { readonly force?: boolean },
  at: Surroundings,
): Promise<number> {
  return answerCommand(options, async () => {
    const changes = settingsOf(options);
    if (Object.keys(changes).length === 0) {
      throw new CommandError("Nothing to change. Give --name or --expires-after.", {
        code: "GOTIFY_CONFIG",
      });
    }
    const session = await openSession(options, at);
    const { client, account } = session;
    const found = pickNamed("client", await client.listClients(), reference);
    const wanted = changes.expiresAfterInactivitySeconds ?? 0;
    await assertCanExpire(client, changes);
    if (wanted > 0 && wanted < SHORT_EXPIRY_S && options.force !== true) {
      assertNotInUse("client", [found], await clientsInUse(session), {
        without: "after an outage of that time",
        undone: "Nothing was changed.",
      });
    }
    const changed = await client.updateClient(found.id, changes);
    return {
      result: { account: account.accountId, client: described(changed) },
      lines: [
        `Changed ${shown("client", changed)}: ${Object.keys(options).filter(isSetting).join(", ")}.`,
      ],
    };
  });
}

export function deleteClients(
  references: readonly string[],
  options: DeleteOptions,
  at: Surroundings,
): Promise<number> {
  return answerCommand(options, async () => {
    const session = await openSession(options, at);
    const { client, account } = session;
    const doomed = pickAllNamed("client", await client.listClients(), references);
    const inUse = await clientsInUse(session);
    if (options.force !== true) assertNotInUse("client", doomed, inUse);
    const names = doomed.map((one) => shown("client", one)).join(", ");
    await confirmDeletion(`Delete ${names}? What uses them is signed out.`, options, at);
    const elevation = createElevation(session, options, at);
    // The one that all of this is done with comes last.
    const isOwn = ({ id }: GotifyClientEntry): boolean =>
      inUse.by.get(id)?.includes(account.accountId) === true;
    const ids = [...doomed.filter((one) => !isOwn(one)), ...doomed.filter(isOwn)].map(
      ({ id }) => id,
    );
    await deleteEach(
      {
        what: "clients",
        ids,
        remove: (id) => elevation.run((login) => client.deleteClient(id, login)),
        isListed: async (id) => (await client.listClients()).some((one) => one.id === id),
      },
      at,
    );
    return { result: { account: account.accountId, deleted: ids }, lines: [`Deleted ${names}.`] };
  });
}

function settingsOf({ name, expiresAfter }: ClientOptions): ClientSettings {
  return {
    ...(name === undefined ? {} : { name }),
    ...(expiresAfter === undefined
      ? {}
      : { expiresAfterInactivitySeconds: secondsOf(expiresAfter) }),
  };
}

function isSetting(option: string): boolean {
  return option === "name" || option === "expiresAfter";
}

function secondsOf(written: string): number {
  if (/^\s*(?:never|0)\s*$/i.test(written)) return 0;
  const seconds = (readDurationMs(written) ?? 0) / SECOND_MS;
  if (seconds >= MIN_EXPIRY_S && seconds <= MAX_EXPIRY_S) return seconds;
  throw new CommandError(
    `--expires-after is a time without use from 10m to 3650d, such as 30d or 12h, or never, not "${written}".`,
    { code: "GOTIFY_CONFIG" },
  );
}

/** @throws {CommandError} before anything is written: Gotify 2 takes the wish and forgets it. */
async function assertCanExpire(
  client: GotifyClient,
  { expiresAfterInactivitySeconds = 0 }: ClientSettings,
): Promise<void> {
  if (expiresAfterInactivitySeconds === 0 || (await client.info()) !== undefined) return;
  throw new CommandError(
    "Gotify 2 lets no client expire, so nothing was done. Leave --expires-after out.",
    { code: "GOTIFY_REFUSED" },
  );
}

function expiry(seconds: number): string {
  if (seconds === 0) return "";
  return seconds % DAY_S === 0 ? `${seconds / DAY_S} d unused` : `${seconds} s unused`;
}

/** For programs; without its token, whatever the server's edition. */
function described(client: GotifyClientEntry) {
  return {
    id: client.id,
    name: client.name,
    expiresAfterInactivitySeconds: client.expiresAfterInactivitySeconds,
    lastUsed: client.lastUsed?.toISOString() ?? null,
    createdAt: client.createdAt?.toISOString(),
    elevatedUntil: client.elevatedUntil?.toISOString(),
  };
}
