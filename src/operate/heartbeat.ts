// Owns whether a heartbeat has somewhere to go: the host asks before it lets an agent's alert out.
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import { resolveAccount } from "../config/accounts.ts";
import type { ProblemCode } from "../vitals/facts.ts";

type Heartbeat = NonNullable<ChannelPlugin["heartbeat"]>;

/** What keeps an alert from being posted. That nothing is received does not: an alert is worth most just then. */
const IN_THE_WAY: ReadonlySet<ProblemCode> = new Set([
  "not-configured",
  "secret-missing",
  "cannot-post",
]);

export const heartbeatAdapter: Heartbeat = {
  checkReady: async ({ cfg, accountId }) => {
    const account = resolveAccount(cfg, accountId);
    if (!account.enabled) return { ok: false, reason: "gotify-account-off" };
    const { gatherAccount } = await import("../vitals/gather.ts");
    const { problems } = gatherAccount(account);
    const problem = problems.find(({ code }) => IN_THE_WAY.has(code));
    return problem === undefined
      ? { ok: true, reason: "ok" }
      : { ok: false, reason: `gotify-${problem.code}` };
  },
};
