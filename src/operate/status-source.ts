// Owns where a command gets the state of the accounts from: the running Gateway, and where none answers, the journals.
import { callGatewayFromCli } from "openclaw/plugin-sdk/gateway-runtime";
import { listAccountIds } from "../config/account-ids.ts";
import { configWithSecrets } from "../config/command-secrets.ts";
import { errorText } from "../config/error-text.ts";
import { currentConfig } from "../config/host-types.ts";
import { getRuntime } from "../config/runtime.ts";
import { asObject } from "../gotify/parse.ts";
import { isInUse, knownAccount } from "../journal/account-journal.ts";
import type { StatusFacts } from "../vitals/facts.ts";
import { areWell, gatewayWorld, gatherStatus } from "../vitals/gather.ts";
import { STATUS_METHOD } from "./methods.ts";

/** A Gateway that is alive answers in a few milliseconds. */
const GATEWAY_TIMEOUT_MS = 5_000;

export interface StatusAnswer {
  readonly facts: StatusFacts;
  /** Why they are not the running Gateway's own, in one line; `undefined` when they are. */
  readonly notice: string | undefined;
}

/** The state of all accounts, or of one. @throws {CommandError} when there is no such account. */
export async function readStatus(options: {
  readonly account?: string;
  /** What was typed, for the host's messages about secrets. */
  readonly command: string;
}): Promise<StatusAnswer> {
  const cfg = currentConfig(getRuntime());
  const wanted = wantedAccount(options.account);
  const answer = await askGateway();
  if (answer instanceof Error) {
    // What runs an account holds its journal, whether it answers or not.
    const isHeld = listAccountIds(cfg).some(isHeldBySomebody);
    const facts = gatherStatus(await configWithSecrets(options.command));
    const notice = isHeld
      ? `The Gateway does not answer (${errorText(answer)}). What follows is what the journals tell.`
      : "No Gateway runs. What follows is what the journals tell.";
    return { facts: only(facts, wanted), notice };
  }
  return { facts: only(answer, wanted), notice: undefined };
}

/** What a Gateway method answers; the same for everybody who may ask. */
export function gatherForMethod(params: Readonly<Record<string, unknown>>): StatusFacts {
  const cfg = currentConfig(getRuntime());
  const account = typeof params["account"] === "string" ? params["account"] : undefined;
  return only(gatherStatus(cfg, gatewayWorld), wantedAccount(account));
}

function wantedAccount(account: string | undefined): string | undefined {
  return account === undefined ? undefined : knownAccount(account);
}

function only(facts: StatusFacts, account: string | undefined): StatusFacts {
  if (account === undefined) return facts;
  const accounts = facts.accounts.filter((one) => one.account === account);
  return { ...facts, ok: areWell(accounts), accounts };
}

async function askGateway(): Promise<StatusFacts | Error> {
  try {
    const timeout = String(GATEWAY_TIMEOUT_MS);
    const answer: unknown = await callGatewayFromCli(
      STATUS_METHOD,
      { timeout },
      {},
      { progress: false },
    );
    if (isStatusFacts(answer)) return answer;
    return new Error("it is of another version; restart it");
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** A Gateway of another version may tell something else; what is printed of it must be there. */
function isStatusFacts(value: unknown): value is StatusFacts {
  const accounts = asObject(value)?.["accounts"];
  return (
    Array.isArray(accounts) &&
    accounts.every((account: unknown) => {
      const facts = asObject(account);
      return (
        typeof facts?.["account"] === "string" &&
        typeof facts["ok"] === "boolean" &&
        Array.isArray(facts["problems"]) &&
        Array.isArray(facts["suspended"])
      );
    })
  );
}

/** A journal that cannot be read is told of as such, and says nothing of who holds it. */
function isHeldBySomebody(accountId: string): boolean {
  try {
    return isInUse(accountId);
  } catch {
    return false;
  }
}
