// Owns the questions of a set-up, in the terminal as in the Control UI: address, tokens, who may talk, a test push.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { WizardPrompter } from "openclaw/plugin-sdk/setup";
import { listAccountIds } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import { errorText } from "../config/error-text.ts";
import type { GotifyApplication } from "../gotify/applications.ts";
import { parseServerUrl } from "../gotify/url.ts";
import type { Answers } from "./answers.ts";
import { askAccess } from "./ask-access.ts";
import { askForChat } from "./ask-application.ts";
import { moveProblem } from "./written.ts";
import { askServer, type ServerFacts, type SetupRequest } from "./server-facts.ts";

/** Asks everything, and makes nothing. Rejects when somebody stops it. */
export async function guide(request: SetupRequest): Promise<Answers> {
  const { prompter, cfg, accountId } = request;
  const { serverUrl, facts } = await askForServer(request);
  const { access, applications } = await askAccess(request, serverUrl, facts);
  const chat = await askForChat(prompter, access, applications);
  const keepApart = await askToKeepApart(prompter, cfg, accountId, applications);
  const testPush = await prompter.confirm({
    message: "Send a test push when everything is set up?",
    initialValue: true,
  });
  return { serverUrl, access, chat, keepApart, testPush };
}

async function askForServer({
  prompter,
  cfg,
  accountId,
  connect,
  env,
}: SetupRequest): Promise<{ readonly serverUrl: string; readonly facts: ServerFacts }> {
  let address = resolveAccount(cfg, accountId).serverUrl ?? env["GOTIFY_SERVER_URL"]?.trim() ?? "";
  for (;;) {
    address = await prompter.text({
      message: "Address of your Gotify server",
      initialValue: address,
      placeholder: "https://push.example.com",
      validate: (value) =>
        addressProblem(value) ?? moveProblem(cfg, accountId, { serverUrl: value }),
    });
    const serverUrl = parseServerUrl(address).href;
    const progress = prompter.progress(`Asking ${serverUrl}`);
    try {
      const facts = await askServer(connect({ serverUrl }));
      progress.stop(`Gotify ${facts.version} answers.`);
      return { serverUrl, facts };
    } catch (error) {
      progress.stop("No Gotify answers there.");
      await prompter.note(errorText(error), "Gotify");
    }
  }
}

function addressProblem(value: string): string | undefined {
  try {
    parseServerUrl(value);
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}

/** In the session that all share, an alert could read what a person says there, and the reverse. */
async function askToKeepApart(
  prompter: WizardPrompter,
  cfg: OpenClawConfig,
  accountId: string,
  applications: readonly GotifyApplication[] | undefined,
): Promise<boolean> {
  const isDecided = cfg.session?.dmScope !== undefined && cfg.session.dmScope !== "main";
  const { allowFrom } = resolveAccount(cfg, accountId);
  // Application 5 of another account's server is not this one's, and would share its session all the same.
  const hasOthers = listAccountIds(cfg).some((id) => id !== accountId);
  const several = (applications?.length ?? 0) > 1 || allowFrom.length > 0 || hasOthers;
  if (isDecided || !several) return false;
  return prompter.confirm({
    message: "A conversation of its own for each application? If not, all share yours.",
    initialValue: true,
  });
}
