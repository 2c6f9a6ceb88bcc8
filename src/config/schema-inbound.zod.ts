// Owns the part of the schema that says what is received, and what becomes of it. Build time only, like schema.zod.ts.
import { z } from "zod";
import { application, applicationOrAll } from "./schema-applications.zod.ts";

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

/** Keys of an account; the same at the root are inherited. */
export const inboundShape = { inbound: inbound.optional() } as const;

/** How setup forms show the keys. */
export const inboundHints = {
  inbound: { label: "Receiving" },
  "inbound.enabled": { label: "Receive messages", advanced: false },
  "inbound.applications": { label: "Watched applications", advanced: true },
  "inbound.minPriority": { label: "Lowest priority to hand on", advanced: true },
  "inbound.afterHandled": { label: "After a message was handled", advanced: true },
  "inbound.ignore": { label: "Applications that get no pairing code", advanced: true },
  "inbound.peerIdFrom": { label: "Applications that may name a conversation", advanced: true },
  "inbound.imageHosts": { label: "Hosts to fetch images from", advanced: true },
  "inbound.catchUp": { label: "After an outage", advanced: true },
  "inbound.catchUp.firstStart": { label: "Answer stored messages at first start", advanced: true },
  "inbound.catchUp.maxMessages": { label: "Missed messages to answer", advanced: true },
  "inbound.catchUp.maxAgeMinutes": { label: "Age of missed messages (min)", advanced: true },
  "inbound.reconnectDelayMs": { label: "First reconnect delay (ms)", advanced: true },
  "inbound.maxReconnectDelayMs": { label: "Longest reconnect delay (ms)", advanced: true },
  "inbound.maxReconnectAttempts": { label: "Reconnect attempts (0: no end)", advanced: true },
} as const;
