// Owns the findings of the security audit about a Gotify account: what is risky, and one line that mends it.
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { readChannelAllowFromStore } from "openclaw/plugin-sdk/channel-pairing";
import { isLoopbackHost, isPrivateOrLoopbackHost } from "openclaw/plugin-sdk/ssrf-runtime";
import { normalizeAllowEntry, senderId } from "../config/sender-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import { asObject, asString } from "../gotify/parse.ts";
import { idsNotInherited, writtenAt } from "./security-config.ts";
import { mainSessionWriters } from "./security-sessions.ts";

type Security = NonNullable<ChannelPlugin<ResolvedAccount>["security"]>;
type Collect = NonNullable<Security["collectAuditFindings"]>;
export type AuditContext = Pick<Parameters<Collect>[0], "cfg" | "sourceConfig" | "account">;
export type Finding = Awaited<ReturnType<Collect>>[number];

/** What is read besides the configuration; passed in where tests own it. */
export interface AuditWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The applications that were let in by pairing, as sender ids. */
  readonly readPaired: (accountId: string) => Promise<readonly string[]>;
}

const realWorld: AuditWorld = {
  env: process.env,
  readPaired: (accountId) => readChannelAllowFromStore(CHANNEL_ID, process.env, accountId),
};

/**
 * The findings for one account that is in use. An open policy and files that others can read are the
 * host's own findings. None of them names a token.
 */
export async function auditFindings(
  { cfg, sourceConfig, account }: AuditContext,
  world: AuditWorld = realWorld,
): Promise<Finding[]> {
  const findings = [
    ...tokensInConfig(sourceConfig, account, world),
    cleartext(cfg, account),
    ...(account.inbound.enabled
      ? [
          everyoneAllowed(cfg, account),
          await sharedMainSession(cfg, world),
          machineApprovers(cfg, account),
          machineOwners(cfg, account),
        ]
      : []),
    uninheritedIds(cfg),
  ];
  return findings.filter((finding) => finding !== undefined);
}

function tokensInConfig(
  cfg: OpenClawConfig,
  account: ResolvedAccount,
  { env }: AuditWorld,
): Finding[] {
  return (["appToken", "clientToken"] as const).flatMap((key) => {
    const { value, path } = writtenAt(cfg, account.accountId, key);
    const token = asString(value)?.trim() ?? "";
    // The host has put `${NAME}` in place by now, and tells nobody where a text came from.
    const isFromEnvironment = /^\$\{\w+\}$/.test(token) || Object.values(env).includes(token);
    if (token === "" || isFromEnvironment) return [];
    return {
      checkId: `channels.${CHANNEL_ID}.token_in_config`,
      severity: "warn" as const,
      title: `${path} is a token in plain text`,
      detail:
        key === "appToken"
          ? "Whoever sees a copy or a backup of the configuration can post as this application."
          : "Whoever sees a copy or a backup of the configuration can read every message of this Gotify user.",
      remediation: `Keep the token out of the file: set ${path} to "\${${variableFor(path)}}", and that variable where the Gateway runs.`,
    };
  });
}

/** `GOTIFY_HOME_APP_TOKEN` for `channels.gotify.accounts.home.appToken`: one for each place. */
function variableFor(path: string): string {
  return path
    .replace(/^channels\./, "")
    .replace(".accounts.", ".")
    .replace(/Token$/, "_TOKEN")
    .replaceAll(/\W/g, "_")
    .toUpperCase();
}

function cleartext(cfg: OpenClawConfig, account: ResolvedAccount): Finding | undefined {
  const url = URL.parse(account.serverUrl ?? "");
  if (url?.protocol !== "http:" || isLoopbackHost(url.hostname)) return undefined;
  const { path } = writtenAt(cfg, account.accountId, "serverUrl");
  const isPrivate = isPrivateOrLoopbackHost(url.hostname) || isPrivateName(url.hostname);
  const remediation = `Serve Gotify over TLS, with its own certificate or behind a reverse proxy, and write https:// into ${path}.`;
  return isPrivate
    ? {
        checkId: `channels.${CHANNEL_ID}.cleartext_private`,
        severity: "warn",
        title: `${path} is http:// to an address in the local network`,
        detail: `Tokens and messages travel to ${url.origin} unencrypted: every device in between can read them.`,
        remediation,
      }
    : {
        checkId: `channels.${CHANNEL_ID}.cleartext`,
        severity: "critical",
        title: `${path} is http:// to a public address`,
        detail: `Tokens and messages travel to ${url.origin} over the internet unencrypted.`,
        remediation,
      };
}

