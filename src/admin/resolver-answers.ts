// Owns what a name is resolved to: the application's id, or a note that says why there is none, and what there is.
import { listAccountIds } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import { comparableName, shownName } from "../config/application-name.ts";
import { errorText } from "../config/error-text.ts";
import { applicationOf } from "../config/sender-id.ts";
import { whatThereIs } from "../config/what-there-is.ts";
import type { GotifyApplication } from "../gotify/applications.ts";
import { isGotifyError } from "../gotify/errors.ts";
import { applicationsOf, directoryId } from "./directory-answers.ts";
import type { Resolver } from "./resolver.ts";

type Params = Pick<Parameters<Resolver["resolveTargets"]>[0], "cfg" | "accountId" | "inputs">;
type Result = Awaited<ReturnType<Resolver["resolveTargets"]>>[number];

const SENDER_ID = /^(?:gotify:)?(?:app:)?([a-z0-9][a-z0-9_-]{0,63})\/(\d+)$/i;
/** What names a conversation and no application: there is nothing to look up. */
const CONVERSATION = /^(?:gotify:)?(?:peer|account|user):/i;

/**
 * Each input by itself, in its order. The kind that the host passes along means nothing here: without a
 * sign in the text it guesses a group, and Gotify has applications alone.
 */
export async function resolveNames({ cfg, accountId, inputs }: Params): Promise<Result[]> {
  const lists = new Map<string, Promise<readonly GotifyApplication[]>>();

  const resolveOne = async (input: string): Promise<Result> => {
    const text = input.trim();
    if (CONVERSATION.test(text)) {
      return unresolved(input, "It names a conversation and no application: use it as it stands.");
    }
    const [, named, id] = SENDER_ID.exec(text) ?? [];
    // A name may have a slash in it.
    const isAccount = named !== undefined && listAccountIds(cfg).includes(named.toLowerCase());
    const account = resolveAccount(cfg, isAccount ? named : accountId);
    const list = lists.get(account.accountId) ?? applicationsOf(account);
    lists.set(account.accountId, list);
    let applications: readonly GotifyApplication[];
    try {
      applications = await list;
    } catch (error) {
      if (isGotifyError(error)) return unresolved(input, errorText(error));
      throw error;
    }
    const appId = isAccount ? Number(id) : applicationOf(text);
    const wanted = comparableName(text.replace(/^(?:gotify:\s*)?(?:app:)?/i, ""));
    const byName = applications.filter(({ name }) => comparableName(name) === wanted);
    const byId = applications.filter((application) => application.id === appId);
    const [found, ...others] = byId.length > 0 ? byId : byName;
    const idOf = (application: GotifyApplication): string =>
      directoryId(cfg, account.accountId, application.id);
    if (found === undefined) {
      const there = applications.map((one) => `${idOf(one)} (${shownName(one.name)})`);
      return unresolved(
        input,
        `There is no such application at ${account.serverUrl} for this user. ${whatThereIs("applications", there)}`,
      );
    }
    if (others.length > 0) {
      const ids = [found, ...others].map(idOf).join(", ");
      return unresolved(input, `Several applications have this name. Take the id of one: ${ids}.`);
    }
    return { input, resolved: true, id: idOf(found), name: shownName(found.name) };
  };

  const results: Result[] = [];
  for (const input of inputs) results.push(await resolveOne(input));
  return results;
}

function unresolved(input: string, note: string): Result {
  return { input, resolved: false, note };
}
