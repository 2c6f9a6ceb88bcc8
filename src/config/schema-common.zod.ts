// Owns the part of the schema that has the keys OpenClaw gives to every channel, and reads itself. Build time only, like schema.zod.ts.
import { z } from "zod";

/** Keys of an account; the same at the root are inherited, in the host's own way where it reads them itself. */
export const commonShape = {
  responsePrefix: z
    .string()
    .optional()
    .describe(
      'Text in front of every answer. {model}, {provider}, {thinkingLevel} and {identity.name} are filled in; "auto" is the agent\'s name in brackets. Default: messages.responsePrefix, otherwise none.',
    ),
  markdown: z
    .strictObject({
      tables: z
        .enum(["off", "bullets", "code", "block"])
        .optional()
        .describe(
          "What becomes of a table in an answer: bullets makes a list of its rows, code aligns its columns in a code block, off leaves it a table, which the notification shows as a row of words. block is the same as code: Gotify has no tables of its own. Default: bullets.",
        ),
    })
    .optional()
    .describe("How Markdown is rendered."),
  textChunkLimit: z
    .number()
    .int()
    .min(500)
    .max(60_000)
    .optional()
    .describe(
      "Length of one message's text in characters (UTF-16 units), as in other channels. Alone it takes the place of the default of partBytes; where both are set, a message is no longer than either allows. Default: none, partBytes decides.",
    ),
  streaming: z
    .strictObject({
      chunkMode: z
        .enum(["length", "newline"])
        .optional()
        .describe(
          "Where a long answer is split: length fills the messages and prefers headings, paragraphs and lines; newline splits between paragraphs wherever there is a blank line to split at. Default: length.",
        ),
      block: z
        .strictObject({
          enabled: z
            .boolean()
            .optional()
            .describe(
              "Whether finished blocks of an answer are pushed while the rest is being written: each is a notification, tried once and not kept over a crash. Default: agents.defaults.blockStreamingDefault, which is off.",
            ),
          coalesce: z
            .strictObject({
              minChars: z
                .number()
                .int()
                .min(1)
                .optional()
                .describe("Characters to collect before a block is pushed. Default: 800."),
              maxChars: z
                .number()
                .int()
                .min(1)
                .optional()
                .describe("Characters at which a block is pushed in any case. Default: 1200."),
              idleMs: z
                .number()
                .int()
                .min(0)
                .optional()
                .describe("Wait for more text, in milliseconds. Default: 1000."),
            })
            .optional()
            .describe("How blocks are put together before they are pushed."),
        })
        .optional()
        .describe("Pushing an answer in blocks."),
    })
    .optional()
    .describe("How long answers are cut up."),
  mediaMaxMb: z
    .number()
    .positive()
    .max(100)
    .optional()
    .describe(
      "Size of a picture that is read, in MB: of the agent's files, and of images for the agent. Whatever its size, a picture is made small enough for a Gotify message before it is posted. Default: agents.defaults.mediaMaxMb, otherwise 24 for files and 5 for images that the agent is shown.",
    ),
  dmHistoryLimit: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      "User turns of a conversation that are shown to the model; 0 shows all. Counts in the session scopes per-channel-peer and per-account-channel-peer. Default: all.",
    ),
  dms: z
    .record(
      z.string(),
      z.strictObject({
        historyLimit: z
          .number()
          .int()
          .min(0)
          .optional()
          .describe(
            "User turns that are shown to the model; 0 shows all. Default: dmHistoryLimit.",
          ),
      }),
    )
    .optional()
    .describe(
      "What is different for one conversation, by an application's id or the conversation's name. An account that has dms of its own inherits none.",
    ),
  defaultTo: z
    .string()
    .optional()
    .describe(
      "Conversation that is meant when none is named, e.g. app:5, peer:ops or account:home. An account with a server of its own does not inherit it. Default: none.",
    ),
  configWrites: z
    .boolean()
    .optional()
    .describe(
      "Whether commands that come in by this channel, such as /config set, may change the configuration. Default: true.",
    ),
  healthMonitor: z
    .strictObject({
      enabled: z
        .boolean()
        .optional()
        .describe(
          "Whether the Gateway restarts the account when it has been without a connection for long. Default: true.",
        ),
    })
    .optional()
    .describe("The Gateway's own watch over its channels."),
  capabilities: z
    .array(z.string())
    .optional()
    .describe("Words for what this channel can do, which the agent is told. Default: none."),
} as const;

/** How setup forms show the keys. */
export const commonHints = {
  responsePrefix: { label: "Text in front of answers", placeholder: "auto", advanced: true },
  markdown: { label: "Markdown", advanced: true },
  "markdown.tables": { label: "Tables", advanced: true },
  textChunkLimit: { label: "Length of one message (characters)", advanced: true },
  streaming: { label: "Long answers", advanced: true },
  "streaming.chunkMode": { label: "Where long answers are split", advanced: true },
  "streaming.block": { label: "Blocks", advanced: true },
  "streaming.block.enabled": { label: "Push answers in blocks", advanced: true },
  "streaming.block.coalesce": { label: "Size of blocks", advanced: true },
  "streaming.block.coalesce.minChars": { label: "Smallest block (characters)", advanced: true },
  "streaming.block.coalesce.maxChars": { label: "Largest block (characters)", advanced: true },
  "streaming.block.coalesce.idleMs": { label: "Wait for more text (ms)", advanced: true },
  mediaMaxMb: { label: "Largest picture (MB)", advanced: true },
  dmHistoryLimit: { label: "Turns the model sees", advanced: true },
  dms: { label: "Turns the model sees, by conversation", advanced: true },
  "dms.*": { label: "Conversation" },
  "dms.*.historyLimit": { label: "Turns the model sees", advanced: true },
  defaultTo: { label: "Conversation when none is named", placeholder: "app:5", advanced: true },
  configWrites: { label: "Commands may change the configuration", advanced: true },
  healthMonitor: { label: "Health monitor", advanced: true },
  "healthMonitor.enabled": { label: "Restart when unhealthy", advanced: true },
  capabilities: { label: "Capabilities to tell the agent", advanced: true },
} as const;
