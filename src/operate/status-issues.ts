// Owns what the host's status says is wrong with an account: the problems that its snapshot carries, each with what to do.
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { CHANNEL_ID, type ResolvedAccount } from "../config/types.ts";
import { oneLine } from "../gotify/one-line.ts";
import { asObject, asString } from "../gotify/parse.ts";

type StatusAdapter = NonNullable<ChannelPlugin<ResolvedAccount>["status"]>;
type Collect = NonNullable<StatusAdapter["collectStatusIssues"]>;
type Snapshot = Parameters<Collect>[0][number];
type Issue = ReturnType<Collect>[number];

/** Which of the host's kinds a problem is of; `runtime` where it is not listed. */
const KINDS: Readonly<Record<string, Issue["kind"]>> = {
  "not-configured": "config",
  "secret-missing": "auth",
  blocked: "auth",
  suspended: "permissions",
};

export const statusIssues: Collect = (accounts) =>
  accounts.flatMap((account) => [...problemsOf(account), ...missingSecret(account)]);

/** The snapshot may have come from another process, so its form is looked at. */
function problemsOf(account: Snapshot): Issue[] {
  const problems: unknown = "problems" in account ? account.problems : undefined;
  const listed: readonly unknown[] = Array.isArray(problems) ? problems : [];
  return listed.flatMap((value) => {
    const problem = asObject(value);
    const code = asString(problem?.["code"]);
    const message = asString(problem?.["message"]);
    const fix = asString(problem?.["fix"]);
    if (code === undefined || message === undefined) return [];
    return [
      {
        channel: CHANNEL_ID,
        accountId: account.accountId,
        kind: KINDS[code] ?? "runtime",
        message: oneLine(message),
        ...(fix === undefined ? {} : { fix: oneLine(fix) }),
      },
    ];
  });
}

/**
 * The host keeps an account off while one of its secrets cannot be read, without asking the plugin, and
 * says neither which secret it is nor what to do then.
 */
function missingSecret({ accountId, lastError }: Snapshot): Issue[] {
  if (lastError?.startsWith("Secret owner account:") !== true) return [];
  return [
    {
      channel: CHANNEL_ID,
      accountId,
      kind: "auth",
      message:
        'A secret of this account cannot be read, so the account is off. "openclaw secrets audit" names it.',
      fix: "put the secret in place, then run: openclaw secrets reload",
    },
  ];
}
