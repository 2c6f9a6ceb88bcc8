// Owns what becomes of a reply's images and files: shown in the message, linked, or named in a line that says why not.
import { fileURLToPath } from "node:url";
import { isAllowedImageUrl } from "../../config/images.ts";
import { fitImage } from "./fit.ts";
import { readDataUrl, readLocal, type MediaAccess } from "./local.ts";
import { fileName, markdownAddress, webFileName } from "./name.ts";
import { UnsendableMediaError } from "./unsendable.ts";

export { filesOfAgent, type MediaAccess } from "./local.ts";
export { UnsendableMediaError } from "./unsendable.ts";

export interface MediaOptions {
  /** Whose images are shown from which host: an agent's only from `imageHosts`, an operator's from everywhere. */
  readonly by: "agent" | "operator";
  /** Hosts as listed, in lower case; a port only where it is not the usual one. */
  readonly imageHosts: readonly string[];
  /** How local files may be read; left out: not at all. */
  readonly access?: MediaAccess | undefined;
  /** `note`: a line in place of the file. `fail`: an error before anything is sent. */
  readonly onUnsendable: "note" | "fail";
  /** Budget of one block in UTF-8 bytes. Default: {@link MAX_BLOCK_BYTES}. */
  readonly maxBytes?: number | undefined;
  /** Size of a file that is read, whatever it is made into. Default: 24 MB. */
  readonly maxReadBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PreparedMedia {
  /** Markdown to stand below the text, never to be split; one block for each file, in order. */
  readonly blocks: readonly string[];
  /** The first image on the web, for Android's notification. */
  readonly bigImageUrl: string | undefined;
}

/** An answer of 3500 bytes and an image of this size are one push, and fit where a message holds 60000. */
export const MAX_BLOCK_BYTES = 56_000;
/** What browsers and servers commonly take. */
const MAX_ADDRESS_CHARS = 2_048;
/** As the message shows nothing else, and nothing is fetched to find out, the name decides. */
const SHOWN_ON_THE_WEB = /\.(?:png|jpe?g|gif|webp)$/i;
const NO_FILES = "Gotify carries no files.";

interface Block {
  readonly markdown: string;
  readonly bigImageUrl?: string;
}

/**
 * The number of blocks depends on the addresses alone, so that a reply that is prepared again after a
 * crash has as many parts as before, whatever has become of its files.
 *
 * @throws {UnsendableMediaError} with `onUnsendable: "fail"`; the signal's reason after an abort.
 */
export async function prepareMedia(
  urls: readonly string[],
  options: MediaOptions,
): Promise<PreparedMedia> {
  const sources = new Set(urls.map(withoutDirective).filter((source) => source !== ""));
  const blocks: Block[] = [];
  for (const source of sources) {
    options.signal?.throwIfAborted();
    blocks.push(await blockOrNote(source, options));
  }
  return {
    blocks: blocks.map(({ markdown }) => markdown),
    bigImageUrl: blocks.find(({ bigImageUrl }) => bigImageUrl !== undefined)?.bigImageUrl,
  };
}

async function blockOrNote(source: string, options: MediaOptions): Promise<Block> {
  try {
    return await block(source, options);
  } catch (error) {
    // What an abort broke off is not the file's fault.
    options.signal?.throwIfAborted();
    const isNoted = error instanceof UnsendableMediaError && options.onUnsendable === "note";
    if (isNoted) return { markdown: error.note };
    throw error;
  }
}

async function block(source: string, options: MediaOptions): Promise<Block> {
  if (/^https?:/i.test(source)) return webBlock(source, options);
  if (/^data:/i.test(source))
    return inlineBlock(readDataUrl(source, options.maxReadBytes), undefined, options);
  if (/^(?!file:|media:)[a-z][a-z0-9+.-]+:\/\//i.test(source)) {
    throw new UnsendableMediaError(undefined, "only http and https addresses can be opened.");
  }
  const name = fileName(pathOf(source));
  const { access = {}, maxReadBytes } = options;
  const { bytes, isImage } = await readLocal(source, name, access, maxReadBytes);
  if (!isImage) throw new UnsendableMediaError(name, NO_FILES);
  return inlineBlock(bytes, name, options);
}

function webBlock(source: string, options: MediaOptions): Block {
  const url = URL.parse(source);
  if (url === null) throw new UnsendableMediaError(undefined, "its address is not valid.");
  const name = webFileName(url);
  if (url.username !== "" || url.password !== "") {
    throw new UnsendableMediaError(name, "its address contains a user name or password.");
  }
  const address = markdownAddress(url);
  if (address.length > MAX_ADDRESS_CHARS) {
    throw new UnsendableMediaError(name, "its address is too long.");
  }
  const isImage = SHOWN_ON_THE_WEB.test(url.pathname);
  // Loading an image tells its host who reads it and when, and its address can carry out what the agent knows.
  const mayShow = options.by === "operator" || isAllowedImageUrl(url.href, options.imageHosts);
  if (isImage && mayShow) {
    return { markdown: `![${name ?? "image"}](${address})`, bigImageUrl: url.href };
  }
  return { markdown: name === undefined ? `<${address}>` : `${name}: <${address}>` };
}

async function inlineBlock(
  bytes: Buffer,
  name: string | undefined,
  options: MediaOptions,
): Promise<Block> {
  const frame = (type: string, base64: string): string =>
    `![${name ?? "image"}](data:${type};base64,${base64})`;
  const roomBytes =
    (options.maxBytes ?? MAX_BLOCK_BYTES) - Buffer.byteLength(frame("image/jpeg", ""));
  const image = await fitImage(bytes, Math.floor(roomBytes / 4) * 3, name, options.signal);
  return { markdown: frame(image.type, image.bytes.toString("base64")) };
}

/** Agents write `MEDIA:` before a path, which the host takes away in most places. `media://` is an address of its own. */
function withoutDirective(url: string): string {
  return url.replace(/^\s*MEDIA\s*:(?!\/\/)/i, "").trim();
}

function pathOf(source: string): string {
  if (!/^file:/i.test(source)) return source;
  try {
    return fileURLToPath(source);
  } catch {
    return source;
  }
}
