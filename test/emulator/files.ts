// Owns giving out a file as Go's file server does it: whole, in parts, or not again when the caller has it.
import { randomBytes } from "node:crypto";
import type { Instant } from "./clock.ts";
import type { Answer, Ask } from "./exchange.ts";

export interface ServedFile {
  readonly content: Buffer;
  readonly contentType: string;
  /** Undefined for a file without a date, about whose age nobody can ask. */
  readonly modified?: Instant;
}

/** From the first byte to behind the last one. */
interface Range {
  readonly start: number;
  readonly end: number;
}

type Headers = Readonly<Record<string, string>>;

const BOUNDARY_BYTES = 30;

/** There is no ETag, so whoever names one does not have this file. */
export function fileAnswer({ headers }: Ask, file: ServedFile): Answer {
  const modifiedMs = wholeSeconds(file.modified);
  const dated: Headers =
    modifiedMs === undefined ? {} : { "last-modified": new Date(modifiedMs).toUTCString() };
  if (!isAsExpected(headers, modifiedMs)) return { status: 412, headers: dated };
  if (isKnown(headers, modifiedMs)) return { status: 304, headers: dated };

  const whole = { "accept-ranges": "bytes", "content-type": file.contentType, ...dated };
  const size = file.content.length;
  const ranges = isSame(headers["if-range"], modifiedMs) ? rangesOf(headers.range, size) : [];
  if (typeof ranges === "string") return unsatisfiable(ranges, size);
  const wanted = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  const [first] = ranges;
  // Whoever asks for more than there is gets what there is.
  if (first === undefined || wanted > size)
    return { status: 200, headers: whole, body: file.content };
  return ranges.length === 1
    ? {
        status: 206,
        headers: { ...whole, "content-range": contentRange(first, size) },
        body: file.content.subarray(first.start, first.end),
      }
    : inParts(file, ranges, whole);
}

function wholeSeconds(modified: Instant | undefined): number | undefined {
  return modified === undefined ? undefined : Math.floor(modified.ms / 1000) * 1000;
}

/** `If-Match` and, without it, `If-Unmodified-Since`. */
function isAsExpected(headers: Ask["headers"], modifiedMs: number | undefined): boolean {
  const tag = headers["if-match"];
  if (tag !== undefined && tag !== "") return tag.trim() === "*";
  const limit = Date.parse(headers["if-unmodified-since"] ?? "");
  return Number.isNaN(limit) || modifiedMs === undefined || modifiedMs <= limit;
}

/** `If-None-Match` and, without it, `If-Modified-Since`. */
function isKnown(headers: Ask["headers"], modifiedMs: number | undefined): boolean {
  const tag = headers["if-none-match"];
  if (tag !== undefined && tag !== "") return tag.trim() === "*";
  const since = Date.parse(headers["if-modified-since"] ?? "");
  return !Number.isNaN(since) && modifiedMs !== undefined && modifiedMs <= since;
}

/** `If-Range`: a part is of use only to who has other parts of this very file. */
function isSame(
  ifRange: string | readonly string[] | undefined,
  modifiedMs: number | undefined,
): boolean {
  if (ifRange === undefined || ifRange === "") return true;
  return typeof ifRange === "string" && Date.parse(ifRange) === modifiedMs;
}

/** None for the whole file, or the words of a refusal. */
function rangesOf(header: string | undefined, size: number): readonly Range[] | string {
  if (header === undefined || header === "") return [];
  const [, list] = /^bytes=(.*)$/.exec(header) ?? [];
  if (list === undefined) return "invalid range";
  const ranges: Range[] = [];
  let isBeyond = false;
  for (const text of list.split(",").map((part) => part.trim())) {
    if (text === "") continue;
    const range = rangeOf(text, size);
    if (range === undefined) return "invalid range";
    if (range === "beyond") isBeyond = true;
    else ranges.push(range);
  }
  return isBeyond && ranges.length === 0 ? "invalid range: failed to overlap" : ranges;
}

function rangeOf(text: string, size: number): Range | "beyond" | undefined {
  const [, from, to] = /^(\+?\d*)\s*-\s*(\+?\d*)$/.exec(text) ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return undefined;
  if (from === "") return { start: Math.max(size - Number(to), 0), end: size };
  const start = Number(from);
  if (start >= size) return "beyond";
  if (to === "") return { start, end: size };
  return Number(to) < start ? undefined : { start, end: Math.min(Number(to) + 1, size) };
}

function contentRange({ start, end }: Range, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}

function inParts(file: ServedFile, ranges: readonly Range[], whole: Headers): Answer {
  const boundary = randomBytes(BOUNDARY_BYTES).toString("hex");
  const parts = ranges.flatMap((range, at) => [
    `${at === 0 ? "" : "\r\n"}--${boundary}\r\n`,
    `Content-Range: ${contentRange(range, file.content.length)}\r\n`,
    `Content-Type: ${file.contentType}\r\n\r\n`,
    file.content.subarray(range.start, range.end),
  ]);
  const end = `\r\n--${boundary}--\r\n`;
  return {
    status: 206,
    headers: { ...whole, "content-type": `multipart/byteranges; boundary=${boundary}` },
    body: Buffer.concat([...parts, end].map((part) => Buffer.from(part))),
  };
}

function unsatisfiable(reason: string, size: number): Answer {
  const isBeyond = reason !== "invalid range";
  return {
    status: 416,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      ...(isBeyond ? { "content-range": `bytes */${size}` } : {}),
    },
    body: `${reason}\n`,
  };
}
