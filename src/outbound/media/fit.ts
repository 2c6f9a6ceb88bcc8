// Owns making an image fit into a message: as it is, or smaller and in a format that every client shows.
import { setImmediate } from "node:timers/promises";
import { imageType } from "../../config/images.ts";
import { asObject } from "../../gotify/parse.ts";
import { onWhite, pixelsOf } from "./pixels.ts";
import { UnsendableMediaError } from "./unsendable.ts";

/** An image that the web UI shows from a `data:` address: it allows these three and no other. */
export interface InlineImage {
  readonly bytes: Buffer;
  readonly type: "image/png" | "image/jpeg" | "image/gif";
}

const SMALLEST_SIDE_PX = 160;
/** Longest sides to try; a phone's screen is about as wide as the first. */
const SIDES_PX = [1280, 1024, 800, 640, 512, 400, 320, 240, SMALLEST_SIDE_PX] as const;
const QUALITIES = [75, 60, 45];
/** From the best quality to the worst an image loses about half; beyond this only fewer pixels help. */
const HOPELESS_FACTOR = 2.5;

/** @throws {UnsendableMediaError} when these bytes are no image, or cannot be made to fit. */
export async function fitImage(
  bytes: Buffer,
  maxBytes: number,
  name: string | undefined,
  signal: AbortSignal | undefined,
): Promise<InlineImage> {
  const type = imageType(bytes);
  const isShown = type === "image/png" || type === "image/jpeg" || type === "image/gif";
  if (isShown && bytes.length <= maxBytes) return { bytes, type };
  try {
    const longest = await longestSide(bytes);
    const png = mayBeTransparent(bytes, type)
      ? await smallerPng(bytes, maxBytes, longest)
      : { opaque: bytes };
    const smaller = png.fits ?? (await smallerJpeg(png.opaque, maxBytes, longest, signal));
    if (smaller !== undefined) return smaller;
  } catch (cause) {
    throw new UnsendableMediaError(name, await reasonOf(cause), { cause });
  }
  throw new UnsendableMediaError(name, "it cannot be made small enough for a Gotify message.");
}

/** A diagram often fits as a smaller PNG and stays sharp; else `opaque` is what a JPEG can be made of. */
async function smallerPng(
  bytes: Buffer,
  maxBytes: number,
  longest: number,
): Promise<{ readonly fits?: InlineImage; readonly opaque: Buffer }> {
  const { optimizeImageToPng } = await import("openclaw/plugin-sdk/web-media");
  const sides = [Math.min(longest, SIDES_PX[0])];
  const { buffer } = await optimizeImageToPng(bytes, maxBytes, { sides });
  if (buffer.length <= maxBytes)
    return { fits: { bytes: buffer, type: "image/png" }, opaque: bytes };
  const pixels = pixelsOf(buffer);
  if (pixels === undefined) return { opaque: bytes };
  const { rgba, width, height } = onWhite(pixels);
  const { encodePngRgba } = await import("openclaw/plugin-sdk/media-runtime");
  return { opaque: encodePngRgba(rgba, width, height) };
}

async function smallerJpeg(
  bytes: Buffer,
  maxBytes: number,
  longest: number,
  signal: AbortSignal | undefined,
): Promise<InlineImage | undefined> {
  const { resizeToJpeg } = await import("openclaw/plugin-sdk/media-runtime");
  let worthTrying = longest;
  for (const maxSide of sidesUpTo(longest)) {
    if (maxSide > Math.max(worthTrying, SMALLEST_SIDE_PX)) continue;
    for (const quality of QUALITIES) {
      // An older host computes on the thread that also keeps the connections alive: let it get to them.
      await setImmediate();
      signal?.throwIfAborted();
      const smaller = await resizeToJpeg({ buffer: bytes, maxSide, quality });
      if (smaller.length <= maxBytes) return { bytes: smaller, type: "image/jpeg" };
      const excess = smaller.length / (maxBytes * HOPELESS_FACTOR);
      if (excess <= 1) continue;
      // Bytes go with the area.
      worthTrying = maxSide / Math.sqrt(excess);
      break;
    }
  }
  return undefined;
}

/** The sides to try, without those that would change nothing because the image is smaller. */
function sidesUpTo(longest: number): readonly number[] {
  const start = Math.min(longest, SIDES_PX[0]);
  return [start, ...SIDES_PX.filter((side) => side < start)];
}

async function longestSide(bytes: Buffer): Promise<number> {
  const { getImageMetadata } = await import("openclaw/plugin-sdk/media-runtime");
  const size = await getImageMetadata(bytes);
  // Unknown: whether it can be read at all, the attempt will show.
  return size === null ? Number.POSITIVE_INFINITY : Math.max(size.width, size.height);
}

/** Errs on the side of yes, which costs a little time. An animation that has to be made smaller keeps its first picture. */
function mayBeTransparent(bytes: Buffer, type: string | undefined): boolean {
  if (type === "image/gif") return true;
  if (type === "image/webp") return bytes.includes("ALPH") || bytes.includes("VP8L");
  if (type !== "image/png") return false;
  const PNG_COLOR_TYPE_AT = 25;
  const ALPHA_BIT = 4;
  const hasAlpha = ((bytes[PNG_COLOR_TYPE_AT] ?? 0) & ALPHA_BIT) !== 0;
  return hasAlpha || bytes.subarray(0, Math.max(0, bytes.indexOf("IDAT"))).includes("tRNS");
}

async function reasonOf(error: unknown): Promise<string> {
  const { isImageProcessorUnavailableError } = await import("openclaw/plugin-sdk/media-runtime");
  if (isImageProcessorUnavailableError(error)) {
    return "this computer has no program that can convert such images.";
  }
  return asObject(error)?.["code"] === "RASTERMILL_INPUT_TOO_LARGE"
    ? "it has too many pixels to be made smaller."
    : "it is no image that can be read.";
}
