// Owns what counts as an application's image: by its first bytes, by the end of its name, and what it is kept as.
import { randomInt } from "node:crypto";
import type { Personality } from "./records.ts";

/** By extension, in lower case. Others are refused, whatever is in the file. */
const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  [".gif", "image/gif"],
  [".png", "image/png"],
  [".jpg", "image/jpeg"],
  [".jpeg", "image/jpeg"],
]);
const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
/** Gotify 2 has one more. */
const V2_ALPHABET = `${ALPHABET}.`;
const NAME_LENGTH = 25;

/** Beginnings of files; a number is a byte, `undefined` any. */
const SIGNATURES: ReadonlyArray<ReadonlyArray<number | undefined>> = [
  [0xff, 0xd8, 0xff], // JPEG
  [0x89, 0x50, 0x4e, 0x47], // PNG
  [0x47, 0x49, 0x46], // GIF
  [...Array.from({ length: 8 }, () => undefined), 0x57, 0x45, 0x42, 0x50], // WebP
  [0x49, 0x49, 0x2a, 0x00], // TIFF and CR2, little endian
  [0x4d, 0x4d, 0x00, 0x2a], // TIFF and CR2, big endian
  [0x42, 0x4d], // BMP
  [0x49, 0x49, 0xbc], // JPEG XR
  [0x38, 0x42, 0x50, 0x53], // Photoshop
  [0x00, 0x00, 0x01, 0x00], // icon
  [0x41, 0x43, 0x31, 0x30], // AutoCAD
  [0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a, 0x00], // JPEG 2000
  [undefined, undefined, undefined, undefined, 0x66, 0x74, 0x79, 0x70, 0x68, 0x65, 0x69, 0x63], // HEIC
];

export function isImage(file: Uint8Array): boolean {
  return SIGNATURES.some((signature) =>
    signature.every((byte, at) => byte === undefined || file[at] === byte),
  );
}

/** With its dot and as it is written; empty when there is none. */
export function extensionOf(fileName: string): string {
  const dot = fileName.lastIndexOf(".");
  return dot === -1 || fileName.includes("/", dot) ? "" : fileName.slice(dot);
}

/** Undefined for a file that is never taken, and never given out. */
export function contentTypeOf(fileName: string): string | undefined {
  return CONTENT_TYPES.get(extensionOf(fileName).toLowerCase());
}

export function createImageName(personality: Personality, extension: string): string {
  const alphabet = personality === "v2" ? V2_ALPHABET : ALPHABET;
  let name = "";
  for (let count = 0; count < NAME_LENGTH; count += 1) {
    name += alphabet.charAt(randomInt(alphabet.length));
  }
  return `${name}${extension}`;
}
