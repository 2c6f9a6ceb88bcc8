// Owns the repair of `channels.gotify` as earlier releases of this package knew it: today's keys for theirs, and nothing else touched.
import { asObject, asString, type JsonObject } from "../gotify/parse.ts";
import { CHANNEL_ID } from "./types.ts";

/** The new section, and one line for each thing that was changed; the same section where there is none. */
export interface LegacyRepair {
  readonly section: JsonObject;
  readonly changes: readonly string[];
}

/** A key of earlier releases, and what the operator is told of it. */
export interface LegacyKey {
  /** Where it stands at the root and in each account. */
  readonly path: readonly string[];
  /** What became of it. */
  readonly now: string;
  /** Which of its values this holds for; all without it. */
  readonly holdsFor?: (value: unknown) => boolean;
  /** The repair leaves it as it is: `now` says what to do. */
  readonly isByHand?: true;
}

const ROOT = `channels.${CHANNEL_ID}`;

/** Keys with a successor. What they become is told where that is done, below. */
const REPLACED: readonly LegacyKey[] = [
  {
    path: ["inbound", "deleteAfterConsume"],
    now: 'is inbound.afterHandled now: "delete" for true, "keep" for false.',
    holdsFor: (value) => typeof value === "boolean",
  },
  {
    path: ["inbound", "allowedAppId"],
    now: "is inbound.applications now, a list of the applications that are watched.",
    holdsFor: (value) => readAppId(value) !== undefined,
  },
];

/** The same, where their value means nothing. What held then is the operator's to say. */
const UNREADABLE: readonly LegacyKey[] = [
  {
    path: ["inbound", "deleteAfterConsume"],
    now: 'is neither true nor false. Set inbound.afterHandled to "keep" or "delete", and remove it.',
    holdsFor: (value) => typeof value !== "boolean",
    isByHand: true,
  },
  {
    path: ["inbound", "allowedAppId"],
    now: "is no application's id. Set inbound.applications to a list of the applications that are watched, and remove it.",
    holdsFor: (value) => readAppId(value) === undefined,
    isByHand: true,
  },
];

/** Keys without one: what there is in their place. */
const RETIRED: readonly LegacyKey[] = [
  {
    path: ["bootstrap"],
    now: `\`openclaw channels login --channel ${CHANNEL_ID}\` creates the application and the client.`,
  },
  {
    path: ["inbound", "reconnectJitterRatio"],
    now: "every wait before reconnecting is random over its whole length.",
  },
  {
    path: ["inbound", "maxBufferedMessages"],
    now: "messages wait on the disk and on the server, not in memory.",
  },
  ...["maxDispatchAttempts", "dispatchRetryDelayMs", "maxDispatchRetryDelayMs"].map((key) => ({
    path: ["inbound", key],
    now: `what fails is tried again and then kept, see \`openclaw ${CHANNEL_ID} dead-letters\`.`,
  })),
];

/** All of them, for the messages of `openclaw doctor`. */
export const LEGACY_KEYS: readonly LegacyKey[] = [
  ...REPLACED,
  ...UNREADABLE,
  ...RETIRED.map(({ path, now }) => ({ path, now: `is gone: ${now}` })),
];

/** Repairs the root and every account. What cannot be understood stays as it is, for the operator to decide. */
export function repairLegacySection(section: JsonObject): LegacyRepair {
  const changes: string[] = [];
  const root = repairLevel(section, ROOT, changes);
  const accounts = asObject(section["accounts"]);
  if (accounts === undefined) return result(section, root, changes);

  const inherited = watchedBefore(section);
  const repaired: Record<string, unknown> = {};
  for (const [id, value] of Object.entries(accounts)) {
    const account = asObject(value);
    const path = `${ROOT}.accounts.${id}`;
    repaired[id] =
      account === undefined
        ? value
        : keepWatched(repairLevel(account, path, changes), inherited, path, changes);
  }
  return result(section, { ...root, accounts: repaired }, changes);
}

/** Whether a key of earlier releases stands here, with a value that this holds for. */
export function hasLegacyKey(level: JsonObject | undefined, key: LegacyKey): boolean {
  const holder = holderOf(level, key.path);
  const name = keyOf(key.path);
  if (holder === undefined || !Object.hasOwn(holder, name)) return false;
  return key.holdsFor?.(holder[name]) ?? true;
}

