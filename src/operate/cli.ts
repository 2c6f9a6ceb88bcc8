// Owns `openclaw gotify …`. What a command does is loaded when it runs, because every CLI start registers this.
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";
import { CHANNEL_ID } from "../config/types.ts";
import { addDoctorCommand } from "./doctor/method.ts";

const CLI_DESCRIPTION = "Check and operate the Gotify channel";

type CliProgram = Parameters<Parameters<OpenClawPluginApi["registerCli"]>[0]>[0]["program"];

/** @param addMore adds the commands of other rooms below `openclaw gotify`. */
export function registerCommands(
  api: OpenClawPluginApi,
  addMore: (gotify: CliProgram) => void = () => {},
): void {
  api.registerCli(({ program }) => addCommands(program, addMore), {
    descriptors: [{ name: CHANNEL_ID, description: CLI_DESCRIPTION, hasSubcommands: true }],
  });
}

function addCommands(program: CliProgram, addMore: (gotify: CliProgram) => void): void {
  const gotify = program.command(CHANNEL_ID).description(CLI_DESCRIPTION);
  gotify
    .command("check")
    .description("Check server and tokens of each account; sends nothing")
    .option("--account <id>", "only this account")
    .option("--json", "print the result as JSON")
    .action(async (options: { account?: string; json?: boolean }) => {
      const { checkAccounts } = await import("./check.ts");
      process.exitCode = await checkAccounts(options);
    });

  gotify
    .command("status")
    .description("Show the state of each account, what is wrong, and what to do")
    .option("--account <id>", "only this account")
    .option("--deep", "ask the servers as well")
    .option("--json", "print the state as JSON")
    .action(async (options: { account?: string; deep?: boolean; json?: boolean }) => {
      const { printStatus } = await import("./status-command.ts");
      process.exitCode = await printStatus(options);
    });
  gotify
    .command("health")
    .description("One line for each account; exit code 1 when any of them does not work")
    .option("--account <id>", "only this account")
    .option("--json", "print the result as JSON")
    .action(async (options: { account?: string; json?: boolean }) => {
      const { printHealth } = await import("./status-command.ts");
      process.exitCode = await printHealth(options);
    });

  const grants = gotify
    .command("grants")
    .description("Which applications were let in, and which look like another one by now");
  grants
    .command("list", { isDefault: true })
    .description("List them")
    .option("--account <id>", "only this account")
    .option("--json", "print the result as JSON")
    .action(async (options: { account?: string; json?: boolean }) => {
      const { listAccountGrants } = await import("./grants.ts");
      process.exitCode = await listAccountGrants(options);
    });
  grants
    .command("confirm [application]")
    .description(
      "Let in again what has the id now: one application, or with --all every suspended one",
    )
    .option("--account <id>", "the account; default: the default account")
    .option("--all", "every suspended application of the account")
    .option("--json", "print the result as JSON")
    .action(
      async (
        application: string | undefined,
        options: { account?: string; all?: boolean; json?: boolean },
      ) => {
        const { confirmAccountGrants } = await import("./grants.ts");
        process.exitCode = await confirmAccountGrants({ ...options, application });
      },
    );
  addDoctorCommand(gotify);
  addMore(gotify);
}
