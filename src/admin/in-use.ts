// Owns what the accounts of this installation depend on: the applications they answer with, and the clients they receive with.
import { listAccountIds } from "../config/account-ids.ts";
import { resolveAccount } from "../config/accounts.ts";
import { clientFor, type Tokens } from "../config/client.ts";
import { CommandError } from "../config/command-line.ts";
import type { ResolvedAccount } from "../config/types.ts";
import type { GotifyClient } from "../gotify/client.ts";
import { GotifyConfigError, GotifyHttpError } from "../gotify/errors.ts";
import { shown, type Kind, type Named } from "./named.ts";
import {
  applicationElsewhere,
  applicationsAtRiskElsewhere,
  clientElsewhere,
} from "./in-use-elsewhere.ts";
import type { Session } from "./session.ts";
import type { OwnApplication } from "./surroundings.ts";
import { usedLately } from "./used-lately.ts";

export interface InUse {
  /** The accounts by the id of what they depend on. */
  readonly by: ReadonlyMap<number, readonly string[]>;
  /** The accounts that may depend on it: nobody can tell. */
  readonly perhapsBy: ReadonlyMap<number, readonly string[]>;
  /** Accounts whose token cannot be read in this process: theirs could be any. */
  readonly unread: readonly string[];
}

/** Which applications the accounts answer with, as far as it is known. Nothing is asked that leaves a trace. */
export async function applicationsInUse(
  session: Session,
  ownApplication: OwnApplication,
): Promise<InUse> {
  const found = new Uses();
  for (const account of accountsAt(session)) {
    if (account.appTokenStatus === "configured_unavailable") found.unread.push(account.accountId);
    const own = await unlessRejected(() => ownApplication(account));
    if (own !== undefined) found.note("by", own, account.accountId);
  }
  for (const account of accountsElsewhere(session)) {
    const own = await applicationElsewhere(session, account, ownApplication);
    if (own !== undefined) found.note("by", own, account.accountId);
  }
  return found;
}

/**
 * The same before something is deleted: where an account has not posted yet, Gotify 3 does not tell its
 * application. A refused post lets the server note the use of its token, so it is one of those used lately.
 */
export async function applicationsAtRisk(
  session: Session,
  ownApplication: OwnApplication,
): Promise<InUse> {
  const found = new Uses();
  for (const account of accountsAt(session)) {
    if (account.appTokenStatus === "configured_unavailable") found.unread.push(account.accountId);
    if (account.appToken === undefined) continue;
    const own = await unlessRejected(() => ownApplication(account));
    if (own !== undefined) {
      found.note("by", own, account.accountId);
      continue;
    }
    const { appToken } = account;
    const clientToken = account.clientToken ?? session.account.clientToken;
    const suspects = await unlessRejected(async () => {
      const client = clientAt(account, { appToken, clientToken });
      const { status } = await client.probeAppToken();
      return status === "valid" ? usedLately(await client.listApplications()) : [];
    });
    for (const { id } of suspects ?? []) found.note("perhapsBy", id, account.accountId);
  }
  for (const account of accountsElsewhere(session)) {
    const { own, perhaps } = await applicationsAtRiskElsewhere(session, account, ownApplication);
    if (own !== undefined) found.note("by", own, account.accountId);
    for (const id of perhaps) found.note("perhapsBy", id, account.accountId);
  }
  return found;
}

/** Which clients the accounts receive with. */
export async function clientsInUse(session: Session): Promise<InUse> {
  const found = new Uses();
  for (const account of accountsAt(session)) {
    if (account.tokenStatus === "configured_unavailable") found.unread.push(account.accountId);
    const { clientToken } = account;
    if (clientToken === undefined) continue;
    const own = await unlessRejected(() => clientAt(account, { clientToken }).ownClient());
    if (own !== undefined) found.note("by", own.id, account.accountId);
  }
  for (const account of accountsElsewhere(session)) {
    const own = await clientElsewhere(session, account);
    if (own !== undefined) found.note("by", own, account.accountId);
  }
  return found;
}

/** What would be done to it, in the words of the refusal. */
export interface Harm {
  readonly without: string;
  readonly undone: string;
}

const DELETION: Harm = { without: "without it", undone: "Nothing was deleted." };

/** @throws {CommandError} when an account would be cut off. */
export function assertNotInUse(
  kind: Kind,
  items: readonly Named[],
  inUse: InUse,
  { without, undone }: Harm = DELETION,
): void {
  const verb = kind === "application" ? "answers" : "receives";
  const force = `${undone} To do it all the same, add --force.`;
  for (const item of items) {
    const by = inUse.by.get(item.id);
    if (by !== undefined) {
      throw new CommandError(
        `OpenClaw ${verb} with ${shown(kind, item)}, in account ${by.join(", ")}: ${without} the channel is cut off. ${force}`,
        { code: "GOTIFY_IN_USE" },
      );
    }
    const perhaps = inUse.perhapsBy.get(item.id);
    if (perhaps !== undefined) {
      throw new CommandError(
        `OpenClaw may answer with ${shown(kind, item)}, in account ${perhaps.join(", ")}: Gotify 3 tells it with the first message only, so send one with openclaw gotify send. ${force}`,
        { code: "GOTIFY_IN_USE" },
      );
    }
  }
  if (inUse.unread.length > 0) {
    throw new CommandError(
      `The token of account ${inUse.unread.join(", ")} cannot be read here, so nobody can tell whether OpenClaw needs this. ${force}`,
      { code: "GOTIFY_IN_USE" },
    );
  }
}

class Uses implements InUse {
  readonly by = new Map<number, string[]>();
  readonly perhapsBy = new Map<number, string[]>();
  readonly unread: string[] = [];

  note(how: "by" | "perhapsBy", id: number, accountId: string): void {
    this[how].set(id, [...(this[how].get(id) ?? []), accountId]);
  }
}

/** The accounts of the same server; ids of another one mean something else. */
function accountsAt({ cfg, account }: Session): readonly ResolvedAccount[] {
  return accountsOf(cfg).filter(({ serverUrl }) => serverUrl === account.serverUrl);
}

/** The accounts of another address. It may be the same server all the same: `localhost` and `127.0.0.1`. */
function accountsElsewhere({ cfg, account }: Session): readonly ResolvedAccount[] {
  return accountsOf(cfg).filter(
    ({ serverUrl }) => serverUrl !== undefined && serverUrl !== account.serverUrl,
  );
}

function accountsOf(cfg: Session["cfg"]): readonly ResolvedAccount[] {
  return listAccountIds(cfg).map((id) => resolveAccount(cfg, id));
}

/** Also for an account that cannot run: what it depends on is the same. */
function clientAt({ serverUrl = "", connection }: ResolvedAccount, tokens: Tokens): GotifyClient {
  return clientFor({ serverUrl, connection }, tokens);
}

/** Whoever has a token that counts no more, or a configuration that cannot work, depends on nothing. */
async function unlessRejected<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    const isRejected = error instanceof GotifyHttpError && error.code === "GOTIFY_UNAUTHORIZED";
    if (isRejected || error instanceof GotifyConfigError) return undefined;
    throw error;
  }
}
