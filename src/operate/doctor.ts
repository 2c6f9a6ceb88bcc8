// Owns what `openclaw doctor` says beside the security findings, which it asks for itself: accounts that are off or cannot answer as they are told to, and what a quick look at server and files finds. Tokens in plain text it finds by the secret contract.
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { accountsInOrder } from "../config/accounts.ts";
import { replyToProblem } from "../config/reply-to.ts";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";

type Doctor = NonNullable<ChannelPlugin<ResolvedAccount>["doctor"]>;

/** Said here in words of their own, or by the host, or of no concern to somebody who only asks whether all is well. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set(["configuration", "reply-to", "not-running"]);

export const doctorAdapter: Doctor = {
  collectPreviewWarnings: async ({ cfg }) => {
    const enabled = accountsInOrder(cfg).filter(({ enabled: isOn }) => isOn);
    return [
      ...enabled.flatMap((account) => [...offWarnings(account), ...replyToWarnings(account)]),
      ...(enabled.length === 0 ? [] : await quickLook(cfg)),
    ];
  },
};

/** The host says nothing itself of an account that is not configured, or stands back for another one. */
function offWarnings({ accountId, configured, standsBack, problem }: ResolvedAccount): string[] {
  if ((configured && !standsBack) || problem === undefined) return [];
  return [`- channels.${CHANNEL_ID}: the account ${accountId} does not run. ${problem}`];
}

function replyToWarnings(account: ResolvedAccount): string[] {
  const problem = replyToProblem(account);
  return problem === undefined ? [] : [`- channels.${CHANNEL_ID}: ${problem}`];
}

/** A few seconds of network at most, and no stream. The rest is for `openclaw gotify doctor`. */
async function quickLook(cfg: OpenClawConfig): Promise<string[]> {
  const { realWorld, runDoctor } = await import("./doctor/run.ts");
  const { signal } = new AbortController();
  const world = { ...realWorld, isGateway: false };
  const { findings } = await runDoctor({ cfg, quick: true, signal }, world);
  return findings
    .filter(({ check, level }) => level !== "ok" && !SAID_ELSEWHERE.has(check))
    .map(({ account, message, fix }) => {
      const where = account === undefined ? "" : ` account ${account}:`;
      return `- channels.${CHANNEL_ID}:${where} ${message}${fix === undefined ? "" : ` ${fix}`}`;
    });
}
