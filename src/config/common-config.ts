// Owns the keys that OpenClaw gives to every channel: what the operator may write, and what this channel itself makes of them.
import { resolveChannelMediaMaxBytes } from "openclaw/plugin-sdk/account-helpers";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import { asInteger, asObject, type JsonObject } from "../gotify/parse.ts";
import { readText } from "./lists.ts";

const TABLE_MODES = ["off", "bullets", "code", "block"] as const;
type TableMode = (typeof TABLE_MODES)[number];

/** As the operator may write them. What {@link ResolvedCommon} does not have, the host reads itself. */
export interface CommonConfig {
  responsePrefix?: string | undefined;
  markdown?: { tables?: TableMode | undefined } | undefined;
  textChunkLimit?: number | undefined;
  streaming?:
    | {
        chunkMode?: "length" | "newline" | undefined;
        block?:
          | {
              enabled?: boolean | undefined;
              coalesce?:
                | {
                    minChars?: number | undefined;
                    maxChars?: number | undefined;
                    idleMs?: number | undefined;
                  }
                | undefined;
            }
          | undefined;
      }
    | undefined;
  mediaMaxMb?: number | undefined;
  dmHistoryLimit?: number | undefined;
  dms?: Record<string, { historyLimit?: number | undefined }> | undefined;
  defaultTo?: string | undefined;
  configWrites?: boolean | undefined;
  healthMonitor?: { enabled?: boolean | undefined } | undefined;
  capabilities?: string[] | undefined;
}

/** Of them, what the channel carries out itself, with defaults applied. */
export interface ResolvedCommon {
  /** What becomes of tables. */
  readonly tableMode: TableMode;
  /** Bound of one message's text in UTF-16 units, besides the budget in bytes; `undefined` where there is none. */
  readonly maxChars: number | undefined;
  /** `newline`: long answers are split between paragraphs wherever there are two. */
  readonly chunkMode: "length" | "newline";
  /** Whether blocks are pushed while the answer is being written; `undefined` leaves it to the host. */
  readonly blockStreaming: boolean | undefined;
  /** How large a picture may be that is read, in either direction; `undefined` leaves it to whoever reads. */
  readonly mediaMaxBytes: number | undefined;
  /** The conversation that is meant when none is named. */
  readonly defaultTo: string | undefined;
}

export interface CommonSources {
  readonly cfg: OpenClawConfig;
  /** The merged keys of the account. */
  readonly config: JsonObject;
  /** What the root says. */
  readonly section: JsonObject | undefined;
  /** What the account itself says; absent for the one at the root. */
  readonly own: JsonObject | undefined;
}

/** What is not readable counts as not written: the schema has said so already. */
export function readCommon({ cfg, config, section, own }: CommonSources): ResolvedCommon {
  const tables = asObject(config["markdown"])?.["tables"];
  return {
    // A list: the notification writes the cells of a table one after the other.
    tableMode: TABLE_MODES.find((mode) => mode === tables) ?? "bullets",
    maxChars: asInteger(config["textChunkLimit"]),
    chunkMode: asObject(config["streaming"])?.["chunkMode"] === "newline" ? "newline" : "length",
    blockStreaming: blockStreamingOf(own) ?? blockStreamingOf(section),
    mediaMaxBytes: readMediaMaxBytes(cfg, config["mediaMaxMb"]),
    defaultTo: readText(config["defaultTo"]),
  };
}

/** Two levels down, where the host's inheritance does not reach. */
function blockStreamingOf(config: JsonObject | undefined): boolean | undefined {
  const enabled = asObject(asObject(config?.["streaming"])?.["block"])?.["enabled"];
  return typeof enabled === "boolean" ? enabled : undefined;
}

function readMediaMaxBytes(cfg: OpenClawConfig, limitMb: unknown): number | undefined {
  const bytes = resolveChannelMediaMaxBytes({
    cfg,
    resolveChannelLimitMb: () => (typeof limitMb === "number" && limitMb > 0 ? limitMb : undefined),
  });
  return bytes === undefined ? undefined : Math.floor(bytes);
}
