import { crc32, deflateSync } from "node:zlib";
import { encodePngRgba } from "openclaw/plugin-sdk/media-runtime";
import { optimizeImageToPng } from "openclaw/plugin-sdk/web-media";
import { describe, expect, test } from "vitest";
import { onWhite, pixelsOf } from "./pixels.ts";

const WIDTH = 16;
const HEIGHT = 16;
const ROW_BYTES = WIDTH * 4;

let seed = 1;
/** Alike in no direction; above close enough for ties between neighbours, below across the border of a byte. */
const RGBA = Buffer.from(
  Array.from({ length: ROW_BYTES * HEIGHT }, (_, at) => {
    const noise = (seed = (seed * 48_271) % 2_147_483_647) & 255;
    return at < (ROW_BYTES * HEIGHT) / 2 ? noise % 16 : noise;
  }),
);

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(content), 4);
  return Buffer.concat([frame.subarray(0, 4), content, frame.subarray(4)]);
}

function pngOf(filtered: Buffer, kind: readonly number[] = [8, 6, 0, 0, 0]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set(kind, 8);
  const data = deflateSync(filtered);
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    chunk("tEXt", Buffer.from("Software\0test")),
    // A picture may come in several pieces.
    chunk("IDAT", data.subarray(0, 5)),
    chunk("IDAT", data.subarray(5)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Each row as the difference to what its rule guesses, after the text of the PNG standard. */
function filter(rule: number): Buffer {
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 ? 0 : (RGBA[y * ROW_BYTES + x] ?? 0);
  const rows: number[] = [];
  for (let y = 0; y < HEIGHT; y += 1) {
    rows.push(rule);
    for (let x = 0; x < ROW_BYTES; x += 1) {
      const a = at(x - 4, y);
      const b = at(x, y - 1);
      const c = at(x - 4, y - 1);
      const distance = (value: number): number => Math.abs(a + b - c - value);
      const paeth = [a, b, c].reduce((best, value) =>
        distance(value) < distance(best) ? value : best,
      );
      const guesses = [0, a, b, Math.floor((a + b) / 2), paeth];
      rows.push((at(x, y) - (guesses[rule] ?? 0) + 256) % 256);
    }
  }
  return Buffer.from(rows);
}

describe("the pixels of a PNG", () => {
  test.each([0, 1, 2, 3, 4])("are read whatever rule its rows follow: %i", (rule) => {
    expect(pixelsOf(pngOf(filter(rule)))).toEqual({ rgba: RGBA, width: WIDTH, height: HEIGHT });
  });

  test("are read as the host's helper writes them", async () => {
    const opaque = Buffer.from(RGBA.map((value, at) => (at % 4 === 3 ? 255 : value)));
    for (const rgba of [RGBA, opaque]) {
      const { buffer } = await optimizeImageToPng(encodePngRgba(rgba, WIDTH, HEIGHT), 10_000);
      expect(pixelsOf(buffer)).toEqual({ rgba, width: WIDTH, height: HEIGHT });
    }
  });

  test("are left alone in every other kind of file", () => {
    const plain = pngOf(filter(0));
    expect(pixelsOf(pngOf(filter(0), [8, 3, 0, 0, 0]))).toBeUndefined();
    expect(pixelsOf(pngOf(filter(0), [16, 6, 0, 0, 0]))).toBeUndefined();
    expect(pixelsOf(pngOf(filter(0), [8, 6, 0, 0, 1]))).toBeUndefined();
    expect(pixelsOf(pngOf(filter(0).subarray(1)))).toBeUndefined();
    expect(pixelsOf(plain.subarray(0, 20))).toBeUndefined();
    expect(pixelsOf(Buffer.from("GIF89a"))).toBeUndefined();
  });
});

test("on white paper black stays black, clear turns white, and half of it grey", () => {
  const rgba = Buffer.from([0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 128, 200, 100, 0, 255]);
  const { rgba: opaque } = onWhite({ rgba, width: 4, height: 1 });
  expect(opaque.toString("hex")).toBe("000000ffffffffff7f7f7fffc86400ff");
});
