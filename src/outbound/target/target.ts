// Owns the grammar of targets: what an operator, an agent or the host may write after `--to`, and its one normal form.
import { conversationTarget } from "../../config/conversation-target.ts";
import { usableName } from "../../config/peer.ts";

/** What a target names. Which application it is posted to is the account's business, not the target's. */
export type Target =
  /** An application's conversation; `accountId` only where it names its account, as a sender id does. */
  | {
      readonly kind: "application";
      readonly appId: number;
      readonly accountId: string | undefined;
    }
  /** An application by the name it has on the server. */
  | { readonly kind: "application-name"; readonly name: string }
  /** A conversation that its sender named. */
  | { readonly kind: "peer"; readonly name: string }
  /** The person behind an account. */
  | { readonly kind: "account"; readonly accountId: string };

const CHANNEL = /^(?:gotify:\s*)+/i;
/** `user:` is the host's own, where it makes a target of a session's key. */
const KIND = /^(account|app|peer|user):\s*(\S[^]*)$/i;
const SENDER_ID = /^([a-z0-9][a-z0-9_-]{0,63})\/(\d+)$/i;
const ACCOUNT = /^[a-z0-9][a-z0-9_-]{0,63}$/i;

/** The forms, for whoever got one wrong. */
export const TARGET_FORMS =
  "Write app:<id>, app:<name>, peer:<name> or account:<id>, with or without gotify: in front.";

/**
 * `5`, `app:5`, `app:<name>`, `peer:ops`, `account:home`, `home/5`, each with or without `gotify:` in front,
 * and `gotify:home` for an account. `undefined` for anything else, a bare word above all: nobody can tell
 * whether it is an account, an application or a conversation.
 */
export function parseTarget(raw: string): Target | undefined {
  const text = raw.trim();
  const rest = text.replace(CHANNEL, "");
  const [, kind = "", value = ""] = KIND.exec(rest) ?? [];
  switch (kind.toLowerCase()) {
    case "account":
      return accountNamed(value);
    case "app":
      return application(value) ?? named(value);
    case "peer":
    case "user":
      return application(value) ?? peer(value);
    default:
      break;
  }
  const [, accountId, appId] = SENDER_ID.exec(rest) ?? [];
  if (accountId !== undefined && appId !== undefined) {
    return application(appId, accountId.toLowerCase());
  }
  // Without gotify: in front a word could be something that the host has cut out of a session's key.
  return application(rest) ?? (rest === text ? undefined : accountNamed(rest));
}

/** The one form of a target that the host compares and keeps. */
export function formatTarget(target: Target): string {
  switch (target.kind) {
    case "application":
      return target.accountId === undefined
        ? conversationTarget(String(target.appId))
        : `${target.accountId}/${target.appId}`;
    case "application-name":
      return `app:${target.name.toLowerCase()}`;
    case "peer":
      return conversationTarget(target.name);
    case "account":
      return `account:${target.accountId}`;
  }
}

/** The same for a text; `undefined` for what names no conversation. */
export function normalizeTarget(raw: string): string | undefined {
  const target = parseTarget(raw);
  return target && formatTarget(target);
}

function application(text: string, accountId?: string): Target | undefined {
  const appId = /^\d+$/.test(text.trim()) ? Number(text) : 0;
  return Number.isSafeInteger(appId) && appId > 0
    ? { kind: "application", appId, accountId }
    : undefined;
}

/** A number is an id, also one that no application can have. */
function named(text: string): Target | undefined {
  const name = text.trim().replace(/\s+/g, " ");
  return /^\d+$/.test(name) ? undefined : { kind: "application-name", name };
}

function peer(text: string): Target | undefined {
  const name = usableName(text);
  return name === undefined ? undefined : { kind: "peer", name };
}

function accountNamed(text: string): Target | undefined {
  const accountId = text.trim().toLowerCase();
  return ACCOUNT.test(accountId) ? { kind: "account", accountId } : undefined;
}
