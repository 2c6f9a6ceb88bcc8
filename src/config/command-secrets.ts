// Owns the configuration of a command that needs tokens: outside the Gateway nobody has put secrets in place of references yet.
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { asObject } from "../gotify/parse.ts";
import { currentConfig } from "./host-types.ts";
import { getRuntime } from "./runtime.ts";
import { CHANNEL_ID } from "./types.ts";

/**
 * With the secrets that can be had: from a running Gateway, or else by looking in the same places. What
 * cannot be had stays a reference, and the account that uses it says so; the others work.
 *
 * @param command what was typed, for the host's messages.
 */
export async function configWithSecrets(command: string): Promise<OpenClawConfig> {
  return withSecrets(currentConfig(getRuntime()), command);
}

/** The same for a configuration at hand, where the plugin is not registered. */
export async function withSecrets(
  config: OpenClawConfig,
  command: string,
): Promise<OpenClawConfig> {
  const { secretTargetRegistryEntries } = await import("./secret-contract.ts");
  if (!hasReference(config.channels?.[CHANNEL_ID])) return config;
  const { resolveCommandSecretRefsViaGateway } = await import("openclaw/plugin-sdk/runtime");
  const { resolvedConfig } = await resolveCommandSecretRefsViaGateway({
    config,
    commandName: command,
    targetIds: new Set(secretTargetRegistryEntries.map(({ id }) => id)),
    mode: "read_only_operational",
    allowLocalExecSecretRefs: true,
    // Without its reference a secret that failed would look like one that nobody has set.
    scrubUnresolvedSecretRefs: false,
  });
  return resolvedConfig;
}

/** Asking the Gateway takes a second; most configurations have nothing to ask for. */
function hasReference(value: unknown): boolean {
  const object = asObject(value);
  if (object === undefined) return typeof value === "string" && value.startsWith("$");
  if (typeof object["source"] === "string" && typeof object["id"] === "string") return true;
  return Object.values(object).some(hasReference);
}
