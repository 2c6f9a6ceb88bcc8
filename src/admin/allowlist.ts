// Owns what the host's `/allowlist` reads and changes: `allowFrom` of one account, with the applications' names.
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { listAccountIds } from "../config/account-ids.ts";
import { isForAnyServer, resolveAccount } from "../config/accounts.ts";
import { applicationOf, normalizeAllowEntry, senderId } from "../config/sender-id.ts";
import { CHANNEL_ID } from "../config/types.ts";

type Allowlist = NonNullable<ChannelPlugin["allowlist"]>;
type ApplyEdit = NonNullable<Allowlist["applyConfigEdit"]>;
type Edit = Parameters<ApplyEdit>[0];
type EditResult = NonNullable<Awaited<ReturnType<ApplyEdit>>>;

export const allowlistAdapter: Allowlist = {
  // Gotify has no groups.
  supportsScope: ({ scope }) => scope !== "group",
  readConfig: ({ cfg, accountId }) => {
    const { accountId: id, allowFrom, dmPolicy } = resolveAccount(cfg, accountId);
    // In the one form in which it can be taken away again.
    return { dmAllowFrom: allowFrom.map((entry) => shownEntry(id, entry)), dmPolicy };
  },
  resolveNames: async ({ cfg, accountId, entries }) => {
    const { namesOf } = await import("./allowlist-names.ts");
    return namesOf(resolveAccount(cfg, accountId), entries);
  },
  // Null at once, as the host asks for it: that is how it learns that there is no such list.
  applyConfigEdit: (edit) => (edit.scope === "dm" ? editAllowFrom(edit) : null),
};

async function editAllowFrom(edit: Edit): Promise<EditResult> {
  const { cfg, entry } = edit;
  const { accountId } = resolveAccount(cfg, edit.accountId);
  // A list under a name that was misspelt would make an account of it.
  const isKnown = listAccountIds(cfg).includes(accountId);
  if (!isKnown || !isEditable(accountId, entry)) return { kind: "invalid-entry" };
  const { buildAccountScopedAllowlistConfigEditor, resolveDmGroupAllowlistConfigPaths } =
    await import("openclaw/plugin-sdk/allowlist-config-edit");
  const apply = buildAccountScopedAllowlistConfigEditor({
    channelId: CHANNEL_ID,
    normalize: ({ values }) => values.map((value) => shownEntry(accountId, String(value))),
    resolveEffectiveEntries: () => [...resolveAccount(cfg, accountId).allowFrom],
    resolvePaths: resolveDmGroupAllowlistConfigPaths,
  });
  return (await apply({ ...edit, accountId })) ?? { kind: "invalid-entry" };
}

/** Applications with their account, as paired ones are kept; everyone and groups as they were written. */
function shownEntry(accountId: string, entry: string): string {
  return isForAnyServer(entry) ? entry : normalizeAllowEntry(accountId, entry);
}

/**
 * An application with its account, everyone, or a group. No name: it would let nobody in, and everybody can
 * take it. No bare id either: the host gives what was typed to the pairing store as well, where the same
 * application stands with its account, so that removing `5` would say "removed" and leave it let in.
 */
function isEditable(accountId: string, entry: string): boolean {
  const text = entry.trim().toLowerCase();
  if (isForAnyServer(text)) return true;
  const prefix = senderId(accountId, "");
  const appId = text.startsWith(prefix) ? applicationOf(text.slice(prefix.length)) : undefined;
  return appId !== undefined && appId > 0 && text === senderId(accountId, appId);
}
