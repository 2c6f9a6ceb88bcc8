// Owns that an account which has just been set up runs: a Gateway that was told to stop it keeps it stopped, whatever is written later.
import { setTimeout as pause } from "node:timers/promises";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { CHANNEL_ID } from "../config/types.ts";

const TIMEOUT_MS = "10000";
/** A Gateway takes a second or two until it has loaded what was written; before, there is nothing to start. */
const TRIES = 6;
const PAUSE_MS = 1_000;

/**
 * `channels logout` and `channels remove` stop the account in the running Gateway by hand, and the host then
 * leaves it off when the configuration is loaded anew, until somebody starts it by hand as well. Its own
 * `channels login` does so; `channels add` and the guided set-up do not.
 */
export async function startAgain(cfg: OpenClawConfig, accountId: string): Promise<void> {
  // A Gateway elsewhere has a configuration of its own.
  if (cfg.gateway?.mode === "remote") return;
  const { callGatewayFromCli } = await import("openclaw/plugin-sdk/gateway-runtime");
  const account = { channel: CHANNEL_ID, accountId };
  const options = { timeout: TIMEOUT_MS };
  try {
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const quiet = { progress: false };
      const answer = await callGatewayFromCli("channels.start", options, account, quiet);
      if (answer["started"] === true) return;
      await pause(PAUSE_MS);
    }
  } catch {
    // No Gateway runs, or it has yet to load the plugin: either way it starts the account by itself.
  }
}
