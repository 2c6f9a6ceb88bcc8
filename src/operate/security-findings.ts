// Owns the security findings about a Gotify account: what is risky in who may talk, command and approve, and how it is connected.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { readChannelAllowFromStore } from "openclaw/plugin-sdk/channel-pairing";
import { isLoopbackHost, isPrivateOrLoopbackHost } from "openclaw/plugin-sdk/ssrf-runtime";
import { ownersOf } from "../config/host-lists.ts";
import { applicationOf, normalizeAllowEntry, senderId } from "../config/sender-id.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import { idsNotInherited, writtenAt, type Finding } from "./security-config.ts";
import { membersOf, sharedSessions } from "./security-sessions.ts";
import { keyFile, tokenFiles } from "./security-tokens.ts";

export interface AuditContext {
  readonly cfg: OpenClawConfig;
  readonly account: ResolvedAccount;
}

/** What is read besides the configuration; passed in where tests own it. */
export interface AuditWorld {
  /** The applications that were let in by pairing, as sender ids. */
  readonly readPaired: (accountId: string) => Promise<readonly string[]>;
}

const realWorld: AuditWorld = {
  readPaired: (accountId) => readChannelAllowFromStore(CHANNEL_ID, process.env, accountId),
};

/**
 * The findings for one account that is in use, for the audit and `openclaw doctor` alike. An open policy
 * and a configuration file that others can read are the host's own findings.
 */
export async function securityFindings(
  { cfg, account }: AuditContext,
  world: AuditWorld = realWorld,
): Promise<Finding[]> {
  const findings = [
    ...tokenFiles(cfg, account),
    ...keyFile(cfg, account),
    cleartext(cfg, account),
    ...(account.inbound.enabled
      ? [
          everyoneAllowed(cfg, account),
          ...(await sessionFindings(cfg, world)),
          machineApprovers(cfg, account),
          machineOwners(cfg, account),
          firstPairing(cfg, account),
        ]
      : []),
    uninheritedIds(cfg),
  ];
  return findings.filter((finding) => finding !== undefined);
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
    : publicCleartext(path, url.origin, account.connection.allowCleartext, remediation);
}

function publicCleartext(
  path: string,
  origin: string,
  isAllowed: boolean,
  remediation: string,
): Finding {
  const checkId = `channels.${CHANNEL_ID}.cleartext`;
  const title = `${path} is http:// to a public address`;
  if (!isAllowed) {
    const detail = `Nothing is sent to ${origin} unless it turns out to be an address of your own network: tokens would travel the internet unencrypted.`;
    return { checkId, severity: "warn", title, detail, remediation };
  }
  return {
    checkId,
    severity: "critical",
    title,
    detail: `Tokens and messages travel to ${origin} over the internet unencrypted, as connection.dangerouslyAllowCleartext allows.`,
    remediation,
  };
}

/** Names that only exist in an own network: of one word, or under an ending that no registry hands out. */
function isPrivateName(hostname: string): boolean {
  return /^[\w-]+$|\.(?:local|localhost|lan|home|internal|intranet|home\.arpa)\.?$/i.test(hostname);
}

function everyoneAllowed(cfg: OpenClawConfig, account: ResolvedAccount): Finding | undefined {
  const open = account.dmPolicy === "disabled" ? undefined : opening(cfg, account);
  if (open === undefined) return undefined;
  const { path, example } = open;
  return {
    checkId: `channels.${CHANNEL_ID}.everyone_allowed`,
    severity: "critical",
    title: `"*" in ${path} lets every application talk to the agent`,
    detail: `Whatever posts to this Gotify user may instruct the agent, also applications that are created later, and under dmPolicy "${account.dmPolicy}" nobody is asked.`,
    remediation: `Replace "*" in ${path} with the ids of the applications that may talk, e.g. ["${example}"].`,
  };
}

/** Where everybody is let in: in the list itself, or in a group that it names. */
function opening(
  cfg: OpenClawConfig,
  { accountId, allowFrom }: ResolvedAccount,
): { readonly path: string; readonly example: string } | undefined {
  const members = allowFrom.flatMap((entry) => membersOf(cfg, entry));
  const found = members.find(({ value }) => value === "*");
  if (found === undefined) return undefined;
  return found.group === undefined
    ? { path: writtenAt(cfg, accountId, "allowFrom").path, example: "5" }
    : // Other accounts may name the group as well.
      { path: found.group, example: senderId(accountId, 5) };
}

async function sessionFindings(cfg: OpenClawConfig, world: AuditWorld): Promise<Finding[]> {
  const { main, sameId } = await sharedSessions(cfg, world.readPaired);
  const remediation = `Give each its own: openclaw config set session.dmScope per-account-channel-peer (and the same in a binding that sets another scope).`;
  const findings: Finding[] = [];
  if (main !== undefined) {
    findings.push({
      checkId: `channels.${CHANNEL_ID}.shared_main_session`,
      severity: "warn",
      title: "Several Gotify applications write into the owner's own session",
      detail: `${main.join(", ")}: all of them read and fill the agent's main session, because session.dmScope is "main", which is also the default.`,
      remediation,
    });
  }
  if (sameId !== undefined) {
    findings.push({
      checkId: `channels.${CHANNEL_ID}.shared_session`,
      severity: "warn",
      title: "Applications of several Gotify accounts write into one session",
      detail: `${sameId.join(", ")}: they are different applications whose ids may be the same, and one reads what the other has said, because this session.dmScope names a conversation without its account.`,
      remediation,
    });
  }
  return findings;
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
  // Without an account it is nobody of this channel.
  const machines = withoutChat(
    account,
    ownersOf(cfg).filter((entry) => entry.includes("/")),
  );
  const path = "commands.ownerAllowFrom";
  return machines.length === 0
    ? undefined
    : machineFinding("machine_owner", machines, path, cfg, account);
}

/** The host makes an owner of the first sender whose pairing is approved, whoever that is. */
function firstPairing(cfg: OpenClawConfig, account: ResolvedAccount): Finding | undefined {
  const { accountId, commandsFrom } = account;
  const isAsked = account.dmPolicy === "pairing" && opening(cfg, account) === undefined;
  if (!isAsked || ownersOf(cfg).length > 0) return undefined;
  const chat = commandsFrom.map(applicationOf).find((appId) => appId !== undefined);
  const owner = `${CHANNEL_ID}:${senderId(accountId, chat ?? "<id>")}`;
  const setOwner = `openclaw config set commands.ownerAllowFrom '["${owner}"]'`;
  return {
    checkId: `channels.${CHANNEL_ID}.pairing_makes_owner`,
    severity: "warn",
    title: `The first application that is paired with the Gotify account ${accountId} becomes OpenClaw's owner`,
    detail: `commands.ownerAllowFrom names nobody and dmPolicy is "pairing": approve the code of an application that a machine posts to, and whoever can post as that machine commands OpenClaw and approves what the agent asks permission for.`,
    remediation:
      chat === undefined
        ? `Name the application you chat with before you approve any other: its id in ${writtenAt(cfg, accountId, "commandsFrom").path}, and ${setOwner}.`
        : `Name the owner before you approve any pairing: ${setOwner}.`,
  };
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
