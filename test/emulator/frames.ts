// Owns what the server makes of a client's frames: Go's library reads them by rules of its own, and says what it found.
import { isUtf8 } from "node:buffer";

/** Why the server ends a stream. */
export interface Refusal {
  readonly code: number;
  readonly reason: string;
}

export interface Taken {
  /** The frames that are in order, as they came. */
  readonly good: Buffer;
  /** Set when the frame behind them is not. */
  readonly refusal: Refusal | undefined;
}

/** Larger data messages from a client end the stream. Pings and pongs are exempt. */
const MAX_DATA_BYTES = 64;
const MAX_CONTROL_BYTES = 125;
const MASK_BYTES = 4;
const CONTINUATION = 0;
const CLOSE = 8;
const PONG = 10;
/** What a close of one byte counts as. */
const EMPTY_CLOSE = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);

export class FrameGate {
  #rest = Buffer.alloc(0);
  /** Of the data that counts together. */
  #dataBytes = 0;
  #isWithinMessage = false;
  #isClosed = false;

  take(chunk: Buffer): Taken {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const good: Buffer[] = [];
    while (!this.#isClosed) {
      const frame = this.#next();
      if (frame === undefined) break;
      if (Buffer.isBuffer(frame)) good.push(frame);
      else {
        this.#isClosed = true;
        return { good: Buffer.concat(good), refusal: frame };
      }
    }
    // Nobody listens to what comes after a close.
    if (this.#isClosed) this.#rest = Buffer.alloc(0);
    return { good: Buffer.concat(good), refusal: undefined };
  }

  /** Undefined until more has come. */
  #next(): Buffer | Refusal | undefined {
    const [first, second] = this.#rest;
    if (first === undefined || second === undefined) return undefined;
    const opcode = first & 0x0f;
    const problems = this.#problemsOf(first, second);
    if (problems.length > 0) return { code: 1002, reason: problems.join(", ") };
    const size = sizeOf(this.#rest);
    if (size === undefined) return undefined;
    if (opcode < CLOSE && this.#dataBytes + size.payload > MAX_DATA_BYTES) {
      return { code: 1009, reason: "" };
    }
    const end = size.header + MASK_BYTES + size.payload;
    if (this.#rest.length < end) return undefined;

    const frame = this.#rest.subarray(0, end);
    this.#rest = this.#rest.subarray(end);
    if (opcode < CLOSE) {
      this.#isWithinMessage = (first & 0x80) === 0;
      // The server never reads a message, and so its library forgets the first fragment before it counts the others.
      this.#dataBytes = opcode === CONTINUATION ? this.#dataBytes + size.payload : 0;
    }
    return opcode === CLOSE ? this.#close(frame, size.header) : frame;
  }

  #problemsOf(first: number, second: number): readonly string[] {
    const opcode = first & 0x0f;
    const isFinal = (first & 0x80) !== 0;
    const isControl = opcode >= CLOSE && opcode <= PONG;
    const isData = opcode > CONTINUATION && opcode <= 2;
    const isKnown = isControl || isData || opcode === CONTINUATION;
    const checks: ReadonlyArray<readonly [isWrong: boolean, problem: string]> = [
      [(first & 0x40) !== 0, "RSV1 set"],
      [(first & 0x20) !== 0, "RSV2 set"],
      [(first & 0x10) !== 0, "RSV3 set"],
      [isControl && (second & 0x7f) > MAX_CONTROL_BYTES, "len > 125 for control"],
      [isControl && !isFinal, "FIN not set on control"],
      [isData && this.#isWithinMessage, "data before FIN"],
      [opcode === CONTINUATION && !this.#isWithinMessage, "continuation after FIN"],
      [!isKnown, `bad opcode ${opcode}`],
      [(second & 0x80) === 0, "bad MASK"],
    ];
    return checks.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
  }

  #close(frame: Buffer, header: number): Buffer | Refusal {
    const payload = unmask(frame, header);
    if (payload.length === 1) {
      this.#isClosed = true;
      return EMPTY_CLOSE;
    }
    if (payload.length > 1) {
      const code = payload.readUInt16BE();
      if (!isCloseCode(code)) return { code: 1002, reason: `bad close code ${code}` };
      if (!isUtf8(payload.subarray(2))) {
        return { code: 1002, reason: "invalid utf8 payload in close frame" };
      }
    }
    this.#isClosed = true;
    return frame;
  }
}

function sizeOf(frame: Buffer): { readonly header: number; readonly payload: number } | undefined {
  const short = (frame[1] ?? 0) & 0x7f;
  if (short < 126) return { header: 2, payload: short };
  if (short === 126) {
    return frame.length < 4 ? undefined : { header: 4, payload: frame.readUInt16BE(2) };
  }
  return frame.length < 10 ? undefined : { header: 10, payload: Number(frame.readBigUInt64BE(2)) };
}

function unmask(frame: Buffer, header: number): Buffer {
  const mask = frame.subarray(header, header + MASK_BYTES);
  const masked = frame.subarray(header + MASK_BYTES);
  return Buffer.from(masked.map((byte, at) => byte ^ (mask[at % MASK_BYTES] ?? 0)));
}

function isCloseCode(code: number): boolean {
  const ranges = [
    [1000, 1003],
    [1007, 1013],
    [3000, 4999],
  ] as const;
  return ranges.some(([first, last]) => code >= first && code <= last);
}
