// Owns one WebSocket on a target's stream as a test sees it: everything that arrives, kept in order, and waiting for it.
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { asNumber, asObject } from "./call.ts";

export interface ListenerOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly protocols?: readonly string[];
  /** False leaves the server's pings without an answer. Default true. */
  readonly autoPong?: boolean;
  readonly protocolVersion?: 8 | 13;
  readonly perMessageDeflate?: boolean;
}

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** The server answered the handshake like an ordinary request. */
export class HandshakeRefusal extends Error {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: string;

  constructor(answer: IncomingMessage, body: string) {
    super(`handshake refused with ${answer.statusCode}: ${body}`);
    this.status = answer.statusCode ?? 0;
    this.contentType = answer.headers["content-type"];
    this.body = body;
  }
}

const DEFAULT_TIMEOUT_MS = 8000;

export class Listener implements AsyncDisposable {
  /** Text frames, oldest first. */
  readonly frames: string[] = [];
  /** When the server's pings arrived, in milliseconds. */
  readonly pings: number[] = [];
  readonly pongs: string[] = [];
  closing: Closing | undefined;
  readonly socket: WebSocket;
  readonly openedAt = performance.now();
  readonly #changed = new EventTarget();

  /** @throws {HandshakeRefusal} */
  static async open(url: string, options: ListenerOptions = {}): Promise<Listener> {
    const { protocols = [], ...rest } = options;
    const socket = new WebSocket(url.replace(/^http/, "ws"), [...protocols], {
      perMessageDeflate: false,
      ...rest,
    });
    const opened = Promise.withResolvers<void>();
    socket.on("open", () => opened.resolve());
    socket.on("error", (error) => opened.reject(error));
    socket.on("unexpected-response", (_request, answer: IncomingMessage) => {
      void readBody(answer).then((body) => opened.reject(new HandshakeRefusal(answer, body)));
    });
    // Before the opening: a frame may follow the 101 in the same packet.
    const listener = new Listener(socket);
    await opened.promise;
    return listener;
  }

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer) => {
      this.frames.push(data.toString("utf8"));
      this.#announce();
    });
    socket.on("ping", () => {
      this.pings.push(performance.now());
      this.#announce();
    });
    socket.on("pong", (data) => {
      this.pongs.push(data.toString("utf8"));
      this.#announce();
    });
    socket.on("close", (code, reason) => {
      this.closing = { code, reason: reason.toString("utf8") };
      this.#announce();
    });
  }

  #announce(): void {
    this.#changed.dispatchEvent(new Event("change"));
  }

  /** Resolves once the condition holds, looked at whenever something arrives. */
  async until(condition: () => boolean, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<void> {
    if (condition()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (): void => {
      if (condition()) resolve();
    };
    const deadline = setTimeout(() => {
      const seen = JSON.stringify({
        frames: this.frames,
        pongs: this.pongs,
        closing: this.closing,
      });
      reject(new Error(`not within ${timeoutMs} ms: ${condition.toString()}; seen ${seen}`));
    }, timeoutMs);
    this.#changed.addEventListener("change", look);
    try {
      await promise;
    } finally {
      clearTimeout(deadline);
      this.#changed.removeEventListener("change", look);
    }
  }

  /** A ping and its pong. The first one proves that the server has put the socket on its list. */
  async roundTrip(): Promise<void> {
    const payload = randomBytes(8).toString("hex");
    this.socket.ping(payload);
    await this.until(() => this.pongs.includes(payload));
  }

  /** Ids of the messages that arrived, in the order of their arrival. */
  ids(): readonly number[] {
    return this.frames.map((frame) => asNumber(asObject(JSON.parse(frame))["id"]));
  }

  /** The frame with this message, waiting for it. */
  async frameOf(id: number): Promise<string> {
    await this.until(() => this.ids().includes(id));
    return this.frames[this.ids().indexOf(id)] ?? "";
  }

  async untilClosed(timeoutMs = DEFAULT_TIMEOUT_MS): Promise<Closing> {
    await this.until(() => this.closing !== undefined, timeoutMs);
    return this.closing ?? { code: 0, reason: "" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.closing !== undefined) return;
    this.socket.terminate();
    await this.untilClosed();
  }
}

async function readBody(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
