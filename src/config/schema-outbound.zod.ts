// Owns the part of the schema that says how answers look and where they go. Build time only, like schema.zod.ts.
import { z } from "zod";

/** A whole number, also one beyond 0 to 10, or a name. What the names mean: priority.ts. */
const priority = z.union([z.number().int(), z.enum(["min", "low", "normal", "high", "max"])]);

/** Keys of an account; the same at the root are inherited. */
export const outboundShape = {
  defaultPriority: priority
    .optional()
    .describe(
      "Priority of answers: a whole number (0 is hidden and silent, 4 to 7 make a sound, 8 and more show over everything) or min (0), low (2), normal (5), high (8), max (10). Default: 5.",
    ),
  priorities: z
    .strictObject({
      error: priority
        .optional()
        .describe("Priority of a message that says that a turn failed. Default: 8."),
      approval: priority
        .optional()
        .describe("Priority of a message that asks for an approval. Default: 8."),
      quiet: priority
        .optional()
        .describe(
          "Priority of silent messages, and of every part but the first of an answer that was split. Default: 0.",
        ),
    })
    .optional()
    .describe("Priorities of messages that are no ordinary answers."),
  applications: z
    .record(
      z.string(),
      z.strictObject({
        priority: priority
          .optional()
          .describe("Priority of answers in this application's conversation."),
      }),
    )
    .optional()
    .describe("What is different for one application's conversation, by the application's id."),
  title: z
    .string()
    .max(1_000)
    .optional()
    .describe(
      "Title of answers. {agent} stands for the agent's name, {account} for the account's, {app} for the application that is answered. Default: the answer's heading if it begins with one, otherwise the agent's name.",
    ),
  replyTo: z
    .enum(["account", "origin"])
    .optional()
    .describe(
      "Which application an answer is posted to: account is the one of appToken, origin the one the message came from. Default: account.",
    ),
  partBytes: z
    .number()
    .int()
    .min(500)
    .max(60_000)
    .optional()
    .describe(
      "Length of one message's text in UTF-8 bytes; a longer answer becomes several messages. Default: 3500.",
    ),
  fromAgents: z
    .strictObject({
      intentUrls: z
        .boolean()
        .optional()
        .describe("Whether an agent may have Android open an intent URL. Default: false."),
      extras: z
        .boolean()
        .optional()
        .describe("Whether an agent may add extras of its own. Default: false."),
      imageHosts: z
        .array(z.string())
        .optional()
        .describe(
          "Hosts whose images an agent may show in a message, e.g. cams.example.com; others become links, because loading an image tells its host who reads it. Default: none.",
        ),
    })
    .optional()
    .describe("What an agent may put into a message beside text and web links."),
} as const;

/** How setup forms show the keys. */
export const outboundHints = {
  defaultPriority: { label: "Priority of answers" },
  priorities: { label: "Priorities", advanced: true },
  "priorities.error": { label: "Priority of errors", advanced: true },
  "priorities.approval": { label: "Priority of approval requests", advanced: true },
  "priorities.quiet": { label: "Priority of silent messages", advanced: true },
  applications: { label: "By application", advanced: true },
  "applications.*": { label: "Application" },
  "applications.*.priority": { label: "Priority of answers" },
  title: { label: "Title of answers", placeholder: "{agent}", advanced: false },
  replyTo: { label: "Application that is posted to", advanced: true },
  partBytes: { label: "Length of one message (bytes)", advanced: true },
  fromAgents: { label: "What agents may add", advanced: true },
  "fromAgents.intentUrls": { label: "Agents may open Android intents", advanced: true },
  "fromAgents.extras": { label: "Agents may add extras", advanced: true },
  "fromAgents.imageHosts": { label: "Hosts whose images agents may show", advanced: true },
} as const;
