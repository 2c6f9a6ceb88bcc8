// Owns what happens to an account's files when it is removed from the configuration, and what the Gateway clears away when it starts.
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { resolveStateDir } from "openclaw/plugin-sdk/state-paths";
import { listAccountIds } from "../config/account-ids.ts";
import { errorText } from "../config/error-text.ts";
import { CHANNEL_ID } from "../config/types.ts";

type Lifecycle = NonNullable<ChannelPlugin["lifecycle"]>;

/** @param noteRemoved called for an account that is about to leave the configuration, with what it was. */
export function createLifecycle(
  noteRemoved: (prevCfg: OpenClawConfig, accountId: string) => Promise<void>,
): Lifecycle {
  return {
    // The host has stopped the account on a running Gateway before, and writes the configuration afterwards.
    onAccountRemoved: async ({ prevCfg, accountId, runtime }) => {
      try {
        await noteRemoved(prevCfg, accountId);
        const { removeAccountFiles } = await import("./account-files.ts");
        if (removeAccountFiles(resolveStateDir(), accountId) !== "in-use") return;
        runtime.log(
          `A Gateway still runs the Gotify account ${accountId}: its journal is removed when the next one starts.`,
        );
      } catch (error) {
        // The account goes all the same: what is left is files.
        runtime.error(
          `The files of the Gotify account ${accountId} could not be removed: ${errorText(error)}`,
        );
      }
    },
    runStartupMaintenance: async ({ cfg, env, log }) => {
      const { pruneFiles } = await import("./account-files.ts");
      const stateDir = env === undefined ? resolveStateDir() : resolveStateDir(env);
      for (const path of pruneFiles(stateDir, listAccountIds(cfg), Date.now())) {
        log.info?.(`${CHANNEL_ID}: removed ${path}, which nobody needs any more`);
      }
    },
  };
}
