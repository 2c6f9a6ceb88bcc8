// Owns one frame of the stream: from bytes to a message, or to the reason why it is thrown away.
import type { RawData } from "ws";
import { parseMessage, type GotifyMessage } from "./message.ts";
import { asObject, parseJson } from "./parse.ts";
import type { DroppedFrameReason, GotifyStreamOptions } from "./stream-options.ts";

type FrameOptions = Pick<GotifyStreamOptions, "onMessage" | "onDropped" | "onHandlerError"> & {
  readonly maxFrameBytes: number;
};

/**
 * One frame to one callback. A callback that throws, or gives a promise that rejects, must not end the
 * stream, cost the next message or, as an unhandled rejection, end the process.
 */
export function takeFrame(options: FrameOptions, data: RawData, isBinary: boolean): void {
  try {
    const bytes = byteLength(data);
    const frame =
      bytes > options.maxFrameBytes ? "oversized" : readFrame(isBinary ? "" : textOf(data));
    const result =
      typeof frame === "string" ? options.onDropped?.(frame, bytes) : options.onMessage(frame);
    whenRejected(result, (error) => report(options, error));
  } catch (error) {
    report(options, error);
  }
}

function report(options: FrameOptions, error: unknown): void {
  try {
    whenRejected(options.onHandlerError?.(error), () => {});
  } catch {
    // Thrown here it would end the process: a reader of frames has nobody above it to tell.
  }
}

/** Sees to the promise of a callback that turned out to be asynchronous. It is not waited for. */
function whenRejected(result: unknown, tell: (error: unknown) => void): void {
  if (typeof result !== "object" || result === null || !("then" in result)) return;
  Promise.resolve(result).catch(tell);
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
