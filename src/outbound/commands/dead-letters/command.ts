// Owns `openclaw gotify dead-letters` and its Gateway methods as they are registered. What they do is loaded when they run.
import type { OpenClawPluginApi } from "openclaw/plugin-sdk/channel-core";
import { errorText } from "../../../config/error-text.ts";
import type { ChangeOptions, LetterOptions } from "./cli.ts";

const LIST_METHOD = "gotify.deadLetters.list";
const SHOW_METHOD = "gotify.deadLetters.show";
export const RESUBMIT_METHOD = "gotify.deadLetters.resubmit";
export const DROP_METHOD = "gotify.deadLetters.drop";

/** The question before something is gone for good. */
export interface Asking {
  /** False when a program runs the command. */
  readonly canAsk: boolean;
  /** Rejects when nobody says yes. */
  readonly confirm: (
    question: string,
    options: { readonly yes: boolean; readonly mayAsk: boolean },
  ) => Promise<void>;
}

type Command = Parameters<Parameters<OpenClawPluginApi["registerCli"]>[0]>[0]["program"];

const loadCli = () => import("./cli.ts");
const loadWork = () => import("./work.ts");

/**
 * @param gotify the command `openclaw gotify`.
 * @param loadAsking what asks is another room's.
 */
export function addDeadLettersCommand(gotify: Command, loadAsking: () => Promise<Asking>): void {
  const letters = gotify
    .command("dead-letters")
    .description("Messages the agent was never given, and replies that were not sent, for good");
  withCommon(letters.command("list", { isDefault: true }))
    .description("List them, oldest first, with the reason")
    .action(async (options: LetterOptions) => {
      process.exitCode = await (await loadCli()).listDeadLetters(options);
    });
  withCommon(letters.command("show <id>"))
    .description("Show all that is known of one, with its text")
    .action(async (id: string, options: LetterOptions) => {
      process.exitCode = await (await loadCli()).showDeadLetter({ ...options, id });
    });
  withCommon(letters.command("resubmit [id]"))
    .description(
      "Give a message to the agent again, or send a reply again: Gotify is asked first, and only what is missing is posted",
    )
    .option("--all", "every one of an account; default: of the default account")
    .option("--force", "a reply also when it may arrive a second time")
    .action(async (id: string | undefined, options: Omit<ChangeOptions, "id">) => {
      process.exitCode = await (await loadCli()).resubmitDeadLetters({ ...options, id });
    });
  withCommon(letters.command("drop [id]"))
    .description("Forget one for good: the message is never answered, the reply never sent")
    .option("--all", "every one of an account; default: of the default account")
    .option("--yes", "do not ask")
    .action(async (id: string | undefined, options: Omit<ChangeOptions, "id">) => {
      const [{ dropDeadLetters }, asking] = await Promise.all([loadCli(), loadAsking()]);
      process.exitCode = await dropDeadLetters({ ...options, id }, asking);
    });
}

function withCommon(command: Command): Command {
  return command
    .option("--account <id>", "only this account")
    .option("--kind <kind>", "only messages (message) or replies (reply)")
    .option("--json", "print the result as JSON");
}

/**
 * For the command line while a Gateway runs, and for other programs. Whoever may chat may not change them: a
 * message that is given to the agent again speaks with its sender's rights, and what is dropped is gone.
 */
export function registerDeadLettersMethods(api: OpenClawPluginApi): void {
  type Params = Readonly<Record<string, unknown>>;
  type Scope = "operator.read" | "operator.admin";
  const register = (name: string, scope: Scope, work: (params: Params) => Promise<unknown>) =>
    api.registerGatewayMethod(
      name,
      async ({ params, respond }) => {
        try {
          respond(true, await work(params));
        } catch (error) {
          respond(false, undefined, { code: "INVALID_REQUEST", message: errorText(error) });
        }
      },
      { scope },
    );
  register(LIST_METHOD, "operator.read", async (params) =>
    (await loadWork()).listFromParams(params),
  );
  register(SHOW_METHOD, "operator.read", async (params) =>
    (await loadWork()).showFromParams(params),
  );
  register(RESUBMIT_METHOD, "operator.admin", async (params) =>
    (await loadWork()).resubmitFromParams(params),
  );
  register(DROP_METHOD, "operator.admin", async (params) =>
    (await loadWork()).dropFromParams(params),
  );
}
