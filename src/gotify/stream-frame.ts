// Owns one frame of the stream: from bytes to a message, or to the reason why it is thrown away.
import type { RawData } from "ws";
import { parseMessage, type GotifyMessage } from "./message.ts";
import { asObject, parseJson } from "./parse.ts";
import type { DroppedFrameReason, GotifyStreamOptions } from "./stream-options.ts";

type FrameOptions = Pick<GotifyStreamOptions, "onMessage" | "onDropped" | "onHandlerError"> & {
  readonly maxFrameBytes: number;
};

/** One frame to one callback. A callback that throws must not end the stream or cost the next message. */
export function takeFrame(options: FrameOptions, data: RawData, isBinary: boolean): void {
  try {
    const bytes = byteLength(data);
    const frame =
      bytes > options.maxFrameBytes ? "oversized" : readFrame(isBinary ? "" : textOf(data));
    if (typeof frame === "string") options.onDropped?.(frame, bytes);
    else options.onMessage(frame);
  } catch (error) {
    try {
      options.onHandlerError?.(error);
    } catch {
      // Thrown here it would end the process: a reader of frames has nobody above it to tell.
    }
  }
}

function readFrame(text: string): GotifyMessage | DroppedFrameReason {
  const json = parseJson(text);
  const message = parseMessage(json);
  if (message !== undefined) return message;
  const object = asObject(json);
  return object !== undefined && !("id" in object) ? "no-id" : "malformed";
}

function byteLength(data: RawData): number {
  return Array.isArray(data)
    ? data.reduce((sum, part) => sum + part.byteLength, 0)
    : data.byteLength;
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return Buffer.isBuffer(data) ? data.toString("utf8") : Buffer.from(data).toString("utf8");
}
