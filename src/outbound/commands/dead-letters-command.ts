// Owns `openclaw gotify dead-letters` and its Gateway method as they are registered. What they do is loaded when they run.
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";
import { errorText } from "../../config/error-text.ts";

export const RESUBMIT_METHOD = "gotify.deadLetters.resubmit";

type Command = Parameters<Parameters<OpenClawPluginApi["registerCli"]>[0]>[0]["program"];

/** @param gotify the command `openclaw gotify`. */
export function addDeadLettersCommand(gotify: Command): void {
  const letters = gotify
    .command("dead-letters")
    .description("Replies that could not be sent, or of which nobody knows whether they arrived");
  letters
    .command("list", { isDefault: true })
    .description("List them, with the reason")
    .option("--account <id>", "only this account")
    .option("--json", "print the result as JSON")
    .action(async (options: { account?: string; json?: boolean }) => {
      const { listDeadLetters } = await import("./dead-letters.ts");
      process.exitCode = await listDeadLetters(options);
    });
  letters
    .command("resubmit <id>")
    .description("Send one again: Gotify is asked first, and only what is missing is posted")
    .option("--account <id>", "the account; default: the default account")
    .option("--force", "also when it may arrive a second time")
    .option("--json", "print the result as JSON")
    .action(async (id: string, options: { account?: string; force?: boolean; json?: boolean }) => {
      const { resubmitDeadLetter } = await import("./dead-letters.ts");
      process.exitCode = await resubmitDeadLetter({ ...options, id });
    });
}

/** For the command line while a Gateway runs: only one process may send for an account. */
export function registerDeadLettersMethod(api: OpenClawPluginApi): void {
  api.registerGatewayMethod(
    RESUBMIT_METHOD,
    async ({ params, respond }) => {
      try {
        const { resubmitFromParams } = await import("./dead-letters.ts");
        respond(true, await resubmitFromParams(params));
      } catch (error) {
        respond(false, undefined, { code: "INVALID_REQUEST", message: errorText(error) });
      }
    },
    { scope: "operator.admin" },
  );
}
