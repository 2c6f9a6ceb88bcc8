// Owns the part of the schema that says who may talk, command and approve. Build time only, like schema.zod.ts.
import { z } from "zod";
import { application } from "./schema-applications.zod.ts";

/** Keys of an account; the same at the root are inherited. */
export const accessShape = {
  dmPolicy: z
    .enum(["pairing", "allowlist", "open", "disabled"])
    .optional()
    .describe(
      'Which applications may talk to the agent: pairing asks the operator, allowlist takes only allowFrom, open needs "*" in allowFrom, disabled takes none. Default: pairing.',
    ),
  allowFrom: z
    .array(z.union([z.string(), z.number()]))
    .optional()
    .describe(
      'Ids of the Gotify applications that may talk to the agent, e.g. 5; accessGroup:<name> for a group of the host, and "*" for all. Default: none.',
    ),
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
      enabled: z.boolean().optional().describe("Whether such loops are stopped. Default: true."),
      maxEventsPerWindow: z
        .number()
        .int()
        .min(1)
        .optional()
        .describe("Messages that two agents may exchange within the window. Default: 20."),
      windowSeconds: z
        .number()
        .int()
        .min(1)
        .optional()
        .describe("Length of the window, in seconds. Default: 600."),
      cooldownSeconds: z
        .number()
        .int()
        .min(1)
        .optional()
        .describe("How long nothing is answered after a loop, in seconds. Default: 60."),
    })
    .optional()
    .describe("Stops two agents that answer each other; the host's own guard."),
  tools: z
    .strictObject({
      enabled: z
        .boolean()
        .optional()
        .describe(
          'Whether an owner (commands.ownerAllowFrom) may have an agent manage this account\'s applications, clients and messages. Others are not offered the tools. Each change waits for an approval; OpenClaw posts the question here only with approvals.plugin, e.g. { enabled: true, mode: "session" }. An account with a serverUrl of its own does not inherit it. Default: false.',
        ),
    })
    .optional()
    .describe("Tools for agents, besides the message tool."),
} as const;

/** How setup forms show the keys. */
export const accessHints = {
  dmPolicy: { label: "Who may talk", advanced: false },
  allowFrom: { label: "Allowed applications", placeholder: "5", advanced: false },
  // A list counts as basic where its entries do.
  "allowFrom.*": { label: "Application", advanced: false },
  commandsFrom: {
    label: "Applications that may give commands",
    placeholder: "5",
    advanced: false,
  },
  "commandsFrom.*": { label: "Application", advanced: false },
  approvers: { label: "Applications that may approve", placeholder: "5" },
  pairing: { label: "Pairing" },
  "pairing.replies": { label: "Answer unknown applications with a code", advanced: true },
  botLoopProtection: { label: "Loop protection", advanced: true },
  "botLoopProtection.enabled": { label: "Stop agents that answer each other", advanced: true },
  "botLoopProtection.maxEventsPerWindow": { label: "Messages within the window", advanced: true },
  "botLoopProtection.windowSeconds": { label: "Length of the window (s)", advanced: true },
  "botLoopProtection.cooldownSeconds": { label: "Pause after a loop (s)", advanced: true },
  tools: { label: "Tools for agents", advanced: true },
  "tools.enabled": { label: "Let an owner's agent manage Gotify", advanced: true },
} as const;
