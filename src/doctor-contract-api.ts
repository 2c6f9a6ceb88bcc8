// Owns what OpenClaw loads to repair configuration of earlier releases; it finds this file by its name. Loads nothing of OpenClaw.
import type {
  ChannelDoctorConfigMutation,
  ChannelDoctorLegacyConfigRule,
} from "openclaw/plugin-sdk/channel-contract";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { hasLegacyAgents, repairLegacyAgents } from "./config/legacy-agents.ts";
import {
  hasLegacyPluginId,
  LEGACY_PLUGIN_ID,
  repairLegacyPluginId,
} from "./config/legacy-plugin-id.ts";
import { hasLegacyKey, LEGACY_KEYS, repairLegacySection, type LegacyKey } from "./config/legacy.ts";
import { CHANNEL_ID } from "./config/types.ts";
import { asObject } from "./gotify/parse.ts";

const FIX = "Run `openclaw doctor --fix`.";

/** With the way out: the fix, where it changes something. */
function told({ now, isByHand }: LegacyKey): string {
  return isByHand ? now : `${now} ${FIX}`;
}

/** What stands in the configuration and is no key of today, told before anything is changed. */
export const legacyConfigRules: ChannelDoctorLegacyConfigRule[] = [
  ...LEGACY_KEYS.flatMap((key): ChannelDoctorLegacyConfigRule[] => [
    {
      path: ["channels", CHANNEL_ID, ...key.path],
      message: `${key.path.at(-1)} ${told(key)}`,
      ...(key.holdsFor === undefined ? {} : { match: key.holdsFor }),
    },
    {
      path: ["channels", CHANNEL_ID, "accounts"],
      message: `<account>.${key.path.join(".")} ${told(key)}`,
      match: (accounts) =>
        Object.values(asObject(accounts) ?? {}).some((account) =>
          hasLegacyKey(asObject(account), key),
        ),
    },
  ]),
  {
    path: ["agents"],
    message: `<agent>.channels.${CHANNEL_ID} is no key of OpenClaw: bindings say which agent answers an account. ${FIX}`,
    match: hasLegacyAgents,
  },
  {
    path: ["plugins"],
    message: `${LEGACY_PLUGIN_ID} is the plugin's id of earlier releases, ${CHANNEL_ID} the one of today. ${FIX}`,
    match: hasLegacyPluginId,
  },
];

/** The configuration in today's keys, with one line for each change; nothing else is touched. */
export function normalizeCompatibilityConfig({
  cfg,
}: {
  cfg: OpenClawConfig;
}): ChannelDoctorConfigMutation {
  const plugin = repairLegacyPluginId(cfg);
  const agents = repairLegacyAgents(plugin.config);
  const before = asObject(cfg.channels?.[CHANNEL_ID]);
  const { section, changes } =
    before === undefined ? { section: before, changes: [] } : repairLegacySection(before);
  return {
    config:
      section === before
        ? agents.config
        : { ...agents.config, channels: { ...cfg.channels, [CHANNEL_ID]: section } },
    changes: [...changes, ...agents.changes, ...plugin.changes],
  };
}
