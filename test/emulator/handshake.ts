// Owns which requests become a stream, and what those that do not are told.
import type { IncomingMessage } from "node:http";
import { authenticate, isRefusal, type Caller } from "./auth.ts";
import type { Core } from "./core.ts";
import { problemBody, type Answer, type Ask } from "./exchange.ts";
import { encodeJson } from "./json-encode.ts";
import type { Handler } from "./route.ts";

/** Who opens a stream with this request; undefined when it must be answered like any other. */
export function streamCaller(core: Core, ask: Ask): Caller | undefined {
  if (ask.method !== "GET" || ask.route !== "/stream") return undefined;
  if (handshakeProblem(core, ask) !== undefined) return undefined;
  const caller = authenticate(core, ask, "client");
  return isRefusal(caller) ? undefined : caller;
}

/**
 * Makes it the same handshake for a library that takes fewer spellings. The server offers neither a subprotocol nor compression
 * back, whatever is asked for.
 */
export function simplifyHandshake(request: IncomingMessage): void {
  request.headers = {
    ...request.headers,
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-protocol": undefined,
    "sec-websocket-extensions": undefined,
  };
}

export const refuseHandshake: Handler = ({ core, ask }): Answer => {
  const reason = handshakeProblem(core, ask) ?? "websocket: the handshake came too late";
  return {
    status: 400,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "sec-websocket-version": "13",
      "x-content-type-options": "nosniff",
    },
    // Two layers of the server write an answer of their own, one after the other.
    body: `Bad Request\n${encodeJson(problemBody(400, reason))}`,
  };
};

function handshakeProblem({ faults }: Core, { headers }: Ask): string | undefined {
  const upgrade = faults.loseUpgrade ? undefined : headers.upgrade;
  const connection = faults.loseUpgrade ? undefined : headers.connection;
  const notWebSocket = "websocket: the client is not using the websocket protocol: ";
  if (!hasToken(connection, "upgrade")) {
    return `${notWebSocket}'upgrade' token not found in 'Connection' header`;
  }
  if (!hasToken(upgrade, "websocket")) {
    return `${notWebSocket}'websocket' token not found in 'Upgrade' header`;
  }
  if (!hasToken(headers["sec-websocket-version"], "13")) {
    return "websocket: unsupported version: 13 not found in 'Sec-Websocket-Version' header";
  }
  if (!/^[A-Za-z0-9+/]{22}==$/.test(headers["sec-websocket-key"] ?? "")) {
    return "websocket: not a websocket handshake: 'Sec-WebSocket-Key' header must be Base64 encoded value of 16-byte in length";
  }
  return undefined;
}

function hasToken(header: string | undefined, token: string): boolean {
  return (header ?? "").split(",").some((part) => part.trim().toLowerCase() === token);
}
