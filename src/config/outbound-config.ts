// Owns the keys of an account that say how answers look and where they go, with their defaults.
import { asInteger, asObject, type JsonObject } from "../gotify/parse.ts";
import { readHosts, readText } from "./lists.ts";
import { readPriority } from "./priority.ts";
import { applicationOf } from "./sender-id.ts";

/** A priority as it is written: a whole number or a name. */
export type PriorityValue = number | "min" | "low" | "normal" | "high" | "max";

/** How answers look and where they go, as the operator may write it. */
export interface OutboundConfig {
  priorities?:
    | {
        error?: PriorityValue | undefined;
        approval?: PriorityValue | undefined;
        quiet?: PriorityValue | undefined;
      }
    | undefined;
  applications?: Record<string, { priority?: PriorityValue | undefined }> | undefined;
  title?: string | undefined;
  replyTo?: "account" | "origin" | undefined;
  partBytes?: number | undefined;
  fromAgents?:
    | {
        intentUrls?: boolean | undefined;
        extras?: boolean | undefined;
        imageHosts?: string[] | undefined;
      }
    | undefined;
}

/** The same with defaults applied. */
export interface ResolvedOutbound {
  readonly priorities: {
    /** Of what says that a turn failed. */
    readonly error: number;
    /** Of what asks for an approval. */
    readonly approval: number;
    /** Of silent messages, and of all parts of an answer but the first. */
    readonly quiet: number;
  };
  /** Priority of answers to an application's conversation, by its id. */
  readonly applicationPriorities: ReadonlyMap<number, number>;
  /** Template with `{agent}`, `{account}` and `{app}`; `undefined` takes the agent's name or the first heading. */
  readonly title: string | undefined;
  /** Which application an answer is posted to: the account's own, or the one the message came from. */
  readonly replyTo: "account" | "origin";
  /** Budget of one message's text in UTF-8 bytes. */
  readonly partBytes: number;
  /** What an agent may put into a message beside text. */
  readonly fromAgents: {
    readonly intentUrls: boolean;
    readonly extras: boolean;
    /** Hosts, in lower case, whose images may be shown in a message. */
    readonly imageHosts: readonly string[];
  };
}

const DEFAULT_ERROR_PRIORITY = 8;
const DEFAULT_APPROVAL_PRIORITY = 8;
const DEFAULT_QUIET_PRIORITY = 0;
const DEFAULT_PART_BYTES = 3_500;
/** What every database that Gotify uses can hold of a message, and some room. */
const MAX_PART_BYTES = 60_000;

/** Reads the merged keys of an account. What is not readable counts as not written: the schema has said so already. */
export function readOutbound(config: JsonObject): ResolvedOutbound {
  const priorities = asObject(config["priorities"]);
  const agents = asObject(config["fromAgents"]);
  return {
    priorities: {
      error: readPriority(priorities?.["error"]) ?? DEFAULT_ERROR_PRIORITY,
      approval: readPriority(priorities?.["approval"]) ?? DEFAULT_APPROVAL_PRIORITY,
      quiet: readPriority(priorities?.["quiet"]) ?? DEFAULT_QUIET_PRIORITY,
    },
    applicationPriorities: readApplications(asObject(config["applications"])),
    title: readText(config["title"]),
    replyTo: config["replyTo"] === "origin" ? "origin" : "account",
    partBytes: asInteger(config["partBytes"]) ?? defaultPartBytes(config),
    fromAgents: {
      intentUrls: agents?.["intentUrls"] === true,
      extras: agents?.["extras"] === true,
      imageHosts: readHosts(agents?.["imageHosts"]),
    },
  };
}

/** Who gives a length in characters means that one, and not ours in bytes besides. */
function defaultPartBytes(config: JsonObject): number {
  return asInteger(config["textChunkLimit"]) === undefined ? DEFAULT_PART_BYTES : MAX_PART_BYTES;
}

function readApplications(applications: JsonObject | undefined): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const [key, value] of Object.entries(applications ?? {})) {
    const appId = applicationOf(key);
    const priority = readPriority(asObject(value)?.["priority"]);
    if (appId !== undefined && priority !== undefined) found.set(appId, priority);
  }
  return found;
}
