// Owns `openclaw gotify …`. What a command does is loaded when it runs, because every CLI start registers this.
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";
import { CHANNEL_ID } from "../config/types.ts";

export const CLI_DESCRIPTION = "Check and operate the Gotify channel";

type CliProgram = Parameters<Parameters<OpenClawPluginApi["registerCli"]>[0]>[0]["program"];

export function registerCommands(api: OpenClawPluginApi): void {
  api.registerCli(({ program }) => addCommands(program), {
    descriptors: [{ name: CHANNEL_ID, description: CLI_DESCRIPTION, hasSubcommands: true }],
  });
}

function addCommands(program: CliProgram): void {
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
}
