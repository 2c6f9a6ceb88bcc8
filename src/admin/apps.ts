// Owns `openclaw gotify apps`: list, create, update and delete applications.
import { answerCommand, CommandError } from "../config/command-line.ts";
import { readPriority } from "../config/priority.ts";
import type { ApplicationSettings, GotifyApplication } from "../gotify/applications.ts";
import { accountsNamed, created } from "./answers.ts";
import { confirmDeletion } from "./ask.ts";
import { deleteEach, type DeleteOptions } from "./delete-each.ts";
import { createElevation } from "./elevation.ts";
import { applicationsAtRisk, applicationsInUse, assertNotInUse } from "./in-use.ts";
import { pickAllNamed, pickNamed, shown, shownName } from "./named.ts";
import { openSession, type AdminOptions } from "./session.ts";
import type { Surroundings } from "./surroundings.ts";
import { shownTime, table, type Column } from "./table.ts";

/** As the command line was written. */
export interface ApplicationOptions extends AdminOptions {
  readonly name?: string;
  readonly description?: string;
  readonly defaultPriority?: string;
  readonly sortKey?: string;
}

const COLUMNS: readonly Column[] = [
  { title: "ID", align: "right" },
  { title: "NAME", minWidth: 12 },
  { title: "PRIO", align: "right" },
  { title: "LAST USED" },
  { title: "DESCRIPTION", minWidth: 12 },
  { title: "USED BY", minWidth: 8 },
];

export function listApps(options: AdminOptions, at: Surroundings): Promise<number> {
  return answerCommand(options, async () => {
    const session = await openSession(options, at);
    const applications = await session.client.listApplications();
    const { by } = await applicationsInUse(session, at.ownApplication);
    const rows = applications.map((application) => [
      String(application.id),
      application.name,
      String(application.defaultPriority),
      shownTime(application.lastUsed),
      application.description,
      application.internal ? "a server plugin" : accountsNamed(by.get(application.id)),
    ]);
    return {
      result: {
        account: session.account.accountId,
        applications: applications.map((application) => ({
          ...described(application),
          accounts: by.get(application.id) ?? [],
        })),
      },
      lines: rows.length > 0 ? table(COLUMNS, rows, at.columns) : ["There are no applications."],
    };
  });
}

export function createApp(
  name: string,
  options: ApplicationOptions & { readonly showToken?: boolean },
  at: Surroundings,
): Promise<number> {
  return answerCommand(options, async () => {
    const settings = settingsOf(options);
    const { client, account } = await openSession(options, at);
    const { application, token } = await client.createApplication({ ...settings, name });
    if (!hasSortKey(application, settings)) {
      const shownToken = options.showToken === true ? { token } : {};
      throw new CommandError(
        `Created ${shown("application", application)}, but without the sort key. ${sortKeyOf(application)}`,
        {
          code: "GOTIFY_REFUSED",
          result: { application: described(application), ...shownToken },
        },
      );
    }
    return created({
      result: { account: account.accountId, application: described(application) },
      line: `Created ${shown("application", application)}.`,
      token: options.showToken === true ? token : undefined,
      howToShow: "openclaw gotify send --app posts without it; programs of your own need it",
    });
  });
}

export function updateApp(
  reference: string,
  options: ApplicationOptions,
  at: Surroundings,
): Promise<number> {
  return answerCommand(options, async () => {
    const changes = settingsOf(options);
    if (Object.keys(changes).length === 0) {
      throw new CommandError(
        "Nothing to change. Give --name, --description, --default-priority or --sort-key.",
        { code: "GOTIFY_CONFIG" },
      );
    }
    const { client, account } = await openSession(options, at);
    const before = pickNamed("application", await client.listApplications(), reference);
    if (changes.sortKey !== undefined && before.sortKey === undefined) {
      throw new CommandError(`Nothing was changed. ${sortKeyOf(before)}`, {
        code: "GOTIFY_REFUSED",
      });
    }
    const application = await client.updateApplication(before.id, changes);
    if (!hasSortKey(application, changes)) {
      throw new CommandError(
        `Changed ${shown("application", application)}, but not its sort key. ${sortKeyOf(application)}`,
        { code: "GOTIFY_REFUSED", result: { application: described(application) } },
      );
    }
    return {
      result: { account: account.accountId, application: described(application) },
      lines: [`Changed ${shown("application", application)}: ${Object.keys(changes).join(", ")}.`],
    };
  });
}

export function deleteApps(
  references: readonly string[],
  options: DeleteOptions,
  at: Surroundings,
): Promise<number> {
  return answerCommand(options, async () => {
    const session = await openSession(options, at);
    const { client, account } = session;
    const doomed = pickAllNamed("application", await client.listApplications(), references);
    const internal = doomed.find((application) => application.internal);
    if (internal !== undefined) {
      throw new CommandError(
        `Nothing was deleted: ${shown("application", internal)} belongs to a plugin of the server. Disable that on Gotify's Plugins page.`,
        { code: "GOTIFY_REFUSED" },
      );
    }
    if (options.force !== true) {
      assertNotInUse("application", doomed, await applicationsAtRisk(session, at.ownApplication));
    }
    const names = doomed.map((one) => shown("application", one)).join(", ");
    await confirmDeletion(`Delete ${names} with all messages?`, options, at);
    const elevation = createElevation(session, options, at);
    const ids = doomed.map(({ id }) => id);
    await deleteEach(
      {
        what: "applications",
        ids,
        remove: (id) => elevation.run((login) => client.deleteApplication(id, login)),
        isListed: async (id) => (await client.listApplications()).some((one) => one.id === id),
      },
      at,
    );
    return {
      result: { account: account.accountId, deleted: ids },
      lines: [`Deleted ${names}.`],
    };
  });
}

function settingsOf(options: ApplicationOptions): ApplicationSettings {
  const { name, description, sortKey, defaultPriority: written } = options;
  const defaultPriority = written === undefined ? undefined : readPriority(written);
  if (written !== undefined && defaultPriority === undefined) {
    throw new CommandError(
      `--default-priority is a whole number or one of min, low, normal, high, max, not "${written}".`,
      { code: "GOTIFY_CONFIG" },
    );
  }
  if (sortKey?.trim() === "") {
    throw new CommandError(
      "--sort-key is a text that is not empty; its applications are listed in the order of their keys.",
      { code: "GOTIFY_CONFIG" },
    );
  }
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(sortKey === undefined ? {} : { sortKey }),
    ...(defaultPriority === undefined ? {} : { defaultPriority }),
  };
}

/** Whether it got the sort key that was wanted, if one was: Gotify keeps silent about one that it does not take. */
function hasSortKey(application: GotifyApplication, { sortKey }: ApplicationSettings): boolean {
  return sortKey === undefined || application.sortKey === sortKey;
}

function sortKeyOf({ sortKey }: GotifyApplication): string {
  return sortKey === undefined
    ? "This Gotify has no sort keys; they came with 2.9. Leave --sort-key out."
    : `It is "${shownName(sortKey)}". Try another one.`;
}

/** For programs; without its token, whatever the server's edition. */
export function described(application: GotifyApplication) {
  const { id, name, description, defaultPriority, internal, imageUrl, sortKey } = application;
  return {
    id,
    name,
    description,
    defaultPriority,
    internal,
    imageUrl,
    sortKey,
    lastUsed: application.lastUsed?.toISOString() ?? null,
    createdAt: application.createdAt?.toISOString(),
  };
}
