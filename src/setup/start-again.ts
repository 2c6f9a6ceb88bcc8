// Owns that an account which has just been set up runs: a Gateway that was told to stop it keeps it stopped, whatever is written later.
import { setTimeout as pause } from "node:timers/promises";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { CHANNEL_ID } from "../config/types.ts";
import type { JsonObject } from "../gotify/parse.ts";

/** In all: somebody sits before a guide that says nothing meanwhile. */
const TOTAL_MS = 10_000;
/** A Gateway takes a second or two until it has loaded what was written; before, there is nothing to start. */
const PAUSE_MS = 1_000;

/** One call of the Gateway, as the host's own commands make it. */
export type CallGateway = (
  method: string,
  options: { readonly timeout: string },
  params: JsonObject,
  extra: { readonly progress: false },
) => Promise<JsonObject>;

/**
 * `channels logout` and `channels remove` stop the account in the running Gateway by hand, and the host then
 * leaves it off when the configuration is loaded anew, until somebody starts it by hand as well. Its own
 * `channels login` does so; `channels add` and the guided set-up do not.
 */
export async function startAgain(
  cfg: OpenClawConfig,
  accountId: string,
  call: CallGateway = callGateway,
  { totalMs, pauseMs } = { totalMs: TOTAL_MS, pauseMs: PAUSE_MS },
): Promise<void> {
  // A Gateway elsewhere has a configuration of its own.
  if (cfg.gateway?.mode === "remote") return;
  const account = { channel: CHANNEL_ID, accountId };
  const untilMs = performance.now() + totalMs;
  const leftMs = (): number => Math.ceil(untilMs - performance.now());
  try {
    while (leftMs() > 0) {
      const options = { timeout: String(leftMs()) };
      const answer = await call("channels.start", options, account, { progress: false });
      if (answer["started"] === true) return;
      await pause(Math.min(pauseMs, Math.max(leftMs(), 0)));
    }
  } catch {
    // No Gateway runs, or it has yet to load the plugin: either way it starts the account by itself.
  }
}

const callGateway: CallGateway = async (...call) => {
  const { callGatewayFromCli } = await import("openclaw/plugin-sdk/gateway-runtime");
  return callGatewayFromCli(...call);
};
