// Owns reading a local file for a message: only through the host's own checks of what may leave this machine.
import { readFile } from "node:fs/promises";
import type { OpenClawConfig } from "openclaw/plugin-sdk/channel-core";
import type { OutboundMediaAccess, OutboundMediaReadFile } from "openclaw/plugin-sdk/media-runtime";
import { asObject, asString } from "../../gotify/parse.ts";
import { UnsendableMediaError } from "./unsendable.ts";

const MB = 1024 * 1024;
/** What the host reads of an image that it is going to shrink. */
const MAX_SOURCE_BYTES = 24 * MB;
const BASE64_BYTES_PER_CHAR = 3 / 4;
/** What the length promises at most beyond the bytes: the comma, and what fills the last group. */
const BASE64_PADDING_BYTES = 3;

const NOT_ALLOWED = "OpenClaw does not allow this file to be sent.";

/** How files may be read: the fields of the host's send contexts. With none of them, no file is read. */
export interface MediaAccess {
  readonly mediaAccess?: OutboundMediaAccess | undefined;
  readonly mediaLocalRoots?: readonly string[] | undefined;
  readonly mediaReadFile?: OutboundMediaReadFile | undefined;
  /** For a person at a terminal, who names a file of their own: whatever they may read themselves. */
  readonly ownFiles?: boolean | undefined;
}

/** What an agent's replies may carry, for a reply that comes without its send context. */
export async function filesOfAgent(cfg: OpenClawConfig, agentId: string): Promise<MediaAccess> {
  const { getAgentScopedMediaLocalRoots } = await import("openclaw/plugin-sdk/media-runtime");
  return { mediaLocalRoots: getAgentScopedMediaLocalRoots(cfg, agentId) };
}

/** The bytes of a file, and whether the host takes them for an image. @throws {UnsendableMediaError} */
export async function readLocal(
  source: string,
  name: string | undefined,
  access: MediaAccess,
  maxBytes: number = MAX_SOURCE_BYTES,
): Promise<{ readonly bytes: Buffer; readonly isImage: boolean }> {
  const { mediaAccess, mediaLocalRoots, mediaReadFile, ownFiles } = access;
  // Without roots the host would fall back to folders that all agents of an installation share.
  if (ownFiles !== true && !(mediaAccess?.localRoots?.length || mediaLocalRoots?.length)) {
    throw new UnsendableMediaError(name, NOT_ALLOWED);
  }
  try {
    // Most replies carry no file, so the host's media code is no part of what every start loads.
    const [{ buildOutboundMediaLoadOptions }, { loadWebMediaRaw }] = await Promise.all([
      import("openclaw/plugin-sdk/media-runtime"),
      import("openclaw/plugin-sdk/web-media"),
    ]);
    const options =
      ownFiles === true
        ? {
            sandboxValidated: true,
            workspaceDir: process.cwd(),
            readFile: bounded(readOwnFile, maxBytes),
          }
        : buildOutboundMediaLoadOptions({
            ...(mediaAccess === undefined ? {} : { mediaAccess }),
            ...(mediaLocalRoots === undefined ? {} : { mediaLocalRoots }),
            ...(mediaReadFile === undefined
              ? {}
              : { mediaReadFile: bounded(mediaReadFile, maxBytes) }),
          });
    const media = await loadWebMediaRaw(source, { ...options, maxBytes });
    return { bytes: media.buffer, isImage: media.kind === "image" };
  } catch (cause) {
    throw new UnsendableMediaError(name, reasonOf(cause, maxBytes), { cause });
  }
}

/** The bytes of a `data:` address in base64. @throws {UnsendableMediaError} */
export function readDataUrl(url: string, maxBytes: number = MAX_SOURCE_BYTES): Buffer {
  const comma = url.indexOf(",");
  if (!/^data:[^,]*;base64$/i.test(url.slice(0, Math.max(0, comma)))) {
    throw new UnsendableMediaError(undefined, "its data: address is not in base64.");
  }
  // Looked at before it is decoded: the size is known from the length.
  if ((url.length - comma) * BASE64_BYTES_PER_CHAR > maxBytes + BASE64_PADDING_BYTES) {
    throw new UnsendableMediaError(undefined, tooLarge(maxBytes));
  }
  return Buffer.from(url.slice(comma + 1), "base64");
}

/** Only the codes are passed on: the host's texts name the path. */
function reasonOf(error: unknown, maxBytes: number): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const codes = new Set([error, cause].map((each) => asString(asObject(each)?.["code"])));
  if (codes.has("too-large")) return tooLarge(maxBytes);
  if (codes.has("not-found") || codes.has("ENOENT")) return "there is no such file.";
  if (codes.has("not-file") || codes.has("EISDIR")) return "it is a folder.";
  if (codes.has("path-not-allowed") || codes.has("invalid-root")) return NOT_ALLOWED;
  return "it could not be read.";
}

function tooLarge(maxBytes: number): string {
  return `it is larger than ${Number((maxBytes / MB).toFixed(2))} MB.`;
}

/** The host refuses what such a reader brings too much of without saying why, so it is said here. */
function bounded(read: OutboundMediaReadFile, maxBytes: number): OutboundMediaReadFile {
  return async (path) => {
    const bytes = await read(path);
    if (bytes.length > maxBytes) {
      throw Object.assign(new Error("The file is too large."), { code: "too-large" });
    }
    return bytes;
  };
}

async function readOwnFile(filePath: string): Promise<Buffer> {
  return readFile(filePath);
}
