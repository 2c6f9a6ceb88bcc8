// Owns `openclaw gotify grants`: who was let in, who looks like somebody else by now, and letting that one in.
import { callGatewayFromCli } from "openclaw/plugin-sdk/gateway-runtime";
import { defaultAccountId, listAccountIds } from "../config/account-ids.ts";
import { answerCommand, CommandError, type CommandOutput } from "../config/command-line.ts";
import { currentConfig } from "../config/host-types.ts";
import { getRuntime } from "../config/runtime.ts";
import { asString } from "../gotify/parse.ts";
import { applicationOf } from "../config/sender-id.ts";
import { asking } from "../journal/challenges.ts";
import { confirmGrants, listGrants, type Grant } from "../journal/grants.ts";
import { isInUse, knownAccount, withJournal } from "../journal/account-journal.ts";
import type { Journal } from "../journal/journal.ts";
import { CONFIRM_GRANTS_METHOD } from "./methods.ts";

export async function listAccountGrants(
  options: CommandOutput & { account?: string },
): Promise<number> {
  return answerCommand(options, () => {
    const accounts =
      options.account === undefined
        ? listAccountIds(currentConfig(getRuntime()))
        : [knownAccount(options.account)];
    const grants = accounts.flatMap((account) =>
      (withJournal(account, "read", letIn) ?? []).map((grant) => ({
        account,
        ...describe(grant),
      })),
    );
    const lines = grants.map(
      ({ account, application, name, suspended }) =>
        `${account}: application ${application} (${name})${suspended ? ", suspended: another application has this id now" : ""}`,
    );
    return { result: { grants }, lines: lines.length > 0 ? lines : ["Nobody was let in yet."] };
  });
}

/** Without those that only ask for it: they are remembered as well. */
function letIn(journal: Journal): readonly Grant[] {
  const waiting = new Set(asking(journal, Date.now()));
  return listGrants(journal).filter(
    ({ appId, suspendedAt }) => suspendedAt !== undefined || !waiting.has(appId),
  );
}

export async function confirmAccountGrants(
  options: CommandOutput & { account?: string; application?: string | undefined; all?: boolean },
): Promise<number> {
  return answerCommand(options, async () => {
    const account = knownAccount(options.account ?? defaultAccountId(currentConfig(getRuntime())));
    if ((options.application === undefined) === (options.all !== true)) {
      throw new CommandError(
        "Name the application to confirm, e.g. openclaw gotify grants confirm 5, or give --all.",
      );
    }
    const params = {
      account,
      ...(options.application === undefined ? {} : { application: options.application }),
    };
    const done = isInUse(account)
      ? await callGatewayFromCli(CONFIRM_GRANTS_METHOD, {}, params, { progress: false })
      : confirmFromParams(params);
    const confirmed = Array.isArray(done["confirmed"]) ? done["confirmed"] : [];
    if (confirmed.length === 0) {
      throw new CommandError(
        `Nothing to confirm: ${options.application === undefined ? "no application" : `application ${options.application} is not suspended`} in account ${account}. See openclaw gotify grants.`,
      );
    }
    return {
      result: { account, confirmed },
      lines: [
        `Confirmed in account ${account}: application ${confirmed.join(", ")}. What has the id now is let in from its next message on.`,
      ],
    };
  });
}

/** The work itself, in whichever process may do it. @throws {CommandError} when the parameters make no sense. */
export function confirmFromParams(params: Readonly<Record<string, unknown>>): {
  confirmed: number[];
} {
  const account = knownAccount(asString(params["account"]) ?? "");
  const wanted = params["application"];
  const appId = wanted === undefined ? undefined : applicationId(wanted);
  const confirmed = withJournal(account, "write", (journal) => confirmGrants(journal, appId)) ?? [];
  return { confirmed: confirmed.map((grant) => grant.appId) };
}

function applicationId(value: unknown): number {
  const text = typeof value === "number" ? String(value) : (asString(value) ?? "");
  const id = applicationOf(text);
  if (id !== undefined && id > 0) return id;
  throw new CommandError(`"${text}" is no application's id, which is a number such as 5.`);
}

function describe({ appId, look, suspendedAt }: Grant) {
  return {
    application: appId,
    name: look.name,
    ...(look.createdAt === undefined ? {} : { createdAt: new Date(look.createdAt).toISOString() }),
    suspended: suspendedAt !== undefined,
  };
}
