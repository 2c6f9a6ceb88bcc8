// Owns the way from `channels.gotify` to accounts: which there are, what each inherits, and whether it can work.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { GotifyConfigError } from "../gotify/errors.ts";
import { asObject, type JsonObject } from "../gotify/parse.ts";
import { parseServerUrl } from "../gotify/url.ts";
import { readBotLoop, readInbound } from "./inbound-config.ts";
import { readList, readText } from "./lists.ts";
import {
  hasOwnToken,
  readCredential,
  tokenIdentity,
  tokensOf,
  type Credential,
  type TokenKey,
} from "./credential.ts";
import { readConnection } from "./connection.ts";
import { ENVIRONMENT_VARIABLES, fromEnvironment } from "./environment.ts";
import { blockerOf, isReceiver, overlapProblem, type Receiver } from "./overlap.ts";
import { readCommon } from "./common-config.ts";
import { readOutbound } from "./outbound-config.ts";
import { readPriority } from "./priority.ts";
import { remembering } from "./remembered.ts";
import {
  defaultAccountId,
  findTwin,
  hasServerOfItsOwn,
  idsInOrder,
  listAccountIds,
  mergedConfig,
  normalizeAccountId,
  ownConfig,
  writtenIds,
} from "./account-ids.ts";
import { CHANNEL_ID } from "./types.ts";
import type { CredentialStatus, DmPolicy, ResolvedAccount } from "./types.ts";

const ROOT = `channels.${CHANNEL_ID}`;
const DEFAULT_PRIORITY = 5;
const DM_POLICIES: readonly DmPolicy[] = ["pairing", "allowlist", "open", "disabled"];

/**
 * The account with inheritance and defaults applied. Nothing but a token's file is read, and only where
 * one is named. That is done each time: a file takes 20 µs, and a token that was replaced counts at once.
 */
export function resolveAccount(cfg: OpenClawConfig, accountId?: string | null): ResolvedAccount {
  return resolveById(cfg, normalizeAccountId(accountId ?? defaultAccountId(cfg)));
}

const resolveById = remembering((cfg: OpenClawConfig, id: string): ResolvedAccount => {
  const account = resolveAlone(cfg, id);
  const overlap = findOverlap(cfg, account);
  // Configured all the same: the host starts it, and it begins by itself once the earlier one gives way.
  return overlap === undefined ? account : { ...account, standsBack: true, problem: overlap };
});

/** All accounts in the order of the configuration; the one at the root comes first. */
export function accountsInOrder(cfg: OpenClawConfig): readonly ResolvedAccount[] {
  return idsInOrder(cfg).map((id) => resolveAccount(cfg, id));
}

/**
 * Why the account must not receive beside an earlier one. The same client token means the same user; two
 * tokens of one user are found when the server tells (`overlapsAtRuntime`).
 */
function findOverlap(cfg: OpenClawConfig, account: ResolvedAccount): string | undefined {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  if (writtenIds(section).length === 0 || !isReceiver(account)) return undefined;
  const id = account.accountId;
  const rootServer = { serverUrl: section?.["serverUrl"] };
  const tokenOf = (other: string): string | undefined =>
    tokenIdentity(withTokens(rootServer, section, other).config, "clientToken");
  const token = tokenOf(id);
  // Each message asks for its account: of the others only those are resolved that may have the same token.
  const mayShare = (other: string): boolean => tokenOf(other) === token;
  const receivers = idsInOrder(cfg)
    .filter((other) => other === id || mayShare(other))
    .map((other) => resolveAlone(cfg, other))
    .filter(isReceiver)
    .map((receiver): Receiver => ({
      accountId: receiver.accountId,
      // With the same token, the server alone tells users apart.
      source: receiver.serverUrl,
      applications: receiver.inbound.applications,
    }));
  const blocker = blockerOf(receivers, id);
  return blocker && overlapProblem(blocker.accountId, id);
}

interface AccountSources {
  /** What the account says, inherits and takes from the environment. */
  readonly config: JsonObject;
  /** What of it is the environment's. */
  readonly environment: ReturnType<typeof fromEnvironment>;
}

function sourcesOf(cfg: OpenClawConfig, id: string): AccountSources {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  return withTokens(withoutForeignGrants(mergedConfig(cfg, id), section, id), section, id);
}

/** With the account's own tokens or the inherited ones, and last with what stands in no configuration. */
function withTokens(
  config: JsonObject,
  section: JsonObject | undefined,
  id: string,
): AccountSources {
  const own = ownConfig(section, id);
  const isForeign = hasServerOfItsOwn(own);
  const written = { ...config, ...tokensOf(section, own, isForeign) };
  const environment = fromEnvironment(written, id, isForeign);
  return { config: { ...written, ...environment }, environment };
}

