// Owns the configuration's schema at build time: every key with its meaning, unit and default. Never shipped or loaded.
import { z } from "zod";
import { outboundHints, outboundShape } from "./schema-outbound.zod.ts";
import type { AccountConfig, ChannelConfig } from "./types.ts";

/** An application's id. A name would be taken for nobody, silently. */
const application = z.union([
  z.string().regex(/^(?:gotify:)?(?:app:)?[1-9][0-9]*$/),
  z.number().int().min(1),
]);
/** The same, or every application. */
const applicationOrAll = z.union([application, z.literal("*")]);

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
    catchUp: z
      .strictObject({
        firstStart: z
          .union([z.literal("none"), z.number().int().min(0).max(10_000)])
          .optional()
          .describe(
            "How many of the messages that are already stored the very first start answers. Default: none.",
          ),
        maxMessages: z
          .number()
          .int()
          .min(0)
          .max(100_000)
          .optional()
          .describe(
            "How many missed messages are answered after an outage, the newest of them; older ones are skipped and the log says so. Default: 2000.",
          ),
        maxAgeMinutes: z
          .number()
          .int()
          .min(1)
          .max(525_600)
          .optional()
          .describe(
            "How old a missed message may be to be answered, in minutes; older ones are skipped and the log says so. Default: 1440, one day.",
          ),
      })
      .optional()
      .describe("What was posted while the account was not connected."),
    applications: z
      .array(applicationOrAll)
      .optional()
      .describe('Ids of the applications that are watched, e.g. 5. Default: "*", all of them.'),
    afterHandled: z
      .enum(["keep", "delete"])
      .optional()
      .describe(
        "What happens to a message on the server once the agent has taken it up: keep leaves it for every phone, delete removes it. Answers are never deleted. Default: keep.",
      ),
    minPriority: z
      .number()
      .int()
      .optional()
      .describe(
        "Messages with a lower priority are noted and not handed to the agent. Default: all are handed on.",
      ),
    imageHosts: z
      .array(z.string())
      .optional()
      .describe(
        "Hosts whose images may be fetched and shown to the agent, e.g. cams.example.com. Default: none.",
      ),
    ignore: z
      .array(application)
      .optional()
      .describe(
        "Ids of the applications that are never sent a pairing code, such as machines that only report. Default: none.",
      ),
    peerIdFrom: z
      .array(applicationOrAll)
      .optional()
      .describe(
        'Ids of the applications whose messages may name their conversation in extras.openclaw.peerId. Default: "*", every application that may talk.',
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
  appTokenFile: z
    .string()
    .optional()
    .describe(
      "Path of a file that holds nothing but the application's token: a regular file, not a symbolic link. Ignored where appToken is set.",
    ),
  clientToken: z
    .string()
    .optional()
    .describe("Token of a Gotify client; needed to receive messages."),
  clientTokenFile: z
    .string()
    .optional()
    .describe(
      "Path of a file that holds nothing but the client's token: a regular file, not a symbolic link. Ignored where clientToken is set.",
    ),
  ...outboundShape,
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
  commandsFrom: z
    .array(application)
    .optional()
    .describe(
      "Ids of the Gotify applications whose text commands, such as /stop and /status, are carried out. For all others a leading slash is plain text. Default: none.",
    ),
  approvers: z
    .array(application)
    .optional()
    .describe(
      "Ids of the Gotify applications that may answer approval requests with /approve, besides the owners in commands.ownerAllowFrom. Default: none.",
    ),
  pairing: z
    .strictObject({
      replies: z
        .boolean()
        .optional()
        .describe(
          "Whether an unknown application is answered with a pairing code, and told when it has been approved. When false, the request is only listed by `openclaw pairing list gotify`. Default: true.",
        ),
    })
    .optional()
    .describe("How unknown applications are let in under dmPolicy pairing."),
  botLoopProtection: z
    .strictObject({
      enabled: z.boolean().optional().describe("Default: true."),
      maxEventsPerWindow: z
        .number()
        .int()
        .min(1)
        .optional()
        .describe("Messages two agents may exchange within the window. Default: 20."),
      windowSeconds: z.number().int().min(1).optional().describe("Default: 600."),
      cooldownSeconds: z.number().int().min(1).optional().describe("Default: 60."),
    })
    .optional()
    .describe("Stops two agents that answer each other; the host's own guard."),
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
  appTokenFile: { label: "File with the application token", advanced: true },
  clientToken: { label: "Client token", sensitive: true },
  clientTokenFile: { label: "File with the client token", advanced: true },
  ...outboundHints,
  dmPolicy: { label: "Who may talk" },
  allowFrom: { label: "Allowed applications" },
  "inbound.enabled": { label: "Receive messages" },
  "inbound.reconnectDelayMs": { label: "First reconnect delay (ms)", advanced: true },
  "inbound.maxReconnectDelayMs": { label: "Longest reconnect delay (ms)", advanced: true },
  "inbound.maxReconnectAttempts": { label: "Reconnect attempts (0: no end)", advanced: true },
  "inbound.catchUp.firstStart": { label: "Answer stored messages at first start", advanced: true },
  "inbound.catchUp.maxMessages": { label: "Missed messages to answer", advanced: true },
  "inbound.catchUp.maxAgeMinutes": { label: "Age of missed messages (min)", advanced: true },
  "inbound.applications": { label: "Watched applications", advanced: true },
  "inbound.afterHandled": { label: "After a message was handled", advanced: true },
  "inbound.minPriority": { label: "Lowest priority to hand on", advanced: true },
  "inbound.imageHosts": { label: "Hosts to fetch images from", advanced: true },
  commandsFrom: { label: "Applications that may give commands" },
  approvers: { label: "Applications that may approve" },
  "pairing.replies": { label: "Answer unknown applications with a code", advanced: true },
  "inbound.ignore": { label: "Applications that get no pairing code", advanced: true },
  "inbound.peerIdFrom": { label: "Applications that may name a conversation", advanced: true },
  "accounts.*.appToken": { label: "Application token", sensitive: true },
  "accounts.*.clientToken": { label: "Client token", sensitive: true },
} as const;
