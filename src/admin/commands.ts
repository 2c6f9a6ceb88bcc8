// Owns `openclaw gotify apps`, `clients`, `messages` and `tail` as they are registered. What they do is loaded when it runs, because every CLI start registers this.
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";
import type { IconOptions } from "./app-icon.ts";
import type { ApplicationOptions } from "./apps.ts";
import type { ClientOptions } from "./clients.ts";
import type { DeleteOptions } from "./delete-each.ts";
import type { ClearOptions, MessageDeleteOptions } from "./message-delete.ts";
import type { MessageListOptions } from "./message-list.ts";
import type { AdminOptions } from "./session.ts";
import type { OwnApplication, Surroundings } from "./surroundings.ts";
import type { TailOptions } from "./tail.ts";

type Command = Parameters<Parameters<OpenClawPluginApi["registerCli"]>[0]>[0]["program"];
type Creation<Options> = Options & { readonly showToken?: boolean };

/**
 * @param gotify the command `openclaw gotify`.
 * @param ownApplication tells the application that an account answers with.
 */
export function addAdminCommands(gotify: Command, ownApplication: OwnApplication): void {
  const run = async (
    command: string,
    work: (at: Surroundings) => Promise<number>,
  ): Promise<void> => {
    const { processSurroundings } = await import("./surroundings.ts");
    process.exitCode = await work(
      processSurroundings(`openclaw gotify ${command}`, ownApplication),
    );
  };
  addApps(gotify, run);
  addClients(gotify, run);
  addMessages(gotify, run);
  withCommon(gotify.command("tail"))
    .description("Show messages as they are posted, beside a running Gateway; Ctrl-C ends it")
    .option("--app <id or name>", "only this application's")
    .option("--min-priority <number or name>", "only from this priority on")
    .action((options: TailOptions) =>
      run("tail", async (at) => (await import("./tail.ts")).tail(options, at)),
    );
}

type Run = (command: string, work: (at: Surroundings) => Promise<number>) => Promise<void>;

const loadApps = () => import("./apps.ts");
const loadClients = () => import("./clients.ts");
const loadDeletion = () => import("./message-delete.ts");

function addApps(gotify: Command, run: Run): void {
  const apps = gotify.command("apps").description("The applications of the account's user");
  withCommon(apps.command("list", { isDefault: true }))
    .description("List them")
    .action((options: AdminOptions) =>
      run("apps", async (at) => (await loadApps()).listApps(options, at)),
    );
  withSettings(withCommon(apps.command("create <name>")))
    .description("Create one")
    .option("--show-token", "show its token, which cannot be seen later on Gotify 3")
    .action((name: string, options: Creation<ApplicationOptions>) =>
      run("apps", async (at) => (await loadApps()).createApp(name, options, at)),
    );
  withSettings(withCommon(apps.command("update <app>")))
    .description("Change what is named, and nothing else")
    .option("--name <name>", "another name")
    .action((app: string, options: ApplicationOptions) =>
      run("apps", async (at) => (await loadApps()).updateApp(app, options, at)),
    );
  withDeletion(withCommon(apps.command("delete <apps...>")))
    .description("Delete applications, by id or name, with all their messages")
    .action((names: readonly string[], options: DeleteOptions) =>
      run("apps", async (at) => (await loadApps()).deleteApps(names, options, at)),
    );
  withCommon(apps.command("icon <app> [file]"))
    .description("Set its icon from a PNG, JPEG or GIF file")
    .option("--remove", "go back to the icon that every application starts with")
    .action((app: string, file: string | undefined, options: IconOptions) =>
      run("apps", async (at) => (await import("./app-icon.ts")).setIcon(app, file, options, at)),
    );
}

function addClients(gotify: Command, run: Run): void {
  const clients = gotify.command("clients").description("The clients of the account's user");
  const expiry = [
    "--expires-after <time>",
    "without use, e.g. 30d, or never; Gotify 3 only",
  ] as const;
  withCommon(clients.command("list", { isDefault: true }))
    .description("List them")
    .action((options: AdminOptions) =>
      run("clients", async (at) => (await loadClients()).listClients(options, at)),
    );
  withCommon(clients.command("create <name>"))
    .description("Create one")
    .option(...expiry)
    .option("--show-token", "show its token, which cannot be seen later on Gotify 3")
    .action((name: string, options: Creation<ClientOptions>) =>
      run("clients", async (at) => (await loadClients()).createClient(name, options, at)),
    );
  withCommon(clients.command("update <client>"))
    .description("Change what is named, and nothing else")
    .option("--name <name>", "another name")
    .option(...expiry)
    .option("--force", "let expire within the hour also what OpenClaw itself depends on")
    .action((client: string, options: ClientOptions & { readonly force?: boolean }) =>
      run("clients", async (at) => (await loadClients()).updateClient(client, options, at)),
    );
  withDeletion(withCommon(clients.command("delete <clients...>")))
    .description("Delete clients, by id or name; what uses them is signed out")
    .action((names: readonly string[], options: DeleteOptions) =>
      run("clients", async (at) => (await loadClients()).deleteClients(names, options, at)),
    );
}

function addMessages(gotify: Command, run: Run): void {
  const messages = gotify.command("messages").description("The stored messages");
  withCommon(messages.command("list", { isDefault: true }))
    .description("List them, newest first")
    .option("--app <id or name>", "only this application's")
    .option("--limit <number>", "at most so many; default 20")
    .option("--all", "all of them")
    .option("--before <id>", "only older ones than this message")
    .option("--since <id, time or date>", "only newer ones: 1234, 90m, 12h, 7d, 2026-03-01")
    .option("--grep <expression>", "only those whose title or text matches, in any case")
    .action((options: MessageListOptions) =>
      run("messages", async (at) => (await import("./message-list.ts")).listMessages(options, at)),
    );
  withCommon(messages.command("delete <ids...>"))
    .description("Delete messages, for everyone who reads them")
    .option("--yes", "do not ask")
    .action((ids: readonly string[], options: MessageDeleteOptions) =>
      run("messages", async (at) => (await loadDeletion()).deleteMessages(ids, options, at)),
    );
  withCommon(messages.command("clear"))
    .description("Delete all messages of an application, or of all")
    .option("--app <id or name>", "of this application")
    .option("--all-apps", "of every application of the user")
    .option("--yes", "do not ask")
    .action((options: ClearOptions) =>
      run("messages", async (at) => (await loadDeletion()).clearMessages(options, at)),
    );
}

function withCommon(command: Command): Command {
  return command
    .option("--account <id>", "with this account's client token; default: the default account")
    .option("--json", "print the result as JSON");
}

function withSettings(command: Command): Command {
  return command
    .option("--description <text>", "what it is for")
    .option("--default-priority <number or name>", "of messages that name none")
    .option("--sort-key <key>", "its place in lists; Gotify 2.9 and later");
}

/** Gotify 3 asks for the password before it deletes these. */
function withDeletion(command: Command): Command {
  return command
    .option("--yes", "do not ask")
    .option("--force", "also what OpenClaw itself depends on")
    .option(
      "--password-stdin",
      "for Gotify 3: read the user's password from standard input; default: ask, or GOTIFY_PASS",
    );
}