/** The account as if it were the only one. */
function resolveAlone(cfg: OpenClawConfig, id: string): ResolvedAccount {
  const section = asObject(cfg.channels?.[CHANNEL_ID]);
  const own = ownConfig(section, id);
  const { config, environment } = sourcesOf(cfg, id);
  const address = readAddress(
    config["serverUrl"],
    environment.serverUrl === undefined
      ? `${pathOf(id)}.serverUrl`
      : ENVIRONMENT_VARIABLES.serverUrl,
  );
  const credential = (key: TokenKey): Credential =>
    readCredential(
      config,
      key,
      (form) => `${hasOwnToken(own, key) ? pathOf(id) : ROOT}.${form}`,
      environment[key] && ENVIRONMENT_VARIABLES[key],
    );
  const reached = readConnection(section, own, hasServerOfItsOwn(own), {
    root: ROOT,
    own: `${ROOT}.accounts.${id}`,
  });
  const app = credential("appToken");
  const client = credential("clientToken");
  const tokenStatus = client.status;
  const appTokenStatus = app.status;
  const problem = listAccountIds(cfg).includes(id)
    ? (findTwin(section, id) ??
      findProblem({ id, address, tokenStatus, appTokenStatus }) ??
      app.bad ??
      client.bad)
    : `There is no Gotify account "${id}" under channels.gotify.accounts.`;

  return {
    accountId: id,
    name: readText(config["name"]),
    // The root's switch turns off every account, an account's own only itself.
    enabled: section?.["enabled"] !== false && config["enabled"] !== false,
    configured: problem === undefined,
    // A token that is named but cannot be had: the account is configured, and cannot work in this process.
    problem: problem ?? joined([app.unread, client.unread, reached.problem]),
    standsBack: false,
    serverUrl: address.href,
    appToken: app.token,
    clientToken: client.token,
    tokenStatus,
    appTokenStatus,
    appTokenSource: app.source,
    connection: reached.connection,
    defaultPriority: readPriority(config["defaultPriority"]) ?? DEFAULT_PRIORITY,
    dmPolicy: DM_POLICIES.find((policy) => policy === config["dmPolicy"]) ?? "pairing",
    allowFrom: readList(config["allowFrom"]),
    ownsAllowFrom: !hasServerOfItsOwn(own) || own?.["allowFrom"] !== undefined,
    commandsFrom: readList(config["commandsFrom"]),
    approvers: readList(config["approvers"]),
    pairingReplies: asObject(config["pairing"])?.["replies"] !== false,
    botLoopProtection: readBotLoop(asObject(config["botLoopProtection"])),
    agentTools: asObject(config["tools"])?.["enabled"] === true,
    inbound: readInbound(asObject(config["inbound"]), catchUpOf(section, id), tokenStatus),
    outbound: readOutbound(config),
    common: readCommon({ cfg, config, section, own }),
  };
}

/** The host's inheritance reaches one level into `inbound`; this is the next one. */
function catchUpOf(section: JsonObject | undefined, id: string): JsonObject {
  return {
    ...asObject(asObject(section?.["inbound"])?.["catchUp"]),
    ...asObject(asObject(ownConfig(section, id)?.["inbound"])?.["catchUp"]),
  };
}

/**
 * What an account may not inherit when it has a server of its own, besides tokens, which would be sent to
 * a server they do not belong to: application ids, which mean somebody else there, and what an agent may manage.
 */
function withoutForeignGrants(
  config: JsonObject,
  section: JsonObject | undefined,
  id: string,
): JsonObject {
  const own = ownConfig(section, id);
  if (own === undefined || !hasServerOfItsOwn(own)) return config;
  const ownInbound = asObject(own["inbound"]);
  return {
    ...config,
    allowFrom: own["allowFrom"] ?? readList(config["allowFrom"]).filter(isForAnyServer),
    commandsFrom: own["commandsFrom"],
    approvers: own["approvers"],
    // It was switched on for another server.
    tools: own["tools"],
    applications: own["applications"],
    // It may name an application.
    defaultTo: own["defaultTo"],
    inbound: {
      ...asObject(config["inbound"]),
      applications: ownInbound?.["applications"],
      ignore: ownInbound?.["ignore"],
      peerIdFrom: ownInbound?.["peerIdFrom"],
    },
  };
}

/** Everyone, or a group that the host resolves: these mean the same whatever the server. */
export function isForAnyServer(entry: string): boolean {
  return entry === "*" || /^accessgroup:/i.test(entry);
}

interface Address {
  /** The checked address; absent when there is none that can be used, so that nothing unchecked is shown. */
  readonly href: string | undefined;
  readonly error: string | undefined;
}

function readAddress(value: unknown, at: string): Address {
  const text = readText(value);
  if (text === undefined) return { href: undefined, error: undefined };
  try {
    return { href: parseServerUrl(text).href, error: undefined };
  } catch (error) {
    if (error instanceof GotifyConfigError) {
      return { href: undefined, error: `${at}: ${error.message}` };
    }
    throw error;
  }
}

function pathOf(id: string): string {
  return id === "default" ? ROOT : `${ROOT}.accounts.${id}`;
}

function joined(lines: readonly (string | undefined)[]): string | undefined {
  const said = lines.filter((line) => line !== undefined);
  return said.length === 0 ? undefined : said.join(" ");
}

function findProblem(facts: {
  readonly id: string;
  readonly address: Address;
  readonly tokenStatus: CredentialStatus;
  readonly appTokenStatus: CredentialStatus;
}): string | undefined {
  const at = pathOf(facts.id);
  if (facts.address.error !== undefined) return facts.address.error;
  if (facts.address.href === undefined) {
    return `No server is set: run openclaw channels login --channel gotify, or write the address of your Gotify into ${at}.serverUrl.`;
  }
  if (facts.appTokenStatus === "missing" && facts.tokenStatus === "missing") {
    return `No token is set: write an application's token into ${at}.appToken and a client's into ${at}.clientToken.`;
  }
  if (facts.appTokenStatus === "missing") {
    return `No application is set to answer with: write its token into ${at}.appToken.`;
  }
  return undefined;
}
