// Owns the way from an image a message shows to one the agent sees; asked only after the sender was let in.
import type { InboundMediaFacts } from "openclaw/plugin-sdk/channel-inbound";
import { imageType, isAllowedImageUrl } from "../../config/images.ts";
import type { GotifyMessage } from "../../gotify/message.ts";
import { dataBytes, MAX_IMAGE_BYTES } from "./image-bytes.ts";
import type { FetchImage } from "./image-fetch.ts";
import { imagesOf, type ImageReference } from "./images.ts";

/** More than these of one turn stay links. */
const MAX_IMAGES = 4;
/** Addresses that are tried for one turn; a text full of dead links must not hold it up. */
const MAX_ATTEMPTS = 8;

/** The host's own media store. */
export type SaveImage = (
  bytes: Buffer,
  contentType: string,
  subfolder: string,
  maxBytes: number,
) => Promise<{ path: string; contentType?: string }>;

export interface MediaOptions {
  readonly imageHosts: readonly string[];
  /** Size of one image. Default: {@link MAX_IMAGE_BYTES}. */
  readonly maxBytes?: number | undefined;
  readonly fetchImage: FetchImage;
  readonly save: SaveImage;
  readonly signal: AbortSignal;
  /** An image that the operator allows and that could not be had. */
  readonly onRefused: (reason: string) => void;
}

export interface TurnImages {
  readonly facts: InboundMediaFacts[];
  /** The number under which the agent sees an image, from 1; `undefined` for one it does not see. */
  readonly numberOf: (image: ImageReference) => number | undefined;
}

/** The images of a turn, saved where the host looks for them. What cannot be had stays a link. */
export async function collectImages(
  messages: readonly GotifyMessage[],
  options: MediaOptions,
): Promise<TurnImages> {
  const facts: InboundMediaFacts[] = [];
  const numbers = new Map<string, number>();
  const tried = new Set<string>();
  for (const message of messages) {
    for (const image of imagesOf(message)) {
      const isData = /^data:/i.test(image.url);
      const isAllowed = isData || isAllowedImageUrl(image.url, options.imageHosts);
      if (!isAllowed || tried.has(image.url)) continue;
      if (facts.length >= MAX_IMAGES || tried.size >= MAX_ATTEMPTS) break;
      tried.add(image.url);
      const fact = await load(image, message, options);
      if (fact === undefined) continue;
      facts.push(fact);
      numbers.set(image.url, facts.length);
    }
  }
  return { facts, numberOf: ({ url }) => numbers.get(url) };
}

async function load(
  { url }: ImageReference,
  message: GotifyMessage,
  options: MediaOptions,
): Promise<InboundMediaFacts | undefined> {
  const isData = /^data:/i.test(url);
  const { maxBytes = MAX_IMAGE_BYTES } = options;
  const what = isData ? "An image" : `The image on ${new URL(url).host}`;
  try {
    const bytes = isData
      ? dataBytes(url, maxBytes)
      : await options.fetchImage(url, options.signal, maxBytes);
    const type = bytes === undefined ? undefined : imageType(bytes);
    if (bytes === undefined || type === undefined) {
      throw new Error(`it is no PNG, JPEG, GIF or WebP of up to ${maxBytes} bytes`);
    }
    const saved = await options.save(bytes, type, "inbound", maxBytes);
    const source = isData ? {} : { url };
    return {
      path: saved.path,
      contentType: saved.contentType ?? type,
      kind: "image",
      messageId: String(message.id),
      sizeBytes: bytes.length,
      ...source,
    };
  } catch (error) {
    options.signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    options.onRefused(`${what} of message ${message.id} is not shown to the agent: ${reason}.`);
    return undefined;
  }
}
