// Owns the two places where the host's own types disagree with each other under this project's stricter compiler settings.
import type { ChannelPlugin, OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { PluginRuntime } from "./runtime.ts";

type Gateway = NonNullable<ChannelPlugin["gateway"]>;
type SetStatus = Parameters<NonNullable<Gateway["startAccount"]>>[0]["setStatus"];

/** A change to an account's status: the host merges it into what it knows. */
export type StatusPatch = {
  [Key in keyof Parameters<SetStatus>[0]]?: Parameters<SetStatus>[0][Key] | undefined;
};

/** The configuration as it is now. The host hands it out as read-only, and asks for it back as writable. */
export function currentConfig(core: PluginRuntime): OpenClawConfig {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same object, by the host's own account
  return core.config.current() as OpenClawConfig;
}

/**
 * Reports a change of an account's status. An explicit `undefined` means something to the host (it lifts
 * a block), but its type for the status does not allow one.
 */
export function reportStatus(setStatus: SetStatus, accountId: string, patch: StatusPatch): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  setStatus({ accountId, ...patch } as Parameters<SetStatus>[0]);
}
