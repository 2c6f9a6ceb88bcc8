// Owns what is generated from the configuration's schema: the plugin manifest, package.json's setup fields, the schema module.
import { z } from "zod";
import { CONFIGURED_STATE } from "../src/config/environment.ts";
import { LEGACY_PLUGIN_ID } from "../src/config/legacy-plugin-id.ts";
import { channelConfigSchema, uiHints } from "../src/config/schema.zod.ts";
import { CHANNEL_ID } from "../src/config/types.ts";
import { SETUP_FIELDS } from "../src/setup/fields.ts";

const DESCRIPTION = "Talk to agents through your own Gotify push server.";

/** Draft 7 in input mode: what the operator writes, so a key with a default is not a required one. */
export function channelJsonSchema(): unknown {
  return z.toJSONSchema(channelConfigSchema, { target: "draft-7", io: "input" });
}

/** The content of `openclaw.plugin.json`. */
export function pluginManifest(version: string): unknown {
  return {
    id: CHANNEL_ID,
    name: "Gotify",
    description: DESCRIPTION,
    version,
    categories: ["channels"],
    channels: [CHANNEL_ID],
    configSchema: { type: "object", additionalProperties: false, properties: {} },
    channelConfigs: {
      [CHANNEL_ID]: {
        label: "Gotify",
        description: DESCRIPTION,
        schema: channelJsonSchema(),
        uiHints,
      },
    },
    activation: { onStartup: false },
    // dist/doctor-contract-api.js, which the host finds by its name.
    doctorContract: { configRepair: true },
    legacyPluginIds: [LEGACY_PLUGIN_ID],
    cliCommands: [
      {
        name: CHANNEL_ID,
        description: "Check and operate the Gotify channel",
        hasSubcommands: true,
      },
    ],
    backupResources: [{ disposition: "include", scope: "state", relativePath: CHANNEL_ID }],
  };
}

/** `package.json` → `openclaw.channel.setup.fields`. */
export function setupFields(): { key: string }[] {
  return Object.entries(SETUP_FIELDS).map(([key, field]) => ({ key, ...field }));
}

/** `package.json` → `openclaw.channel.configuredState`: the variables, which the host names before the plugin is loaded. */
export function configuredState(): unknown {
  return CONFIGURED_STATE;
}

/** The module that the plugin's entries load in place of Zod. */
export function schemaModule(): string {
  return [
    "// Generated from schema.zod.ts by `npm run generate`; the entries load this instead of Zod, which is slow to start.",
    `export const CHANNEL_JSON_SCHEMA = ${JSON.stringify(channelJsonSchema(), null, 2)} as const;`,
    "",
    `export const CHANNEL_UI_HINTS = ${JSON.stringify(uiHints, null, 2)} as const;`,
    "",
  ].join("\n");
}
