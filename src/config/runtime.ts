// Owns the host's runtime, handed over once at registration and fetched where it is needed.
import { createPluginRuntimeStore, type PluginRuntime } from "openclaw/plugin-sdk/runtime-store";
import { CHANNEL_ID } from "./types.ts";

export type { PluginRuntime };

const store = createPluginRuntimeStore<PluginRuntime>({
  pluginId: CHANNEL_ID,
  errorMessage: "The Gotify channel is not registered with OpenClaw in this process.",
});

export const setRuntime = store.setRuntime;
export const getRuntime = store.getRuntime;
/** For what may be asked before the registration. */
export const tryGetRuntime = store.tryGetRuntime;
