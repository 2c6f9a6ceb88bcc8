// Owns the configuration's schema at build time: every key with its meaning, unit and default. Never shipped or loaded.
import { z } from "zod";
import { accessHints, accessShape } from "./schema-access.zod.ts";
import { commonHints, commonShape } from "./schema-common.zod.ts";
import { connectionOptionsHints, connectionOptionsShape } from "./schema-connection.zod.ts";
import { inboundHints, inboundShape } from "./schema-inbound.zod.ts";
import { outboundHints, outboundShape } from "./schema-outbound.zod.ts";
import { secretInput } from "./schema-secret.zod.ts";
import type { AccountConfig, ChannelConfig } from "./types.ts";

/** The server, and how to get in. */
const connectionShape = {
  enabled: z.boolean().optional().describe("Whether the account is used. Default: true."),
  name: z.string().optional().describe("A name for lists and status."),
  serverUrl: z
    .string()
    .optional()
    .describe(
      "Address of the Gotify server, with its sub-path if it has one, e.g. https://push.example.com. For the account default, GOTIFY_SERVER_URL in the environment stands in where nothing is set.",
    ),
  appToken: secretInput
    .optional()
    .describe(
      "Token of the Gotify application that answers are posted to, or a reference to it (source env, store, file or exec). For the account default, GOTIFY_APP_TOKEN in the environment stands in where nothing is set.",
    ),
  appTokenFile: z
    .string()
    .optional()
    .describe(
      "Path of a file that holds nothing but the application's token: a regular file, not a symbolic link. Ignored where appToken is set.",
    ),
  clientToken: secretInput
    .optional()
    .describe(
      "Token of a Gotify client, which is needed to receive messages, or a reference to it (source env, store, file or exec). For the account default, GOTIFY_CLIENT_TOKEN in the environment stands in where nothing is set.",
    ),
  clientTokenFile: z
    .string()
    .optional()
    .describe(
      "Path of a file that holds nothing but the client's token: a regular file, not a symbolic link. Ignored where clientToken is set.",
    ),
} as const;

const accountShape = {
  ...connectionShape,
  ...connectionOptionsShape,
  ...accessShape,
  ...inboundShape,
  ...outboundShape,
  ...commonShape,
} as const;

const account = z.strictObject(accountShape) satisfies z.ZodType<AccountConfig>;

/** `channels.gotify`, strict: an unknown key is an error. */
export const channelConfigSchema = z.strictObject({
  ...accountShape,
  defaultAccount: z
    .string()
    .optional()
    .describe(
      "The account used when none is named. Default: the one called default, or the first.",
    ),
  healthToken: secretInput
    .optional()
    .describe(
      "Token that a monitor has to send to /gotify/health as Authorization: Bearer, or a reference to it (source env, store, file or exec). Default: none, everybody may ask whether all is well.",
    ),
  accounts: z
    .record(z.string(), account)
    .optional()
    .describe("Several Gotify servers or users, by account id."),
}) satisfies z.ZodType<ChannelConfig>;

/** What does not say that it is basic stands among the advanced settings. */
const connectionHints = {
  enabled: { label: "Enabled", advanced: false },
  name: { label: "Name", advanced: false },
  serverUrl: { label: "Server URL", placeholder: "https://push.example.com", advanced: false },
  appToken: { label: "Application token", sensitive: true, advanced: false },
  appTokenFile: { label: "File with the application token", advanced: true },
  clientToken: { label: "Client token", sensitive: true, advanced: false },
  clientTokenFile: { label: "File with the client token", advanced: true },
} as const;

/** How setup forms show the keys of an account. Their help is the schema's own description, if there is none here. */
const accountHints: Readonly<Record<string, UiHint>> = {
  ...connectionHints,
  ...connectionOptionsHints,
  ...accessHints,
  ...inboundHints,
  ...outboundHints,
  ...commonHints,
};

/**
 * Keys that other channels have as well. OpenClaw has a help text for such a key that holds for none of them
 * in particular, and prefers it to the description; only a hint's own help is stronger.
 */
const SHARED_KEYS = new Set([
  "enabled",
  "name",
  "dmPolicy",
  "allowFrom",
  ...Object.keys(commonShape),
]);
const described: Readonly<Record<string, z.ZodType>> = accountShape;
const helpfulHints = Object.fromEntries(
  Object.entries(accountHints).map(([path, hint]) => [
    path,
    SHARED_KEYS.has(path) ? { ...hint, ...helpOf(described[path]) } : hint,
  ]),
);

/** The same for all keys, as the host wants them: `*` stands for any account id. */
export const uiHints: Readonly<Record<string, UiHint>> = {
  ...helpfulHints,
  defaultAccount: {
    label: "Default account",
    advanced: true,
    ...helpOf(channelConfigSchema.shape.defaultAccount),
  },
  healthToken: { label: "Token for monitors", sensitive: true, advanced: true },
  accounts: { label: "Accounts" },
  ...Object.fromEntries(
    Object.entries(helpfulHints).map(([path, hint]) => [`accounts.*.${path}`, hint]),
  ),
};

function helpOf(schema: z.ZodType | undefined): Pick<UiHint, "help"> {
  const description = schema?.description;
  return description === undefined ? {} : { help: description };
}

export interface UiHint {
  readonly label: string;
  readonly help?: string;
  readonly placeholder?: string;
  readonly sensitive?: boolean;
  readonly advanced?: boolean;
}

/** The keys of an account by topic, in the order in which they are documented. */
export const topics = [
  { title: "Server and tokens", keys: Object.keys(connectionShape) },
  { title: "The way to the server", keys: Object.keys(connectionOptionsShape) },
  { title: "Who may do what", keys: Object.keys(accessShape) },
  { title: "Receiving", keys: Object.keys(inboundShape) },
  { title: "Answers", keys: Object.keys(outboundShape) },
  { title: "Keys that every OpenClaw channel has", keys: Object.keys(commonShape) },
] as const;
