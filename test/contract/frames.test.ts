// Owns the facts about single frames from a client: which are swallowed, and with which words the others end a stream.
import { describe, expect, test } from "vitest";
import { rawHandshake } from "./raw.ts";
import { contract } from "./suite.ts";

interface FrameOptions {
  readonly fin?: boolean;
  readonly reserved?: number;
  readonly masked?: boolean;
  /** A length that is not the payload's own. */
  readonly length?: number;
}

/** With a mask of zeros, so that the payload stays readable. */
function frame(opcode: number, payload: string | Buffer, options: FrameOptions = {}): Buffer {
  const { fin = true, reserved = 0, masked = true } = options;
  const body = Buffer.from(payload);
  const length = options.length ?? body.length;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | reserved | opcode;
  head[1] = (masked ? 0x80 : 0) | (head.length === 2 ? length : head.length === 4 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0), body]);
}

function closing(code: number, reason: string | Buffer = ""): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return Buffer.concat([payload, Buffer.from(reason)]);
}

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const ping = frame(PING, "pp");
const pong = Buffer.from("8a027070", "hex");
const x = (bytes: number): string => "x".repeat(bytes);
const part = (bytes: number, opcode = 0): Buffer => frame(opcode, x(bytes), { fin: false });

contract("frames", (site) => {
  async function exchange(frames: readonly Buffer[], isOver: (received: Buffer) => boolean) {
    const client = await site.client();
    const { wire } = await rawHandshake(site.target.url, client.token);
    site.onCleanUp(() => wire[Symbol.asyncDispose]());
    // What is in one packet is read in its order all the same.
    wire.send(Buffer.concat(frames));
    await wire.until(() => wire.isEnded || isOver(wire.received));
    return { received: wire.received, isEnded: wire.isEnded };
  }

  describe.skipIf(site.kind === "url")("without a proxy in between", () => {
    const swallowed: ReadonlyArray<readonly [what: string, frames: readonly Buffer[]]> = [
      ["text of 64 bytes", [frame(TEXT, x(64))]],
      ["bytes, 64 of them", [frame(BINARY, x(64))]],
      ["an empty text", [frame(TEXT, "")]],
      ["text that is no UTF-8", [frame(TEXT, Buffer.from([0xff, 0xfe]))]],
      ["a pong that nobody asked for", [frame(PONG, "x")]],
      ["two fragments of 40", [part(40, TEXT), frame(0, x(40))]],
      ["a message that does not end", [part(10, TEXT)]],
      ["a first fragment of 64 and 64 more", [part(64, TEXT), part(32), frame(0, x(32))]],
    ];

    test.for(swallowed)("%s is swallowed", async ([, frames]) => {
      const over = (received: Buffer): boolean => received.length >= pong.length;
      const { received, isEnded } = await exchange([...frames, ping], over);
      expect(received.toString("hex")).toBe(pong.toString("hex"));
      expect(isEnded).toBe(false);
    });

    const fatal: ReadonlyArray<
      readonly [what: string, frames: readonly Buffer[], code: number, reason: string]
    > = [
      ["65 bytes", [frame(TEXT, x(65))], 1009, ""],
      ["the mere announcement of 2 GB", [frame(BINARY, "", { length: 2 ** 31 })], 1009, ""],
      ["three fragments of 40", [part(40, TEXT), part(40), frame(0, x(40))], 1009, ""],
      [
        "a message after later fragments that count on",
        [part(1, TEXT), frame(0, x(40)), frame(TEXT, x(40))],
        1009,
        "",
      ],
      ["a message within a message", [part(9, TEXT), frame(TEXT, "x")], 1002, "data before FIN"],
      ["a fragment of nothing", [frame(0, "x")], 1002, "continuation after FIN"],
      ["no mask", [frame(TEXT, "x", { masked: false })], 1002, "bad MASK"],
      ["a reserved bit", [frame(TEXT, "x", { reserved: 0x40 })], 1002, "RSV1 set"],
      ["an unknown kind", [frame(11, "x")], 1002, "bad opcode 11"],
      ["a ping of 126 bytes", [frame(PING, x(126))], 1002, "len > 125 for control"],
      ["a ping in parts", [frame(PING, "x", { fin: false })], 1002, "FIN not set on control"],
      ["plain HTTP", [Buffer.from("GET / ")], 1002, "RSV1 set, bad opcode 7, bad MASK"],
      ["a close with 1005", [frame(CLOSE, closing(1005))], 1002, "bad close code 1005"],
      ["a close with 1014", [frame(CLOSE, closing(1014))], 1002, "bad close code 1014"],
      [
        "a close whose reason is no UTF-8",
        [frame(CLOSE, closing(1000, Buffer.from([0xff])))],
        1002,
        "invalid utf8 payload in close frame",
      ],
    ];

    test.for(fatal)("%s ends the stream", async ([, frames, code, reason]) => {
      // A ping before it in the same packet is still answered.
      const { received } = await exchange([ping, ...frames], () => false);
      const expected = Buffer.concat([
        pong,
        frame(CLOSE, closing(code, reason), { masked: false }),
      ]);
      expect(received.toString("hex")).toBe(expected.toString("hex"));
    });

    test("a close without a code, or with half of one, is answered without one", async () => {
      for (const payload of ["", "x"]) {
        const { received } = await exchange([frame(CLOSE, payload), ping], () => false);
        expect(received.toString("hex")).toBe("8800");
      }
    });
  });
});
