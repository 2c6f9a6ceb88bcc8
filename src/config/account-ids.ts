// Owns the ids of the accounts: which there are, in which order, and what the operator wrote under each.
import { createAccountListHelpers } from "openclaw/plugin-sdk/account-helpers";
import { normalizeAccountId } from "openclaw/plugin-sdk/account-id";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { asObject, asString, type JsonObject } from "../gotify/parse.ts";
import { CHANNEL_ID } from "./types.ts";

/** In either form; here and not in credential.ts, which reads files and is no matter of ids. */
const TOKENS = ["appToken", "appTokenFile", "clientToken", "clientTokenFile"];

const helpers = createAccountListHelpers(CHANNEL_ID, {
  // The host writes ids its own way wherever it hands one back.
  normalizeAccountId,
  nestedObjectKeys: [
    "inbound",
    "botLoopProtection",
    "pairing",
    "priorities",
    "applications",
    "fromAgents",
    "markdown",
    "streaming",
  ],
  // Not serverUrl: one that several accounts share does not make an account of its own.
  implicitDefaultAccount: { channelKeys: TOKENS },
});

export const listAccountIds = helpers.listAccountIds;
export const defaultAccountId = helpers.resolveDefaultAccountId;
/** What an account says and inherits, as the host merges it. */
export const mergedConfig = helpers.resolveAccountConfig;

export { normalizeAccountId };

/** `listAccountIds` sorts by name, which says nothing about who was there first. */
export function idsInOrder(cfg: OpenClawConfig): readonly string[] {
  const written = writtenIds(asObject(cfg.channels?.[CHANNEL_ID])).map(normalizeAccountId);
  const place = (id: string): number => (id === "default" ? -1 : written.indexOf(id));
  return listAccountIds(cfg).toSorted((one, other) => place(one) - place(other));
}

/** What stands under the account's own key; nothing for the one at the root. */
export function ownConfig(section: JsonObject | undefined, id: string): JsonObject | undefined {
  const key = writtenIds(section).find((written) => normalizeAccountId(written) === id);
  return key === undefined ? undefined : asObject(asObject(section?.["accounts"])?.[key]);
}

/** Then the root's tokens and ids do not belong to the account: they are another server's. */
export function hasServerOfItsOwn(own: JsonObject | undefined): boolean {
  return (asString(own?.["serverUrl"])?.trim() ?? "") !== "";
}

/** The ids as the operator wrote them. */
export function writtenIds(section: JsonObject | undefined): readonly string[] {
  return Object.keys(asObject(section?.["accounts"]) ?? {});
}

/** Two ids that are one to the host: it would take now the one account and now the other. */
export function findTwin(section: JsonObject | undefined, id: string): string | undefined {
  const twins = writtenIds(section).filter((written) => normalizeAccountId(written) === id);
  if (twins.length < 2) return undefined;
  return `The accounts ${twins.map((twin) => `"${twin}"`).join(" and ")} are one to OpenClaw, which writes ids in lower case. Rename one of them.`;
}
