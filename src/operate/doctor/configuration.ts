// Owns what the doctor says of an account's own words: whether it can work at all, and what its priorities mean on a phone.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { replyToProblem } from "../../config/reply-to.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../../config/types.ts";
import { writtenAt } from "../security-config.ts";
import { failure, fine, told, warning, type Remark } from "./check.ts";

/** What the Android app does: up to 0 nothing is shown, up to 3 nothing is heard. */
const MIN_SHOWN_PRIORITY = 1;
const MIN_HEARD_PRIORITY = 4;

export function configurationRemarks(account: ResolvedAccount): readonly Remark[] {
  const { accountId, enabled, problem } = account;
  const remarks: Remark[] = [];
  if (!enabled) {
    remarks.push(
      warning(
        "configuration",
        `The account ${accountId} is switched off.`,
        `To use it, set enabled to true in channels.${CHANNEL_ID}, and in the account where it says something else.`,
      ),
    );
  }
  if (problem !== undefined) remarks.push(told("configuration", problem));
  const replyTo = replyToProblem(account);
  if (replyTo !== undefined) remarks.push(told("reply-to", replyTo, "warning"));
  if (remarks.length > 0) return remarks;
  const receives = account.inbound.enabled ? "receives and answers" : "only sends";
  return [fine("configuration", `The configuration is complete: the account ${receives}.`)];
}

export function priorityRemarks(cfg: OpenClawConfig, account: ResolvedAccount): readonly Remark[] {
  const { accountId, defaultPriority, outbound } = account;
  const { path } = writtenAt(cfg, accountId, "defaultPriority");
  const group = writtenAt(cfg, accountId, "priorities").path;
  const remarks = [
    ofPriority(`Answers are posted with priority ${defaultPriority}`, defaultPriority, path),
    ofPriority(
      `Requests for an approval are posted with priority ${outbound.priorities.approval}`,
      outbound.priorities.approval,
      `${group}.approval`,
    ),
    ofPriority(
      `Failures are posted with priority ${outbound.priorities.error}`,
      outbound.priorities.error,
      `${group}.error`,
    ),
    ...[...outbound.applicationPriorities].map(([appId, priority]) =>
      ofPriority(
        `Answers to application ${appId} are posted with priority ${priority}`,
        priority,
        `${writtenAt(cfg, accountId, "applications").path}.${appId}.priority`,
      ),
    ),
  ].filter((remark) => remark !== undefined);
  if (remarks.length > 0) return remarks;
  return [
    fine("priority", `Answers have priority ${defaultPriority}: phones show and sound them.`),
  ];
}

function ofPriority(what: string, priority: number, path: string): Remark | undefined {
  if (priority >= MIN_HEARD_PRIORITY) return undefined;
  const effect =
    priority < MIN_SHOWN_PRIORITY
      ? "silent on phones: they show no notification"
      : "phones show it without a sound";
  return warning(
    "priority",
    `${what}, ${effect}.`,
    `Set ${path} to ${MIN_HEARD_PRIORITY} or more, unless that is wanted.`,
  );
}

/** @param problem what the servers have told: two tokens of one user. */
export function overlapRemark(problem: string): Remark {
  return failure("overlap", ...sentences(problem));
}

/** The remedy is the last sentence. */
function sentences(text: string): [message: string, fix: string] {
  const at = text.lastIndexOf(". ");
  return at < 0 ? [text, ""] : [text.slice(0, at + 1), text.slice(at + 2)];
}
