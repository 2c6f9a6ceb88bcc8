// Owns what is generated from the configuration's schema: the plugin manifest, package.json's setup fields.
import { z } from "zod";
import { TOOL_NAMES } from "../src/admin/tools-schema.ts";
import { CONFIGURED_STATE } from "../src/config/environment.ts";
import { LEGACY_PLUGIN_ID } from "../src/config/legacy-plugin-id.ts";
import { channelConfigSchema, uiHints } from "../src/config/schema.zod.ts";
import { CHANNEL_ID } from "../src/config/types.ts";
import { asObject, asString, type JsonObject } from "../src/gotify/parse.ts";
import { SETUP_FIELDS } from "../src/setup/fields.ts";

/** How deep objects are spread over lines: down to the keys of an account. */
const DEEPEST_LINE = 8;
/** What takes no more than this is not spread. */
const SHORT_LINE = 100;
/** What is said of the account default says nothing of others. */
const ONLY_DEFAULT = / For the account default, [^.]+\./;

const DESCRIPTION = "Talk to agents through your own Gotify push server.";

/** Draft 7 in input mode: what the operator writes, so a key with a default is not a required one. */
export function channelJsonSchema(): unknown {
  const schema = z.toJSONSchema(channelConfigSchema, { target: "draft-7", io: "input" });
  showUnions(schema);
  forAccounts(asObject(asObject(asObject(schema)?.["properties"])?.["accounts"]));
  return schema;
}

/**
 * Unions in the shape that the host's form shows as one field: variants of one type each (a list of types is
 * unknown to 2026.8), and none with fixed values. Behind `allOf` they hold all the same, there as well.
 */
function showUnions(schema: unknown): void {
  if (Array.isArray(schema)) schema.forEach(showUnions);
  const parts = asObject(schema);
  if (parts === undefined) return;
  Object.values(parts).forEach(showUnions);
  const variants = variantsOf(parts);
  if (!variants.some(({ type }) => type === "integer" || type === "number")) return;
  Reflect.deleteProperty(parts, "type");
  Object.assign(parts, { anyOf: variants.map(withoutFixedValues) });
}

function variantsOf({ type: types, anyOf }: JsonObject): readonly JsonObject[] {
  if (Array.isArray(types)) return types.map((type: unknown) => ({ type }));
  return Array.isArray(anyOf) ? anyOf.map((variant: unknown) => asObject(variant) ?? {}) : [];
}

function withoutFixedValues({ enum: names, const: name, ...rest }: JsonObject): JsonObject {
  if (names !== undefined) return { ...rest, allOf: [{ enum: names }] };
  return name === undefined ? rest : { ...rest, allOf: [{ const: name }] };
}

/** In an account the form takes labels from the schema, where OpenClaw has a hint of its own for the key. */
function forAccounts(accounts: JsonObject | undefined): void {
  const properties = asObject(asObject(accounts?.["additionalProperties"])?.["properties"]) ?? {};
  for (const [key, value] of Object.entries(properties)) {
    const property = asObject(value) ?? {};
    const description = asString(property["description"])?.replace(ONLY_DEFAULT, "");
    Object.assign(property, { title: uiHints[key]?.label, description });
  }
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
    // Registered for owners alone, and where an account has them switched on.
    contracts: { tools: TOOL_NAMES },
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

/**
 * The text of `openclaw.plugin.json`: one line for each key, because it is shipped and white space is most of
 * what an indented schema weighs.
 */
export function manifestText(version: string): string {
  return `${lines(pluginManifest(version), "")}\n`;
}

function lines(value: unknown, indent: string): string {
  const members = asObject(value);
  const text = JSON.stringify(value);
  if (members === undefined || indent.length >= DEEPEST_LINE || text.length <= SHORT_LINE) {
    return text;
  }
  const inner = `${indent} `;
  const entries = Object.entries(members).filter(([, member]) => member !== undefined);
  const body = entries.map(([key, member]) => `${JSON.stringify(key)}:${lines(member, inner)}`);
  return `{\n${inner}${body.join(`,\n${inner}`)}\n${indent}}`;
}