function result(before: JsonObject, after: JsonObject, changes: readonly string[]): LegacyRepair {
  return { section: changes.length === 0 ? before : after, changes };
}

/** The root or one account, without what its accounts say. */
function repairLevel(before: JsonObject, at: string, changes: string[]): JsonObject {
  let level = before;
  for (const key of RETIRED) {
    if (!hasLegacyKey(level, key)) continue;
    level = without(level, key.path);
    changes.push(`Removed ${at}.${key.path.join(".")}: ${key.now}`);
  }
  const inbound = asObject(level["inbound"]);
  if (inbound === undefined) return level;
  return withInbound(level, repairWatched(repairDeleting(inbound, at, changes), at, changes));
}

function repairDeleting(inbound: JsonObject, at: string, changes: string[]): JsonObject {
  const { deleteAfterConsume, ...rest } = inbound;
  if (typeof deleteAfterConsume !== "boolean") return inbound;
  const from = `${at}.inbound.deleteAfterConsume`;
  if (rest["afterHandled"] !== undefined) {
    changes.push(`Removed ${from}, because inbound.afterHandled is set already.`);
    return rest;
  }
  // Also for false: at the root it may say something else, and the account would inherit that.
  const afterHandled = deleteAfterConsume ? "delete" : "keep";
  changes.push(`Moved ${from} to inbound.afterHandled: "${afterHandled}".`);
  return { ...rest, afterHandled };
}

function repairWatched(inbound: JsonObject, at: string, changes: string[]): JsonObject {
  const { allowedAppId, ...rest } = inbound;
  const appId = readAppId(allowedAppId);
  // Anything else named no application. Without the key all would be watched: that is the operator's to say.
  if (appId === undefined) return inbound;
  const from = `${at}.inbound.allowedAppId`;
  if (rest["applications"] !== undefined) {
    changes.push(`Removed ${from}, because inbound.applications is set already.`);
    return rest;
  }
  changes.push(
    `Moved ${from} to inbound.applications: [${appId}]. Who may talk stays with dmPolicy and allowFrom.`,
  );
  return { ...rest, applications: [appId] };
}

/**
 * Earlier releases handed the root's application down to every account. Today an account with a server of
 * its own inherits no ids, because they mean others there: it would begin to watch all of them.
 */
function keepWatched(
  account: JsonObject,
  appId: number | undefined,
  at: string,
  changes: string[],
): JsonObject {
  const inbound = asObject(account["inbound"]);
  const says =
    inbound?.["applications"] !== undefined || Object.hasOwn(inbound ?? {}, "allowedAppId");
  if (appId === undefined || says || !asString(account["serverUrl"])?.trim()) return account;
  changes.push(
    `Wrote ${at}.inbound.applications: [${appId}], which the account inherited as allowedAppId. Check the id: ids begin at 1 on every server.`,
  );
  return withInbound(account, { ...inbound, applications: [appId] });
}

/** What the root handed down, where its own repair turns it into a list. */
function watchedBefore(section: JsonObject): number | undefined {
  const inbound = asObject(section["inbound"]);
  if (inbound?.["applications"] !== undefined) return undefined;
  return readAppId(inbound?.["allowedAppId"]);
}

/** A number, or one as text, which earlier releases took as well. */
function readAppId(value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : asString(value)?.trim();
  if (text === undefined || !/^[1-9][0-9]*$/.test(text)) return undefined;
  const appId = Number(text);
  return Number.isSafeInteger(appId) ? appId : undefined;
}

function withInbound(level: JsonObject, inbound: JsonObject): JsonObject {
  return { ...level, inbound };
}

function holderOf(level: JsonObject | undefined, path: readonly string[]): JsonObject | undefined {
  const [outer, inner] = path;
  return inner === undefined || outer === undefined ? level : asObject(level?.[outer]);
}

function keyOf(path: readonly string[]): string {
  return path.at(-1) ?? "";
}

function without(level: JsonObject, path: readonly string[]): JsonObject {
  const holder = { ...holderOf(level, path) };
  Reflect.deleteProperty(holder, keyOf(path));
  const [outer] = path;
  return path.length === 1 || outer === undefined ? holder : { ...level, [outer]: holder };
}
