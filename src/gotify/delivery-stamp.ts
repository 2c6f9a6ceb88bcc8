// Owns the delivery stamp: the mark every post of ours carries, by which its echo and its fate can be recognised.
import { asInteger, asObject, asString, type JsonObject } from "./parse.ts";

/** The namespace of OpenClaw in a message's extras. Senders write `peerId` there; what else is in a reply's is ours. */
export const OPENCLAW_EXTRAS_KEY = "openclaw";
/** Where the stamp lives in that namespace. */
const STAMP_FIELD = "delivery";

const STAMP_VERSION = 1;

/**
 * Identifies one post. Two posts with equal `by`, `id`, `payload` and `part` are the same part of the
 * same reply, stored twice. Format and reasons: docs/architecture.md.
 */
export interface DeliveryStamp {
  /** The OpenClaw installation that posted it. A message stamped by ourselves is an echo. */
  readonly by: string;
  /** The delivery: the host's queue id where there is one, otherwise random. */
  readonly id: string;
  /** Which payload of the delivery, from 0, and how many there are. */
  readonly payload: number;
  readonly payloads: number;
  /** Which message of the payload, from 0, and how many it was split into. */
  readonly part: number;
  readonly parts: number;
}

/** The extras with the stamp in them; what else they hold stays. */
export function stampExtras(stamp: DeliveryStamp, extras: JsonObject = {}): JsonObject {
  const ours = asObject(extras[OPENCLAW_EXTRAS_KEY]);
  return {
    ...extras,
    [OPENCLAW_EXTRAS_KEY]: { ...ours, [STAMP_FIELD]: { v: STAMP_VERSION, ...stamp } },
  };
}

/**
 * Reads the stamp of a message; `undefined` when it has none that can be read. Anyone who may post can
 * copy a stamp, so it may only ever make a message be ignored or a delivery be found, never grant anything.
 */
export function readStamp(extras: JsonObject): DeliveryStamp | undefined {
  const raw = asObject(asObject(extras[OPENCLAW_EXTRAS_KEY])?.[STAMP_FIELD]);
  if (raw === undefined) return undefined;
  const by = asString(raw["by"]);
  const id = asString(raw["id"]);
  const payload = asInteger(raw["payload"]);
  const payloads = asInteger(raw["payloads"]);
  const part = asInteger(raw["part"]);
  const parts = asInteger(raw["parts"]);
  if (
    by === undefined ||
    id === undefined ||
    payload === undefined ||
    payloads === undefined ||
    part === undefined ||
    parts === undefined
  ) {
    return undefined;
  }
  return { by, id, payload, payloads, part, parts };
}
