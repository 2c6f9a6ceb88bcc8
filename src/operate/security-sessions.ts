// Owns which applications write into a session together: an agent's main session, which is the owner's own, or one of another server's application.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { resolveAgentRoute } from "openclaw/plugin-sdk/routing";
import { accountsInOrder } from "../config/accounts.ts";
import { isReceiver } from "../config/overlap.ts";
import { allowedSender, senderId } from "../config/sender-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import { asObject } from "../gotify/parse.ts";

/** Stands for any application: no real one has this id. */
const ANY_APPLICATION = "0";

/** Those that share one session, by sender id; `undefined` where no session has more than one. */
export interface SharedSessions {
  /** An agent's main session. */
  readonly main: readonly string[] | undefined;
  /** One that is named by an application's id alone: on another server, the id is another application's. */
  readonly sameId: readonly string[] | undefined;
}

interface Writer {
  /** The sender id; `home/*` where all applications may write. */
  readonly sender: string;
  readonly accountId: string;
  readonly appId: string;
}

export async function sharedSessions(
  cfg: OpenClawConfig,
  readPaired: (accountId: string) => Promise<readonly string[]>,
): Promise<SharedSessions> {
  const writers: Writer[] = [];
  for (const account of accountsInOrder(cfg)) {
    if (!isReceiver(account) || account.dmPolicy === "disabled") continue;
    const paired = account.dmPolicy === "pairing" ? await readPaired(account.accountId) : [];
    writers.push(...writersOf(cfg, account, paired));
  }
  const named = new Set(writers.map(({ appId }) => appId));
  const main = new Map<string, Set<string>>();
  const others = new Map<string, Set<string>>();
  for (const writer of writers) {
    const isAny = writer.appId === ANY_APPLICATION;
    for (const appId of isAny ? new Set([...named, ANY_APPLICATION]) : [writer.appId]) {
      const session = sessionOf(cfg, { ...writer, appId });
      if (session === undefined) continue;
      const known = session.isMain ? main : others;
      known.set(session.key, (known.get(session.key) ?? new Set()).add(writer.sender));
    }
  }
  return {
    main: shared(main, (senders) => senders.size > 1 || hasAny(senders)),
    sameId: shared(others, (senders) => accountsAmong(senders) > 1),
  };
}

function shared(
  sessions: ReadonlyMap<string, ReadonlySet<string>>,
  isShared: (senders: ReadonlySet<string>) => boolean,
): readonly string[] | undefined {
  const found = [...sessions.values()].find(isShared);
  return found && [...found];
}

function hasAny(senders: ReadonlySet<string>): boolean {
  return [...senders].some((sender) => sender.endsWith("/*"));
}

function accountsAmong(senders: ReadonlySet<string>): number {
  return new Set([...senders].map((sender) => sender.slice(0, sender.lastIndexOf("/")))).size;
}

/** The applications that may talk and are listened to. */
function writersOf(
  cfg: OpenClawConfig,
  account: ResolvedAccount,
  paired: readonly string[],
): readonly Writer[] {
  const { accountId, allowFrom, inbound } = account;
  const own = senderId(accountId, "");
  const watched = inbound.applications && [...inbound.applications].map(String);
  const named = allowFrom.flatMap((entry) => membersOf(cfg, entry)).map(({ value }) => value);
  const appIds = [...named, ...paired]
    .flatMap((entry) =>
      entry === "*"
        ? [...(watched ?? ["*"])].map((appId) => `${own}${appId}`)
        : [allowedSender(account, entry)],
    )
    .filter((sender) => sender.startsWith(own))
    .map((sender) => sender.slice(own.length))
    .filter((appId) => /^(?:\d+|\*)$/.test(appId))
    .filter((appId) => watched === undefined || watched.includes(appId));
  return [...new Set(appIds)].map((appId) => ({
    sender: senderId(accountId, appId),
    accountId,
    appId: appId === "*" ? ANY_APPLICATION : appId,
  }));
}

interface Member {
  readonly value: string;
  /** Where it is written, unless in the list itself. */
  readonly group?: string;
}

/** The entries behind `accessGroup:<name>`; any other entry is itself. */
export function membersOf(cfg: OpenClawConfig, entry: string): readonly Member[] {
  const name = /^accessgroup:(.+)$/i.exec(entry)?.[1]?.trim();
  if (name === undefined) return [{ value: entry }];
  const members = asObject(asObject(cfg.accessGroups?.[name])?.["members"]);
  return [CHANNEL_ID, "*"].flatMap((channel) => {
    const list = members?.[channel];
    const group = `accessGroups.${name}.members.${channel}`;
    return Array.isArray(list) ? list.map((value) => ({ value: String(value).trim(), group })) : [];
  });
}

function sessionOf(
  cfg: OpenClawConfig,
  { accountId, appId }: Writer,
): { readonly key: string; readonly isMain: boolean } | undefined {
  try {
    const peer = { kind: "direct" as const, id: appId };
    const route = resolveAgentRoute({ cfg, channel: CHANNEL_ID, accountId, peer });
    const key = route.sessionKey;
    if (key === route.mainSessionKey) return { key, isMain: true };
    // Otherwise the host has put a person's name there: whoever links identities wants them together.
    return key.endsWith(`:direct:${appId}`) ? { key, isMain: false } : undefined;
  } catch {
    // No agent is bound to it: a finding of the host's own, and no message of it enters any session.
    return undefined;
  }
}
