// Owns which applications write into an agent's main session, which is the owner's own.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { resolveAgentRoute } from "openclaw/plugin-sdk/routing";
import { accountsInOrder } from "../config/accounts.ts";
import { isReceiver } from "../config/overlap.ts";
import { normalizeAllowEntry, senderId } from "../config/sender-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import { asObject } from "../gotify/parse.ts";

/** Stands for any application: no real one has this id. */
const ANY_APPLICATION = "0";

/** Those that share one main session, by sender id; `undefined` where no main session has more than one. */
export async function mainSessionWriters(
  cfg: OpenClawConfig,
  readPaired: (accountId: string) => Promise<readonly string[]>,
): Promise<readonly string[] | undefined> {
  const sessions = new Map<string, Set<string>>();
  for (const account of accountsInOrder(cfg)) {
    if (!isReceiver(account) || account.dmPolicy === "disabled") continue;
    const paired = account.dmPolicy === "pairing" ? await readPaired(account.accountId) : [];
    for (const writer of allowed(cfg, account, paired)) {
      const session = mainSessionOf(cfg, account.accountId, writer);
      if (session === undefined) continue;
      sessions.set(session, (sessions.get(session) ?? new Set()).add(writer));
    }
  }
  const shared = [...sessions.values()].find(
    (writers) => writers.size > 1 || [...writers].some((writer) => writer.endsWith("/*")),
  );
  return shared && [...shared];
}

/** Sender ids of the applications that may talk; `home/*` where all may. */
function allowed(
  cfg: OpenClawConfig,
  { accountId, allowFrom }: ResolvedAccount,
  paired: readonly string[],
): readonly string[] {
  const own = senderId(accountId, "");
  return [...allowFrom.flatMap((entry) => membersOf(cfg, entry)), ...paired]
    .map((entry) =>
      entry === "*" ? senderId(accountId, "*") : normalizeAllowEntry(accountId, entry),
    )
    .filter((sender) => sender.startsWith(own) && /^(?:\d+|\*)$/.test(sender.slice(own.length)));
}

/** The entries behind `accessGroup:<name>`; any other entry is itself. */
function membersOf(cfg: OpenClawConfig, entry: string): readonly string[] {
  const name = /^accessgroup:(.+)$/i.exec(entry)?.[1];
  if (name === undefined) return [entry];
  const members = asObject(asObject(cfg.accessGroups?.[name.trim()])?.["members"]);
  return [members?.[CHANNEL_ID], members?.["*"]].flatMap((list) =>
    Array.isArray(list) ? list.map(String) : [],
  );
}

function mainSessionOf(cfg: OpenClawConfig, accountId: string, writer: string): string | undefined {
  const application = writer.slice(senderId(accountId, "").length);
  const id = application === "*" ? ANY_APPLICATION : application;
  try {
    const peer = { kind: "direct" as const, id };
    const route = resolveAgentRoute({ cfg, channel: CHANNEL_ID, accountId, peer });
    return route.sessionKey === route.mainSessionKey ? route.sessionKey : undefined;
  } catch {
    // No agent is bound to it: a finding of the host's own, and no message of it enters any session.
    return undefined;
  }
}
