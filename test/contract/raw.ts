// Owns talking to a target byte by byte, for requests and frames that no library would send.
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export type HeaderLines = ReadonlyArray<readonly [name: string, value: string]>;

export interface RawReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const HANDSHAKE: Readonly<Record<string, string>> = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};
const TIMEOUT_MS = 8000;

/** One request on a connection of its own. `line` is what stands between the method and the protocol. */
export async function rawCall(
  url: string,
  method: string,
  line: string,
  headers: HeaderLines = [],
): Promise<RawReply> {
  await using wire = new Wire(url);
  wire.send(head(url, method, line, [["Connection", "close"], ...headers]));
  await wire.until(() => wire.isEnded);
  return wire.reply();
}

/** A handshake with some headers changed. The wire is at the caller's hands, who disposes of it. */
export async function rawHandshake(
  url: string,
  token: string,
  { line = "/stream", headers = {} }: { line?: string; headers?: Record<string, string> } = {},
): Promise<{ readonly wire: Wire; readonly reply: RawReply }> {
  const wire = new Wire(url);
  const all = { "X-Gotify-Key": token, ...HANDSHAKE, ...headers };
  wire.send(head(url, "GET", line, Object.entries(all)));
  await wire.until(() => wire.received.includes("\r\n\r\n") || wire.isEnded);
  const reply = wire.reply();
  wire.received = wire.received.subarray(wire.received.indexOf("\r\n\r\n") + 4);
  return { wire, reply };
}

function head(url: string, method: string, line: string, headers: HeaderLines): string {
  const lines = [`${method} ${line} HTTP/1.1`, `Host: ${new URL(url).host}`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** A plain TCP connection, with all that has arrived on it. */
class Wire implements AsyncDisposable {
  received = Buffer.alloc(0);
  isEnded = false;
  readonly #socket: Socket;
  readonly #changed = new EventTarget();

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port || 80), hostname);
    this.#socket.on("data", (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#changed.dispatchEvent(new Event("change"));
    });
    // Whatever ends it: what has arrived by then is what counts.
    this.#socket.on("error", () => {});
    for (const event of ["end", "close"]) {
      this.#socket.on(event, () => {
        this.isEnded = true;
        this.#changed.dispatchEvent(new Event("change"));
      });
    }
  }

  send(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  async until(condition: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    while (!condition()) await once(this.#changed, "change", { signal });
  }

  reply(): RawReply {
    const text = this.received.toString("utf8");
    const [, status, lines = "", body = ""] =
      /^HTTP\/1\.[01] (\d+)[^\r]*\r\n([^]*?)\r\n\r\n([^]*)$/.exec(text) ?? [];
    const headers = lines.split("\r\n").map((line) => {
      const [name = "", value = ""] = line.split(/: *(.*)/s, 2);
      return [name.toLowerCase(), value] as const;
    });
    return { status: Number(status ?? 0), headers: new Map(headers), body };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    if (!this.#socket.closed) await once(this.#socket, "close");
  }
}
