// Owns the pixels of a PNG as the host writes one: reading them, and putting them on white paper.
import { inflateSync } from "node:zlib";

const SIGNATURE_BYTES = 8;
/** Of a chunk beside its data: length and type in front, a checksum behind. */
const CHUNK_HEAD_BYTES = 8;
const CHUNK_FRAME_BYTES = 12;
/** Bit depth, colour type, compression, filter, interlace: eight bits of red, green, blue and alpha, row by row. */
const PLAIN_RGBA = Buffer.from([8, 6, 0, 0, 0]);
const PIXEL_BYTES = 4;
const WHITE = 255;

export interface Pixels {
  /** Red, green, blue and alpha of each pixel, row by row. */
  readonly rgba: Buffer;
  readonly width: number;
  readonly height: number;
}

/** @returns `undefined` for every kind of PNG but the plain one that the host's image helper writes. */
export function pixelsOf(png: Buffer): Pixels | undefined {
  const { header, data } = chunksOf(png);
  if (header === undefined || !header.subarray(8, 13).equals(PLAIN_RGBA)) return undefined;
  const width = header.readUInt32BE(0);
  const height = header.readUInt32BE(4);
  const rowBytes = width * PIXEL_BYTES;
  const expectedBytes = (rowBytes + 1) * height;
  const filtered = inflateSync(data, { maxOutputLength: expectedBytes });
  if (filtered.length !== expectedBytes) return undefined;
  return { rgba: unfilter(filtered, rowBytes, height), width, height };
}

/** A JPEG has nothing transparent: it would turn black, and the black text of a diagram with it. */
export function onWhite({ rgba, width, height }: Pixels): Pixels {
  const opaque = Buffer.alloc(rgba.length, WHITE);
  for (let at = 0; at < rgba.length; at += PIXEL_BYTES) {
    const alpha = (rgba[at + 3] ?? 0) / WHITE;
    for (let color = at; color < at + 3; color += 1) {
      opaque[color] = Math.round((rgba[color] ?? 0) * alpha + WHITE * (1 - alpha));
    }
  }
  return { rgba: opaque, width, height };
}

function chunksOf(png: Buffer): { header: Buffer | undefined; data: Buffer } {
  let header: Buffer | undefined;
  const data: Buffer[] = [];
  let at = SIGNATURE_BYTES;
  while (at + CHUNK_FRAME_BYTES <= png.length) {
    const length = png.readUInt32BE(at);
    const type = png.toString("latin1", at + 4, at + CHUNK_HEAD_BYTES);
    const content = png.subarray(at + CHUNK_HEAD_BYTES, at + CHUNK_HEAD_BYTES + length);
    if (type === "IHDR" && length === 13) header = content;
    if (type === "IDAT") data.push(content);
    at += length + CHUNK_FRAME_BYTES;
  }
  return { header, data: Buffer.concat(data) };
}

/** Every row of a PNG is written as the difference to a guess from its neighbours, by one of five rules. */
function unfilter(filtered: Buffer, rowBytes: number, height: number): Buffer {
  const out = Buffer.alloc(rowBytes * height);
  for (let row = 0; row < height; row += 1) {
    const from = row * (rowBytes + 1) + 1;
    const to = row * rowBytes;
    const rule = filtered[from - 1] ?? 0;
    for (let x = 0; x < rowBytes; x += 1) {
      const left = x < PIXEL_BYTES ? 0 : (out[to + x - PIXEL_BYTES] ?? 0);
      const up = row === 0 ? 0 : (out[to + x - rowBytes] ?? 0);
      const isCorner = x < PIXEL_BYTES || row === 0;
      const upLeft = isCorner ? 0 : (out[to + x - rowBytes - PIXEL_BYTES] ?? 0);
      out[to + x] = (filtered[from + x] ?? 0) + guess(rule, left, up, upLeft);
    }
  }
  return out;
}

function guess(rule: number, left: number, up: number, upLeft: number): number {
  if (rule === 1) return left;
  if (rule === 2) return up;
  if (rule === 3) return (left + up) >> 1;
  return rule === 4 ? nearest(left + up - upLeft, left, up, upLeft) : 0;
}

/** The neighbour closest to the estimate; of equals the first. */
function nearest(estimate: number, left: number, up: number, upLeft: number): number {
  const byLeft = Math.abs(estimate - left);
  const byUp = Math.abs(estimate - up);
  const byUpLeft = Math.abs(estimate - upLeft);
  if (byLeft <= byUp && byLeft <= byUpLeft) return left;
  return byUp <= byUpLeft ? up : upLeft;
}
