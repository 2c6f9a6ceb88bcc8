// Owns what the doctor says of who may do what: who owns, commands, approves and talks, and whether the applications that are named exist.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { isListed, normalizeAllowEntry, senderId } from "../../config/sender-id.ts";
import { accountPath } from "../../config/state-folder.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../../config/types.ts";
import type { GotifyApplication } from "../../gotify/applications.ts";
import { asObject } from "../../gotify/parse.ts";
import { crowdOf } from "../../journal/challenges.ts";
import { JournalError } from "../../journal/journal-errors.ts";
import { visitJournal } from "../../journal/journal.ts";
import { writtenAt } from "../security-config.ts";
import { fine, quoted, warning, type Remark, type Visit } from "./check.ts";

/**
 * The same findings as the audit's, so that whoever reads the doctor alone misses none. They are warnings:
 * messages get through.
 */
export async function securityRemarks(
  cfg: OpenClawConfig,
  account: ResolvedAccount,
): Promise<readonly Remark[]> {
  const { securityFindings } = await import("../security-findings.ts");
  const findings = await securityFindings({ cfg, account });
  const remarks = findings
    .filter(({ severity }) => severity !== "info")
    .map(({ title, detail, remediation }) =>
      warning("security", `${title}. ${detail}`, remediation ?? "See openclaw security audit."),
    );
  return remarks.length > 0
    ? remarks
    : [fine("security", "The security audit has nothing to say about the account.")];
}

/** Who has which right, by name where the server tells. */
export async function rightsRemarks(visit: Visit): Promise<readonly Remark[]> {
  const { cfg, account } = visit;
  if (!account.inbound.enabled) return [];
  const applications = await visit.applications();
  const named = (entries: readonly string[]): string => {
    const names = entries.map((entry) => describe(account, applications, entry));
    return names.length === 0 ? "nobody" : names.join(", ");
  };
  const owners = ownersOf(cfg, account);
  return [
    fine(
      "rights",
      `Owner of OpenClaw: ${owners.length === 0 ? "nobody of this account" : named(owners)}. ` +
        `May command: ${named(account.commandsFrom)}. May approve, besides owners: ${named(account.approvers)}. ` +
        `May talk: ${talkers(account, named)}.`,
    ),
    ...unknownApplications(visit, applications),
    ...crowdRemarks(visit, applications),
  ];
}

/** Machines that have had the day's codes: a person who asks now is told nothing. */
function crowdRemarks(
  { cfg, account, world }: Visit,
  applications: readonly GotifyApplication[],
): readonly Remark[] {
  if (account.dmPolicy !== "pairing") return [];
  const settled = [...account.inbound.ignore, ...account.allowFrom];
  const crowd = crowdIn(accountPath(world.stateDir(), account.accountId), world.now()).filter(
    (appId) => !isListed(account, settled, appId),
  );
  if (crowd.length === 0) return [];
  const names = crowd.map((appId) => describe(account, applications, String(appId)));
  const at = (key: string): string => writtenAt(cfg, account.accountId, key).path;
  return [
    warning(
      "pairing",
      `The day's three pairing codes are used up, so unknown applications that ask now are sent none. ${names.join(", ")} had one, and ${crowd.length === 1 ? "was" : "were"} not approved.`,
      `Put machines into ${at("inbound")}.ignore, and a person's application into ${at("allowFrom")}: it needs no code then.`,
    ),
  ];
}

function crowdIn(folder: string, now: number): readonly number[] {
  try {
    const journal = visitJournal(folder, "read");
    if (journal === undefined) return [];
    try {
      return crowdOf(journal, now);
    } finally {
      journal.close();
    }
  } catch (error) {
    // The check of the journal says so.
    if (error instanceof JournalError) return [];
    throw error;
  }
}

function talkers(account: ResolvedAccount, named: (entries: readonly string[]) => string): string {
  switch (account.dmPolicy) {
    case "disabled":
      return "nobody";
    case "open":
    case "allowlist":
      return named(account.allowFrom);
    case "pairing": {
      const listed = account.allowFrom.length === 0 ? "" : `${named(account.allowFrom)}, and `;
      return `${listed}whoever was let in by pairing`;
    }
  }
}

/** Of the host's owners, those that are applications of this account. */
function ownersOf(cfg: OpenClawConfig, account: ResolvedAccount): readonly string[] {
  const owners: unknown = asObject(cfg.commands)?.["ownerAllowFrom"];
  const own = senderId(account.accountId, "");
  return (
    (Array.isArray(owners) ? owners : [])
      .map((entry) => String(entry).trim())
      // A bare id is another channel's as much as this one's.
      .filter((entry) => entry.includes("/"))
      .map((entry) => normalizeAllowEntry(account.accountId, entry))
      .filter((entry) => entry.startsWith(own))
  );
}

function describe(
  account: ResolvedAccount,
  applications: readonly GotifyApplication[],
  entry: string,
): string {
  const id = idIn(account, entry);
  if (entry === "*") return "everybody (*)";
  if (id === undefined) return quoted(entry);
  const name = applications.find((application) => application.id === id)?.name;
  return name === undefined ? `application ${id}` : `${quoted(name)} (${id})`;
}

function idIn(account: ResolvedAccount, entry: string): number | undefined {
  const own = senderId(account.accountId, "");
  const sender = normalizeAllowEntry(account.accountId, entry);
  const id = sender.startsWith(own) ? sender.slice(own.length) : "";
  return /^\d+$/.test(id) ? Number(id) : undefined;
}

const SENDERS = ["allowFrom", "commandsFrom", "approvers"] as const;

/** What is named and is not there: deleted, of another user or server, or misspelt. */
function unknownApplications(
  { cfg, account }: Visit,
  applications: readonly GotifyApplication[],
): readonly Remark[] {
  const known = new Set(applications.map(({ id }) => id));
  const isUnknown = (entry: string): boolean => {
    if (entry === "*" || /^accessgroup:/i.test(entry)) return false;
    const id = idIn(account, entry);
    return id === undefined || !known.has(id);
  };
  const { inbound, outbound, accountId } = account;
  const at = (key: string): string => writtenAt(cfg, accountId, key).path;
  const lists: readonly (readonly [path: string, entries: readonly string[]])[] = [
    ...SENDERS.map((key) => [at(key), account[key]] as const),
    [`${at("inbound")}.applications`, [...(inbound.applications ?? [])].map(String)],
    [`${at("inbound")}.ignore`, inbound.ignore],
    [`${at("inbound")}.peerIdFrom`, inbound.peerIdFrom ?? []],
    [at("applications"), [...outbound.applicationPriorities.keys()].map(String)],
  ];
  const found = lists.flatMap(([path, entries]) => {
    const unknown = entries.filter(isUnknown);
    if (unknown.length === 0) return [];
    return warning(
      "applications",
      `${path} names what is no application of this Gotify user: ${unknown.map(quoted).join(", ")}.`,
      `Write the id of an application there (openclaw gotify apps lists them), or take it out.`,
    );
  });
  if (found.length > 0) return found;
  return [
    fine(
      "applications",
      `The user has ${applications.length} application${applications.length === 1 ? "" : "s"}; all that channels.${CHANNEL_ID} names are among them.`,
    ),
  ];
}
