// Owns what carries out one HTTP request: what it is given, what it answers, and how `fetch` does it.
import type { IncomingMessage } from "node:http";
import { unlessAborted } from "./deadline.ts";

export interface TransportRequest {
  readonly url: URL;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text has its `content-type` among the headers; a form brings its own, with its boundary. */
  readonly body: string | FormData | undefined;
  /** Ends the request and the reading of its answer; what then rejects is of no interest. */
  readonly signal: AbortSignal;
}

export interface TransportAnswer {
  readonly status: number;
  /** The value of a header, whose name is in lower case. */
  readonly header: (name: string) => string | undefined;
  /** The body, of which no more than the limit is held. Called once at most. */
  readonly read: (limitBytes: number) => Promise<Body>;
  /** Lets the connection go, for an answer that nobody reads. */
  readonly discard: () => void;
}

export interface Body {
  readonly chunks: readonly Uint8Array[];
  /** True when there was more than the limit, which was not read. */
  readonly isCut: boolean;
}

/** Carries out one request. Follows no redirect. Rejects with what the network reports. */
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;

/** The headers of what Node's HTTP received. */
export function headerOf({ headers }: IncomingMessage): TransportAnswer["header"] {
  return (name) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
}

/** The transport of a `fetch`, also of one that does not heed the signal. */
export function overFetch(fetch: typeof globalThis.fetch): Transport {
  return async ({ url, method, headers, body, signal }) => {
    const response = await fetch(url, {
      method,
      headers: { ...headers },
      redirect: "manual",
      signal,
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: response.status,
      header: (name) => response.headers.get(name) ?? undefined,
      read: (limitBytes) => readBody(response, signal, limitBytes),
      discard: () => void response.body?.cancel().catch(() => {}),
    };
  };
}

async function readBody(
  response: Response,
  signal: AbortSignal,
  limitBytes: number,
): Promise<Body> {
  // Untyped in the declarations of Node's fetch; bytes by the standard.
  const body: ReadableStream<Uint8Array> | null = response.body;
  if (body === null) return { chunks: [], isCut: false };
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await unlessAborted(signal, reader.read());
      if (done) return { chunks, isCut: false };
      const room = limitBytes - size;
      if (value.byteLength > room) {
        chunks.push(value.subarray(0, room));
        return { chunks, isCut: true };
      }
      chunks.push(value);
      size += value.byteLength;
    }
  } finally {
    // Whatever was not read is never wanted, and would hold the connection.
    reader.cancel().catch(() => {});
  }
}
