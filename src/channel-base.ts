// Owns what the channel says about itself before it runs: identity, capabilities, configuration, set-up, status, security, doctor.
import { buildJsonChannelConfigSchema } from "openclaw/plugin-sdk/channel-config-schema";
import type { ChannelPlugin } from "openclaw/plugin-sdk/channel-core";
import manifest from "../openclaw.plugin.json" with { type: "json" };
import { configAdapter } from "./config/config-adapter.ts";
import { reload } from "./config/live-settings.ts";
import {
  collectRuntimeConfigAssignments,
  secretTargetRegistryEntries,
} from "./config/secret-contract.ts";
import { CHANNEL_ID, type ResolvedAccount } from "./config/types.ts";
import { doctorAdapter } from "./operate/doctor.ts";
import { heartbeatAdapter } from "./operate/heartbeat.ts";
import { createLifecycle } from "./operate/lifecycle.ts";
import type { AccountProbe } from "./operate/probe.ts";
import { securityAdapter } from "./operate/security.ts";
import { createStatus } from "./operate/status.ts";
import { login, logout } from "./setup/login.ts";
import { setupContract } from "./setup/contract.ts";
import { setupWizard } from "./setup/wizard.ts";

/** Generated from config/schema.zod.ts. Without Zod, which is slow to start, and not a second time beside the manifest. */
const { schema, uiHints } = manifest.channelConfigs[CHANNEL_ID];

/** Light: it is loaded for setup, for the status of a channel that is switched off, for the security audit and the doctor. */
export const channelBase: ChannelPlugin<ResolvedAccount, AccountProbe> = {
  id: CHANNEL_ID,
  meta: {
    id: CHANNEL_ID,
    label: "Gotify",
    selectionLabel: "Gotify (self-hosted push)",
    detailLabel: "Gotify",
    docsPath: "/channels/gotify",
    docsLabel: "gotify",
    blurb: "Talk to agents through your own Gotify push server.",
    order: 70,
    systemImage: "bell.badge",
    markdownCapable: true,
    quickstartAllowFrom: true,
  },
  capabilities: { chatTypes: ["direct"], media: true, blockStreaming: true },
  reload,
  config: configAdapter,
  configSchema: buildJsonChannelConfigSchema(schema, { uiHints }),
  secrets: { secretTargetRegistryEntries, collectRuntimeConfigAssignments },
  setupContract,
  setupWizard,
  // Also before anything is configured: that is when somebody logs in.
  auth: { login },
  gateway: { logoutAccount: logout },
  status: createStatus(),
  heartbeat: heartbeatAdapter,
  lifecycle: createLifecycle(async (prevCfg, accountId) => {
    const { noteRemovedAccount } = await import("./setup/made-clients.ts");
    noteRemovedAccount(prevCfg, accountId);
  }),
  security: securityAdapter,
  doctor: doctorAdapter,
};
