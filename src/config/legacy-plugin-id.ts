// Owns the repair of the plugin's own entries under `plugins`: earlier releases had the id openclaw-gotify.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { asObject } from "../gotify/parse.ts";
import { CHANNEL_ID } from "./types.ts";

/** The plugin's id in earlier releases. The manifest names it, too, so that the host knows it for ours. */
export const LEGACY_PLUGIN_ID = "openclaw-gotify";

export interface PluginIdRepair {
  readonly config: OpenClawConfig;
  readonly changes: readonly string[];
}

/**
 * Left alone, the host takes the old id for a plugin that failed to install and says so at every start. A
 * list of what may be loaded, or must not be, goes on meaning this plugin.
 */
export function repairLegacyPluginId(config: OpenClawConfig): PluginIdRepair {
  const { plugins } = config;
  if (plugins === undefined || !hasLegacyPluginId(plugins)) return { config, changes: [] };
  const repaired = { ...plugins };
  const changes: string[] = [];
  for (const list of ["allow", "deny"] as const) {
    const ids = repaired[list];
    if (ids?.includes(LEGACY_PLUGIN_ID) !== true) continue;
    repaired[list] = [...new Set(ids.map((id) => (id === LEGACY_PLUGIN_ID ? CHANNEL_ID : id)))];
    changes.push(`Renamed ${LEGACY_PLUGIN_ID} to ${CHANNEL_ID} in plugins.${list}.`);
  }
  const { [LEGACY_PLUGIN_ID]: old, ...entries } = repaired.entries ?? {};
  if (old !== undefined) {
    const from = `plugins.entries.${LEGACY_PLUGIN_ID}`;
    const isThere = entries[CHANNEL_ID] !== undefined;
    repaired.entries = isThere ? entries : { ...entries, [CHANNEL_ID]: old };
    changes.push(
      isThere
        ? `Removed ${from}, because plugins.entries.${CHANNEL_ID} is there already.`
        : `Moved ${from} to plugins.entries.${CHANNEL_ID}.`,
    );
  }
  return { config: { ...config, plugins: repaired }, changes };
}

/** Whether `plugins` names the old id anywhere. */
export function hasLegacyPluginId(plugins: unknown): boolean {
  const { allow, deny, entries } = asObject(plugins) ?? {};
  return (
    [allow, deny].some((list) => Array.isArray(list) && list.includes(LEGACY_PLUGIN_ID)) ||
    Object.hasOwn(asObject(entries) ?? {}, LEGACY_PLUGIN_ID)
  );
}
