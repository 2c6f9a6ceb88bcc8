// Owns a refused stream handshake: reads the refusal and names the cause, most often a proxy.
import type { ClientRequest, IncomingMessage } from "node:http";
import { GotifyHttpError, type GotifyError } from "./errors.ts";
import { httpFailure, wantsCertificate } from "./http-failure.ts";
import { longestForm } from "./redact.ts";
import { headerOf } from "./transport.ts";

const BODY_LIMIT_BYTES = 8 * 1024;

export interface RefusedHandshake {
  readonly server: string;
  readonly secrets: readonly string[];
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
}

/** The error for a handshake that was answered with anything but 101. Ends the request. */
export async function refusedHandshake(refused: RefusedHandshake): Promise<GotifyError> {
  const { server, response } = refused;
  const status = response.statusCode ?? 0;
  const { body, isCut } = await readSome(response, BODY_LIMIT_BYTES + longestForm(refused.secrets));
  refused.request.destroy();

  const isExplained = body.includes("Use HTTPS") || wantsCertificate(body);
  if ((status === 400 && !isExplained) || status === 426) {
    return new GotifyHttpError(
      `Gotify at ${server} did not see a WebSocket handshake (${status}). ` +
        "Let the proxy in front of it pass the Upgrade and Connection headers on for /stream.",
      { code: "GOTIFY_REFUSED", status },
    );
  }
  if (status >= 200 && status < 300) {
    return new GotifyHttpError(
      `What answers at ${server}/stream is not Gotify (${status} instead of a WebSocket). ` +
        "Check the server URL, and whether a login page stands in front of it.",
      { code: "GOTIFY_NOT_GOTIFY", status },
    );
  }
  return httpFailure({
    server,
    method: "GET",
    path: "/stream",
    status,
    header: headerOf(response),
    body,
    isCut,
    credential: "client",
    secrets: refused.secrets,
  });
}

/** What arrives of the body, up to the limit; a refusal is told by its status even when the body breaks off. */
async function readSome(
  response: IncomingMessage,
  limitBytes: number,
): Promise<{ body: string; isCut: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  let isCut = false;
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue;
      chunks.push(chunk);
      size += chunk.byteLength;
      isCut = size > limitBytes;
      if (isCut) break;
    }
  } catch {
    // The connection ended in the middle of the refusal: what was read has to do.
    isCut = true;
  }
  return { body: Buffer.concat(chunks).subarray(0, limitBytes).toString("utf8"), isCut };
}
