// Owns the configuration's schema at build time: every key with its meaning, unit and default. Never shipped or loaded.
import { z } from "zod";
import type { AccountConfig, ChannelConfig } from "./types.ts";

const inbound = z
  .strictObject({
    enabled: z
      .boolean()
      .optional()
      .describe("Receive messages over the stream. Default: true when there is a client token."),
    reconnectDelayMs: z
      .number()
      .int()
      .min(100)
      .max(600_000)
      .optional()
      .describe(
        "Upper bound of the first wait before reconnecting, in milliseconds; doubled with each failure. Default: 2000.",
      ),
    maxReconnectDelayMs: z
      .number()
      .int()
      .min(100)
      .max(3_600_000)
      .optional()
      .describe("Upper bound of any wait before reconnecting, in milliseconds. Default: 30000."),
    maxReconnectAttempts: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe(
        "Failed connections in a row before the account gives up. Default: 0, which never gives up.",
      ),
  })
  .describe("The stream that messages come in by.");

const accountShape = {
  enabled: z.boolean().optional().describe("Whether the account is used. Default: true."),
  name: z.string().optional().describe("A name for lists and status."),
  serverUrl: z
    .string()
    .optional()
    .describe(
      "Address of the Gotify server, with its sub-path if it has one, e.g. https://push.example.com.",
    ),
  appToken: z
    .string()
    .optional()
    .describe("Token of the Gotify application that answers are posted to."),
  clientToken: z
    .string()
    .optional()
    .describe("Token of a Gotify client; needed to receive messages."),
  defaultPriority: z
    .number()
    .int()
    .optional()
    .describe(
      "Priority of answers: 0 is silent, 4 to 7 make a sound, 8 and more are urgent. Default: 5.",
    ),
  dmPolicy: z
    .enum(["pairing", "allowlist", "open", "disabled"])
    .optional()
    .describe(
      'Which applications may talk to the agent: pairing asks the operator, allowlist takes only allowFrom, open needs "*" in allowFrom, disabled takes none. Default: pairing.',
    ),
  allowFrom: z
    .array(z.union([z.string(), z.number()]))
    .optional()
    .describe("Ids of the Gotify applications that may talk to the agent, e.g. 5."),
  inbound: inbound.optional(),
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
  accounts: z
    .record(z.string(), account)
    .optional()
    .describe("Several Gotify servers or users, by account id."),
}) satisfies z.ZodType<ChannelConfig>;

/** How setup forms show the keys. `*` stands for any account id. */
export const uiHints = {
  serverUrl: { label: "Server URL", placeholder: "https://push.example.com" },
  appToken: { label: "Application token", sensitive: true },
  clientToken: { label: "Client token", sensitive: true },
  defaultPriority: { label: "Priority of answers" },
  dmPolicy: { label: "Who may talk" },
  allowFrom: { label: "Allowed applications" },
  "inbound.enabled": { label: "Receive messages" },
  "inbound.reconnectDelayMs": { label: "First reconnect delay (ms)", advanced: true },
  "inbound.maxReconnectDelayMs": { label: "Longest reconnect delay (ms)", advanced: true },
  "inbound.maxReconnectAttempts": { label: "Reconnect attempts (0: no end)", advanced: true },
  "accounts.*.appToken": { label: "Application token", sensitive: true },
  "accounts.*.clientToken": { label: "Client token", sensitive: true },
} as const;