/** Names that only exist in an own network: of one word, or under an ending that no registry hands out. */
function isPrivateName(hostname: string): boolean {
  return /^[\w-]+$|\.(?:local|localhost|lan|home|internal|intranet|home\.arpa)\.?$/i.test(hostname);
}

function everyoneAllowed(cfg: OpenClawConfig, account: ResolvedAccount): Finding | undefined {
  if (account.dmPolicy === "disabled" || !account.allowFrom.includes("*")) return undefined;
  const { path } = writtenAt(cfg, account.accountId, "allowFrom");
  return {
    checkId: `channels.${CHANNEL_ID}.everyone_allowed`,
    severity: "critical",
    title: `"*" in ${path} lets every application talk to the agent`,
    detail: `Whatever posts to this Gotify user may instruct the agent, also applications that are created later, and under dmPolicy "${account.dmPolicy}" nobody is asked.`,
    remediation: `Replace "*" in ${path} with the ids of the applications that may talk, e.g. ["5"].`,
  };
}

async function sharedMainSession(
  cfg: OpenClawConfig,
  world: AuditWorld,
): Promise<Finding | undefined> {
  const writers = await mainSessionWriters(cfg, world.readPaired);
  if (writers === undefined) return undefined;
  return {
    checkId: `channels.${CHANNEL_ID}.shared_main_session`,
    severity: "warn",
    title: "Several Gotify applications write into the owner's own session",
    detail: `${writers.join(", ")}: all of them read and fill the agent's main session, because session.dmScope is "main", which is also the default.`,
    remediation: `Give each its own: openclaw config set session.dmScope per-account-channel-peer (and the same in a binding that sets another scope).`,
  };
}

/** Applications that may approve without being one that the operator chats with. */
function machineApprovers(cfg: OpenClawConfig, account: ResolvedAccount): Finding | undefined {
  const { path } = writtenAt(cfg, account.accountId, "approvers");
  const machines = withoutChat(account, account.approvers);
  return machines.length === 0
    ? undefined
    : machineFinding("machine_approver", machines, path, cfg, account);
}

function machineOwners(cfg: OpenClawConfig, account: ResolvedAccount): Finding | undefined {
  const owners: unknown = asObject(cfg.commands)?.["ownerAllowFrom"];
  const entries = Array.isArray(owners) ? owners.map(String) : [];
  // Without an account it is nobody of this channel.
  const machines = withoutChat(
    account,
    entries.filter((entry) => entry.includes("/")),
  );
  const path = "commands.ownerAllowFrom";
  return machines.length === 0
    ? undefined
    : machineFinding("machine_owner", machines, path, cfg, account);
}

function machineFinding(
  check: string,
  machines: readonly string[],
  path: string,
  cfg: OpenClawConfig,
  { accountId }: ResolvedAccount,
): Finding {
  const chat = writtenAt(cfg, accountId, "commandsFrom").path;
  return {
    checkId: `channels.${CHANNEL_ID}.${check}`,
    severity: "warn",
    title: `${path} holds an application that nobody chats through`,
    detail: `${machines.join(", ")}: whoever can post as this application can approve what the agent asks permission for, and it is not among the chat applications in commandsFrom.`,
    remediation: `Remove it from ${path}, or, if it is the application you chat with, add it to ${chat}.`,
  };
}

/** The account's applications among the entries that are not in `commandsFrom`, as sender ids. */
function withoutChat(account: ResolvedAccount, entries: readonly string[]): readonly string[] {
  const normalized = (list: readonly string[]): string[] =>
    list.map((entry) => normalizeAllowEntry(account.accountId, entry));
  const chat = new Set(normalized(account.commandsFrom));
  const own = senderId(account.accountId, "");
  const isOwn = (sender: string): boolean =>
    sender.startsWith(own) && /^\d+$/.test(sender.slice(own.length));
  return [...new Set(normalized(entries))].filter((sender) => isOwn(sender) && !chat.has(sender));
}

function uninheritedIds(cfg: OpenClawConfig): Finding | undefined {
  const found = idsNotInherited(cfg);
  if (found === undefined) return undefined;
  const paths = found.accounts.map((id) => `channels.${CHANNEL_ID}.accounts.${id}.allowFrom`);
  return {
    checkId: `channels.${CHANNEL_ID}.ids_not_inherited`,
    severity: "info",
    title: `Ids in channels.${CHANNEL_ID}.allowFrom hold for its own server only`,
    detail: `An id means another application on another server, so the accounts with a server of their own (${found.accounts.join(", ")}) do not inherit ${found.ids.join(", ")}.`,
    remediation: `Write the ids of the other servers' applications into ${paths.join(" and ")}.`,
  };
}
